"""Tenir une classe : distribuer, ranger, corriger, et ce qui se passe quand un rendu est abîmé."""

from __future__ import annotations

import csv
import json
import re
import shutil
from pathlib import Path

import nbformat
import pytest
from builder.correcting import MARKS, grade, submissions
from builder.failure import Failure
from builder.guard import lab_paths, notebook_paths
from builder.labs import generate, grader, release

from tests.classroom.classroom import ROOT, grade_id, source

LAB = "tp1_magnitude"
LABS = [path.stem for path in lab_paths(ROOT)]


def hand_in(classroom: Path, student: str, text: str, lab: str = LAB) -> Path:
    path = classroom / "rendus" / student / lab / f"{lab}.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_each_lab_has_its_source_and_no_lesson_is_one() -> None:
    """Une source de TP, solutions comprises, publiée avec les leçons."""
    assert LABS == ["tp1_magnitude", "tp2_obd_obs", "tp3_defi"]
    assert all(path.is_file() for path in lab_paths(ROOT))
    assert [path for path in notebook_paths(ROOT) if path.stem.startswith("tp")] == []


@pytest.mark.parametrize("lab", LABS)
def test_source_is_kept_without_outputs(lab: str) -> None:
    """Une source enregistrée avec ses sorties : des solutions qui changent à chaque exécution."""
    cells = source(lab).cells
    code = [cell for cell in cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
    ids = [grade_id(cell) for cell in cells if grade_id(cell)]
    assert len(ids) == len(set(ids))


def test_release_writes_one_clean_notebook_a_lab(tmp_path: Path) -> None:
    """Un téléchargement absent, ou qui contient une solution."""
    paths = release(ROOT, tmp_path / "telechargements")
    assert [path.name for path in paths] == [f"{lab}.ipynb" for lab in LABS]
    for path in paths:
        text = path.read_text(encoding="utf-8")
        assert "VOTRE CODE ICI" in text
        assert "BEGIN" not in text


def test_refused_source_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    """Une solution mal fermée, distribuée avec le sujet."""
    labs = tmp_path / "notebooks" / "travaux_pratiques"
    shutil.copytree(ROOT / "notebooks" / "travaux_pratiques", labs)
    path = labs / LAB / f"{LAB}.ipynb"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("### END SOLUTION", "", 1), encoding="utf-8")
    with pytest.raises(Failure, match=r"tp1_magnitude\.ipynb : nbgrader refuse cette source"):
        release(tmp_path, tmp_path / "dehors")
    assert not (tmp_path / "dehors").exists()


def test_archive_has_no_source_and_says_so(tmp_path: Path) -> None:
    """Un site que l'on ne pourrait plus construire depuis l'archive, ou une erreur obscure."""
    assert release(tmp_path, tmp_path / "telechargements") == []
    assert (tmp_path / "telechargements").is_dir()
    with pytest.raises(Failure, match="leurs sources, solutions comprises, sont dans le dépôt"):
        generate(tmp_path, tmp_path / "classe")


def test_no_submission_says_where_to_put_them(tmp_path: Path) -> None:
    """Un tableau de notes vide, sans un mot."""
    with pytest.raises(Failure, match=r"aucun rendu .* attendu par exemple prenom\.nom"):
        list(submissions(ROOT, tmp_path))


def test_misplaced_notebook_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Un rendu oublié parce qu'il porte un autre nom."""
    hand_in(tmp_path, "ada", "{}")
    stray = tmp_path / "rendus" / "bob" / "tp1 (1).ipynb"
    stray.parent.mkdir()
    stray.write_text("{}", encoding="utf-8")
    assert [one.student for one in submissions(ROOT, tmp_path)] == ["ada"]
    assert f"Ignoré, mal rangé : {Path('bob', 'tp1 (1).ipynb')}" in capsys.readouterr().out


def test_unreadable_submission_gets_zero_and_others_their_marks(tmp_path: Path) -> None:
    """Un carnet coupé en deux qui prive toute la classe de ses notes."""
    generate(ROOT, tmp_path)
    subject = (tmp_path / "sujets" / LAB / f"{LAB}.ipynb").read_text(encoding="utf-8")
    hand_in(tmp_path, "ada", subject[: len(subject) // 2])
    answered = json.loads(subject)
    # Rien que des réponses, sans les importations : rien ne calcule, et la correction est courte.
    answered["cells"] = [
        cell for cell in answered["cells"] if cell["metadata"].get("nbgrader", {}).get("solution")
    ]
    (written,) = (c for c in answered["cells"] if c["metadata"]["nbgrader"]["grade_id"] == "r6")
    written["source"] = "Ma réponse."
    hand_in(tmp_path, "bob", json.dumps(answered))
    assert grade(ROOT, tmp_path, list(submissions(ROOT, tmp_path))) == ["ada (tp1_magnitude)"]
    with (tmp_path / MARKS).open(encoding="utf-8-sig", newline="") as file:
        ada, bob = csv.DictReader(file, delimiter=";")
    assert (ada["eleve"], ada["note"], ada["etat"]) == ("ada", "0", "illisible")
    assert (bob["eleve"], bob["note"], bob["etat"]) == ("bob", "0", "réponses à lire")
    assert not (tmp_path / "retours" / "ada").exists()
    graded = nbformat.read(tmp_path / "corriges" / "bob" / LAB / f"{LAB}.ipynb", as_version=4)
    # Les cellules de note effacées sont revenues, et n'ont donné aucun point.
    assert "q2-note" in [grade_id(cell) for cell in graded.cells]


def test_only_short_cells_get_a_short_time(tmp_path: Path) -> None:
    """Une méthode du défi coupée à trente secondes, ou dix minutes perdues pour une boucle."""
    with grader(ROOT, tmp_path) as api:
        seconds = api.config.Execute.timeout_func
    added = nbformat.v4.new_code_cell("best = ma_methode()")
    challenge = [cell for cell in source("tp3_defi").cells if cell.cell_type == "code"]
    assert {seconds(cell) for cell in [added, *challenge]} == {120}
    times = {grade_id(cell): seconds(cell) for cell in source(LAB).cells}
    assert (times["q2"], times["q4"], times["q7-note"]) == (30, 30, 120)


PAGE = (ROOT / "book" / "classe" / "travaux_pratiques.md").read_text(encoding="utf-8")
_PART = re.compile(r'marking\.part\(\s*([\d.]+),\s*"([^"]+)"')


def french(points: object) -> str:
    return f"{float(str(points)):g}".replace(".", ",")


@pytest.mark.parametrize("rank", range(1, 4))
def test_page_gives_the_points_that_the_tests_give(rank: int) -> None:
    """Un barème publié qui n'est pas celui de la correction."""
    section = PAGE.split("## Barèmes")[1].split(f"### TP {rank}\n")[1].split("###")[0]
    rows = {
        line.split("|")[1].strip().split(".")[0]: line
        for line in section.splitlines()
        if line.startswith("|")
    }
    graded = [c for c in source(LABS[rank - 1]).cells if "points" in c.metadata.get("nbgrader", {})]
    assert sum(cell.metadata.nbgrader.points for cell in graded) == 20
    for cell in graded:
        row = rows[grade_id(cell)[1:].removesuffix("-note")]
        assert row.split("|")[2].strip() == french(cell.metadata.nbgrader.points)
        for points, title in _PART.findall(cell.source):
            assert f"{title} : {french(points)}" in row
        assert ("à lire" in row) == (cell.cell_type == "markdown")

"""Le gabarit d'une leçon : ce qu'il crée passe tout ce que l'on exige des autres leçons."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
import yaml
from builder import lesson
from builder.failure import Failure
from builder.lesson import Lesson, create_lesson, notebook_of, with_lesson
from builder.notebooks import fold, normalise
from language.checking import faults
from language.passages import passages

from tests.notebooks.anatomy import lesson_faults
from tests.notebooks.order import notebook_faults, toc_faults

NAME = "8_2_1_filtres"
TOC = """\
format: jb-book
root: book/index
parts:
  - caption: 8.1 Élagage non structuré
    chapters:
      - file: notebooks/8_1_1_magnitude
  - caption: Autour du cours
    chapters:
      - file: book/reference/errata
"""


def empty_course(folder: Path) -> Path:
    """Un cours sans carnet, avec son sommaire."""
    (folder / "notebooks").mkdir()
    toc = "".join(line for line in TOC.splitlines(keepends=True) if "notebooks/" not in line)
    (folder / "_toc.yml").write_text(toc, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def created(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Un cours où « make lecon » vient de passer."""
    root = empty_course(tmp_path_factory.mktemp("cours"))
    create_lesson(root, NAME, "Élaguer des filtres", "Élagage structuré : les bases")
    yield root
    shutil.rmtree(root)


def notebook(root: Path) -> nbformat.NotebookNode:
    return nbformat.read(root / "notebooks" / f"{NAME}.ipynb", as_version=4)


def test_new_lesson_has_its_whole_anatomy(created: Path) -> None:
    """Une leçon neuve a toute l'anatomie d'une leçon."""
    assert lesson_faults(notebook(created)) == []


def test_new_lesson_is_a_sound_notebook(created: Path) -> None:
    """Le carnet est en ordre, et « make notebooks » le laisserait tel quel."""
    found = notebook(created)
    assert notebook_faults(created / "notebooks" / f"{NAME}.ipynb") == []
    assert toc_faults(created) == []
    again = nbformat.from_dict(found)
    normalise(again)
    fold(again)
    assert again == found
    assert [cell.id for cell in found.cells][:2] == ["installation", "8-2-1-filtres-000"]


def test_new_lesson_is_in_french(created: Path) -> None:
    """Le gabarit est sans faute, légendes et textes d'images compris."""
    path = created / "notebooks" / f"{NAME}.ipynb"
    assert [fault for passage in passages(created, path) for fault in faults(passage)] == []


def test_new_lesson_bears_its_name(created: Path) -> None:
    """Les étiquettes et le titre sont ceux de la leçon."""
    text = (created / "notebooks" / f"{NAME}.ipynb").read_text(encoding="utf-8")
    assert "@@" not in text
    assert notebook(created).cells[1].source.startswith("# 8.2.1 Élaguer des filtres\n")
    assert text.count("8-2-1-filtres-courbe") == 2


def test_new_lesson_needs_no_other_page(created: Path) -> None:
    """Aucune équation numérotée, que la page des notations devrait citer."""
    assert ":label: eq-" not in (created / "notebooks" / f"{NAME}.ipynb").read_text("utf-8")


def test_new_lesson_has_its_part(created: Path) -> None:
    """La partie s'ajoute au sommaire, deux-points de son titre compris."""
    assert (
        "- caption: '8.2 Élagage structuré : les bases'\n"
        "  chapters:\n"
        "  - file: notebooks/8_2_1_filtres\n"
        "- caption: Autour du cours\n"
    ) in (created / "_toc.yml").read_text(encoding="utf-8")


def test_second_lesson_joins_its_part() -> None:
    """Une leçon rejoint sa partie, sans la doubler."""
    two = with_lesson(TOC, Lesson("8_2_1_a", "A"), "Une partie : titre")
    three = with_lesson(two, Lesson("8_2_2_b", "B"))
    assert three.count("8.2 Une partie") == 1
    assert "notebooks/8_2_1_a\n  - file: notebooks/8_2_2_b\n- caption: Autour" in three
    more = with_lesson(TOC, Lesson("8_1_9_c", "C"))
    assert "  - file: notebooks/8_1_9_c\n- caption: Autour" in more


def test_course_can_grow() -> None:
    """Le sommaire du cours accepte une leçon de plus, et une partie ; le reste n'y change pas."""
    real = (Path(__file__).parents[2] / "_toc.yml").read_text(encoding="utf-8")
    longer = with_lesson(real, Lesson("8_1_9_c", "C"))
    assert longer.replace("  - file: notebooks/8_1_9_c\n", "") == real
    parts = yaml.safe_load(longer)["parts"]
    assert parts[0]["chapters"][-1] == {"file": "notebooks/8_1_9_c"}
    parts = yaml.safe_load(with_lesson(real, Lesson("8_2_1_a", "A"), "Une partie"))["parts"]
    assert parts[1] == {"caption": "8.2 Une partie", "chapters": [{"file": "notebooks/8_2_1_a"}]}


@pytest.mark.parametrize(
    ("name", "title", "part", "told"),
    [
        ("", "A", "B", "NOM : reçu rien"),
        ("filtres", "A", "B", "NOM : reçu filtres ; attendu trois nombres"),
        ("8_2_1_Été", "A", "B", "NOM : reçu 8_2_1_Été"),
        ("../8_2_1_a", "A", "B", "NOM : reçu"),
        (NAME, "  ", "B", "TITRE : reçu rien"),
        (NAME, "A", "", "n'a pas de partie 8.2"),
    ],
)
def test_wrong_request_writes_nothing(
    tmp_path: Path, name: str, title: str, part: str, told: str
) -> None:
    """Une demande mal faite se refuse sans rien écrire."""
    root = empty_course(tmp_path)
    toc = (root / "_toc.yml").read_text(encoding="utf-8")
    with pytest.raises(Failure, match=told):
        create_lesson(root, name, title, part)
    assert list((root / "notebooks").iterdir()) == []
    assert (root / "_toc.yml").read_text(encoding="utf-8") == toc


def test_existing_lesson_is_kept(tmp_path: Path) -> None:
    """Une leçon déjà écrite reste telle quelle."""
    path = empty_course(tmp_path) / "notebooks" / f"{NAME}.ipynb"
    path.write_text("précieux", encoding="utf-8")
    with pytest.raises(Failure, match="existe déjà"):
        create_lesson(tmp_path, NAME, "A", "B")
    assert path.read_text(encoding="utf-8") == "précieux"


def test_failed_execution_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Une exécution qui échoue ne laisse ni carnet ni ligne au sommaire."""
    root = empty_course(tmp_path)
    toc = (root / "_toc.yml").read_text(encoding="utf-8")

    def fail(root: Path, path: Path) -> None:
        raise Failure("une cellule échoue")

    monkeypatch.setattr(lesson, "execute", fail)
    with pytest.raises(Failure, match="une cellule échoue"):
        create_lesson(root, NAME, "A", "B")
    assert list((root / "notebooks").iterdir()) == []
    assert (root / "_toc.yml").read_text(encoding="utf-8") == toc


def test_two_creations_are_the_same() -> None:
    """Deux créations donnent le même carnet, identifiants compris."""
    one, two = (notebook_of(Lesson(NAME, "A")) for _ in range(2))
    assert nbformat.writes(one) == nbformat.writes(two)

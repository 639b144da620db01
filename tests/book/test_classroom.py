"""Les sujets que le site publie : propres, ou absents avec la raison."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from builder.classroom import classroom, release
from builder.failure import Failure

ROOT = Path(__file__).parents[2]
LABS = "notebooks/travaux_pratiques"


def test_release_writes_one_clean_notebook_a_lab(tmp_path: Path) -> None:
    """Chaque TP a son téléchargement, qui installe ce qui manque et ne dit aucune solution."""
    release(ROOT, tmp_path)
    paths = sorted(tmp_path.iterdir())
    assert [path.stem for path in paths] == [
        "tp1_magnitude",
        "tp2_obd_obs",
        "tp3_defi",
        "tp4_mots",
    ]
    for path in paths:
        text = path.read_text(encoding="utf-8")
        assert "VOTRE CODE ICI" in text
        assert "REPOSITORY = " in text
        assert "BEGIN" not in text


def test_refused_source_is_named_and_nothing_is_written(tmp_path: Path) -> None:
    """Une solution mal fermée est nommée, et rien n'est distribué."""
    shutil.copytree(ROOT / LABS, tmp_path / LABS)
    path = tmp_path / LABS / "tp1_magnitude" / "tp1_magnitude.ipynb"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("### END SOLUTION", "", 1), encoding="utf-8")
    with pytest.raises(Failure, match=r"tp1_magnitude\.ipynb : nbgrader refuse cette source"):
        release(tmp_path, tmp_path / "dehors")
    assert not (tmp_path / "dehors").exists()


def test_archive_has_no_source_and_says_so(tmp_path: Path) -> None:
    """Sans les sources, comme dans l'archive, le site se fait, et une classe dit pourquoi non."""
    from pruning_core.course.classroom.preparing import write_subjects

    release(tmp_path, tmp_path / "telechargements")
    assert list((tmp_path / "telechargements").iterdir()) == []
    fault = "leurs sources, solutions comprises, sont dans le dépôt"
    with pytest.raises(Failure, match=fault), classroom(tmp_path) as room:
        write_subjects(room)

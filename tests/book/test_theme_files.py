"""Les fichiers du thème, retouchés."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from sphinx.errors import ExtensionError
from theme_files import RETOUCHES, retouch_files, retouched


def test_text_found_once_is_replaced() -> None:
    """Le texte attendu est remplacé, et lui seul."""
    assert retouched("a(b)", "b", "c") == "a(c)"


@pytest.mark.parametrize("script", ["autre", "bb"])
def test_changed_script_is_an_error(script: str) -> None:
    """Un script qui n'est plus celui que l'on connaît arrête la construction."""
    with pytest.raises(ExtensionError, match="script du thème changé"):
        retouched(script, "b", "c")


def test_site_has_its_scripts_retouched_and_no_unused_file(tmp_path: Path) -> None:
    """Chaque script livré est retouché ; ce qu'aucune page n'appelle est ôté."""
    static = tmp_path / "_static"
    (static / "scripts").mkdir(parents=True)
    for name, changes in RETOUCHES.items():
        (static / name).write_text(" ; ".join(changes), encoding="utf-8")
    (static / "scripts/fontawesome.js").touch()
    retouch_files(SimpleNamespace(builder=SimpleNamespace(format="html"), outdir=tmp_path), None)
    for name, changes in RETOUCHES.items():
        assert (static / name).read_text(encoding="utf-8") == " ; ".join(changes.values())
    assert not (static / "scripts/fontawesome.js").exists()

"""La page des recettes : chaque code qu'elle montre s'exécute, et affiche ce qu'elle annonce."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

PAGE = Path(__file__).parents[2] / "book" / "reference" / "recettes.md"
_BLOCK = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_PRINT = re.compile(r"^ *print\(.*\)  # (.+)$", re.MULTILINE)


def recipes() -> dict[str, str]:
    """Le code de chaque recette, par titre : ses blocs, mis bout à bout."""
    _, *parts = PAGE.read_text(encoding="utf-8").split("\n## ")
    codes = {part.split("\n", 1)[0]: "\n".join(_BLOCK.findall(part)) for part in parts}
    return {title: code for title, code in codes.items() if code}


# Lightning lit une structure de torch sous un nom que torch va retirer.
@pytest.mark.filterwarnings("ignore:.*LeafSpec:FutureWarning")
@pytest.mark.parametrize("title", recipes())
def test_recipe_prints_what_it_says(
    title: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Une recette se lance telle quelle, et affiche ce que dit son commentaire."""
    code = recipes()[title]
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(code, f"{PAGE.name}, {title}", "exec"), namespace)
    assert capsys.readouterr().out.splitlines() == _PRINT.findall(code)


@pytest.mark.parametrize("title", recipes())
def test_recipe_shows_its_result(title: str) -> None:
    """Une recette annonce au moins une ligne, et chaque affichage porte son commentaire."""
    code = recipes()[title]
    assert _PRINT.findall(code)
    assert len(_PRINT.findall(code)) == code.count("print(")

"""Les scripts : leurs types, leurs règles, et les fichiers qui voyagent."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from builder import scripts
from builder.failure import Failure

from pruning_core.course import pictures

ROOT = Path(__file__).parents[2]
EXPLORER = ROOT / "pruning_core/course/explorer"
BUILT = EXPLORER / "built"
PICTURES = ROOT / "pruning_core/course/pictures"
DATA = ("lenet.js", "words.js")  # écrits par Python
CHECKED = (
    *("book/scripts", "book/extensions", *(f"{one.as_posix()}/js" for one in scripts.ELEMENTS)),
    *("tests/explorer", "tests/book/support.cjs"),
)


@pytest.fixture(scope="module", autouse=True)
def tools() -> None:
    scripts.ensure_tools(ROOT)


def check(tool: str, *arguments: str) -> None:
    done = scripts.run_node(ROOT, scripts.tools_folder(ROOT) / "node_modules" / tool, *arguments)
    assert done.returncode == 0, done.stdout


def test_types_hold() -> None:
    """Chaque valeur de l'explorateur et des scripts du site a le type qu'on lui demande."""
    check("typescript/bin/tsc", "--project", "book/scripts")


def test_rules_hold() -> None:
    """Aucun script n'enfreint une règle d'eslint."""
    rules = ("--config", "book/scripts/eslint.config.cjs", "--max-warnings=0")
    check("eslint/bin/eslint.js", *rules, *CHECKED)


def test_built_files_are_up_to_date(tmp_path: Path) -> None:
    """Les fichiers écrits sont ceux que donnent les sources ; sinon : make scripts."""
    scripts.write_scripts(ROOT, tmp_path)
    fresh = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*.*js")}
    kept = {
        path.relative_to(ROOT): path.read_bytes()
        for folder in scripts.BUILT
        for path in (ROOT / folder).iterdir()
        if path.name not in DATA
    }
    assert set(kept) == set(fresh)
    stale = [path.as_posix() for path in fresh if kept[path] != fresh[path]]
    assert stale == [], "lancez make scripts"


@pytest.mark.parametrize(
    "name", ["explorer.js", "explorer.mjs", "words_explorer.js", "words_explorer.mjs"]
)
def test_the_explorer_travels_light(name: str) -> None:
    """Chaque explorateur tient en 20 Ko compressés, par chacune de ses deux portes."""
    assert len(gzip.compress((BUILT / name).read_bytes())) < 20_000


def test_the_guesses_travel_light() -> None:
    """Les pronostics tiennent en 5 Ko compressés, par chacune de leurs deux portes."""
    for name in ("guesses.js", "guesses.mjs"):
        built = ROOT / "pruning_core/course/guesses/built" / name
        assert len(gzip.compress(built.read_bytes())) < 5_000


@pytest.mark.parametrize("name", ["pictures.js", "pictures.mjs"])
def test_the_pictures_travel_lighter(name: str) -> None:
    """Une image que l'on bouge pèse 2 Ko compressés, en moyenne de toutes."""
    built = (PICTURES / "built" / name).read_bytes()
    assert len(gzip.compress(built)) < 2_000 * len(pictures.__all__)


@pytest.mark.parametrize("name", DATA)
def test_big_data_travel_alone(name: str) -> None:
    """Un fichier de données ne contient que des données, et tient en 900 Ko compressés."""
    text = (BUILT / name).read_text(encoding="utf-8")
    start = f"(globalThis.pruningExplorerData ??= {{}}).{name.removesuffix('.js')} = "
    assert text.startswith(start) and text.endswith(";\n")
    assert set(json.loads(text[len(start) : -2])) == {"header", "packed"}
    assert len(gzip.compress(text.encode())) < 900_000


def test_modules_stay_short() -> None:
    """Aucun module, aucune feuille de style ne dépasse 300 lignes."""
    sources = [
        *(path for one in scripts.ELEMENTS for path in (ROOT / one / "js").rglob("*.*")),
        *(ROOT / "book/scripts").glob("*.*js"),
    ]
    assert len(sources) > 30
    long = [path.name for path in sources if path.read_text("utf-8").count("\n") > 300]
    assert long == []


def test_an_unreachable_registry_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sans accès au dépôt de npm, on sait quoi régler ; la fois suivante recommence."""
    folder = tmp_path / scripts.FOLDER
    folder.mkdir(parents=True)
    for name in (".npmrc", "package.json", "package-lock.json"):
        (folder / name).write_bytes((ROOT / scripts.FOLDER / name).read_bytes())
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9")
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "cache"))
    for _ in range(2):
        with pytest.raises(Failure, match=r"npm n'a pas pu .* réseau"):
            scripts.ensure_tools(tmp_path)

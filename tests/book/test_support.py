"""Les navigateurs annoncés sont ceux que demandent nos scripts, nos styles et le thème."""

from __future__ import annotations

import json
import re
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest
from builder.scripts import ensure_tools, run_node

ROOT = Path(__file__).parents[2]
TOLD = json.loads((ROOT / "book/scripts/browsers.json").read_text(encoding="utf-8"))
SOURCES = ("book/scripts/*.js", "book/scripts/*.ts", "book/styles/*.css")
EXPLORER = "pruning_core/course/explorer/js"
THEMES = ("pydata_sphinx_theme", "sphinx_book_theme")
NAMES = {"chrome": "chromium", "firefox": "firefox", "safari": "webkit"}


def sources() -> list[Path]:
    """Nos fichiers, et les scripts du thème que chargent les pages."""
    found = [path for pattern in SOURCES for path in sorted(ROOT.glob(pattern))]
    found += [
        p for p in sorted((ROOT / EXPLORER).rglob("*.*")) if p.suffix in (".js", ".css", ".ts")
    ]
    for theme in THEMES:
        spec = find_spec(theme)
        assert spec and spec.origin
        found += Path(spec.origin).parent.rglob(f"static/scripts/{theme.replace('_', '-')}.js")
    return found


def needed(*files: Path) -> dict[str, dict[str, object]]:
    done = run_node(ROOT, "tests/book/support.cjs", *files)
    assert done.returncode == 0, done.stdout
    return json.loads(done.stdout)


@pytest.fixture(scope="module", autouse=True)
def tools() -> None:
    ensure_tools(ROOT)


def test_told_versions_are_those_needed() -> None:
    """Les versions annoncées sont celles que demande le code : ni avant, ni après."""
    files = sources()
    assert sum(theme in str(path) for theme in THEMES for path in files) >= 2
    found = needed(*files)
    assert {name: found[NAMES[name]]["version"] for name in TOLD} == TOLD, found


def test_page_tells_them() -> None:
    """La page « Navigateurs » donne ces versions."""
    page = (ROOT / "book/reference/navigateurs.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (Chromium|Firefox|WebKit) \|.*\| ([\d.]+) \(", page, re.MULTILINE)
    assert {name.lower(): float(version) for name, version in rows} == {
        NAMES[name]: version for name, version in TOLD.items()
    }


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("a.js", "export const a = Object.groupBy([], String);", [117, 119, 17.4]),
        ("a.js", "for (const one of document.all) one.checkVisibility();", [105, 106, 17.4]),
        ("a.js", "export const a = (b) => b.checkVisibility?.() ?? 1;", [80, 74, 13.1]),
        ("a.js", "class A { #b = 1; }", [74, 90, 14.1]),
        ("a.css", "p:has(b) { color: red; }", [105, 121, 15.4]),
        ("a.css", "@supports (selector(:has(b))) { p { inset: 0; } }", [83, 69, 14.1]),
    ],
)
def test_each_need_is_read(tmp_path: Path, name: str, text: str, expected: list[float]) -> None:
    """Le programme lit ce qu'un fichier demande, et laisse ce qu'il essaie avant de s'en servir."""
    (tmp_path / name).write_text(text, encoding="utf-8")
    found = needed(tmp_path / name)
    assert [found[engine]["version"] for engine in NAMES.values()] == expected


def test_every_grace_serves() -> None:
    """Chaque indulgence concerne encore ce que nous employons, et dit ce que l'on y perd."""
    graces = json.loads((ROOT / "tests/book/graceful.json").read_text(encoding="utf-8"))
    styles = subprocess.run(
        ["git", "ls-files", "*.css"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    text = "\n".join((ROOT / name).read_text(encoding="utf-8") for name in styles)
    unused = [name for name in graces if name.split(".")[-1].lstrip("-") not in text]
    assert unused == []
    assert all(graces.values())

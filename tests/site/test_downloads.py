"""Ce que l'on emporte du site : les tailles dites, les fichiers entiers, l'archive qui marche."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Any

import nbformat
import pytest
from bs4 import BeautifulSoup
from builder.archive import NAME, README, TOP, write_archive
from builder.downloads import FOLDER, PAGE
from builder.notebooks import notebook_paths
from builder.reports import french_size
from playwright.sync_api import Browser

from tests.site.visits import ANNEXES, DESKTOP, LESSONS, SITE, opened

ROOT = Path(__file__).parents[2]
LABS = sorted((ROOT / "notebooks" / "travaux_pratiques").glob("tp*/*.ipynb"))
ARCHIVE = SITE / FOLDER / NAME
SOLVED = [
    lesson
    for lesson in LESSONS + ANNEXES
    if "{solution" in (ROOT / lesson).with_suffix(".ipynb").read_text(encoding="utf-8")
]


def notebook_of(lesson: str, end: str = "") -> Any:
    """Le carnet donné pour cette leçon, ou son corrigé."""
    path = SITE / FOLDER / "carnets" / Path(lesson).relative_to("notebooks")
    return nbformat.read(path.with_name(f"{path.stem}{end}.ipynb"), as_version=4)


def prose(notebook: Any) -> str:
    return "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def links() -> dict[str, str]:
    """Adresse de chaque fichier de la page, et ce qui en est dit ensuite."""
    soup = BeautifulSoup((SITE / PAGE).read_text(encoding="utf-8"), "html.parser")
    return {str(a["href"]): str(a.next_sibling) for a in soup.select("ul.telechargements a")}


def test_sizes_are_told_and_true() -> None:
    """Chaque taille annoncée est celle du fichier."""
    assert len(links()) == 3 + 2 * len(LESSONS) + len(ANNEXES) + len(SOLVED) + len(LABS)
    for href, told in links().items():
        size = ((SITE / PAGE).parent / href).stat().st_size
        assert told.strip().endswith(f"{french_size(size)})"), href


def test_every_place_is_filled() -> None:
    """Chaque rubrique est remplie."""
    assert "<!-- telechargements" not in (SITE / PAGE).read_text(encoding="utf-8")


@pytest.mark.parametrize("lesson", LESSONS + ANNEXES)
def test_lesson_leads_to_its_own_files(lesson: str) -> None:
    """Chaque leçon donne son carnet et ses diapositives ; chaque annexe, son carnet."""
    page = BeautifulSoup((SITE / lesson).read_text(encoding="utf-8"), "html.parser")
    found = {Path(str(a["href"])) for a in page.select("article h1 + p.emporter a")}
    assert {path.stem for path in found} == {Path(lesson).stem}
    given = {".ipynb"} if lesson in ANNEXES else {".ipynb", ".html"}
    assert {path.suffix for path in found} == given


@pytest.mark.parametrize("lesson", LESSONS + ANNEXES)
def test_notebook_comes_without_outputs_or_solutions(lesson: str) -> None:
    """Le carnet donné n'a ni sortie ni solution ; son corrigé a les solutions."""
    given = notebook_of(lesson)
    assert not any(cell.get("outputs") for cell in given.cells)
    assert "### Solution de l’exercice " not in prose(given)


@pytest.mark.parametrize("lesson", SOLVED)
def test_each_exercise_is_solved_in_the_key(lesson: str) -> None:
    """Le corrigé a la solution de chaque exercice du carnet, et aucune sortie."""
    solved = notebook_of(lesson, "_corrige")
    assert not any(cell.get("outputs") for cell in solved.cells)
    exercises = re.findall(r"^### Exercice (\d+)", prose(notebook_of(lesson)), re.MULTILINE)
    assert exercises
    solutions = r"^### Solution de l’exercice (\d+)"
    assert re.findall(solutions, prose(solved), re.MULTILINE) == exercises


@pytest.mark.parametrize("lesson", LESSONS + ANNEXES)
def test_notebook_numbers_as_the_page_does(lesson: str) -> None:
    """Figures, formules et exercices ont dans le carnet le numéro qu'ils ont sur la page."""
    page = BeautifulSoup((SITE / lesson).read_text(encoding="utf-8"), "html.parser")
    text = prose(notebook_of(lesson))
    for kind in ("Figure", "Exercice"):
        shown = [one.get_text().split()[1] for one in page.select("article .caption-number")]
        names = [one.get_text().split()[0] for one in page.select("article .caption-number")]
        expected = [rank for rank, name in zip(shown, names, strict=True) if name == kind]
        found = re.findall(rf"^(?:\*|### ){kind} (\d+)", text, re.MULTILINE)
        assert found == expected, kind
    numbers = [one.get_text().strip("#") for one in page.select("article .eqno")]
    assert re.findall(r"\\qquad (\(\d+\))$", text, re.MULTILINE) == numbers


def test_archive_is_whole() -> None:
    """L'archive a tout ce qu'annonce son LISEZMOI, et aucune solution des sujets."""
    with zipfile.ZipFile(ARCHIVE) as archive:
        names = {name.removeprefix(f"{TOP}/") for name in archive.namelist()}
        readme = archive.read(f"{TOP}/{README}").decode("utf-8")
    told = set(re.findall(r"\b(?:site|book)/[\w./-]+\.(?:html|pdf|py)\b", readme))
    assert told | {"README.md", "requirements.lock", "pruning_core/__init__.py"} <= names
    for page in ("README.md", "CONTRIBUTING.md"):
        links = re.findall(r"\]\((?!http)([^)#]+)\)", (ROOT / page).read_text(encoding="utf-8"))
        assert links
        assert set(links) <= names
    assert {f"site/{page}" for page in LESSONS + ANNEXES} <= names
    assert {path.relative_to(ROOT).as_posix() for path in notebook_paths(ROOT)} <= names
    assert {f"site/{FOLDER}/travaux_pratiques/{path.name}" for path in LABS} <= names
    assert {path.relative_to(ROOT).as_posix() for path in LABS} & names == set()
    assert not any(name.endswith(".zip") or "__pycache__" in name for name in names)


def test_archive_is_the_same_every_time(tmp_path: Path) -> None:
    """L'archive ne dépend ni de l'heure, ni de l'ordre des noms sur le disque."""
    for name in ("un.zip", "deux.zip"):
        write_archive(ROOT, SITE, tmp_path / name)
    first, second = ((tmp_path / name).read_bytes() for name in ("un.zip", "deux.zip"))
    assert first == second
    with zipfile.ZipFile(tmp_path / "un.zip") as archive:
        assert {entry.date_time[3:] for entry in archive.infolist()} == {(0, 0, 0)}
        assert archive.namelist() == sorted(archive.namelist())


def test_unpacked_archive_works_offline(browser: Browser, tmp_path: Path) -> None:
    """L'archive dépliée s'ouvre ailleurs, sans réseau."""
    with zipfile.ZipFile(ARCHIVE) as archive:
        archive.extractall(tmp_path)
    base = (tmp_path / TOP / "site").as_uri()
    with opened(browser, base, LESSONS[0], DESKTOP, offline=True) as (page, visit):
        slider = page.locator("pruning-explorer input[type=range]").first
        before = page.locator("pruning-explorer .stat b").first.text_content()
        slider.press("End")
        page.wait_for_timeout(100)
        assert page.locator("pruning-explorer .stat b").first.text_content() != before
    assert visit.errors == visit.failures == []
    assert [url for url in visit.requests if not url.startswith(base)] == []
    page_here = BeautifulSoup(
        (tmp_path / TOP / "site" / PAGE).read_text(encoding="utf-8"), "html.parser"
    )
    hrefs = [str(a["href"]) for a in page_here.select("ul.telechargements a")]
    folder = (tmp_path / TOP / "site" / PAGE).parent
    assert hrefs
    assert [href for href in hrefs if not (folder / href).resolve().is_file()] == []

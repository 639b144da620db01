"""La branche des carnets : ce qu'ouvrent les boutons y est, sans solution, et se met à jour."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import nbformat
import pytest
from builder import branch
from builder.failure import Failure
from builder.installation import told_address
from builder.notebooks import notebook_paths
from launching import LAUNCHERS

from tests.book.test_launching import BINDER, COLAB, GITHUB, HUB, Settings, buttons, tell

ROOT = Path(__file__).parents[2]
PAGES = [one.relative_to(ROOT).with_suffix("").as_posix() for one in notebook_paths(ROOT)]
NEEDED = (".gitignore", "_toc.yml", "book/references.bib")


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, check=True)
    return done.stdout.decode("utf-8").strip()


def commit(folder: Path, message: str) -> None:
    who = ("-c", "user.name=Quelqu'un", "-c", "user.email=q@exemple.fr")
    git(folder, "add", ".")
    git(folder, *who, "commit", "--quiet", "--allow-empty", "--message", message)


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Un clone du cours réduit à ses carnets, peu profond comme ceux de la CI, et son dépôt."""
    monkeypatch.setenv("COURS_DEPOT", GITHUB)
    course, forge, clone = (tmp_path / name for name in ("cours", "forge.git", "clone"))
    for path in (*NEEDED, *(f"{page}.ipynb" for page in PAGES)):
        (course / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, course / path)
    git(tmp_path, "init", "--quiet", "--initial-branch=main", str(course))
    commit(course, "un")
    commit(course, "deux")
    git(tmp_path, "clone", "--quiet", "--bare", str(course), str(forge))
    git(tmp_path, "clone", "--quiet", "--depth=1", forge.as_uri(), str(clone))
    return clone


def published(clone: Path, place: str) -> Any:
    """Un carnet, tel qu'il est dans le dépôt : « branche:chemin »."""
    text = git(clone.parent / "forge.git", "show", place)
    return nbformat.reads(text, as_version=4)


def opened(address: str) -> str:
    """La branche et le chemin qu'ouvre un bouton : « branche:chemin »."""
    shapes = (
        r"/github/equipe/cours/blob/([^/]+)/(.+)$",
        r"/v2/gh/equipe/cours/([^/]+)\?urlpath=lab/tree/(.+)$",
        r"urlpath=lab/tree/cours/(?P<path>.+)&branch=(?P<branch>.+)$",
    )
    (found,) = filter(None, (re.search(shape, unquote(address)) for shape in shapes))
    named = found.groupdict()
    return f"{named['branch']}:{named['path']}" if named else f"{found[1]}:{found[2]}"


def test_buttons_open_what_is_published(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Chaque bouton de chaque leçon ouvre un carnet publié, lisible, sans solution ni sortie."""
    branch.publish(clone)
    told = dict(zip(LAUNCHERS, (BINDER, COLAB, HUB), strict=True))
    config = Settings(
        html_baseurl="",
        html_theme_options={"launch_buttons": {"notebook_interface": "jupyterlab"}},
        html_context={},
    )
    tell(config, monkeypatch, COURS_DEPOT=GITHUB, **told)
    for page in PAGES:
        places = {opened(one["url"]) for one in buttons(config, page=page).values()}
        assert len(places) == 1, places
        notebook = published(clone, places.pop())
        text = "\n".join(cell.source for cell in notebook.cells)
        assert re.findall(r"^:::|\{solution|Solution de l", text, re.MULTILINE) == []
        assert not any(cell.get("outputs") for cell in notebook.cells)
        assert told_address(notebook) == GITHUB


def test_the_branch_has_the_whole_course(clone: Path) -> None:
    """La branche a tout le cours de maintenant, et les carnets ; le clone, lui, ne change pas."""
    branch.publish(clone)
    forge = clone.parent / "forge.git"
    names = git(forge, "ls-tree", "-r", "--name-only", "carnets").splitlines()
    ours = git(clone, "ls-files").splitlines()
    added = {page.replace("notebooks", "carnets", 1) + ".ipynb" for page in PAGES}
    assert set(names) == {*ours, *added}
    assert git(clone, "status", "--porcelain", "--ignored") == ""
    assert git(clone, "branch", "--format=%(refname:short)") == "main"


def test_what_was_taken_can_be_updated(clone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """La branche avance sans se récrire ; rien de neuf, rien de publié."""
    branch.publish(clone)
    forge = clone.parent / "forge.git"
    first = git(forge, "rev-parse", "carnets")
    branch.publish(clone)
    assert git(forge, "rev-parse", "carnets") == first
    assert capsys.readouterr().out.endswith("déjà à jour.\n")
    (clone / "nouveau.txt").write_text("Bonjour.\n", encoding="utf-8")
    commit(clone, "trois")
    git(clone, "push", "--quiet", "origin", "main")
    branch.publish(clone)
    git(forge, "merge-base", "--is-ancestor", first, "carnets")
    git(forge, "merge-base", "--is-ancestor", "main", "carnets")
    assert git(forge, "show", "carnets:nouveau.txt") == "Bonjour."


def test_what_cannot_be_published_is_refused(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sans l'adresse à installer, ou sans dépôt où publier, rien n'est publié, et on le dit."""
    monkeypatch.setenv("COURS_DEPOT", "")
    with pytest.raises(Failure, match="COURS_DEPOT : reçue vide ; attendu https://"):
        branch.publish(clone)
    monkeypatch.setenv("COURS_DEPOT", GITHUB)
    git(clone, "remote", "set-url", "origin", (clone.parent / "absent.git").as_uri())
    with pytest.raises(Failure, match=r"(?s)git .* : refusé\. Message de git.*absent"):
        branch.publish(clone)
    assert git(clone.parent / "forge.git", "branch", "--list", "carnets") == ""

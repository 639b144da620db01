"""Les points que l'on regarde sans exécuter de leçon : quelques secondes en tout.

Rien n'est importé d'avance hors de la bibliothèque standard : un paquet absent doit se dire, pas
arrêter la vérification.
"""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
import time
import webbrowser
from collections.abc import Callable, Iterator, Sequence
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from builder.browser import find_browser
from builder.failure import Failure
from builder.machine.packages import INSTALL, packages
from builder.machine.points import Point, State, doubt, fault, good

GIGA = 1024**3
FREE_DISK = 1 * GIGA  # carnets, caches, un site construit
FREE_DISK_TO_INSTALL = 8 * GIGA  # PyTorch avec CUDA, et l'archive pendant qu'on la déplie
FREE_MEMORY = 2 * GIGA  # JupyterLab, un navigateur et le noyau d'une leçon


def amount(size: float) -> str:
    """Une taille, en gigaoctets."""
    return f"{size / GIGA:.1f} Go".replace(".", ",")


def python() -> Point:
    """Le Python employé ; book/build.py refuse ceux que le cours ne connaît pas."""
    return good("Python", f"{platform.python_version()} ({sys.prefix})")


def library(root: Path) -> Point:
    """``pruning_core``, installée, et celle de ce dossier."""
    name = "Bibliothèque"
    try:
        import pruning_core
    except Exception as error:  # une bibliothèque système absente n'est pas une ImportError
        return fault(name, f"pruning_core ne se charge pas : {error}", INSTALL)
    place = Path(pruning_core.__file__).parent
    if place == root / "pruning_core":
        return good(name, f"pruning_core {metadata.version('pruning-core')}, celle de ce dossier")
    remedy = "Si vous la modifiez ici, lancez « make environnement » pour que cela compte."
    return doubt(name, f"pruning_core vient d'ailleurs : {place}", remedy)


def disk(root: Path) -> Point:
    """La place qu'il faut pour travailler, ou d'abord pour installer."""
    free = shutil.disk_usage(root).free
    needed = FREE_DISK if find_spec("torch") else FREE_DISK_TO_INSTALL
    found = f"{amount(free)} libres"
    if free >= needed:
        return good("Disque", found)
    remedy = f"Il en faut {amount(needed)} : videz la corbeille, les téléchargements, les caches."
    return fault("Disque", found, remedy)


def memory() -> Point:
    """La mémoire libre, ou celle que le serveur accorde (``MEM_LIMIT``, sur un JupyterHub)."""
    try:
        import psutil  # type: ignore[import-untyped]
    except ImportError:
        return doubt("Mémoire", "inconnue, faute de psutil", INSTALL)
    free = float(psutil.virtual_memory().available)
    if limit := os.environ.get("MEM_LIMIT", ""):
        free = min(free, float(limit))
    found = f"{amount(free)} libres"
    if free >= FREE_MEMORY:
        return good("Mémoire", found)
    remedy = f"Une leçon demande {amount(FREE_MEMORY)} : fermez les autres programmes et onglets."
    return doubt("Mémoire", found, remedy)


def browser() -> Point:
    """De quoi ouvrir le site, et JupyterLab."""
    try:
        if found := find_browser():
            return good("Navigateur", str(found))
        webbrowser.get()
        return good("Navigateur", "celui du système")
    except (Failure, ImportError, webbrowser.Error):
        remedy = (
            "Installez Firefox ou Chromium. Sur un serveur, rien à faire : c'est le navigateur de "
            "l'étudiant qui compte."
        )
        return doubt("Navigateur", "aucun trouvé", remedy)


def writing(root: Path) -> Point:
    """Peut-on enregistrer un carnet, et des fichiers temporaires ?"""
    for folder in (root / "notebooks", Path(tempfile.gettempdir()), Path.home()):
        try:
            with tempfile.TemporaryFile(dir=folder) as file:
                file.write(b"essai")
        except OSError as error:
            remedy = (
                f"Donnez-vous le droit d'écrire dans {folder}, ou copiez le cours dans votre "
                "dossier personnel."
            )
            return fault("Écriture", f"refusée dans {folder} ({error.strerror})", remedy)
    return good("Écriture", "possible dans les carnets et dans les dossiers temporaires")


def kernel() -> Point:
    """Un noyau démarre et calcule."""
    begun = time.monotonic()
    try:
        from jupyter_client.manager import start_new_kernel

        quiet = ["--IPKernelApp.log_level=ERROR"]
        manager, client = start_new_kernel(startup_timeout=60, extra_arguments=quiet)
        try:
            reply = client.execute_interactive("1 + 1", timeout=60, output_hook=lambda _: None)
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)
    except Exception as error:  # absent, bloqué par un pare-feu, trop lent : tout se dit
        remedy = (
            "Un antivirus ou un pare-feu peut bloquer les échanges de Jupyter sur la machine même "
            "(127.0.0.1) : autorisez Python. Sinon, lancez « make environnement »."
        )
        return fault("Noyau Jupyter", f"ne démarre pas : {error or type(error).__name__}", remedy)
    seconds = time.monotonic() - begun
    if reply["content"]["status"] != "ok":
        return fault("Noyau Jupyter", "ne sait pas calculer 1 + 1", INSTALL)
    return good("Noyau Jupyter", f"démarre et calcule, en {seconds:.0f} s")


def quick_points(root: Path) -> Iterator[Point]:
    """Tous les points, un à un, dans l'ordre où on les lit."""
    done: list[Point] = []
    checks: list[Callable[[], Point]] = [
        python,
        lambda: packages(root),
        lambda: library(root),
        lambda: disk(root),
        memory,
        lambda: writing(root),
        kernel,
        browser,
        lambda: network(done),
    ]
    for check in checks:
        done.append(check())
        yield done[-1]


def network(points: Sequence[Point]) -> Point:
    """Faut-il une connexion ? Seulement pour installer ; aucune n'est essayée ici."""
    if any(point.name == "Paquets" and point.state is State.FAULT for point in points):
        remedy = "Branchez-vous au réseau avant la séance, le temps d'installer."
        return doubt("Réseau", "nécessaire une fois, pour installer", remedy)
    return good("Réseau", "inutile : tout est installé, les données sont dans le dossier")

"""Cette machine est-elle prête pour une séance ? ``python -m builder.machine`` (« make verifier »).

Rien n'est installé ni changé : c'est la machine telle qu'elle est que l'on juge. Rien n'est importé
d'avance hors de la bibliothèque standard : un paquet absent doit se dire, pas arrêter le reste.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import sys
import tempfile
import textwrap
import time
import tomllib
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from builder.environment import LOCK
from builder.failure import Failure

ROOT = Path(__file__).resolve().parents[2]
GOOD, DOUBT, FAULT = "bien", "réserve", "à régler"

GIGA = 1024**3
FREE_DISK = 1 * GIGA  # carnets, caches, un site construit
FREE_DISK_TO_INSTALL = 8 * GIGA  # PyTorch avec CUDA, et l'archive pendant qu'on la déplie
FREE_MEMORY = 2 * GIGA  # JupyterLab, un navigateur et le noyau d'une leçon
EXPECTED = 60  # secondes ; ce que promettent les fiches des leçons
CELL_TIMEOUT = 600  # secondes ; une machine très lente est lente, pas en panne
SHOWN = 5  # paquets nommés, au plus

INSTALL = (
    "Avec une connexion, lancez « make environnement », ou sans make : python3 book/build.py "
    "environnement (sous Windows : `py -3.12 book/build.py environnement`)."
)
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class Point(NamedTuple):
    """Un point vérifié : ce qu'il vaut, ce que l'on a trouvé, et que faire si cela ne va pas."""

    state: str
    found: str
    remedy: str = ""

    def told(self, name: str) -> str:
        """Le point tel qu'on le lit, son remède dessous."""
        line = f"  {self.state:<9} {name} : {self.found}"
        margin = " " * 12
        wrap = partial(
            textwrap.wrap, initial_indent=f"{margin}-> ", subsequent_indent=f"{margin}   "
        )
        return "\n".join([line, *wrap(self.remedy, 84)])


good, doubt, fault = (partial(Point, state) for state in (GOOD, DOUBT, FAULT))


def python(root: Path) -> Point:
    """Le Python employé ; book/build.py refuse ceux que le cours ne connaît pas."""
    return good(f"{platform.python_version()} ({sys.prefix})")


def packages(root: Path) -> Point:
    """Chaque paquet à la version de requirements.lock ; seuls ceux des leçons sont exigés."""
    try:
        from packaging.requirements import Requirement
    except ImportError:
        return fault(f"environnement absent ou incomplet ({sys.prefix})", INSTALL)
    lines = (root / LOCK).read_text(encoding="utf-8").splitlines()
    pins = [Requirement(line) for line in lines if not line.startswith("#")]
    pins = [pin for pin in pins if not pin.marker or pin.marker.evaluate()]
    wrong: dict[str, str] = {}
    for pin in pins:
        try:
            if not pin.specifier.contains(found := metadata.version(pin.name)):
                wrong[pin.name] = f"{pin.name} : reçu {found}, attendu {pin.specifier}"
        except metadata.PackageNotFoundError:
            wrong[pin.name] = f"{pin.name} manque"
    if not wrong:
        return good(f"{len(pins)} aux versions exactes de {LOCK} ; plus besoin de connexion")
    needed = wrong.keys() & _needed_by_lessons(root)
    named = sorted(needed or wrong)
    told = " ; ".join(wrong[name] for name in named[:SHOWN])
    if len(named) > SHOWN:
        told += f" ; et {len(named) - SHOWN} autres"
    if needed:
        return fault(told, INSTALL)
    remedy = f"Pour construire le site ou lancer les tests. {INSTALL}"
    return doubt(f"ceux des leçons y sont ; d'autres non : {told}", remedy)


def _needed_by_lessons(root: Path) -> set[str]:
    """Les paquets que demandent les leçons, et ceux que ces paquets demandent."""
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    text = (root / "pruning_core" / "course" / "pyproject.toml").read_text(encoding="utf-8")
    project = tomllib.loads(text)["project"]
    waiting = [*project["dependencies"], *project["optional-dependencies"]["lab"]]
    found: set[str] = set()
    while waiting:
        asked = Requirement(waiting.pop())
        name = canonicalize_name(asked.name)
        if name not in found and (not asked.marker or asked.marker.evaluate({"extra": ""})):
            found.add(name)
            with suppress(metadata.PackageNotFoundError):
                waiting += metadata.requires(name) or []
    return found


def library(root: Path) -> Point:
    """``pruning_core``, installée, et celle de ce dossier."""
    try:
        import pruning_core

        version = metadata.version("pruning-core")
    except Exception as error:  # une bibliothèque système absente n'est pas une ImportError
        return fault(f"pruning_core ne se charge pas : {error}", INSTALL)
    place = Path(pruning_core.__file__).parent
    if place == root / "pruning_core":
        return good(f"pruning_core {version}, celle de ce dossier")
    remedy = "Si vous la modifiez ici, lancez « make environnement » pour que cela compte."
    return doubt(f"pruning_core vient d'ailleurs : {place}", remedy)


def disk(root: Path) -> Point:
    """La place qu'il faut pour travailler, ou d'abord pour installer."""
    free = shutil.disk_usage(root).free
    needed = FREE_DISK if find_spec("torch") else FREE_DISK_TO_INSTALL
    if free >= needed:
        return good(f"{amount(free)} libres")
    remedy = f"Il en faut {amount(needed)} : videz la corbeille, les téléchargements, les caches."
    return fault(f"{amount(free)} libres", remedy)


def memory(root: Path) -> Point:
    """La mémoire libre, ou celle que le serveur accorde (``MEM_LIMIT``, sur un JupyterHub)."""
    try:
        import psutil  # type: ignore[import-untyped]
    except ImportError:
        return doubt("inconnue, faute de psutil", INSTALL)
    available = float(psutil.virtual_memory().available)
    free = min(available, float(os.environ.get("MEM_LIMIT") or available))
    if free >= FREE_MEMORY:
        return good(f"{amount(free)} libres")
    remedy = f"Une leçon demande {amount(FREE_MEMORY)} : fermez les autres programmes et onglets."
    return doubt(f"{amount(free)} libres", remedy)


def amount(size: float) -> str:
    """Une taille, en gigaoctets."""
    return f"{size / GIGA:.1f} Go".replace(".", ",")


def writing(root: Path) -> Point:
    """Peut-on enregistrer un carnet, et des fichiers temporaires ?"""
    for folder in (root / "notebooks", Path(tempfile.gettempdir()), Path.home()):
        try:
            tempfile.TemporaryFile(dir=folder).close()
        except OSError as error:
            remedy = (
                f"Donnez-vous le droit d'écrire dans {folder}, ou copiez le cours dans votre "
                "dossier personnel."
            )
            return fault(f"refusée dans {folder} ({error.strerror})", remedy)
    return good("possible dans les carnets et dans les dossiers temporaires")


def kernel(root: Path) -> Point:
    """Un noyau démarre et calcule."""
    begun = time.monotonic()
    try:
        import nbformat
        from nbclient import NotebookClient

        sum_of_two = nbformat.v4.new_code_cell("assert 1 + 1 == 2")
        notebook = nbformat.v4.new_notebook(cells=[sum_of_two])
        quiet = ["--IPKernelApp.log_level=ERROR"]
        NotebookClient(notebook, timeout=60, kernel_name="python3", extra_arguments=quiet).execute()
    except Exception as error:  # absent, bloqué par un pare-feu, trop lent : tout se dit
        remedy = (
            "Un antivirus ou un pare-feu peut bloquer les échanges de Jupyter sur la machine même "
            "(127.0.0.1) : autorisez Python. Sinon, lancez « make environnement »."
        )
        return fault(f"ne démarre pas : {error or type(error).__name__}", remedy)
    return good(f"démarre et calcule, en {time.monotonic() - begun:.0f} s")


def browser(root: Path) -> Point:
    """De quoi ouvrir le site, et JupyterLab."""
    try:
        webbrowser.get()
    except webbrowser.Error:
        remedy = (
            "Installez Firefox ou Chromium. Sur un serveur, rien à faire : c'est le navigateur de "
            "l'étudiant qui compte."
        )
        return doubt("aucun trouvé", remedy)
    return good("celui du système")


CHECKS: dict[str, Callable[[Path], Point]] = {
    "Python": python,
    "Paquets": packages,
    "Bibliothèque": library,
    "Disque": disk,
    "Mémoire": memory,
    "Écriture": writing,
    "Noyau Jupyter": kernel,
    "Navigateur": browser,
}


def lesson_points(root: Path) -> Iterator[tuple[str, Point]]:
    """Chaque leçon, exécutée une fois sans être changée, et son temps."""
    from builder.notebooks import notebook_paths, run  # ses paquets sont là : on vient de le voir

    print("\nLes leçons, exécutées une fois chacune (quelques minutes)...", flush=True)
    for path in notebook_paths(root):
        begun = time.monotonic()
        try:
            run(root, path, timeout=CELL_TIMEOUT)
        except Failure as failure:
            remedy = (
                "Lancez « make environnement », puis revérifiez. Si l'erreur reste, ouvrez ce "
                "carnet dans JupyterLab (« make lab ») et exécutez tout : la cellule en rouge est "
                "la fautive."
            )
            reason = _COLOUR.sub("", str(failure)).strip().splitlines()[-1]
            yield path.stem, fault(reason, remedy)
        else:
            yield path.stem, timing(time.monotonic() - begun)
    print("\nEn séance, on exécute cellule par cellule : l'attente se perd dans la lecture.")


def timing(seconds: float) -> Point:
    """Ce que le temps d'une leçon annonce pour la séance."""
    told = f"{seconds:.0f} s"
    if round(seconds) <= EXPECTED:
        return good(told)
    remedy = (
        "Plus que la minute promise : branchez l'ordinateur, fermez le reste, et faites exécuter "
        "les cellules au fil de la lecture. Au-delà de deux minutes, mieux : deux étudiants par "
        "machine, ou le site, qui calcule dans la page."
    )
    return doubt(told, remedy)


def diagnose(root: Path, *, quick: bool) -> int:
    """Montre chaque point, puis le verdict ; rend 1 s'il reste un point à régler."""
    states = _shown((name, check(root)) for name, check in CHECKS.items())
    if FAULT in states:
        print("\nLes leçons n'ont pas été essayées : réglez d'abord ce qui précède.")
    elif quick:
        print("\nLes leçons n'ont pas été essayées (RAPIDE) : « make verifier » les exécute.")
    else:
        states += _shown(lesson_points(root))
    print(f"\n{verdict(states)}")
    return int(FAULT in states)


def _shown(points: Iterator[tuple[str, Point]]) -> list[str]:
    states = []
    for name, point in points:
        print(point.told(name), flush=True)
        states.append(point.state)
    return states


def verdict(states: list[str]) -> str:
    """La phrase que l'on retient."""
    if faults := states.count(FAULT):
        plural = "s" if faults > 1 else ""
        return f"Cette machine n'est pas prête : {faults} point{plural} à régler (ci-dessus)."
    if doubts := states.count(DOUBT):
        plural = "s" if doubts > 1 else ""
        return f"Cette machine est prête, avec {doubts} réserve{plural} (ci-dessus)."
    return "Cette machine est prête."


if __name__ == "__main__":
    sys.exit(diagnose(ROOT, quick=bool(os.environ.get("RAPIDE"))))

"""Le temps de chaque leçon sur cette machine : son carnet est exécuté, sans être changé."""

from __future__ import annotations

import re
import time
from pathlib import Path

from builder.failure import Failure
from builder.machine.points import Point, doubt, fault, good
from builder.notebooks import run

CELL_TIMEOUT = 600  # secondes ; une machine très lente est lente, pas en panne
EXPECTED = 60  # ce que promettent les fiches des leçons
SLOW = 2 * EXPECTED  # au-delà, la séance en souffre

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def lesson(root: Path, path: Path) -> Point:
    """Exécute un carnet et dit combien de temps il prend."""
    name = path.stem
    begun = time.monotonic()
    try:
        run(root, path, timeout=CELL_TIMEOUT)
    except Failure as failure:
        remedy = (
            "Lancez « make environnement », puis revérifiez. Si l'erreur reste, ouvrez ce carnet "
            "dans JupyterLab (« make lab ») et exécutez tout : la cellule en rouge est la fautive."
        )
        return fault(name, _COLOUR.sub("", str(failure)).strip().splitlines()[-1], remedy)
    return timing(name, time.monotonic() - begun)


def timing(name: str, seconds: float) -> Point:
    """Ce que ce temps annonce pour la séance."""
    seconds = round(seconds)  # jugé tel qu'il est dit
    told = f"{seconds} s"
    if seconds <= EXPECTED:
        return good(name, told)
    remedy = (
        "Plus que la minute promise : branchez l'ordinateur, fermez le reste, et faites exécuter "
        "les cellules au fil de la lecture."
    )
    if seconds > SLOW:
        remedy += " Mieux : deux étudiants par machine, ou le site, qui calcule dans la page."
    return doubt(name, told, remedy)


def prediction(seconds: float) -> str:
    """Ce que la classe doit attendre de cette machine."""
    return (
        f"Les leçons exécutées d'un bout à l'autre prennent {seconds:.0f} s ici. En séance, on les "
        "exécute cellule par cellule : l'attente se perd dans la lecture."
    )

"""Le chemin d'un poids à son masque par OBS, et celui d'un lecteur des leçons 8.1.3."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from types import FrameType

import pytest

import pruning_core
from pruning_core.obs.neurons import obs_neuron_pruning
from tests.core.cases import case

HOUSE = Path(pruning_core.__file__).parent
LESSONS = [HOUSE.parent / "notebooks" / f"8_1_3_{part}.ipynb" for part in ("obd", "obs")]

OBS = HOUSE / "obs"

# Ce qu'il faut lire pour suivre l'algorithme. Choisir des poids, lire des lots, dériver une perte
# et vérifier ce dont on dépend servent à toutes les méthodes, et ont leurs propres dossiers.
MODULES = 6
FUNCTIONS = 30


def functions_met() -> set[tuple[str, str]]:
    """Module et nom de chaque fonction propre à OBS où passe un élagage par neurone."""
    found = case("mlp")
    met: set[tuple[str, str]] = set()

    def note(frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        path = Path(code.co_filename)
        # Une compréhension est du code de la fonction qui l'écrit.
        if event == "call" and OBS in path.parents and not code.co_name.startswith("<"):
            met.add((path.relative_to(OBS).as_posix(), code.co_qualname))

    sys.setprofile(note)
    try:
        obs_neuron_pruning(found.model, found.loader, found.criterion, 0.5, steps=3)
    finally:
        sys.setprofile(None)
    return met


def test_the_way_of_a_weight_stays_short() -> None:
    """D'un poids à son masque, l'algorithme d'OBS tient en peu de modules et de fonctions."""
    met = functions_met()
    modules = sorted({module for module, _ in met})
    assert "algebra.py" in modules
    assert len(modules) <= MODULES, modules
    assert len(met) <= FUNCTIONS, sorted(met)


def lesson_labels() -> list[str]:
    """Étiquettes des équations des deux leçons 8.1.3, dans leur ordre."""
    files = (json.loads(path.read_text(encoding="utf-8")) for path in LESSONS)
    text = "\n".join("".join(cell["source"]) for file in files for cell in file["cells"])
    return re.findall(r"^:label: (eq-[\w-]+)$", text, re.MULTILINE)


def quoted(path: Path) -> list[str]:
    """Étiquettes d'équations que cite un module, dans leur ordre."""
    return re.findall(r"`(eq-[\w-]+)`", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("folder", ["obs", "curvature", "scores"])
def test_quoted_equations_are_the_lesson_s(folder: str) -> None:
    """Toute équation citée par son étiquette est dans l'une des leçons 8.1.3."""
    for path in sorted((HOUSE / folder).glob("*.py")):
        assert set(quoted(path)) <= set(lesson_labels()), path.name


def test_the_algebra_follows_the_lesson() -> None:
    """L'en-tête de `algebra`, puis ses fonctions, citent les équations dans l'ordre de la leçon."""
    order = {label: rank for rank, label in enumerate(lesson_labels())}
    header, _, functions = (HOUSE / "obs/algebra.py").read_text(encoding="utf-8").partition('"""\n')
    for part in (header, functions):
        labels = list(dict.fromkeys(re.findall(r"`(eq-[\w-]+)`", part)))
        assert labels == ["eq-obs", "eq-jointe", "eq-retrait"]
        assert labels == sorted(labels, key=order.__getitem__)

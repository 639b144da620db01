"""Les défis du cours, et de quoi en mesurer un fichier hors du carnet."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Literal

from torch import nn

from pruning_core.course.datasets import load_digits
from pruning_core.course.exercises.challenge import Challenge, Entry
from pruning_core.course.models import digits_mlp
from pruning_core.course.words.corpus import split
from pruning_core.course.words.measures import bits_per_letter
from pruning_core.course.words.pretrained import new_word_model
from pruning_core.course.words.transformer import block_weights
from pruning_core.evaluation import evaluate
from pruning_core.weights.prunable import prunable_parameters


def _accuracy(model: nn.Module, part: Literal["validation", "test"]) -> float:
    return evaluate(model, getattr(load_digits(), part)).accuracy


DIGITS = Challenge(
    lab="tp3_defi",
    budget=320,
    network=digits_mlp,
    counted=partial(prunable_parameters, include_frozen=True),
    validation=partial(_accuracy, part="validation"),
    test=partial(_accuracy, part="test"),
    higher_is_better=True,
    unit="%",
    scale=100,
    digits=1,
)
"""TP 3 : 320 poids sur les 6 464 du réseau des chiffres, la meilleure exactitude."""

_MEASURED_WORDS = 5_000


def _bits(model: nn.Module, part: Literal["validation", "test"]) -> float:
    return bits_per_letter(model, getattr(split(), part)[:_MEASURED_WORDS])


WORDS = Challenge(
    lab="tp4_mots",
    budget=30_000,
    network=new_word_model,
    counted=block_weights,
    validation=partial(_bits, part="validation"),
    test=partial(_bits, part="test"),
    higher_is_better=False,
    unit="bits par lettre",
    scale=1,
    digits=3,
)
"""TP 4 : 30 000 poids sur les 153 600 des blocs du modèle de mots, le moins de bits par lettre.

Chaque jeu est mesuré sur ses 5 000 premiers mots, qui y sont dans un ordre au sort.
"""

CHALLENGES = (DIGITS, WORDS)


def read_apart(challenge: Challenge, path: str | Path) -> Entry:
    """Comme `Challenge.read`, hors du carnet, qui pourrait avoir changé budget ou données.

    Raises
    ------
    ValueError
        Si le fichier est refusé, avec la raison.
    """
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-m", __name__, challenge.lab, str(path)],
        capture_output=True,
        encoding="utf-8",
    )
    if done.returncode:
        raise ValueError(done.stderr.strip())
    return Entry(**json.loads(done.stdout))


def _main(lab: str, path: str) -> int:
    """Écrit sur la sortie ce que vaut un fichier, ou sur celle d'erreur pourquoi il est refusé."""
    challenge = next(one for one in CHALLENGES if one.lab == lab)
    try:
        print(json.dumps(asdict(challenge.read(path))))
    except (FileNotFoundError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(_main(*sys.argv[1:]))

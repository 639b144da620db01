"""Le modèle de mots livré avec le cours, et comment il a été entraîné."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import numpy as np
import torch

from pruning_core.course.words.training import train_words
from pruning_core.course.words.transformer import WordTransformer

WIDTH, BLOCKS, HEADS = 80, 2, 4
STEPS = 12_000
SEED = 0

_WEIGHTS = files("pruning_core.course") / "data" / "words.npz"


def new_word_model(seed: int = SEED) -> WordTransformer:
    """Le modèle du cours avant d'avoir appris, de la taille de celui que le paquet livre."""
    return WordTransformer(WIDTH, BLOCKS, HEADS, seed=seed)


def train_word_model(
    seed: int = SEED, steps: int = STEPS, *, stop: int | None = None, progress: bool = False
) -> tuple[WordTransformer, list[float]]:
    """Entraîne le modèle du cours ; avec les réglages par défaut, celui que le paquet livre.

    Parameters
    ----------
    seed : int
        Graine des poids de départ et de l'ordre des mots.
    steps : int
        Nombre de lots de 256 mots.
    stop : int, optionnel
        Nombre de lots après lequel s'arrêter, sans rien changer à ceux d'avant.
    progress : bool
        Affiche une barre de progression.

    Returns
    -------
    WordTransformer, list[float]
        Le modèle, en mode évaluation, et la perte de chaque lot.
    """
    model = new_word_model(seed)
    return model, train_words(model, steps, seed=seed, stop=stop, progress=progress)


def word_model() -> WordTransformer:
    """Lit le modèle livré avec le cours.

    Returns
    -------
    WordTransformer
        Neuf à chaque appel, en mode évaluation et en `float32` ; ses poids ont été arrondis à
        `float16` pour voyager.
    """
    model = new_word_model()
    with _WEIGHTS.open("rb") as file, np.load(file) as archive:
        model.load_state_dict({name: torch.from_numpy(archive[name]) for name in archive.files})
    return model.eval()


def save_word_model(model: WordTransformer, path: Path) -> None:
    """Enregistre un modèle comme `word_model` le lit, ses poids arrondis à `float16`."""
    state = {name: value.half().numpy() for name, value in model.state_dict().items()}
    np.savez_compressed(path, **state)

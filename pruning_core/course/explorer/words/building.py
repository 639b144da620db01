"""Faire le fichier de données de l'explorateur de mots."""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from pruning_core.course.explorer import built
from pruning_core.course.explorer.packing import NOTES, look
from pruning_core.course.explorer.words.automaton import minimal_automaton, pack_automaton
from pruning_core.course.explorer.words.file import (
    COARSENESS,
    WordContent,
    bias_names,
    others,
    read,
)
from pruning_core.course.explorer.words.networks import METHOD_KEYS, PERCENTS, WordNetworks
from pruning_core.course.explorer.words.quantizing import dequantize_rows, grid_step, to_grid
from pruning_core.course.training import one_thread
from pruning_core.course.words.corpus import (
    ALPHABET,
    LONGEST,
    calibration,
    french_words,
    split,
    word_batches,
)
from pruning_core.course.words.measures import bits_per_letter
from pruning_core.course.words.pretrained import BLOCKS, HEADS, WIDTH, word_model
from pruning_core.course.words.transformer import WordTransformer, block_weights
from pruning_core.course.words.trigram import best_letter_counts
from pruning_core.masks.applying import PrunedWeights
from pruning_core.obs.layers import obs_layer_pruning
from pruning_core.scores.wanda import wanda_scores

CALIBRATION = 1_000
"""Mots que lisent Wanda et OBS."""


def build(target: Path, *, tested: Sequence[str] | None = None) -> None:
    """Élague, mesure et écrit le fichier de données ; environ dix minutes.

    Parameters
    ----------
    target : Path
    tested : suite de str, optionnel
        Mots sur lesquels mesurer les bits par lettre ; par défaut, tous les mots d'essai.
    """
    words = split().test if tested is None else tested
    with one_thread():
        content, header = _networks()
        header |= _add_list(content)
        written = read(content.text(header))  # mesuré tel qu'il sera relu
        bits = {key: _bits(written.networks, key, words) for key in METHOD_KEYS}
    header["landmarks"] = _landmarks(bits, words)
    header["methods"] = [
        {**look(key), "note": NOTES[key], "bits": bits[key]} for key in METHOD_KEYS
    ]
    target.write_text(content.text(header), encoding="utf-8", newline="\n")


def _networks() -> tuple[WordContent, dict[str, Any]]:
    """Le modèle arrondi, et ce que chaque méthode en demande."""
    trained = word_model()
    step = grid_step(others(trained).values())
    content = WordContent(trained, step)
    model = _rounded(trained, content)
    loader = word_batches(calibration(CALIBRATION))
    content.add_norms(_input_norms(model, loader))
    path = [
        _compensated(model, loader, percent)
        for percent in tqdm(PERCENTS[1:], desc="OBS par couche", disable=None)
    ]
    bias_step = grid_step(one.weights[name] for one in path for name in bias_names(model))
    for network in path:
        content.add_network(network, bias_step)
    return content, {
        "alphabet": ALPHABET,
        "longest": LONGEST,
        "shape": {"width": WIDTH, "blocks": BLOCKS, "heads": HEADS},
        "prunable": _tensors(block_weights(model)),
        "others": _tensors(others(model)),
        "step": step,
        "percents": PERCENTS,
        "compensated": {
            "percents": PERCENTS[1:],
            "coarseness": COARSENESS,
            "step": bias_step,
        },
        "methods": [],
        "landmarks": [],
    }


def _add_list(content: WordContent) -> dict[str, Any]:
    """La liste des mots."""
    index = {letter: rank for rank, letter in enumerate(ALPHABET)}
    codes = [tuple(index[letter] for letter in word) for word in french_words()]
    automaton = pack_automaton(minimal_automaton(codes))
    content.add_automaton(automaton)
    states, edges, returns = (len(part) for part in automaton)
    return {
        "wordCount": len(codes),
        "automaton": {"states": states, "edges": edges, "returns": returns},
    }


def _rounded(model: WordTransformer, content: WordContent) -> WordTransformer:
    """Le modèle que le fichier contient."""
    rounded = copy.deepcopy(model).double()
    weights = block_weights(rounded)
    matrices = dequantize_rows(
        content.rows.codes, content.rows.scales, [w.shape for w in weights.values()]
    )
    on_grid = {
        name: torch.from_numpy(to_grid([value], content.step).reshape(value.shape) * content.step)
        for name, value in others(rounded).items()
    }
    rounded.load_state_dict(dict(zip(weights, matrices, strict=True)) | on_grid)
    return rounded.eval()


def _input_norms(model: WordTransformer, loader: list[Any]) -> dict[str, torch.Tensor]:
    """La norme de chaque entrée : le score de Wanda du plus grand poids de sa colonne, sans lui."""
    weights = block_weights(model)
    scores = wanda_scores(model, loader, parameters=weights)
    norms = {}
    for name, weight in weights.items():
        largest, row = weight.detach().abs().max(dim=0)
        norms[name] = (scores[name].gather(0, row[None])[0] / largest).float().double()
    return norms


def _compensated(model: WordTransformer, loader: list[Any], percent: int) -> PrunedWeights:
    weights = block_weights(model)
    return obs_layer_pruning(model, loader, percent / 100, parameters=weights)


def _bits(networks: WordNetworks, key: str, words: Sequence[str]) -> list[float]:
    levels = tqdm(PERCENTS, desc=f"bits par lettre, {key}", disable=None)
    return [
        round(bits_per_letter(networks.pruned(key, percent).float(), words), 3)
        for percent in levels
    ]


def _landmarks(bits: Mapping[str, list[float]], words: Sequence[str]) -> list[dict[str, Any]]:
    return [
        {"label": "non élagué", "bits": bits["magnitude"][0]},
        {"label": "trigrammes", "bits": round(best_letter_counts().bits_per_letter(words), 3)},
        {"label": "au hasard", "bits": round(math.log2(len(ALPHABET)), 3)},
    ]


def _tensors(tensors: Mapping[str, torch.Tensor]) -> list[tuple[str, list[int]]]:
    return [(name, list(value.shape)) for name, value in tensors.items()]


def write_built() -> None:
    """Refait le fichier que le paquet livre."""
    build(Path(str(built.FOLDER / built.WORDS)))

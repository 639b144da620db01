"""Entraîner le modèle de mots : deviner la lettre qui suit, sur des lots tirés au sort."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import nullcontext

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F
from tqdm import tqdm

from pruning_core.checks import check_count
from pruning_core.course.training import one_thread
from pruning_core.course.words.corpus import IGNORED, encode, split
from pruning_core.masks.holding import hold_masks
from pruning_core.types import Masks

BATCH = 256
RATE = 4e-3
_NEAR = 16


def word_loss(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Entropie croisée moyenne d'une lettre, en nats ; la perte à donner à la bibliothèque.

    Parameters
    ----------
    logits : Tensor [N, T, V]
    targets : Tensor int64 [N, T]
        `IGNORED` où il n'y a rien à deviner.
    """
    return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=IGNORED)


def train_words(
    model: nn.Module,
    steps: int,
    *,
    words: Sequence[str] | None = None,
    seed: int = 0,
    rate: float = RATE,
    masks: Masks | None = None,
    stop: int | None = None,
    progress: bool = False,
) -> list[float]:
    """Entraîne sur place par AdamW, taux montant puis descendant (*one-cycle*).

    Parameters
    ----------
    model : WordTransformer
    steps : int
        Nombre de lots de 256 mots.
    words : suite de str, optionnel
        Par défaut, tous les mots d'entraînement.
    seed : int
        Graine de l'ordre des mots.
    rate : float
        Plus grand taux d'apprentissage.
    masks : Masks, optionnel
        Poids à tenir à zéro : c'est alors un réentraînement.
    stop : int, optionnel
        Nombre de lots après lequel s'arrêter, sans rien changer à ceux d'avant.
    progress : bool
        Affiche une barre de progression.

    Returns
    -------
    list[float]
        La perte de chaque lot, en nats par lettre.

    Raises
    ------
    TypeError, ValueError
        Si `steps` n'est pas un entier positif.
    """
    check_count(steps, "steps", minimum=1)
    inputs, targets = encode(split().train if words is None else words)
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps)
    losses = []
    model.train()
    with one_thread(), hold_masks(model, masks) if masks is not None else nullcontext():
        lengths = (targets != IGNORED).sum(1).numpy()
        done = steps if stop is None else min(stop, steps)
        batches = _batches(lengths, done, seed)
        for rows in tqdm(batches, total=done, unit="lot", disable=not progress):
            places = slice(int(lengths[rows].max()))
            loss = word_loss(model(inputs[rows, places]), targets[rows, places])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
    optimizer.zero_grad()
    model.eval()
    return losses


def _batches(lengths: np.ndarray, steps: int, seed: int) -> Iterator[torch.Tensor]:
    """`steps` lots de mots de longueurs voisines, pour que peu de places y soient vides.

    Les mots sont pris dans un ordre au sort, puis dans un autre ; ceux de seize lots se suivent
    par longueur, et ces lots viennent au sort.
    """
    random = np.random.RandomState(seed)
    size = min(BATCH, len(lengths))
    waiting: list[torch.Tensor] = []
    for _ in range(steps):
        if not waiting:
            order = random.permutation(len(lengths))
            for near in np.split(order, range(_NEAR * size, len(order), _NEAR * size)):
                near = near[: len(near) // size * size]
                lots = near[lengths[near].argsort(kind="stable")].reshape(-1, size)
                waiting += list(torch.from_numpy(random.permutation(lots)))
            waiting.reverse()
        yield waiting.pop()

"""Entraîner et affiner : la même boucle pour tout le cours.

L'affinage (*fine-tuning*) n'est pas une autre boucle : c'est `train` avec des masques,
tenus à chaque pas de l'optimiseur.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import torch
from torch import nn
from torch.nn import functional as F
from tqdm import tqdm

from pruning_core.course.datasets import Dataset
from pruning_core.masks.holding import hold_masks
from pruning_core.types import Criterion, Masks


@contextmanager
def one_thread() -> Iterator[None]:
    """Calcule sur un seul fil d'exécution, puis rend le réglage d'avant.

    Sur de petites matrices, deux fils peuvent être cinquante fois plus lents qu'un seul, et
    l'ordre des additions dépend de leur nombre : un seul fil est plus rapide et reproductible.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def train(
    model: nn.Module,
    data: Dataset,
    *,
    epochs: int,
    seed: int = 0,
    lr: float = 1e-3,
    batch_size: int = 64,
    weight_decay: float = 0.0,
    criterion: Criterion = F.cross_entropy,
    masks: Masks | None = None,
    progress: bool = False,
) -> None:
    """Entraîne `model` sur place avec Adam ; avec des masques, l'affine.

    Parameters
    ----------
    model : nn.Module
        Réseau à entraîner ; il revient dans le mode (entraînement ou évaluation) où il était.
    data : Dataset
        Jeu d'entraînement, n exemples.
    epochs : int
        Nombre de passages sur le jeu, au moins 0.
    seed : int
        Graine de l'ordre des exemples ; le générateur global de torch n'est pas touché.
    lr : float
        Taux d'apprentissage.
    batch_size : int
        Taille des lots.
    weight_decay : float
        Coefficient de la pénalité L2, ajoutée au gradient.
    criterion : fonction (sortie, y) -> perte moyenne du lot
        Perte moyenne d'un lot, `criterion(sortie, y)`.
    masks : Masks, optionnel
        Poids à tenir à zéro pendant tout l'affinage.
    progress : bool
        Affiche une barre de progression.

    Raises
    ------
    ValueError
        Si le jeu est vide, ou si `epochs` est négatif.

    Notes
    -----
    Coût : `epochs * ceil(n / batch_size)` passages avant et arrière.
    """
    if len(data.x) == 0:
        raise ValueError("jeu d'entraînement vide : reçu 0 exemple ; attendu 1 ou plus")
    if epochs < 0:
        raise ValueError(f"nombre d'époques impossible : reçu {epochs} ; attendu 0 ou plus")
    optimizer = torch.optim.Adam(model.parameters(), lr=lr, weight_decay=weight_decay)
    order = torch.Generator().manual_seed(seed)
    was_training = model.training
    model.train()
    with one_thread(), hold_masks(model, masks) if masks is not None else nullcontext():
        for _ in tqdm(range(epochs), desc="entraînement", unit="époque", disable=not progress):
            for rows in torch.randperm(len(data.x), generator=order).split(batch_size):
                optimizer.zero_grad()
                criterion(model(data.x[rows]), data.y[rows]).backward()
                optimizer.step()
    # Un gradient oublié ferait bouger les poids au premier pas d'un autre optimiseur.
    optimizer.zero_grad()
    model.train(was_training)

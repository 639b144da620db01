"""Mesurer l'exactitude et la perte d'un classifieur."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F

from pruning_core.types import Criterion


@dataclass(frozen=True)
class Evaluation:
    """Mesures d'un modèle sur un jeu de données.

    Attributes
    ----------
    accuracy : float
        Exactitude, entre 0 et 1 : part des exemples bien classés.
    loss : float
        Perte moyenne par exemple (entropie croisée : en nats).
    """

    accuracy: float
    loss: float


@torch.no_grad()
def evaluate(
    model: nn.Module,
    data: tuple[torch.Tensor, torch.Tensor],
    criterion: Criterion = F.cross_entropy,
) -> Evaluation:
    """Mesure l'exactitude et la perte d'un classifieur, sans rien changer du modèle.

    Parameters
    ----------
    model : nn.Module
        Réseau dont la sortie, de forme [n, c], donne un score par classe.
    data : (x, y)
        Jeu d'évaluation, n exemples.
    criterion : fonction (sortie, y) -> perte moyenne du lot
        Perte moyenne, `criterion(sortie, y)`.

    Returns
    -------
    Evaluation
        Exactitude et perte moyenne.

    Raises
    ------
    ValueError
        Si le jeu est vide.
    """
    x, y = data
    if len(x) == 0:
        raise ValueError("jeu d'évaluation vide : reçu 0 exemple ; attendu 1 ou plus")
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        output = model(x)
    finally:
        for module, mode in modes:
            module.training = mode
    accuracy = (output.argmax(dim=1) == y).double().mean().item()
    return Evaluation(accuracy=accuracy, loss=criterion(output, y).item())

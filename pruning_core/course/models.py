"""Les petits réseaux du cours, et leurs versions entraînées.

Chaque réseau est déterminé par sa graine : mêmes poids de départ, même ordre des exemples,
même résultat. Le générateur global de torch n'est jamais touché.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import torch
from torch import nn

from pruning_core.course.datasets import load_digits, load_mnist
from pruning_core.course.training import train

DIGITS_EPOCHS = 80
LENET_EPOCHS = 15


def mlp(
    sizes: Sequence[int],
    *,
    activation: type[nn.Module] = nn.ReLU,
    seed: int = 0,
    dtype: torch.dtype = torch.float64,
) -> nn.Sequential:
    """Construit un perceptron multicouche : linéaire, activation, ..., linéaire.

    Parameters
    ----------
    sizes : suite de int
        Largeurs successives, de l'entrée à la sortie ; au moins deux, toutes positives.
    activation : type
        Classe de l'activation placée entre deux couches linéaires.
    seed : int
        Graine des poids de départ.
    dtype : torch.dtype
        Type des paramètres.

    Returns
    -------
    nn.Sequential
        Les couches linéaires y portent les indices pairs : « 0.weight », « 2.weight », ...

    Raises
    ------
    ValueError
        Si `sizes` a moins de deux éléments ou un élément qui n'est pas positif.
    """
    if len(sizes) < 2 or min(sizes) < 1:
        raise ValueError(f"largeurs : reçu {list(sizes)} ; attendu au moins deux entiers positifs")
    layers: list[nn.Module] = []
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for n_in, n_out in pairwise(sizes):
            layers += [nn.Linear(n_in, n_out, dtype=dtype), activation()]
    return nn.Sequential(*layers[:-1])


def rescaled(model: nn.Sequential, layer: int, factor: float) -> nn.Sequential:
    """Copie d'un perceptron à ReLU, de même fonction : une couche multipliée, la suivante divisée.

    Parameters
    ----------
    model : nn.Sequential
        Perceptron linéaire-ReLU-...-linéaire ; il n'est pas modifié.
    layer : int
        Rang, dans `model`, de la couche multipliée, biais compris.
    factor : float
        Facteur, strictement positif.
    """
    twin = copy.deepcopy(model)
    scaled, after = twin[layer], twin[layer + 2]
    assert isinstance(scaled, nn.Linear) and isinstance(after, nn.Linear)
    with torch.no_grad():
        scaled.weight.mul_(factor)
        scaled.bias.mul_(factor)
        after.weight.div_(factor)
    return twin


def digits_mlp(seed: int = 0) -> nn.Sequential:
    """Réseau 64-64-32-10 (6 464 poids, 106 biais), non entraîné, pour les chiffres 8 x 8."""
    return mlp((64, 64, 32, 10), seed=seed)


def lenet_300_100(seed: int = 0) -> nn.Sequential:
    """LeNet-300-100 (266 200 poids, 410 biais), non entraîné, pour MNIST ; en `float32`.

    References
    ----------
    Y. LeCun et coll., *Gradient-based learning applied to document recognition*, 1998.
    """
    return mlp((784, 300, 100, 10), seed=seed, dtype=torch.float32)


def trained_digits_mlp(seed: int = 0) -> nn.Sequential:
    """Réseau 64-64-32-10 entraîné sur les chiffres 8 x 8 : le modèle par défaut du cours.

    Parameters
    ----------
    seed : int
        Graine des poids de départ et de l'ordre des exemples.

    Returns
    -------
    nn.Sequential
        Une copie neuve à chaque appel, en mode évaluation. L'entraînement (80 époques d'Adam à
        1e-3 en `float64`, environ 2 s) n'a lieu qu'au premier appel du programme.

    Notes
    -----
    Les paramètres sont arrondis à `float32` après l'entraînement, puis gardés en `float64`.
    L'explorateur de la page publiée reçoit ainsi exactement les mêmes poids.
    """
    return copy.deepcopy(_train_digits_mlp(seed))


def trained_lenet_300_100(seed: int = 0) -> nn.Sequential:
    """LeNet-300-100 entraîné sur les 7 000 images MNIST d'entraînement du cours.

    Parameters
    ----------
    seed : int
        Graine des poids de départ et de l'ordre des exemples.

    Returns
    -------
    nn.Sequential
        Une copie neuve à chaque appel, en mode évaluation. L'entraînement (15 époques d'Adam à
        1e-3) n'a lieu qu'au premier appel du programme.
    """
    return copy.deepcopy(_train_lenet(seed))


@lru_cache(maxsize=32)
def _train_digits_mlp(seed: int) -> nn.Sequential:
    model = digits_mlp(seed)
    train(model, load_digits().train, epochs=DIGITS_EPOCHS, seed=seed)
    return model.float().double().eval()


@lru_cache(maxsize=4)
def _train_lenet(seed: int) -> nn.Sequential:
    model = lenet_300_100(seed)
    train(model, load_mnist().train, epochs=LENET_EPOCHS, seed=seed)
    return model.eval()

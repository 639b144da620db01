"""Les données du cours, toutes hors ligne, et leurs découpages fixés une fois pour toutes.

Les chiffres 8 x 8 viennent de scikit-learn, les 10 000 images MNIST et les problèmes
MONK sont livrés avec le paquet (voir `data/PROVENANCE.md`).
"""

from __future__ import annotations

import itertools
import json
from importlib.resources import files
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

# Un seul tirage pour tout le cours : changer cette graine change tous les chiffres imprimés.
_SPLIT_SEED = 0
_DATA = files("pruning_core.course") / "data"


class Dataset(NamedTuple):
    """Exemples et étiquettes, alignés sur leur première dimension.

    Attributes
    ----------
    x : Tensor
        Entrées, forme [n, d], réels entre 0 et 1.
    y : Tensor
        Classes, forme [n], entiers (`int64`).
    """

    x: torch.Tensor
    y: torch.Tensor


class Splits(NamedTuple):
    """Découpage disjoint : on apprend sur `train`, on choisit sur `validation`, on rapporte
    sur `test`."""

    train: Dataset
    validation: Dataset
    test: Dataset


class TrainTest(NamedTuple):
    """Découpage officiel de données qui n'ont pas de jeu de validation."""

    train: Dataset
    test: Dataset


def _split(
    x: NDArray[np.float64],
    y: NDArray[np.int64],
    n_validation: int,
    n_test: int,
    dtype: torch.dtype,
) -> Splits:
    # RandomState, et non default_rng : NumPy garantit que sa suite ne changera plus.
    order = np.random.RandomState(_SPLIT_SEED).permutation(len(x))
    test, validation, train = np.split(order, [n_test, n_test + n_validation])
    parts = (
        Dataset(torch.from_numpy(x[rows]).to(dtype), torch.from_numpy(y[rows]))
        for rows in (train, validation, test)
    )
    return Splits(*parts)


def load_digits(dtype: torch.dtype = torch.float64) -> Splits:
    """Charge les 1 797 chiffres 8 x 8 de scikit-learn : 1 077 / 270 / 450 exemples.

    Parameters
    ----------
    dtype : torch.dtype
        Type des entrées. `float64` par défaut : c'est ce qui rend les chiffres imprimés dans
        le cours identiques d'un processeur à l'autre.

    Returns
    -------
    Splits
        `x` de forme [n, 64], pixels divisés par 16, donc entre 0 et 1 ; `y` de 0 à 9.
    """
    from sklearn.datasets import load_digits as sklearn_digits

    pixels, labels = sklearn_digits(return_X_y=True)
    return _split(pixels / 16.0, labels.astype(np.int64), 270, 450, dtype)


def load_mnist(dtype: torch.dtype = torch.float32) -> Splits:
    """Charge les 10 000 images MNIST livrées avec le paquet : 7 000 / 1 000 / 2 000 exemples.

    Parameters
    ----------
    dtype : torch.dtype
        Type des entrées.

    Returns
    -------
    Splits
        `x` de forme [n, 784], pixels divisés par 255, donc entre 0 et 1 ; `y` de 0 à 9.
    """
    with (_DATA / "mnist10k.npz").open("rb") as file, np.load(file) as archive:
        pixels, labels = archive["X"], archive["Y"]
    return _split(pixels / 255.0, labels, 1000, 2000, dtype)


def load_monks(problem: int, dtype: torch.dtype = torch.float64) -> TrainTest:
    """Reconstruit un problème MONK à partir de sa règle et des numéros de ses exemples.

    Parameters
    ----------
    problem : {1, 2, 3}
        Numéro du problème. Les étiquettes d'entraînement du troisième sont bruitées à 5 %.
    dtype : torch.dtype
        Type des entrées.

    Returns
    -------
    TrainTest
        `x` de forme [n, 17], six attributs codés en 0/1 (un bit par valeur) ; `y` à 0 ou 1.
        124, 169 ou 122 exemples d'entraînement ; les 432 exemples possibles, sans bruit, en test.

    Raises
    ------
    ValueError
        Si `problem` n'est pas 1, 2 ou 3.

    References
    ----------
    S. Thrun et coll., *The MONK's Problems*, CMU-CS-91-197, 1991.
    """
    if problem not in (1, 2, 3):
        raise ValueError(f"problème MONK inconnu : reçu {problem!r} ; attendu 1, 2 ou 3")
    facts = json.loads((_DATA / "monks.json").read_text(encoding="utf-8"))
    official = facts["problems"][str(problem)]
    sizes: list[int] = facts["attributes"]
    instances = list(itertools.product(*(range(1, size + 1) for size in sizes)))
    truth = torch.tensor([_monks_rule(problem, instance) for instance in instances]).long()
    one_hot = torch.tensor(
        [
            [
                value == seen
                for seen, size in zip(instance, sizes, strict=True)
                for value in range(1, size + 1)
            ]
            for instance in instances
        ]
    ).to(dtype)
    # Les numéros officiels commencent à 1.
    rows = torch.tensor(official["train"]) - 1
    noisy = truth.clone()
    flipped = torch.tensor(official["label_noise"], dtype=torch.long) - 1
    noisy[flipped] = 1 - noisy[flipped]
    return TrainTest(Dataset(one_hot[rows], noisy[rows]), Dataset(one_hot, truth))


def _monks_rule(problem: int, a: tuple[int, ...]) -> bool:
    if problem == 1:
        return a[0] == a[1] or a[4] == 1
    if problem == 2:
        return a.count(1) == 2
    return (a[4] == 3 and a[3] == 1) or (a[4] != 4 and a[1] != 3)


def batches(
    dataset: Dataset, batch_size: int = 64, *, seed: int | None = None
) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Découpe un jeu de données en lots, dans un ordre reproductible.

    Parameters
    ----------
    dataset : Dataset
        Exemples à découper.
    batch_size : int
        Taille des lots, au moins 1 ; le dernier peut être plus petit.
    seed : int, optionnel
        Graine du mélange ; sans elle, l'ordre du jeu est gardé.

    Returns
    -------
    list[tuple[Tensor, Tensor]]
        Les lots (x, y). Une liste se relit autant de fois qu'on veut, toujours dans le même
        ordre : deux scores calculés dessus sont identiques.

    Raises
    ------
    ValueError
        Si `batch_size` est plus petit que 1.
    """
    if batch_size < 1:
        raise ValueError(f"taille de lot impossible : reçu {batch_size} ; attendu 1 ou plus")
    x, y = dataset
    if seed is not None:
        order = torch.randperm(len(x), generator=torch.Generator().manual_seed(seed))
        x, y = x[order], y[order]
    return list(zip(x.split(batch_size), y.split(batch_size), strict=True))

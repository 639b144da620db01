"""Le motif 2:4 : de quatre poids qui se suivent, deux sont gardés."""

from __future__ import annotations

import torch


def two_of_four_mask(scores: torch.Tensor) -> torch.Tensor:
    """Garde les deux plus grands scores de chaque groupe de quatre qui se suivent dans une ligne.

    Parameters
    ----------
    scores : Tensor [R, C]
        C multiple de quatre. À égalité, le score de plus petit rang est retiré le premier.

    Returns
    -------
    Tensor booléen [R, C]
        Vrai pour un poids gardé.

    Raises
    ------
    ValueError
        Si ce n'est pas une matrice, ou si C n'est pas un multiple de quatre.

    References
    ----------
    Mishra et coll., 2021, « Accelerating Sparse Deep Neural Networks ».
    """
    if scores.ndim != 2 or scores.shape[1] % 4:
        raise ValueError(
            f"scores : reçu la forme {list(scores.shape)} ; attendu une matrice dont le nombre de "
            "colonnes est un multiple de 4."
        )
    ranks = scores.reshape(-1, 4).argsort(dim=1, stable=True).argsort(dim=1)
    return (ranks >= 2).reshape(scores.shape)

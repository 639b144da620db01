"""Les types que partage toute la bibliothèque."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch

Scores = dict[str, torch.Tensor]
"""Un score par poids : nom du paramètre -> tenseur flottant de la forme du poids."""

Masks = dict[str, torch.Tensor]
"""Un masque par poids : nom du paramètre -> tenseur booléen, vrai = gardé."""

Loader = Iterable[Any]
"""Des couples (x, y), ou `Batches` pour des lots de toute autre forme."""

Criterion = Callable[[Any, Any], torch.Tensor]
"""(sortie, cible) -> perte du lot, la moyenne que l'on minimise."""

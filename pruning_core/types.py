"""Les types que partage toute la bibliothèque."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch

Scores = dict[str, torch.Tensor]
"""Un score par poids : nom du paramètre -> tenseur flottant de la forme du poids."""

Masks = dict[str, torch.Tensor]
"""Un masque par poids : nom du paramètre -> tenseur booléen, vrai = gardé."""

Batch = tuple[torch.Tensor, torch.Tensor]
Loader = Iterable[Batch]
Criterion = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]

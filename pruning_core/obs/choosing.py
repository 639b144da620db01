"""Choisir quels poids d'une couche supprimer, toutes ses lignes ensemble, par ADMM.

On minimise ½ Σ_r (w_r − v_r)ᵀ H (w_r − v_r) parmi les tableaux w où k poids sont nuls. Deux pas
alternent, qu'une pénalité ρ rapproche : des moindres carrés, dont l'inverse (H + ρI)⁻¹ est commune
aux lignes, et la sélection des plus grands poids. ρ croît ; à la fin, tous deux s'accordent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from pruning_core.obs.algebra import inverse_curvature

# Pénalité de départ, en proportion de la diagonale moyenne de la courbure mise à l'échelle ; la
# dernière vaut 1. Plus bas au départ, ou moins haut à la fin, les masques sont moins bons.
_FIRST_PENALTY = 1e-2

_ITERATIONS = 7

# Au-delà, inverses et produits se font en float32 : le choix en dépend, jamais l'ajustement.
_SMALL_COST = 2**26

Select = Callable[[torch.Tensor], torch.Tensor]
"""Scores [R, C] -> masque booléen [R, C], vrai = gardé : les plus grands."""


@dataclass(frozen=True)
class SharedCurvature:
    """La courbure que partagent des lignes consécutives, sur des colonnes consécutives.

    Attributes
    ----------
    rows : slice
    columns : slice
    matrix : Tensor [c, c], float64
        Définie positive (amortie au besoin).
    """

    rows: slice
    columns: slice
    matrix: torch.Tensor

    def of(self, table: torch.Tensor) -> torch.Tensor:
        """La part d'un tableau [R, C] qui a cette courbure : une vue [r, c]."""
        return table[self.rows, self.columns]


def choose_kept(
    values: torch.Tensor, parts: Sequence[SharedCurvature], select: Select, steps: int
) -> torch.Tensor:
    """Choisit les poids à garder, d'après leurs valeurs et leur courbure.

    Chaque variable est d'abord multipliée par 1/√[H⁻¹]_qq : le carré de sa valeur est alors la
    saillance OBS w_q² / [H⁻¹]_qq, à un facteur près, et la première sélection est celle d'OBS en
    un pas.

    Parameters
    ----------
    values : Tensor [R, C], float64
    parts : suite de SharedCurvature
        Elles couvrent le tableau, chaque place une fois.
    select : fonction (scores [R, C]) -> masque [R, C]
    steps : int
        Nombre de pénalités. Chacune coûte, par part, une inverse [c, c] et 7 produits
        [r, c] × [c, c].

    Returns
    -------
    Tensor [R, C]
        Booléen : vrai, gardé.

    References
    ----------
    Boyd et coll., 2011, pour ADMM ; Meng et coll., 2024 (ALPS), pour son emploi ici.
    """
    scaled = torch.empty_like(values)
    curvatures = [_rescale(part, values, scaled) for part in parts]
    # Les scores ne comptent que par leur ordre : une courbure infime disparaîtrait en float32.
    scaled /= float(scaled.abs().max()) or 1.0
    costs = [(len(part.of(values)) + len(part.matrix)) * len(part.matrix) ** 2 for part in parts]
    dtype = torch.float32 if max(costs) > _SMALL_COST else torch.float64
    curvatures = [curvature.to(dtype) for curvature in curvatures]
    start = scaled.to(dtype)
    sparse, dual = start.clone(), torch.zeros_like(start)
    kept = torch.ones_like(start, dtype=torch.bool)
    penalty = _FIRST_PENALTY
    for step in range(1, steps + 1):
        previous, penalty = penalty, _FIRST_PENALTY ** (1.0 - step / steps)
        dual *= previous / penalty
        inverses = [_inverse(curvature, penalty) for curvature in curvatures]
        for _ in range(_ITERATIONS):
            pull = penalty * (sparse - dual - start)
            near = start + dual
            for part, inverse in zip(parts, inverses, strict=True):
                # (v H + ρ t)(H + ρI)⁻¹ = v + ρ (t − v)(H + ρI)⁻¹
                part.of(near).addmm_(part.of(pull), inverse)
            kept = select(near.square())
            sparse, dual = near.masked_fill(~kept, 0.0), near.masked_fill(kept, 0.0)
    return kept


def _rescale(part: SharedCurvature, values: torch.Tensor, scaled: torch.Tensor) -> torch.Tensor:
    """Met une part à l'échelle, écrit ses valeurs, et rend sa courbure, de diagonale moyenne 1."""
    scale = inverse_curvature(part.matrix).diagonal().rsqrt()
    part.of(scaled).copy_(part.of(values) * scale)
    curvature = part.matrix / torch.outer(scale, scale)
    return curvature / curvature.diagonal().mean()


def _inverse(curvature: torch.Tensor, penalty: float) -> torch.Tensor:
    penalised = curvature.clone()
    penalised.diagonal().add_(penalty)
    inverse: torch.Tensor = torch.cholesky_inverse(torch.linalg.cholesky(penalised))
    return inverse

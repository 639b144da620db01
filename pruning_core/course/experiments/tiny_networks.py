"""De tout petits réseaux sigmoïdes à une couche cachée, calculés par centaines à la fois.

Un réseau est le vecteur de ses poids et biais, dans l'ordre de `named_parameters()` ; un lot de
réseaux est une matrice [n, p]. On minimise (1/P) Σ_i (o_i − t_i)² + λ/2 ‖w‖², c'est-à-dire
`MSELoss` avec `weight_decay=λ`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import torch
from torch import nn
from torch.func import grad, jacrev, vmap

from pruning_core.course.models import mlp


class Problem(NamedTuple):
    """Exemples [P, d], cibles [P], nombre de neurones cachés et pénalité L2 λ."""

    x: torch.Tensor
    y: torch.Tensor
    hidden: int
    decay: float

    @property
    def size(self) -> int:
        """Nombre p de poids et de biais."""
        return self.hidden * (self.x.shape[1] + 2) + 1


def outputs(weights: torch.Tensor, x: torch.Tensor, hidden: int) -> torch.Tensor:
    """Sorties [..., P] de réseaux [..., p] sur des exemples [P, d]."""
    first, bias, second, last = weights.split([hidden * x.shape[1], hidden, hidden, 1], -1)
    inside = torch.sigmoid(x @ first.unflatten(-1, (hidden, -1)).mT + bias.unsqueeze(-2))
    return torch.sigmoid((inside @ second.unsqueeze(-1)).squeeze(-1) + last)


def accuracy(weights: torch.Tensor, problem: Problem) -> torch.Tensor:
    """Part des exemples dont la sortie est du bon côté de 1/2 : [...]."""
    found = outputs(weights, problem.x, problem.hidden) > 0.5
    return (found == (problem.y > 0.5)).double().mean(-1)


def objective(weights: torch.Tensor, problem: Problem) -> torch.Tensor:
    """Ce que l'entraînement minimise, pénalité L2 comprise : [...]."""
    error = (outputs(weights, problem.x, problem.hidden) - problem.y).square().mean(-1)
    return error + 0.5 * problem.decay * weights.square().sum(-1)


def gradients(weights: torch.Tensor, problem: Problem) -> torch.Tensor:
    """Gradients de l'objectif, [n, p]."""
    return grad(lambda w: objective(w, problem).sum())(weights)


def hessians(weights: torch.Tensor, problem: Problem) -> torch.Tensor:
    """Hessiennes exactes de l'objectif, [n, p, p]."""

    def one(single: torch.Tensor) -> torch.Tensor:
        return objective(single, problem)

    return vmap(jacrev(grad(one)))(weights)


def gauss_newton(weights: torch.Tensor, problem: Problem) -> torch.Tensor:
    """Courbures de Gauss-Newton de l'objectif, 2/P JᵀJ + λI, définies positives : [n, p, p]."""
    jacobian = vmap(jacrev(lambda w: outputs(w, problem.x, problem.hidden)))(weights)
    curvature = 2.0 / len(problem.x) * jacobian.mT @ jacobian
    curvature.diagonal(dim1=-2, dim2=-1).add_(problem.decay)
    return curvature


def starts(seeds: Iterable[int], size: int, *, scale: float = 1.0) -> torch.Tensor:
    """Poids de départ normaux d'écart type `scale`, un réseau par graine : [n, size]."""
    drawn = [
        torch.randn(size, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
        for seed in seeds
    ]
    return scale * torch.stack(drawn)


def adam(
    weights: torch.Tensor, problem: Problem, kept: torch.Tensor, *, steps: int, lr: float
) -> torch.Tensor:
    """Descend l'objectif par Adam, sur tous les exemples ; les poids non gardés restent nuls."""
    found = (weights * kept).requires_grad_()
    optimizer = torch.optim.Adam([found], lr=lr)
    for _ in range(steps):
        optimizer.zero_grad()
        objective(found * kept, problem).sum().backward()
        optimizer.step()
    return found.detach() * kept


def newton(
    weights: torch.Tensor, problem: Problem, kept: torch.Tensor, *, steps: int
) -> torch.Tensor:
    """Finit la descente par Newton, valeurs propres prises en valeur absolue (loin des cols)."""
    for _ in range(steps):
        weights = _newton_step(weights, problem, kept)
    return weights


def _newton_step(weights: torch.Tensor, problem: Problem, kept: torch.Tensor) -> torch.Tensor:
    values, directions = torch.linalg.eigh(restrict(hessians(weights, problem), kept))
    slopes = directions.mT @ (gradients(weights, problem) * kept).unsqueeze(-1)
    lengths = slopes / values.abs().clamp(min=1e-10).unsqueeze(-1)
    step = (directions @ lengths).squeeze(-1) * kept
    sizes = 0.5 ** torch.arange(0, 20, dtype=weights.dtype)
    tried = torch.cat([weights - sizes[:, None, None] * step, weights[None]])
    best = objective(tried, problem).argmin(0)
    return tried[best, torch.arange(len(weights))]


def restrict(curvature: torch.Tensor, kept: torch.Tensor) -> torch.Tensor:
    """Courbure sur les seuls poids gardés ; ailleurs l'identité, pour que l'inverse existe."""
    both = kept.unsqueeze(-1) & kept.unsqueeze(-2)
    restricted = curvature.masked_fill(~both, 0.0)
    restricted.diagonal(dim1=-2, dim2=-1).masked_fill_(~kept, 1.0)
    return restricted


def network(weights: torch.Tensor, problem: Problem) -> nn.Sequential:
    """Le réseau d'un vecteur de poids [p], en modules de torch."""
    sizes = (problem.x.shape[1], problem.hidden, 1)
    model = mlp(sizes, activation=nn.Sigmoid).append(nn.Sigmoid())
    nn.utils.vector_to_parameters(weights, model.parameters())
    return model

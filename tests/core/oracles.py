"""Courbures de référence : une dérivée à la fois, par autograd, sans rien de la bibliothèque."""

from __future__ import annotations

import copy
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from tests.core.cases import Case


@dataclass(frozen=True)
class Dense:
    """Matrices pleines, dans l'ordre des noms donnés."""

    gradients: torch.Tensor  # [N, n], un gradient par exemple
    ggn: torch.Tensor
    hessian: torch.Tensor

    @property
    def fisher(self) -> torch.Tensor:
        return self.gradients.T @ self.gradients / len(self.gradients)


def dense(found: Case, names: list[str]) -> Dense:
    """Gradients par exemple, GGN et hessienne, par des boucles."""
    model = copy.deepcopy(found.model).eval()
    own = dict(model.named_parameters())
    weights = [own[name].requires_grad_() for name in names]
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        with sdpa_kernel(SDPBackend.MATH):
            return _dense(found, model, weights)
    finally:
        torch.backends.mha.set_fastpath_enabled(True)


def by_batch(model: nn.Module, loader, criterion, names: list[str]) -> Dense:
    """Les mêmes, d'après la perte de chaque lot, sans supposer qu'elle se sépare en exemples.

    GGN = Σ_b n_b J_bᵀ (∂²L_b/∂f²) J_b / Σ_b n_b ; g_i = n_b J_iᵀ ∂L_b/∂f_i ; la hessienne est la
    moyenne de celles des lots, pesées par n_b.
    """
    model = copy.deepcopy(model).eval()
    own = dict(model.named_parameters())
    weights = [own[name].requires_grad_() for name in names]
    gradients, ggn, hessian, count = [], 0.0, 0.0, 0
    for x, y in loader:
        output = model(x)
        jacobian = torch.stack([_flat(o, weights) for o in output.flatten()])
        leaf = output.detach().requires_grad_()
        (slope,) = torch.autograd.grad(criterion(leaf, y), leaf)
        curvature = torch.autograd.functional.hessian(
            lambda o, y=y, shape=output.shape: criterion(o.reshape(shape), y),
            output.detach().flatten(),
        )
        ggn = ggn + len(x) * jacobian.T @ curvature @ jacobian
        by_output = (slope.reshape(-1, 1) * jacobian).reshape(len(x), -1, jacobian.shape[1])
        gradients.append(len(x) * by_output.sum(1))
        whole = _flat(criterion(model(x), y), weights, create_graph=True)
        hessian = hessian + len(x) * torch.stack([_flat(part, weights) for part in whole])
        count += len(x)
    return Dense(torch.cat(gradients), ggn / count, hessian / count)


def _flat(output: torch.Tensor, weights: list[nn.Parameter], **options) -> torch.Tensor:
    gradients = torch.autograd.grad(
        output, weights, retain_graph=True, allow_unused=True, materialize_grads=True, **options
    )
    return torch.cat([gradient.reshape(-1) for gradient in gradients])


def _dense(found: Case, model: nn.Module, weights: list[nn.Parameter]) -> Dense:
    gradients, ggn = [], []
    for i in range(len(found.x)):
        x, y = found.x[i : i + 1], found.y[i : i + 1]
        output = model(x)
        gradients.append(_flat(found.criterion(output, y), weights))
        jacobian = torch.stack([_flat(o, weights) for o in output.flatten()])
        loss_hessian = torch.autograd.functional.hessian(
            lambda o, y=y, shape=output.shape: found.criterion(o.reshape(shape), y),
            output.detach().flatten(),
        )
        ggn.append(jacobian.T @ loss_hessian @ jacobian)
    slope = _flat(found.criterion(model(found.x), found.y), weights, create_graph=True)
    hessian = torch.stack([_flat(component, weights) for component in slope])
    return Dense(torch.stack(gradients), torch.stack(ggn).mean(0), hessian)

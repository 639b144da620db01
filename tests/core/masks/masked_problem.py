"""Le problème vraiment masqué : w = masque · θ, écrit à la main, où θ est ce que l'on optimise."""

from __future__ import annotations

import copy

import torch
from torch import nn
from torch.func import functional_call

from pruning_core.masks.applying import apply_masks
from pruning_core.types import Masks

X = torch.randn(12, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(3))
Y = torch.randn(12, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(4))


def network(*, bias: bool = True) -> nn.Sequential:
    """Un perceptron en float64, de poids toujours les mêmes."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(5)
        layers = nn.Linear(5, 6, bias=bias), nn.Tanh(), nn.Linear(6, 3, bias=bias)
        return nn.Sequential(*layers).double()


def masks_of(model: nn.Module) -> Masks:
    """Un masque pour chaque paramètre, biais compris, qui en garde la moitié."""
    generator = torch.Generator().manual_seed(6)
    return {n: torch.rand(p.shape, generator=generator) < 0.5 for n, p in model.named_parameters()}


def pruned_are_zero(model: nn.Module, masks: Masks) -> bool:
    """Dit si les valeurs enregistrées dans les paramètres sont nulles hors des masques."""
    own = dict(model.named_parameters())
    return all(not bool(own[name].detach()[~mask].any()) for name, mask in masks.items())


def spoil(model: nn.Module, masks: Masks) -> None:
    """Écrit hors des masques, à l'insu d'autograd et de tout crochet."""
    own = dict(model.named_parameters())
    for name, mask in masks.items():
        own[name].data[~mask] = 7.0


class MaskedProblem(nn.Module):
    """Le modèle dont les poids sont masque · θ, sans rien de la bibliothèque dans le calcul.

    Ses paramètres sont les θ, dans l'ordre du modèle.
    """

    def __init__(self, model: nn.Module, masks: Masks) -> None:
        super().__init__()
        plain = copy.deepcopy(model)
        apply_masks(plain, masks)
        # Hors de la liste des sous-modules : ses propres paramètres ne servent pas.
        self._plain = [plain]
        self._masks = masks
        self._names = [name for name, _ in plain.named_parameters()]
        self.thetas = nn.ParameterList(p.detach().clone() for p in plain.parameters())

    def weights(self) -> dict[str, torch.Tensor]:
        """Les poids masque · θ, par nom."""
        return {
            name: theta * self._masks[name] if name in self._masks else theta
            for name, theta in zip(self._names, self.thetas, strict=True)
        }

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        return functional_call(self._plain[0], self.weights(), inputs)


def check_same_training(held: nn.Module, masks: Masks, problem: MaskedProblem) -> None:
    """Vérifie qu'un modèle tenu a les poids du problème masqué, et des zéros exacts."""
    assert pruned_are_zero(held, masks)
    own = dict(held.named_parameters())
    for name, expected in problem.weights().items():
        torch.testing.assert_close(own[name].detach(), expected.detach(), rtol=1e-10, atol=1e-12)

"""De petits réseaux comme on en rencontre, que ni la forme ni l'ordre des lignes ne facilitent."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence
from torch.utils.checkpoint import checkpoint

from tests.core.cases import Case


class EarlyExit(nn.Module):
    """Les exemples difficiles passent par une seconde tête ; les faciles, jamais."""

    def __init__(self) -> None:
        super().__init__()
        self.base = nn.Linear(3, 3)
        self.refine = nn.Linear(3, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        hard = (x[:, 0] > 0.5).nonzero().squeeze(1)
        return self.base(x).index_put((hard,), self.refine(x[hard]), accumulate=True)


class Experts(nn.Module):
    """Deux experts ; la couche d'avant voit autant de lignes que d'exemples, triées par expert."""

    def __init__(self) -> None:
        super().__init__()
        self.before = nn.Linear(3, 4)
        self.experts = nn.ModuleList([nn.Linear(4, 3), nn.Linear(4, 3)])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        chosen = (x[:, 1] > 0).long()
        order = chosen.argsort(stable=True)
        h = torch.tanh(self.before(x[order]))
        counts = chosen.bincount(minlength=2).tolist()
        parts = [e(rows) for e, rows in zip(self.experts, h.split(counts), strict=True)]
        return torch.cat(parts)[order.argsort()]


class Unpadded(nn.Module):
    """Les pas de remplissage, nuls, sont ôtés : des lignes sans exemple fixe."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(2, 4)
        self.output = nn.Linear(4, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        kept = x.abs().sum(-1) > 0
        h = torch.tanh(self.layer(x[kept]))
        return self.output(x.new_zeros(*x.shape[:2], 4).masked_scatter(kept[..., None], h).sum(1))


class Flattened(nn.Module):
    """Exemples et pas de temps en une seule dimension, puis le temps en tête."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(2, 4)
        self.second = nn.Linear(4, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = torch.tanh(self.first(x.flatten(0, 1))).unflatten(0, x.shape[:2])
        return self.second(h.transpose(0, 1).flatten(0, 1)).unflatten(0, (x.shape[1], -1)).sum(0)


class Attentive(nn.Module):
    """Une attention dont le masque dépend des valeurs lues, et un plongement creux."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(5, 4, sparse=True)
        self.attention = nn.MultiheadAttention(4, 2, batch_first=True)
        self.output = nn.Linear(4, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        padded = x == 0
        h = self.embedding(x)
        mask = padded if padded.any() else None
        return self.output(self.attention(h, h, h, key_padding_mask=mask)[0].mean(1))


class Packed(nn.Module):
    """Un GRU sur des suites de longueurs inégales."""

    def __init__(self) -> None:
        super().__init__()
        self.gru = nn.GRU(2, 3, batch_first=True)
        self.output = nn.Linear(3, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        lengths = (x.abs().sum(-1) > 0).sum(1).clamp(min=1).cpu()
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        return self.output(self.gru(packed)[1][-1])


class Shared(nn.Module):
    """Un poids pour deux couches de biais différents, une échelle sans dimension."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(3, 3)
        self.second = nn.Linear(3, 3)
        self.second.weight = self.first.weight
        self.scale = nn.Parameter(torch.tensor(0.7))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.second(torch.tanh(self.scale * self.first(x)))


class Checkpointed(nn.Module):
    """Des activations recalculées pendant la rétropropagation."""

    def __init__(self, reentrant: bool) -> None:
        super().__init__()
        self.first = nn.Linear(3, 4)
        self.second = nn.Linear(4, 3)
        self.reentrant = reentrant

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = checkpoint(lambda t: torch.tanh(self.first(t)), x, use_reentrant=self.reentrant)
        return checkpoint(self.second, h, use_reentrant=self.reentrant)


class SamePadding(nn.Conv2d):
    """Une convolution qui ajoute ses bords elle-même, d'un côté plus que de l'autre."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(F.pad(x, (0, 1, 0, 1)))


class PaddedConvolution(nn.Module):
    """Une telle convolution, puis une transposée et une moyenne."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = SamePadding(1, 2, 2)
        self.up = nn.ConvTranspose2d(2, 3, 2, stride=2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.up(torch.tanh(self.conv(x))).mean((2, 3))


class _Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    def backward(ctx, gradient: torch.Tensor) -> torch.Tensor:
        (x,) = ctx.saved_tensors
        return 3 * x**2 * gradient


class Custom(nn.Module):
    """Une fonction écrite pour autograd seul, entre une couche et un poids sans couche."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(3, 3)
        self.mix = nn.Parameter(torch.randn(3, 3))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return _Cube.apply(self.layer(x)) @ self.mix


class Squeezed(nn.Module):
    """La sortie d'un exemple seul perd la dimension des exemples."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(3, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return (torch.tanh(self.first(x)) @ self.first.weight).squeeze()


def _sequences() -> torch.Tensor:
    """Neuf suites de quatre pas, de plus en plus courtes, complétées par des zéros."""
    x = torch.randn(9, 4, 2)
    for i in range(9):
        x[i, 4 - i // 3 :] = 0
    return x


NETWORKS: dict[str, tuple[Callable[[], nn.Module], Callable[[], torch.Tensor]]] = {
    "sortie anticipée": (EarlyExit, lambda: torch.randn(9, 3)),
    "experts": (Experts, lambda: torch.randn(9, 3)),
    "sans remplissage": (Unpadded, _sequences),
    "temps et exemples": (Flattened, lambda: torch.randn(9, 3, 2)),
    "attention": (Attentive, lambda: torch.randint(0, 5, (9, 3)).sort(descending=True)[0]),
    "GRU": (Packed, _sequences),
    "poids partagé": (Shared, lambda: torch.randn(9, 3)),
    "recalcul": (lambda: Checkpointed(False), lambda: torch.randn(9, 3)),
    "recalcul réentrant": (lambda: Checkpointed(True), lambda: torch.randn(9, 3)),
    "bords": (PaddedConvolution, lambda: torch.randn(9, 1, 2, 2)),
    "fonction propre": (Custom, lambda: torch.randn(9, 3)),
    "sortie serrée": (Squeezed, lambda: torch.randn(9, 3)),
}


def network(name: str) -> Case:
    """Un de ces réseaux en float64, ses neuf exemples et l'entropie croisée."""
    kind, inputs = NETWORKS[name]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model, x = kind().double(), inputs()
        x = x.double() if x.is_floating_point() else x
        y = torch.randint(0, 3, (len(x),))
    return Case(model, x, y, _per_example_loss)


def _per_example_loss(output: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """L'entropie croisée, aussi pour un exemple dont la sortie a perdu sa dimension."""
    return F.cross_entropy(output.reshape(len(y), -1), y)

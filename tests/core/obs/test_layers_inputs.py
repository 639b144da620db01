"""OBS par couche, sur des entrées de toute forme."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable

import pytest
import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

from pruning_core import (
    Batches,
    PrunedWeights,
    count_pruned,
    obs_layer_pruning,
    prunable_parameters,
)
from pruning_core.masks.k_smallest import prune_smallest
from pruning_core.obs import traversal
from pruning_core.obs.adjusting import adjust_rows
from pruning_core.obs.choosing import SharedCurvature, choose_kept
from pruning_core.obs.lockstep import THREAD

REAL = torch.float64
Loader = list[tuple[torch.Tensor, torch.Tensor]]


class Experts(nn.Module):
    """Deux experts, chacun pour certaines lignes ; le troisième lot n'atteint jamais le second."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(4, 6)
        self.experts = nn.ModuleList(nn.Linear(6, 6) for _ in range(2))
        self.last = nn.Linear(6, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        route = x[:, 0] > 0
        h = torch.tanh(self.first(x))
        out = torch.zeros_like(h)
        for chosen, expert in zip((route, ~route), self.experts, strict=True):
            if bool(chosen.any()):
                out[chosen] = expert(h[chosen])
        return self.last(torch.tanh(out))


class Deep(nn.Module):
    """Une suite de couches, les unes en `checkpoint`, qui compte ses appels."""

    def __init__(self, depth: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(5, 5) for _ in range(depth))
        self.calls = 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        assert not torch.is_grad_enabled()
        for index, layer in enumerate(self.layers):
            self.calls += 1
            x = torch.relu(checkpoint(layer, x, use_reentrant=False) if index % 2 else layer(x))
            assert x.grad_fn is None
        return x


class Shared(nn.Module):
    """Une couche appelée trois fois, entre deux qui le sont une fois."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.loop, self.last = nn.Linear(4, 5), nn.Linear(5, 5), nn.Linear(5, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = self.first(x)
        for _ in range(3):
            h = torch.tanh(self.loop(h))
        return self.last(h)


class Remembering(nn.Module):
    """Un modèle qui garde un résultat sur lui-même : deux lots menés de front s'y mêleraient."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(4, 4), nn.Linear(4, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.kept = x
        h = self.first(x)
        return self.second(torch.tanh(h) + self.kept[: len(h)].mean(0))


class Alternating(nn.Module):
    """L'ordre des couches change d'un lot à l'autre."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two = nn.Linear(4, 4), nn.Linear(4, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        first, second = (self.one, self.two) if float(x[0, 0]) > 0 else (self.two, self.one)
        return second(torch.tanh(first(x)))


def _threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == THREAD]


def _loader(*sizes: int, width: int = 4) -> Loader:
    torch.manual_seed(3)
    batches = [torch.randn(size, width, dtype=REAL) for size in sizes]
    batches[-1][:, 0] = batches[-1][:, 0].abs() + 0.1
    batches[0][0, 0] = -1.0
    return [(x, x) for x in batches]


def _oracle(model: nn.Module, loader: Loader, order: list[str], sparsity: float) -> nn.Module:
    """Chaque couche élaguée à son tour, d'après ce qu'un passage du modèle entier lui donne."""
    work = copy.deepcopy(model).eval()
    for name in order:
        layer = work.get_submodule(name)
        seen: list[torch.Tensor] = []
        handle = layer.register_forward_hook(lambda m, a, o, seen=seen: seen.append(a[0].detach()))
        with torch.no_grad():
            for x, _ in loader:
                work(x)
        handle.remove()
        rows = torch.cat([s.reshape(-1, s.shape[-1]) for s in seen])
        rows = torch.cat([rows, torch.ones(len(rows), 1, dtype=REAL)], 1)
        gram = 2 * rows.T @ rows / len(rows)
        gram += 1e-2 * gram.diagonal().mean() * torch.eye(len(gram), dtype=REAL)
        weights = torch.cat([layer.weight.detach(), layer.bias.detach()[:, None]], 1)
        pruned = count_pruned(layer.weight.numel(), sparsity)

        def select(scores: torch.Tensor, pruned: int = pruned) -> torch.Tensor:
            mask = prune_smallest({"": scores[:, :-1].contiguous()}, pruned)[""]
            return torch.cat([mask, torch.ones_like(mask[:, :1])], 1)

        every = slice(0, len(weights)), slice(0, len(gram))
        kept = choose_kept(weights, [SharedCurvature(*every, gram)], select, 15)
        new = adjust_rows(weights, gram, kept)
        with torch.no_grad():
            layer.weight.copy_(new[:, :-1])
            layer.bias.copy_(new[:, -1])
    return work


def _check(found: PrunedWeights, expected: nn.Module) -> None:
    own = dict(expected.named_parameters())
    for name, value in found.weights.items():
        torch.testing.assert_close(value, own[name].detach(), rtol=1e-9, atol=1e-11)


CASES: dict[str, tuple[Callable[[], nn.Module], list[str]]] = {
    "experts": (Experts, ["first", "experts.0", "experts.1", "last"]),
    "shared": (Shared, ["first", "loop", "last"]),
    "remembering": (Remembering, ["first", "second"]),
    "alternating": (Alternating, ["one", "two"]),
}


@pytest.mark.parametrize("threads", [1024, 0])
@pytest.mark.parametrize("name", CASES)
def test_each_layer_is_pruned_on_what_it_receives(
    name: str, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Routées, répétées, à état, d'ordre changeant : comme une lecture entière par couche."""
    monkeypatch.setattr(traversal, "_MAX_THREADS", threads)
    build, order = CASES[name]
    torch.manual_seed(1)
    model, loader = build().to(REAL), _loader(9, 5, 4)
    _check(obs_layer_pruning(model, loader, 0.5), _oracle(model, loader, order, 0.5))
    assert not _threads()


def test_the_model_is_read_three_times() -> None:
    """Le nombre d'appels de couches est linéaire en la profondeur, et aucun graphe n'est gardé."""
    loader = _loader(6, 3, width=5)
    for depth in (3, 12):
        model = Deep(depth).to(REAL)
        calls: list[int] = []
        handle = model.layers[0].register_forward_hook(lambda *_, calls=calls: calls.append(1))
        obs_layer_pruning(model, loader, 0.5)
        handle.remove()
        assert len(calls) == 3 * len(loader)


def test_flattened_or_not_in_any_batches() -> None:
    """[lot · temps, d] ou [lot, temps, d], en un lot ou en plusieurs : le même résultat."""

    class Time(nn.Module):
        def __init__(self, flat: bool) -> None:
            super().__init__()
            self.a, self.b, self.flat = nn.Linear(4, 5), nn.Linear(5, 3), flat

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            n, t, _ = x.shape
            h = torch.tanh(self.a(x.flatten(0, 1) if self.flat else x)).reshape(n, t, -1)
            return self.b(h.mean(1))

    flat, straight = Time(True).to(REAL), Time(False).to(REAL)
    straight.load_state_dict(flat.state_dict())
    x = torch.randn(11, 3, 4, dtype=REAL)
    results = [
        obs_layer_pruning(model, [(part, part) for part in x.split(size)], 0.5).weights
        for model, size in ((flat, 11), (straight, 11), (flat, 4))
    ]
    for name, value in results[0].items():
        torch.testing.assert_close(value, results[1][name], rtol=1e-10, atol=1e-12)
        torch.testing.assert_close(value, results[2][name], rtol=1e-10, atol=1e-12)


def test_dictionaries() -> None:
    """Des lots en dictionnaire se lisent, sans cible."""
    batches = Batches(
        [{"x": x} for x, _ in _loader(6, 4)], forward=lambda model, batch: model(batch["x"])
    )
    found = obs_layer_pruning(Shared().to(REAL), batches, 0.5)
    assert all(int((~m).sum()) == count_pruned(m.numel(), 0.5) for m in found.masks.values())


def test_a_model_that_draws_is_refused() -> None:
    """Un modèle qui tire au sort en mode évaluation se refuse, et laisse le hasard intact."""

    class Noisy(Shared):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return super().forward(x + 0.1 * torch.randn_like(x))

    model, loader = Noisy().to(REAL), _loader(6, 4)
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    with pytest.raises(ValueError, match=r"reçu un modèle qui tire au sort .* attendu une sortie"):
        obs_layer_pruning(model, loader, 0.5)
    assert torch.equal(torch.rand(3), expected)


def test_wide_layers_are_cut() -> None:
    """Une couche large se coupe en morceaux : chacun est au minimum de son erreur."""
    torch.manual_seed(0)
    x = torch.randn(60, 10, dtype=REAL) @ torch.randn(10, 10, dtype=REAL)
    model = nn.Sequential(nn.Linear(10, 6, bias=False, dtype=REAL))
    found = obs_layer_pruning(model, [(x, x)], 0.5, block_size=4)
    gram = 2 * x.T @ x / len(x)
    level = 1e-2 * float(gram.diagonal().mean())
    change = found.weights["0.weight"] - model[0].weight.detach()
    for columns in (slice(0, 3), slice(3, 6), slice(6, 10)):
        part = gram[columns, columns] + level * torch.eye(columns.stop - columns.start, dtype=REAL)
        slope = change[:, columns] @ part
        assert float(slope[found.masks["0.weight"][:, columns]].abs().max()) < 1e-12
    assert int(found.masks["0.weight"].sum()) == 30


def test_what_is_refused() -> None:
    """Couche muette et poids lu hors d'elle se refusent par leur nom ; aucun fil ne reste."""
    model, loader = Experts().to(REAL), _loader(5)
    loader[0][0][:, 0] = 1.0
    with pytest.raises(ValueError, match=r"experts\.1\.weight.*n'est pas appelée.*parameters="):
        obs_layer_pruning(model, loader, 0.5)
    chosen = prunable_parameters(model, names=["first.weight", "last.weight"])
    assert set(obs_layer_pruning(model, loader, 0.5, parameters=chosen).masks) == set(chosen)
    attention = nn.TransformerEncoderLayer(4, 2, 5, batch_first=True, dtype=REAL)
    x = torch.randn(2, 3, 4, dtype=REAL)
    with pytest.raises(ValueError, match=r"self_attn\.in_proj_weight.*parameters="):
        obs_layer_pruning(attention, [(x, x)], 0.5)
    chosen = prunable_parameters(attention, names="linear*")
    assert set(obs_layer_pruning(attention, [(x, x)], 0.5, parameters=chosen).masks) == set(chosen)
    with pytest.raises(ValueError, match=r"order : reçu 'up'"):
        obs_layer_pruning(model, loader, 0.5, order="up")  # type: ignore[arg-type]
    assert not _threads()

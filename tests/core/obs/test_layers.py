"""OBS couche par couche."""

import copy

import pytest
import torch
from torch import nn

from pruning_core import count_pruned, magnitude_scores, prunable_parameters
from pruning_core.masks.choosing import layerwise_masks
from pruning_core.masks.measuring import layer_sparsities
from pruning_core.obs.layers import obs_layer_pruning
from tests.core.cases import case, same, snapshot

REAL = torch.float64


def _linear(n: int = 12, rows: int = 3) -> tuple[nn.Sequential, torch.Tensor]:
    x = torch.randn(200, n, dtype=REAL) @ torch.randn(n, n, dtype=REAL)
    return nn.Sequential(nn.Linear(n, rows, dtype=REAL)), x


def _loader(x: torch.Tensor) -> list[tuple[torch.Tensor, torch.Tensor]]:
    y = torch.zeros(len(x))
    return [(x[:150], y[:150]), (x[150:], y[150:])]


def _error(model: nn.Module, other: nn.Module, x: torch.Tensor) -> float:
    with torch.no_grad():
        return float((model(x) - other(x)).square().sum())


def test_optimal_on_its_mask() -> None:
    """Les poids gardés et le biais sont ceux des moindres carrés sur la sortie dense."""
    model, x = _linear()
    result = obs_layer_pruning(model, _loader(x), 0.5, damping=0.0)
    mask = result.masks["0.weight"]
    assert int(mask.sum()) == 18
    with torch.no_grad():
        target = model(x)
    for r in range(3):
        columns = torch.cat([x[:, mask[r]], torch.ones(200, 1, dtype=REAL)], 1)
        expected = torch.linalg.lstsq(columns, target[:, r : r + 1]).solution.squeeze(1)
        torch.testing.assert_close(result.weights["0.weight"][r, mask[r]], expected[:-1])
        torch.testing.assert_close(result.weights["0.bias"][r], expected[-1])


def test_closer_than_sparsegpt_and_magnitude() -> None:
    """À 50 %, entrées corrélées : au plus l'erreur de SparseGPT, loin sous la magnitude."""
    for seed in range(3):
        torch.manual_seed(seed)
        model, x = _linear(24, 8)
        ours = copy.deepcopy(model)
        obs_layer_pruning(model, _loader(x), 0.5, damping=1e-2).apply(ours)
        plain = copy.deepcopy(model)
        with torch.no_grad():
            mask = layerwise_masks(magnitude_scores(model), 0.5)["0.weight"]
            plain[0].weight.mul_(mask)
        reference = copy.deepcopy(model)
        with torch.no_grad():
            reference[0].weight.copy_(_sparsegpt(model[0].weight.detach(), x, 0.5))
        assert _error(ours, model, x) <= _error(reference, model, x)
        assert _error(ours, model, x) < 0.5 * _error(plain, model, x)


def _sparsegpt(weight: torch.Tensor, x: torch.Tensor, sparsity: float) -> torch.Tensor:
    """SparseGPT tel que publié, un seul bloc : colonne par colonne, un seul facteur de Cholesky."""
    weight = weight.clone()
    gram = 2 * x.T @ x / len(x)
    gram += 1e-2 * gram.diagonal().mean() * torch.eye(len(gram), dtype=REAL)
    upper = torch.linalg.cholesky(torch.linalg.inv(gram), upper=True)
    scores = weight.square() / upper.diagonal().square()
    threshold = scores.flatten().sort().values[int(scores.numel() * sparsity)]
    pruned = scores < threshold
    for j in range(weight.shape[1]):
        kept = weight[:, j].masked_fill(pruned[:, j], 0.0)
        error = (weight[:, j] - kept) / upper[j, j]
        weight[:, j:] -= error[:, None] * upper[j, j:][None, :]
        weight[:, j] = kept
    return weight


def test_sequential_inputs() -> None:
    """La deuxième couche voit les entrées que donne la première une fois élaguée."""
    found = case("mlp")
    sparsities = {"0.weight": 0.5, "2.weight": 0.5}
    result = obs_layer_pruning(found.model, found.loader, sparsities, damping=0.05)
    first = obs_layer_pruning(
        found.model,
        found.loader,
        {"0.weight": 0.5},
        damping=0.05,
        parameters=prunable_parameters(found.model, names="0.weight"),
    )
    work = copy.deepcopy(found.model)
    first.apply(work)
    second = obs_layer_pruning(
        work, found.loader, 0.5, damping=0.05, parameters=prunable_parameters(work, names="2.*")
    )
    assert torch.equal(second.weights["2.weight"], result.weights["2.weight"])
    assert torch.equal(first.weights["0.weight"], result.weights["0.weight"])


@pytest.mark.parametrize("name", ["mlp", "cnn", "cnn_1d_3d"])
def test_exact_sparsity_and_model_untouched(name: str) -> None:
    """Une sparsité exacte par couche, des zéros exacts, un modèle intact."""
    found = case(name)
    before = snapshot(found.model)
    chosen = prunable_parameters(found.model)
    wanted = dict(zip(chosen, (0.3, 0.8, 0.0), strict=False))
    result = obs_layer_pruning(found.model, iter(found.loader), wanted, steps=3)
    assert same(before, snapshot(found.model))
    for key, value in layer_sparsities(result.masks).items():
        n = chosen[key].numel()
        assert value == count_pruned(n, wanted[key]) / n
        assert not bool(result.weights[key][~result.masks[key]].any())


def test_grouped_convolution_sees_its_own_inputs() -> None:
    """Une convolution groupée est la suite de convolutions de chaque groupe."""
    x = torch.randn(20, 4, 5, 5, dtype=REAL) @ torch.randn(5, 5, dtype=REAL)
    whole = nn.Sequential(nn.Conv2d(4, 6, 3, groups=2, dtype=REAL))
    result = obs_layer_pruning(whole, [(x, x)], {"0.weight": 0.5}, steps=1)
    mask = result.masks["0.weight"]
    for g in (0, 1):
        part = nn.Sequential(nn.Conv2d(2, 3, 3, dtype=REAL))
        with torch.no_grad():
            part[0].weight.copy_(result.weights["0.weight"][3 * g : 3 * g + 3])
            part[0].bias.copy_(result.weights["0.bias"][3 * g : 3 * g + 3])
            kept = mask[3 * g : 3 * g + 3]
            views = nn.functional.unfold(x[:, 2 * g : 2 * g + 2], 3).transpose(1, 2).reshape(-1, 18)
            target = views @ whole[0].weight[3 * g : 3 * g + 3].flatten(1).T
            target += whole[0].bias[3 * g : 3 * g + 3]
        columns = torch.cat([views, torch.ones(len(views), 1, dtype=REAL)], 1)
        gram = 2 * columns.T @ columns / len(columns)
        got = torch.cat([part[0].weight.detach().flatten(1), part[0].bias.detach()[:, None]], 1)
        # au minimum sur le masque, la pente amortie est nulle hors des poids supprimés
        start = torch.cat(
            [
                whole[0].weight.detach()[3 * g : 3 * g + 3].flatten(1),
                whole[0].bias.detach()[3 * g : 3 * g + 3, None],
            ],
            1,
        )
        both = torch.stack([gram, _gram_of_other(x, 1 - g)])
        damped = gram + 1e-2 * both.diagonal(dim1=1, dim2=2).mean() * torch.eye(19, dtype=REAL)
        slope = (got - start) @ damped
        stay = torch.cat([kept.flatten(1), torch.ones(3, 1, dtype=torch.bool)], 1)
        assert float(slope[stay].abs().max()) < 1e-9 * float(gram.abs().max())


def _gram_of_other(x: torch.Tensor, g: int) -> torch.Tensor:
    views = nn.functional.unfold(x[:, 2 * g : 2 * g + 2], 3).transpose(1, 2).reshape(-1, 18)
    columns = torch.cat([views, torch.ones(len(views), 1, dtype=REAL)], 1)
    return 2 * columns.T @ columns / len(columns)


def test_bad_arguments() -> None:
    """Poids sans entrées lisibles, noms inconnus et réglages impossibles se refusent."""
    found = case("rnn")
    with pytest.raises(ValueError, match=r"reçu lstm\.weight_ih_l0, dont on ne peut pas lire"):
        obs_layer_pruning(found.model, found.loader, 0.5)
    found = case("mlp")
    with pytest.raises(ValueError, match=r"noms manquants \['2\.weight'\]"):
        obs_layer_pruning(found.model, found.loader, {"0.weight": 0.5})
    with pytest.raises(ValueError, match=r"sparsité : reçu 2\.0"):
        obs_layer_pruning(found.model, found.loader, 2.0)
    with pytest.raises(ValueError, match="block_size"):
        obs_layer_pruning(found.model, found.loader, 0.5, block_size=0)
    with pytest.raises(ValueError, match="damping"):
        obs_layer_pruning(found.model, found.loader, 0.5, damping=-1.0)
    with pytest.raises(ValueError, match="sans aucun lot"):
        obs_layer_pruning(found.model, [], 0.5)

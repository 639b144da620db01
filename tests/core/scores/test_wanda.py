"""Les scores de Wanda."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from pruning_core import prunable_parameters, rowwise_masks, wanda_scores
from tests.core.cases import case, same, snapshot


def _unfolded(layer: nn.Conv2d, x: torch.Tensor) -> torch.Tensor:
    """Entrées vues par un noyau, [C·k·k, positions de tous les exemples], par `F.unfold`."""
    patches = F.unfold(x, layer.kernel_size, layer.dilation, layer.padding, layer.stride)
    return patches.transpose(0, 1).flatten(1)


def test_linear_layers() -> None:
    """|w| fois la norme de chaque entrée, sur des lots inégaux comme sur un seul."""
    found = case("mlp")
    first, activation, last = found.model
    hidden = activation(first(found.x))
    scores = wanda_scores(found.model, found.loader)
    assert list(scores) == ["0.weight", "2.weight"]
    for name, layer, inputs in (("0.weight", first, found.x), ("2.weight", last, hidden)):
        expected = layer.weight.abs() * torch.linalg.vector_norm(inputs, dim=0)
        torch.testing.assert_close(scores[name], expected.detach())
    whole = wanda_scores(found.model, [(found.x, found.y)])
    assert all(torch.allclose(scores[name], whole[name], rtol=1e-12) for name in scores)


def test_convolution_by_groups() -> None:
    """Chaque groupe de filtres a les normes de ses canaux, sur toutes les positions."""
    found = case("cnn")
    layer = found.model.layers[0]
    squares = _unfolded(layer, found.x).square().sum(1)
    groups = squares.sqrt().reshape(layer.groups, 1, *layer.weight.shape[1:])
    weights = layer.weight.detach().abs().unflatten(0, (layer.groups, -1))
    expected = (weights * groups).flatten(0, 1)
    torch.testing.assert_close(wanda_scores(found.model, found.loader)["layers.0.weight"], expected)


def test_every_position_counts() -> None:
    """Une couche appelée à chaque pas lit l'entrée de chaque pas."""
    found = case("rnn")
    chosen = prunable_parameters(found.model, names="output.weight")
    norms = found.model.lstm(found.x)[0].flatten(0, 1).norm(dim=0)
    scores = wanda_scores(found.model, found.loader, parameters=chosen)
    expected = (chosen["output.weight"].abs() * norms).detach()
    torch.testing.assert_close(scores["output.weight"], expected)


def test_scale_of_an_input_decides() -> None:
    """Une entrée dix fois plus grande rend ses poids dix fois plus importants."""
    found = case("mlp")
    scaled = found.x.clone()
    scaled[:, 2] *= 10
    before, after = (
        wanda_scores(found.model, [(x, found.y)])["0.weight"] for x in (found.x, scaled)
    )
    torch.testing.assert_close(after[:, 2], 10 * before[:, 2])
    assert torch.equal(after[:, :2], before[:, :2])


def test_selection_of_the_paper() -> None:
    """Comparés par ligne, les scores retirent autant de poids à chaque neurone."""
    found = case("mlp")
    masks = rowwise_masks(wanda_scores(found.model, found.loader), 0.5)
    assert all(bool((mask.sum(1) == mask.shape[1] // 2).all()) for mask in masks.values())


def test_nothing_changes() -> None:
    """Le modèle, son mode et ses gradients restent ceux d'avant, poids gelés compris."""
    found = case("cnn")
    found.model.train()
    found.model.requires_grad_(False)
    before = snapshot(found.model)
    wanda_scores(
        found.model,
        found.loader,
        parameters=prunable_parameters(found.model, include_frozen=True),
    )
    assert found.model.training
    assert same(before, snapshot(found.model))
    assert not any(p.requires_grad or p.grad is not None for p in found.model.parameters())


def test_unreadable_inputs() -> None:
    """Un poids récurrent, dont on ne lit pas les entrées, se refuse par son nom."""
    found = case("rnn")
    with pytest.raises(ValueError, match=r"reçu lstm\.weight_ih_l0, dont on ne peut pas lire"):
        wanda_scores(found.model, found.loader)

"""Les lignes d'un poids : une par neurone de sortie."""

import pytest
import torch
from torch import nn

from pruning_core.weights.biases import bias_of
from pruning_core.weights.rows import is_transformers_conv1d, row_layout
from tests.core.cases import Conv1D

LAYERS = [
    nn.Linear(3, 2),
    nn.Conv1d(4, 6, 3, groups=2),
    nn.Conv2d(4, 2, (2, 1)),
    nn.ConvTranspose1d(4, 6, 3, groups=2),
    nn.ConvTranspose2d(3, 2, (2, 3)),
    nn.ConvTranspose3d(2, 4, (1, 2, 2), groups=2, bias=False),
    Conv1D(3, 2),
]


def _output(layer: nn.Module, x: torch.Tensor) -> torch.Tensor:
    """Sortie d'une couche, son canal (ou son neurone) en première dimension."""
    y = layer(x)
    return y.T if isinstance(layer, (nn.Linear, Conv1D)) else y.transpose(0, 1).flatten(1)


def _input(layer: nn.Module) -> torch.Tensor:
    if isinstance(layer, nn.Linear):
        return torch.randn(5, layer.in_features)
    if isinstance(layer, Conv1D):
        return torch.randn(5, len(layer.weight))
    return torch.randn(2, layer.in_channels, *(5 for _ in layer.kernel_size))


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: type(layer).__name__)
def test_a_row_is_all_that_enters_a_neuron(layer: nn.Module) -> None:
    """Un neurone de sortie dépend de tous les poids de sa ligne, et d'aucun autre."""
    layout = row_layout(layer, "weight")
    assert layout.count * layout.width == layer.weight.numel()
    outputs = _output(layer, _input(layer))
    assert len(outputs) == layout.count
    for r, output in enumerate(outputs):
        gradient = torch.autograd.grad(output.square().sum(), layer.weight, retain_graph=True)[0]
        rows = layout.to_rows(gradient) != 0
        assert bool(rows[r].all())
        assert not bool(rows[torch.arange(len(rows)) != r].any())


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: type(layer).__name__)
def test_there_and_back(layer: nn.Module) -> None:
    """Des lignes remises en place redonnent le poids, aussi plusieurs à la fois."""
    layout = row_layout(layer, "weight")
    several = torch.randn(3, 2, *layer.weight.shape)
    rows = layout.to_rows(several)
    assert rows.shape == (3, 2, layout.count, layout.width)
    assert torch.equal(layout.from_rows(rows), several)
    assert torch.equal(layout.to_rows(several[1, 0]), rows[1, 0])


@pytest.mark.parametrize("shape", [(), (4,), (0, 3), (3, 0)])
def test_any_shape_has_rows(shape: tuple[int, ...]) -> None:
    """Un gain, un paramètre sans dimension ou vide ont aussi des lignes."""
    module = nn.Module()
    module.gain = nn.Parameter(torch.ones(shape))
    layout = row_layout(module, "gain")
    rows = layout.to_rows(module.gain)
    assert rows.shape == (shape[0] if shape else 1, 3 if shape == (0, 3) else rows.shape[1])
    assert layout.from_rows(rows).shape == shape


def test_biases_follow() -> None:
    """Le biais d'une couche qui range ses entrées d'abord a une valeur par ligne."""
    for layer in LAYERS:
        if layer.bias is None:
            assert bias_of(layer, "weight") is None
        else:
            assert bias_of(layer, "weight") == "bias"
            assert len(layer.bias) == row_layout(layer, "weight").count


def test_shared_weights() -> None:
    """Un poids partagé a les lignes de ses couches si ce sont les mêmes ; sinon il se refuse."""
    embedding, head = nn.Embedding(5, 3), nn.Linear(3, 5, bias=False)
    head.weight = embedding.weight
    assert row_layout(nn.Sequential(embedding, head), "0.weight").count == 5
    down, up = nn.Conv2d(2, 3, 2), nn.ConvTranspose2d(3, 2, 2)
    up.weight = down.weight
    with pytest.raises(ValueError, match=r"0\.weight : reçu un poids que partagent des couches"):
        row_layout(nn.Sequential(down, up), "0.weight")
    with pytest.raises(ValueError, match=r"1\.weight : reçu"):
        row_layout(nn.Sequential(down, up), "1.weight")


def test_conv1d_is_seen_by_its_name_and_its_attributes() -> None:
    """Une classe dérivée de `Conv1D` en est une ; une homonyme sans ses attributs, non."""

    class Wider(Conv1D):
        pass

    assert is_transformers_conv1d(Wider(3, 2))
    namesake = type("Conv1D", (nn.Module,), {})()
    assert not is_transformers_conv1d(namesake)
    namesake.weight = nn.Parameter(torch.ones(2, 3))
    assert not is_transformers_conv1d(namesake)
    namesake.nf = 2
    assert not is_transformers_conv1d(namesake)
    assert row_layout(namesake, "weight").count == 2
    assert not is_transformers_conv1d(nn.Conv1d(1, 1, 1))

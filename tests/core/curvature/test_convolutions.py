"""Une convolution vue comme une couche linéaire appelée à chacune de ses positions."""

import pytest
import torch
from torch import nn

from pruning_core import empirical_fisher_diagonal, ggn_neuron_blocks, wanda_scores
from pruning_core.curvature.convolutions import input_patches, output_positions
from pruning_core.weights.rows import row_layout
from tests.core.cases import Case
from tests.core.oracles import dense

REAL = torch.float64
TRANSPOSED = {1: nn.ConvTranspose1d, 2: nn.ConvTranspose2d, 3: nn.ConvTranspose3d}


def _is_linear_at_each_position(layer: nn.Module, x: torch.Tensor, y: torch.Tensor) -> None:
    rows = row_layout(layer, "weight").to_rows(layer.weight).unflatten(0, (layer.groups, -1))
    patches = input_patches(layer, x, y.shape[2:])
    found = torch.einsum("ngpi,goi->ngpo", patches, rows)
    if layer.bias is not None:
        found = found + layer.bias.reshape(layer.groups, 1, -1)
    torch.testing.assert_close(found, output_positions(layer, y))


@pytest.mark.parametrize("dimensions", [1, 2, 3])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"stride": 2, "padding": 1},
        {"stride": 3, "output_padding": 2, "bias": False},
        {"dilation": 2, "padding": 2, "groups": 2},
        {"stride": 2, "dilation": 3, "padding": 1, "output_padding": 1, "groups": 2},
    ],
)
def test_transposed_convolutions(dimensions: int, options: dict) -> None:
    """W a + b redonne, à chaque position, la sortie d'une convolution transposée."""
    kernel = (3, 2, 1)[:dimensions]
    layer = TRANSPOSED[dimensions](4, 6, kernel, **options).to(REAL)
    x = torch.randn(2, 4, *(6, 5, 5)[:dimensions], dtype=REAL)
    _is_linear_at_each_position(layer, x, layer(x))


def test_size_asked_by_the_call() -> None:
    """Un appel peut agrandir la sortie d'une convolution transposée."""
    layer = nn.ConvTranspose2d(2, 3, 3, stride=2, dtype=REAL)
    x = torch.randn(2, 2, 3, 4, dtype=REAL)
    for size in ((7, 9), (8, 10), (7, 10)):
        _is_linear_at_each_position(layer, x, layer(x, output_size=size))


@pytest.mark.parametrize("mode", ["zeros", "reflect", "circular"])
def test_convolutions(mode: str) -> None:
    """W a + b redonne la sortie d'une convolution à groupes, bords compris."""
    layer = nn.Conv2d(4, 2, (2, 3), (2, 1), (1, 2), (1, 2), 2, padding_mode=mode, dtype=REAL)
    x = torch.randn(2, 4, 5, 6, dtype=REAL)
    _is_linear_at_each_position(layer, x, layer(x))


def _case(layer: nn.Module) -> Case:
    model = nn.Sequential(layer, nn.Tanh(), nn.Flatten(), nn.LazyLinear(3)).to(REAL)
    x = torch.randn(5, 4, 3, 2, dtype=REAL)
    model(x)
    return Case(model, x, torch.tensor([0, 1, 2, 1, 0]), nn.CrossEntropyLoss())


def test_gradients_of_a_transposed_convolution() -> None:
    """Fisher et blocs par filtre sont ceux d'autograd, sur des lots inégaux."""
    found = _case(nn.ConvTranspose2d(4, 6, (2, 3), 2, 1, (1, 0), 2, dilation=(1, 2)))
    oracle = dense(found, ["0.weight", "0.bias"])
    fisher = empirical_fisher_diagonal(found.model, found.loader, found.criterion)["0.weight"]
    expected = oracle.fisher.diagonal()[: fisher.numel()].view_as(fisher)
    torch.testing.assert_close(fisher, expected)
    blocks = ggn_neuron_blocks(found.model, found.loader, found.criterion)["0.weight"]
    assert blocks.shape == (6, 13, 13)
    weight = torch.arange(fisher.numel()).view_as(fisher)
    for channel in range(6):
        group, own = divmod(channel, 3)
        filter_ = weight[2 * group : 2 * group + 2, own].flatten()
        index = [*filter_.tolist(), weight.numel() + channel]
        block = oracle.ggn[index][:, index]
        torch.testing.assert_close(blocks[channel], block, rtol=1e-9, atol=1e-14)


def test_wanda_of_a_transposed_convolution() -> None:
    """Chaque poids a la norme de ce qu'il lit, comptée position par position."""
    layer = nn.ConvTranspose1d(2, 3, 2, stride=2, padding=1, dtype=REAL)
    x = torch.randn(4, 2, 3, dtype=REAL)
    squares = torch.zeros(2, 2, dtype=REAL)
    for p in range(3):
        for k in range(2):
            if 0 <= 2 * p - 1 + k < 4:
                squares[:, k] += x[:, :, p].square().sum(0)
    scores = wanda_scores(nn.Sequential(layer), [(x, torch.zeros(4))])["0.weight"]
    torch.testing.assert_close(scores, layer.weight.detach().abs() * squares.sqrt()[:, None])


def test_a_weight_shared_by_layers_of_other_rows() -> None:
    """Un poids d'une convolution et de sa transposée a une Fisher exacte, mais pas de lignes."""
    down = nn.Conv2d(2, 3, 2)
    up = nn.ConvTranspose2d(3, 2, 2, bias=False)
    up.weight = down.weight
    model = nn.Sequential(down, nn.Tanh(), up, nn.Flatten(), nn.Linear(18, 3)).to(REAL)
    x = torch.randn(5, 2, 3, 3, dtype=REAL)
    found = Case(model, x, torch.tensor([0, 1, 2, 1, 0]), nn.CrossEntropyLoss())
    fisher = empirical_fisher_diagonal(model, found.loader, found.criterion)["0.weight"]
    expected = dense(found, ["0.weight"]).fisher.diagonal().view_as(fisher)
    torch.testing.assert_close(fisher, expected)
    with pytest.raises(ValueError, match="n'ont pas les mêmes lignes"):
        ggn_neuron_blocks(model, found.loader, found.criterion)

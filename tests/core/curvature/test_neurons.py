"""La GGN par neurone de sortie."""

import pytest
import torch

from pruning_core.curvature.neurons import NeuronReader, ggn_neuron_blocks
from pruning_core.weights.biases import bias_of
from pruning_core.weights.prunable import prunable_parameters
from tests.core.cases import NAMES, case
from tests.core.oracles import dense


@pytest.mark.parametrize("name", NAMES)
def test_blocks_of_the_dense_ggn(name: str) -> None:
    """Chaque bloc est celui, exact, de la GGN complète, colonne du biais comprise."""
    found = case(name)
    chosen = prunable_parameters(found.model)
    blocks = ggn_neuron_blocks(found.model, found.loader, found.criterion)
    own = dict(found.model.named_parameters())
    for key, weight in chosen.items():
        bias = bias_of(found.model, key)
        names = [key] if bias is None else [key, bias]
        matrix = dense(found, names).ggn
        rows, width = len(weight), weight[0].numel()
        assert blocks[key].shape == (rows, width + len(names) - 1, width + len(names) - 1)
        for r in range(rows):
            index = list(range(r * width, (r + 1) * width))
            if bias is not None:
                assert own[bias].shape == (rows,)
                index.append(weight.numel() + r)
            expected = matrix[index][:, index]
            scale = float(matrix.abs().max())
            torch.testing.assert_close(blocks[key][r], expected, rtol=1e-9, atol=1e-13 * scale)


@pytest.mark.parametrize("name", ["mlp", "cnn", "rnn"])
def test_chosen_rows_and_columns(name: str, monkeypatch) -> None:
    """Un bloc demandé sur quelques colonnes est une partie du bloc entier."""
    monkeypatch.setattr("pruning_core.curvature.neurons._CACHED_ELEMENTS", 1)
    found = case(name)
    chosen = prunable_parameters(found.model)
    layers = NeuronReader(found.model, found.loader, found.criterion, chosen).read()
    for layer in layers:
        whole = layer.whole_rows()
        rows = torch.tensor([1, 0, 1])
        columns = torch.tensor([[0, 1], [1, 1], [layer.width - 1, 0]])
        blocks = layer.blocks(rows, columns)
        for b in range(3):
            index = columns[b]
            torch.testing.assert_close(blocks[b], whole[rows[b]][index][:, index])
        mean = float(whole.diagonal(dim1=1, dim2=2).mean())
        assert layer.mean_diagonal() == pytest.approx(mean, rel=1e-12)


def test_n_batches() -> None:
    """Les blocs ne lisent que les premiers lots demandés."""
    found = case("mlp")
    first = ggn_neuron_blocks(found.model, found.loader[:1], found.criterion)
    got = ggn_neuron_blocks(found.model, found.loader, found.criterion, n_batches=1)
    assert all(torch.equal(first[key], got[key]) for key in first)

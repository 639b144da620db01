"""La GGN par neurone de sortie."""

import pytest
import torch

from pruning_core.curvature.by_name import vectors_named
from pruning_core.curvature.losses import curvature_vectors
from pruning_core.curvature.neurons import NeuronReader, ggn_neuron_blocks
from pruning_core.curvature.pieces import cut
from pruning_core.curvature.sampled import SampledFisher
from pruning_core.weights.biases import bias_of
from pruning_core.weights.prunable import prunable_parameters
from pruning_core.weights.rows import row_layout
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
        places = row_layout(found.model, key).to_rows(torch.arange(weight.numel()).view_as(weight))
        rows, width = places.shape
        assert blocks[key].shape == (rows, width + len(names) - 1, width + len(names) - 1)
        for r in range(rows):
            index = places[r].tolist()
            if bias is not None:
                assert own[bias].shape == (rows,)
                index.append(weight.numel() + r)
            expected = matrix[index][:, index]
            scale = float(matrix.abs().max())
            torch.testing.assert_close(blocks[key][r], expected, rtol=1e-9, atol=1e-13 * scale)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("elements", [1, 2**20])
def test_only_the_pieces_are_read(name: str, elements: int, monkeypatch) -> None:
    """La courbure de morceaux est une partie des blocs entiers, et l'échelle, celle de tout."""
    monkeypatch.setattr("pruning_core.curvature.neurons._CACHED_ELEMENTS", elements)
    found = case(name)
    chosen = prunable_parameters(found.model)
    whole = ggn_neuron_blocks(found.model, found.loader, found.criterion)
    generator = torch.Generator().manual_seed(3)
    cuts = [
        cut(torch.rand(block.shape[:2], generator=generator) < 0.7, 3) for block in whole.values()
    ]
    vectors = curvature_vectors(found.criterion)
    layers = NeuronReader(found.model, found.loader, vectors, chosen).read(cuts)
    for layer, pieces, expected in zip(layers, cuts, whole.values(), strict=True):
        mean = float(expected.diagonal(dim1=1, dim2=2).mean())
        assert layer.mean_diagonal() == pytest.approx(mean, rel=1e-12)
        for piece in pieces:
            blocks = layer.blocks(piece)
            assert blocks.shape[-1] <= 3
            for b, row in enumerate(piece.rows):
                there = piece.columns[b, piece.valid[b]]
                part = blocks[b][: len(there), : len(there)]
                torch.testing.assert_close(part, expected[row][there][:, there])


@pytest.mark.parametrize("name", ["mlp", "cnn", "rnn"])
def test_blocks_of_other_curvatures(name: str) -> None:
    """D'autres vecteurs font les blocs de leur matrice ; ceux que l'on tire tendent vers la GGN."""
    found = case(name)
    chosen = prunable_parameters(found.model)
    ggn = ggn_neuron_blocks(found.model, found.loader, found.criterion)

    def read(curvature) -> dict[str, torch.Tensor]:
        vectors = vectors_named(curvature, found.criterion)
        reader = NeuronReader(found.model, found.loader, vectors, chosen)
        rows = reader.whole_rows()
        layers = reader.read([[whole] for whole in rows])
        return {
            key: layer.blocks(whole) for key, whole, layer in zip(chosen, rows, layers, strict=True)
        }

    fisher = read("empirical_fisher")
    few, many = (read(SampledFisher(samples, seed=1)) for samples in (4, 256))
    for key, weight in chosen.items():
        width = weight[0].numel()
        matrix = dense(found, [key]).fisher
        for r in range(len(weight)):
            index = slice(r * width, (r + 1) * width)
            got = fisher[key][r, :width, :width]
            torch.testing.assert_close(got, matrix[index, index], rtol=1e-9, atol=1e-13)
        errors = [float((found[key] - ggn[key]).norm() / ggn[key].norm()) for found in (few, many)]
        assert errors[1] < 0.15
        assert errors[1] < errors[0]


def test_whole_blocks_are_bounded() -> None:
    """Des blocs trop grands se refusent avant toute lecture, avec leur taille."""
    found = case("mlp")
    needed = (4 * 6 * 6 + 3 * 5 * 5) * 8
    ggn_neuron_blocks(found.model, found.loader, found.criterion, max_bytes=needed)
    with pytest.raises(MemoryError, match=rf"{needed} octets ; attendu au plus {needed - 1}"):
        ggn_neuron_blocks(found.model, [], found.criterion, max_bytes=needed - 1)


def test_n_batches() -> None:
    """Les blocs ne lisent que les premiers lots demandés."""
    found = case("mlp")
    first = ggn_neuron_blocks(found.model, found.loader[:1], found.criterion)
    got = ggn_neuron_blocks(found.model, found.loader, found.criterion, n_batches=1)
    assert all(torch.equal(first[key], got[key]) for key in first)

"""OBS par neurone ne retient que les blocs de courbure qu'il emploie."""

import pytest
import torch
from torch import nn

from pruning_core import compute_sparsity
from pruning_core.obs.neurons import obs_neuron_pruning
from tests.core.cases import case


class _Unread:
    """Des données que l'on ne lit pas."""

    def __iter__(self):
        raise AssertionError


@pytest.mark.parametrize("fresh", [True, False])
def test_memory_is_bounded(fresh: bool) -> None:
    """Seuls les blocs des morceaux prennent de la mémoire, comptée à l'octet près."""
    found = case("cnn")
    # 4 lignes de 9, 3 de 16 et le biais, 3 de 27 et le biais : en morceaux de 8 colonnes au plus.
    pieces = 4 * [5, 5] + 3 * [6, 6, 6] + 3 * [7, 7, 7, 7]
    needed = sum(c * c for c in pieces) * 8
    arguments = found.criterion, 0.5
    options = {"steps": 2, "block_size": 8, "fresh": fresh}
    obs_neuron_pruning(found.model, found.loader, *arguments, **options, max_bytes=needed)
    with pytest.raises(MemoryError, match=rf"reçu 165 poids.*{needed} octets.*block_size.*param"):
        obs_neuron_pruning(found.model, _Unread(), *arguments, **options, max_bytes=needed - 1)


def test_wide_convolution_keeps_only_its_pieces() -> None:
    """Une convolution dont les lignes entières prendraient 5 Go s'élague dans 20 Mo."""
    model = nn.Sequential(nn.Conv2d(512, 8, 7), nn.Flatten(), nn.Linear(8, 2))
    x, y = torch.randn(2, 512, 7, 7), torch.tensor([0, 1])
    result = obs_neuron_pruning(
        model, [(x, y)], nn.CrossEntropyLoss(), 0.5, steps=2, block_size=24, max_bytes=20_000_000
    )
    assert compute_sparsity(result.masks) == 0.5

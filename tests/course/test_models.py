"""Les réseaux du cours : tailles, déterminisme, exactitude des modèles entraînés."""

import pytest
import torch

from pruning_core.course.datasets import load_digits, load_mnist
from pruning_core.course.models import (
    digits_mlp,
    lenet_300_100,
    mlp,
    trained_digits_mlp,
    trained_lenet_300_100,
)
from pruning_core.evaluation import evaluate


def count(model: torch.nn.Module, dimensions: int) -> int:
    return sum(p.numel() for p in model.parameters() if p.dim() == dimensions)


def test_networks_have_the_documented_sizes() -> None:
    """Chaque réseau a le nombre de poids et de biais annoncé."""
    assert (count(digits_mlp(), 2), count(digits_mlp(), 1)) == (6464, 106)
    assert (count(lenet_300_100(), 2), count(lenet_300_100(), 1)) == (266_200, 410)
    # Les trois réseaux MONK de Hassibi et Stork : 58, 39 et 39 paramètres.
    sizes = [sum(p.numel() for p in mlp((17, n, 1)).parameters()) for n in (3, 2, 2)]
    assert sizes == [58, 39, 39]


def test_no_activation_after_the_last_layer() -> None:
    """Un ReLU suit chaque couche, sauf la dernière."""
    assert isinstance(digits_mlp()[-1], torch.nn.Linear)
    assert isinstance(digits_mlp()[1], torch.nn.ReLU)


def test_the_seed_decides_and_the_global_generator_does_not_move() -> None:
    """Les poids de départ dépendent de la graine seule, et laissent le hasard global."""
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    first, second, other = digits_mlp(1), digits_mlp(1), digits_mlp(2)
    assert torch.equal(torch.rand(3), expected)
    assert torch.equal(first[0].weight, second[0].weight)
    assert not torch.equal(first[0].weight, other[0].weight)


@pytest.mark.parametrize("sizes", [(4,), (4, 0, 2)])
def test_impossible_sizes_are_refused(sizes) -> None:
    """Des tailles sans réseau possible se refusent."""
    with pytest.raises(ValueError, match="attendu au moins deux entiers positifs"):
        mlp(sizes)


def test_the_trained_digits_network_is_good_and_reproducible() -> None:
    """Le réseau entraîné dépasse 94 %, en float32, une copie par appel."""
    model = trained_digits_mlp()
    assert evaluate(model, load_digits().test).accuracy > 0.94
    assert all(torch.equal(p, p.float().double()) for p in model.parameters())
    with torch.no_grad():
        model[0].weight.zero_()
    assert trained_digits_mlp()[0].weight.abs().sum() > 0


def test_the_trained_lenet_is_good() -> None:
    """LeNet-300-100 entraîné dépasse 94 %."""
    assert evaluate(trained_lenet_300_100(), load_mnist().test).accuracy > 0.94

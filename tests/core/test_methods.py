"""Le registre des méthodes."""

import pytest

from pruning_core import compare_pruning_methods, compute_sparsity
from pruning_core.masks.applying import PrunedWeights
from pruning_core.methods import METHODS
from tests.core.cases import case

PRUNING = [name for name, method in METHODS.items() if method.prune is not None]


@pytest.mark.parametrize("name", PRUNING)
def test_every_method_prunes(name: str) -> None:
    """Chaque méthode élague à la sparsité demandée, à un demi-poids par ligne près au plus."""
    found = case("mlp")
    arguments = found.model, found.loader, found.criterion, 0.5
    pruned = PrunedWeights.of(METHODS[name].prune(*arguments, 0))
    # 7 lignes, 32 poids.
    assert compute_sparsity(pruned.masks) == pytest.approx(0.5, abs=7 * 0.5 / 32)
    assert list(compare_pruning_methods(*arguments, methods=[name])) == [name]


def test_a_method_only_shown_is_not_compared() -> None:
    """Une méthode que seules les figures montrent n'élague pas, et se refuse."""
    found = case("mlp")
    assert METHODS["obd_inverted"].prune is None
    with pytest.raises(ValueError, match=r"reçu \['obd_inverted'\]"):
        compare_pruning_methods(
            found.model, found.loader, found.criterion, methods=["obd_inverted"]
        )

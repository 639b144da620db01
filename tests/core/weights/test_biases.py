"""Les biais des poids élagués."""

from torch import nn

from pruning_core.weights.biases import bias_of, with_biases
from pruning_core.weights.prunable import prunable_parameters
from tests.core.cases import case


def test_with_biases() -> None:
    """Les biais des seuls modules choisis s'ajoutent, dans l'ordre du modèle."""
    model = nn.Sequential(nn.Linear(2, 2), nn.LayerNorm(2), nn.Linear(2, 2))
    chosen = prunable_parameters(model, names="2.weight")
    assert list(with_biases(model, chosen)) == ["2.weight", "2.bias"]


def test_bias_of() -> None:
    """Une ligne n'est compensée que par un biais à elle seule, non gelé, non récurrent."""
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2, bias=False), nn.Linear(2, 2))
    assert bias_of(model, "0.weight") == "0.bias"
    assert bias_of(model, "1.weight") is None
    assert bias_of(model, "0.bias") is None
    model[2].bias.requires_grad_(False)
    assert bias_of(model, "2.weight") is None
    model[2].bias = model[0].bias
    assert bias_of(model, "0.weight") is None
    assert bias_of(case("rnn").model, "lstm.weight_ih_l0") is None
    assert bias_of(case("tied").model, "first.weight") is None

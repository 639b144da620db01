"""Ce que le choix des poids laisse de côté."""

import pytest
from torch import nn

from pruning_core import magnitude_scores, weight_coverage
from pruning_core.weights.prunable import prunable_parameters


def _language_model(words: int) -> nn.Module:
    model = nn.Sequential(nn.Embedding(words, 4), nn.Linear(4, 4), nn.LayerNorm(4))
    model.append(nn.Linear(4, words, bias=False))
    model[3].weight = model[0].weight
    return model


def test_names_and_share() -> None:
    """Chaque poids matriciel est d'un côté ou de l'autre, compté une fois."""
    model = _language_model(6)
    coverage = weight_coverage(model, prunable_parameters(model, names="1.weight"))
    assert coverage.chosen == {"1.weight": 16}
    assert coverage.left_out == {"0.weight": 24}
    assert coverage.share == 16 / 40
    assert weight_coverage(model, ["3.weight", "2.bias"]).chosen == {"0.weight": 24}
    assert weight_coverage(nn.LayerNorm(3), []).share == 1.0


def test_told_in_words() -> None:
    """En texte : combien, sur combien, et les plus grands de ceux qui manquent."""
    model = nn.Sequential(*(nn.Linear(40, 10 * n) for n in range(1, 9)))
    told = str(weight_coverage(model, ["0.weight"]))
    assert told.startswith("400 poids choisis sur 14 400 ; laissés de côté : 7.weight (3 200), ")
    assert told.endswith("2.weight (1 200) et un autre")
    assert str(weight_coverage(model, prunable_parameters(model))) == (
        "14 400 poids choisis sur 14 400"
    )


def test_little_is_said() -> None:
    """Le choix par défaut avertit sous la moitié des poids, et pas au-dessus."""
    with pytest.warns(UserWarning, match=r"16 poids choisis sur 36 ; .* 0\.weight \(20\)"):
        prunable_parameters(_language_model(5))
    with pytest.warns(UserWarning, match="poids choisis sur"):
        magnitude_scores(_language_model(5))
    prunable_parameters(_language_model(4))
    prunable_parameters(_language_model(5), names="1.*")
    prunable_parameters(_language_model(5), modules=nn.LayerNorm)


def test_frozen_weights() -> None:
    """Un poids gelé reste de côté sans avertissement, et compte dans la couverture."""
    model = nn.Sequential(nn.Linear(5, 4), nn.Linear(4, 4))
    model[0].requires_grad_(False)
    assert weight_coverage(model, prunable_parameters(model)).left_out == {"0.weight": 20}
    assert list(prunable_parameters(model, include_frozen=True)) == ["0.weight", "1.weight"]


def test_refused() -> None:
    """Un nom inconnu ou un module paresseux se refusent ; `meta` se mesure."""
    model = nn.Sequential(nn.Linear(2, 2, device="meta"))
    assert weight_coverage(model, ["0.weight"]).share == 1.0
    with pytest.raises(ValueError, match=r"reçu \['absent'\]"):
        weight_coverage(model, ["absent"])
    with pytest.raises(ValueError, match="un passage avant d'abord"):
        weight_coverage(nn.Sequential(nn.LazyLinear(2)), [])


def test_biases_are_not_matrices() -> None:
    """Ni un biais, ni un gain à une dimension ne comptent."""
    model = nn.MultiheadAttention(4, 2, add_bias_kv=True)
    coverage = weight_coverage(model, prunable_parameters(model))
    assert coverage.chosen == {"in_proj_weight": 48, "out_proj.weight": 16}
    assert coverage.left_out == {}


def test_one_name_alone() -> None:
    """Un seul nom se donne tel quel."""
    model = nn.Linear(3, 2)
    assert weight_coverage(model, "weight").share == 1

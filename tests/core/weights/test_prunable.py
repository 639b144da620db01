"""Quels poids sont élagables."""

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations, prune, spectral_norm

from pruning_core.weights.prunable import prunable_parameters, resolve_parameters
from tests.core.cases import case


def test_default_takes_weights_only() -> None:
    """Par défaut, les poids des couches, sans normalisation, plongement ni biais."""
    model = nn.Sequential(
        nn.Embedding(7, 4), nn.Linear(4, 4), nn.LayerNorm(4), nn.PReLU(), nn.Linear(4, 2)
    )
    assert list(prunable_parameters(model)) == ["1.weight", "4.weight"]
    assert prunable_parameters(model)["1.weight"] is model[1].weight


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("cnn", ["layers.0.weight", "layers.3.weight", "layers.6.weight"]),
        ("rnn", ["lstm.weight_ih_l0", "lstm.weight_hh_l0", "output.weight"]),
        ("tied", ["first.weight", "encode.weight"]),
        (
            "transformer",
            [
                "embedding.weight",
                "encoder.self_attn.in_proj_weight",
                "encoder.self_attn.out_proj.weight",
                "encoder.linear1.weight",
                "encoder.linear2.weight",
            ],
        ),
    ],
)
def test_families(name: str, expected: list[str]) -> None:
    """Récurrents et attention sont élagables ; un poids partagé compte une fois."""
    assert list(prunable_parameters(case(name).model)) == expected


def test_names_and_patterns() -> None:
    """Un motif reste parmi les poids par défaut ; un nom exact en sort."""
    model = nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3), nn.Linear(3, 2))
    assert list(prunable_parameters(model, names="*.weight")) == ["0.weight", "2.weight"]
    assert list(prunable_parameters(model, names=["2.*", "0.bias"])) == ["0.bias", "2.weight"]
    assert list(prunable_parameters(model, names="1.weight")) == ["1.weight"]


def test_modules_by_type_and_by_instance() -> None:
    """Un module donné vaut pour ce qu'il contient, un type pour tout le modèle."""
    inner = nn.Sequential(nn.Linear(3, 3), nn.LayerNorm(3))
    model = nn.Sequential(nn.Linear(2, 3), inner, nn.Embedding(4, 4))
    assert list(prunable_parameters(model, modules=inner)) == ["1.0.weight"]
    assert list(prunable_parameters(model, modules=inner[1])) == ["1.1.weight"]
    assert list(prunable_parameters(model, modules=nn.Embedding)) == ["2.weight"]
    both = prunable_parameters(model, modules=[nn.Embedding, model[0]])
    assert list(both) == ["0.weight", "2.weight"]


def test_alias_of_a_tied_weight() -> None:
    """Un poids partagé se désigne par n'importe lequel de ses noms."""
    model = case("tied").model
    assert list(prunable_parameters(model, names="second.weight")) == ["first.weight"]
    assert list(prunable_parameters(model, names="second.*")) == ["first.weight"]


def test_frozen() -> None:
    """Un poids gelé est écarté, sauf demande ; nommé sans elle, il se refuse."""
    model = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 2))
    model[0].requires_grad_(False)
    assert list(prunable_parameters(model)) == ["1.weight"]
    assert list(prunable_parameters(model, include_frozen=True)) == ["0.weight", "1.weight"]
    with pytest.raises(ValueError, match="gelés"):
        prunable_parameters(model, names="0.weight")
    with pytest.raises(ValueError, match="gelés"):
        prunable_parameters(model[0])


def _weight_norm() -> nn.Module:
    return parametrizations.weight_norm(nn.Linear(3, 2))


def _spectral_norm() -> nn.Module:
    return spectral_norm(nn.Linear(3, 2))


def _torch_prune() -> nn.Module:
    return prune.l1_unstructured(nn.Linear(3, 2), "weight", 0.5)


@pytest.mark.parametrize("build", [_weight_norm, _spectral_norm, _torch_prune])
def test_parametrized_refused(build) -> None:
    """Un poids reparamétré se refuse, sans empêcher d'en choisir d'autres."""
    model = nn.Sequential(build(), nn.Linear(2, 2))
    with pytest.raises(ValueError, match=r"0\.weight : reçu un poids reparamétré"):
        prunable_parameters(model)
    assert list(prunable_parameters(model, names="1.*")) == ["1.weight"]


def test_old_weight_norm_refused() -> None:
    """L'ancienne weight_norm se refuse aussi."""
    with pytest.warns(FutureWarning):
        model = nn.Sequential(nn.utils.weight_norm(nn.Linear(3, 2)))
    with pytest.raises(ValueError, match="reparamétré"):
        prunable_parameters(model)


def test_meta_device() -> None:
    """Choisir les poids ne lit aucune valeur."""
    model = nn.Sequential(nn.Linear(10, 10, device="meta"))
    assert prunable_parameters(model)["0.weight"].is_meta


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.float16, torch.bfloat16])
def test_floating_types(dtype: torch.dtype) -> None:
    """Les types courts sont élagables comme les autres."""
    assert (
        prunable_parameters(nn.Sequential(nn.Linear(2, 2, dtype=dtype)))["0.weight"].dtype == dtype
    )


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"names": "absent"}, ValueError, "reçu 'absent'"),
        ({"names": "absent.*"}, ValueError, r"reçu 'absent\.\*'"),
        ({"names": [3]}, TypeError, "chaînes"),
        ({"modules": [3]}, TypeError, "reçu 3"),
        ({"modules": nn.Linear(1, 1)}, ValueError, "n'appartient pas au modèle"),
        ({"modules": nn.Conv2d}, ValueError, "sans poids élagable"),
    ],
)
def test_bad_choice(options, error, message) -> None:
    """Un choix qui ne désigne aucun poids du modèle se refuse."""
    with pytest.raises(error, match=message):
        prunable_parameters(nn.Sequential(nn.Linear(2, 2)), **options)


def test_bad_model() -> None:
    """Un modèle vide, ou autre chose qu'un modèle, se refuse."""
    with pytest.raises(TypeError, match=r"attendu un nn\.Module"):
        prunable_parameters({"0.weight": torch.ones(2)})
    with pytest.raises(ValueError, match="sans poids élagable"):
        prunable_parameters(nn.Sequential(nn.ReLU()))


def test_integer_parameter() -> None:
    """Un paramètre entier se refuse."""
    model = nn.Sequential(nn.Linear(2, 2))
    model[0].weight = nn.Parameter(torch.ones(2, 2, dtype=torch.int8), requires_grad=False)
    with pytest.raises(TypeError, match=r"torch\.int8"):
        prunable_parameters(model, include_frozen=True)


def test_resolve_refuses_the_parameters_of_another_model() -> None:
    """Les paramètres d'un autre modèle, même d'une copie, se refusent."""
    model, other = nn.Sequential(nn.Linear(2, 2)), nn.Sequential(nn.Linear(2, 2))
    with pytest.raises(ValueError, match="n'est pas ce paramètre"):
        resolve_parameters(model, prunable_parameters(other))
    with pytest.raises(ValueError, match="dictionnaire vide"):
        resolve_parameters(model, {})
    with pytest.raises(TypeError, match="dictionnaire que rend"):
        resolve_parameters(model, [model[0].weight])
    assert resolve_parameters(model, None) == prunable_parameters(model)

"""Quels poids sont élagables."""

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations, prune, spectral_norm

from pruning_core.weights.prunable import prunable_parameters, resolve_parameters
from tests.core.cases import Conv1D, case


def test_default_takes_weights_only() -> None:
    """Par défaut, les poids des couches, sans normalisation, plongement ni biais."""
    model = nn.Sequential(
        nn.Embedding(6, 4), nn.Linear(4, 4), nn.LayerNorm(4), nn.PReLU(), nn.Linear(4, 2)
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
    model = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 4))
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


class Gated(nn.Module):
    """Deux vrais paramètres, dont les noms sont ceux des morceaux d'un poids normalisé."""

    def __init__(self) -> None:
        super().__init__()
        self.w, self.w_g, self.w_v = (nn.Parameter(torch.ones(2, 2)) for _ in range(3))
        self.cache_orig = nn.Parameter(torch.ones(2, 2))
        self.cache = torch.ones(2, 2)


def test_true_parameters_are_not_pieces() -> None:
    """Seul un attribut qu'un crochet recalcule est reparamétré."""
    names = ["w", "w_g", "w_v", "cache_orig"]
    assert list(prunable_parameters(Gated(), modules=Gated)) == names
    model = Gated()
    model.register_forward_pre_hook(lambda module, inputs: None)
    del model.cache
    assert list(prunable_parameters(model, modules=Gated)) == names


class Scaled(nn.Conv2d):
    """Une convolution à gain, comme la `ScaledStdConv2d` de timm."""

    def __init__(self) -> None:
        super().__init__(2, 3, 1)
        self.gain = nn.Parameter(torch.ones(3, 1, 1, 1))
        self.weight_scale = nn.Parameter(torch.ones(3))


def test_only_the_weights_of_a_layer() -> None:
    """Le gain ou l'échelle d'une couche n'est pas un de ses poids ; nommé, il s'élague."""
    model = nn.Sequential(Scaled(), nn.Bilinear(2, 2, 2), nn.RNNCell(2, 2))
    names = ["0.weight", "1.weight", "2.weight_ih", "2.weight_hh"]
    assert list(prunable_parameters(model)) == names
    assert list(prunable_parameters(model, modules=Scaled)) == ["0.weight"]
    assert list(prunable_parameters(model, names="0.gain")) == ["0.gain"]


def test_conv1d_of_transformers() -> None:
    """La couche linéaire de GPT-2 est élagable par défaut."""
    model = nn.Sequential(nn.Embedding(3, 4), Conv1D(3, 4))
    assert list(prunable_parameters(model)) == ["1.weight"]
    assert list(prunable_parameters(model, modules=model)) == ["1.weight"]


def test_tied_embedding() -> None:
    """Un plongement reste de côté même si une couche linéaire le partage, sauf s'il est choisi."""
    model = case("transformer").model
    assert "embedding.weight" not in prunable_parameters(model)
    assert list(prunable_parameters(model, names="decoder.weight")) == ["embedding.weight"]
    assert "embedding.weight" in prunable_parameters(model, modules=nn.Linear)
    with pytest.raises(ValueError, match=r"reçu 'decoder\.\*'"):
        prunable_parameters(model, names="decoder.*")


def test_lazy_module() -> None:
    """Un module paresseux se refuse tant qu'il n'a rien lu."""
    model = nn.Sequential(nn.LazyLinear(2), nn.Linear(2, 2))
    with pytest.raises(ValueError, match=r"0\.weight : .* un passage avant d'abord"):
        prunable_parameters(model)
    assert list(prunable_parameters(model, names="1.weight")) == ["1.weight"]
    model(torch.ones(1, 3))
    assert list(prunable_parameters(model)) == ["0.weight", "1.weight"]


def test_module_named_for_its_weight() -> None:
    """Le nom d'un module mène à celui de son poids, ou au motif des siens."""
    model = nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.Linear(2, 2)))
    with pytest.raises(ValueError, match=r"reçu '0', un module ; .* '0\.weight'"):
        prunable_parameters(model, names="0")
    with pytest.raises(ValueError, match=r"reçu '1', un module ; .* '1\.\*'"):
        prunable_parameters(model, names=["0.weight", "1"])


def test_many_names_are_cut() -> None:
    """Un message ne cite que les premiers noms d'un grand modèle."""
    model = nn.Sequential(*(nn.Linear(1, 1) for _ in range(8)))
    with pytest.raises(ValueError, match=r"'5\.bias'\] et 4 autres"):
        prunable_parameters(model, names="absent")


def test_quantized_model() -> None:
    """Un modèle quantifié se refuse, et le message dit dans quel ordre faire."""

    class Quantized(nn.Module):
        pass

    Quantized.__module__ = "torch.ao.nn.quantized.modules.linear"
    with pytest.raises(ValueError, match="élaguez avant de quantifier"):
        prunable_parameters(nn.Sequential(Quantized()))


def test_complex_parameter() -> None:
    """Un poids complexe se refuse par son type."""
    with pytest.raises(TypeError, match=r"0\.weight : .*torch\.complex64"):
        prunable_parameters(nn.Sequential(nn.Linear(2, 2, dtype=torch.complex64)))


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

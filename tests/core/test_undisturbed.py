"""Une mesure rend le modèle tel quel, identité comprise, où qu'on la fasse ; sinon elle refuse."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import distributed, nn
from torch.utils.checkpoint import CheckpointFunction

from pruning_core import (
    PrunedWeights,
    empirical_fisher_diagonal,
    ggn_diagonal,
    ggn_matrix,
    ggn_neuron_blocks,
    gradient_scores,
    hessian_diagonal,
    hessian_matrix,
    obd_scores,
    obs_block_pruning,
    obs_layer_pruning,
    obs_neuron_pruning,
    prunable_parameters,
    wanda_scores,
)
from pruning_core.passes import undisturbed
from tests.core.cases import same

CRITERION = nn.CrossEntropyLoss()
MEASURES: dict[str, Callable[[nn.Module, Any], Any]] = {
    "gradient": lambda m, d: gradient_scores(m, d, CRITERION),
    "gradient par exemple": lambda m, d: gradient_scores(m, d, CRITERION, variant="per_sample"),
    "OBD": lambda m, d: obd_scores(m, d, CRITERION),
    "Wanda": lambda m, d: wanda_scores(m, d, parameters=_layers(m)),
    "Fisher": lambda m, d: empirical_fisher_diagonal(m, d, CRITERION),
    "GGN": lambda m, d: ggn_diagonal(m, d, CRITERION),
    "matrice": lambda m, d: ggn_matrix(m, d, CRITERION),
    "blocs": lambda m, d: ggn_neuron_blocks(m, d, CRITERION),
    "hessienne": lambda m, d: hessian_diagonal(m, d, CRITERION),
    "matrice hessienne": lambda m, d: hessian_matrix(m, d, CRITERION),
    "OBS par neurone": lambda m, d: obs_neuron_pruning(m, d, CRITERION, 0.5, steps=2),
    "OBS par blocs": lambda m, d: obs_block_pruning(m, d, CRITERION, 0.5, steps=2),
    "OBS par couche": lambda m, d: obs_layer_pruning(m, d, 0.5, parameters=_layers(m)),
}


class _AlwaysDropping(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first, self.last = nn.Linear(4, 4), nn.Linear(8, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        hidden = nn.functional.dropout(self.first(x), 0.5)
        return self.last(hidden.flatten(1))


@pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES)
def test_a_model_that_draws_when_evaluating_is_refused(measure: Callable[..., Any]) -> None:
    """Un modèle qui tire au sort en mode évaluation est refusé : on noterait un seul tirage."""
    torch.manual_seed(0)
    with pytest.raises(ValueError, match=r"tire au sort .* attendu"):
        measure(_AlwaysDropping().double(), _data())


def _layers(model: nn.Module) -> dict[str, nn.Parameter]:
    """Les poids de couches que le modèle appelle : l'attention emploie les siens sans elles."""
    return {n: p for n, p in prunable_parameters(model).items() if "self_attn" not in n}


def _shared() -> nn.Sequential:
    """Un module à deux places, un poids pour deux modules, une attention."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        twice, other = nn.Linear(4, 4), nn.Linear(4, 4)
        other.weight = twice.weight
        attention = nn.TransformerEncoderLayer(4, 2, 4, dropout=0.2, batch_first=True)
        return nn.Sequential(
            twice, nn.Tanh(), twice, attention, other, nn.Flatten(), nn.Linear(8, 3)
        ).double()


def _data() -> list[tuple[torch.Tensor, torch.Tensor]]:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        x, y = torch.randn(5, 2, 4, dtype=torch.float64), torch.randint(0, 3, (5,))
    return [(x[:2], y[:2]), (x[2:], y[2:])]


def _state(model: nn.Module) -> list[Any]:
    """Tout ce qui fait l'identité d'un modèle."""
    places = list(model.named_parameters(remove_duplicate=False))
    return [
        [(name, id(p), type(p), p.requires_grad, id(p._backward_hooks)) for name, p in places],
        [p.detach().clone().tolist() for _, p in places],
        [None if p.grad is None else (id(p.grad), p.grad.tolist()) for _, p in places],
        [(id(m), type(m), sorted(m.__dict__), m.training) for m in model.modules()],
        [(len(m._forward_hooks), len(m._forward_pre_hooks)) for m in model.modules()],
        "apply" in vars(CheckpointFunction),
        [torch.backends.mkldnn.enabled, torch.backends.cudnn.enabled],
        [torch.backends.cudnn.allow_tf32, torch.get_float32_matmul_precision()],
    ]


@pytest.mark.parametrize("name", MEASURES)
def test_a_measure_ignores_autocast(name: str) -> None:
    """Sous `torch.autocast`, une mesure est la même au bit près, et le contexte reste après."""
    model = _shared().float()
    data = [(x.float(), y) for x, y in _data()]

    def numbers() -> Any:
        found = MEASURES[name](model, data)
        if isinstance(found, torch.Tensor):
            return {"": found}
        return found.weights if isinstance(found, PrunedWeights) else found

    expected = numbers()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = numbers()
        assert torch.is_autocast_enabled("cpu")
        assert model[0](data[0][0]).dtype == torch.bfloat16
    assert same(found, expected)


def test_the_autocast_of_a_model_is_its_own() -> None:
    """Ce que le modèle calcule lui-même sous `autocast` le reste, mesuré."""

    class Half(nn.Linear):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            with torch.autocast("cpu", dtype=torch.bfloat16):
                seen.append(super().forward(x).dtype)
            return super().forward(x)

    seen: list[torch.dtype] = []
    gradient_scores(Half(4, 3), [(torch.randn(5, 4), torch.randint(0, 3, (5,)))], CRITERION)
    assert set(seen) == {torch.bfloat16}


@pytest.mark.parametrize("name", MEASURES)
def test_the_model_is_the_same_object_inside_out(name: str) -> None:
    """Après une mesure, ou une panne au deuxième lot, chaque paramètre est à toutes ses places."""
    model, data = _shared(), _data()
    calls = []
    model[0].weight.register_hook(calls.append)
    model[0].weight.grad = torch.ones_like(model[0].weight)
    before = _state(model)
    MEASURES[name](model, data)
    assert _state(model) == before

    def failing():
        yield data[0]
        raise RuntimeError("panne")

    with pytest.raises(RuntimeError, match="panne"):
        MEASURES[name](model, failing())
    assert _state(model) == before
    assert calls == []
    copy.deepcopy(model)
    CRITERION(model(data[0][0]), data[0][1]).backward()
    assert len(calls) == 1


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_equal(one[k], other[k]) for k in one)
    if hasattr(one, "weights"):
        return _equal(one.weights, other.weights) and _equal(one.masks, other.masks)
    return torch.equal(one, other)


@pytest.mark.parametrize("name", MEASURES)
@pytest.mark.parametrize("mode", [torch.inference_mode, torch.no_grad])
def test_without_autograd(name: str, mode: Any) -> None:
    """Sous `inference_mode` ou `no_grad`, données comprises, une mesure rend la même chose."""
    model = _shared()
    expected = MEASURES[name](model, _data())
    with mode():
        assert _equal(MEASURES[name](model, _data()), expected)
    assert not any(parameter.is_inference() for parameter in model.parameters())


class Plain(nn.Module):
    """Un réseau à deux couches, sans rien de particulier."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 3))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layers(x.mean(1))


@pytest.mark.parametrize("in_place", [True, False])
def test_compiled_models(in_place: bool) -> None:
    """Un modèle passé par `torch.compile`, déjà appelé, se mesure comme un autre."""
    model, data = Plain().double(), _data()
    expected = {name: measure(model, data) for name, measure in MEASURES.items()}
    compiled = copy.deepcopy(model)
    if in_place:
        compiled.compile(backend="eager")
    else:
        compiled = torch.compile(compiled, backend="eager")
    compiled(data[0][0])
    for name in ("GGN", "hessienne", "gradient par exemple"):
        got = MEASURES[name](compiled, data)
        assert _equal({key.removeprefix("_orig_mod."): v for key, v in got.items()}, expected[name])


class Detached(nn.Linear):
    """Une couche dont la sortie n'a pas de gradient."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(x.mean(1)).detach()


@pytest.mark.parametrize(
    "name", ["gradient", "gradient par exemple", "GGN", "matrice", "hessienne"]
)
def test_an_output_without_gradient_is_refused(name: str) -> None:
    """Une sortie détachée se refuse, au lieu d'une erreur d'autograd."""
    model = nn.Sequential(Detached(4, 3)).double()
    with pytest.raises(ValueError, match="sortie sans gradient ; attendu"):
        MEASURES[name](model, _data())


@pytest.fixture
def one_process() -> Iterator[None]:
    """Un groupe d'un seul processus, celui du test."""
    distributed.init_process_group("gloo", store=distributed.HashStore(), rank=0, world_size=1)
    yield
    distributed.destroy_process_group()


@pytest.mark.usefixtures("one_process")
def test_distributed_data_parallel() -> None:
    """Un modèle dans DistributedDataParallel se mesure comme seul, puis s'entraîne encore."""
    model, data = Plain().double(), _data()
    parallel = nn.parallel.DistributedDataParallel(copy.deepcopy(model))
    for name in ("GGN", "hessienne", "gradient par exemple", "gradient"):
        expected = {f"module.{key}": v for key, v in MEASURES[name](model, data).items()}
        assert _equal(MEASURES[name](parallel, data), expected)
    for x, y in data:
        CRITERION(parallel(x), y).backward()
    assert all(parameter.grad is not None for parameter in parallel.parameters())


def _inference_model() -> nn.Module:
    with torch.inference_mode():
        return nn.Linear(2, 2)


class FullyShardedDataParallel(nn.Sequential):
    """Du nom de celui de torch, qui demande plusieurs processus."""


class Shared(torch.Tensor):
    """Un tenseur réparti, qu'on sait rassembler."""

    def full_tensor(self) -> torch.Tensor:
        return self.detach()


def _distributed() -> nn.Module:
    model = nn.Linear(2, 2)
    model.bias = nn.Parameter(model.bias.detach().as_subclass(Shared))
    return model


class _Scripted(torch.jit.ScriptModule):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x


def _quantized() -> nn.Module:
    module = type("Linear", (nn.Module,), {})
    module.__module__ = "torch.ao.nn.quantized.modules.linear"
    return nn.Sequential(module())


REFUSED = {
    "paresseux": (lambda: nn.LazyLinear(2), ValueError, r"weight.*paresseux.*attendu.*un lot"),
    "meta": (lambda: nn.Linear(2, 2, device="meta"), ValueError, "meta.*attendu.*to_empty"),
    "inference": (_inference_model, ValueError, "inference_mode.*attendu.*deepcopy"),
    "jit": (_Scripted, TypeError, r"torch\.jit.*attendu le modèle Python"),
    "quantifié": (_quantized, TypeError, "quantifié, Linear.*attendu.*élaguez d'abord"),
    "FSDP": (FullyShardedDataParallel, TypeError, "FSDP ; attendu.*get_model_state_dict"),
    "réparti": (_distributed, TypeError, "bias, réparti.*attendu.*get_model_state_dict"),
}


@pytest.mark.filterwarnings("ignore:.*torch.jit")
@pytest.mark.parametrize("name", REFUSED)
def test_what_autograd_cannot_read_is_refused(name: str) -> None:
    """Un modèle qu'autograd ne peut pas dériver se refuse, en disant par où passer."""
    build, error, message = REFUSED[name]
    with pytest.raises(error, match=message), undisturbed(build()):
        pass

"""Des lots de toute forme, lus comme un couple (x, y)."""

from collections import UserDict
from collections.abc import Callable
from typing import NamedTuple

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_sequence

from pruning_core import (
    Batches,
    empirical_fisher_diagonal,
    ggn_diagonal,
    gradient_scores,
    hessian_diagonal,
    obs_block_pruning,
    obs_layer_pruning,
    obs_neuron_pruning,
    wanda_scores,
)
from pruning_core.curvature.flattening import flatten
from pruning_core.passes import read_batches, reusable
from tests.core.cases import case, same, snapshot


class Pair(NamedTuple):
    """Un lot à champs nommés."""

    data: torch.Tensor
    label: torch.Tensor


class Keyed(nn.Module):
    """Le perceptron des cas, appelé par mots-clefs, et qui rend un dictionnaire."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, *, values: torch.Tensor) -> dict[str, torch.Tensor]:
        return {"logits": self.inner(values)}


FORMS: dict[str, tuple[Callable, Callable, Callable]] = {
    # x, y -> lot ; lot -> x ; lot -> y
    "dict": (lambda x, y: {"x": x, "y": y}, lambda b: b["x"], lambda b: b["y"]),
    "user_dict": (lambda x, y: UserDict(x=x, y=y), lambda b: b["x"], lambda b: b["y"]),
    "nested": (
        lambda x, y: ([x, {"y": y}], "nom"),
        lambda b: b[0][0],
        lambda b: b[0][1]["y"],
    ),
    "named": (Pair, lambda b: b.data, lambda b: b.label),
    "three": (lambda x, y: (x, x + 1, y), lambda b: b[0], lambda b: b[2]),
}

CRITERIA: dict[str, Callable] = {
    "batch": gradient_scores,
    "per_sample": lambda m, d, c: gradient_scores(m, d, c, variant="per_sample"),
    "fisher": empirical_fisher_diagonal,
    "ggn": ggn_diagonal,
    "hessian": hessian_diagonal,
    "neuron": lambda m, d, c: obs_neuron_pruning(m, d, c, 0.5, steps=2).weights,
    "block": lambda m, d, c: obs_block_pruning(m, d, c, 0.5, steps=2).weights,
    "layer": lambda m, d, c: obs_layer_pruning(m, d, 0.5, steps=2).weights,
    "wanda": lambda m, d, c: wanda_scores(m, d),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("criterion", CRITERIA)
def test_every_form_of_batch(criterion: str, form: str) -> None:
    """Un lot de toute forme donne au bit près ce que donne le couple (x, y)."""
    found = case("mlp")
    wrap, x_of, y_of = FORMS[form]
    batches = Batches(
        [wrap(x, y) for x, y in found.loader],
        forward=lambda model, batch: model(x_of(batch)),
        target=y_of,
    )
    run = CRITERIA[criterion]
    expected = run(found.model, found.loader, found.criterion)
    assert same(expected, run(found.model, batches, found.criterion))


@pytest.mark.parametrize("criterion", ["ggn", "per_sample", "hessian", "neuron"])
def test_a_model_called_by_keywords(criterion: str) -> None:
    """Un modèle à mots-clefs qui rend un dictionnaire se lit par `forward`, attention comprise."""
    found = case("transformer")
    batches = Batches(
        [{"values": x, "labels": y} for x, y in found.loader],
        forward=lambda model, batch: model(values=batch["values"])["logits"],
        target=lambda batch: batch["labels"],
    )
    run = CRITERIA[criterion]
    expected = run(found.model, found.loader, found.criterion)
    got = run(Keyed(found.model), batches, found.criterion)
    torch.testing.assert_close(flatten(got), flatten(expected), rtol=1e-10, atol=1e-14)


class TwoHeads(nn.Module):
    """Deux sorties, la seconde d'une autre forme."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Linear(5, 4)
        self.classes = nn.Linear(4, 3)
        self.grid = nn.Linear(4, 6)
        self.double()

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        hidden = torch.tanh(self.body(x))
        return self.classes(hidden), self.grid(hidden).reshape(-1, 3, 2)


def _both(outputs: tuple[torch.Tensor, torch.Tensor], y: torch.Tensor) -> torch.Tensor:
    logits, grid = outputs
    return F.cross_entropy(logits, y) + 0.4 * grid.square().mean()


def _flat_both(output: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return _both((output[:, :3], output[:, 3:].reshape(-1, 3, 2)), y)


class Flat(nn.Module):
    """Les deux sorties mises bout à bout, pour une perte qui les sépare."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        logits, grid = self.inner(x)
        return torch.cat([logits, grid.flatten(1)], 1)


@pytest.mark.parametrize("criterion", ["batch", "per_sample", "fisher", "ggn", "hessian", "neuron"])
def test_several_outputs(criterion: str) -> None:
    """Plusieurs sorties, lues par une seule perte, valent une sortie qui les met bout à bout."""
    torch.manual_seed(0)
    model, loader = TwoHeads(), case("mlp").loader
    expected = CRITERIA[criterion](Flat(model), loader, _flat_both)
    got = CRITERIA[criterion](model, loader, _both)
    torch.testing.assert_close(flatten(got), flatten(expected), rtol=1e-10, atol=1e-14)


def test_several_outputs_that_the_loss_does_not_read() -> None:
    """Une perte qui ne lit pas plusieurs sorties se refuse, en nommant l'issue."""
    with pytest.raises(TypeError, match=r"sortie de type tuple.*forward="):
        ggn_diagonal(TwoHeads(), case("mlp").loader, nn.CrossEntropyLoss())


class Custom(dict):
    """Une sortie d'un type à part, comme celles de `transformers`."""


class Strange(nn.Linear):
    """Rend ce qu'on lui dit."""

    def __init__(self, change: Callable) -> None:
        super().__init__(2, 2)
        self.change = change

    def forward(self, x: torch.Tensor) -> object:
        return self.change(super().forward(x))


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda o: Custom(logits=o), TypeError, r"sortie de type Custom ; .*forward="),
        (lambda o: [], TypeError, r"sortie de type list ; .*forward="),
        (lambda o: (o, o.argmax(1)), TypeError, r"type torch\.int64 ; .*forward="),
        (lambda o: (o, o[:1]), ValueError, r"\(1, 2\) pour 2 exemples ; .*forward="),
        (lambda o: o.mean(), ValueError, r"forme \(\) pour 2 exemples"),
    ],
)
def test_strange_outputs(change, error, message) -> None:
    """Une sortie qui n'est pas une structure de tenseurs par exemple se refuse."""
    loader = [(torch.ones(2, 2), torch.zeros(2, dtype=torch.long))]
    with pytest.raises(error, match=message):
        gradient_scores(nn.Sequential(Strange(change)), loader, nn.CrossEntropyLoss())


X, Y = torch.ones(2, 2), torch.zeros(2, dtype=torch.long)


@pytest.mark.parametrize(
    ("loader", "error", "message"),
    [
        ((X, Y), TypeError, r"un seul couple \(x, y\) ; .* \[\(x, y\)\]"),
        ([X, Y], TypeError, r"un seul couple \(x, y\)"),
        ({"x": X, "y": Y}, TypeError, r"reçu dict ; .*\[lot\].*forward="),
        ([{"x": X, "y": Y}], TypeError, r"un lot dict ; .*forward="),
        ([(X, Y, Y)], TypeError, r"de longueur 3 ; .*forward="),
        ([(pack_sequence([X, X[:1]]), Y)], TypeError, r"PackedSequence ; .*complétées.*forward="),
        ([((X, X[:1]), Y)], ValueError, r"\(2, 2\) et \(1, 2\) et y de forme \(2,\)"),
        ("abc", TypeError, "reçu str"),
    ],
)
def test_batches_that_are_refused(loader, error, message) -> None:
    """Des données qui ne conviennent pas se refusent, en nommant l'issue."""
    with pytest.raises(error, match=message):
        ggn_diagonal(nn.Linear(2, 2), loader, nn.CrossEntropyLoss())


def test_what_batches_refuses() -> None:
    """Une fonction qui n'en est pas une, un lot sans tenseur, une cible absente se refusent."""
    with pytest.raises(TypeError, match="forward : reçu 'logits' ; attendu une fonction"):
        Batches([], forward="logits")
    with pytest.raises(TypeError, match="target : reçu 3"):
        Batches([], target=3)
    with pytest.raises(TypeError, match="reçu un lot dict sans tenseur"):
        list(read_batches(Batches([{"x": "a"}], forward=lambda m, b: b), nn.Linear(2, 2)))
    batches = Batches([{"x": X}], forward=lambda model, batch: model(batch["x"]))
    with pytest.raises(TypeError, match=r"lots sans cible ; .*target=lambda"):
        ggn_diagonal(nn.Linear(2, 2), batches, nn.CrossEntropyLoss())
    assert list(wanda_scores(nn.Sequential(nn.Linear(2, 2)), batches)) == ["0.weight"]


@pytest.mark.parametrize("criterion", [nn.CrossEntropyLoss, "cross_entropy"])
def test_a_criterion_that_is_not_one(criterion) -> None:
    """Une classe de perte, sans ses parenthèses, se refuse en le disant."""
    with pytest.raises(TypeError, match="avec ses parenthèses"):
        gradient_scores(nn.Linear(2, 2), [(X, Y)], criterion)


def test_a_generator_is_read_several_times() -> None:
    """Des lots tirés d'un générateur se relisent quand le critère fait plusieurs passages."""
    found = case("mlp")
    batches = Batches(iter(found.loader))
    expected = obs_neuron_pruning(found.model, found.loader, found.criterion, 0.5, steps=3)
    got = obs_neuron_pruning(found.model, batches, found.criterion, 0.5, steps=3)
    assert same(expected.weights, got.weights)
    again = Batches(loader := found.loader)
    assert reusable(again) is again
    assert [x is y for (x, _), (y, _) in zip(again, loader, strict=True)] == [True, True]


def test_a_batch_is_split_by_example() -> None:
    """Une tranche d'un lot garde ses exemples, chacun avec sa cible."""
    (batch,) = read_batches(
        Batches(
            [{"x": X * torch.tensor([[1.0], [2.0]]), "y": Y + 3}],
            target=lambda b: b["y"],
            forward=lambda m, b: m(b["x"]),
        ),
        nn.Linear(2, 2),
    )
    first, second = batch.part(slice(1)), batch.part(slice(1, 2))
    assert (len(batch), len(first), len(second)) == (2, 1, 1)
    assert second.inputs["x"].tolist() == [[2.0, 2.0]]
    assert second.target.tolist() == [3]


class Twice(nn.Module):
    """Un même module sous deux noms, et un poids partagé."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(2, 2)
        self.again = self.first
        self.tied = nn.Linear(2, 2)
        self.tied.weight = self.first.weight

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.tied(self.again(self.first(x)))


def test_weights_are_replaced_everywhere_then_put_back() -> None:
    """Un poids à plusieurs noms est remplacé partout le temps d'un passage, puis remis."""
    model = Twice()
    (batch,) = read_batches([(X, Y)], model)
    before, weight = snapshot(model), model.first.weight
    for name in ("first.weight", "again.weight", "tied.weight"):
        output = batch.output(model, {name: torch.zeros(2, 2)}).values
        assert torch.equal(output, model.tied.bias.expand(2, 2))
        assert same(before, snapshot(model))
        assert model.first.weight is model.tied.weight is model.again.weight is weight


def test_tensors_made_under_inference_mode() -> None:
    """Des données faites sous inference_mode se lisent comme les autres."""
    found = case("mlp")
    with torch.inference_mode():
        loader = [(x.clone(), y.clone()) for x, y in found.loader]
    expected = ggn_diagonal(found.model, found.loader, found.criterion)
    assert same(expected, ggn_diagonal(found.model, loader, found.criterion))

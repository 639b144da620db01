"""Ce que partagent les critères : ne rien changer, lire les lots, contrôler la perte."""

import random
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from pruning_core import (
    GradientBasedPruning,
    SecondOrderPruning,
    compare_pruning_methods,
    empirical_fisher_diagonal,
    empirical_fisher_matrix,
    ggn_diagonal,
    ggn_matrix,
    ggn_neuron_blocks,
    gradient_scores,
    hessian_diagonal,
    hessian_matrix,
    obs_neuron_pruning,
    sampled_fisher_diagonal,
)
from pruning_core.passes import read_batches, undisturbed
from tests.core.cases import Case, case, same, snapshot

Scorer = Callable[[nn.Module, object, object], object]

SCORERS: dict[str, Scorer] = {
    "source": lambda m, d, c: GradientBasedPruning(m, d, c).compute_gradient_salience(),
    "per_sample": lambda m, d, c: gradient_scores(m, d, c, variant="per_sample"),
    "snip": lambda m, d, c: gradient_scores(m, d, c, variant="snip"),
    "ggn_diagonal": ggn_diagonal,
    "sampled_fisher_diagonal": sampled_fisher_diagonal,
    "empirical_fisher_diagonal": empirical_fisher_diagonal,
    "hessian_diagonal": hessian_diagonal,
    "ggn_matrix": ggn_matrix,
    "empirical_fisher_matrix": empirical_fisher_matrix,
    "hessian_matrix": hessian_matrix,
    "ggn_neuron_blocks": ggn_neuron_blocks,
    "obd": lambda m, d, c: SecondOrderPruning().compute_optimal_brain_damage(m, d, c),
    "obs": lambda m, d, c: SecondOrderPruning().compute_optimal_brain_surgeon(m, d, c),
    "obs_neuron": lambda m, d, c: obs_neuron_pruning(m, d, c, 0.5, steps=2),
    "compare": compare_pruning_methods,
}


class Watch:
    """Photographie d'un modèle et du hasard, à comparer après un calcul."""

    def __init__(self, found: Case) -> None:
        self.model = found.model
        for index, module in enumerate(self.model.modules()):
            module.training = index % 2 == 0
        for index, parameter in enumerate(self.model.parameters()):
            parameter.grad = torch.full_like(parameter, 0.5) if index % 2 else None
        list(self.model.parameters())[-1].requires_grad_(False)
        self.before = self._state()

    def _state(self) -> tuple:
        model = self.model
        return (
            snapshot(model),
            [module.training for module in model.modules()],
            [id(p.grad) if p.grad is not None else None for p in model.parameters()],
            [None if p.grad is None else p.grad.clone() for p in model.parameters()],
            [p.requires_grad for p in model.parameters()],
            [id(t) for t in (*model.parameters(), *model.buffers())],
            [len(m._forward_hooks) for m in model.modules()],
            (torch.get_rng_state(), random.getstate(), np.random.get_state()[1].copy()),
            torch.backends.mha.get_fastpath_enabled(),
        )

    def unchanged(self) -> bool:
        before, after = self.before, self._state()
        return (
            same(before[0], after[0])
            and before[1] == after[1]
            and before[2] == after[2]
            and all(a is b or torch.equal(a, b) for a, b in zip(before[3], after[3], strict=True))
            and before[4:7] == after[4:7]
            and torch.equal(before[7][0], after[7][0])
            and before[7][1] == after[7][1]
            and bool((before[7][2] == after[7][2]).all())
            and before[8] == after[8]
        )


@pytest.mark.parametrize("name", SCORERS)
@pytest.mark.parametrize("family", ["cnn", "transformer"])
def test_scoring_changes_nothing(family: str, name: str) -> None:
    """Noter ne change ni poids, ni tampons, ni modes, ni gradients, ni hasard."""
    found = case(family)
    watch = Watch(found)
    data = DataLoader(TensorDataset(found.x, found.y), batch_size=3, shuffle=True)
    SCORERS[name](found.model, data, found.criterion)
    assert watch.unchanged()


@pytest.mark.parametrize("name", SCORERS)
def test_scoring_changes_nothing_when_it_fails(name: str) -> None:
    """Une panne au deuxième lot rend le modèle tel qu'avant le premier."""
    found = case("cnn")
    watch = Watch(found)

    def loader():
        yield found.loader[0]
        torch.rand(3)
        random.random()
        np.random.rand()
        raise RuntimeError("panne")

    with pytest.raises(RuntimeError, match="panne"):
        SCORERS[name](found.model, loader(), found.criterion)
    if name not in ("obs_neuron", "compare"):  # ceux-là lisent d'abord toutes les données
        assert watch.unchanged()
    else:
        assert same(watch.before[0], snapshot(found.model))


class Drifting(nn.Module):
    """Un modèle qui change ses tampons et même son poids à chaque passage avant."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(2, 2, dtype=torch.float64)
        self.register_buffer("calls", torch.zeros(1))
        self.register_buffer("last", torch.zeros(1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.calls += 1
        self.last = x.detach().sum()
        output = self.linear(x)
        with torch.no_grad():
            self.linear.bias.add_(1.0)
        return output


def test_a_model_that_drifts_is_put_back() -> None:
    """Un modèle qui change en calculant est remis, tampon remplacé compris."""
    model = Drifting()
    before = snapshot(model)
    last = model.last
    with undisturbed(model):
        model(torch.ones(1, 2, dtype=torch.float64))
    assert same(before, snapshot(model))
    assert model.last is last


def test_scoring_keeps_a_pending_backward() -> None:
    """Un graphe d'autograd déjà construit reste valable après une notation."""
    found = case("cnn")
    found.model.eval()
    loss = found.criterion(found.model(found.x), found.y)
    ggn_diagonal(found.model, found.loader, found.criterion)
    loss.backward()


def test_scoring_under_no_grad() -> None:
    """Sous no_grad, les scores sont les mêmes."""
    found = case("mlp")
    expected = ggn_diagonal(found.model, found.loader, found.criterion)
    with torch.no_grad():
        assert same(expected, ggn_diagonal(found.model, found.loader, found.criterion))


def test_frozen_weights_can_be_scored() -> None:
    """Un poids gelé a la même courbure qu'un autre, et reste gelé."""
    found = case("mlp")
    expected = ggn_diagonal(found.model, found.loader, found.criterion)
    found.model.requires_grad_(False)
    chosen = {name: p for name, p in found.model.named_parameters() if name in expected}
    got = ggn_diagonal(found.model, found.loader, found.criterion, parameters=chosen)
    assert same(expected, got)
    assert not any(p.requires_grad for p in found.model.parameters())


X, Y = torch.ones(2, 2), torch.zeros(2, dtype=torch.long)


@pytest.mark.parametrize(
    ("loader", "error", "message"),
    [
        ([], ValueError, "sans aucun lot"),
        (iter([]), ValueError, "sans aucun lot"),
        (None, TypeError, "reçu NoneType ; attendu un itérable"),
        (X, TypeError, "reçu Tensor ; attendu un itérable"),
        ([X], TypeError, "reçu un lot Tensor"),
        ([(X,)], TypeError, "reçu un lot tuple de longueur 1"),
        ([(X, Y, Y)], TypeError, "de longueur 3"),
        ([{"x": X, "y": Y}], TypeError, "reçu un lot dict"),
        ([("x", Y)], TypeError, "reçu x de type str"),
        ([(X, [0, 0])], TypeError, "reçu y de type list"),
        ([(X, Y[:1])], ValueError, r"x de forme \(2, 2\) et y de forme \(1,\)"),
        ([(X[:0], Y[:0])], ValueError, "non nulle"),
        ([(X, torch.tensor(0))], ValueError, "même première dimension"),
    ],
)
@pytest.mark.parametrize("scorer", [gradient_scores, ggn_diagonal, hessian_diagonal])
def test_bad_loader(scorer, loader, error, message) -> None:
    """Un chargeur vide ou mal formé se refuse, en disant ce qui a été reçu."""
    with pytest.raises(error, match=message):
        scorer(nn.Linear(2, 2), loader, nn.CrossEntropyLoss())


def test_n_batches_counts_batches() -> None:
    """`n_batches` compte des lots, non des exemples."""
    batches = [(X * i, Y) for i in range(5)]
    read = list(read_batches(batches, nn.Linear(2, 2), 3))
    assert [float(batch.inputs[0, 0]) for batch in read] == [0.0, 1.0, 2.0]
    for wrong, error in ((0, ValueError), (-1, ValueError), (1.5, TypeError)):
        with pytest.raises(error, match="n_batches : reçu"):
            list(read_batches(batches, nn.Linear(2, 2), wrong))


@pytest.mark.parametrize(
    ("criterion", "error", "message"),
    [
        (nn.CrossEntropyLoss(reduction="sum"), ValueError, "reduction='mean'"),
        (nn.CrossEntropyLoss(reduction="none"), TypeError, r"perte de forme \(2,\)"),
        (lambda o, y: 1.0, TypeError, "perte de forme float"),
        (lambda o, y: o.sum() * float("nan"), ValueError, "reçu une perte de nan"),
    ],
)
@pytest.mark.parametrize(
    "scorer", [gradient_scores, SCORERS["per_sample"], empirical_fisher_diagonal, hessian_matrix]
)
def test_bad_criterion(scorer, criterion, error, message) -> None:
    """Une perte qui n'est pas la moyenne, finie, des exemples se refuse."""
    with pytest.raises(error, match=message):
        scorer(nn.Linear(2, 2), [(X, torch.tensor([0, 1]))], criterion)


class Pair(nn.Linear):
    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return super().forward(x), x


class Total(nn.Linear):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(x).sum(0, keepdim=True)


@pytest.mark.parametrize("scorer", [gradient_scores, ggn_diagonal, hessian_diagonal])
def test_bad_output(scorer) -> None:
    """Une sortie qui n'a pas une ligne par exemple se refuse avant tout calcul."""
    with pytest.raises(TypeError, match="sortie de type tuple"):
        scorer(nn.Sequential(Pair(2, 2)), [(X, Y)], nn.CrossEntropyLoss())
    with pytest.raises(ValueError, match=r"\(1, 2\) pour 2 exemples"):
        scorer(nn.Sequential(Total(2, 2)), [(X, Y)], nn.CrossEntropyLoss())


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
@pytest.mark.parametrize("name", SCORERS)
def test_bad_weights(name, value) -> None:
    """Un poids NaN ou infini se refuse, quel que soit le critère."""
    model = nn.Sequential(nn.Linear(2, 2))
    with torch.no_grad():
        model[0].weight[0, 0] = value
    with pytest.raises(ValueError, match=r"poids 0\.weight : reçu NaN"):
        SCORERS[name](model, [(X, Y)], nn.CrossEntropyLoss())

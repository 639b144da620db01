"""OBD et OBS, tels que la source les nomme."""

import copy

import pytest
import torch
from torch import nn

from pruning_core import compute_sparsity, prunable_parameters
from pruning_core.chapter import SecondOrderPruning, second_order
from pruning_core.curvature.diagonals import (
    empirical_fisher_diagonal,
    ggn_diagonal,
    hessian_diagonal,
)
from pruning_core.curvature.flattening import flatten
from pruning_core.curvature.matrices import ggn_matrix
from pruning_core.obs import one_by_one
from pruning_core.obs.algebra import compensate, damp
from pruning_core.weights.biases import with_biases
from tests.core.cases import NAMES, case, same, snapshot


def test_chosen_parameters() -> None:
    """Seuls les poids choisis sont notés ou supprimés, les biais des autres ne bougent pas."""
    found = case("mlp")
    arguments = found.model, found.loader, found.criterion
    chosen = prunable_parameters(found.model, names="2.*")
    obs = SecondOrderPruning()
    salience, diagonal = obs.compute_optimal_brain_damage(*arguments, parameters=chosen)
    assert list(salience) == list(diagonal) == ["2.weight"]
    assert list(obs.compute_optimal_brain_surgeon(*arguments, parameters=chosen)) == ["2.weight"]
    before = snapshot(found.model)
    removed = obs.iterative_obs_pruning(*arguments, 12, parameters=chosen)
    assert {name for name, _ in removed} == {"2.weight"}
    assert torch.equal(before["0.weight"], found.model[0].weight)
    assert torch.equal(before["0.bias"], found.model[0].bias)


def test_frozen_weights_have_a_curvature() -> None:
    """Un poids gelé, pris sur demande, a la même saillance que s'il ne l'était pas."""
    found = case("mlp")
    arguments = found.model, found.loader, found.criterion
    obs = SecondOrderPruning()
    expected = obs.compute_optimal_brain_surgeon(*arguments)
    found.model.requires_grad_(False)
    chosen = prunable_parameters(found.model, include_frozen=True)
    scores = obs.compute_optimal_brain_surgeon(*arguments, parameters=chosen)
    for name, score in expected.items():
        torch.testing.assert_close(scores[name], score)


def test_obd_is_the_rise_of_a_quadratic_loss() -> None:
    """Sur une perte quadratique, à son minimum, OBD est la hausse exacte d'une suppression."""
    x = torch.randn(30, 3, dtype=torch.float64)
    y = torch.randn(30, 1, dtype=torch.float64)
    model = nn.Sequential(nn.Linear(3, 1, bias=False, dtype=torch.float64))
    with torch.no_grad():
        model[0].weight.copy_(torch.linalg.lstsq(x, y).solution.T)
    loss = nn.MSELoss()
    scores, _ = SecondOrderPruning().compute_optimal_brain_damage(model, [(x, y)], loss)
    base = loss(model(x), y).item()
    for q in range(3):
        cut = copy.deepcopy(model)
        with torch.no_grad():
            cut[0].weight[0, q] = 0.0
        rise = loss(cut(x), y).item() - base
        assert float(scores["0.weight"][0, q]) == pytest.approx(rise, rel=1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_obd_on_every_family(name: str) -> None:
    """La saillance et la diagonale rendues vont ensemble, pour chaque courbure."""
    found = case(name)
    for curvature, diagonal_of in (
        ("ggn", ggn_diagonal),
        ("empirical_fisher", empirical_fisher_diagonal),
        ("hessian", hessian_diagonal),
    ):
        salience, diagonal = SecondOrderPruning().compute_optimal_brain_damage(
            found.model, found.loader, found.criterion, curvature=curvature
        )
        chosen = prunable_parameters(found.model)
        assert same(diagonal, diagonal_of(found.model, found.loader, found.criterion))
        for key, weight in chosen.items():
            assert torch.equal(salience[key], 0.5 * diagonal[key] * weight.detach() ** 2)


@pytest.mark.parametrize("name", ["mlp", "cnn", "rnn", "transformer"])
def test_obs_is_the_compensated_rise(name: str) -> None:
    """La saillance d'OBS est la hausse quadratique une fois les autres poids ajustés."""
    found = case(name)
    salience = SecondOrderPruning().compute_optimal_brain_surgeon(
        found.model, found.loader, found.criterion
    )
    variables = with_biases(found.model, prunable_parameters(found.model))
    matrix = ggn_matrix(found.model, found.loader, found.criterion, parameters=variables)
    curvature, weights = damp(matrix, 1e-2), flatten(variables)
    start = 0
    for key, parameter in variables.items():
        if key in salience:
            kept = torch.ones_like(weights, dtype=torch.bool)
            kept[start + 1] = False
            change = compensate(weights, curvature, kept) - weights
            rise = float(0.5 * change @ curvature @ change)
            assert float(salience[key].flatten()[1]) == pytest.approx(rise, rel=1e-7)
        start += parameter.numel()
    assert list(salience) == list(prunable_parameters(found.model))


def test_obs_is_below_obd() -> None:
    """Ajuster les autres poids ne peut que réduire le coût prévu."""
    found = case("mlp")
    arguments = found.model, found.loader, found.criterion
    obs = SecondOrderPruning().compute_optimal_brain_surgeon(*arguments, damping=1e-6)
    obd, _ = SecondOrderPruning().compute_optimal_brain_damage(*arguments)
    assert all(bool((obs[k] <= obd[k] * (1 + 1e-4) + 1e-9).all()) for k in obd)


def test_memory_bound() -> None:
    """Un réseau trop grand se refuse avant d'allouer."""
    found = case("mlp")
    arguments = found.model, found.loader, found.criterion
    with pytest.raises(MemoryError, match="obs_neuron_pruning"):
        SecondOrderPruning().compute_optimal_brain_surgeon(*arguments, max_bytes=100)
    before = snapshot(found.model)
    with pytest.raises(MemoryError, match="reçu 39 poids"):
        SecondOrderPruning().iterative_obs_pruning(*arguments, 3, max_bytes=100)
    assert same(before, snapshot(found.model))


def test_iterative_prunes_distinct_weights_and_compensates() -> None:
    """Dix itérations suppriment dix poids distincts, et finissent à la compensation jointe."""
    found = case("mlp")
    model = copy.deepcopy(found.model)
    variables = with_biases(model, prunable_parameters(model))
    matrix = damp(ggn_matrix(model, found.loader, found.criterion, parameters=variables), 1e-2)
    before = flatten(variables)
    removed = SecondOrderPruning().iterative_obs_pruning(model, found.loader, found.criterion, 10)
    assert len(set(removed)) == 10
    assert compute_sparsity(model) == 10 / 32
    kept = {name: torch.ones_like(p, dtype=torch.bool) for name, p in variables.items()}
    for name, index in removed:
        assert all(type(i) is int for i in index)
        kept[name][index] = False
    expected = compensate(before, matrix, flatten(kept))
    torch.testing.assert_close(flatten(variables), expected, rtol=1e-8, atol=1e-10)
    assert not torch.equal(model[0].bias, found.model[0].bias)


def test_iterative_takes_the_least_salient_first() -> None:
    """Le premier poids supprimé est celui de plus petite saillance OBS."""
    found = case("mlp")
    arguments = found.model, found.loader, found.criterion
    salience = SecondOrderPruning().compute_optimal_brain_surgeon(*arguments)
    [(name, index)] = SecondOrderPruning().iterative_obs_pruning(*arguments, 1)
    least = min(float(score.min()) for score in salience.values())
    assert float(salience[name][index]) == least


def test_recomputation() -> None:
    """Recalculer la courbure suit le modèle ; une fois sur n'importe quel nombre d'itérations."""
    found = case("mlp")
    results = {}
    for every in (None, 1, 4, 100):
        model = copy.deepcopy(found.model)
        removed = SecondOrderPruning().iterative_obs_pruning(
            model, found.loader, found.criterion, 12, recompute_every=every
        )
        assert len(set(removed)) == 12
        assert compute_sparsity(model) == 12 / 32
        assert not any(bool(dict(model.named_parameters())[n][i]) for n, i in removed)
        results[every] = snapshot(model)
    assert same(results[None], results[100])
    assert not same(results[None], results[1])
    assert not same(results[4], results[1])


@pytest.mark.parametrize(("every", "count"), [(None, 1), (1, 7), (3, 3), (7, 1)])
def test_curvature_is_computed_when_asked(every, count, monkeypatch) -> None:
    """La courbure est recalculée autant de fois que demandé, ni plus ni moins."""
    calls = []

    def counted(*arguments, **options):
        calls.append(arguments)
        return ggn_matrix(*arguments, **options)

    monkeypatch.setattr(second_order, "matrix_named", lambda curvature: counted)
    found = case("mlp")
    arguments = found.model, found.loader, found.criterion
    SecondOrderPruning().iterative_obs_pruning(*arguments, 7, recompute_every=every)
    assert len(calls) == count


def test_progress_is_shown_in_weights(monkeypatch) -> None:
    """La barre compte des poids, ne paraît qu'après trois secondes et s'efface."""
    shown = []

    def bar(steps, **options):
        shown.append(options)
        return steps

    monkeypatch.setattr(one_by_one, "tqdm", bar)
    found = case("mlp")
    SecondOrderPruning().iterative_obs_pruning(found.model, found.loader, found.criterion, 1)
    assert shown == [{"desc": "OBS", "unit": "poids", "delay": 3, "leave": False}]


def test_iterative_on_linear_regression_is_exact_at_every_step() -> None:
    """Sur une perte quadratique, chaque étape laisse la régression optimale sur ses poids."""
    x = torch.randn(40, 6, dtype=torch.float64)
    y = torch.randn(40, 1, dtype=torch.float64)
    model = nn.Sequential(nn.Linear(6, 1, bias=False, dtype=torch.float64))
    with torch.no_grad():
        model[0].weight.copy_(torch.linalg.lstsq(x, y).solution.T)
    SecondOrderPruning().iterative_obs_pruning(model, [(x, y)], nn.MSELoss(), 4, damping=0.0)
    kept = model[0].weight[0] != 0
    assert int(kept.sum()) == 2
    expected = torch.linalg.lstsq(x[:, kept], y).solution.squeeze(1)
    torch.testing.assert_close(model[0].weight[0, kept], expected)


def test_all_and_none() -> None:
    """Zéro poids ne change rien ; tous laissent les seuls biais."""
    found = case("mlp")
    before = snapshot(found.model)
    obs = SecondOrderPruning()
    assert obs.iterative_obs_pruning(found.model, found.loader, found.criterion, 0) == []
    assert same(before, snapshot(found.model))
    assert len(obs.iterative_obs_pruning(found.model, found.loader, found.criterion, 32)) == 32
    assert compute_sparsity(found.model) == 1.0
    assert bool(found.model[2].bias.any())


def test_one_shot_iterator() -> None:
    """Un générateur suffit, même quand la courbure est recalculée."""
    found = case("mlp")
    twin = copy.deepcopy(found.model)
    obs = SecondOrderPruning()
    first = obs.iterative_obs_pruning(
        found.model, iter(found.loader), found.criterion, 6, recompute_every=2
    )
    second = obs.iterative_obs_pruning(twin, found.loader, found.criterion, 6, recompute_every=2)
    assert first == second


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"n_weights_to_prune": 33}, ValueError, "reçu 33 ; attendu au plus 32"),
        ({"n_weights_to_prune": -1}, ValueError, "n_weights_to_prune : reçu -1"),
        ({"n_weights_to_prune": 1.5}, TypeError, "n_weights_to_prune : reçu"),
        ({"recompute_every": 0}, ValueError, "recompute_every : reçu 0"),
        (
            {"curvature": "fisher"},
            ValueError,
            r"reçu 'fisher' ; attendu l'une de \('ggn', 'emp",
        ),
        ({"damping": -1.0}, ValueError, "damping : reçu"),
        ({"damping": 0.0}, ValueError, "indéfinie ou singulière"),
        ({"curvature": "hessian", "damping": 0.0}, ValueError, "indéfinie ou singulière"),
    ],
)
def test_bad_options_change_nothing(options, error, message) -> None:
    """Un mauvais réglage se dit avant que le premier poids change."""
    found = case("mlp")
    before = snapshot(found.model)
    with pytest.raises(error, match=message):
        SecondOrderPruning().iterative_obs_pruning(
            found.model, found.loader, found.criterion, **({"n_weights_to_prune": 3} | options)
        )
    assert same(before, snapshot(found.model))

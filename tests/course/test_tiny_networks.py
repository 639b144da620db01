"""Les tout petits réseaux : calcul par lots, XOR et MONK."""

import math

import pytest
import torch
from torch import nn

from pruning_core import ggn_matrix, hessian_matrix
from pruning_core.course.experiments import monks, tiny_networks, xor


def _problem() -> tiny_networks.Problem:
    x = torch.tensor([[0.0, 1.0, 1.0], [1.0, 0.5, 0.0], [0.2, 0.0, 1.0]], dtype=torch.float64)
    return tiny_networks.Problem(x, torch.tensor([0.0, 1.0, 1.0], dtype=torch.float64), 2, 0.01)


def _batch(problem: tiny_networks.Problem) -> torch.Tensor:
    return tiny_networks.starts([0, 5], problem.size)


def test_outputs_by_hand() -> None:
    """Le vecteur de poids se lit dans l'ordre du réseau."""
    logit = math.log(3.0)
    # Cachés : sigmoïde(log 3 · x₁) et 1/2 ; sortie : sigmoïde(4 h₁ − 2 h₂ − 1).
    weights = torch.tensor([logit, 0, 0, 0, 0, 0, 4, -2, -1], dtype=torch.float64)
    x = torch.tensor([[1.0, 7.0], [-1.0, 7.0]], dtype=torch.float64)
    expected = torch.sigmoid(torch.tensor([4 * 0.75 - 2, 4 * 0.25 - 2], dtype=torch.float64))
    assert torch.allclose(tiny_networks.outputs(weights, x, 2), expected)


def test_same_as_the_library() -> None:
    """Les courbures du lot sont celles de la bibliothèque, pénalité L2 en plus."""
    problem = _problem()
    batch = _batch(problem)
    decay = problem.decay * torch.eye(problem.size, dtype=torch.float64)
    hessians = tiny_networks.hessians(batch, problem)
    newtons = tiny_networks.gauss_newton(batch, problem)
    for weights, hessian, newton in zip(batch, hessians, newtons, strict=True):
        model = tiny_networks.network(weights, problem)
        output = model(problem.x).squeeze(1)
        assert torch.allclose(output, tiny_networks.outputs(weights, problem.x, 2))
        variables = dict(model.named_parameters())
        loader = [(problem.x, problem.y.unsqueeze(1))]
        exact = hessian_matrix(model, loader, nn.MSELoss(), parameters=variables)
        assert torch.allclose(hessian, exact + decay)
        ggn = ggn_matrix(model, loader, nn.MSELoss(), parameters=variables)
        assert torch.allclose(newton, ggn + decay)


def test_descent_keeps_the_mask() -> None:
    """La descente atteint le minimum, les poids supprimés restant nuls."""
    problem = _problem()
    weights = _batch(problem)
    kept = torch.ones_like(weights, dtype=torch.bool)
    kept[0, 3] = kept[1, 0] = False
    near = tiny_networks.adam(weights, problem, kept, steps=300, lr=0.05)
    found = tiny_networks.newton(near, problem, kept, steps=20)
    assert (found[~kept] == 0).all()
    assert (tiny_networks.gradients(found, problem) * kept).abs().max() < 1e-9


def test_xor_minima() -> None:
    """Chaque départ finit à un minimum : pente nulle, hessienne définie positive."""
    problem = xor.xor_problem("±1", 1e-3)
    weights = xor.solve_xor([0, 1, 2], problem)
    assert tiny_networks.gradients(weights, problem).abs().max() < 1e-8
    assert torch.linalg.eigvalsh(tiny_networks.hessians(weights, problem)).min() > 0


def test_only_a_bias_can_be_spared() -> None:
    """Le XOR n'a de solution sans un poids que si ce poids est un biais."""
    problem = xor.xor_problem("±1", 1e-4)
    generator = torch.Generator().manual_seed(0)
    for index, name in enumerate(xor.NAMES):
        weights = 5 * torch.randn(20_000, 9, generator=generator, dtype=torch.float64)
        weights[:, index] = 0
        assert bool(xor.solves(weights, problem).any()) == ("bias" in name)


def test_deletions_by_hand() -> None:
    """Chaque méthode supprime le poids de plus petit score ; OBS seul bouge les autres."""
    problem = xor.xor_problem("±1", 1e-3)
    weights = xor.solve_xor([0], problem)
    curvature = tiny_networks.hessians(weights, problem)[0]
    deleted = xor.delete_one(weights, problem)
    inverse = torch.linalg.inv(curvature)
    expected = {
        "magnitude": weights[0].abs(),
        "obd": curvature.diagonal() * weights[0] ** 2,
        "obd_inverted": weights[0] ** 2 / curvature.diagonal(),
        "obs": weights[0] ** 2 / inverse.diagonal(),
    }
    for method, (index, left) in deleted.items():
        q = int(index)
        assert q == int(expected[method].argmin())
        moved = weights[0].clone()
        if method == "obs":
            moved -= inverse[:, q] * weights[0, q] / inverse[q, q]
        moved[q] = 0
        assert torch.allclose(left[0], moved)


def test_unknown_coding() -> None:
    """Un codage inconnu se refuse en français."""
    with pytest.raises(ValueError, match="reçu '2/3' ; attendu"):
        xor.xor_problem("2/3")


def test_monks_sizes() -> None:
    """58, 39 et 39 poids avec les biais, comme dans l'article."""
    assert [monks.monks_problem(n, 1e-3)[0].size for n in (1, 2, 3)] == [58, 39, 39]


def test_pruning_stops_before_a_mistake() -> None:
    """L'exactitude ne baisse jamais ; plus de candidats n'arrêtent pas plus tôt."""
    problem = _problem()
    kept = torch.ones(2, problem.size, dtype=torch.bool)
    weights = tiny_networks.adam(_batch(problem), problem, kept, steps=500, lr=0.05)
    before = tiny_networks.accuracy(weights, problem)
    assert (before == 1).all()
    for method in ("magnitude", "obd", "obs"):
        one = monks.prune_while_right(weights, problem, monks.Variant(method))
        five = monks.prune_while_right(weights, problem, monks.Variant(method, candidates=5))
        for pruned in (one, five):
            assert (tiny_networks.accuracy(pruned, problem) == 1).all()
            assert (pruned.count_nonzero(-1) < problem.size).all()
        assert (five.count_nonzero(-1) <= one.count_nonzero(-1)).all()

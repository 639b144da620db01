"""Diagonales et matrices de courbure."""

import math

import pytest
import torch
from torch import nn
from torch.func import functional_call, hessian

from pruning_core.curvature import matrices
from pruning_core.curvature.diagonals import (
    empirical_fisher_diagonal,
    ggn_diagonal,
    hessian_diagonal,
)
from pruning_core.curvature.flattening import flatten, unflatten
from pruning_core.curvature.matrices import empirical_fisher_matrix, ggn_matrix, hessian_matrix
from pruning_core.weights.biases import with_biases
from pruning_core.weights.prunable import prunable_parameters
from tests.core.cases import NAMES, Case, case, same
from tests.core.oracles import dense


def _agree(got: torch.Tensor, expected: torch.Tensor) -> None:
    scale = float(expected.abs().max())
    torch.testing.assert_close(got, expected, rtol=1e-10, atol=1e-13 * scale)


def _everything(found: Case) -> dict[str, nn.Parameter]:
    return with_biases(found.model, prunable_parameters(found.model))


@pytest.mark.parametrize("name", NAMES)
def test_against_dense_autograd(name: str) -> None:
    """Chaque courbure, sur chaque famille, poids et biais, contre des boucles d'autograd."""
    found = case(name)
    chosen = _everything(found)
    expected = dense(found, list(chosen))
    arguments = found.model, found.loader, found.criterion
    for diagonal, matrix, reference in (
        (ggn_diagonal, ggn_matrix, expected.ggn),
        (empirical_fisher_diagonal, empirical_fisher_matrix, expected.fisher),
        (hessian_diagonal, hessian_matrix, expected.hessian),
    ):
        _agree(matrix(*arguments, parameters=chosen), reference)
        found_diagonal = diagonal(*arguments, parameters=chosen)
        assert {k: v.shape for k, v in found_diagonal.items()} == {
            k: p.shape for k, p in chosen.items()
        }
        _agree(flatten(found_diagonal), reference.diagonal())


def test_table() -> None:
    """Une sortie scalaire w·x, erreur quadratique : H = 2 x xᵀ en moyenne, à la main."""
    model = nn.Linear(2, 1, bias=False, dtype=torch.float64)
    with torch.no_grad():
        model.weight.copy_(torch.tensor([[1.0, 1.0]]))
    x = torch.tensor([[1.0, 2.0], [3.0, 0.0]], dtype=torch.float64)
    y = torch.tensor([[1.0], [5.0]], dtype=torch.float64)
    loader = [(x[:1], y[:1]), (x[1:], y[1:])]
    matrix = [[10.0, 2.0], [2.0, 4.0]]
    expected = torch.tensor(matrix, dtype=torch.float64)
    torch.testing.assert_close(ggn_matrix(model, loader, nn.MSELoss()), expected)
    torch.testing.assert_close(hessian_matrix(model, loader, nn.MSELoss()), expected)
    diagonal = ggn_diagonal(model, loader, nn.MSELoss())["weight"]
    torch.testing.assert_close(diagonal, torch.tensor([[10.0, 4.0]], dtype=torch.float64))
    # résidus 2 et -2 : gradients 4·(1, 2) et -4·(3, 0)
    fisher = empirical_fisher_diagonal(model, loader, nn.MSELoss())["weight"]
    assert fisher.tolist() == [[(16.0 + 144.0) / 2, (64.0 + 0.0) / 2]]


def test_batches_of_unequal_sizes() -> None:
    """La moyenne se prend sur les exemples : la coupe en lots, même inégaux, ne la change pas."""
    found = case("mlp")
    splits = [
        [(found.x, found.y)],
        found.loader,
        [(found.x[i : i + 1], found.y[i : i + 1]) for i in range(7)],
    ]
    for diagonal in (ggn_diagonal, empirical_fisher_diagonal, hessian_diagonal):
        one, two, seven = (
            flatten(diagonal(found.model, loader, found.criterion)) for loader in splits
        )
        _agree(two, one)
        _agree(seven, one)


def test_the_batch_gradient_squared_is_not_the_fisher() -> None:
    """La Fisher moyenne des carrés : le carré du gradient moyen en vaut moins de la moitié."""
    found = case("mlp")
    fisher = flatten(empirical_fisher_diagonal(found.model, found.loader, found.criterion))
    wrong = dense(found, list(prunable_parameters(found.model))).gradients.mean(0).square()
    assert float(wrong.sum() / fisher.sum()) < 0.5


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")  # de torch.func
def test_hessian_against_torch_func() -> None:
    """La hessienne exacte, contre torch.func.hessian."""
    found = case("mlp_mse")
    chosen = prunable_parameters(found.model)
    weights = {name: p.detach() for name, p in chosen.items()}

    def loss(vector: torch.Tensor) -> torch.Tensor:
        output = functional_call(found.model, unflatten(vector, weights), (found.x,))
        return found.criterion(output, found.y)

    expected = hessian(loss)(flatten(weights))
    _agree(hessian_matrix(found.model, found.loader, found.criterion), expected)


def test_hessian_by_finite_differences() -> None:
    """La diagonale prévoit la hausse de perte d'un petit déplacement, à l'ordre deux."""
    found = case("mlp")
    diagonal = hessian_diagonal(found.model, found.loader, found.criterion)["0.weight"]
    step = 1e-4
    with torch.no_grad():
        weight = found.model[0].weight
        center = weight[1, 2].item()
        values = []
        for shift in (-step, 0.0, step):
            weight[1, 2] = center + shift
            values.append(float(found.criterion(found.model(found.x), found.y)))
        weight[1, 2] = center
    second = (values[0] - 2 * values[1] + values[2]) / step**2
    assert math.isclose(second, float(diagonal[1, 2]), rel_tol=1e-5, abs_tol=1e-7)


def test_relu_hessian_diagonal_is_the_ggn() -> None:
    """Avec des ReLU les deux diagonales sont égales ; avec tanh elles diffèrent franchement."""
    relu = nn.Sequential(nn.Linear(5, 4), nn.ReLU(), nn.Linear(4, 3)).double()
    found = case("mlp")
    tanh = found.model
    for model, equal in ((relu, True), (tanh, False)):
        ggn = flatten(ggn_diagonal(model, found.loader, found.criterion))
        exact = flatten(hessian_diagonal(model, found.loader, found.criterion))
        assert torch.allclose(ggn, exact, rtol=1e-12, atol=1e-14) is equal


def test_ggn_is_positive_and_hessian_may_not_be() -> None:
    """La GGN n'a pas de valeur propre négative ; la hessienne exacte peut en avoir."""
    found = case("mlp")
    ggn = ggn_matrix(found.model, found.loader, found.criterion)
    assert float(torch.linalg.eigvalsh(ggn).min()) > -1e-15
    exact = hessian_matrix(found.model, found.loader, found.criterion)
    assert float(torch.linalg.eigvalsh(exact).min()) < -1e-3


@pytest.mark.parametrize("name", ["cnn", "transformer", "rnn", "mlp"])
def test_chunks_do_not_matter(name: str, monkeypatch) -> None:
    """Découper les exemples pour la mémoire ne change pas les sommes."""
    found = case(name)
    arguments = found.model, found.loader, found.criterion
    whole = ggn_diagonal(*arguments), ggn_matrix(*arguments), hessian_diagonal(*arguments)
    for chunk in (1, 50):
        for limit in ("diagonals._CACHED", "per_example.CHUNK", "hessian.CHUNK"):
            monkeypatch.setattr(f"pruning_core.curvature.{limit}_ELEMENTS", chunk)
        _agree(flatten(ggn_diagonal(*arguments)), flatten(whole[0]))
        _agree(ggn_matrix(*arguments), whole[1])
        _agree(flatten(hessian_diagonal(*arguments)), flatten(whole[2]))


@pytest.mark.parametrize("measure", [ggn_diagonal, empirical_fisher_diagonal, hessian_diagonal])
def test_frozen_weights(measure) -> None:
    """Un poids gelé, pris sur demande, a la courbure d'un autre."""
    found = case("mlp")
    arguments = found.model, found.loader, found.criterion
    expected = measure(*arguments)
    found.model.requires_grad_(False)
    chosen = prunable_parameters(found.model, include_frozen=True)
    got = measure(*arguments, parameters=chosen)
    for name, value in expected.items():
        torch.testing.assert_close(got[name], value)
    assert not found.model[0].weight.requires_grad


@pytest.mark.parametrize("matrix", [ggn_matrix, empirical_fisher_matrix, hessian_matrix])
def test_matrices_of_frozen_weights(matrix) -> None:
    """Une matrice complète est la même, que les poids soient gelés ou non."""
    found = case("mlp")
    arguments = found.model, found.loader, found.criterion
    expected = matrix(*arguments)
    found.model.requires_grad_(False)
    chosen = prunable_parameters(found.model, include_frozen=True)
    torch.testing.assert_close(matrix(*arguments, parameters=chosen), expected)


@pytest.mark.parametrize(
    "measure", [ggn_diagonal, empirical_fisher_diagonal, ggn_matrix, empirical_fisher_matrix]
)
def test_frozen_weights_keep_the_exact_form(measure, monkeypatch: pytest.MonkeyPatch) -> None:
    """Un poids gelé garde la forme exacte par lot, sans un tenseur par exemple."""

    def refuse(*arguments: object) -> None:
        raise AssertionError("forme lente")

    monkeypatch.setattr("pruning_core.curvature.per_example.OneByOne.gradients", refuse)
    found = case("mlp")
    found.model.requires_grad_(False)
    chosen = prunable_parameters(found.model, include_frozen=True)
    measure(found.model, found.loader, found.criterion, parameters=chosen)


def test_n_batches() -> None:
    """La courbure ne lit que les premiers lots demandés."""
    found = case("mlp")
    first = found.loader[:1]
    for measure in (ggn_diagonal, empirical_fisher_diagonal, hessian_diagonal):
        expected = measure(found.model, first, found.criterion)
        got = measure(found.model, found.loader, found.criterion, n_batches=1)
        assert same(expected, got)
    for matrix in (ggn_matrix, empirical_fisher_matrix, hessian_matrix):
        expected = matrix(found.model, first, found.criterion)
        got = matrix(found.model, found.loader, found.criterion, n_batches=1)
        assert torch.equal(expected, got)


@pytest.mark.parametrize("matrix", [ggn_matrix, empirical_fisher_matrix, hessian_matrix])
def test_memory_bound(matrix) -> None:
    """Une matrice trop grande se refuse avec le nombre d'octets, avant tout calcul."""
    found = case("mlp")
    assert matrices.MAX_BYTES == 2**31
    n = 5 * 4 + 4 * 3
    message = (
        rf"^matrice de courbure : reçu {n} poids, soit {n * n * 8} octets ; .* prenez une "
        r"diagonale ou obs_neuron_pruning, qui travaille par neurone\.$"
    )
    with pytest.raises(MemoryError, match=message):
        matrix(found.model, [], found.criterion, max_bytes=n * n * 8 - 1)
    assert matrix(found.model, found.loader, found.criterion, max_bytes=n * n * 8).shape == (n, n)
    with pytest.raises(TypeError, match="max_bytes : reçu"):
        matrix(found.model, found.loader, found.criterion, max_bytes=1e9)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_short_types(dtype: torch.dtype) -> None:
    """En demi-précision les sommes se font en float32, et gardent les petits carrés."""
    found = case("mlp")
    expected = flatten(ggn_diagonal(found.model, found.loader, found.criterion))
    loader = [(x.to(dtype), y) for x, y in found.loader]
    got = ggn_diagonal(found.model.to(dtype), loader, found.criterion)
    assert all(value.dtype == torch.float32 for value in got.values())
    tolerance = 1e-4 if dtype == torch.float32 else 0.1
    torch.testing.assert_close(flatten(got).double(), expected, rtol=tolerance, atol=tolerance / 10)


def test_flatten_and_unflatten() -> None:
    """L'ordre du vecteur est celui du dictionnaire, puis l'ordre à plat."""
    tensors = {"b": torch.tensor([[1.0, 2.0], [3.0, 4.0]]).T, "a": torch.tensor([5.0])}
    vector = flatten(tensors)
    assert vector.tolist() == [1.0, 3.0, 2.0, 4.0, 5.0]
    assert same(unflatten(vector, tensors), tensors)


@pytest.mark.parametrize(
    "measure", [ggn_diagonal, empirical_fisher_diagonal, hessian_diagonal, ggn_matrix]
)
def test_recurrence_in_float32(measure) -> None:
    """Un LSTM en float32, sur processeur, a la courbure qu'il a en float64."""
    found = case("rnn")
    exact = measure(found.model, found.loader, found.criterion)
    loader = [(x.float(), y) for x, y in found.loader]
    rounded = measure(found.model.float(), loader, found.criterion)
    for name, value in exact.items() if isinstance(exact, dict) else [("", exact)]:
        other = rounded[name] if isinstance(rounded, dict) else rounded
        torch.testing.assert_close(other.double(), value, rtol=1e-3, atol=1e-6)

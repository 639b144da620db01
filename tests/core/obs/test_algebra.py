"""L'algèbre d'OBS : inverse, saillance, compensation."""

import pytest
import torch

from pruning_core.obs.algebra import compensate, damp, inverse_curvature, obs_scores, remove_one

# L'exemple du cours : deux poids presque interchangeables, un troisième presque plat.
H = torch.tensor([[1.0, 0.95, 0.0], [0.95, 1.0, 0.0], [0.0, 0.0, 0.3]], dtype=torch.float64)
W = torch.ones(3, dtype=torch.float64)


def _positive(n: int, *batch: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(n)
    factor = torch.randn(*batch, n, n + 2, dtype=torch.float64, generator=generator)
    return factor @ factor.transpose(-1, -2) / n


def _rise(old: torch.Tensor, new: torch.Tensor, curvature: torch.Tensor) -> torch.Tensor:
    change = (new - old).unsqueeze(-1)
    return 0.5 * (change.transpose(-1, -2) @ curvature @ change).squeeze(-1).squeeze(-1)


def test_course_example() -> None:
    """OBD supprime w3 (coût 0,15) ; OBS supprime w1, qui coûte 0,04875 une fois compensé."""
    obd = 0.5 * H.diagonal() * W.square()
    assert int(obd.argmin()) == 2
    assert float(obd[2]) == pytest.approx(0.15)
    scores = obs_scores(W, inverse_curvature(H))
    assert scores.tolist() == pytest.approx([0.04875, 0.04875, 0.15])
    new = compensate(W, H, torch.tensor([False, True, True]))
    assert new.tolist() == pytest.approx([0.0, 1.95, 1.0])
    assert float(_rise(W, new, H)) == pytest.approx(0.04875)


@pytest.mark.parametrize("n", [1, 2, 7])
def test_score_is_the_real_rise(n: int) -> None:
    """La saillance d'un poids est la hausse quadratique une fois les autres ajustés."""
    curvature, weights = _positive(n), torch.randn(n, dtype=torch.float64)
    scores = obs_scores(weights, inverse_curvature(curvature))
    for q in range(n):
        kept = torch.arange(n) != q
        new = compensate(weights, curvature, kept)
        assert float(_rise(weights, new, curvature)) == pytest.approx(float(scores[q]), rel=1e-9)


def test_joint_compensation_against_dense_solves() -> None:
    """La compensation jointe annule les poids supprimés et atteint le minimum de KKT."""
    curvature, weights = _positive(8), torch.randn(8, dtype=torch.float64)
    kept = torch.tensor([True, False, True, True, False, False, True, True])
    new = compensate(weights, curvature, kept)
    assert new[~kept].tolist() == [0.0, 0.0, 0.0]
    # les équations de KKT, résolues d'un bloc
    n, gone = 8, torch.nonzero(~kept).squeeze(1)
    select = torch.eye(n, dtype=torch.float64)[gone]
    system = torch.cat(
        [
            torch.cat([curvature, select.T], 1),
            torch.cat([select, torch.zeros(3, 3, dtype=torch.float64)], 1),
        ]
    )
    right = torch.cat([torch.zeros(n, dtype=torch.float64), -weights[gone]])
    expected = weights + torch.linalg.solve(system, right)[:n]
    torch.testing.assert_close(new, expected, rtol=1e-10, atol=1e-12)
    inverse = torch.linalg.inv(curvature)
    summed = weights - sum(inverse[:, q] * weights[q] / inverse[q, q] for q in gone)
    assert float(summed[gone].abs().max()) > 0.01
    best = _rise(weights, new, curvature)
    for _ in range(20):
        other = new + 0.1 * torch.randn(8, dtype=torch.float64) * kept
        assert float(_rise(weights, other, curvature)) > float(best)


def test_against_least_squares() -> None:
    """Avec H = AᵀA, compenser revient à refaire la régression sur les colonnes gardées."""
    a = torch.randn(20, 5, dtype=torch.float64)
    weights = torch.randn(5, dtype=torch.float64)
    kept = torch.tensor([True, False, True, False, True])
    new = compensate(weights, a.T @ a, kept)
    expected = torch.linalg.lstsq(a[:, kept], (a @ weights).unsqueeze(1)).solution.squeeze(1)
    torch.testing.assert_close(new[kept], expected, rtol=1e-10, atol=1e-12)


def test_batches() -> None:
    """Un lot de lignes, chacune avec son masque, se traite comme une à une."""
    curvature, weights = _positive(4, 3, 2), torch.randn(3, 2, 4, dtype=torch.float64)
    kept = torch.rand(3, 2, 4) < 0.5
    kept[0, 0], kept[0, 1] = True, False
    new = compensate(weights, curvature, kept)
    inverse = inverse_curvature(curvature)
    scores = obs_scores(weights, inverse)
    for i in range(3):
        for j in range(2):
            one = compensate(weights[i, j], curvature[i, j], kept[i, j])
            torch.testing.assert_close(new[i, j], one)
            alone = obs_scores(weights[i, j], torch.linalg.inv(curvature[i, j]))
            torch.testing.assert_close(scores[i, j], alone)
    assert torch.equal(new[0, 0], weights[0, 0])
    assert not bool(new[0, 1].any())


def test_remove_one_by_one_is_the_joint_compensation() -> None:
    """Réduire l'inverse poids après poids mène au même point que la compensation jointe."""
    curvature, start = _positive(6), torch.randn(6, dtype=torch.float64)
    weights, inverse = start.clone(), inverse_curvature(curvature)
    kept = torch.ones(6, dtype=torch.bool)
    for q in (4, 0, 3):
        remove_one(weights, inverse, q)
        kept[q] = False
        torch.testing.assert_close(weights, compensate(start, curvature, kept))
        expected = torch.linalg.inv(curvature[kept][:, kept])
        torch.testing.assert_close(inverse[kept][:, kept], expected)
        assert not bool(inverse[~kept].any() or inverse[:, ~kept].any())
    assert weights[~kept].tolist() == [0.0, 0.0, 0.0]


def test_damping_table() -> None:
    """L'amortissement se rapporte à la diagonale moyenne : il ne dépend pas de l'échelle."""
    matrix = torch.tensor([[1.0, 2.0], [2.0, 7.0]])
    assert damp(matrix, 0.5).tolist() == [[3.0, 2.0], [2.0, 9.0]]
    assert damp(matrix, 0.5, scale=2.0).tolist() == [[2.0, 2.0], [2.0, 8.0]]
    assert matrix.tolist() == [[1.0, 2.0], [2.0, 7.0]]
    scores = obs_scores(W, inverse_curvature(H, damping=0.1))
    scaled = obs_scores(W, inverse_curvature(1000 * H, damping=0.1))
    torch.testing.assert_close(scaled, 1000 * scores)


@pytest.mark.parametrize(
    "matrix",
    [
        torch.tensor([[1.0, 2.0], [2.0, 1.0]]),  # indéfinie
        torch.tensor([[1.0, 1.0], [1.0, 1.0]]),  # singulière
        torch.tensor([[1.0, 0.0], [0.0, -1e-3]]),
        torch.zeros(2, 2),
        torch.ones(3, 3, dtype=torch.float64) / 3,
    ],
)
def test_indefinite_or_singular(matrix: torch.Tensor) -> None:
    """Une courbure indéfinie ou singulière se refuse, en conseillant l'amortissement."""
    with pytest.raises(ValueError, match="indéfinie ou singulière"):
        inverse_curvature(matrix)
    with pytest.raises(ValueError, match=r"Augmentez l'amortissement"):
        kept = torch.ones(len(matrix), dtype=torch.bool)
        compensate(torch.ones(len(matrix), dtype=matrix.dtype), matrix, kept)


@pytest.mark.parametrize("seed", range(10))
def test_nearly_singular(seed: int) -> None:
    """Une matrice de rang trop petit se refuse, même si Cholesky la laisse passer."""
    generator = torch.Generator().manual_seed(seed)
    factor = torch.randn(6, 5, dtype=torch.float64, generator=generator)
    with pytest.raises(ValueError, match="indéfinie ou singulière"):
        inverse_curvature(factor @ factor.T)
    inverse_curvature(factor @ factor.T, damping=1e-6)


@pytest.mark.parametrize(
    ("matrix", "error", "message"),
    [
        (torch.ones(2, 3), ValueError, r"\(2, 3\) ; attendu une matrice carrée"),
        (torch.ones(3), ValueError, "carrée"),
        (torch.full((2, 2), torch.nan), ValueError, "courbure : reçu NaN"),
        (torch.ones(2, 2, dtype=torch.int64), TypeError, r"torch\.int64"),
    ],
)
def test_bad_curvature(matrix, error, message) -> None:
    """Une courbure mal formée se dit avant tout calcul."""
    with pytest.raises(error, match=message):
        inverse_curvature(matrix)
    with pytest.raises(error, match=message):
        compensate(torch.ones(2), matrix, torch.ones(2, dtype=torch.bool))


def test_bad_arguments() -> None:
    """Un masque de nombres ou d'une autre taille se refuse, un amortissement négatif aussi."""
    with pytest.raises(TypeError, match=r"kept : reçu torch\.float64"):
        compensate(W, H, W)
    with pytest.raises(TypeError, match=r"de forme \(2,\)"):
        compensate(W, H, torch.ones(2, dtype=torch.bool))
    with pytest.raises(ValueError, match=r"attendu \(2, 2\)"):
        compensate(W[:2], H, torch.ones(2, dtype=torch.bool))
    for wrong, error in ((-1.0, ValueError), (float("nan"), ValueError), ("1", TypeError)):
        with pytest.raises(error, match="damping : reçu"):
            inverse_curvature(H, damping=wrong)

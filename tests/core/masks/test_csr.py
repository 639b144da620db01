"""Des couches linéaires creuses, calculées en CSR."""

import copy

import pytest
import torch
from torch import nn

from pruning_core import apply_masks, csr_linears, global_masks, hold_masks, magnitude_scores
from pruning_core.masks.csr import CsrLinear
from tests.core.cases import same, snapshot


def _pruned(*layers: nn.Module, sparsity: float = 0.9) -> nn.Module:
    model = nn.Sequential(*layers)
    apply_masks(model, global_masks(magnitude_scores(model), sparsity))
    return model


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("shape", [(12,), (5, 12), (2, 3, 12), (0, 12)])
def test_same_outputs(dtype: torch.dtype, shape: tuple[int, ...]) -> None:
    """Les sorties sont celles du modèle dense, quelles que soient les dimensions du lot."""
    layers = nn.Linear(12, 8), nn.ReLU(), nn.Linear(8, 5, bias=False)
    model = _pruned(*layers, sparsity=0.6).to(dtype)
    before = snapshot(model)
    sparse = csr_linears(model, min_sparsity=0.3)
    assert [type(module) for module in sparse] == [CsrLinear, nn.ReLU, CsrLinear]
    x = torch.randn(shape, dtype=dtype)
    torch.testing.assert_close(sparse(x), model(x))
    torch.testing.assert_close(copy.deepcopy(sparse)(x), model(x))
    assert same(before, snapshot(model))


def test_only_what_is_sparse_enough() -> None:
    """Une couche trop dense, d'un type court, dérivée ou à crochet reste telle quelle."""
    model = nn.Sequential(*(nn.Linear(10, 10) for _ in range(5)))
    for layer in model:
        layer.weight.data.view(-1)[:90] = 0.0
    model[1].weight.data[0, 0] = 1.0
    model[2].bfloat16()
    model[3].register_forward_hook(lambda *_: None)
    model[4].__class__ = type("Derived", (nn.Linear,), {})
    found = [type(module).__name__ for module in csr_linears(model)]
    assert found == ["CsrLinear", "Linear", "Linear", "Linear", "Derived"]
    with pytest.raises(ValueError, match="au moins 95 % de zéros"):
        csr_linears(model, min_sparsity=0.95)
    with pytest.raises(ValueError, match="min_sparsity : reçu 2"):
        csr_linears(model, min_sparsity=2)
    with pytest.raises(ValueError, match="reçu un tenseur « meta »"):
        csr_linears(nn.Linear(2, 2, device="meta"))


def test_held_shared_and_alone() -> None:
    """Une copie ne tient plus de masques ; une couche partagée le reste, seule elle suffit."""
    layer = nn.Linear(6, 6)
    model = nn.Sequential(layer, nn.Tanh(), layer)
    hold_masks(model, {"0.weight": torch.eye(6) > 0})
    sparse = csr_linears(model, min_sparsity=0.8)
    assert sparse[0] is sparse[2]
    x = torch.randn(4, 6)
    torch.testing.assert_close(sparse(x), model(x))
    alone = _pruned(nn.Linear(6, 6))[0].eval()
    assert isinstance(csr_linears(alone), CsrLinear)
    assert not csr_linears(alone).training


def test_a_parent_that_reads_the_weight() -> None:
    """Un module qui lit le poids de sa couche y trouve le poids dense."""
    model = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True).eval()
    apply_masks(model, global_masks(magnitude_scores(model), 0.9, min_kept=4))
    sparse = csr_linears(model, min_sparsity=0.8)
    assert isinstance(sparse.linear1, CsrLinear)
    assert torch.equal(sparse.linear1.weight, model.linear1.weight)
    x = torch.randn(2, 3, 8)
    torch.testing.assert_close(sparse(x), model(x))
    with torch.no_grad():
        torch.testing.assert_close(sparse(x), model(x))


def test_short_repr() -> None:
    """Une couche se présente par ses tailles et ce qu'elle garde."""
    sparse = csr_linears(_pruned(nn.Linear(10, 10)))
    assert "in_features=10, out_features=10, gardés=10" in repr(sparse)


def test_no_csr_product(monkeypatch) -> None:
    """Sans produit CSR dans PyTorch, une erreur le dit et le modèle reste dense."""

    def missing(*_: object) -> torch.Tensor:
        raise RuntimeError("not implemented")

    monkeypatch.setattr(CsrLinear, "forward", missing)
    with pytest.raises(RuntimeError, match="Gardez le modèle dense"):
        csr_linears(_pruned(nn.Linear(10, 10)))

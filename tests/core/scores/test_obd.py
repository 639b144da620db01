"""Les scores d'OBD."""

import pytest
import torch

from pruning_core import obd_salience, obd_scores, prunable_parameters
from pruning_core.curvature.diagonals import (
    empirical_fisher_diagonal,
    ggn_diagonal,
    hessian_diagonal,
)
from tests.core.cases import NAMES, case, same


def test_table() -> None:
    """La saillance d'OBD est ½ H w² : la courbure multiplie."""
    weights = {"a": torch.tensor([1.0, 1.0]), "b": torch.tensor([[2.0], [-3.0]])}
    diagonal = {"a": torch.tensor([100.0, 0.01]), "b": torch.tensor([[0.5], [0.0]])}
    scores = obd_salience(weights, diagonal)
    assert scores["a"].tolist() == pytest.approx([50.0, 0.005])
    assert scores["b"].tolist() == [[1.0], [0.0]]


@pytest.mark.parametrize(
    ("diagonal", "error", "message"),
    [
        ({}, ValueError, "^diagonale de la courbure : .*noms manquants"),
        ({"a": torch.ones(3)}, ValueError, r"courbure de a : reçu la forme \(3,\)"),
        ({"a": torch.ones(2), "b": torch.ones(2)}, ValueError, r"inconnus \['b'\]"),
        ({"a": torch.tensor([1.0, torch.nan])}, ValueError, "courbure de a : reçu NaN"),
    ],
)
def test_bad_diagonal(diagonal, error, message) -> None:
    """Une diagonale d'un autre modèle se refuse, sans diffusion."""
    with pytest.raises(error, match=message):
        obd_salience({"a": torch.ones(2)}, diagonal)


def test_bad_weights() -> None:
    """Un poids absent ou NaN se dit, avec son nom."""
    with pytest.raises(ValueError, match=r"^poids : reçu un dictionnaire vide"):
        obd_salience({}, {})
    with pytest.raises(ValueError, match=r"^poids a : reçu NaN"):
        obd_salience({"a": torch.tensor([torch.nan])}, {"a": torch.ones(1)})


@pytest.mark.parametrize("name", NAMES)
def test_scores_are_the_product_with_the_chosen_curvature(name: str) -> None:
    """Les scores d'un modèle sont ½ H w², avec la diagonale de la courbure demandée."""
    found = case(name)
    arguments = found.model, found.loader, found.criterion
    weights = prunable_parameters(found.model)
    for curvature, diagonal_of in (
        ("ggn", ggn_diagonal),
        ("empirical_fisher", empirical_fisher_diagonal),
        ("hessian", hessian_diagonal),
    ):
        expected = obd_salience(weights, diagonal_of(*arguments))
        assert same(obd_scores(*arguments, curvature=curvature), expected)
    assert same(obd_scores(*arguments), obd_scores(*arguments, curvature="ggn"))


def test_chosen_weights_alone_are_scored() -> None:
    """Les poids choisis gardent leur score, gelés ou non ; les autres n'en ont pas."""
    found = case("mlp")
    arguments = found.model, found.loader, found.criterion
    expected = obd_scores(*arguments)["2.weight"]
    found.model.requires_grad_(False)
    chosen = prunable_parameters(found.model, names="2.*weight", include_frozen=True)
    scores = obd_scores(*arguments, parameters=chosen)
    assert list(scores) == ["2.weight"]
    torch.testing.assert_close(scores["2.weight"], expected)


def test_unknown_curvature() -> None:
    """Une courbure inconnue se refuse, avec les trois connues."""
    found = case("mlp")
    with pytest.raises(ValueError, match=r"reçu 'fisher' ; attendu l'une de \('ggn', 'emp"):
        obd_scores(found.model, found.loader, found.criterion, curvature="fisher")

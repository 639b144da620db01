"""Les nombres à la française."""

import numpy as np
import pytest
import torch

from pruning_core.course.formatting import number, percent, readable


@pytest.mark.parametrize(
    ("value", "digits", "expected"),
    [
        (1797, 0, "1\u202f797"),
        (266610.5, 1, "266\u202f610,5"),
        (0.354, 2, "0,35"),
        (-0.354, 2, "−0,35"),
        (-0.04, 1, "0,0"),
        (-1000, 0, "−1\u202f000"),
        (0, 0, "0"),
    ],
)
def test_numbers_are_written_in_french(value, digits, expected) -> None:
    """Virgule décimale, espace insécable, vrai signe moins, zéro sans signe."""
    assert number(value, digits) == expected


def test_percent_multiplies_by_one_hundred() -> None:
    """Une proportion s'écrit en pour cent, espace insécable devant le signe."""
    assert percent(0.9375) == "93,8\u00a0%"
    assert percent(1, 0) == "100\u00a0%"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, "oui"),
        (np.bool_(False), "non"),
        (0.0, "0"),
        (45.0, "45"),
        (100.0, "100"),
        (-0.00001, "−1\u00a0×\u00a010⁻⁵"),
        (2.3e-12, "2,3\u00a0×\u00a010⁻¹²"),
        (0.83, "0,83"),
        (np.float64(1 / 3), "0,3333"),
        (12345, "12\u202f345"),
        (float("nan"), "indéfini"),
        (-float("inf"), "−∞"),
        ("0.weight", "0.weight"),
        ([0.5, 0.5, 1], "0,5\u00a0; 0,5\u00a0; 1"),
        (torch.tensor([-1.5, 2.0]), "−1,5\u00a0; 2"),
        (torch.tensor(3.0, requires_grad=True), "3"),
        (np.eye(2), "1\u00a0; 0\n0\u00a0; 1"),
        ({"a": 0.5, "b": [1, 2]}, "a\u00a0: 0,5\nb\u00a0: 1\u00a0; 2"),
        ({"a": torch.tensor([[True], [False]])}, "a\u00a0:\n  oui\n  non"),
    ],
)
def test_values_are_written_as_one_reads_them(value, expected) -> None:
    """Ni « 0.0 », ni crochets, ni « True » : ce que Python écrit se lit en français."""
    assert readable(value) == expected


def test_readable_keeps_the_decimals_one_asks_for() -> None:
    """Des décimales demandées sont toutes écrites, celles qui sont nulles aussi."""
    assert readable([1.0, 0.25], 3) == "1,000\u00a0; 0,250"


def test_readable_refuses_what_it_cannot_write() -> None:
    """Une valeur d'une autre sorte est refusée, plutôt qu'écrite comme Python l'écrit."""
    with pytest.raises(TypeError, match="reçu set"):
        readable({1, 2})
    with pytest.raises(TypeError, match="reçu NoneType"):
        readable([1, None])

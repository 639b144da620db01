"""Les nombres à la française."""

import pytest

from pruning_core.course.formatting import number, percent


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

"""Calendriers de sparsité."""

import dataclasses

import pytest

from pruning_core.schedules import CubicSchedule, LinearSchedule


def test_tables() -> None:
    """Les étapes vont de 1 à T : la dernière est la sparsité finale."""
    assert list(LinearSchedule(0.8, 4)) == pytest.approx([0.2, 0.4, 0.6, 0.8])
    assert list(LinearSchedule(0.9, 2, initial=0.5)) == pytest.approx([0.7, 0.9])
    # 1 − (1 − t/4)³ : 37/64, 56/64, 63/64, 1
    assert list(CubicSchedule(0.64, 4)) == pytest.approx([0.37, 0.56, 0.63, 0.64])
    assert list(CubicSchedule(0.9, 2, initial=0.5)) == pytest.approx([0.85, 0.9])
    assert list(CubicSchedule(0.3, 1)) == [0.3]


@pytest.mark.parametrize("schedule", [LinearSchedule(0.9, 7, 0.1), CubicSchedule(0.9, 7, 0.1)])
def test_properties(schedule: LinearSchedule) -> None:
    """Croissante, exacte aux deux bouts, de la bonne longueur, figée."""
    values = [schedule(step) for step in range(8)]
    assert values == sorted(values)
    assert values[0] == pytest.approx(0.1)
    assert values[-1] == 0.9
    assert list(schedule) == values[1:]
    assert len(schedule) == 7
    with pytest.raises(dataclasses.FrozenInstanceError):
        schedule.final = 0.5


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((1.2, 3), ValueError, "sparsité finale : reçu 1.2"),
        ((0.5, 3, -0.1), ValueError, "sparsité initiale : reçu -0.1"),
        ((0.5, 3, 0.6), ValueError, "attendu au plus la finale"),
        ((0.5, 0), ValueError, "steps : reçu 0"),
        ((0.5, 2.5), TypeError, "steps : reçu 2.5"),
    ],
)
def test_bad_settings(arguments, error, message) -> None:
    """Un calendrier impossible se refuse à sa construction."""
    for kind in (LinearSchedule, CubicSchedule):
        with pytest.raises(error, match=message):
            kind(*arguments)


def test_bad_step() -> None:
    """Une étape hors du calendrier se refuse."""
    schedule = CubicSchedule(0.5, 3)
    for step, error in ((4, ValueError), (-1, ValueError), (1.0, TypeError)):
        with pytest.raises(error, match="step : reçu"):
            schedule(step)

"""Le tableau d'OBS par neurone avec distillation, recalculé par une tranche."""

import pytest

from pruning_core.course.experiments import read_table, words_distillation


@pytest.mark.slow
def test_words_distillation_slice() -> None:
    """La première étape que rend le tableau, après celle qui la précède dans le chemin."""
    again = words_distillation.run([0], stages=[0.15, 0.3]).set_index(["seed", "asked"])
    stored = read_table("words_distillation").set_index(["seed", "asked"]).loc[again.index]
    assert list(again["bits"]) == pytest.approx(list(stored["bits"]), abs=2e-3)
    assert list(again["known"]) == pytest.approx(list(stored["known"]), abs=0.03)

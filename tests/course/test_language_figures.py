"""Les figures de la leçon sur le modèle de langue : on relit les objets tracés."""

import matplotlib
import matplotlib.pyplot as plt
import pytest

from pruning_core.course import figures
from pruning_core.methods import METHODS

matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def test_bits_curves_show_the_mean_and_the_references() -> None:
    """Chaque courbe est la moyenne des calibrages ; les repères sont nommés, à leur hauteur."""
    figure = figures.bits_curves(
        [0.5, 0.9],
        {"wanda": [[2.5, 4.0], [2.7, 4.4]], "layer_obs": [[2.4, 3.0]]},
        references={"dense": 2.1},
    )
    lines = {line.get_color(): line for line in figure.axes[0].lines}
    assert lines[METHODS["wanda"].colour].get_ydata() == pytest.approx([2.6, 4.2])
    assert lines[METHODS["layer_obs"].colour].get_ydata() == pytest.approx([2.4, 3.0])
    heights = {text.get_text(): text.xy[1] for text in figure.axes[0].texts}
    assert heights["dense"] == 2.1
    assert {"Wanda", "OBS par couche"} <= set(heights)


def test_a_reference_is_named_where_no_curve_passes() -> None:
    """Le nom d'un repère est au bout où il ne touche aucune courbe, d'un côté ou de l'autre."""
    figure = figures.bits_curves(
        [0.3, 0.5, 0.7, 0.9],
        {"wanda": [2.1, 2.6, 3.6, 4.5], "obs": [2.0, 2.2, 2.8, 3.7]},
        references={"trigramme": 2.85, "entier": 1.98, "hasard": 4.9},
    )
    sides = {text.get_text(): text.get_ha() for text in figure.axes[0].texts}
    assert (sides["trigramme"], sides["entier"], sides["hasard"]) == ("left", "right", "left")


def test_next_letter_picture_reads_every_letter_once() -> None:
    """Chaque lettre lue est dessinée, et chaque probabilité a sa barre."""
    figure = figures.next_letter_picture(
        ["début", "r", "é"], {"c": 0.2, "p": 0.1}, width=64, blocks=2
    )
    path, bars = figure.axes
    drawn = [text.get_text() for text in path.texts]
    assert [text for text in drawn if text in {"début", "r", "é"}] == ["début", "r", "é"]
    assert any("64 nombres" in text for text in drawn)
    assert any("× 2" in text for text in drawn)
    assert [bar.get_width() for bar in bars.patches] == [0.2, 0.1]
    assert [text.get_text() for text in bars.texts] == ["20\u00a0%", "10\u00a0%"]
    assert bars.get_title(loc="left") == "après « ré »"


@pytest.mark.parametrize(
    ("letters", "count"), [(["début"], 2), (list("abcde"), 2), (["a", "b"], 7)]
)
def test_next_letter_picture_refuses_what_it_cannot_draw(letters: list[str], count: int) -> None:
    """Trop ou trop peu de lettres, ou trop de probabilités, se refusent."""
    with pytest.raises(ValueError, match="attendu de"):
        figures.next_letter_picture(
            letters, {str(rank): 0.1 for rank in range(count)}, width=64, blocks=2
        )

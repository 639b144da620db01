"""Les figures disent ce qu'on leur a donné : on relit les objets tracés, pas les pixels."""

import matplotlib
import numpy as np
import pytest
import torch

from pruning_core import figures

matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    figures.plt.close("all")


def texts(figure) -> list[str]:
    axes = figure.axes[0]
    legend = axes.get_legend()
    return [t.get_text() for t in [*axes.texts, *(legend.get_texts() if legend else [])]]


def luminance(colour: str) -> float:
    channels = np.array(matplotlib.colors.to_rgb(colour))
    linear = np.where(channels <= 0.03928, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize("key", figures.METHODS)
def test_method_colours_stand_out_on_white(key) -> None:
    """Couleur illisible : contraste sous 3:1 (WCAG 1.4.11)."""
    assert 1.05 / (luminance(figures.METHODS[key].colour) + 0.05) >= 3


def test_method_colours_and_labels_are_distinct() -> None:
    """Deux méthodes de même couleur."""
    assert len({m.colour for m in figures.METHODS.values()}) == len(figures.METHODS)
    assert len({m.label for m in figures.METHODS.values()}) == len(figures.METHODS)


def test_accuracy_curves_show_the_mean_over_seeds() -> None:
    """Moyenne prise sur le mauvais axe, courbe sans étiquette."""
    figure = figures.accuracy_curves(
        [0.5, 0.9], {"magnitude": [[0.8, 0.2], [1.0, 0.4]], "obs": [[0.9, 0.9]]}, dense=0.97
    )
    lines = {line.get_color(): line for line in figure.axes[0].lines}
    assert lines[figures.METHODS["magnitude"].colour].get_ydata() == pytest.approx([0.9, 0.3])
    assert lines[figures.METHODS["obs"].colour].get_ydata() == pytest.approx([0.9, 0.9])
    assert {"dense", "magnitude", "OBS"} <= set(texts(figure))


def test_end_labels_do_not_overlap() -> None:
    """Étiquettes superposées quand deux courbes finissent au même point."""
    figure = figures.accuracy_curves([0.5, 0.9], {key: [[0.9, 0.1]] for key in figures.METHODS})
    heights = sorted(text.xy[1] for text in figure.axes[0].texts)
    assert np.diff(heights).min() >= 0.07


def test_histogram_counts_kept_and_cut_weights() -> None:
    """Gardés et retirés échangés."""
    figure = figures.weight_histogram(
        torch.tensor([-1.0, 0.1, 0.2, 2.0]), torch.tensor([True, False, False, False])
    )
    assert texts(figure) == ["retirés : 3", "gardés : 1"]


def test_layer_bars_show_each_layer_once_per_method() -> None:
    """Sparsité gardée au lieu de retirée, couche oubliée."""
    masks = {"a": torch.tensor([True, False]), "b": torch.tensor([True, True])}
    figure = figures.layer_sparsity_bars({"magnitude": masks, "obs": masks})
    assert [bar.get_width() for bar in figure.axes[0].patches] == [0.5, 0.0, 0.5, 0.0]
    assert [t.get_text() for t in figure.axes[0].get_yticklabels()] == ["couche 1", "couche 2"]


def test_predicted_and_real_are_not_swapped() -> None:
    """Courbes prédite et mesurée échangées."""
    figure = figures.predicted_and_real([0.1, 0.2], [1e-3, 2e-3], [1e-2, 2e-2])
    solid, dashed = figure.axes[0].lines
    assert list(solid.get_ydata()) == [1e-2, 2e-2]
    assert list(dashed.get_ydata()) == [1e-3, 2e-3]
    ends = {t.get_text(): t.xy[1] for t in figure.axes[0].texts}
    assert ends == {"mesurée": 2e-2, "prédite": 2e-3}


def test_scatter_has_one_panel_per_method() -> None:
    """Points d'une méthode dans le panneau d'une autre."""
    real = np.array([1e-3, -1e-4, 2e-3])
    figure = figures.score_scatter({"magnitude": np.array([1, 2, 3.0]), "obd": real**2}, real)
    assert [ax.get_title(loc="left") for ax in figure.axes] == ["magnitude", "OBD"]
    assert list(figure.axes[0].lines[0].get_xdata()) == [1, 2, 3]
    assert list(figure.axes[0].lines[0].get_ydata()) == [1e-3, 1e-4, 2e-3]


def test_accuracy_table_gives_mean_and_spread_in_percent() -> None:
    """Moyenne prise sur le mauvais axe, proportion écrite sans être mise en pour cent."""
    table = figures.accuracy_table([0.5, 0.9], {"obs": [[0.9, 0.5], [0.8, 0.5]]})
    assert table["OBS"].tolist() == ["85,0 ± 5,0", "50,0 ± 0,0"]
    assert table.index.tolist() == ["50\u00a0%", "90\u00a0%"]


def test_overlap_curve_uses_the_mean() -> None:
    """Moyenne prise sur le mauvais axe."""
    figure = figures.batch_size_overlap([1, 64], [[1.0, 0.6], [1.0, 0.8]])
    assert figure.axes[0].lines[0].get_ydata() == pytest.approx([1.0, 0.7])
    assert [t.get_text() for t in figure.axes[0].get_xticklabels()] == ["1", "64"]

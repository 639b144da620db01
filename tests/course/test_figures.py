"""Les figures disent ce qu'on leur a donné : on relit les objets tracés, pas les pixels."""

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

from pruning_core.course import figures
from pruning_core.course.explorer.page import _DASHES
from pruning_core.course.figures.style import LOOKS
from pruning_core.methods import METHODS

matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def texts(figure) -> list[str]:
    axes = figure.axes[0]
    legend = axes.get_legend()
    return [t.get_text() for t in [*axes.texts, *(legend.get_texts() if legend else [])]]


def luminance(colour: str) -> float:
    channels = np.array(matplotlib.colors.to_rgb(colour))
    linear = np.where(channels <= 0.03928, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize("key", METHODS)
def test_method_colours_stand_out_on_white(key) -> None:
    """Chaque couleur a un contraste d'au moins 3:1 sur blanc (WCAG 1.4.11)."""
    assert 1.05 / (luminance(METHODS[key].colour) + 0.05) >= 3


def test_method_colours_and_labels_are_distinct() -> None:
    """Chaque méthode a sa couleur et son nom."""
    assert len({m.colour for m in METHODS.values()}) == len(METHODS)
    assert len({m.label for m in METHODS.values()}) == len(METHODS)


def test_method_dashes_are_those_the_explorer_draws() -> None:
    """Les traits sont ceux que l'explorateur et la page statique savent tracer."""
    assert {m.dash for m in METHODS.values()} == set(_DASHES)


def test_free_curves_are_not_dressed_as_a_method() -> None:
    """Les courbes libres sont lisibles, distinctes, et sans couleur de méthode."""
    assert not {look.colour for look in LOOKS} & {m.colour for m in METHODS.values()}
    assert all(1.05 / (luminance(look.colour) + 0.05) >= 3 for look in LOOKS)
    for feature in zip(*LOOKS, strict=True):
        assert len(set(feature)) == len(LOOKS)


def test_accuracy_curves_show_the_mean_over_seeds() -> None:
    """Chaque courbe est la moyenne sur les graines, et porte son nom."""
    figure = figures.accuracy_curves(
        [0.5, 0.9], {"magnitude": [[0.8, 0.2], [1.0, 0.4]], "obs": [[0.9, 0.9]]}, dense=0.97
    )
    lines = {line.get_color(): line for line in figure.axes[0].lines}
    assert lines[METHODS["magnitude"].colour].get_ydata() == pytest.approx([0.9, 0.3])
    assert lines[METHODS["obs"].colour].get_ydata() == pytest.approx([0.9, 0.9])
    assert {"dense", "magnitude", "OBS"} <= set(texts(figure))


def test_dense_label_lies_beyond_the_curves() -> None:
    """Le mot « dense » est au bout de son repère, hors des courbes."""
    figure = figures.accuracy_curves([0.5, 0.9], {"magnitude": [0.97, 0.3]}, dense=0.97)
    (label,) = [text for text in figure.axes[0].texts if text.get_text() == "dense"]
    assert label.xy == (pytest.approx(figure.axes[0].get_xlim()[1]), 0.97)
    assert label.xy[0] > 0.9


def test_end_labels_do_not_overlap() -> None:
    """Deux courbes qui finissent au même point ont des étiquettes séparées."""
    figure = figures.accuracy_curves([0.5, 0.9], {key: [[0.9, 0.1]] for key in METHODS})
    heights = sorted(text.xy[1] for text in figure.axes[0].texts)
    assert np.diff(heights).min() >= 0.07


def test_crowded_ends_do_not_move_the_others() -> None:
    """Des étiquettes serrées en haut ne déplacent pas celle du bas."""
    figure = figures.accuracy_curves(
        [0.5, 0.9],
        {"obs": [0.9, 1.0], "obd": [0.9, 1.0], "wanda": [0.9, 1.0], "random": [0.2, 0.01]},
    )
    heights = {text.get_text(): text.xy[1] for text in figure.axes[0].texts}
    assert heights.pop("hasard") == 0.01
    assert max(heights.values()) <= 1.03
    assert np.diff(sorted(heights.values())).min() >= 0.07


def test_histogram_counts_kept_and_cut_weights() -> None:
    """Les poids retirés et gardés sont comptés chacun sous son nom."""
    figure = figures.weight_histogram(
        torch.tensor([-1.0, 0.1, 0.2, 2.0]), torch.tensor([True, False, False, False])
    )
    assert texts(figure) == ["retirés : 3", "gardés : 1"]


def test_layer_bars_show_each_layer_once_per_method() -> None:
    """Chaque barre est la part retirée d'une couche, pour chaque méthode."""
    masks = {"a": torch.tensor([True, False]), "b": torch.tensor([True, True])}
    figure = figures.layer_sparsity_bars({"magnitude": masks, "obs": masks})
    assert [bar.get_width() for bar in figure.axes[0].patches] == [0.5, 0.0, 0.5, 0.0]
    assert [t.get_text() for t in figure.axes[0].get_yticklabels()] == ["couche 1", "couche 2"]


def test_predicted_and_real_are_not_swapped() -> None:
    """La courbe pleine est la mesurée, celle en tirets la prédite."""
    figure = figures.predicted_and_real([0.1, 0.2], [1e-3, 2e-3], [1e-2, 2e-2])
    solid, dashed = figure.axes[0].lines
    assert list(solid.get_ydata()) == [1e-2, 2e-2]
    assert list(dashed.get_ydata()) == [1e-3, 2e-3]
    ends = {t.get_text(): t.xy[1] for t in figure.axes[0].texts}
    assert ends == {"mesurée": 2e-2, "prédite": 2e-3}


def test_scatter_has_one_panel_per_method() -> None:
    """Chaque méthode a son panneau et ses points."""
    real = np.array([1e-3, -1e-4, 2e-3])
    figure = figures.score_scatter({"magnitude": np.array([1, 2, 3.0]), "obd": real**2}, real)
    assert [ax.get_title(loc="left") for ax in figure.axes] == ["magnitude", "OBD"]
    assert list(figure.axes[0].lines[0].get_xdata()) == [1, 2, 3]
    assert list(figure.axes[0].lines[0].get_ydata()) == [1e-3, 1e-4, 2e-3]


def test_accuracy_table_gives_mean_and_spread_in_percent() -> None:
    """Le tableau donne moyenne et écart sur les graines, en pour cent."""
    table = figures.accuracy_table([0.5, 0.9], {"obs": [[0.9, 0.5], [0.8, 0.5]]})
    assert table["OBS"].tolist() == ["85,0 ± 5,0", "50,0 ± 0,0"]
    assert table.index.tolist() == ["50\u00a0%", "90\u00a0%"]


def test_curves_of_a_wrong_length_are_refused() -> None:
    """Des graines et des points échangés se refusent."""
    for plot in (figures.accuracy_curves, figures.accuracy_table):
        with pytest.raises(ValueError, match=r"OBS : reçu la forme \[2, 1\] ; attendu \[2\] ou"):
            plot([0.5, 0.9], {"obs": [[0.9], [0.8]]})


def ticks(axis) -> list[str]:
    axis.figure.draw_without_rendering()
    low, high = sorted(axis.get_view_interval())
    return [
        label.get_text()
        for where, label in zip(axis.get_majorticklocs(), axis.get_ticklabels(), strict=True)
        if low <= where <= high
    ]


def test_ticks_too_close_for_whole_percents_get_decimals() -> None:
    """Deux graduations voisines s'écrivent différemment."""
    figure = figures.named_curves([0.92, 0.94], {"a": [0.96, 0.97]}, xlabel="x", ylabel="y")
    labels = ticks(figure.axes[0].yaxis)
    assert len(set(labels)) == len(labels)
    assert "96,4\u00a0%" in labels


def test_named_curves_show_mean_and_band_of_each_curve() -> None:
    """Chaque courbe a sa moyenne, sa bande, et son étiquette au bout."""
    figure = figures.named_curves(
        [0.5, 0.9],
        {"couche 1": [[0.8, 0.2], [1.0, 0.4]], "couche 2": [0.9, 0.7]},
        xlabel="sparsité",
        ylabel="exactitude",
        reference=("dense", 0.97),
    )
    ax = figure.axes[0]
    first, second, reference = ax.lines
    assert list(reference.get_ydata()) == [0.97, 0.97]
    assert first.get_ydata() == pytest.approx([0.9, 0.3])
    assert list(second.get_ydata()) == [0.9, 0.7]
    band = ax.collections[0].get_paths()[0].vertices[:, 1]
    assert (band.min(), band.max()) == pytest.approx((0.2, 1.0))
    assert {t.get_text(): round(t.xy[1], 9) for t in ax.texts} == {
        "dense": 0.97,
        "couche 1": 0.3,
        "couche 2": 0.7,
    }
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("sparsité", "exactitude")


def test_log_axis_writes_plain_french_numbers_and_spreads_labels() -> None:
    """En échelle logarithmique, les nombres sont français et les étiquettes séparées."""
    figure = figures.named_curves(
        [0.5, 0.9],
        {"lot de 1": [0.3, 2.0], "lot de 8": [0.2, 2.0]},
        xlabel="sparsité",
        ylabel="temps dense / temps creux",
        log_y=True,
        percent_y=False,
    )
    ax = figure.axes[0]
    assert ticks(ax.yaxis) == ["0,2", "0,5", "1", "2"]
    low, high = np.log(ax.get_ylim())
    heights = np.log(sorted(text.xy[1] for text in ax.texts))
    assert (np.diff(heights) / (high - low)).min() >= 0.07


@pytest.mark.parametrize(
    ("curves", "log", "message"),
    [
        ({}, False, "reçu 0 ; attendu entre 1 et 6"),
        ({str(i): [1, 1] for i in range(7)}, False, "reçu 7"),
        ({"a": [0.0, 1.0]}, True, "a : reçu une moyenne négative ou nulle"),
        ({"a": [1.0]}, False, r"a : reçu la forme \[1\]"),
    ],
)
def test_named_curves_refuse_what_they_cannot_show(curves, log, message) -> None:
    """Trop de courbes, aucune, ou des valeurs hors de l'échelle se refusent."""
    with pytest.raises(ValueError, match=message):
        figures.named_curves([0.5, 0.9], curves, xlabel="x", ylabel="y", log_y=log)


def test_panels_share_their_scale_and_name_each_method_once_a_row() -> None:
    """Les panneaux ont la même échelle, et chaque méthode un nom par rangée."""
    both = {"magnitude": [0.9, 0.3], "obs": [0.9, 0.8]}
    figure = figures.accuracy_panels(
        [0.5, 0.9],
        {"petit": {**both, "random": [0.2, 0.1]}, "grand": both},
        dense={"petit": 0.9, "grand": 0.95},
    )
    assert [ax.get_title(loc="left") for ax in figure.axes] == ["petit", "grand"]
    assert [{t.get_text() for t in ax.texts} for ax in figure.axes] == [
        {"hasard"},
        {"magnitude", "OBS", "dense"},
    ]
    assert len({ax.get_ylim() for ax in figure.axes}) == 1
    assert [list(ax.lines[0].get_ydata()) for ax in figure.axes] == [[0.9] * 2, [0.95] * 2]


@pytest.mark.parametrize(("count", "columns"), [(1, 1), (2, 2), (3, 1), (4, 2)])
def test_panels_fill_their_columns(count, columns) -> None:
    """Les panneaux remplissent une ou deux colonnes."""
    panels = {str(rank): {"obs": [0.9, 0.8]} for rank in range(count)}
    grid = figures.accuracy_panels([0.5, 0.9], panels).axes[0].get_gridspec()
    assert (grid.nrows, grid.ncols) == (count // columns, columns)


def test_panels_refuse_an_empty_mapping() -> None:
    """Une figure sans panneau se refuse en français."""
    with pytest.raises(ValueError, match="attendu au moins un panneau"):
        figures.accuracy_panels([0.5], {})


def test_weight_images_share_one_scale_and_hide_exact_zeros() -> None:
    """Les images ont la même échelle, et un poids nul y est hachuré."""
    figure = figures.weight_images(
        {"avant": torch.tensor([[1.0, -0.5]]), "après": torch.tensor([[-2.0, 0.0]])}
    )
    first, second, bar = figure.axes
    images = [ax.images[0] for ax in (first, second)]
    assert [image.get_clim() for image in images] == [(-2.0, 2.0)] * 2
    assert [np.ma.getmaskarray(image.get_array()).tolist() for image in images] == [
        [[False, False]],
        [[False, True]],
    ]
    assert second.patch.get_hatch()
    assert [ax.get_title(loc="left") for ax in (first, second)] == ["avant", "après"]
    assert ticks(bar.xaxis) == ["−2", "−1", "0", "1", "2"]


@pytest.mark.parametrize(
    ("images", "message"),
    [({}, "au moins une image"), ({"a": torch.ones(3)}, r"a : reçu la forme \[3\]")],
)
def test_weight_images_refuse_what_is_not_an_image(images, message) -> None:
    """Un vecteur, ou aucune image, se refuse en français."""
    with pytest.raises(ValueError, match=message):
        figures.weight_images(images)

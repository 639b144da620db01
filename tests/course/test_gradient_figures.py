"""Les figures de la leçon sur le gradient disent ce qu'on leur a donné."""

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

from pruning_core.course import figures

matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def test_overlap_curves_use_the_mean() -> None:
    """Chaque courbe est la moyenne sur les graines."""
    figure = figures.batch_size_overlap([1, 64], [[1.0, 0.6], [1.0, 0.8]], [[1.0, 0.5], [1.0, 0.7]])
    single, shuffles = figure.axes[0].lines
    assert single.get_ydata() == pytest.approx([1.0, 0.7])
    assert shuffles.get_ydata() == pytest.approx([1.0, 0.6])
    assert [t.get_text() for t in figure.axes[0].get_xticklabels()] == ["1", "64"]


def test_shuffle_dots_show_every_shuffle_of_every_network() -> None:
    """Chaque réseau a sa colonne : un point par mélange, et deux repères qui n'en dépendent pas."""
    figure = figures.shuffle_dots(
        [[0.5, 0.7], [0.6, 0.9]], per_sample=[0.1, 0.2], magnitude=[0.3, 0.4]
    )
    magnitude, per_sample, *dots = (line.get_ydata() for line in figure.axes[0].lines)
    assert magnitude == pytest.approx([0.3, 0.4])
    assert per_sample == pytest.approx([0.1, 0.2])
    assert np.array(dots) == pytest.approx(np.array([[0.5, 0.6], [0.7, 0.9]]))
    assert {tuple(line.get_xdata()) for line in figure.axes[0].lines[2:]} == {(1, 2)}


def test_shuffle_dots_of_another_network_are_refused() -> None:
    """Un repère qui n'a pas une valeur par réseau se refuse."""
    with pytest.raises(ValueError, match=r"magnitude : reçu la forme \[1\]"):
        figures.shuffle_dots([[0.5], [0.6]], per_sample=[0.1, 0.2], magnitude=[0.3])


def test_kept_by_pixel_counts_the_kept_weights() -> None:
    """Chaque pixel porte le nombre de poids gardés qui le lisent, à une échelle commune."""
    mask = torch.tensor([[True, False, True, False], [True, True, False, False]])
    figure = figures.kept_by_pixel({"a": mask, "b": ~mask}, torch.eye(2))
    ink, first, second = (ax.images[0] for ax in figure.axes[:3])
    assert ink.get_array().tolist() == [[1, 0], [0, 1]]
    assert first.get_array().tolist() == [[2, 1], [1, 0]]
    assert second.get_array().tolist() == [[0, 1], [1, 2]]
    assert first.get_clim() == second.get_clim() == (0, 2)


def test_kept_by_pixel_refuses_what_it_cannot_lay_out() -> None:
    """Aucun masque, ou un masque d'une autre image, se refusent."""
    with pytest.raises(ValueError, match="au moins un masque"):
        figures.kept_by_pixel({}, torch.eye(2))
    with pytest.raises(ValueError, match=r"a : reçu la forme \[2, 3\] ; attendu \[neurones, 4\]"):
        figures.kept_by_pixel({"a": torch.ones(2, 3, dtype=torch.bool)}, torch.eye(2))

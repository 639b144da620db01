"""Les poids eux-mêmes : leur distribution, leur répartition par couche, leurs images."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from pruning_core.course.figures.style import CUT, KEPT, book_style, french_axis
from pruning_core.course.formatting import number, percent
from pruning_core.masks.measuring import layer_sparsities
from pruning_core.methods import METHODS
from pruning_core.types import Masks

_HATCHED = {"facecolor": "#ececec", "edgecolor": "#8c8c8c", "hatch": "////"}


def weight_histogram(weights: torch.Tensor, kept: torch.Tensor, *, bins: int = 81) -> Figure:
    """Trace la distribution des poids et ce que le masque en retire.

    Parameters
    ----------
    weights : Tensor
        Poids, forme quelconque.
    kept : Tensor
        Masque booléen de même forme, vrai là où le poids est gardé.
    bins : int
        Nombre de classes de l'histogramme.

    Returns
    -------
    Figure
        La figure : poids gardés et poids retirés, empilés.
    """
    values = weights.detach().double().flatten().cpu().numpy()
    mask = kept.flatten().cpu().numpy()
    edges = np.linspace(-abs(values).max(), abs(values).max(), bins + 1)
    with book_style():
        figure, ax = plt.subplots()
        ax.hist(
            [values[~mask], values[mask]],
            bins=edges.tolist(),
            stacked=True,
            color=[CUT, KEPT],
            label=[
                f"retirés : {number((~mask).sum())}",
                f"gardés : {number(mask.sum())}",
            ],
        )
        ax.set(xlabel="valeur du poids", ylabel="nombre de poids")
        french_axis(ax.xaxis)
        french_axis(ax.yaxis)
        ax.legend()
        return figure


def layer_sparsity_bars(masks: Mapping[str, Masks]) -> Figure:
    """Trace la sparsité de chaque couche, une barre par méthode.

    Parameters
    ----------
    masks : dict[str, Masks]
        Pour chaque clé de `METHODS`, les masques ; tous sur les mêmes couches.

    Returns
    -------
    Figure
        La figure.

    Raises
    ------
    KeyError
        Si une méthode n'est pas dans `METHODS`.
    """
    table = {key: layer_sparsities(one) for key, one in masks.items()}
    layers = list(next(iter(table.values())))
    positions = np.arange(len(layers), dtype=float)
    height = 0.8 / len(table)
    with book_style():
        figure, ax = plt.subplots(figsize=(5.2, 1.2 + 0.36 * len(layers) * len(table)))
        for rank, (key, sparsity) in enumerate(table.items()):
            method = METHODS[key]
            bars = ax.barh(
                positions + (rank - (len(table) - 1) / 2) * height,
                [sparsity[layer] for layer in layers],
                height=0.9 * height,
                color=method.colour,
            )
            labels = [f"{method.label} {percent(sparsity[layer])}" for layer in layers]
            ax.bar_label(bars, labels=labels, padding=4, color=method.colour, fontsize=11)
        ax.set(xlabel="sparsité de la couche", xlim=(0, 1.75))
        ax.set_xticks(np.linspace(0, 1, 5))
        ax.set_yticks(positions, [f"couche {rank}" for rank in range(1, len(layers) + 1)])
        ax.invert_yaxis()
        ax.grid(visible=False, axis="y")
        french_axis(ax.xaxis, percentage=True)
        return figure


def kept_by_pixel(
    masks: Mapping[str, torch.Tensor], ink: torch.Tensor, *, title: str = "encre moyenne"
) -> Figure:
    """Dessine, pixel par pixel, combien de poids de la première couche chaque masque garde.

    Parameters
    ----------
    masks : dict[str, Tensor]
        Pour chaque titre, le masque booléen de la première couche, forme [neurones, pixels].
    ink : Tensor
        Image de référence, forme [hauteur, largeur], dessinée à gauche.
    title : str
        Titre de l'image de référence.

    Returns
    -------
    Figure
        La figure : l'image de référence, puis une carte par masque, à la même échelle.

    Raises
    ------
    ValueError
        S'il n'y a aucun masque, ou si l'un n'a pas une colonne par pixel.
    """
    if not masks:
        raise ValueError("masques : reçu un dictionnaire vide ; attendu au moins un masque.")
    for name, mask in masks.items():
        if mask.ndim != 2 or mask.shape[1] != ink.numel():
            raise ValueError(
                f"{name} : reçu la forme {list(mask.shape)} ; attendu [neurones, {ink.numel()}]."
            )
    counts = {name: mask.sum(dim=0).reshape(ink.shape).cpu() for name, mask in masks.items()}
    top = max(int(count.max()) for count in counts.values())
    with book_style():
        figure, axes = plt.subplots(1, 1 + len(counts), figsize=(7.6, 3.4), squeeze=False)
        left, *others = axes.flat
        left.imshow(ink.detach().cpu().numpy(), cmap="Greys")
        left.set(title=title, xticks=[], yticks=[])
        for ax, (name, count) in zip(others, counts.items(), strict=True):
            # Aucun poids est blanc, comme une page sans encre : le thème sombre inverse les deux.
            shown = ax.imshow(count.numpy(), cmap="Purples", vmin=0, vmax=top)
            ax.set(title=name, xticks=[], yticks=[])
        for ax in axes.flat:
            ax.grid(visible=False)
            ax.spines[["top", "right"]].set_visible(True)
        figure.colorbar(
            shown, ax=axes, location="bottom", label="poids gardés, par pixel", aspect=40
        )
        return figure


def weight_images(images: Mapping[str, torch.Tensor], *, columns: int = 3) -> Figure:
    """Dessine des poids en petites images, sur une seule échelle de couleurs centrée sur zéro.

    Un poids exactement nul est hachuré : il ne se confond pas avec un poids petit.

    Parameters
    ----------
    images : dict[str, Tensor]
        Pour chaque titre, des poids, forme [hauteur, largeur].
    columns : int
        Nombre d'images par rangée.

    Returns
    -------
    Figure
        La figure, avec son échelle de couleurs.

    Raises
    ------
    ValueError
        S'il n'y a aucune image, ou si l'une n'a pas deux dimensions.
    """
    if not images:
        raise ValueError("images : reçu un dictionnaire vide ; attendu au moins une image.")
    grids = {title: weights.detach().double().cpu().numpy() for title, weights in images.items()}
    for title, grid in grids.items():
        if grid.ndim != 2:
            raise ValueError(
                f"{title} : reçu la forme {list(grid.shape)} ; attendu [hauteur, largeur]."
            )
    columns = min(columns, len(grids))
    rows = -(-len(grids) // columns)
    top = max(abs(grid).max() for grid in grids.values()) or 1.0
    with book_style():
        figure, axes = plt.subplots(
            rows, columns, figsize=(5.6, 1.1 + 5.6 / columns * rows), squeeze=False
        )
        for ax in axes.flat[len(grids) :]:
            ax.set_axis_off()
        for ax, (title, grid) in zip(axes.flat, grids.items(), strict=False):
            shown = ax.imshow(np.ma.masked_equal(grid, 0), cmap="RdBu", vmin=-top, vmax=top)
            ax.patch.set(**_HATCHED)
            ax.set(title=title, xticks=[], yticks=[])
            ax.grid(visible=False)
        bar = figure.colorbar(
            shown, ax=axes, location="bottom", label="valeur du poids (hachuré : nul)", aspect=40
        )
        bar.locator = MaxNLocator(4, steps=[1, 2, 5, 10], symmetric=True)
        french_axis(bar.ax.xaxis)
        return figure

"""OBS couche par couche, d'après les seules entrées de chaque couche (leçon 8.1.3, `eq-couche`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

import torch
from torch import nn
from tqdm import tqdm

from pruning_core.checks import check_count, check_positive, check_same_names
from pruning_core.curvature.inputs import InputReader
from pruning_core.curvature.moments import SecondMoment
from pruning_core.masks.applying import PrunedWeights
from pruning_core.masks.choosing import count_pruned
from pruning_core.masks.patterns import Pattern
from pruning_core.obs.algebra import DAMPING
from pruning_core.obs.left_to_right import BLOCK
from pruning_core.obs.one_layer import LayerPruning, Order
from pruning_core.obs.path import layer_tables, snapshot
from pruning_core.obs.start import Start
from pruning_core.obs.traversal import Traversal
from pruning_core.passes import reusable, undisturbed
from pruning_core.types import Loader, Masks
from pruning_core.weights.biases import with_biases
from pruning_core.weights.prunable import check_weights

_PIECE = 1024


def obs_layer_pruning(
    model: nn.Module,
    loader: Loader,
    sparsity: float | Mapping[str, float] | Pattern,
    *,
    steps: int = 15,
    damping: float = DAMPING,
    block_size: int | None = None,
    order: Order = "joint",
    mask_block: int = BLOCK,
    masks: Mapping[str, torch.Tensor] | None = None,
    parameters: Mapping[str, nn.Parameter] | None = None,
) -> PrunedWeights:
    """Élague chaque couche en changeant le moins possible sa sortie ; la perte n'est pas lue.

    Les couches sont prises dans l'ordre où le modèle les appelle, chacune avec les entrées x que
    lui donnent les précédentes déjà élaguées. L'erreur quadratique de sa sortie a pour courbure
    H = 2 E[x xᵀ], la même pour toutes les lignes : le choix des poids se fait sur toutes ensemble
    (`obs.choosing`), puis chaque ligne et son biais s'ajustent, exactement et d'un coup. Seules
    comptent les entrées que reçoit une couche, quelles que soient leur forme et leur origine : rien
    ne demande qu'elles aient une ligne par exemple.

    Parameters
    ----------
    model : nn.Module
        Laissé tel quel.
    loader : itérable de (x, y), ou Batches
        Seul x est lu.
    sparsity : float, dict[str, float] ou Pattern
        Une sparsité pour toutes les couches, ou une par nom ; ou un motif, comme `Pattern(2, 4)`,
        que tiendra chaque groupe d'entrées de chaque neurone.
    steps : int
        Nombre de pénalités du choix (`obs.choosing.choose_kept`) ; sans effet de gauche à droite.
    damping : float
        Amortissement, relatif à la diagonale moyenne de la couche.
    block_size : int, optionnel
        Nombre de colonnes au-delà duquel une ligne est coupée en morceaux égaux, dont la courbure
        croisée est négligée ; 1024 par défaut. Borne le temps, cubique en la taille d'un
        morceau, et la mémoire.
    order : {"joint", "left_to_right"}
        "joint" choisit parmi tous les poids de la couche. "left_to_right" est SparseGPT tel que
        publié : par blocs de colonnes, ou par groupes d'un motif, de gauche à droite ; plus vite,
        et moins bien.
    mask_block : int
        Nombre de colonnes d'un bloc de SparseGPT, sans effet sinon. 128 est celui de l'article,
        pour des couches de milliers de colonnes ; sur une couche étroite, moins vaut mieux.
    masks : Masks, optionnel
        Masques déjà en vigueur, qui s'ajoutent à ceux que tient le modèle (`hold_masks`). Un poids
        absent le reste et ne compense rien.
    parameters : dict[str, nn.Parameter], optionnel
        Des poids de couches linéaires ou convolutives ; par défaut `prunable_parameters(model)`.

    Returns
    -------
    PrunedWeights

    Raises
    ------
    TypeError, ValueError
        Si les données, les poids, les masques ou un réglage ne conviennent pas, ou si un poids
        n'est pas celui d'une couche linéaire ou convolutive que le modèle appelle.

    Notes
    -----
    Trois lectures du modèle, sans graphe, quelle que soit sa profondeur (voir
    `obs.traversal.Traversal.run`, qui dit quand il en faut plus). Tous les lots y sont à la fois
    en mémoire, avec leurs activations du moment.

    References
    ----------
    Dong et coll., 2017 (L-OBS) ; Frantar, Singh et Alistarh, 2022 (OBC, éq. 2) ; Frantar et
    Alistarh, 2023 (SparseGPT), pour l'ordre des couches ; Meng et coll., 2024 (ALPS).
    """
    if order not in get_args(Order):
        raise ValueError(f"order : reçu {order!r} ; attendu l'une de {get_args(Order)}.")
    check_count(steps, "steps", minimum=1)
    check_positive(damping, "damping")
    check_count(mask_block, "mask_block", minimum=1)
    size = check_count(_PIECE if block_size is None else block_size, "block_size", minimum=1)
    start = Start.of(model, parameters, masks)
    check_weights(start.chosen)
    wanted = _wanted(start, sparsity)
    reader = InputReader(start.work, start.chosen)
    layers = {
        table.weight: LayerPruning(
            table,
            reader.groups[table.weight],
            wanted[table.weight],
            steps,
            damping,
            size,
            order,
            mask_block,
        )
        for table in layer_tables(start.work, start.chosen)
    }
    return _prune(start, reusable(loader), reader, layers)


def _wanted(
    start: Start, sparsity: float | Mapping[str, float] | Pattern
) -> Mapping[str, int | Pattern]:
    """Ce que chaque couche doit perdre : un nombre de poids, absents compris, ou un motif."""
    if isinstance(sparsity, Pattern):
        for table in layer_tables(start.work, start.chosen):
            sparsity.check(table.weight, table.layout)
        return dict.fromkeys(start.chosen, sparsity)
    if isinstance(sparsity, Mapping):
        check_same_names(sparsity, list(start.chosen), "sparsité par couche")
    else:
        sparsity = dict.fromkeys(start.chosen, sparsity)
    finals = {name: start.only(name).path([value])[0] for name, value in sparsity.items()}
    return {name: count_pruned(p.numel(), finals[name]) for name, p in start.chosen.items()}


def _prune(
    start: Start, loader: Loader, reader: InputReader, layers: Mapping[str, LayerPruning]
) -> PrunedWeights:
    values = {name: p.detach() for name, p in with_biases(start.work, start.chosen).items()}
    dense = {name: value.clone() for name, value in values.items()}
    masks: Masks = {}
    bar = tqdm(total=len(layers), desc="OBS par couche", unit="couche", delay=3, leave=False)

    def moment(name: str) -> SecondMoment:
        return layers[name].moment(values[name].device)

    def prune(name: str, moment: SecondMoment) -> None:
        adjusted, masks[name] = layers[name].prune(values, start.present, moment)
        for variable, value in adjusted.items():
            values[variable].copy_(value)
        bar.update()

    def reset() -> None:
        bar.reset()
        for name, value in dense.items():
            values[name].copy_(value)

    with bar, undisturbed(start.work), torch.no_grad():
        names = list(layers)
        Traversal(start.work, loader, reader, names, moment=moment, prune=prune, reset=reset).run()
        return snapshot(start, {name: masks[name] for name in names})

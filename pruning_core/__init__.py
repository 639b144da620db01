"""Élagage non structuré : des poids aux scores, des scores aux masques, des masques au modèle."""

from pruning_core.batches import Batches
from pruning_core.chapter import GradientBasedPruning, MagnitudePruning, SecondOrderPruning
from pruning_core.comparison import compare_pruning_methods
from pruning_core.curvature.diagonals import (
    empirical_fisher_diagonal,
    ggn_diagonal,
    hessian_diagonal,
    sampled_fisher_diagonal,
)
from pruning_core.curvature.flattening import flatten, unflatten
from pruning_core.curvature.matrices import (
    empirical_fisher_matrix,
    ggn_matrix,
    hessian_matrix,
    sampled_fisher_matrix,
)
from pruning_core.curvature.neurons import ggn_neuron_blocks
from pruning_core.curvature.sampled import SampledFisher
from pruning_core.evaluation import evaluate
from pruning_core.gradual import gradual_pruning
from pruning_core.held.models import held_masks
from pruning_core.masks.applying import PrunedWeights, apply_masks, pruned_copy
from pruning_core.masks.budgets import erk_sparsities
from pruning_core.masks.choosing import (
    count_pruned,
    global_masks,
    layerwise_masks,
    rowwise_masks,
)
from pruning_core.masks.compact import FileSize, load_pruned, save_pruned
from pruning_core.masks.csr import csr_linears
from pruning_core.masks.holding import hold_masks, release_masks
from pruning_core.masks.measuring import compute_sparsity, layer_sparsities, mask_agreement
from pruning_core.masks.patterns import Pattern, pattern_masks
from pruning_core.masks.storing import load_masks, save_masks
from pruning_core.masks.torch_prune import masks_from_torch_prune, masks_to_torch_prune
from pruning_core.obs.algebra import compensate, inverse_curvature, obs_scores, remove_one
from pruning_core.obs.blocks import obs_block_pruning
from pruning_core.obs.layers import obs_layer_pruning
from pruning_core.obs.neurons import obs_neuron_path, obs_neuron_pruning
from pruning_core.schedules import CubicSchedule, LinearSchedule
from pruning_core.scores.gradient import gradient_scores
from pruning_core.scores.lamp import lamp_scores
from pruning_core.scores.magnitude import magnitude_scores
from pruning_core.scores.obd import obd_salience, obd_scores
from pruning_core.scores.random import random_scores
from pruning_core.scores.wanda import wanda_scores
from pruning_core.types import Masks, Scores
from pruning_core.weights.coverage import Coverage, weight_coverage
from pruning_core.weights.prunable import prunable_parameters

# Une table des matières, dans l'ordre du chemin d'un poids plutôt que de l'alphabet.
__all__ = [  # noqa: RUF022
    # les données
    "Batches",
    # les poids
    "prunable_parameters",
    "weight_coverage",
    "Coverage",
    # leurs scores : un fichier par critère
    "Scores",
    "magnitude_scores",
    "lamp_scores",
    "gradient_scores",
    "obd_scores",
    "obd_salience",
    "wanda_scores",
    "random_scores",
    # des scores aux masques
    "Masks",
    "global_masks",
    "layerwise_masks",
    "rowwise_masks",
    "pattern_masks",
    "Pattern",
    "erk_sparsities",
    "count_pruned",
    # des masques au modèle
    "pruned_copy",
    "PrunedWeights",
    "apply_masks",
    "hold_masks",
    "held_masks",
    "release_masks",
    "save_masks",
    "load_masks",
    # un modèle élagué : l'enregistrer, le calculer, le passer à torch
    "save_pruned",
    "load_pruned",
    "FileSize",
    "csr_linears",
    "masks_from_torch_prune",
    "masks_to_torch_prune",
    # ce que cela donne
    "compute_sparsity",
    "layer_sparsities",
    "mask_agreement",
    "evaluate",
    "compare_pruning_methods",
    # élaguer peu à peu
    "gradual_pruning",
    "CubicSchedule",
    "LinearSchedule",
    # élaguer et compenser : OBS
    "obs_neuron_pruning",
    "obs_neuron_path",
    "obs_layer_pruning",
    "obs_block_pruning",
    # son algèbre, sur une courbure donnée
    "inverse_curvature",
    "obs_scores",
    "remove_one",
    "compensate",
    # la courbure de la perte
    "ggn_diagonal",
    "SampledFisher",
    "sampled_fisher_diagonal",
    "empirical_fisher_diagonal",
    "hessian_diagonal",
    "ggn_matrix",
    "sampled_fisher_matrix",
    "empirical_fisher_matrix",
    "hessian_matrix",
    "ggn_neuron_blocks",
    "flatten",
    "unflatten",
    # les classes du chapitre
    "MagnitudePruning",
    "GradientBasedPruning",
    "SecondOrderPruning",
]

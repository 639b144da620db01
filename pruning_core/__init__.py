"""Élagage non structuré : des poids aux scores, des scores aux masques, des masques au modèle."""

from pruning_core.block_obs import obs_block_pruning
from pruning_core.comparison import compare_pruning_methods
from pruning_core.compensation import compensate, inverse_curvature, obs_scores, remove_one
from pruning_core.curvature import (
    empirical_fisher_diagonal,
    empirical_fisher_matrix,
    flatten,
    ggn_diagonal,
    ggn_matrix,
    hessian_diagonal,
    hessian_matrix,
    unflatten,
)
from pruning_core.gradient import GradientBasedPruning, gradient_scores
from pruning_core.gradual import gradual_pruning
from pruning_core.holding import MaskHold, hold_masks, release_masks
from pruning_core.layer_obs import obs_layer_pruning
from pruning_core.magnitude import MagnitudePruning, magnitude_scores, random_scores
from pruning_core.masks import (
    Masks,
    Scores,
    apply_masks,
    check_masks,
    count_pruned,
    global_masks,
    layerwise_masks,
    pruned_copy,
)
from pruning_core.neuron_blocks import ggn_neuron_blocks
from pruning_core.neuron_obs import obs_neuron_path, obs_neuron_pruning
from pruning_core.obs_path import PrunedWeights
from pruning_core.parameters import prunable_parameters
from pruning_core.schedules import CubicSchedule, LinearSchedule
from pruning_core.second_order import SecondOrderPruning, obd_scores
from pruning_core.sparsity import compute_sparsity, layer_sparsities, mask_agreement
from pruning_core.storage import load_masks, save_masks

__all__ = [
    "CubicSchedule",
    "GradientBasedPruning",
    "LinearSchedule",
    "MagnitudePruning",
    "MaskHold",
    "Masks",
    "PrunedWeights",
    "Scores",
    "SecondOrderPruning",
    "apply_masks",
    "check_masks",
    "compare_pruning_methods",
    "compensate",
    "compute_sparsity",
    "count_pruned",
    "empirical_fisher_diagonal",
    "empirical_fisher_matrix",
    "flatten",
    "ggn_diagonal",
    "ggn_matrix",
    "ggn_neuron_blocks",
    "global_masks",
    "gradient_scores",
    "gradual_pruning",
    "hessian_diagonal",
    "hessian_matrix",
    "hold_masks",
    "inverse_curvature",
    "layer_sparsities",
    "layerwise_masks",
    "load_masks",
    "magnitude_scores",
    "mask_agreement",
    "obd_scores",
    "obs_block_pruning",
    "obs_layer_pruning",
    "obs_neuron_path",
    "obs_neuron_pruning",
    "obs_scores",
    "prunable_parameters",
    "pruned_copy",
    "random_scores",
    "release_masks",
    "remove_one",
    "save_masks",
    "unflatten",
]

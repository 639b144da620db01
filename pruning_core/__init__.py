"""Élagage non structuré : des poids aux scores, des scores aux masques, des masques au modèle."""

from pruning_core.chapter import GradientBasedPruning, MagnitudePruning, SecondOrderPruning
from pruning_core.comparison import compare_pruning_methods
from pruning_core.curvature.diagonals import (
    empirical_fisher_diagonal,
    ggn_diagonal,
    hessian_diagonal,
)
from pruning_core.curvature.flat import flatten, unflatten
from pruning_core.curvature.matrices import empirical_fisher_matrix, ggn_matrix, hessian_matrix
from pruning_core.curvature.neurons import ggn_neuron_blocks
from pruning_core.gradual import gradual_pruning
from pruning_core.masks.applying import PrunedWeights, apply_masks, check_masks, pruned_copy
from pruning_core.masks.choosing import count_pruned, global_masks, layerwise_masks
from pruning_core.masks.holding import MaskHold, hold_masks, release_masks
from pruning_core.masks.measuring import compute_sparsity, layer_sparsities, mask_agreement
from pruning_core.masks.storing import load_masks, save_masks
from pruning_core.obs.algebra import compensate, inverse_curvature, obs_scores, remove_one
from pruning_core.obs.blocks import obs_block_pruning
from pruning_core.obs.layers import obs_layer_pruning
from pruning_core.obs.neurons import obs_neuron_path, obs_neuron_pruning
from pruning_core.schedules import CubicSchedule, LinearSchedule
from pruning_core.scores.gradient import gradient_scores
from pruning_core.scores.magnitude import magnitude_scores
from pruning_core.scores.obd import obd_scores
from pruning_core.scores.random import random_scores
from pruning_core.types import Masks, Scores
from pruning_core.weights.prunable import prunable_parameters

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

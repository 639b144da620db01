"""Élaguer des réseaux de la forme de ceux que l'on a : temps, mémoire, ce que cela change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from pruning_core import (
    SampledFisher,
    compute_sparsity,
    global_masks,
    layerwise_masks,
    magnitude_scores,
    obd_scores,
    obs_layer_pruning,
    obs_neuron_pruning,
    prunable_parameters,
    pruned_copy,
    wanda_scores,
)
from tests.benchmarks import networks
from tests.benchmarks.measuring import measure
from tests.benchmarks.networks import PADDING, Subject, outputs

SPARSITY = 0.5

_LOSS = nn.CrossEntropyLoss(ignore_index=PADDING)


def run(network: str, method: str, **sizes: int) -> dict[str, Any]:
    """Élague la moitié des poids d'un réseau, et mesure ce que ses sorties deviennent.

    Returns
    -------
    dict
        `seconds`, `peak_bytes`, `weights` (nombre de poids élagables), `sparsity`, `change`
        (‖sorties changées − sorties‖ / ‖sorties‖, sur d'autres exemples) et, pour le modèle de
        mots, `bits` par lettre.
    """
    subject = NETWORKS[network](**sizes)
    parameters = _weights(network, subject.model)
    found = measure(lambda: METHODS[method](subject, parameters))
    pruned = pruned_copy(subject.model, found.result)
    before = torch.cat(list(outputs(subject.model, subject.held_out)))
    after = torch.cat(list(outputs(pruned, subject.held_out)))
    masks = getattr(found.result, "masks", found.result)
    result = found.cost() | {
        "weights": sum(parameter.numel() for parameter in parameters.values()),
        "sparsity": compute_sparsity(masks),
        "change": float((after - before).norm() / before.norm()),
    }
    if network == "mots":
        target = torch.cat([y for _, y in subject.held_out])
        for name, output in (("dense", before), ("bits", after)):
            nats = F.cross_entropy(output, target, ignore_index=PADDING)
            result[name] = float(nats / torch.log(torch.tensor(2.0)))
    return result


def _weights(network: str, model: nn.Module) -> dict[str, nn.Parameter]:
    """Les poids des blocs, pour les modèles de langue : ni plongements ni tête."""
    names = {"mots": "blocks.*", "GPT-2": "transformer.h.*"}.get(network)
    return prunable_parameters(model, names=names)


def _by_layer(subject: Subject, parameters: dict[str, nn.Parameter]) -> Any:
    return obs_layer_pruning(subject.model, subject.batches, SPARSITY, parameters=parameters)


def _by_neuron(subject: Subject, parameters: dict[str, nn.Parameter]) -> Any:
    return obs_neuron_pruning(
        subject.model,
        subject.batches,
        _LOSS,
        SPARSITY,
        curvature=SampledFisher(),
        parameters=parameters,
    )


def _by_obd(subject: Subject, parameters: dict[str, nn.Parameter]) -> Any:
    scores = obd_scores(
        subject.model, subject.batches, _LOSS, curvature=SampledFisher(), parameters=parameters
    )
    return global_masks(scores, SPARSITY)


def _by_wanda(subject: Subject, parameters: dict[str, nn.Parameter]) -> Any:
    scores = wanda_scores(subject.model, subject.batches, parameters=parameters)
    return layerwise_masks(scores, SPARSITY)


def _by_magnitude(subject: Subject, parameters: dict[str, nn.Parameter]) -> Any:
    return layerwise_masks(magnitude_scores(subject.model, parameters=parameters), SPARSITY)


NETWORKS: dict[str, Callable[..., Subject]] = {
    "mots": networks.character_model,
    "ResNet18": networks.resnet18,
    "GPT-2": networks.gpt2,
}

METHODS: dict[str, Callable[[Subject, dict[str, nn.Parameter]], Any]] = {
    "OBS par couche": _by_layer,
    "OBS par neurone, Fisher tirée": _by_neuron,
    "OBD, Fisher tirée": _by_obd,
    "Wanda": _by_wanda,
    "magnitude": _by_magnitude,
}

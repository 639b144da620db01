"""Réponses aux exercices ouverts sur l'échelle : justes, et fausses avec leur indice."""

from __future__ import annotations

import torch
from torch import nn

from pruning_core import magnitude_scores, prunable_parameters


def scored(model, edit):
    return {n: edit(w.detach()) for n, w in prunable_parameters(model).items()}


def standardised(model):
    return scored(model, lambda w: w.abs() / w.std())


def ranks(model):
    return scored(model, lambda w: w.abs().flatten().argsort().argsort().reshape(w.shape))


def shared_by_rows(model):
    return scored(model, lambda w: w.abs() / w.norm(dim=1, keepdim=True))


def scaling_the_model(model):
    with torch.no_grad():
        for w in prunable_parameters(model).values():
            w /= w.std()
    return magnitude_scores(model)


def only_the_first(model):
    scores = magnitude_scores(model)
    scores["0.weight"] = scores["0.weight"] / scores["0.weight"].std()
    scores["2.weight"] = scores["2.weight"] / scores["2.weight"].std()
    return scores


def inputs_of(net, x, *, edit=lambda w, x: w.abs() * x.norm(dim=0)):
    scores = {}
    for place, layer in net.named_children():
        if isinstance(layer, nn.Linear):
            scores[f"{place}.weight"] = edit(layer.weight.detach(), x)
        x = layer(x).detach()
    return scores


def by_hooks(net, x):
    seen, hooks = {}, []
    for place, layer in net.named_children():
        if isinstance(layer, nn.Linear):
            hooks.append(
                layer.register_forward_pre_hook(
                    lambda _, given, place=place: seen.update({place: given[0].detach()})
                )
            )
    net(x)
    for hook in hooks:
        hook.remove()
    return {
        f"{place}.weight": net.get_submodule(place).weight.detach().abs() * given.norm(dim=0)
        for place, given in seen.items()
    }


def without_relu(net, x):
    scores, raw = {}, x
    for place, layer in net.named_children():
        if isinstance(layer, nn.Linear):
            scores[f"{place}.weight"] = layer.weight.detach().abs() * raw.norm(dim=0)
            raw = layer(x).detach()
            x = raw.relu()
    return scores


def training(net, x):
    net.train()
    return inputs_of(net, x)


RIGHT = [
    ("magnitude-ouvert", standardised),
    ("magnitude-ouvert", ranks),
    ("magnitude-ouvert", shared_by_rows),
    ("magnitude-ouvert", lambda m: scored(m, lambda w: w.abs() / w.abs().max())),
    ("gradient-ouvert", inputs_of),
    ("gradient-ouvert", by_hooks),
    (
        "gradient-ouvert",
        lambda n, x: inputs_of(n, x, edit=lambda w, x: w.abs() * x.square().mean(0).sqrt()),
    ),
]


def edited(edit):
    return lambda net, x: inputs_of(net, x, edit=edit)


WRONG = [
    ("magnitude-ouvert", magnitude_scores, "Couche 1 multipliée par 10,0"),
    ("magnitude-ouvert", only_the_first, "Couche 2 multipliée par 0,1"),
    ("magnitude-ouvert", lambda m: scored(m, torch.ones_like), "ne choisissent rien"),
    (
        "magnitude-ouvert",
        lambda m: scored(m, lambda w: torch.arange(w.numel()).reshape(w.shape)),
        "un tout autre réseau",
    ),
    ("magnitude-ouvert", lambda m: scored(m, lambda w: -w.abs() / w.std()), "les premiers"),
    ("magnitude-ouvert", lambda m: scored(m, lambda w: w.abs() / 0), "tous finis"),
    ("magnitude-ouvert", lambda m: standardised(m)["0.weight"], "un dictionnaire"),
    ("magnitude-ouvert", scaling_the_model, "modifie le modèle"),
    ("gradient-ouvert", edited(lambda w, x: w.abs()), "la magnitude"),
    ("gradient-ouvert", edited(lambda w, x: w * x.norm(dim=0)), "un signe"),
    ("gradient-ouvert", edited(lambda w, x: x.norm(dim=0).expand_as(w)), "Il manque le poids"),
    ("gradient-ouvert", edited(lambda w, x: w.abs() * x.square().sum(0)), "la racine"),
    ("gradient-ouvert", edited(lambda w, x: w.abs() * x.abs().mean(0)), "la moyenne"),
    ("gradient-ouvert", edited(lambda w, x: w.abs() * x.abs().sum(0)), "la somme"),
    ("gradient-ouvert", without_relu, "ReLU"),
    ("gradient-ouvert", edited(lambda w, x: w.abs() * x.amax(0)), "pour ['0.weight'"),
    ("gradient-ouvert", training, "mode"),
]

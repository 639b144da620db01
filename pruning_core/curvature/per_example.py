"""Sommes sur les exemples de fonctions du gradient de chaque exemple.

Pour une sortie f(x_i) et un vecteur v_i, le gradient de l'exemple i est J_iᵀ v_i, où J_i est la
jacobienne de f(x_i) par rapport aux poids. On veut Σ_i φ(J_iᵀ v_i), φ carré ou valeur absolue.

Pour une couche linéaire d'entrée a_i et de gradient de sortie b_i, J_iᵀ v_i = b_i a_iᵀ, donc
Σ_i φ(b_i a_iᵀ) = φ(B)ᵀ φ(A) : un seul produit de matrices, sans tenseur par exemple. Une
convolution, ou une couche appelée à plusieurs positions, somme d'abord sur les positions. Les
autres poids passent par `torch.func`, par paquets d'exemples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

import torch
from torch import nn
from torch.func import functional_call, vjp, vmap

from pruning_core.curvature.layers import (
    CHUNK_ELEMENTS,
    Positions,
    Recorder,
    Reduction,
    accumulator,
)

_CHECKED_SAMPLES = 8


def exact_parameters(
    model: nn.Module, parameters: Mapping[str, nn.Parameter], x: torch.Tensor
) -> dict[str, nn.Parameter]:
    """Poids dont la forme par lot est exacte, vérifiée sur un premier lot.

    Un poids peut aussi servir hors de sa couche (attention, poids partagé), ou la première
    dimension n'être pas celle des exemples. On compare donc le gradient reconstruit à celui
    d'autograd, et on s'assure que la sortie du premier exemple ne dépend pas des autres lignes.
    """
    x = x[:_CHECKED_SAMPLES]
    recorder = Recorder(model, parameters)
    output = recorder.forward(x)
    names = recorder.names
    if not names or not output.requires_grad:
        return {}
    vectors = _unremarkable(output)
    expected = torch.autograd.grad(
        output,
        [parameters[name] for name in names],
        vectors,
        retain_graph=True,
        materialize_grads=True,
    )
    rows = recorder.backward(vectors)
    alone = torch.zeros_like(vectors)
    alone[0] = vectors[0]
    first = recorder.backward(alone)
    return {
        name: parameters[name]
        for name, gradient in zip(names, expected, strict=True)
        if _reconstructs(rows[name], gradient) and not first[name].output_gradients[1:].any()
    }


def _unremarkable(like: torch.Tensor) -> torch.Tensor:
    """Vecteur fixe sans symétrie, pour qu'aucune erreur ne s'annule par hasard."""
    ranks = torch.arange(1, like.numel() + 1, dtype=torch.float64, device=like.device)
    return torch.sin(ranks * ranks).reshape(like.shape).to(like.dtype)


def _reconstructs(rows: Positions, gradient: torch.Tensor) -> bool:
    rebuilt = rows.summed().reshape(gradient.shape)
    scale = float(gradient.abs().max()) + float(rebuilt.abs().max())
    tolerance = 100 * torch.finfo(gradient.dtype).eps * scale
    return bool((rebuilt - gradient).abs().max() <= tolerance)


def vectorized_gradients(
    model: nn.Module,
    parameters: Mapping[str, nn.Parameter],
    x: torch.Tensor,
    vectors: torch.Tensor,
) -> Iterator[dict[str, torch.Tensor]]:
    """Gradients J_iᵀ v_i des exemples par `torch.func`, par paquets : nom -> [n, *forme].

    Les modules récurrents, que `vmap` ne sait pas vectoriser, passent un exemple à la fois.
    """
    detached = {name: parameter.detach() for name, parameter in parameters.items()}

    def gradient(x_i: torch.Tensor, v_i: torch.Tensor) -> dict[str, torch.Tensor]:
        def output(weights: dict[str, torch.Tensor]) -> torch.Tensor:
            value: torch.Tensor = functional_call(model, weights, (x_i.unsqueeze(0),))
            return value.squeeze(0)

        result: dict[str, torch.Tensor] = vjp(output, detached)[1](v_i)[0]
        return result

    if has_recurrence(model):
        for x_i, v_i in zip(x, vectors, strict=True):
            with torch.no_grad():
                one = gradient(x_i, v_i)
            yield {name: g.unsqueeze(0) for name, g in one.items()}
        return
    chunk = max(1, CHUNK_ELEMENTS // sum(p.numel() for p in parameters.values()))
    for start in range(0, len(x), chunk):
        part = slice(start, start + chunk)
        # Sans cela, les poids laissés de côté retiendraient le graphe ; vjp dérive quand même.
        with torch.no_grad():
            several = vmap(gradient, randomness="different")(x[part], vectors[part])
        yield several


def per_sample_sums(
    model: nn.Module,
    parameters: Mapping[str, nn.Parameter],
    batches: Iterable[tuple[torch.Tensor, torch.Tensor]],
    vectors: Callable[[torch.Tensor, torch.Tensor], Iterable[torch.Tensor]],
    reduction: Reduction,
) -> tuple[dict[str, torch.Tensor], int]:
    """Σ_i Σ_c φ(J_iᵀ v_ic) sur tous les exemples i et tous les vecteurs c.

    Parameters
    ----------
    model : nn.Module
        En mode évaluation, gradients des poids actifs (voir `scoring`).
    parameters : dict[str, nn.Parameter]
    batches : itérable de (x, y)
    vectors : fonction (sortie [N, ...], y) -> suite de tenseurs de la forme de la sortie
    reduction : φ, `torch.square` ou `torch.abs`

    Returns
    -------
    sums : dict[str, Tensor]
        De la forme des poids, en float32 au moins.
    count : int
        Nombre d'exemples.
    """
    sums = {name: torch.zeros_like(p, dtype=accumulator(p)) for name, p in parameters.items()}
    sums = {name: total.requires_grad_(False) for name, total in sums.items()}
    exact: dict[str, nn.Parameter] | None = None
    count = 0
    for x, y in batches:
        if exact is None:
            exact = exact_parameters(model, parameters, x)
        others = {name: p for name, p in parameters.items() if name not in exact}
        recorder = Recorder(model, exact)
        output = recorder.forward(x)
        simple: dict[str, torch.Tensor] = {}
        for vector in vectors(output.detach(), y):
            for name, rows in recorder.backward(vector).items():
                if rows.is_simple:
                    reduced = reduction(rows.output_gradients[:, 0, 0])
                    simple[name] = simple[name] + reduced if name in simple else reduced
                else:
                    sums[name] += rows.reduced_sum(reduction).reshape(sums[name].shape)
            if others:
                for gradients in vectorized_gradients(model, others, x, vector):
                    for name, gradient in gradients.items():
                        sums[name] += reduction(gradient.to(sums[name].dtype)).sum(0)
        for name, reduced in simple.items():
            # Σ_c φ(b_ic a_iᵀ) = (Σ_c φ(b_ic)) φ(a_i)ᵀ : un seul produit pour tous les vecteurs.
            total = reduced.T @ reduction(recorder.inputs(name)[:, 0, 0])
            sums[name] += total.reshape(sums[name].shape)
        count += len(x)
    return sums, count


def flat_gradients(
    model: nn.Module,
    parameters: Mapping[str, nn.Parameter],
    x: torch.Tensor,
    y: torch.Tensor,
    vectors: Callable[[torch.Tensor, torch.Tensor], Iterable[torch.Tensor]],
) -> Iterator[torch.Tensor]:
    """Gradients J_iᵀ v_ic de chaque exemple, à plat dans l'ordre de `parameters` : [c, n]."""
    n = sum(p.numel() for p in parameters.values())
    chunk = max(1, CHUNK_ELEMENTS // n)
    exact = exact_parameters(model, parameters, x[:chunk])
    others = {name: p for name, p in parameters.items() if name not in exact}
    recorder = Recorder(model, exact)
    for start in range(0, len(x), chunk):
        part = x[start : start + chunk]
        output = recorder.forward(part)
        for vector in vectors(output.detach(), y[start : start + chunk]):
            rows = {name: p.per_sample() for name, p in recorder.backward(vector).items()}
            if others:
                groups = list(vectorized_gradients(model, others, part, vector))
                rows |= {k: torch.cat([group[k] for group in groups]) for k in others}
            dtype = accumulator(vector)
            yield torch.cat([rows[name].flatten(1).to(dtype) for name in parameters], 1)


def has_recurrence(model: nn.Module) -> bool:
    """Dit si le modèle contient un module récurrent, que `vmap` ne sait pas vectoriser."""
    return any(isinstance(module, (nn.RNNBase, nn.RNNCellBase)) for module in model.modules())

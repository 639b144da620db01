"""Les groupes de mesures sur des réseaux de la forme de ceux que l'on a."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import fmean, stdev
from typing import Any

from pruning_core.course.formatting import number, percent
from tests.benchmarks import bench_gpu, bench_layer_obs, bench_mlpnet, bench_networks
from tests.benchmarks.bench_report import Figure, Group, Line, at_least, at_most
from tests.benchmarks.measuring import isolated

DRAWS = [0, 1, 2]

_MLPNET = [0.9, 0.95, 0.98]
_OURS = "pruning_core.obs_layer_pruning"
_SHAPE = {"inputs": 512, "outputs": 512, "samples": 2048, "seed": 0}
_RESNET = {"width": 16, "images": 32, "side": 64}
_DEPTHS = (3, 12)
_HALF = percent(bench_networks.SPARSITY, 0)

Result = dict[str, Any]


def mlpnet() -> Iterator[Group]:
    """MLPNet sans réentraînement ; chaque exactitude est la moyenne de trois tirages."""
    lines = []
    for method in bench_mlpnet.METHODS:
        runs = [
            isolated("bench_mlpnet", method=method, seed=seed, sparsities=_MLPNET) for seed in DRAWS
        ]
        figures = []
        for rank, sparsity in enumerate(_MLPNET):
            values = [run["test"][rank] for run in runs]
            spread = number(stdev(values), 1)
            unit = f"% ± {spread} d'exactitude, élagué à {percent(sparsity, 0)}"
            figures.append(Figure(fmean(values), unit, digits=2))
        lines.append(_line(method, runs[0], figures, {"runs": runs}))
    dense = number(runs[0]["dense"], 1)
    title = (
        f"MLPNet 784-40-20-10, MNIST, {number(bench_mlpnet.EXAMPLES)} images, sans réentraînement"
    )
    yield Group(f"{title} ; dense {dense} %", tuple(lines))


def wide_layer() -> Iterator[Group]:
    """Une couche 512 x 512, par OBS et par SparseGPT."""
    methods = [_OURS, "SparseGPT", "magnitude"]
    found = {method: isolated("bench_layer_obs", method=method, **_SHAPE) for method in methods}
    lines = []
    for method, own in found.items():
        figures = [Figure(100.0 * own["error"], "% d'erreur quadratique de sortie", digits=2)]
        if method == _OURS:
            other = found["SparseGPT"]
            ratio = own["error"] / other["error"]
            figures.append(Figure(ratio, "fois l'erreur de SparseGPT", at_most(0.5), digits=2))
            ratio = own["seconds"] / other["seconds"]
            figures.append(Figure(ratio, "fois le temps de SparseGPT", at_most(10.0)))
        lines.append(_line(method, own, figures))
    share = percent(bench_layer_obs.SPARSITY, 0)
    yield Group(f"Une couche 512 x 512 à {share}, entrées corrélées", tuple(lines))


def words() -> Iterator[Group]:
    """Le modèle de mots : ce que chaque critère lui laisse."""
    found = {
        method: isolated("bench_networks", network="mots", method=method) for method in _methods()
    }
    lines = [
        _line(method, own, [Figure(own["bits"], "bits par lettre", digits=2)])
        for method, own in found.items()
    ]
    own = found["magnitude"]
    title = f"Modèle de mots, {number(own['weights'])} poids de blocs, 500 mots, {_HALF} en moins"
    yield Group(f"{title} ; dense {number(own['dense'], 2)} bits", tuple(lines))


def resnet() -> Iterator[Group]:
    """La forme de ResNet18, en plus étroit."""
    lines = []
    for method in _methods():
        own = isolated("bench_networks", network="ResNet18", method=method, **_RESNET)
        lines.append(_line(method, own, [_change(own)]))
    weights = number(own["weights"])
    title = f"Forme de ResNet18, largeur {_RESNET['width']}, {weights} poids tirés au sort"
    yield Group(f"{title}, {_RESNET['images']} images, {_HALF} en moins", tuple(lines))


def depth() -> Iterator[Group]:
    """OBS par couche, de 3 à 12 blocs de la forme de GPT-2 : le temps d'un bloc ne croît pas."""
    found = {
        blocks: isolated("bench_networks", network="GPT-2", method="OBS par couche", depth=blocks)
        for blocks in _DEPTHS
    }
    few, many = (own["seconds"] / blocks for blocks, own in found.items())
    growth = Figure(many / few, f"fois le temps d'un bloc de {_DEPTHS[0]}", at_most(1.2), digits=2)
    lines = [
        _line(f"{blocks} blocs", own, [_change(own), *([growth] if blocks == _DEPTHS[-1] else [])])
        for blocks, own in found.items()
    ]
    yield Group(
        f"OBS par couche, forme de GPT-2, {_HALF} des poids des blocs en moins", tuple(lines)
    )


def holding() -> Iterator[Group]:
    """Un pas d'entraînement, masques tenus."""
    for batch in (64, 1024):
        free, held = (
            isolated("bench_holding", held=held, steps=100, batch=batch) for held in (False, True)
        )
        ratio = Figure(held["seconds"] / free["seconds"], "fois le temps sans tenue", digits=2)
        lines = (_line("sans tenue", free, []), _line("masques tenus", held, [ratio]))
        yield Group(f"100 pas de LeNet-300-100, lots de {number(batch)}", lines)


def gpu() -> Iterator[Group]:
    """Le GPU, s'il y en a un ; sinon, rien à mesurer, et c'est dit."""
    if not bench_gpu.available():
        print("GPU : aucun ici, rien n'y est mesuré.", flush=True)
        return
    for work, size, unit in (
        ("sélection", 10**8, "scores"),
        ("OBS par couche", 4, "blocs de la forme de GPT-2"),
    ):
        found = {
            device: isolated("bench_gpu", work=work, device=device, size=size)
            for device in ("cpu", "cuda")
        }
        ratio = found["cpu"]["seconds"] / found["cuda"]["seconds"]
        faster = Figure(ratio, "fois plus vite que le processeur", at_least(1.0))
        lines = (_line("processeur", found["cpu"], []), _line("GPU", found["cuda"], [faster]))
        yield Group(f"Sur un GPU : {work}, {number(size)} {unit}", lines)


def _methods() -> list[str]:
    return list(bench_networks.METHODS)


def _change(own: Result) -> Figure:
    return Figure(100.0 * own["change"], "% de changement des sorties")


def _line(
    name: str, own: Result, figures: list[Figure], details: dict[str, Any] | None = None
) -> Line:
    return Line(name, own["seconds"], own["peak_bytes"], tuple(figures), details or {})

"""Les groupes de mesures du banc : quoi mesurer, et ce qui est visé."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from statistics import fmean, stdev
from typing import Any

from pruning_core.course.formatting import number, percent
from tests.benchmarks import (
    bench_curvature,
    bench_layer_obs,
    bench_neuron_obs,
    bench_selection,
    network_groups,
)
from tests.benchmarks.bench_report import Figure, Group, Line, Target, at_least, at_most
from tests.benchmarks.measuring import ROOT, isolated

SEEDS = [0, 1, 2, 3, 4]
SAMPLES = 512

_DIGITS_TARGETS = {0.9: 93.0, 0.95: 85.0}
_LENET_TARGETS = {0.8: None, 0.9: 94.8, 0.95: 94.0, 0.98: 91.0, 0.99: 82.0}
# Le premier est le défaut de la bibliothèque ; c'est lui que le temps mesure.
_DAMPINGS = [1e-2, 1e-4, 1e-3, 1e-1]
_LAYER = {"inputs": 256, "outputs": 128, "samples": 1024, "seed": 0}

Result = dict[str, Any]


def plan(*, full: bool) -> dict[str, Callable[[], Iterator[Group]]]:
    """Ce que le banc mesure, par nom ; au complet, 100 millions de scores aussi."""
    repeats = {10**6: 7, 10**7: 3} | ({10**8: 1} if full else {})
    return {
        "selection": lambda: selection(repeats),
        "curvature": curvature,
        "neuron_obs": neuron_obs,
        "layer_obs": layer_obs,
        "wide_layer": network_groups.wide_layer,
        "mlpnet": network_groups.mlpnet,
        "words": network_groups.words,
        "resnet": network_groups.resnet,
        "depth": network_groups.depth,
        "holding": network_groups.holding,
        "gpu": network_groups.gpu,
        "explorer": explorer,
        "engines": engines,
        "pages": pages,
    }


def selection(repeats: dict[int, int]) -> Iterator[Group]:
    """Sélection globale ; `repeats` donne le nombre d'essais pour chaque nombre de scores."""
    for n, times in repeats.items():
        found = {
            method: isolated("bench_selection", method=method, n=n, repeats=times)
            for method in bench_selection.METHODS
        }
        lines = tuple(_selection_line(method, n, found) for method in found)
        share = percent(bench_selection.SPARSITY, 0)
        yield Group(f"Sélection de {share} de {number(n)} scores float32", lines)


def _selection_line(method: str, n: int, found: dict[str, Result]) -> Line:
    ours, *others = found
    own = found[method]
    figures = []
    if method == ours:
        for other in others:
            wanted = other == "prune.global_unstructured" and n >= 10**7
            target = at_least(50.0) if wanted else None
            ratio = found[other]["seconds"] / own["seconds"]
            figures.append(Figure(ratio, f"fois plus vite que {other}", target))
    if own["peak_bytes"] is not None:
        target = at_most(6.0) if method == ours else None
        figures.append(Figure(own["peak_bytes"] / n, "octets par score, en plus", target))
    return Line(method, own["seconds"], own["peak_bytes"], tuple(figures), {"n": n})


def curvature() -> Iterator[Group]:
    """Diagonales de courbure, sur deux réseaux."""
    methods = [method for method in bench_curvature.METHODS if bench_curvature.available(method)]
    for network in bench_curvature.NETWORKS:
        for quantity in bench_curvature.QUANTITIES:
            found = {
                method: isolated(
                    "bench_curvature",
                    quantity=quantity,
                    network=network,
                    method=method,
                    samples=SAMPLES,
                    repeats=1 if "vmap" in method else 10,
                )
                for method in methods
            }
            lines = tuple(_curvature_line(method, found) for method in found)
            yield Group(f"Diagonale, {quantity}, {network}, {SAMPLES} exemples", lines)


def _curvature_line(method: str, found: dict[str, Result]) -> Line:
    ours, *others = found
    own, figures = found[method], []
    for other in others if method == ours else ():
        target = at_least(1.0 if other == bench_curvature.BACKPACK else 50.0)
        ratio = found[other]["seconds"] / own["seconds"]
        figures.append(Figure(ratio, f"fois plus vite que {other}", target, digits=2))
    return Line(method, own["seconds"], own["peak_bytes"], tuple(figures))


def neuron_obs() -> Iterator[Group]:
    """OBS par neurone, sur le réseau des chiffres puis sur LeNet-300-100."""
    title = f"64-64-32-10, chiffres, {len(SEEDS)} graines"
    lines = []
    for sparsity, target in _DIGITS_TARGETS.items():
        runs = _walks("digits", [sparsity])
        lines.append(_walk_line(runs, {sparsity: target}, at_most(0.5)))
        yield _damping_group(f"{title}, élagué à {percent(sparsity, 0)}", runs)
    yield Group(f"OBS par neurone, {title}", tuple(lines))
    title = f"LeNet-300-100, MNIST, {len(SEEDS)} graines"
    runs = _walks("lenet", list(_LENET_TARGETS))
    yield _damping_group(f"{title}, élagué de 80 % à 99 %", runs)
    yield Group(f"OBS par neurone, {title}", (_walk_line(runs, _LENET_TARGETS, at_most(15.0)),))


def _walks(network: str, sparsities: list[float]) -> list[Result]:
    """Un élagage par graine et par amortissement."""
    return [
        isolated(
            "bench_neuron_obs",
            network=network,
            seed=seed,
            sparsities=sparsities,
            dampings=_DAMPINGS,
        )
        for seed in SEEDS
    ]


def _damping_group(title: str, runs: list[Result]) -> Group:
    """Exactitude de validation de chaque amortissement, en moyenne sur les graines."""
    lines = []
    for damping in runs[0]["validation"]:
        value = fmean(fmean(run["validation"][damping]) for run in runs)
        figure = Figure(value, "% d'exactitude de validation", digits=2)
        name = f"amortissement {damping}".replace(".", ",")
        lines.append(Line(name, figures=(figure,)))
    return Group(f"Choix de l'amortissement, {title}", tuple(lines))


def _walk_line(runs: list[Result], targets: dict[float, float | None], time_target: Target) -> Line:
    seconds = fmean(run["seconds"] for run in runs)
    peaks = [run["peak_bytes"] for run in runs if run["peak_bytes"] is not None]
    damping = bench_neuron_obs.best_damping(runs)
    figures = [Figure(seconds, "s par réseau", time_target, digits=2)]
    for rank, (sparsity, target) in enumerate(targets.items()):
        values = [run["test"][damping][rank] for run in runs]
        unit = f"% ± {number(stdev(values), 1)} d'exactitude, élagué à {percent(sparsity, 0)}"
        wanted = None if target is None else at_least(target)
        figures.append(Figure(fmean(values), unit, wanted, digits=2))
    dense = fmean(run["dense"] for run in runs)
    examples = runs[0]["examples"]
    level = damping.replace(".", ",")
    name = f"{number(examples)} exemples, amortissement {level} ; dense {number(dense, 1)} %"
    return Line(name, seconds, max(peaks, default=None), tuple(figures), {"runs": runs})


def layer_obs() -> Iterator[Group]:
    """OBS d'une couche d'après ses entrées."""
    found = {
        method: isolated("bench_layer_obs", method=method, **_LAYER)
        for method in bench_layer_obs.METHODS
    }
    ours = next(iter(found))
    lines = []
    for method, own in found.items():
        figures = [Figure(100.0 * own["error"], "% d'erreur quadratique de sortie", digits=2)]
        if method == ours:
            for other, target in (("SparseGPT", 1.0), (bench_layer_obs.OBC, 1.1)):
                ratio = own["error"] / found[other]["error"]
                figures.append(Figure(ratio, f"fois l'erreur de {other}", at_most(target), 2))
            ratio = own["seconds"] / found[bench_layer_obs.OBC]["seconds"]
            figures.append(Figure(ratio, f"fois le temps de {bench_layer_obs.OBC}", at_most(1.5)))
        lines.append(Line(method, own["seconds"], own["peak_bytes"], tuple(figures)))
    shape = f"{_LAYER['outputs']} x {_LAYER['inputs']}"
    yield Group(f"Une couche {shape} à 50 %, entrées corrélées", tuple(lines))


def explorer() -> Iterator[Group]:
    """Un geste du curseur, méthode par méthode."""
    for network, title, target in (
        ("digits", "64-64-32-10, 450 images", 8.0),
        ("lenet", "LeNet-300-100, 1 000 images", 33.0),
    ):
        found = isolated("bench_explorer", network=network, moves=100)
        lines = [
            Line(
                f"méthode {method}",
                times["median"],
                figures=(Figure(1000 * times["p95"], "ms, 95e centile", at_most(target)),),
            )
            for method, times in found["methods"].items()
        ]
        first = Figure(found["first"], "s, montre en main, processeur ralenti 4 fois", at_most(2.0))
        lines.append(Line("ouvrir la page et bouger", figures=(first,)))
        yield Group(f"Explorateur, un geste du curseur, {title}", tuple(lines))


def engines() -> Iterator[Group]:
    """Un geste du curseur dans les trois moteurs, par la méthode la plus lente de chacun."""
    for network, title, target in (
        ("digits", "64-64-32-10", 16.0),
        ("lenet", "LeNet-300-100", 50.0),
    ):
        found = isolated("bench_engines", network=network, moves=100)
        lines = [
            Line(
                f"{engine}, méthode {times['method']}",
                times["median"],
                figures=(Figure(1000 * times["p95"], "ms, 95e centile", at_most(target)),),
            )
            for engine, times in found.items()
        ]
        yield Group(f"Un geste du curseur dans chaque moteur, {title}", tuple(lines))


def pages() -> Iterator[Group]:
    """L'ouverture de l'accueil et de chaque leçon, sur le site construit."""
    site = ROOT / "_build" / "html"
    lessons = sorted(path.relative_to(site).as_posix() for path in site.glob("notebooks/*.html"))
    names = ["book/index.html", *lessons]
    found = isolated("bench_pages", folder=str(site), pages=names, visits=5)
    lines = [
        Line(
            name,
            figures=(
                Figure(times["first"], "s, premier affichage", at_most(1.8), digits=2),
                Figure(times["largest"], "s, plus grand élément", at_most(2.5), digits=2),
                Figure(times["ready"], "s, tout chargé", digits=2),
            ),
        )
        for name, times in found.items()
    ]
    yield Group("Ouvrir une page, montre en main, processeur ralenti 4 fois", tuple(lines))

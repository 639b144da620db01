"""Le banc de mesure, en tout petit : il tourne, et ce qu'il dit est vrai."""

from __future__ import annotations

import json
import mmap
from pathlib import Path

import pytest
import torch
from builder.browser import ENGINES, find_browser

from tests.benchmarks import (
    bench_curvature,
    bench_gpu,
    bench_holding,
    bench_layer_obs,
    bench_mlpnet,
    bench_networks,
    bench_neuron_obs,
    bench_selection,
    network_groups,
    networks,
)
from tests.benchmarks.bench_report import (
    Figure,
    Group,
    Line,
    at_least,
    at_most,
    document,
    missed,
    table,
)
from tests.benchmarks.measuring import MIB, isolated, measure

linux = pytest.mark.skipif(
    not Path("/proc/self/clear_refs").exists(), reason="la mémoire n'est mesurée que sous Linux"
)


def fresh(size: int) -> torch.Tensor:
    """De la mémoire neuve : l'allocateur de torch reprendrait des pages déjà comptées."""
    pages = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    return torch.frombuffer(pages, dtype=torch.uint8).fill_(1)


@linux
def test_memory_is_the_peak_above_what_was_there() -> None:
    """La mémoire est le pic du calcul, au-dessus de ce qui était déjà pris."""
    _ = fresh(64 * MIB)
    del _
    there = fresh(32 * MIB)
    found = measure(lambda: fresh(16 * MIB))
    assert found.peak_bytes is not None
    # Loin des 48 Mio (mémoire déjà prise comptée) et des 80 (pic d'avant compté).
    assert 12 * MIB < found.peak_bytes < 24 * MIB
    assert there.sum() == 32 * MIB


def test_time_is_the_fastest_of_all_repeats() -> None:
    """Le temps est celui du plus rapide de tous les essais, le premier compris."""
    sizes = iter([10, 10**6, 10**6])
    calls = []
    found = measure(lambda: calls.append(sum(range(next(sizes)))), repeats=3)
    assert len(calls) == 3
    slow = measure(lambda: sum(range(10**6)))
    assert found.seconds < slow.seconds / 5


def test_failure_of_a_measure_is_told() -> None:
    """Une mesure qui échoue dit pourquoi."""
    with pytest.raises(RuntimeError, match="KeyError: 'inconnue'"):
        isolated("bench_selection", method="inconnue", n=10, repeats=1)


@pytest.mark.parametrize("method", bench_selection.METHODS)
def test_every_selection_selects_the_same(method: str) -> None:
    """Chaque méthode mesurée choisit les mêmes poids."""
    generator = torch.Generator().manual_seed(0)
    scores = {"a": torch.rand(30, generator=generator), "b": torch.rand(70, generator=generator)}
    flat = torch.cat(list(scores.values()))
    expected = flat > flat.sort().values[89]
    masks = bench_selection.METHODS[method](scores)
    assert torch.equal(torch.cat([masks["a"], masks["b"]]).bool(), expected)


@linux
def test_selection_is_measured() -> None:
    """La mémoire exclut les scores, et le temps est en secondes."""
    found = isolated("bench_selection", method="torch.topk", n=10**6, repeats=1)
    assert 8e6 < found["peak_bytes"] < 80e6
    assert found["seconds"] > 1e-4


@pytest.mark.parametrize("network", bench_curvature.NETWORKS)
@pytest.mark.parametrize("quantity", bench_curvature.QUANTITIES)
def test_vmap_computes_the_same_diagonal(quantity: str, network: str) -> None:
    """La référence par vmap donne la diagonale de pruning_core, que `run` compare."""
    method = "vmap, par exemple"
    found = bench_curvature.run(quantity, network, method, samples=8, repeats=1)
    assert found["seconds"] > 0


def test_different_diagonals_are_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Le temps d'un calcul différent se refuse."""
    half = {
        "GGN": lambda *arguments: {
            name: value / 2 for name, value in bench_curvature._ggn_by_core(*arguments).items()
        }
    }
    monkeypatch.setitem(bench_curvature.METHODS, "moitié", half)
    with pytest.raises(ValueError, match=r"écart relatif de 0\.5"):
        bench_curvature.run("GGN", "LeNet-300-100", "moitié", samples=4, repeats=1)


def test_backpack_computes_the_same_diagonals() -> None:
    """BackPACK donne les diagonales de pruning_core, que `run` compare."""
    for quantity in bench_curvature.QUANTITIES:
        found = isolated(
            "bench_curvature",
            quantity=quantity,
            network="LeNet-5",
            method=bench_curvature.BACKPACK,
            samples=9,
            repeats=1,
        )
        assert found["seconds"] > 0


def test_damping_is_chosen_on_validation() -> None:
    """L'amortissement choisi est le meilleur sur la validation."""
    found = bench_neuron_obs.run("digits", 0, [0.6, 0.8], [1e6, 1e-2], steps=3)
    assert bench_neuron_obs.best_damping([found]) == "0.01"
    assert found["dense"] > 95
    mild, hard = found["test"]["0.01"]
    assert 100 >= mild > hard > 50


def test_layer_errors_are_in_order() -> None:
    """OBC fait au mieux, puis pruning_core, SparseGPT et la magnitude."""
    size = {"inputs": 24, "outputs": 12, "samples": 200, "seed": 0}
    found = {m: bench_layer_obs.run(m, **size) for m in bench_layer_obs.METHODS}
    assert {result["sparsity"] for result in found.values()} == {0.5}
    ours, gpt, obc, magnitude = (result["error"] for result in found.values())
    assert obc <= 1.02 * ours
    assert ours < gpt < magnitude < 1


def test_mlpnet_is_pruned_by_every_method() -> None:
    """OBS par neurone garde plus d'exactitude que la magnitude ; chaque méthode rend la sienne."""
    sizes = {"epochs": 1, "examples": 200, "steps": 3}
    found = {m: bench_mlpnet.run(m, 0, [0.5, 0.9], **sizes) for m in bench_mlpnet.METHODS}
    assert all(len(own["test"]) == 2 for own in found.values())
    assert len({own["dense"] for own in found.values()}) == 1
    assert found["OBS par neurone"]["test"][1] > found["magnitude"]["test"][1]


SIZES = {
    "mots": {"examples": 100, "steps": 5, "width": 8},
    "ResNet18": {"width": 2, "images": 16, "side": 32},
    "GPT-2": {"depth": 1, "width": 8, "sequences": 8, "positions": 8},
}


@pytest.mark.parametrize("method", bench_networks.METHODS)
@pytest.mark.parametrize("network", SIZES)
def test_networks_lose_half_their_weights(network: str, method: str) -> None:
    """Chaque méthode élague la moitié des poids mesurés, et change les sorties."""
    found = bench_networks.run(network, method, **SIZES[network])
    assert found["sparsity"] == pytest.approx(0.5, abs=0.01)
    assert 0 < found["change"] < 2
    assert ("bits" in found) == (network == "mots")


def test_words_are_read_letter_by_letter() -> None:
    """Une lettre prédit la suivante, la dernière la fin du mot ; le reste ne compte pas."""
    x, y = networks.written_words()
    assert len(x) > 2000
    inside = y != networks.PADDING
    assert torch.equal(x[:, 1:][inside[:, 1:]], y[:, :-1][inside[:, 1:]])
    assert (y.masked_fill(~inside, 1) == 0).sum() == len(y)
    model = networks.character_model(examples=100, steps=0).model
    blocks = sum(p.numel() for p in model.blocks.parameters() if p.ndim == 2)
    assert blocks == 98_304


def test_holding_is_measured() -> None:
    """Un pas se mesure avec et sans masques tenus."""
    for held in (False, True):
        assert bench_holding.run(held, steps=2, batch=4, repeats=1)["seconds"] > 0


@pytest.mark.parametrize("work", ["sélection", "OBS par couche"])
def test_gpu_measures_run_on_the_processor_too(work: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Les mesures du GPU se font sur le processeur, à qui elles se comparent."""
    monkeypatch.setattr(bench_gpu, "WIDTH", 16)
    found = bench_gpu.run(work, "cpu", 1)
    assert found["seconds"] > 0
    assert found["peak_bytes"] is None


def test_missing_gpu_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Sans GPU, le banc n'en mesure rien, et le dit."""
    monkeypatch.setattr(bench_gpu, "available", lambda: False)
    assert list(network_groups.gpu()) == []
    assert "aucun ici" in capsys.readouterr().out


@pytest.mark.skipif(find_browser() is None, reason="aucun navigateur")
def test_explorer_is_measured() -> None:
    """Un geste fait travailler la page, et son temps se mesure."""
    found = isolated("bench_explorer", network="digits", moves=5, methods=1)
    (times,) = found["methods"].values()
    assert found["first"] > 1e-2
    assert 1e-4 < times["median"] <= times["p95"]


@pytest.mark.slow
@pytest.mark.skipif(None in map(find_browser, ENGINES), reason="un navigateur manque")
def test_engines_are_measured() -> None:
    """Un geste se mesure dans les trois moteurs, du même réseau."""
    found = isolated("bench_engines", network="digits", moves=5, methods=1)
    assert list(found) == ["chromium", "firefox", "webkit"]
    assert all(0 < times["median"] <= times["p95"] for times in found.values())


@pytest.mark.skipif(find_browser() is None, reason="aucun navigateur")
def test_pages_are_measured(tmp_path: Path) -> None:
    """Le premier affichage précède celui du plus grand élément."""
    (tmp_path / "a.html").write_text("<h1>Bonjour</h1>", encoding="utf-8")
    found = isolated("bench_pages", folder=str(tmp_path), pages=["a.html"], visits=2)
    assert set(found) == {"a.html"}
    assert 0 < found["a.html"]["first"] <= found["a.html"]["largest"]


def test_verdicts() -> None:
    """Une cible atteinte à l'égalité l'est, et chaque cible manquée est dite."""
    figures = (
        Figure(50.0, "fois", at_least(50.0)),
        Figure(49.9, "fois", at_least(50.0)),
        Figure(6.0, "octets", at_most(6.0)),
        Figure(6.1, "octets", at_most(6.0)),
        Figure(1.0, "%"),
    )
    assert [figure.met for figure in figures] == [True, False, True, False, None]
    group = Group("Groupe", (Line("ligne", 0.5, 3 * MIB, figures), Line("autre")))
    assert missed([group]) == [
        "Groupe, ligne : 49,9 fois ≥ 50",
        "Groupe, ligne : 6,1 octets ≤ 6",
    ]
    text = table([group])
    assert "500,0 ms  3,0 Mio  50,0 fois" in text
    assert text.count("atteinte") == 2
    assert text.count("MANQUÉE") == 2


def test_document_says_how_it_was_measured() -> None:
    """Les chiffres gardés portent leurs versions, leur machine et leur verdict."""
    figure = Figure(49.9, "fois", at_least(50.0))
    group = Group("Groupe", (Line("ligne", 0.5, None, (figure,)),))
    found = json.loads(json.dumps(document([group], full=True, seeds=[3])))
    assert found["versions"]["torch"] == torch.__version__
    assert found["seeds"] == [3]
    assert found["processor"]
    (line,) = found["groups"][0]["lines"]
    assert line["seconds"] == 0.5
    assert line["figures"][0]["met"] is False


def test_kept_results_are_complete() -> None:
    """results.json vient du banc complet, avec les conditions de la mesure."""
    kept = json.loads((Path(__file__).parent / "results.json").read_text(encoding="utf-8"))
    assert kept["full"] is True
    assert {"date", "processor", "versions", "seeds", "threads"} <= set(kept)
    numbers = {line["details"].get("n") for group in kept["groups"] for line in group["lines"]}
    assert {10**6, 10**7, 10**8} <= numbers
    titles = " ".join(group["title"] for group in kept["groups"])
    for part in ("Fisher empirique", "GGN", "64-64-32-10", "LeNet-300-100", "LeNet-5", "couche"):
        assert part in titles

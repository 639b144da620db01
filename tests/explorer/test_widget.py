"""Le widget du côté de Python : traits, page produite, refus."""

from __future__ import annotations

import json
import re
from types import SimpleNamespace

import numpy as np
import pytest
import torch
import traitlets
from torch import nn

from pruning_core.course.explorer import Explorer
from pruning_core.course.explorer.packing import elimination_order, linear_layers, to_json
from pruning_core.course.models import mlp
from pruning_core.masks.choosing import global_masks, layerwise_masks
from pruning_core.methods import METHODS
from tests.explorer.explorer_vectors import digits_explorer


def tiny(**options: object) -> Explorer:
    model = mlp((4, 3, 2), seed=0)
    scores = {"magnitude": {name: one.weight.abs() for name, one in linear_layers(model).items()}}
    images = torch.tensor([[0.0, 1, 0, 1], [1, 0, 1, 0]], dtype=torch.float64)
    return Explorer(model, images, torch.tensor([0, 1]), scores, **options)


@pytest.mark.parametrize("k", range(11))
def test_order_selects_what_masks_select(k: int) -> None:
    """L'ordre tranche les égalités comme ``global_masks`` et ``layerwise_masks``."""
    scores = {
        "a": torch.tensor([[2.0, 1, 1], [0, 1, 2]]),
        "b": torch.tensor([[1.0, 0], [2, 1]]),
    }
    order = elimination_order(scores)
    kept = np.ones(10, dtype=bool)
    kept[order[:k]] = False
    masks = global_masks(scores, k / 10)
    assert kept.tolist() == torch.cat([m.flatten() for m in masks.values()]).tolist()
    within = order[order < 6]
    first = np.ones(6, dtype=bool)
    first[within[: min(k, 6)]] = False
    alone = layerwise_masks({"a": scores["a"]}, min(k, 6) / 6)["a"]
    assert first.tolist() == alone.flatten().tolist()


def test_traits_follow_the_sparsity() -> None:
    """Le nombre de poids et l'exactitude suivent un changement fait en Python."""
    explorer = digits_explorer()
    explorer.method, explorer.sparsity = "magnitude", 0.0
    dense = explorer.accuracy
    assert explorer.kept == 6464
    explorer.sparsity = 0.9
    assert explorer.kept == 6464 - 5818
    assert explorer.accuracy < dense - 0.1
    explorer.scope = "layerwise"
    assert explorer.kept == 410 + 205 + 32
    explorer.scope = "global"


def test_path_takes_the_first_network_pruned_enough() -> None:
    """Le réseau d'OBS pris est le premier au moins aussi élagué que demandé."""
    explorer = digits_explorer()
    kept = {
        s: sum(int(m.sum()) for m in explorer.evaluate("obs", s)[1].values())
        for s in (0.0, 0.1, 0.5, 0.501, 0.98, 1.0)
    }
    assert kept == {0.0: 6464, 0.1: 3232, 0.5: 3232, 0.501: 1293, 0.98: 129, 1.0: 129}


def test_model_is_left_alone() -> None:
    """L'explorateur laisse le modèle qu'on lui donne."""
    model = mlp((4, 3, 2), seed=0)
    before = [p.detach().clone() for p in model.parameters()]
    scores = {"magnitude": {name: one.weight.abs() for name, one in linear_layers(model).items()}}
    Explorer(model, torch.zeros(1, 4), torch.tensor([0]), scores, sparsity=1.0)
    assert all(torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True))


def test_output_is_the_same_twice() -> None:
    """Deux sorties sont les mêmes, sans adresse, date ni numéro de modèle."""
    first, second = (tiny()._repr_mimebundle_()[0] for _ in range(2))
    assert first["text/html"] == second["text/html"]
    assert first["text/plain"] == second["text/plain"]
    assert first["text/plain"] == "Explorer(réseau 4-3-2, 2 images, magnitude à 90,0\u00a0%)"
    assert "application/vnd.jupyter.widget-view+json" in first


def test_page_holds_its_data_and_a_fallback() -> None:
    """La page porte ses données, et un tableau pour qui n'a pas JavaScript."""
    html = tiny(sparsity=0.5)._repr_mimebundle_()[0]["text/html"]
    (data,) = re.findall(r'<script type="application/json">(.*?)</script>', html)
    raw = json.loads(data)
    assert raw["state"] == {"sparsity": 0.5, "method": "magnitude", "scope": "global"}
    assert [method["key"] for method in raw["methods"]] == ["random", "magnitude"]
    assert html.count('<th scope="row">') == 3
    assert "<caption>" in html and 'role="img"' in html
    assert "http" not in html.replace("http://www.w3.org/2000/svg", "")


def test_fallback_leaves_out_what_the_path_has_not() -> None:
    """Le tableau fixe et la courbe n'ont d'OBS que les sparsités de son trajet."""
    html = digits_explorer()._repr_mimebundle_()[0]["text/html"]
    row = re.search(r">OBS</th>(.*?)</tr>", html)[1]
    known = [cell != "–" for cell in re.findall(r"<td>(.*?)</td>", row)]
    assert known == [True, True, False, True, True, False, True]
    colour = METHODS["obs"].colour
    lines = re.findall(rf'<polyline points="([^"]*)" fill="none" stroke="{colour}"', html)
    assert [len(line.split()) for line in lines] == [2, 2]


def test_json_cannot_close_its_script() -> None:
    """Un texte « </script> » dans les données ne ferme pas leur script."""
    assert "</script" not in to_json({"a": "</script><script>alert(1)"})
    assert json.loads(to_json({"a": "</script>"})) == {"a": "</script>"}


def test_refuses_what_it_cannot_show() -> None:
    """Un modèle, un score ou une méthode inconnus se refusent."""
    model = mlp((4, 3, 2), seed=0)
    images, labels = torch.zeros(1, 4), torch.tensor([0])
    with pytest.raises(TypeError, match=r"reçu Linear, Tanh, Linear"):
        linear_layers(mlp((4, 3, 2), activation=nn.Tanh))
    with pytest.raises(TypeError, match="reçu Linear ; attendu"):
        Explorer(nn.Linear(4, 2), images, labels, {})
    with pytest.raises(ValueError, match="« magnitude »"):
        Explorer(model, images, labels, {"magnitude": {}})
    with pytest.raises(ValueError, match="forme"):
        wrong = {"0.weight": torch.ones(4, 3), "2.weight": torch.ones(2, 3)}
        Explorer(model, images, labels, {"magnitude": wrong})
    with pytest.raises(traitlets.TraitError, match="reçu 'obs'"):
        tiny(method="obs")
    with pytest.raises(traitlets.TraitError):
        tiny().sparsity = 1.5


def test_compensated_weights_are_used() -> None:
    """Le trajet d'OBS emploie les poids déplacés, pas seulement les masques."""
    model = mlp((4, 3, 2), seed=0)
    masks = {name: torch.ones_like(one.weight).bool() for name, one in linear_layers(model).items()}
    masks["0.weight"][0, 0] = False
    weights = {name: torch.zeros_like(p) for name, p in model.named_parameters()}
    weights["2.bias"] = torch.tensor([0.0, 10.0])
    step = SimpleNamespace(weights=weights, masks=masks)
    explorer = tiny(compensated=[step], method="obs", sparsity=0.05)
    assert explorer.accuracy == 0.5
    assert explorer.loss == pytest.approx((10 + 2 * np.log1p(np.exp(-10))) / 2)

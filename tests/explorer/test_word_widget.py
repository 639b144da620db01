"""L'explorateur de mots du côté de Python : réglages, réseaux relus, page produite."""

from __future__ import annotations

import json
import re

import pytest
import torch
import traitlets

from pruning_core.course.explorer import WordExplorer
from pruning_core.course.explorer.words import file
from pruning_core.course.explorer.words.networks import METHOD_KEYS, PERCENTS
from pruning_core.course.words.corpus import split
from pruning_core.course.words.inventing import invent
from pruning_core.course.words.measures import bits_per_letter
from pruning_core.course.words.pretrained import word_model
from pruning_core.course.words.transformer import block_weights


@pytest.mark.parametrize("method", METHOD_KEYS)
def test_networks_are_as_sparse_as_asked(method: str) -> None:
    """Chaque réseau a la sparsité demandée, à un poids par ligne près ; à 0 %, c'est le dense."""
    networks = file.load().networks
    dense = block_weights(networks.dense)
    total = sum(weight.numel() for weight in dense.values())
    for percent in (0, 50, 90, 100):
        pruned = networks.pruned(method, percent)
        kept = sum(int((weight != 0).sum()) for weight in block_weights(pruned).values())
        # Un poids gardé peut tomber sur le zéro de la grille : il en manque alors quelques-uns.
        assert 1 - kept / total == pytest.approx(percent / 100, abs=0.02)
    before, same = (one.state_dict() for one in (networks.dense, networks.pruned(method, 0)))
    assert all(torch.equal(same[name], value) for name, value in before.items())


def test_dense_network_is_the_course_s_model() -> None:
    """Arrondi à 8 bits, le modèle livré ne perd qu'un centième de bit par lettre."""
    words = split().test[:300]
    dense = file.load().networks.pruned("magnitude", 0).float()
    shift = bits_per_letter(dense, words) - bits_per_letter(word_model(), words)
    assert abs(shift) < 0.01


def test_table_holds_the_measured_bits() -> None:
    """Les bits par lettre du fichier sont ceux de ces réseaux, à l'échantillon près."""
    data, words = file.load(), split().test[:400]
    for method, percent in (("magnitude", 50), ("layer_obs", 90)):
        bits = bits_per_letter(data.networks.pruned(method, percent).float(), words)
        assert data.bits[method][PERCENTS.index(percent)] == pytest.approx(bits, abs=0.12)
    assert {len(one) for one in data.bits.values()} == {len(PERCENTS)}
    assert len({one[0] for one in data.bits.values()}) == 1


def test_refuses_what_the_file_has_not() -> None:
    """Une méthode ou une sparsité absentes du fichier se refusent."""
    networks = file.load().networks
    with pytest.raises(ValueError, match="reçu 'obd'"):
        networks.pruned("obd", 50)
    with pytest.raises(ValueError, match="reçu 55"):
        networks.pruned("magnitude", 55)


def test_python_invents_what_the_page_shows() -> None:
    """`inventions` donne les mots d'``invent`` à la sparsité la plus proche."""
    explorer = WordExplorer(sparsity=0.69, seed=3, prompt="re")
    network = file.load().networks.pruned("wanda", 70)
    assert explorer.inventions("wanda", 2) == invent(network, 2, 3, "re")


def test_refuses_settings_it_cannot_follow() -> None:
    """Un réglage impossible se refuse, et ne change rien."""
    explorer = WordExplorer()
    for name, wrong in [
        *(("prompt", text) for text in ("É", "a b", "abcdefghijklmno")),
        *(("seed", number) for number in (-1, 2**32)),
        *(("method", "obd"), ("other", ""), ("sparsity", 1.5)),
    ]:
        before = getattr(explorer, name)
        with pytest.raises(traitlets.TraitError):
            setattr(explorer, name, wrong)
        assert getattr(explorer, name) == before


def test_page_holds_its_settings_and_a_fallback() -> None:
    """La page porte les réglages, et un tableau d'inventions pour qui n'a pas JavaScript."""
    explorer = WordExplorer(sparsity=0.7, seed=5)
    bundle = explorer._repr_mimebundle_()[0]
    html = bundle["text/html"]
    (data,) = re.findall(r'<script type="application/json">(.*?)</script>', html)
    state = {
        **{"sparsity": 0.7, "method": "magnitude", "other": "layer_obs"},
        **{"seed": 5, "prompt": ""},
    }
    assert json.loads(data) == {"source": "words", "state": state}
    assert html.count('<th scope="row">') == 5
    for method in ("magnitude", "layer_obs"):
        network = file.load().networks.pruned(method, 70)
        assert ", ".join(word or "(rien)" for word in invent(network, 4, 5)) in html
    assert "http" not in html
    assert len(html) < 6_000
    assert bundle["text/plain"] == (
        "WordExplorer(magnitude et OBS par couche à 70,0\u00a0%, tirage 5)"
    )
    assert WordExplorer(sparsity=0.7, seed=5)._repr_mimebundle_()[0]["text/html"] == html

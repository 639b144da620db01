"""Enregistrer un modèle élagué sans ses zéros, et le relire au bit près."""

import json
import sys
from pathlib import Path

import pytest
import safetensors.torch
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from pruning_core import apply_masks, global_masks, load_pruned, magnitude_scores, save_pruned
from pruning_core.masks.compact import FileSize, _packed, _unpacked
from tests.core.cases import NAMES, case


def _bits(tensor: torch.Tensor) -> list[int]:
    return tensor.contiguous().reshape(-1).view(torch.uint8).tolist()


def _round_trip(model: nn.Module, path: Path) -> dict[str, torch.Tensor]:
    save_pruned(model, path)
    state, found = model.state_dict(), load_pruned(path)
    assert list(found) == list(state)
    for name, tensor in state.items():
        assert found[name].dtype == tensor.dtype
        assert found[name].shape == tensor.shape
        assert _bits(found[name]) == _bits(tensor), name
    return found


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_every_bit_comes_back(name: str, dtype: torch.dtype, tmp_path: Path) -> None:
    """Poids élagués, biais, statistiques et tampons reviennent au bit près, dans l'ordre."""
    model = case(name).model
    apply_masks(model, global_masks(magnitude_scores(model), 0.8))
    model.to(dtype)
    model.load_state_dict(_round_trip(model, tmp_path / "modèle.st"))


def test_small_file_and_its_size(tmp_path: Path) -> None:
    """Le fichier a un bit par poids et les poids gardés, à l'en-tête près ; sa taille est dite."""
    model = nn.Sequential(nn.Linear(400, 200))
    apply_masks(model, global_masks(magnitude_scores(model), 0.9))
    size = save_pruned(model, tmp_path / "a.st")
    assert size.dense == 4 * (80_000 + 200)
    assert size.compact == (tmp_path / "a.st").stat().st_size
    assert 0 < size.compact - (80_000 // 8 + 4 * 8_000 + 4 * 200) < 1_000
    assert str(size) == repr(size) == "43,2 ko au lieu de 320,8 ko, 7,4 fois moins"
    large = FileSize(compact=999, dense=2_500_000_000)
    assert str(large).startswith("999 octets au lieu de 2,5 Go, ")
    assert str(FileSize(compact=3_000_000, dense=1000)) == "3,0 Mo au lieu de 1,0 ko"


def test_zeros_of_a_product(tmp_path: Path) -> None:
    """Les −0 que laisse un produit par un masque reviennent, sans reprendre leur place entière."""
    model = nn.Sequential(nn.Linear(400, 200, bias=False))
    with torch.no_grad():
        model[0].weight.mul_(torch.rand(200, 400) > 0.9)
    assert bool(torch.signbit(model[0].weight[model[0].weight == 0]).any())
    _round_trip(model, tmp_path / "a.st")
    assert (tmp_path / "a.st").stat().st_size < 320_000 / 5


@given(st.lists(st.sampled_from([0, 1, 128, 255]), max_size=48), st.integers(0, 3))
def test_any_bytes(values: list[int], power: int) -> None:
    """Le rangement ne dépend que des octets : tout type, NaN et −0 compris, en revient."""
    dtype = (torch.uint8, torch.float16, torch.float32, torch.float64)[power]
    octets = torch.tensor(values[: len(values) >> power << power], dtype=torch.uint8)
    whole = octets.view(dtype)
    found = _unpacked(_packed(whole), list(whole.shape))
    assert found.dtype == dtype
    assert _bits(found) == octets.tolist()


def test_tied_weights_are_written_once(tmp_path: Path) -> None:
    """Un poids partagé n'est écrit qu'une fois, et ses deux noms le désignent encore."""
    model = nn.Sequential(nn.Embedding(50, 8), nn.Linear(8, 50, bias=False))
    model[1].weight = model[0].weight
    found = _round_trip(model, tmp_path / "a.st")
    assert found["0.weight"] is found["1.weight"]
    assert save_pruned(model, tmp_path / "a.st").dense == 4 * 400
    views = nn.Module()
    base = torch.arange(6.0)
    views.register_buffer("first", base[:3])
    views.register_buffer("second", base[3:])
    views.register_buffer("inside", base[4:5])
    views.register_buffer("empty", base[:0])
    views.register_buffer("other", base[:0].reshape(0, 2))
    views.register_buffer("turned", torch.arange(6.0).reshape(2, 3).T)
    _round_trip(views, tmp_path / "b.st")


class Extra(nn.Module):
    """Un module dont l'état contient autre chose qu'un tenseur."""

    def get_extra_state(self) -> object:
        return "texte"


def _with_buffer(tensor: torch.Tensor) -> nn.Module:
    model = nn.Module()
    model.register_buffer("b", tensor)
    return model


def _csr() -> torch.Tensor:
    return torch.sparse_coo_tensor([[0]], [1.0], (2,), check_invariants=False)


@pytest.mark.parametrize(
    ("model", "error", "message"),
    [
        (Extra(), TypeError, "_extra_state : reçu str"),
        (_with_buffer(_csr()), TypeError, "attendu un tenseur dense"),
        (_with_buffer(torch.zeros(2, dtype=torch.complex128)), TypeError, "que safetensors sait"),
        (nn.Linear(2, 2, device="meta"), ValueError, "reçu un tenseur « meta »"),
        (nn.LazyLinear(2), ValueError, "un passage avant d'abord"),
    ],
)
def test_refused_models(model, error, message, tmp_path: Path) -> None:
    """Ce qui ne s'enregistre pas se refuse avant d'écrire."""
    with pytest.raises(error, match=message):
        save_pruned(model, tmp_path / "a.st")
    assert not (tmp_path / "a.st").exists()


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    """Un dossier absent se refuse en français, et n'est pas créé."""
    with pytest.raises(FileNotFoundError, match="dossier absent ; attendu"):
        save_pruned(nn.Linear(2, 2), tmp_path / "ailleurs" / "a.st")
    assert not (tmp_path / "ailleurs").exists()


def test_refused_files(tmp_path: Path) -> None:
    """Un fichier absent, illisible ou écrit par d'autres se refuse."""
    with pytest.raises(FileNotFoundError, match="sans fichier"):
        load_pruned(tmp_path / "absent.st")
    with pytest.raises(FileNotFoundError, match="sans fichier"):
        load_pruned(tmp_path)
    (tmp_path / "texte.st").write_text("bonjour")
    others = {"a": torch.ones(2)}
    safetensors.torch.save_file(others, tmp_path / "autre.st")
    broken = json.dumps({"shapes": {}, "shared": {}, "order": ["b"]})
    safetensors.torch.save_file(others, tmp_path / "troué.st", metadata={"pruning_core": broken})
    for name in ("texte.st", "autre.st", "troué.st"):
        with pytest.raises(
            ValueError, match=r"illisible ; attendu un fichier écrit par save_pruned"
        ):
            load_pruned(tmp_path / name)


def test_without_safetensors(monkeypatch, tmp_path: Path) -> None:
    """Sans safetensors, l'erreur dit quoi installer."""
    monkeypatch.setitem(sys.modules, "safetensors.torch", None)
    for call in (lambda path: save_pruned(nn.Linear(1, 1), path), load_pruned):
        with pytest.raises(ImportError, match=r"pip install pruning-core\[safetensors\]"):
            call(tmp_path / "a.st")

"""Enregistrer et relire des masques."""

import numpy as np
import pytest
import torch

from pruning_core.masks.storing import load_masks, save_masks


def test_round_trip(tmp_path) -> None:
    """L'ordre, les noms, les formes et chaque bit reviennent, jusqu'à l'octet incomplet."""
    masks = {
        "b.weight": torch.rand(3, 5, 7) < 0.3,
        "a": torch.rand(13) < 0.5,
        "seul": torch.tensor(True),
        "vide": torch.ones(0, 4, dtype=torch.bool),
        "t": (torch.rand(5, 3) < 0.5).T,
    }
    save_masks(masks, tmp_path / "masques.bin")
    again = load_masks(tmp_path / "masques.bin")
    assert list(again) == list(masks)
    for name, mask in masks.items():
        assert again[name].dtype == torch.bool
        assert again[name].shape == mask.shape
        assert torch.equal(again[name], mask)


def test_compact(tmp_path) -> None:
    """Un fichier de masques prend moins d'un bit par poids."""
    mask = torch.rand(100_000, generator=torch.Generator().manual_seed(0)) < 0.1
    save_masks({"a": mask}, tmp_path / "m")
    assert (tmp_path / "m").stat().st_size < 100_000 / 8


def test_bad_files(tmp_path) -> None:
    """Un autre fichier se refuse en le nommant."""
    with pytest.raises(FileNotFoundError):
        load_masks(tmp_path / "absent")
    (tmp_path / "texte").write_text("bonjour")
    np.savez(tmp_path / "autre.npz", a=np.ones(3))
    (tmp_path / "vide").touch()
    save_masks({"a": torch.ones(100, dtype=torch.bool)}, tmp_path / "entier")
    (tmp_path / "coupe").write_bytes((tmp_path / "entier").read_bytes()[:60])
    for name in ("texte", "autre.npz", "vide", "coupe"):
        with pytest.raises(ValueError, match=f"{name} : reçu un fichier illisible"):
            load_masks(tmp_path / name)


def test_bad_masks(tmp_path) -> None:
    """Des masques qui ne conviennent pas se refusent sans rien écrire."""
    with pytest.raises(ValueError, match="dictionnaire vide"):
        save_masks({}, tmp_path / "m")
    with pytest.raises(TypeError, match="booléen"):
        save_masks({"a": torch.ones(2)}, tmp_path / "m")
    assert not (tmp_path / "m").exists()

"""L'allègement des images : plus légères, et les mêmes à l'œil."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pictures import lighten
from PIL import Image


def plot(folder: Path, mode: str = "RGBA", alpha: int = 255) -> Path:
    """Une image de mille teintes environ, comme une courbe lissée sur un fond clair."""
    x, y = np.meshgrid(np.linspace(0, 1, 240), np.linspace(0, 1, 160))
    line = np.clip(1 - 40 * abs(y - 0.5 - 0.3 * np.sin(6 * x)), 0, 1)[..., None]
    pixels = 255 * (1 - line) + line * np.array([168, 71, 139])
    pixels = np.concatenate([pixels, np.full((*line.shape[:2], 1), alpha)], axis=2)
    path = folder / "figure.png"
    Image.fromarray(pixels.astype(np.uint8), "RGBA").convert(mode).save(path)
    return path


def pixels_of(path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGBA")).astype(int)


def test_picture_is_lighter_and_looks_the_same(tmp_path: Path) -> None:
    """L'image allégée est plus légère, et la même à l'œil."""
    path = plot(tmp_path)
    before, weight = pixels_of(path), path.stat().st_size
    lighten(path)
    assert path.stat().st_size < 0.6 * weight
    gap = abs(pixels_of(path) - before)
    assert gap.max() <= 40
    assert gap.mean() < 0.5
    assert [file.name for file in tmp_path.iterdir()] == ["figure.png"]


@pytest.mark.parametrize(("mode", "alpha"), [("RGBA", 128), ("P", 255), ("L", 255)])
def test_other_pictures_are_left_alone(tmp_path: Path, mode: str, alpha: int) -> None:
    """Une image transparente, ou déjà à palette, reste telle quelle."""
    path = plot(tmp_path, mode, alpha)
    content = path.read_bytes()
    lighten(path)
    assert path.read_bytes() == content
    assert [file.name for file in tmp_path.iterdir()] == ["figure.png"]

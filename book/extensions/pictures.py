"""Les images PNG du site, réécrites en 256 couleurs : deux à trois fois plus légères.

Une figure tracée n'a que quelques teintes et leurs dégradés de lissage : l'écart ne se voit pas.
"""

from __future__ import annotations

from pathlib import Path

from PIL import Image
from sphinx.application import Sphinx

_COLOURS = 256


def lighten(path: Path) -> None:
    """Réécrit un PNG opaque avec une palette, si cela l'allège ; les autres restent tels quels."""
    with Image.open(path) as picture:
        opaque = picture.convert("RGBA").getchannel("A").getextrema() == (255, 255)
        if picture.mode not in ("RGB", "RGBA") or not opaque:
            return
        palette = picture.convert("RGB").quantize(
            _COLOURS, Image.Quantize.MEDIANCUT, kmeans=3, dither=Image.Dither.NONE
        )
    lighter = path.with_suffix(".partial")
    palette.save(lighter, "PNG", optimize=True)
    if lighter.stat().st_size < path.stat().st_size:
        lighter.replace(path)
    else:
        lighter.unlink()


def lighten_pictures(app: Sphinx, exception: Exception | None) -> None:
    """Allège les images du site qui vient d'être écrit."""
    if exception is None and app.builder.format == "html":
        for path in sorted((Path(app.outdir) / "_images").glob("*.png")):
            lighten(path)


def setup(app: Sphinx) -> None:
    app.connect("build-finished", lighten_pictures)

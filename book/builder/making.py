"""Ce que l'on construit : le site, et ce que l'on en emporte."""

from __future__ import annotations

import os
from pathlib import Path

from builder import downloads, notebooks
from builder.archive import NAME, write_with_wheels
from builder.browser import ensure_browser
from builder.reports import tell_file
from builder.site import build, site_folder


def site(root: Path) -> None:
    """Vérifie les carnets, puis construit le site."""
    notebooks.verify(root)
    build(root)


def pdf(root: Path) -> None:
    """Construit le site, et dit où est le livre."""
    ensure_browser()
    build(root)
    tell_file("Le livre", site_folder(root) / downloads.FOLDER / downloads.BOOK)


def slides(root: Path) -> None:
    """Construit le site, et dit où sont les diapositives."""
    build(root)
    for deck in sorted((site_folder(root) / "diapositives").glob("*.html")):
        tell_file("Diapositives", deck)


def archive(root: Path) -> None:
    """Construit le site, et dit où est l'archive ; y joint les paquets si ``WHEELS`` le demande."""
    build(root)
    path = site_folder(root) / downloads.FOLDER / NAME
    tell_file("L'archive", write_with_wheels(root, path) if os.environ.get("WHEELS") else path)

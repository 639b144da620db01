"""Le site : construit à l'écart, puis mis en place d'un coup s'il est sans défaut."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from builder.archive import SOURCES  # l'archive est dans le site
from builder.browser import find_browser
from builder.commands import run_python
from builder.digests import content_digest, is_done, mark_done, source_files
from builder.downloads import add_downloads
from builder.failure import Failure

JUPYTER_BOOK = "from jupyter_book.cli.main import main; main()"


def site_folder(root: Path) -> Path:
    return root / "_build" / "html"


def build(root: Path) -> None:
    """Construit le site si une source a changé, et dit où l'ouvrir.

    Tout avertissement est une erreur ; le site précédent reste alors en place.

    Raises
    ------
    Failure
        Si la construction échoue ou avertit.
    """
    html = site_folder(root)
    digest = _digest(root)
    if (html / "index.html").is_file() and is_done(root, "site", digest):
        print("Site : déjà à jour.")
    else:
        print("Site : construction...", flush=True)
        staging = _build_aside(root)
        add_downloads(root, staging / "_build" / "html")
        shutil.rmtree(html, ignore_errors=True)
        (staging / "_build" / "html").rename(html)
        shutil.rmtree(staging, ignore_errors=True)
        mark_done(root, "site", digest)
    print(f"\nLe site est prêt ; ouvrez cette page :\n  {(html / 'index.html').as_uri()}")


def _digest(root: Path) -> str:
    settings = sorted(f"{k}={v}" for k, v in os.environ.items() if k.startswith("COURS_"))
    browser = "livre" if find_browser() else "sans livre"  # sans Chromium, pas de PDF
    return content_digest(root, source_files(root, *SOURCES), *settings, browser)


def _build_aside(root: Path) -> Path:
    staging = root / "_build" / "staging"
    shutil.rmtree(staging, ignore_errors=True)
    arguments = ["build", "-W", "-n", "--keep-going", ".", "--path-output", str(staging)]
    if not run_python(root, "-c", JUPYTER_BOOK, *arguments, quiet=True):
        raise Failure(
            "la construction du site a échoué ou averti (WARNING ou ERROR ci-dessus) ; "
            "le site précédent n'a pas été touché."
        )
    return staging

"""Ouvrir les carnets ou le site construit, sur cette machine et pour elle seule."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from builder.commands import run_until_interrupted
from builder.failure import Failure
from builder.notebooks import labs_folder
from builder.plain.writing import FOLDER, write_editions
from builder.site import site_folder

HOST = "127.0.0.1"


def lab(root: Path) -> None:
    """Ouvre JupyterLab, et y met les carnets du lecteur qui n'y sont pas encore."""
    write_editions(root, root / FOLDER, again=False)
    print(f"Les leçons à faire sont dans {FOLDER} : ce que vous y écrivez y reste.", flush=True)
    # Les réglages des TP, pour l'écran de correction de nbgrader.
    os.environ["JUPYTER_CONFIG_PATH"] = str(labs_folder(root))
    opened = f"--LabApp.default_url=/lab/tree/{FOLDER}"
    run_until_interrupted(root, "jupyterlab", "--notebook-dir=.", opened)


def serve(root: Path) -> None:
    """Montre le site construit, au port que donne ``PORT``."""
    with site_server(site_folder(root), os.environ.get("PORT") or "8000") as server:
        print(f"http://localhost:{server.server_port} (Ctrl+C pour arrêter)", flush=True)
        with suppress(KeyboardInterrupt):
            server.serve_forever()


class _Server(ThreadingHTTPServer):
    allow_reuse_address = os.name == "posix"  # Windows donnerait un port déjà pris


def site_server(site: Path, port: str) -> ThreadingHTTPServer:
    """Le serveur de la bibliothèque standard, prêt à montrer un site construit.

    Raises
    ------
    Failure
        Si le site n'est pas construit, ou si le port n'en est pas un ou est déjà pris.
    """
    if not (site / "index.html").is_file():
        raise Failure("le site n'est pas construit : lancez d'abord make site.")
    try:
        return _Server((HOST, int(port)), partial(SimpleHTTPRequestHandler, directory=str(site)))
    except (ValueError, OverflowError):
        raise Failure(f"PORT : reçu {port} ; attendu un nombre entre 1 et 65535.") from None
    except OSError:
        raise Failure(
            f"PORT : un autre programme occupe déjà le port {port} ; donnez-en un autre, par "
            "exemple : make serve PORT=8001"
        ) from None

"""Ouvrir les carnets ou le site construit, sur cette machine et pour elle seule."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from builder.commands import run_until_interrupted
from builder.failure import Failure
from builder.guard import labs_folder
from builder.site import site_folder

HOST = "127.0.0.1"


def lab(root: Path) -> None:
    """Ouvre les carnets dans JupyterLab."""
    # Les réglages des TP, pour l'écran de correction de nbgrader.
    os.environ["JUPYTER_CONFIG_PATH"] = str(labs_folder(root))
    run_until_interrupted(root, "jupyterlab", "--notebook-dir=.")


def serve(root: Path) -> None:
    """Montre le site construit, au port que donne ``PORT``."""
    port = os.environ.get("PORT") or "8000"
    options = server_options(site_folder(root), port)
    print(f"http://localhost:{port} (Ctrl+C pour arrêter)", flush=True)
    run_until_interrupted(root, "http.server", *options)


def server_options(site: Path, port: str) -> list[str]:
    """Arguments du serveur de la bibliothèque standard, pour un site construit et un port libre.

    Raises
    ------
    Failure
        Si le site n'est pas construit, ou si le port n'en est pas un ou est déjà pris.
    """
    if not (site / "index.html").is_file():
        raise Failure("le site n'est pas construit : lancez d'abord make site.")
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise Failure(f"PORT : reçu {port} ; attendu un nombre entre 1 et 65535.")
    if not _is_free(int(port)):
        raise Failure(
            f"PORT : un autre programme occupe déjà le port {port} ; donnez-en un autre, par "
            "exemple : make serve PORT=8001"
        )
    return [port, "--bind", HOST, "--directory", str(site)]


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        if os.name == "posix":  # comme le serveur : un port à peine quitté est libre
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True

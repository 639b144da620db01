"""« make serve » : le site tel quel ; un port pris ou mal écrit se dit en une phrase."""

from __future__ import annotations

import socket
from pathlib import Path
from threading import Thread
from urllib.request import urlopen

import pytest
from builder.failure import Failure
from builder.serving import HOST, site_server


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "index.html").write_text("ici", encoding="utf-8")
    return tmp_path


def test_site_is_shown(site: Path) -> None:
    """Le serveur montre la page d'accueil du site."""
    with site_server(site, "0") as server:
        Thread(target=server.handle_request).start()
        with urlopen(f"http://{HOST}:{server.server_port}/") as page:
            assert page.read() == b"ici"


def test_busy_port_is_told_then_free_again(site: Path) -> None:
    """Un port pris se dit en français, et resert une fois libéré."""
    with socket.create_server((HOST, 0)) as other:
        port = str(other.getsockname()[1])
        with pytest.raises(Failure, match=f"occupe déjà le port {port}"):
            site_server(site, port)
    with site_server(site, port) as server:
        assert server.server_port == int(port)


@pytest.mark.parametrize("port", ["65536", "-1", "huit", "²"])
def test_strange_port_is_refused(site: Path, port: str) -> None:
    """Un port impossible se refuse en français."""
    with pytest.raises(Failure, match="attendu un nombre entre 1 et 65535"):
        site_server(site, port)


def test_missing_site_is_told(tmp_path: Path) -> None:
    """Sans site construit, la commande le dit."""
    with pytest.raises(Failure, match="le site n'est pas construit"):
        site_server(tmp_path, "8000")

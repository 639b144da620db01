"""Les liens externes, demandés par Sphinx à un site joué sur cette machine."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from builder import outlinks
from builder.failure import Failure
from builder.outlinks import DEAD, GOOD, MOVED, MUTE, REFUSED, check_links, judge

STATUS = {"/bon": 200, "/absent": 404, "/refus": 403, "/demenage": 301, "/detour": 302}


class Elsewhere(BaseHTTPRequestHandler):
    """Un site : une page bonne, une absente, une refusée, deux redirections."""

    def do_GET(self) -> None:
        self.send_response(STATUS[self.path])
        if STATUS[self.path] in (301, 302):
            self.send_header("Location", "/bon")
        body = b'<html><body><p id="ici">Bon</p></body></html>'
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    do_HEAD = do_GET

    def log_message(self, *args: object) -> None:
        """Rien."""


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def course(folder: Path, *addresses: str) -> Path:
    """Un cours d'une page, qui cite ces adresses."""
    config = "title: Essai\nsphinx:\n  config:\n    linkcheck_allow_unauthorized: false\n"
    (folder / "_config.yml").write_text(config, encoding="utf-8")
    (folder / "_toc.yml").write_text("format: jb-book\nroot: page\n", encoding="utf-8")
    links = "".join(f"- <{address}>\n" for address in addresses)
    (folder / "page.md").write_text(f"# Essai\n\n{links}\n[ici](#essai)\n", encoding="utf-8")
    return folder


def test_each_link_is_told_what_it_is(
    tmp_path: Path, elsewhere: str, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    """Chaque lien à reprendre est dit mort, refusé ou déplacé, avec la page qui le cite."""
    monkeypatch.setenv("RAPPORT", "rapport.md")
    paths = ("/bon", "/bon#ici", "/bon#la", "/absent", "/refus", "/demenage", "/detour")
    with pytest.raises(Failure, match="liens externes sont à reprendre"):
        check_links(course(tmp_path, *(elsewhere + path for path in paths)))
    told = capsys.readouterr().out.replace(elsewhere, "").partition("\n")[2]
    assert told == (
        "Liens externes : 7, dont bons : 3.\n"
        f"\n{DEAD} (2)\n\n"
        "- /absent : erreur 404 (dans page.md)\n"
        "- /bon#la : ancre absente de la page (dans page.md)\n"
        f"\n{REFUSED} (1)\n\n"
        "- /refus : erreur 403 (dans page.md)\n"
        f"\n{MOVED} (1)\n\n"
        f"- /demenage : /bon (dans page.md)\n"
    )
    report = (tmp_path / "rapport.md").read_text(encoding="utf-8")
    assert report.replace(elsewhere, "") == f"## Liens externes\n\n{told}"


def answer(info: str, status: str = "broken", code: int = 0) -> dict[str, Any]:
    """Une réponse de Sphinx."""
    return {"uri": "https://a.fr", "status": status, "code": code, "info": info, "filename": "a"}


def test_no_network_is_no_verdict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Si aucun lien ne répond, rien n'en est dit."""
    mute = [answer("Failed to resolve"), {**answer("Failed"), "uri": "https://b.fr"}]
    monkeypatch.setattr(outlinks, "_ask", lambda root: mute)
    with pytest.raises(Failure, match="aucun des 2 liens n'a eu de réponse"):
        check_links(tmp_path)


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        (answer("410 Client Error: Gone for url: https://a.fr"), DEAD),
        (answer("unauthorized"), REFUSED),
        (answer("429 Client Error: Too Many Requests for url: https://a.fr"), REFUSED),
        (answer("500 Server Error: Internal Server Error for url: https://a.fr"), MUTE),
        (answer("Failed to resolve 'a.fr'"), MUTE),
        (answer("Read timed out.", status="timeout"), MUTE),
        (answer("", status="working"), GOOD),
    ],
)
def test_only_the_site_says_a_page_is_dead(told: dict[str, Any], kind: str) -> None:
    """Une panne ou un refus n'est pas une page disparue."""
    assert judge(told)[0] == kind

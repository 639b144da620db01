"""Les liens externes, contre un site joué sur cette machine."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from builder import outlinks
from builder.failure import Failure
from builder.outlinks import DEAD, MOVED, MUTE, REFUSED, check_links, external_links, judge

STATUS = {"/bon": 200, "/absent": 404, "/refus": 403, "/demenage": 301, "/detour": 302}


class Elsewhere(BaseHTTPRequestHandler):
    """Un site : une page bonne, une absente, une refusée, deux redirections, une qui se tait."""

    silence = threading.Event()

    def do_GET(self) -> None:
        if self.path == "/muet":
            self.silence.wait()  # jusqu'à la fin du test : personne n'attend si longtemps
            return
        self.send_response(STATUS[self.path])
        if STATUS[self.path] in (301, 302):
            self.send_header("Location", "/bon")
        body = b'<html><body><p id="ici">Bon</p></body></html>'
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    do_HEAD = do_GET

    def log_message(self, *args: object) -> None:
        """Rien."""


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    Elsewhere.silence.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setitem(outlinks.SETTINGS, "linkcheck_timeout", 5)
    yield f"http://127.0.0.1:{server.server_port}"
    Elsewhere.silence.set()
    server.shutdown()
    server.server_close()
    thread.join()


def course(folder: Path, *addresses: str) -> Path:
    """Un cours construit, dont la page cite ces adresses."""
    page = "".join(f'<a href="{address}">lien</a>' for address in addresses)
    site = folder / "_build" / "html"
    (site / "_static").mkdir(parents=True)
    (site / "page.html").write_text(f'{page}<a href="#bas">bas</a>', encoding="utf-8")
    (site / "_static" / "gabarit.html").write_text('<a href="https://gabarit.fr">x</a>', "utf-8")
    return folder


def test_every_place_is_read(tmp_path: Path) -> None:
    """Les liens du README et des pages sont lus, sans ponctuation ni gabarits."""
    root = course(tmp_path, "https://exemple.fr/a?b=1&amp;c=2#d", "https://exemple.fr")
    text = "Voir (https://exemple.fr/page.html), <https://exemple.fr> et [là](https://la.fr/)."
    (root / "README.md").write_text(text, encoding="utf-8")
    (root / "CITATION.cff").write_text('url: "https://doi.org/10.1/x"\n', encoding="utf-8")
    assert external_links(root) == {
        "https://exemple.fr/a?b=1&c=2#d": ["page.html"],
        "https://exemple.fr": ["README.md", "page.html"],
        "https://exemple.fr/page.html": ["README.md"],
        "https://la.fr/": ["README.md"],
        "https://doi.org/10.1/x": ["CITATION.cff"],
    }


def test_each_link_is_told_what_it_is(
    tmp_path: Path, elsewhere: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Mort, muet, refusé ou déplacé, chaque lien est dit ce qu'il est."""
    paths = ("/bon", "/bon#ici", "/bon#la", "/absent", "/refus", "/demenage", "/detour", "/muet")
    report = tmp_path / "rapport.md"
    with pytest.raises(Failure, match="liens externes sont à reprendre"):
        check_links(course(tmp_path, *(elsewhere + path for path in paths)), report)
    told = capsys.readouterr().out.replace(elsewhere, "").partition("\n")[2]
    assert told == (
        "Liens externes : 8, dont bons : 3.\n"
        f"\n{DEAD} (2)\n\n"
        "- /absent : erreur 404 (dans page.html)\n"
        "- /bon#la : ancre absente de la page (dans page.html)\n"
        f"\n{MUTE} (1)\n\n"
        "- /muet : pas de réponse (dans page.html)\n"
        f"\n{REFUSED} (1)\n\n"
        "- /refus : erreur 403 (dans page.html)\n"
        f"\n{MOVED} (1)\n\n"
        "- /demenage : /bon (dans page.html)\n"
    )
    assert (
        report.read_text(encoding="utf-8").replace(elsewhere, "") == f"## Liens externes\n\n{told}"
    )


def test_good_links_pass(
    tmp_path: Path, elsewhere: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """De bons liens passent."""
    check_links(course(tmp_path, f"{elsewhere}/bon", f"{elsewhere}/demenage"))
    assert "Liens externes : 2, dont bons : 1." in capsys.readouterr().out


def test_no_network_is_no_verdict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sans réseau, aucun verdict."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # pris, mais personne n'y répond
        address = f"http://127.0.0.1:{closed.getsockname()[1]}"
        with pytest.raises(Failure, match="aucun des 2 liens n'a eu de réponse") as failure:
            check_links(course(tmp_path, f"{address}/a", f"{address}/b"))
    assert "Rien n'est dit de ces liens" in str(failure.value)


@pytest.mark.parametrize(
    ("info", "kind"),
    [
        ("410 Client Error: Gone for url: https://a.fr", DEAD),
        ("unauthorized", REFUSED),
        ("429 Client Error: Too Many Requests for url: https://a.fr", REFUSED),
        ("500 Server Error: Internal Server Error for url: https://a.fr", MUTE),
        ("HTTPSConnectionPool(host='a.fr', port=443): Failed to resolve 'a.fr'", MUTE),
    ],
)
def test_only_the_site_says_a_page_is_dead(info: str, kind: str) -> None:
    """Seule une réponse du site dit une page disparue."""
    result = {"uri": "https://a.fr", "status": "broken", "code": 0, "info": info}
    assert judge(result).kind == kind

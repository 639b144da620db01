"""L'entretien : ce qu'écrit, dit et conclut chaque tâche de ce que son outil a trouvé."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest
from builder import maintenance
from builder.failure import Failure
from builder.maintenance import BILL, LOCK_HEADER, TOLD_ELSEWHERE, licence_of, write_licences

LOCKS = ("requirements.lock", "requirements-no-deps.lock")


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Un dossier de cours qui demande un rapport."""
    monkeypatch.setenv("RAPPORT", "_build/rapport.md")
    for name in LOCKS:
        (tmp_path / name).write_text("a==1\n", encoding="utf-8")
    text = "[dependency-groups]\ntest = []\n"
    (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
    return tmp_path


def report(root: Path) -> str:
    return (root / "_build" / "rapport.md").read_text(encoding="utf-8")


def answer(
    monkeypatch: pytest.MonkeyPatch, stdout: str, stderr: str = "", *, failed: bool = False
) -> list[str]:
    """Joue la réponse d'un outil ; rend ce qui lui a été demandé."""
    asked: list[str] = []

    def ask(root: Path, *command: str) -> SimpleNamespace:
        asked.extend(command)
        return SimpleNamespace(returncode=int(failed), stdout=stdout, stderr=stderr)

    monkeypatch.setattr(maintenance, "ask_python", ask)
    return asked


def test_lock_says_what_moved(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Chaque version changée est au rapport, l'ancienne et la nouvelle ; sans les paquets CUDA."""
    resolved = "a==2\nnvidia-cublas==13\ncuda-toolkit==13\ntriton==3\n"
    asked = answer(monkeypatch, resolved)
    maintenance.write_lock(course)
    assert "--group=test" in asked
    assert (course / LOCKS[0]).read_text(encoding="utf-8") == LOCK_HEADER + "a==2\n"
    assert "\n-a==1\n" in report(course)
    assert "\n+a==2\n" in report(course)
    maintenance.write_lock(course)
    assert "Rien n'a bougé" in report(course)


def test_failed_resolution_writes_nothing(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Une résolution impossible se dit, et laisse les versions telles qu'elles étaient."""
    answer(monkeypatch, "", "conflit", failed=True)
    with pytest.raises(Failure, match="conflit"):
        maintenance.write_lock(course)
    assert (course / LOCKS[0]).read_text(encoding="utf-8") == "a==1\n"


@pytest.mark.parametrize("failed", [False, True])
def test_audit_tells_what_pip_audit_said(
    course: Path, monkeypatch: pytest.MonkeyPatch, failed: bool
) -> None:
    """Ce que dit pip-audit est au rapport ; une faille, ou un paquet non vérifié, est un échec."""
    asked = answer(monkeypatch, "| troue | 1.0 | PYSEC-1 | 1.5 |", "1 faille", failed=failed)
    if failed:
        with pytest.raises(Failure, match="n'a pas pu être vérifié"):
            maintenance.audit(course)
    else:
        maintenance.audit(course)
    assert "| troue | 1.0 | PYSEC-1 | 1.5 |\n1 faille" in report(course)
    assert "--strict" in asked  # un paquet inconnu de l'annuaire n'est pas dit sain


def test_pip_audit_reads_the_locks(course: Path) -> None:
    """pip-audit accepte les options qu'on lui donne et lit les deux fichiers de versions."""
    for name in LOCKS:
        (course / name).write_text("# rien\n", encoding="utf-8")
    maintenance.audit(course)
    assert "No known vulnerabilities found" in report(course)


STATUS = {"/bon": 200, "/absent": 404, "/refus": 403, "/panne": 500, "/demenage": 301}


class Elsewhere(BaseHTTPRequestHandler):
    """Un site : une page bonne, une absente, une refusée, une en panne, une redirection."""

    def do_GET(self) -> None:
        self.send_response(STATUS[self.path])
        if STATUS[self.path] == 301:
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


def check_links(root: Path, *addresses: str) -> None:
    """Vérifie un cours d'une page, qui cite ces adresses."""
    config = "title: Essai\nsphinx:\n  config:\n    linkcheck_allow_unauthorized: false\n"
    (root / "_config.yml").write_text(config, encoding="utf-8")
    (root / "_toc.yml").write_text("format: jb-book\nroot: page\n", encoding="utf-8")
    links = "".join(f"- <{address}>\n" for address in addresses)
    (root / "page.md").write_text(f"# Essai\n\n{links}\n[ici](#essai)\n", encoding="utf-8")
    maintenance.check_links(root)


def test_each_link_to_mend_is_told(course: Path, elsewhere: str) -> None:
    """Chaque lien à reprendre est au rapport, avec sa raison et la page qui le cite."""
    paths = ("/bon", "/bon#ici", "/bon#la", "/absent", "/demenage")
    with pytest.raises(Failure, match="liens externes sont morts"):
        check_links(course, *(elsewhere + path for path in paths))
    told = report(course).replace(elsewhere, "").strip()
    assert "page.md:5: [broken] /bon#la: Anchor 'la' not found" in told
    assert "page.md:6: [broken] /absent: 404 Client Error" in told
    assert "page.md:7: [redirected permanently] /demenage to /bon" in told
    assert len(told.splitlines()) == 2 + 3


@pytest.mark.parametrize(("path", "fails"), [("/bon", False), ("/refus", False), ("/panne", True)])
def test_refusal_is_not_a_dead_link(course: Path, elsewhere: str, path: str, fails: bool) -> None:
    """Un site qui refuse les programmes est dit sans échec ; un site en panne fait échouer."""
    if fails:
        with pytest.raises(Failure, match="n'ont pas répondu"):
            check_links(course, elsewhere + path)
    else:
        check_links(course, elsewhere + path)
    assert ("Rien à reprendre" in report(course)) == (path == "/bon")


def test_every_installed_package_tells_its_licence(tmp_path: Path) -> None:
    """Tout paquet installé est dans la nomenclature, et sa licence est connue."""
    write_licences(tmp_path)
    bill = json.loads((tmp_path / BILL).read_text(encoding="utf-8"))
    assert bill["bomFormat"] == "CycloneDX"
    told = {package["name"]: licence_of(package) for package in bill["components"]}
    assert {"torch", "numpy", "pytest"} <= set(told)
    assert len(told) > 150
    assert "non dite" not in told.values()
    silent = {package["name"] for package in bill["components"] if not package.get("licenses")}
    assert silent == set(TOLD_ELSEWHERE)  # rien n'y est recopié sans besoin


def test_every_licence_is_told() -> None:
    """Un paquet sous plusieurs licences les dit toutes ; un muet le dit."""
    told = [{"expression": "MIT OR ISC"}, {"license": {"id": "MIT"}}, {"license": {"name": "BSD"}}]
    assert licence_of({"name": "essai", "licenses": told}) == "MIT OR ISC, MIT, BSD"
    assert licence_of({"name": "essai"}) == "non dite"

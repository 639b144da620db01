"""L'audit des failles connues, contre un annuaire joué sur cette machine."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from builder.audit import audit
from builder.failure import Failure

FLAWS = {
    "troue": {"id": "PYSEC-1", "repaired": "1.5"},
    "perdu": {"id": "PYSEC-2", "repaired": None},
}


def advice(name: str) -> dict[str, object]:
    """Réponse d'un annuaire OSV pour un paquet : sa faille, ou rien."""
    if name not in FLAWS:
        return {}
    bounds = [{"introduced": "0"}]
    if repaired := FLAWS[name]["repaired"]:
        bounds.append({"fixed": repaired})
    ranges = [{"type": "ECOSYSTEM", "events": bounds}]
    affected = [{"package": {"name": name, "ecosystem": "PyPI"}, "ranges": ranges}]
    return {"vulns": [{"id": FLAWS[name]["id"], "details": "...", "affected": affected}]}


class Directory(BaseHTTPRequestHandler):
    """Un annuaire de failles, du genre OSV."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answer = json.dumps(advice(asked["package"]["name"])).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *args: object) -> None:
        """Rien."""


@pytest.fixture
def directory(monkeypatch: pytest.MonkeyPatch) -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Directory)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setenv("PIP_AUDIT_VULNERABILITY_SERVICE", "osv")
    monkeypatch.setenv("PIP_AUDIT_OSV_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def course(folder: Path, *locked: str) -> Path:
    (folder / "requirements.lock").write_text("\n".join(locked) + "\n", encoding="utf-8")
    (folder / "requirements-no-deps.lock").write_text("# rien\n", encoding="utf-8")
    return folder


def test_sound_packages_pass(
    tmp_path: Path, directory: ThreadingHTTPServer, capsys: pytest.CaptureFixture[str]
) -> None:
    """Des paquets sains passent, et le compte dit combien ont été vérifiés."""
    report = tmp_path / "rapport.md"
    audit(course(tmp_path, "sain==1", "sauf==2"), report)
    assert "Aucune faille connue. Paquets vérifiés : 2." in capsys.readouterr().out
    assert "Aucune faille connue" in report.read_text(encoding="utf-8")


def test_flaw_is_told_with_its_remedy(tmp_path: Path, directory: ThreadingHTTPServer) -> None:
    """Une faille est dite avec la version qui la répare."""
    report = tmp_path / "rapport.md"
    locked = course(tmp_path, "sain==1", "troue==1.0", "perdu==3")
    with pytest.raises(Failure, match=r"troue 1\.0 : PYSEC-1, réparée en 1\.5") as failure:
        audit(locked, report)
    assert "perdu 3 : PYSEC-2, pas encore réparée" in str(failure.value)
    assert "sain" not in str(failure.value)
    assert "- troue 1.0 : PYSEC-1, réparée en 1.5\n" in report.read_text(encoding="utf-8")


def test_no_network_is_said(tmp_path: Path, directory: ThreadingHTTPServer) -> None:
    """Sans réponse, l'audit ne conclut rien."""
    directory.shutdown()
    directory.server_close()
    with pytest.raises(Failure, match="n'a pas répondu : rien n'a été vérifié"):
        audit(course(tmp_path, "sain==1"))


def test_ignorant_directory_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Un annuaire qui ne connaît aucun paquet ne fait pas conclure « sain »."""
    told = [{"name": "a", "skip_reason": "not found"}, {"name": "b", "skip_reason": "not found"}]
    monkeypatch.setattr("builder.audit._ask", lambda root: told)
    with pytest.raises(Failure, match="aucun des 2 paquets : rien n'a été vérifié"):
        audit(tmp_path)


def test_unknown_package_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Un paquet non vérifié est nommé."""
    told = [{"name": "a", "skip_reason": "not found"}, {"name": "b", "version": "1", "vulns": []}]
    monkeypatch.setattr("builder.audit._ask", lambda root: told)
    audit(tmp_path)
    said = capsys.readouterr().out
    assert "non vérifiés : a." in said
    assert "Paquets vérifiés : 1." in said

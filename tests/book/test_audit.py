"""L'audit des failles connues : ce qu'il conclut de ce que dit pip-audit."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from builder import audit
from builder.failure import Failure

SOUND = {"name": "sain", "version": "1", "vulns": []}
UNKNOWN = {"name": "inconnu", "skip_reason": "not found"}
HOLED = {
    "name": "troue",
    "version": "1.0",
    "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.5"]}, {"id": "PYSEC-2", "fix_versions": []}],
}


def answer(monkeypatch: pytest.MonkeyPatch, *packages: dict[str, Any]) -> None:
    monkeypatch.setattr(audit, "_ask", lambda root: list(packages))


def test_sound_packages_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Sans faille, la tâche dit combien de paquets elle a vérifiés, et nomme les autres."""
    monkeypatch.setenv("RAPPORT", "rapport.md")
    answer(monkeypatch, SOUND, UNKNOWN)
    audit.audit(tmp_path)
    said = capsys.readouterr().out
    assert "non vérifiés : inconnu." in said
    assert "Aucune faille connue. Paquets vérifiés : 1." in said
    assert "Aucune faille" in (tmp_path / "rapport.md").read_text(encoding="utf-8")


def test_flaw_is_told_with_its_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Une faille fait échouer la tâche, qui dit la version qui la répare."""
    answer(monkeypatch, SOUND, HOLED)
    with pytest.raises(Failure, match="une faille connue"):
        audit.audit(tmp_path)
    said = capsys.readouterr().out
    assert "- troue 1.0 : PYSEC-1, réparée en 1.5\n" in said
    assert "- troue 1.0 : PYSEC-2, pas encore réparée\n" in said


def test_ignorant_directory_concludes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rien n'est dit sain si l'annuaire ne connaît aucun paquet."""
    answer(monkeypatch, UNKNOWN)
    with pytest.raises(Failure, match="rien n'a été vérifié"):
        audit.audit(tmp_path)


def test_no_network_concludes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sans réponse, rien n'est dit sain, et ce qu'a dit pip-audit est montré."""
    mute = SimpleNamespace(stdout="", stderr="Connection refused")
    monkeypatch.setattr(audit, "ask_python", lambda *_: mute)
    with pytest.raises(Failure, match=r"(?s)rien n'a été vérifié.*Connection refused"):
        audit.audit(tmp_path)


def test_pip_audit_reads_the_locks(tmp_path: Path) -> None:
    """pip-audit accepte les options qu'on lui donne et lit les deux fichiers de versions."""
    for name in ("requirements.lock", "requirements-no-deps.lock"):
        (tmp_path / name).write_text("# rien\n", encoding="utf-8")
    assert audit._ask(tmp_path) == []

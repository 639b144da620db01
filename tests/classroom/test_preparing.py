"""Préparer une classe : ce que l'on distribue, ce que garde l'enseignant, où l'on ramasse."""

from __future__ import annotations

from pathlib import Path

from pruning_core.course.classroom.preparing import prepare
from tests.classroom.trial import classroom


def test_class_is_ready_to_hand_out(tmp_path: Path) -> None:
    """Chaque TP a son sujet sans solution, son corrigé exécuté, et les rendus leur dossier."""
    room, executed = classroom(tmp_path), []
    prepare(room, execute=executed.append)
    for source in room.sources:
        subject = (room.subjects / source.stem / source.name).read_text(encoding="utf-8")
        assert "BEGIN SOLUTION" not in subject
        assert "BEGIN SOLUTION" in (room.solutions / source.name).read_text(encoding="utf-8")
    assert executed == [room.solutions / source.name for source in room.sources]
    assert list(room.submitted.iterdir()) == []

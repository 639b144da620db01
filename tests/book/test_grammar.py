"""La relecture par Grammalecte, avec un faux Grammalecte : le vrai n'est pas un paquet Python."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from builder import grammar
from builder.failure import Failure
from builder.grammar import ACCEPTED, check_grammar

ROOT = Path(__file__).parents[2]
WRONG = "les poids est retiré"


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Un cours d'une page, relu par un Grammalecte qui ne connaît qu'une faute."""

    def read(command: list[str], **_: object) -> SimpleNamespace:
        text = Path(command[command.index("--file") + 1]).read_text(encoding="utf-8")
        before, found, after = text.partition("est retiré")
        error = {
            "sBefore": before,
            "sUnderlined": found,
            "sAfter": after,
            "sMessage": "Accord avec « poids ».",
        }
        data = [{"iParagraph": 1, "lGrammarErrors": [error]}] if found else []
        return SimpleNamespace(stdout=json.dumps({"data": data}), stderr="")

    monkeypatch.setattr(grammar.shutil, "which", lambda name: f"/ici/{name}")
    monkeypatch.setattr(grammar.subprocess, "run", read)
    (tmp_path / ACCEPTED).parent.mkdir(parents=True)
    accept(tmp_path)
    (tmp_path / "README.md").write_text("Ici, les poids sont retirés.\n", encoding="utf-8")
    return tmp_path


def accept(root: Path, *phrases: str) -> None:
    (root / ACCEPTED).write_text(f"accepte = {json.dumps(phrases)}\n", encoding="utf-8")


def test_right_text_passes(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Une page sans faute passe."""
    check_grammar(course)
    assert "rien à reprendre" in capsys.readouterr().out


def test_fault_is_told_in_its_sentence(course: Path) -> None:
    """Une faute se dit avec sa page et sa phrase."""
    (course / "README.md").write_text(f"Ici, {WRONG}.\n", encoding="utf-8")
    expected = r"README\.md : « Ici, les poids est retiré\. » : Accord avec"
    with pytest.raises(Failure, match=expected):
        check_grammar(course)


def test_accepted_phrase_excuses_only_itself(course: Path) -> None:
    """Une exception n'excuse que sa phrase."""
    (course / "README.md").write_text("Ici, les poids\nest retiré.\n", encoding="utf-8")
    accept(course, WRONG)  # même coupée par un retour à la ligne
    check_grammar(course)
    accept(course, "Ici,")  # à côté de la faute
    with pytest.raises(Failure, match="Accord avec"):
        check_grammar(course)


def test_missing_tool_is_told(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sans relecteur, la relecture échoue en le disant."""
    monkeypatch.setattr(grammar.shutil, "which", lambda name: None)
    with pytest.raises(Failure, match="sudo apt install grammalecte-cli"):
        check_grammar(course)


def test_broken_tool_is_told(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Un Grammalecte qui plante est une erreur."""
    broken = SimpleNamespace(stdout="", stderr="Traceback")
    monkeypatch.setattr(grammar.subprocess, "run", lambda *_, **__: broken)
    with pytest.raises(Failure, match="n'a pas pu relire un texte"):
        check_grammar(course)

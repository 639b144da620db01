"""Le calcul fait dans le navigateur, contre celui de `pruning_core`, et chaque module à part."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from builder.scripts import ensure_tools, run_node

from tests.explorer.explorer_vectors import write_lenet_vectors, write_vectors
from tests.explorer.word_vectors import write_word_vectors

ROOT = Path(__file__).parents[2]
FOLDER = Path("tests/explorer/js")


def run_tests(*names: str) -> None:
    # Un fichier « .js » sans package.json est lu comme un module, avec un avertissement.
    options = ("--disable-warning=MODULE_TYPELESS_PACKAGE_JSON", "--test")
    done = run_node(ROOT, *options, *(FOLDER / name for name in names))
    assert done.returncode == 0, done.stdout


def test_javascript_computes_what_pruning_core_computes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Masques, exactitude et perte sont ceux de pruning_core, à 20 sparsités et chaque méthode."""
    vectors, lenet = tmp_path / "vectors.json", tmp_path / "lenet.json"
    write_vectors(vectors)
    write_lenet_vectors(lenet)
    monkeypatch.setitem(os.environ, "EXPLORER_VECTORS", str(vectors))
    monkeypatch.setitem(os.environ, "LENET_VECTORS", str(lenet))
    run_tests("network.test.mjs")


def test_javascript_invents_the_words_python_invents(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """La page écrit les mots d'``invent``, à la lettre, à chaque méthode et chaque sparsité."""
    vectors = tmp_path / "words.json"
    write_word_vectors(vectors)
    monkeypatch.setitem(os.environ, "WORD_VECTORS", str(vectors))
    run_tests("words.test.mjs")


def test_each_module_keeps_its_promise() -> None:
    """Décodage, courbe, ardoise, clavier, montage : ce que chaque module promet est vrai."""
    ensure_tools(ROOT)
    names = ("data", "display", "element", "explorer", "words_display")
    run_tests(*(f"{name}.test.mjs" for name in names))

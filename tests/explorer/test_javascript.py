"""Le calcul fait dans le navigateur, contre celui de ``pruning_core``."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from explorer_vectors import write_vectors

HERE = Path(__file__).parent
LIMIT = 40 * 1024


def test_javascript_computes_what_pruning_core_computes(tmp_path: Path) -> None:
    """Un masque, une exactitude ou une perte qui diffère de pruning_core, à 20 sparsités."""
    node = shutil.which("node")
    if node is None:
        if os.environ.get("CI"):
            pytest.fail("node est introuvable : installez Node.js 20 ou plus récent")
        pytest.skip("node est introuvable : installez Node.js 20 ou plus récent")
    vectors = tmp_path / "vectors.json"
    write_vectors(vectors)
    run = subprocess.run(
        [node, "--test", str(HERE / "explorer.test.js")],
        env={**os.environ, "EXPLORER_VECTORS": str(vectors)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_script_is_light() -> None:
    """Un script qui dépasse 40 ko."""
    script = HERE.parents[1] / "pruning_core" / "explorer" / "explorer.js"
    assert script.stat().st_size < LIMIT

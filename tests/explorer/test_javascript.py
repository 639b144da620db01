"""Le calcul fait dans le navigateur, contre celui de ``pruning_core``."""

from __future__ import annotations

import gzip
import os
import subprocess
from pathlib import Path

from playwright._impl._driver import compute_driver_executable

from tests.explorer.explorer_vectors import write_lenet_vectors, write_vectors

HERE = Path(__file__).parent
FOLDER = HERE.parents[1] / "pruning_core" / "course" / "explorer"
LIMIT = 40_000


def test_javascript_computes_what_pruning_core_computes(tmp_path: Path) -> None:
    """Masques, exactitude et perte sont ceux de pruning_core, à vingt sparsités."""
    # Playwright apporte son Node.js : rien de plus à installer, et le test n'est jamais sauté.
    node, _ = compute_driver_executable()
    vectors, lenet = tmp_path / "vectors.json", tmp_path / "lenet.json"
    write_vectors(vectors)
    write_lenet_vectors(lenet)
    run = subprocess.run(
        [node, "--test", str(HERE / "explorer.test.js")],
        env={**os.environ, "EXPLORER_VECTORS": str(vectors), "LENET_VECTORS": str(lenet)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_scripts_are_light() -> None:
    """Un script qui dépasse 40 ko, ou des données qui dépassent 900 ko une fois compressées."""
    assert (FOLDER / "explorer.js").stat().st_size < LIMIT
    assert len(gzip.compress((FOLDER / "lenet.js").read_bytes())) < 900_000


def test_data_carries_its_decoder() -> None:
    """Le fichier de données porte le décodeur qui le relit."""
    before, after = (FOLDER / "compact.js").read_text(encoding="utf-8").split("DATA;")
    built = (FOLDER / "lenet.js").read_text(encoding="utf-8")
    assert built.startswith(before) and built.endswith(after)

"""Le paquet pruning_core tel qu'on l'installe ailleurs."""

from __future__ import annotations

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Ce qu'importent les carnets, le livre et les tests, mais pas la bibliothèque.
EXTRAS = [
    *("anywidget", "ipywidgets", "IPython", "joblib", "matplotlib", "pandas", "scipy"),
    *("sklearn", "sphinx", "yaml"),
]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Fichiers de l'archive que pip installe, construite à l'écart des sources."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    copy = folder / "source"
    copy.mkdir()
    tracked = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    for name in tracked:
        if name.startswith(("pruning_core/", "pyproject", "README", "LICENSE")):
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            (copy / name).write_bytes((ROOT / name).read_bytes())
    subprocess.run([*build, "--wheel-dir", str(folder), str(copy)], check=True)
    (archive,) = folder.glob("*.whl")
    return zipfile.ZipFile(archive).namelist()


def test_wheel_is_whole(wheel: list[str]) -> None:
    """Un module, une donnée ou le script de l'explorateur oublié dans le paquet."""
    sources = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "pruning_core").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    ]
    assert {"pruning_core/course/explorer/explorer.js", "pruning_core/py.typed"} <= set(sources)
    assert set(sources) - set(wheel) == set()


def test_wheel_holds_nothing_else(wheel: list[str]) -> None:
    """Les tests ou le livre installés chez celui qui ne voulait que la bibliothèque."""
    roots = {name.split("/")[0] for name in wheel}
    assert {root for root in roots if not root.endswith(".dist-info")} == {"pruning_core"}


def test_import_needs_only_torch_and_numpy() -> None:
    """Une bibliothèque qui demande matplotlib ou Jupyter pour compter des poids."""
    code = f"""
import sys
for name in {EXTRAS}:
    sys.modules[name] = None  # son import lève ImportError
import pruning_core
"""
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr


def test_dependencies_are_few() -> None:
    """Une dépendance de plus pour qui n'installe que la bibliothèque."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert [d.split(">")[0] for d in project["dependencies"]] == ["numpy", "torch", "tqdm"]

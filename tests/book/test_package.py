"""Les paquets tels qu'on les installe ailleurs : la bibliothèque seule, et le cours."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import tomllib
import venv
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from babel.dates import format_date
from builder.digests import source_files
from builder.packaging import build_packages
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
COURSE = ROOT / "pruning_core" / "course"


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Les quatre archives, par nom de paquet et par sorte : celles de `PAQUETS`, ou de neuves."""
    told = os.environ.get("PAQUETS")
    folder = Path(told) if told else tmp_path_factory.mktemp("paquets")
    if not told:
        build_packages(ROOT, folder)
    found = {}
    for path in folder.iterdir():
        if path.suffix in (".whl", ".gz"):
            name, _, _ = path.name.partition("-")
            found[f"{name}{path.suffix}"] = path
    return found


def names(package: Path) -> set[str]:
    """Fichiers d'une archive, sans ce que pip y ajoute."""
    files = zipfile.ZipFile(package).namelist()
    return {name for name in files if ".dist-info/" not in name}


def test_the_library_is_alone_and_light(packages: dict[str, Path]) -> None:
    """Le paquet de la bibliothèque n'a rien du cours, et tient en 250 Ko."""
    wheel = packages["pruning_core.whl"]
    assert not any(name.startswith("pruning_core/course") for name in names(wheel))
    assert wheel.stat().st_size < 250_000
    with tarfile.open(packages["pruning_core.gz"]) as sources:
        assert not any("/course/" in name or "/tests/" in name for name in sources.getnames())


def test_the_two_packages_hold_everything_once(packages: dict[str, Path]) -> None:
    """Chaque module et chaque donnée de pruning_core est dans l'un des deux paquets.

    Les modules JavaScript n'y sont pas : `built/` est ce qu'on en a tiré.
    """
    library, course = names(packages["pruning_core.whl"]), names(packages["pruning_core_cours.whl"])
    assert library & course == set()
    tracked = {path.relative_to(ROOT).as_posix() for path in source_files(ROOT, "pruning_core")}
    modules = {name for name in tracked if re.match("pruning_core/course/[a-z]+/js/", name)}
    sources = tracked - modules - {"pruning_core/course/pyproject.toml"}
    assert {"pruning_core/course/explorer/built/explorer.js", "pruning_core/py.typed"} <= sources
    assert library | course == sources


def needed(name: str) -> set[str]:
    """Un paquet installé ici, et ceux qu'il demande."""
    from packaging.requirements import Requirement

    found, waiting = set(), [name]
    while waiting:
        one = waiting.pop()
        if one in found:
            continue
        found.add(one)
        wanted = map(Requirement, metadata.requires(one) or [])
        waiting += [r.name for r in wanted if not r.marker or r.marker.evaluate({"extra": ""})]
    return found


def link(distribution: str, site: Path) -> None:
    """Rend un paquet installé ici visible d'un autre environnement."""
    for file in metadata.files(distribution) or []:
        top = file.parts[0]
        place = site / top
        if top not in ("..", "__pycache__") and not place.exists():
            place.symlink_to(Path(metadata.distribution(distribution).locate_file(top)).resolve())


@pytest.mark.skipif(sys.platform == "win32", reason="les liens demandent des droits sous Windows")
def test_the_library_works_in_an_empty_environment(
    packages: dict[str, Path], tmp_path: Path
) -> None:
    """Installée avec PyTorch, NumPy et tqdm seuls, elle s'importe et élague."""
    venv.create(tmp_path, with_pip=False)
    python = tmp_path / "bin" / "python"
    (site,) = (tmp_path / "lib").glob("python*/site-packages")
    installer = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--offline", "--no-deps"]
    wheel = str(packages["pruning_core.whl"])
    subprocess.run([*installer, "--python", str(python), wheel], check=True)
    for name in needed("torch") | needed("numpy") | needed("tqdm"):
        link(name, site)
    code = (
        "from torch import nn\n"
        "from pruning_core import compute_sparsity, global_masks, magnitude_scores\n"
        "masks = global_masks(magnitude_scores(nn.Linear(10, 10)), 0.5)\n"
        "print(compute_sparsity(masks))\n"
        "import pruning_core.course"
    )
    run = subprocess.run(
        [str(python), "-I", "-c", code], cwd=tmp_path, capture_output=True, text=True
    )
    assert run.stdout == "0.5\n"
    assert run.stderr.endswith("ModuleNotFoundError: No module named 'pruning_core.course'\n")


def project(folder: Path) -> dict[str, object]:
    return tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_dependencies_are_few() -> None:
    """La bibliothèque ne demande que PyTorch, NumPy et tqdm."""
    assert [one.split(">")[0] for one in project(ROOT)["dependencies"]] == [
        "numpy",
        "torch",
        "tqdm",
    ]


def test_versions_agree() -> None:
    """La bibliothèque, le cours, la citation et le journal disent la même version."""
    version = project(ROOT)["version"]
    assert project(COURSE)["version"] == version
    assert f"pruning-core=={version}" in project(COURSE)["dependencies"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == version
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (\S+)", changelog, re.MULTILINE)[0] == version


def test_the_citation_is_dated_by_its_version() -> None:
    """La citation porte une date du mois que le journal donne à cette version."""
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    month = format_date(citation["date-released"], "MMMM yyyy", locale="fr")
    assert f"## {citation['version']} ({month})" in changelog


def requirements() -> list[Requirement]:
    """Tout ce que les deux pyproject.toml demandent, hors leurs propres paquets."""
    asked: list[str] = []
    for folder in (ROOT, COURSE):
        told = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))
        for group in (
            {"": told["project"]["dependencies"]}
            | told["project"].get("optional-dependencies", {})
            | told.get("dependency-groups", {})
        ).values():
            asked += [one for one in group if isinstance(one, str)]
    wanted = [Requirement(one) for one in asked]
    return [one for one in wanted if not one.name.startswith("pruning-core")]


def test_the_lock_keeps_what_the_projects_ask() -> None:
    """Chaque paquet demandé est fixé une fois, à une version que la demande accepte."""
    lines = [
        line
        for name in ("requirements.lock", "requirements-no-deps.lock")
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines()
    ]
    pinned = dict(re.findall(r"^([\w.-]+)==([^\s;\\]+)", "\n".join(lines), re.MULTILINE))
    locked = {canonicalize_name(name): version for name, version in pinned.items()}
    assert len(locked) > 100
    wrong = {
        str(one): locked.get(canonicalize_name(one.name), "absent")
        for one in requirements()
        if not one.specifier.contains(locked.get(canonicalize_name(one.name), ""))
    }
    assert wrong == {}


def test_the_course_asks_for_a_compatible_python() -> None:
    """La bibliothèque et le cours acceptent les mêmes Python."""
    assert project(COURSE)["requires-python"] == project(ROOT)["requires-python"]

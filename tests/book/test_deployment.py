"""Binder et l'image pour JupyterHub : les étapes du Makefile, et rien qui n'existe pas."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from builder.tasks import TASKS
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parents[2]
BINDER = ROOT / ".binder"


def instructions() -> list[tuple[str, str]]:
    """Les instructions du Dockerfile, dans l'ordre : leur nom et ce qui suit."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(name, rest.strip()) for name, _, rest in (line.partition(" ") for line in lines)]


def argument(name: str) -> str:
    """Valeur que le Dockerfile donne d'office à un argument."""
    (told,) = (rest for kind, rest in instructions() if kind == "ARG" and rest.startswith(name))
    return told.partition("=")[2].strip('"')


def test_image_only_runs_the_course_commands() -> None:
    """L'image ne lance que des tâches du cours, qui existent."""
    steps = [rest for kind, rest in instructions() if kind == "RUN"]
    made = [step.removeprefix("make ") for step in steps if not step.startswith("useradd ")]
    assert made == ["environnement"]
    assert set(made) <= set(TASKS)


def test_image_knows_what_to_add_before_it_installs() -> None:
    """Un argument est déclaré avant l'étape qui le lit."""
    kinds = [f"{kind} {rest}".split("=")[0] for kind, rest in instructions()]
    install = kinds.index("RUN make environnement")
    assert {"ARG AVEC", "ARG PIP_EXTRA_INDEX_URL"} <= set(kinds[:install])
    assert kinds.index("FROM python:${PYTHON_VERSION}-bookworm") < kinds.index("ARG AVEC")


def test_image_starts_the_environment_it_made() -> None:
    """Le serveur tourne dans l'environnement du cours, sans être administrateur."""
    found = instructions()
    folder = next(rest for kind, rest in found if kind == "WORKDIR")
    assert ("ENV", f"PATH={folder}/.venv/bin:${{PATH}}") in found
    assert found[-1] == ("CMD", '["jupyterhub-singleuser"]')
    users = [rest for kind, rest in found if kind == "USER"]
    assert users == ["${NB_USER}"]
    home = [rest for kind, rest in found if kind == "WORKDIR"][-1]
    assert home == "/home/${NB_USER}"  # recouvert par JupyterHub : le cours n'y est pas


def test_added_packages_are_not_the_course_s() -> None:
    """Un paquet ajouté n'est pas de ceux que requirements.lock fixe."""
    locked = re.findall(r"^([a-z0-9.-]+)==", (ROOT / "requirements.lock").read_text("utf-8"), re.M)
    added = [Requirement(one) for one in argument("AVEC").split()]
    assert {one.name for one in added} == {"jupyterhub", "nbgitpuller"}
    assert all(one.specifier for one in added)
    assert {one.name for one in added} & set(locked) == set()


def test_versions_of_python_are_in_step() -> None:
    """Tous les fichiers demandent le même Python, que le cours accepte."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    workflow = yaml.safe_load((ROOT / ".github/workflows/cours.yml").read_text(encoding="utf-8"))
    setup = next(
        step
        for step in workflow["jobs"]["construire"]["steps"]
        if "setup-python" in step.get("uses", "")
    )
    runtime = (BINDER / "runtime.txt").read_text(encoding="utf-8").strip()
    versions = {argument("PYTHON_VERSION"), runtime.removeprefix("python-")}
    assert versions == {setup["with"]["python-version"]}
    assert all(version in SpecifierSet(project["requires-python"]) for version in versions)


def test_image_receives_what_it_installs() -> None:
    """L'image reçoit ce qu'elle installe, sans environnement d'ici ni solution."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    ignored = {line for line in lines if line and not line.startswith("#")}
    assert {".venv", "_build", ".git"} <= ignored
    # les solutions des travaux pratiques, et ce que les étudiants ont rendu
    assert {"notebooks/travaux_pratiques", "tests", "classe"} <= ignored
    needed = {"Makefile", "pyproject.toml", "README.md", "LICENSE", "requirements.lock"}
    needed |= {"requirements-no-deps.lock", "book", "pruning_core"}
    assert all((ROOT / name).exists() for name in needed)
    assert needed & ignored == set()
    assert not any("*" in line and not line.startswith("**/") for line in ignored)


def test_binder_only_runs_the_course_commands() -> None:
    """Binder se prépare par les commandes du README."""
    lines = (BINDER / "postBuild").read_text(encoding="utf-8").splitlines()
    commands = [line for line in lines if line and not line.startswith(("#", "set "))]
    assert commands == ["make environnement"]
    assert {path.name for path in BINDER.iterdir()} == {"postBuild", "runtime.txt", "start"}


@pytest.mark.skipif(os.name == "nt", reason="Binder tourne sous Linux")
def test_binder_starts_the_environment_it_made(tmp_path: Path) -> None:
    """Binder ouvre le JupyterLab du cours, ses extensions et son noyau."""
    shutil.copytree(BINDER, tmp_path / ".binder")
    program = tmp_path / ".venv" / "bin" / "jupyter-lab"
    program.parent.mkdir(parents=True)
    program.write_text('#!/bin/sh\necho "celui du cours, $1"\n', encoding="utf-8")
    program.chmod(0o755)
    started = subprocess.run(
        [tmp_path / ".binder" / "start", "jupyter-lab", "--port=1"],
        cwd="/",
        capture_output=True,
        text=True,
        check=True,
    )
    assert started.stdout == "celui du cours, --port=1\n"
    assert os.access(BINDER / "postBuild", os.X_OK)

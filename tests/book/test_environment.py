"""L'environnement : fait, repris, refait ; les versions exactes ; le navigateur."""

from __future__ import annotations

import os
import re
import sys
import tomllib
from pathlib import Path
from threading import Thread

import pytest
from builder import browser, environment
from builder.failure import Failure
from builder.maintenance import CUDA, PROJECTS

ROOT = Path(__file__).parents[2]
# Les paquets, puis JupyterLab réglé pour n'appeler personne.
INSTALLATION = ["pip", "pip", "pip", "jupyterlab.labextensions"]
KINDS = ("venv", *dict.fromkeys(INSTALLATION))


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Un dossier de cours où venv et pip ne font que noter leur appel, dans ``calls``."""
    for name in ("requirements.lock", "requirements-no-deps.lock"):
        (tmp_path / name).write_text("a==1\n", encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text("[project]\n", encoding="utf-8")
    (tmp_path / "calls").write_text("", encoding="utf-8")

    def call(command: list[str], **_: object) -> int:
        kind = next(kind for kind in KINDS if kind in command)
        with (tmp_path / "calls").open("a", encoding="utf-8") as calls:
            calls.write(kind + "\n")
        if kind == "venv":
            (tmp_path / ".venv").mkdir()
        return 0

    monkeypatch.setattr(environment.subprocess, "call", call)
    monkeypatch.setattr(environment, "_starts", lambda python: (tmp_path / ".venv").is_dir())
    return tmp_path


def calls(course: Path) -> list[str]:
    """Ce qui a été lancé depuis la dernière question."""
    done = (course / "calls").read_text(encoding="utf-8").split()
    (course / "calls").write_text("", encoding="utf-8")
    return done


def test_environment_is_made_once(course: Path) -> None:
    """L'environnement n'est fait qu'une fois."""
    environment.ensure_environment(course)
    assert calls(course) == ["venv", *INSTALLATION]
    environment.ensure_environment(course)
    assert calls(course) == []


def test_two_commands_make_it_once(course: Path) -> None:
    """Une commande attend celle qui fait l'environnement, et le trouve fait."""
    other = Thread(target=environment.ensure_environment, args=[course])
    with environment._alone(course):
        other.start()
        other.join(timeout=0.2)  # sans verrou, le temps de tout faire
        environment._make(course)
    other.join()
    assert calls(course) == ["venv", *INSTALLATION]


@pytest.mark.parametrize(
    "name", ["requirements.lock", "requirements-no-deps.lock", "pyproject.toml"]
)
def test_environment_follows_its_files(course: Path, name: str) -> None:
    """Un changement de version refait l'environnement."""
    environment.ensure_environment(course)
    calls(course)
    (course / name).write_text("b==2\n", encoding="utf-8")
    environment.ensure_environment(course)
    assert calls(course) == INSTALLATION


def test_interrupted_installation_is_redone(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Une installation interrompue est refaite."""
    whole = environment._install

    def cut(root: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(environment, "_install", cut)
    with pytest.raises(KeyboardInterrupt):
        environment.ensure_environment(course)
    monkeypatch.setattr(environment, "_install", whole)
    calls(course)
    environment.ensure_environment(course)
    assert calls(course) == ["venv", *INSTALLATION]


def test_interrupted_update_is_redone(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Une mise à jour coupée est refaite, même revenue aux anciennes versions."""
    environment.ensure_environment(course)
    (course / "requirements.lock").write_text("a==2\n", encoding="utf-8")
    monkeypatch.setattr(environment.subprocess, "call", lambda *_, **__: 1)
    with pytest.raises(Failure, match="pip n'a pas pu installer"):
        environment.ensure_environment(course)
    (course / "requirements.lock").write_text("a==1\n", encoding="utf-8")
    with pytest.raises(Failure, match="n'a pas pu être créé"):
        environment.ensure_environment(course)


def test_environment_is_never_made_with_itself(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Un `.venv` incomplet n'est pas refait par son propre Python."""
    monkeypatch.setattr(sys, "executable", str(course / ".venv" / "bin" / "python"))
    made: list[str] = []
    call = environment.subprocess.call

    def watch(command: list[str], **options: object) -> int:
        made.append(command[0])
        return call(command, **options)

    monkeypatch.setattr(environment.subprocess, "call", watch)
    environment.ensure_environment(course)
    assert not Path(made[0]).is_relative_to(course)


def test_dead_interpreter_is_replaced(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Un `.venv` dont le Python a disparu est remplacé."""
    environment.ensure_environment(course)
    calls(course)
    monkeypatch.setattr(environment, "_starts", lambda python: False)
    environment.ensure_environment(course)
    assert calls(course) == ["venv", *INSTALLATION]


def test_added_packages_respect_the_lock(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Un paquet ajouté garde les versions du cours, et son échec se dit."""
    asked: list[list[str]] = []

    def call(command: list[str], **_: object) -> int:
        asked.append(command[command.index("install") :])
        return 0

    monkeypatch.setattr(environment, "ensure_environment", lambda root: Path("ici"))
    monkeypatch.setattr(environment.subprocess, "call", call)
    monkeypatch.delenv("AVEC", raising=False)
    environment.install(course)
    assert asked == []
    monkeypatch.setenv("AVEC", "jupyterhub>=5,<6 nbgitpuller")
    environment.install(course)
    assert asked == [["install", "-c", "requirements.lock", "jupyterhub>=5,<6", "nbgitpuller"]]
    monkeypatch.setattr(environment.subprocess, "call", lambda *_, **__: 1)
    with pytest.raises(Failure, match="paquets de AVEC"):
        environment.install(course)


def test_lock_is_exact_and_portable() -> None:
    """Chaque version est exacte, sans CUDA ni adresse."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    exact = re.compile(r"[a-z0-9][a-z0-9.-]*==[^ ;]+( ; .+)?")
    assert [line for line in lines if not exact.fullmatch(line)] == []
    assert CUDA.findall(text) == []
    assert "torch==2.13.0" in lines


def test_lock_covers_every_dependency() -> None:
    """Chaque dépendance est dans le fichier de versions."""
    library, course = (tomllib.loads((ROOT / one).read_text(encoding="utf-8")) for one in PROJECTS)
    groups = [library["project"]["dependencies"], *library["dependency-groups"].values()]
    groups += [course["project"]["dependencies"], course["project"]["optional-dependencies"]["lab"]]
    wanted = [one for group in groups for one in group if not one.startswith("pruning-core")]
    names = {re.split(r"[<>=\[ ]", one)[0].lower().replace("_", "-") for one in wanted}
    locked = re.findall(r"^([a-z0-9.-]+)==", (ROOT / "requirements.lock").read_text("utf-8"), re.M)
    assert names - set(locked) == set()


every_engine = pytest.mark.parametrize("engine", browser.ENGINES, ids=lambda one: one.title)


@every_engine
def test_wrong_browser_path_is_said(
    monkeypatch: pytest.MonkeyPatch, engine: browser.Engine
) -> None:
    """Une variable fausse se dit."""
    monkeypatch.setenv(engine.variable, "/nulle/part")
    with pytest.raises(Failure, match=f"{engine.variable} : reçu /nulle/part"):
        browser.find_browser(engine)


@pytest.fixture
def no_browser(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[list[str]]:
    """Une machine sans navigateur ; les commandes d'installation sont notées, sans effet."""
    for engine in browser.ENGINES:
        monkeypatch.delenv(engine.variable, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(browser.Path, "is_file", lambda path: False)
    monkeypatch.setattr(browser, "_playwright_browser", lambda engine: None)
    asked: list[list[str]] = []
    monkeypatch.setattr(browser.subprocess, "run", lambda command, **_: asked.append(command))
    return asked


@every_engine
def test_missing_browser_is_a_failure(
    no_browser: list[list[str]], monkeypatch: pytest.MonkeyPatch, engine: browser.Engine
) -> None:
    """Sans navigateur, on échoue en disant quoi installer."""
    told = f"{engine.title} est nécessaire .*apt install {' '.join(engine.packages)}"
    with pytest.raises(Failure, match=told):
        browser.ensure_browser(engine)
    name = engine.playwright_name
    assert no_browser == [[sys.executable, "-m", "playwright", "install", name]]


@every_engine
@pytest.mark.skipif(os.name == "nt", reason="apt-get n'existe pas sous Windows")
def test_browser_is_installed_by_the_system_first(
    no_browser: list[list[str]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    engine: browser.Engine,
) -> None:
    """Le système installe le navigateur quand il le sait, avec ce qu'il lui faut."""

    def executable(name: str) -> Path:
        path = tmp_path / name
        path.write_text("#!/bin/sh\n", encoding="utf-8")
        path.chmod(0o755)
        return path

    def install(command: list[str], **_: object) -> None:
        no_browser.append(command)
        if "install" in command:
            assert command[-len(engine.packages) :] == [*engine.packages]
            for name in (engine.names[0], *engine.companions):
                executable(name)

    executable("apt-get")
    monkeypatch.setattr(browser, "_is_root", lambda: True)
    monkeypatch.setattr(browser.subprocess, "run", install)
    assert browser.ensure_browser(engine) == tmp_path / engine.names[0]
    assert [command[0] for command in no_browser] == ["apt-get", "apt-get"]


def test_driver_without_its_screen_is_not_webkit(
    no_browser: list[list[str]], tmp_path: Path
) -> None:
    """Un pilote de WebKit sans écran où l'ouvrir ne compte pas."""
    driver = tmp_path / "WebKitWebDriver"
    driver.write_text("#!/bin/sh\n", encoding="utf-8")
    driver.chmod(0o755)
    assert browser.find_browser(browser.WEBKIT) is None

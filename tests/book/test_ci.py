"""Les fichiers d'intégration continue : lisibles, prudents, et les mêmes commandes qu'ici."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from builder.tasks import TASKS
from launching import LAUNCHERS

ROOT = Path(__file__).parents[2]
GITHUB = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
ALL = [*GITHUB, ROOT / ".gitlab-ci.yml"]

# Versions dont l'existence a été vérifiée dans des dépôts publics.
VERIFIED = {
    "actions/checkout@v4",
    "actions/configure-pages@v5",
    "actions/deploy-pages@v4",
    "actions/download-artifact@v4",
    "actions/setup-python@v5",
    "actions/upload-artifact@v4",
    "actions/upload-pages-artifact@v3",
    "pypa/gh-action-pypi-publish@release/v1",
}


# Qui a le droit d'écrire, et quoi.
WRITERS = {
    "cours construire": {"contents"},
    "cours publier": {"pages", "id-token"},
    "paquets deposer": {"id-token"},
    "veille versions": {"issues"},
    "veille liens": {"issues"},
    "veille failles": {"issues"},
}
WATCH = {"versions": ["make lock", "make test"], "liens": ["make liens"], "failles": ["make audit"]}
DEPOT = "${{ github.server_url }}/${{ github.repository }}"
SCHEDULED = '$CI_PIPELINE_SOURCE == "schedule"'


def read(path: Path) -> dict[Any, Any]:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.name)
def test_only_the_course_commands_are_run(path: Path) -> None:
    """La CI lance les commandes que l'on lance chez soi."""
    commands = re.findall(r"\bmake (\S+)", path.read_text(encoding="utf-8"))
    assert commands
    assert set(commands) <= set(TASKS)


@pytest.mark.parametrize("path", GITHUB, ids=lambda path: path.name)
def test_actions_are_verified_and_rights_are_least(path: Path) -> None:
    """Chaque action est connue et fixée, et chaque droit sert."""
    workflow = read(path)
    assert workflow["permissions"] == {"contents": "read"}
    for name, job in workflow["jobs"].items():
        used = {step["uses"] for step in job["steps"] if "uses" in step}
        assert used <= VERIFIED
        written = {k for k, v in job.get("permissions", {}).items() if v == "write"}
        assert written == WRITERS.get(f"{path.stem} {name}", set())


def test_github_publishes_only_what_is_green() -> None:
    """Sur GitHub, seul un site vert de la branche principale est publié."""
    jobs = read(ROOT / ".github" / "workflows" / "cours.yml")["jobs"]
    assert jobs["publier"]["needs"] == "construire"
    assert jobs["construire"]["needs"] == "verifier"
    condition = jobs["construire"]["if"]
    assert "github.ref_name == github.event.repository.default_branch" in condition
    assert "github.event_name != 'pull_request'" in condition


def test_packages_are_published_from_a_tag_alone() -> None:
    """Une étiquette de version publie les paquets, après tous les tests et sans aucun secret."""
    text = (ROOT / ".github" / "workflows" / "paquets.yml").read_text(encoding="utf-8")
    workflow = yaml.safe_load(text)
    assert workflow[True] == {"push": {"tags": ["v*"]}}
    commands = [step.get("run", "") for step in workflow["jobs"]["construire"]["steps"]]
    assert [one for one in commands if one.startswith("make")] == ["make test", "make paquet"]
    assert any("GITHUB_REF_NAME#v" in one for one in commands)
    assert workflow["jobs"]["deposer"]["needs"] == "construire"
    assert "secrets." not in text


def test_gitlab_publishes_only_what_is_green() -> None:
    """De même ; les étapes de GitLab se suivent et s'arrêtent à la première rouge."""
    jobs = read(ROOT / ".gitlab-ci.yml")
    assert jobs["verifier"]["stage"] == "test"
    assert jobs["pages"]["stage"] == "deploy"
    assert jobs["pages"]["rules"] == [
        {"if": SCHEDULED, "when": "never"},
        {"if": "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH"},
    ]
    assert jobs["pages"]["artifacts"]["paths"] == ["public"]


def test_where_there_are_buttons_their_notebooks_are_published() -> None:
    """Le site et la branche qu'ouvrent ses boutons se publient ensemble, de la même adresse."""
    steps = read(GITHUB[0])["jobs"]["construire"]["steps"]
    site, notebooks = (step for step in steps if step.get("run", "").startswith("make "))
    assert (site["run"], notebooks["run"]) == ("make site", "make carnets")
    assert set(notebooks["if"].split(" || ")) == {f"vars.{name}" for name in LAUNCHERS}
    assert site["env"].items() > notebooks["env"].items() >= {"COURS_DEPOT": DEPOT}.items()
    told = read(ROOT / ".gitlab-ci.yml")
    # Colab n'ouvre que les dépôts de GitHub
    assert told["pages"]["script"][1] == 'test -z "$COURS_BINDER$COURS_JUPYTERHUB" || make carnets'
    assert told["variables"]["COURS_DEPOT"] == "$CI_PROJECT_URL"


def test_github_watches_every_week() -> None:
    """Sur GitHub, la veille part chaque semaine, vérifie tout, et dit ses échecs."""
    workflow = read(ROOT / ".github" / "workflows" / "veille.yml")
    assert len(workflow[True]["schedule"]) == 1  # « on », que YAML lit comme « vrai »
    assert re.fullmatch(r"\d+ \d+ \* \* [0-6]", workflow[True]["schedule"][0]["cron"])
    assert set(workflow["jobs"]) == set(WATCH)
    for name, job in workflow["jobs"].items():
        *commands, tell = [step for step in job["steps"] if "run" in step]
        assert [step["run"] for step in commands] == WATCH[name]
        assert re.fullmatch(r'\.ci/signaler "Veille, [^"]+"', tell["run"])
        assert tell["if"] == "always()"
        assert tell["env"]["RESULTAT"] == "${{ job.status }}"


def test_gitlab_watches_when_scheduled() -> None:
    """Sur GitLab, le planning lance la veille, et elle seule."""
    jobs = read(ROOT / ".gitlab-ci.yml")
    assert jobs[".veille"]["rules"] == [{"if": SCHEDULED}]
    assert jobs[".veille"]["artifacts"]["when"] == "always"
    for name, commands in WATCH.items():
        assert jobs[name]["extends"] == ".veille"
        assert jobs[name]["script"] == commands
    assert jobs["grammaire"]["extends"] == ".veille"
    assert jobs["grammaire"]["script"] == ["make grammaire"]
    assert jobs["verifier"]["rules"] == [
        {"if": SCHEDULED, "when": "never"},
        {"when": "on_success"},
    ]


GH = """#!/bin/sh
echo "$@" >> "$CALLS"
case "$*" in
  *list*) echo "$OPEN" ;;
  *) for last; do :; done; cat "$last" >> "$CALLS" ;;
esac
"""


@pytest.fixture
def tell(tmp_path: Path):
    """Lance .ci/signaler dans un dépôt neuf, avec un faux ``gh`` qui note ce qu'on lui demande."""
    (tmp_path / ".ci").mkdir()
    script = tmp_path / ".ci" / "signaler"
    script.write_bytes((ROOT / ".ci" / "signaler").read_bytes())
    gh = tmp_path / "gh"
    gh.write_text(GH, encoding="utf-8")
    script.chmod(0o755)
    gh.chmod(0o755)
    lock = tmp_path / "requirements.lock"
    lock.write_text("a==1\n", encoding="utf-8")
    for command in (["init", "-q"], ["add", "requirements.lock"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)

    def run(result: str, *, report: str = "", moved: bool = False, already: str = "") -> str:
        lock.write_text("a==2\n" if moved else "a==1\n", encoding="utf-8")
        (tmp_path / "rapport.md").unlink(missing_ok=True)
        if report:
            (tmp_path / "rapport.md").write_text(report, encoding="utf-8")
        calls = tmp_path / "calls"
        calls.write_text("", encoding="utf-8")
        settings = {
            "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}",
            "CALLS": str(calls),
            "OPEN": already,
            "RESULTAT": result,
            "RAPPORT": "rapport.md",
            "GITHUB_SERVER_URL": "https://forge",
            "GITHUB_REPOSITORY": "cours",
            "GITHUB_RUN_ID": "7",
        }
        subprocess.run([script, "Veille, essai"], env={**os.environ, **settings}, check=True)
        return calls.read_text(encoding="utf-8")

    return run


@pytest.mark.skipif(os.name == "nt", reason="ce script ne tourne que sur les machines de GitHub")
def test_watch_speaks_when_there_is_something_to_say(tell) -> None:
    """Une demande s'ouvre pour un sujet à reprendre ou un échec, non pour rien."""
    assert tell("success", report="Rien.") == ""
    moved = tell("success", report="## Ce qui a bougé", moved=True)
    assert "issue create --title Veille, essai --body-file" in moved
    assert "Tout passe" in moved
    assert "## Ce qui a bougé" in moved
    failed = tell("failure")
    assert "issue create" in failed
    assert "**Échec**" in failed
    assert "https://forge/cours/actions/runs/7" in failed


@pytest.mark.skipif(os.name == "nt", reason="ce script ne tourne que sur les machines de GitHub")
def test_watch_keeps_one_issue_a_subject(tell) -> None:
    """Un sujet garde une seule demande, d'une semaine à l'autre."""
    told = tell("failure", report="La suite.", already="42")
    assert "issue comment 42 --body-file" in told
    assert "La suite." in told
    assert "create" not in told


def test_run_script_is_the_readme() -> None:
    """Le script de CI s'exécute, et fait ce que dit le README."""
    script = ROOT / ".ci" / "run"
    lines = script.read_text(encoding="utf-8").splitlines()
    commands = [line for line in lines if line and not line.startswith(("#", "set ", "cd "))]
    assert commands == ["make test", "make site"]
    assert os.name == "nt" or os.access(script, os.X_OK)


def test_updates_are_proposed() -> None:
    """Chaque famille de paquets fixés reçoit des mises à jour."""
    settings = read(ROOT / ".github" / "dependabot.yml")
    assert settings["version"] == 2
    assert {one["package-ecosystem"] for one in settings["updates"]} == {"pip", "github-actions"}
    assert all(one["schedule"] == {"interval": "weekly"} for one in settings["updates"])


@pytest.mark.parametrize("name", ["SECURITY.md", "CODE_OF_CONDUCT.md"])
def test_rules_are_found_from_the_contribution_page(name: str) -> None:
    """Chaque règle a son lien depuis la page de contribution."""
    assert (ROOT / name).is_file()
    assert f"]({name})" in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")

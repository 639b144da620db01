"""Les fichiers d'intégration continue : lisibles, prudents, et les mêmes commandes qu'ici."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import build
import pytest
import yaml

ROOT = Path(__file__).parents[2]
GITHUB = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
ALL = [*GITHUB, ROOT / ".gitlab-ci.yml"]

# Versions dont l'existence a été vérifiée dans des dépôts publics.
VERIFIED = {
    "actions/checkout@v4",
    "actions/configure-pages@v5",
    "actions/deploy-pages@v4",
    "actions/setup-python@v5",
    "actions/upload-pages-artifact@v3",
}


def read(path: Path) -> dict[Any, Any]:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.name)
def test_only_the_course_commands_are_run(path: Path) -> None:
    """Une CI qui vérifie autre chose que ce que l'on vérifie chez soi."""
    commands = re.findall(r"\bmake (\S+)", path.read_text(encoding="utf-8"))
    assert commands
    assert set(commands) <= set(build.TASKS)


@pytest.mark.parametrize("path", GITHUB, ids=lambda path: path.name)
def test_actions_are_verified_and_rights_are_least(path: Path) -> None:
    """Une action inventée, ou un droit d'écriture donné à qui n'en a pas besoin."""
    workflow = read(path)
    assert workflow["permissions"] == {"contents": "read"}
    for name, job in workflow["jobs"].items():
        used = {step["uses"] for step in job["steps"] if "uses" in step}
        assert used <= VERIFIED
        written = {k for k, v in job.get("permissions", {}).items() if v == "write"}
        assert written == ({"pages", "id-token"} if name == "publier" else set())


def test_github_publishes_only_what_is_green() -> None:
    """Un site publié depuis une autre branche, ou malgré un test en échec."""
    jobs = read(ROOT / ".github" / "workflows" / "cours.yml")["jobs"]
    assert jobs["publier"]["needs"] == "construire"
    assert jobs["construire"]["needs"] == "verifier"
    condition = jobs["construire"]["if"]
    assert "github.ref_name == github.event.repository.default_branch" in condition
    assert "github.event_name != 'pull_request'" in condition


def test_gitlab_publishes_only_what_is_green() -> None:
    """De même ; les étapes de GitLab se suivent et s'arrêtent à la première rouge."""
    jobs = read(ROOT / ".gitlab-ci.yml")
    assert jobs["verifier"]["stage"] == "test"
    assert jobs["pages"]["stage"] == "deploy"
    assert jobs["pages"]["rules"] == [{"if": "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH"}]
    assert jobs["pages"]["artifacts"]["paths"] == ["public"]


def test_run_script_is_the_readme() -> None:
    """Un script de CI qui ne s'exécute pas, ou qui fait plus que le README."""
    script = ROOT / ".ci" / "run"
    lines = script.read_text(encoding="utf-8").splitlines()
    commands = [line for line in lines if line and not line.startswith(("#", "set ", "cd "))]
    assert commands == ["make test", "make site"]
    assert os.name == "nt" or os.access(script, os.X_OK)


def test_updates_are_proposed() -> None:
    """Des versions fixées que personne ne rafraîchit, ou une famille de paquets oubliée."""
    settings = read(ROOT / ".github" / "dependabot.yml")
    assert settings["version"] == 2
    assert {one["package-ecosystem"] for one in settings["updates"]} == {"pip", "github-actions"}
    assert all(one["schedule"] == {"interval": "weekly"} for one in settings["updates"])


@pytest.mark.parametrize("name", ["SECURITY.md", "CODE_OF_CONDUCT.md"])
def test_rules_are_found_from_the_contribution_page(name: str) -> None:
    """Une règle que personne ne lira, faute de lien."""
    assert (ROOT / name).is_file()
    assert f"]({name})" in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")

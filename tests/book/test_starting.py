"""La page « Commencer » : ses commandes existent, ses messages sont les nôtres, au mot près."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import nbformat
import pytest
import yaml
from builder.tasks import TASKS
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parents[2]
PAGES = {
    name: (ROOT / "book" / "classe" / f"{name}.md").read_text(encoding="utf-8")
    for name in ("commencer", "enseigner")
}
START = PAGES["commencer"]
PROJECT, COURSE = (
    tomllib.loads((ROOT / folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for folder in ("", "pruning_core/course")
)

# Ce que disent les outils des autres.
FOREIGN = {
    "make: command not found",
    "make : Le terme «make» n'est pas reconnu",
    "py : Le terme «py» n'est pas reconnu",
    "ModuleNotFoundError: No module named 'pruning_core'",
    "No matching distribution found for torch",
    "OSError: [WinError 126]",
    "xcode-select: note: No developer tools were found",
}


def spoken() -> str:
    """Tous les textes écrits dans le code du cours, bout à bout."""
    texts: list[str] = []
    for folder in ("book", "pruning_core"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    texts.append(node.value)
    return "\n".join(texts)


def quoted_messages(page: str) -> set[str]:
    """Les messages que la page explique : les termes de sa dernière liste."""
    terms = re.findall(r"^(`.+)\n: ", page.split("## Quand cela ne marche pas")[1], re.MULTILINE)
    return {message for term in terms for message in re.findall(r"`([^`]+)`", term)}


def test_messages_are_ours() -> None:
    """Chaque message cité est le nôtre, au mot près."""
    told = quoted_messages(START)
    assert len(told) >= 10
    assert told >= FOREIGN
    ours = spoken()
    assert [message for message in told - FOREIGN if message not in ours] == []


@pytest.mark.parametrize("name", PAGES)
def test_commands_exist(name: str) -> None:
    """Chaque commande de la page existe."""
    commands = re.findall(r"`[^`\n]*?(?:make|build\.py) ([a-z]+)", PAGES[name])
    assert len(commands) >= 4
    assert set(commands) <= set(TASKS)


def test_versions_of_python_are_the_project_s() -> None:
    """Les Python conseillés sont ceux du cours."""
    versions = set(re.findall(r"\b3\.\d+\b", START))
    assert versions == {"3.11", "3.12", "3.13"}
    assert all(version in SpecifierSet(PROJECT["requires-python"]) for version in versions)


def test_bare_pip_installs_what_lessons_need() -> None:
    """La commande pip de la page installe ce qu'il faut aux leçons."""
    groups = set(re.findall(r'-e \. -e "pruning_core/course\[(\w+)\]"', START))
    assert groups == {"lab"}
    needed = [*COURSE["dependencies"], *COURSE["optional-dependencies"]["lab"]]
    names = {re.split(r"[<>=]", one)[0] for one in needed}
    assert {"jupyterlab", "ipykernel", "anywidget"} <= names


def test_first_result_is_the_lesson_s() -> None:
    """Le premier nombre annoncé est celui de la leçon."""
    (told,) = re.findall(r"^```text\n(.+)\n```", START, re.MULTILINE)
    cells = nbformat.read(ROOT / "notebooks" / "8_1_1_magnitude.ipynb", as_version=4).cells
    code = [cell for cell in cells if cell.cell_type == "code"][:4]
    printed = [output.get("text", "") for cell in code for output in cell.outputs]
    assert told in "\n".join(printed).replace("\u00a0", " ")


def test_pages_are_found() -> None:
    """Chaque page pour la classe est au sommaire, et le README y mène."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    (part,) = (part for part in toc["parts"] if part["caption"] == "En classe")
    listed = {chapter["file"] for chapter in part["chapters"]}
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for name in PAGES:
        assert f"book/classe/{name}" in listed
        assert f"](book/classe/{name}.md)" in readme

"""Mutations : changer le code un signe à la fois, et voir si ses tests le remarquent."""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from builder.commands import run_python
from builder.failure import Failure

TESTS = {
    "masks/choosing": "masks/test_choosing",
    "masks/smallest": "masks/test_smallest",
    "scores/magnitude": "scores/test_magnitude",
    "scores/gradient": "scores/test_gradient",
    "curvature/diagonals": "curvature/test_curvature",
    "curvature/matrices": "curvature/test_curvature",
    "chapter": "test_chapter",
}
"""Modules de `pruning_core` et leurs tests, dans `tests/core`."""
MODULES = tuple(TESTS)
WANTED = 0.85

# Codes de sortie que mutmut enregistre : 0, aucun test n'a échoué ; 5 et 33, aucun test n'y passe.
_SURVIVED = (0, 5, 33)

_SETTINGS = """\
[tool.pytest.ini_options]
pythonpath = ["book"]
filterwarnings = ["error"]

[tool.mutmut]
source_paths = ["pruning_core"]
only_mutate = {sources}
also_copy = ["book"]
pytest_add_cli_args_test_selection = {tests}
use_git_change_detection = false
"""


@dataclass(frozen=True)
class Score:
    """Mutants d'un module.

    Attributes
    ----------
    killed : int
        Qu'un test remarque, ou qui tournent sans fin.
    survivors : list[str]
        Noms des autres, tels que mutmut les donne.
    """

    killed: int
    survivors: list[str]

    @property
    def share(self) -> float:
        """Part des mutants tués, dans [0, 1]."""
        return self.killed / (self.killed + len(self.survivors))


def run(root: Path) -> None:
    """Mute chaque module, imprime la part tuée par ses tests et les survivants.

    Le travail se fait dans une copie, `_build/mutation`. Interrompu, il reprend ; ne sont essayés
    de nouveau que les mutants des fonctions qui ont changé, et les survivants si un test a changé.

    Raises
    ------
    Failure
        Si les tests échouent sans mutation, ou si un module n'atteint pas 85 %.
    """
    if not hasattr(os, "fork"):
        raise Failure("make mutation demande Linux, macOS ou WSL (mutmut copie son processus).")
    folder = root / "_build" / "mutation"
    _prepare(root, folder)
    if not run_python(folder, "-m", "mutmut", "run", "--max-children", "1"):
        raise Failure("les mutations n'ont pas abouti (ci-dessus) ; relancées, elles reprennent.")
    scores = {module: read_score(folder, module) for module in MODULES}
    print(report(scores))
    weak = [module for module, score in scores.items() if score.share < WANTED]
    if weak:
        raise Failure(
            f"moins de {100 * WANTED:.0f} % des mutants sont tués dans : {', '.join(weak)}."
        )


def report(scores: dict[str, Score]) -> str:
    """Tableau des parts tuées, et noms des survivants."""
    lines = ["", "Mutants tués par les tests :"]
    lines += [
        f"  {module:<14} {score.killed:>4} sur {score.killed + len(score.survivors):>4}"
        f"   {score.share:.1%}".replace(".", ",").replace("%", " %")
        for module, score in scores.items()
    ]
    lines += [
        "",
        "Survivants, expliqués dans tests/mutation/SURVIVANTS.md (pour voir le changement :",
    ]
    lines += ["mutmut show NOM, depuis _build/mutation) :"]
    lines += [f"  {name}" for score in scores.values() for name in score.survivors]
    return "\n".join(lines)


def read_score(folder: Path, module: str) -> Score:
    """Compte les mutants d'un module d'après ce que mutmut a enregistré.

    Raises
    ------
    Failure
        Si des mutants n'ont pas été essayés.
    """
    path = folder / "mutants" / "pruning_core" / f"{module}.py.meta"
    codes = json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"]
    waiting = Counter(codes.values())[None]
    if waiting or not codes:
        raise Failure(f"{module} : {waiting} mutants n'ont pas été essayés ; relancez la commande.")
    survivors = [name for name, code in codes.items() if code in _SURVIVED]
    return Score(len(codes) - len(survivors), survivors)


def _prepare(root: Path, folder: Path) -> None:
    """Copie les sources et leurs tests à jour, sans toucher à ce qui est déjà essayé."""
    folder.mkdir(parents=True, exist_ok=True)
    # Quels tests passent par quelle fonction : mutmut ne le refait pas pour une fonction nouvelle.
    (folder / "mutants" / "mutmut-stats.json").unlink(missing_ok=True)
    ignored = shutil.ignore_patterns("__pycache__")
    for name in ("pruning_core", "book"):
        shutil.rmtree(folder / name, ignore_errors=True)
        shutil.copytree(root / name, folder / name, ignore=ignored)
    tests = sorted({f"tests/core/{test}.py" for test in TESTS.values()})
    helpers = ("__init__", "conftest", "core/__init__", "core/cases", "core/oracles")
    names = [*tests, *(f"tests/{part}.py" for part in helpers)]
    if any(_differ(root / name, folder / name) for name in names):
        _forget_survivors(folder)
    shutil.rmtree(folder / "tests", ignore_errors=True)
    (folder / "tests").mkdir()
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(root / name, folder / name)
    sources = [f"pruning_core/{module}.py" for module in MODULES]
    settings = _SETTINGS.format(sources=json.dumps(sources), tests=json.dumps(tests))
    (folder / "pyproject.toml").write_text(settings, encoding="utf-8")


def _differ(first: Path, second: Path) -> bool:
    return not second.is_file() or first.read_bytes() != second.read_bytes()


def _forget_survivors(folder: Path) -> None:
    """Fait essayer de nouveau les survivants : un nouveau test peut les tuer."""
    for path in (folder / "mutants" / "pruning_core").rglob("*.meta"):
        found = json.loads(path.read_text(encoding="utf-8"))
        codes = found["exit_code_by_key"]
        found["exit_code_by_key"] = {k: None if c in _SURVIVED else c for k, c in codes.items()}
        path.write_text(json.dumps(found), encoding="utf-8")

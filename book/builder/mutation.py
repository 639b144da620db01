"""Mutations : changer le code un signe à la fois, et voir si ses tests le remarquent.

Ce qui est muté, et par quels tests, est dit dans pyproject.toml (``[tool.mutmut]``).
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from pathlib import Path

from builder.commands import ask_python, run_python
from builder.failure import Failure

WANTED = 0.85
SURVIVED = ("survived", "no tests", "skipped", "suspicious")
WAITING = ("not checked", "check was interrupted by user")

_RESULT = re.compile(r"^ +pruning_core\.([\w.]+)\.(\w+): (.+)$", re.MULTILINE)


def mutate(root: Path) -> None:
    """Mute chaque module, dit la part des mutants que ses tests tuent, et les survivants.

    mutmut travaille dans ``mutants``, et reprend s'il est interrompu. ``ONLY`` choisit des modules
    (« scores.magnitude »).

    Raises
    ------
    Failure
        Si les tests échouent sans mutation, ou si un module n'atteint pas 85 %.
    """
    if not hasattr(os, "fork"):
        raise Failure("make mutation demande Linux, macOS ou WSL (mutmut copie son processus).")
    only = os.environ.get("ONLY", "").split()
    names = [f"pruning_core.{module}.*" for module in only]
    if not run_python(root, "-m", "mutmut", "run", "--max-children", "1", *names):
        raise Failure("les mutations n'ont pas abouti (ci-dessus) ; relancées, elles reprennent.")
    weak = []
    modules = read_results(ask_python(root, "-m", "mutmut", "results", "--all", "true").stdout)
    for module in only or sorted(modules):
        mutants = modules.get(module, {})
        waiting = sum(status in WAITING for status in mutants.values())
        if waiting or not mutants:
            raise Failure(f"{module} : {waiting} mutants n'ont pas été essayés ; relancez.")
        survivors = [name for name, status in mutants.items() if status in SURVIVED]
        share = 1 - len(survivors) / len(mutants)
        killed = f"{len(mutants) - len(survivors):>4} sur {len(mutants):>4}"
        print(f"  {module:<24}{killed}   {100 * share:.0f} %")
        print("".join(f"      {name}\n" for name in survivors), end="")
        if share < WANTED:
            weak.append(module)
    print("\nSurvivants, expliqués dans tests/mutation/SURVIVANTS.md ; pour voir le changement :")
    print("  .venv/bin/python -m mutmut show pruning_core.MODULE.NOM")
    if weak:
        raise Failure(
            f"moins de {100 * WANTED:.0f} % des mutants sont tués dans : {', '.join(weak)}."
        )


def read_results(told: str) -> dict[str, dict[str, str]]:
    """Ce que dit ``mutmut results`` : module -> nom du mutant -> ce qui lui est arrivé."""
    modules: dict[str, dict[str, str]] = defaultdict(dict)
    for module, name, status in _RESULT.findall(told):
        modules[module][name] = status
    return modules

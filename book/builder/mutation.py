"""Mutations : changer le code un signe à la fois, et voir si ses tests le remarquent.

Ce qui est muté, et par quels tests, est dit dans pyproject.toml (``[tool.mutmut]``).
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from pathlib import Path

from builder.commands import ask_python, check_python
from builder.failure import Failure

WANTED = 0.85
KILLED = {"killed", "timeout", "segfault"}  # un mutant pas encore essayé n'est pas tué

_RESULT = re.compile(r"^ +pruning_core\.([\w.]+)\.(\w+): (.+)$", re.MULTILINE)


def mutate(root: Path) -> None:
    """Mute chaque module, ou ceux que nomme ``ONLY`` (« scores.magnitude »), puis compte.

    mutmut travaille dans ``mutants``, et reprend s'il est interrompu.

    Raises
    ------
    Failure
        Si les tests échouent sans mutation, ou tuent moins de 85 % des mutants d'un module.
    """
    if not hasattr(os, "fork"):
        raise Failure("make mutation demande Linux, macOS ou WSL (mutmut copie son processus).")
    only = os.environ.get("ONLY", "").split()
    names = [f"pruning_core.{module}.*" for module in only]
    fault = "les mutations n'ont pas abouti (ci-dessus) ; relancées, elles reprennent."
    check_python(root, fault, "-m", "mutmut", "run", "--max-children", "1", *names)
    results = ask_python(root, "-m", "mutmut", "results", "--all", "true").stdout
    modules: dict[str, list[bool]] = defaultdict(list)
    for module, mutant, status in _RESULT.findall(results):
        if only and module not in only:
            continue
        modules[module].append(status in KILLED)
        if status not in KILLED:
            print(f"  pruning_core.{module}.{mutant} : {status}")
    print("\nSurvivants (ci-dessus), expliqués dans tests/mutation/SURVIVANTS.md ; pour les voir :")
    print("  .venv/bin/python -m mutmut show pruning_core.MODULE.NOM\n")
    for module, killed in modules.items():
        print(f"  {module:<24}{sum(killed):>4} sur {len(killed):>4}")
    weak = [module for module, killed in modules.items() if sum(killed) < WANTED * len(killed)]
    if weak or not modules:
        raise Failure(
            f"moins de {100 * WANTED:.0f} % des mutants sont tués dans : {', '.join(weak)}."
        )

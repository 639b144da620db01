"""Les failles connues des paquets fixés, demandées par pip-audit à son annuaire.

L'annuaire est PyPI. Les variables de pip-audit en choisissent un autre :
``PIP_AUDIT_VULNERABILITY_SERVICE=osv``, par exemple.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from builder.commands import ask_python
from builder.environment import LOCK, LOCK_WITHOUT_DEPENDENCIES
from builder.failure import Failure
from builder.reports import tell

_NO_ANSWER = (
    "l'annuaire des failles n'a répondu d'aucun paquet : rien n'a été vérifié. Cette tâche demande "
    "un accès à Internet ; un dépôt de paquets local ne sait rien des failles."
)


def audit(root: Path) -> None:
    """Dit quels paquets fixés ont une faille connue, et la version qui la répare.

    Raises
    ------
    Failure
        Si un paquet a une faille connue, ou si rien n'a pu être vérifié.
    """
    print("Demande des failles connues, paquet par paquet (une minute)...", flush=True)
    packages = _ask(root)
    silent = [package["name"] for package in packages if "skip_reason" in package]
    if len(silent) == len(packages):
        raise Failure(_NO_ANSWER)
    if silent:
        print(f"Inconnus de l'annuaire, donc non vérifiés : {', '.join(silent)}.")
    flaws = [f"- {flaw}" for package in packages for flaw in _flaws(package)]
    none = f"Aucune faille connue. Paquets vérifiés : {len(packages) - len(silent)}."
    tell(root, "Failles connues des paquets fixés", "\n".join(flaws) or none)
    if flaws:
        raise Failure("des paquets ont une faille connue (ci-dessus).")


def _ask(root: Path) -> list[dict[str, Any]]:
    """Ce que l'annuaire dit de chaque paquet qui s'installe ici."""
    command = ["-m", "pip_audit", "--format=json", "--progress-spinner=off"]
    command += ["--no-deps", "--disable-pip"]  # les versions sont exactes : rien à résoudre
    command += [f"--requirement={name}" for name in (LOCK, LOCK_WITHOUT_DEPENDENCIES)]
    result = ask_python(root, *command)
    try:
        told: list[dict[str, Any]] = json.loads(result.stdout)["dependencies"]
    except ValueError:
        raise Failure(f"{_NO_ANSWER} Réponse de pip-audit :\n{result.stderr}") from None
    return told


def _flaws(package: dict[str, Any]) -> Iterator[str]:
    for flaw in package.get("vulns", []):
        repaired = ", ".join(flaw["fix_versions"])
        remedy = f"réparée en {repaired}" if repaired else "pas encore réparée"
        yield f"{package['name']} {package['version']} : {flaw['id']}, {remedy}"

"""Les failles connues des paquets fixés, demandées à l'annuaire qu'interroge pip-audit.

L'annuaire est PyPI. Les variables de pip-audit en choisissent un autre :
``PIP_AUDIT_VULNERABILITY_SERVICE=osv``, par exemple.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from builder.failure import Failure
from builder.licences import LOCKS

_NO_ANSWER = (
    "l'annuaire des failles n'a pas répondu : rien n'a été vérifié. Cette tâche demande un accès à "
    "Internet. Réponse de pip-audit :\n{error}"
)
_UNKNOWN = (
    "l'annuaire des failles ne connaît aucun des {count} paquets : rien n'a été vérifié. L'accès "
    "à PyPI passe sans doute par un dépôt local, qui ne sait rien des failles."
)


def audit(root: Path, report: Path | None = None) -> None:
    """Dit quels paquets de requirements.lock ont une faille connue, et la version qui la répare.

    Parameters
    ----------
    root : Path
        Dossier du cours.
    report : Path or None
        Fichier `.md` où écrire aussi la liste des failles.

    Raises
    ------
    Failure
        Si un paquet a une faille connue, ou si rien n'a pu être vérifié.
    """
    print("Demande des failles connues, paquet par paquet (une minute)...", flush=True)
    packages = _ask(root)
    silent = [package["name"] for package in packages if "skip_reason" in package]
    if len(silent) == len(packages):
        raise Failure(_UNKNOWN.format(count=len(packages)))
    flaws = list(_flaws(packages))
    if report:
        report.parent.mkdir(parents=True, exist_ok=True)
        lines = [f"- {flaw}\n" for flaw in flaws] or ["Aucune faille connue.\n"]
        text = "## Failles connues des paquets fixés\n\n" + "".join(lines)
        report.write_text(text, encoding="utf-8", newline="\n")
    if silent:
        print(f"Inconnus de l'annuaire, donc non vérifiés : {', '.join(silent)}.")
    if flaws:
        raise Failure("des paquets ont une faille connue :\n" + "\n".join(flaws))
    print(f"Aucune faille connue. Paquets vérifiés : {len(packages) - len(silent)}.")


def _ask(root: Path) -> list[dict[str, Any]]:
    """Ce que l'annuaire dit de chaque paquet qui s'installe ici."""
    command = [sys.executable, "-m", "pip_audit", "--format=json", "--progress-spinner=off"]
    command += ["--no-deps", "--disable-pip"]  # les versions sont exactes : rien à résoudre
    command += [f"--requirement={name}" for name in LOCKS]
    result = subprocess.run(command, cwd=root, capture_output=True, text=True, encoding="utf-8")
    try:
        told: list[dict[str, Any]] = json.loads(result.stdout)["dependencies"]
    except ValueError:
        error = (result.stderr.strip().splitlines() or ["(rien)"])[-1]
        raise Failure(_NO_ANSWER.format(error=error)) from None
    return told


def _flaws(packages: list[dict[str, Any]]) -> Iterator[str]:
    for package in packages:
        for flaw in package.get("vulns", []):
            repaired = ", ".join(flaw["fix_versions"])
            remedy = f"réparée en {repaired}" if repaired else "pas encore réparée"
            yield f"{package['name']} {package['version']} : {flaw['id']}, {remedy}"

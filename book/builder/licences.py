"""Ce dont le cours est fait : chaque paquet fixé, sa version, sa licence.

Tout vient de ce que les paquets installés disent d'eux-mêmes. La nomenclature suit CycloneDX 1.6,
que lisent les outils qui cherchent des versions vulnérables.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import quote

from builder.failure import Failure

LOCKS = ("requirements.lock", "requirements-no-deps.lock")
# Ce que disent le dépôt et le texte joint d'un paquet dont les métadonnées se taisent.
TOLD_ELSEWHERE = {"axe-playwright-python": "MIT"}
_LOCKED = re.compile(r"^([a-z0-9][a-z0-9._-]*)==", re.MULTILINE)


@dataclass(frozen=True)
class Package:
    """Un paquet installé ; `standard` si sa licence est une expression SPDX."""

    name: str
    version: str
    licence: str
    standard: bool


def write_licences(root: Path) -> None:
    """Affiche les licences des paquets fixés et écrit la nomenclature dans ``_build``.

    Raises
    ------
    Failure
        Si un paquet installé ne dit pas sa licence.
    """
    packages = installed(locked(root))
    silent = [package.name for package in packages if not package.licence]
    if silent:
        raise Failure(
            f"licence non dite par {', '.join(silent)} : cherchez-la, puis ajoutez-la à "
            "TOLD_ELSEWHERE, dans book/builder/licences.py."
        )
    print(table(packages))
    target = root / "_build" / "licences" / "bom.cdx.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(bill(packages), ensure_ascii=False, indent=2) + "\n"
    target.write_text(text, encoding="utf-8", newline="\n")
    print(f"\n{len(packages)} paquets ; la nomenclature est dans {target.relative_to(root)}.")


def locked(root: Path) -> list[str]:
    """Noms des paquets dont la version est fixée, toutes machines confondues."""
    texts = ((root / name).read_text(encoding="utf-8") for name in LOCKS)
    return sorted({name for text in texts for name in _LOCKED.findall(text)})


def installed(names: Iterable[str]) -> list[Package]:
    """Ceux de ces paquets qui sont installés ici, avec ce qu'ils disent de leur licence."""
    packages = []
    for name in names:
        try:
            told = metadata.metadata(name)
        except metadata.PackageNotFoundError:
            continue  # il ne sert que sous un autre système ou un autre Python
        expressions = told.get_all("License-Expression") or [TOLD_ELSEWHERE.get(name, "")]
        expression = expressions[0]
        licence = expression or licence_of(
            told.get_all("Classifier") or [], *(told.get_all("License") or [])
        )
        packages.append(Package(name, told["Version"], licence, standard=bool(expression)))
    return packages


def licence_of(classifiers: Iterable[str], text: str = "") -> str:
    """Licence d'un paquet qui ne la donne pas en SPDX : ses classements, sinon son premier mot."""
    names = [one.split(" :: ")[-1] for one in classifiers if one.startswith("License :: ")]
    named = [name for name in names if name != "OSI Approved"]
    return " ou ".join(named) or text.strip().split("\n")[0]


def table(packages: Iterable[Package]) -> str:
    """Les paquets, rangés par licence."""
    groups: dict[str, list[str]] = defaultdict(list)
    for package in packages:
        groups[package.licence].append(f"{package.name} {package.version}")
    return "\n".join(f"{licence} : {', '.join(groups[licence])}" for licence in sorted(groups))


def bill(packages: Iterable[Package]) -> dict[str, Any]:
    """Nomenclature CycloneDX, la même d'une fois à l'autre."""
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "components": [_component(package) for package in packages],
    }


def _component(package: Package) -> dict[str, Any]:
    reference = f"pkg:pypi/{package.name}@{quote(package.version)}"
    licence = (
        {"expression": package.licence}
        if package.standard
        else {"license": {"name": package.licence}}
    )
    return {
        "type": "library",
        "bom-ref": reference,
        "name": package.name,
        "version": package.version,
        "purl": reference,
        "licenses": [licence],
    }

"""Les paquets installés, comparés à requirements.lock : ceux des leçons d'abord."""

from __future__ import annotations

import re
import sys
import tomllib
from contextlib import suppress
from importlib import metadata
from pathlib import Path

from builder.environment import LOCK
from builder.machine.points import Point, doubt, fault, good

NAME = "Paquets"
SHOWN = 5  # paquets nommés, au plus
INSTALL = (
    "Avec une connexion, lancez « make environnement », ou sans make : python3 book/build.py "
    "environnement (sous Windows : `py -3.12 book/build.py environnement`)."
)

_PIN = re.compile(r"^([a-z0-9.-]+)==([^ ;\n]+)(?: ; (.+))?$", re.MULTILINE)


def packages(root: Path) -> Point:
    """Chaque paquet à la version de requirements.lock ; seuls ceux des leçons sont exigés."""
    try:
        wanted, needed = _wanted(root), _needed(root)
    except ImportError:  # packaging
        return fault(NAME, f"environnement absent ou incomplet ({sys.prefix})", INSTALL)
    faults = {name: _fault(name, version) for name, version in wanted.items()}
    serious = [told for name, told in faults.items() if told and name in needed]
    if serious:
        return fault(NAME, _shown(serious), INSTALL)
    others = [told for told in faults.values() if told]
    if others:
        found = f"ceux des leçons y sont ; d'autres non : {_shown(others)}"
        return doubt(NAME, found, f"Pour construire le site ou lancer les tests. {INSTALL}")
    return good(NAME, f"{len(wanted)} aux versions exactes de {LOCK}")


def _wanted(root: Path) -> dict[str, str]:
    """Paquet -> version attendue sur ce système."""
    from packaging.markers import Marker

    pins = _PIN.findall((root / LOCK).read_text(encoding="utf-8"))
    return {name: version for name, version, told in pins if not told or Marker(told).evaluate()}


def _needed(root: Path) -> set[str]:
    """Les paquets que demandent les leçons, et ceux que ces paquets demandent."""
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    waiting = []
    for folder in (root, root / "pruning_core" / "course"):
        text = (folder / "pyproject.toml").read_text(encoding="utf-8")
        project = tomllib.loads(text)["project"]
        waiting += [
            *project["dependencies"],
            *project.get("optional-dependencies", {}).get("lab", []),
        ]
    found: set[str] = set()
    while waiting:
        required = Requirement(waiting.pop())
        name = canonicalize_name(required.name)
        if name in found or (required.marker and not required.marker.evaluate({"extra": ""})):
            continue
        found.add(name)
        with suppress(metadata.PackageNotFoundError):
            waiting += metadata.requires(name) or []
    return found


def _fault(name: str, version: str) -> str:
    """Ce qui ne va pas pour un paquet ; vide si tout va bien."""
    try:
        found = metadata.version(name)
    except metadata.PackageNotFoundError:
        return f"{name} manque"
    if found.split("+")[0] == version:  # la construction pour processeur convient
        return ""
    return f"{name} : reçu {found}, attendu {version}"


def _shown(faults: list[str]) -> str:
    more = f" ; et {len(faults) - SHOWN} autres" if len(faults) > SHOWN else ""
    return " ; ".join(faults[:SHOWN]) + more

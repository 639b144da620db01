"""Les groupes de tests du site : un moteur, une page ou un fichier n'est qu'à un processus.

``xdist`` 3.8 écrit ses groupes dans un attribut que ``pytest`` 9.2 ne lit plus : avec
``--dist=loadgroup``, chaque page était ouverte par les deux processus. Le groupe se lit donc dans
le nom du test.
"""

from __future__ import annotations

import re

import pytest
from xdist.scheduler import LoadScopeScheduling

from tests.browsers import NAMES
from tests.site.visits import PAGES

_ENGINE, _PAGE = (
    re.compile(rf"(?:^|-)({'|'.join(map(re.escape, names))})(?:-|$)") for names in (NAMES, PAGES)
)


def group_of(nodeid: str) -> tuple[int, str]:
    """Le rang et le nom du groupe d'un test : d'abord les moteurs, puis les fichiers, les pages.

    Les plus longs d'abord, pour que les processus finissent ensemble.
    """
    path, _, name = nodeid.partition("::")
    parameters = name.partition("[")[2].removesuffix("]")
    if engine := _ENGINE.search(parameters):
        return 0, engine[1]
    if page := _PAGE.search(parameters):
        return 2, page[1]
    return 1, path


class GroupScheduling(LoadScopeScheduling):  # type: ignore[misc]
    """Donne chaque groupe à un seul processus."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)[1]


def claim(group: str, worker: str, shared: pytest.TempPathFactory) -> None:
    """Prend un groupe pour ce processus ; échoue si un autre l'a déjà."""
    folder = shared.getbasetemp().parent / "groupes"
    folder.mkdir(exist_ok=True)
    mark = folder / group.replace("/", "_")
    try:
        mark.touch(exist_ok=False)
        mark.write_text(worker, encoding="utf-8")
    except FileExistsError:
        owner = mark.read_text(encoding="utf-8")
        assert owner == worker, f"{group} : à {owner} et à {worker} ; attendu un seul processus"

"""La directive ``{experiences}`` : comment chaque tableau d'expériences a été calculé."""

from __future__ import annotations

import re
import sys
from datetime import date
from typing import Any

from babel.dates import format_date
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from pruning_core.course.experiments import read_conditions, table_names
from pruning_core.course.experiments.catalogue import EXPERIMENTS


def subject(name: str) -> str:
    """Ce que mesure un tableau : la première ligne du module qui le calcule."""
    told = sys.modules[EXPERIMENTS[name].run.__module__].__doc__ or ""
    return told.split("\n")[0].rstrip(".")


def duration(seconds: float) -> str:
    """Une durée qu'on lit d'un coup d'œil.

    >>> duration(42), duration(122), duration(5400)
    ('42 s', '2 min', '1,5 h')
    """
    if seconds < 100:
        return f"{seconds:.0f} s"
    if seconds < 3600:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h".replace(".", ",")


def french_date(day: str) -> str:
    """Une date ISO, comme on la dit.

    >>> french_date("2026-11-01")
    '1er novembre 2026'
    """
    told = format_date(date.fromisoformat(day), "d MMMM y", locale="fr")
    return re.sub(r"^1 ", "1er ", told)


def summary(conditions: dict[str, Any]) -> str:
    """Les conditions d'un calcul, en une phrase."""
    versions = ", ".join(f"{name} {version}" for name, version in conditions["versions"].items())
    return (
        f"Graines {conditions['seeds']} ; {duration(conditions['seconds'])} de processeur sur "
        f"{conditions['machine']}, le {french_date(conditions['date'])} ; {versions}. "
        "Pour le refaire : "
    )


class Experiences(SphinxDirective):
    """Une liste de définitions : le sujet de chaque tableau, puis ses conditions."""

    def run(self) -> list[nodes.Node]:
        items = (self._item(name) for name in table_names())
        return [nodes.definition_list("", *items)]

    def _item(self, name: str) -> nodes.definition_list_item:
        conditions = read_conditions(name)
        told = nodes.paragraph("", summary(conditions))
        told += nodes.literal("", conditions["command"])
        told += nodes.Text(".")
        return nodes.definition_list_item(
            "",
            nodes.term("", "", nodes.literal("", name), nodes.Text(" : " + subject(name))),
            nodes.definition("", told),
        )


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_directive("experiences", Experiences)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

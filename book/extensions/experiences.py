"""La directive ``{experiences}`` : comment chaque tableau d'expériences a été calculé."""

from __future__ import annotations

import re
import sys
from datetime import date, timedelta
from typing import Any

from babel.dates import format_date, format_timedelta
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from pruning_core.course.experiments import read_conditions, table_names
from pruning_core.course.experiments.catalogue import EXPERIMENTS


def subject(name: str) -> str:
    """Ce que mesure un tableau : la première ligne du module qui le calcule."""
    told = sys.modules[EXPERIMENTS[name].run.__module__].__doc__ or ""
    return told.split("\n")[0].rstrip(".")


def french_date(day: str) -> str:
    """Une date ISO, comme on la dit.

    >>> french_date("2026-11-01")
    '1er novembre 2026'
    """
    told = format_date(date.fromisoformat(day), "d MMMM y", locale="fr")
    return re.sub(r"^1 ", "1er ", told)


def summary(conditions: dict[str, Any]) -> str:
    """Les conditions d'un calcul, en une phrase de Markdown."""
    versions = ", ".join(f"{name} {version}" for name, version in conditions["versions"].items())
    seconds = timedelta(seconds=conditions["seconds"])
    duration = format_timedelta(seconds, format="short", threshold=1.7, locale="fr")
    duration = " ".join(duration.split())  # typography.py y mettra l'espace du cours
    return (
        f"Graines {conditions['seeds']} ; {duration} de processeur sur "
        f"{conditions['machine']}, le {french_date(conditions['date'])} ; {versions}. "
        f"Pour le refaire : `{conditions['command']}`."
    )


class Experiences(SphinxDirective):
    """Une liste de définitions : le sujet de chaque tableau, puis ses conditions."""

    def run(self) -> list[nodes.Node]:
        items = (f"`{n}` : {subject(n)}\n: {summary(read_conditions(n))}" for n in table_names())
        return self.parse_text_to_nodes("\n\n".join(items))


def setup(app: Sphinx) -> None:
    app.add_directive("experiences", Experiences)

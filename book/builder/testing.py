"""Les tests, dans l'ordre où ils échouent le plus vite."""

from __future__ import annotations

import os
from pathlib import Path

from builder import notebooks, site
from builder.browser import ENGINES, ensure_browser
from builder.commands import check_python, run_python
from builder.scripts import ensure_tools

_TWO_AT_ONCE = ("--numprocesses=2", "--dist=loadfile")
# Par groupes : tests/site/groups.py.
_PAGE_BY_PAGE = ("--numprocesses=2", "--dist=loadscope", "--no-loadscope-reorder")


def check(root: Path, title: str, fault: str, *module: str) -> None:
    """Lance un module de vérification ; son échec devient celui de la tâche."""
    print(f"{title}...", flush=True)
    check_python(root, fault, "-m", *module)


def run_tests(root: Path) -> None:
    """Tous les tests ; ceux de la bibliothèque seule si ``RAPIDE`` le demande."""
    (_test_library if os.environ.get("RAPIDE") else _test_everything)(root)


def _test_library(root: Path) -> None:
    """La bibliothèque, en une minute : style, types, et ses tests sans les plus longs."""
    _check_style(root)
    quick = ("tests/core", "-m", "not slow", *_TWO_AT_ONCE)
    check(root, "Bibliothèque", "un test de la bibliothèque échoue (ci-dessus).", "pytest", *quick)
    print("\nLes tests rapides ont réussi. Avant d'enregistrer : make test, qui les lance tous.")


def _test_everything(root: Path) -> None:
    """Style, types, français, tests et leur couverture, carnets, site dans trois navigateurs."""
    for engine in ENGINES:  # d'abord : mieux vaut le savoir avant dix minutes de tests
        ensure_browser(engine)
    ensure_tools(root)
    _check_style(root)
    check(root, "Français", "le français est à reprendre (ci-dessus).", "language")
    run_python(root, "-m", "coverage", "erase")
    unit = ("coverage", "run", "-m", "pytest", "tests", "--ignore=tests/site", *_TWO_AT_ONCE)
    check(root, "Bibliothèque", "un test de la bibliothèque échoue (ci-dessus).", *unit)
    run_python(root, "-m", "coverage", "combine", "--quiet")
    fault = "trop de branches de pruning_core ne sont parcourues par aucun test (ci-dessus)."
    check(root, "Couverture", fault, "coverage", "report")
    notebooks.verify(root, again=True)
    site.build(root)
    pages = ("pytest", "tests/site", *_PAGE_BY_PAGE)
    check(root, "Site", "un test du site échoue (ci-dessus).", *pages)
    print("\nTous les tests ont réussi.")


def _check_style(root: Path) -> None:
    fault = "le style est à reprendre (ci-dessus) : ruff check --fix . puis ruff format ."
    check(root, "Style", fault, "ruff", "check", ".")
    check(root, "Mise en forme", fault, "ruff", "format", "--check", ".")
    check(root, "Types", "mypy a trouvé des erreurs (ci-dessus).", "mypy")

"""Toutes les tâches : leur nom, la fonction qui les fait, et l'aide qu'on lit.

Chaque fonction reçoit le dossier du cours, et n'est chargée que si sa tâche est demandée : l'aide
se lit sur une machine où rien n'est installé.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from pkgutil import resolve_name

from builder.failure import Failure

ROOT = Path(__file__).resolve().parents[2]

TASKS = {
    "site": ("making:site", "vérifie les carnets, puis construit le site dans _build/html"),
    "pdf": ("making:pdf", "construit le site et le livre en PDF (Chromium est installé au besoin)"),
    "slides": ("making:slides", "construit le site et les diapositives de chaque leçon"),
    "archive": ("making:archive", "construit le site et son archive (WHEELS=1 : et les paquets)"),
    "test": ("testing:run_tests", "lance tous les tests (RAPIDE=1 : l'essentiel, en une minute)"),
    "bench": ("measuring:bench", "mesure temps, mémoire, exactitude et pages (FULL=1 : en grand)"),
    "mutation": ("mutation:mutate", "change le code, pour éprouver ses tests (ONLY=scores.random)"),
    "experiences": (
        "measuring:experiments",
        "refait les tableaux des leçons (ONLY=xor : un ; SIGN=1 : vérifie)",
    ),
    "environnement": ("environment:install", 'crée seulement .venv (AVEC="paquet" : et ce paquet)'),
    "verifier": (
        "environment:diagnose",
        "dit si la machine est prête (RAPIDE=1 : sans les leçons)",
    ),
    "notebooks": ("notebooks:execute_all", "réexécute les carnets et enregistre leurs sorties"),
    "lecon": ("lesson:create", "crée une leçon (NOM=8_2_1_filtres TITRE=... PARTIE=...)"),
    "lab": ("serving:lab", "ouvre les carnets dans JupyterLab"),
    "carnets": (
        "branch:publish",
        "publie la branche carnets, qu'ouvrent Colab, Binder et JupyterHub (Internet)",
    ),
    "tp": ("classroom:prepare", "prépare les travaux pratiques dans classe/ : sujets, corrigés"),
    "corriger": ("classroom:mark", "note les rendus de classe/rendus : notes.csv, et des retours"),
    "classement": ("classroom:rank", "recompte et mesure les réseaux des défis (TP 3 et TP 4)"),
    "serve": (
        "serving:serve",
        "montre le site construit, sur localhost:8000 (PORT=... : un autre)",
    ),
    "scripts": ("scripts:rewrite", "réécrit les scripts tels qu'ils voyagent, réunis et réduits"),
    "paquet": ("packaging:publish", "construit et vérifie les paquets, dans _build/paquets"),
    "lock": ("maintenance:write_lock", "recalcule requirements.lock et dit ce qui a bougé"),
    "liens": ("maintenance:check_links", "demande si chaque page citée existe (Internet)"),
    "audit": ("maintenance:audit", "cherche les failles connues des paquets fixés (Internet)"),
    "grammaire": ("grammar:check_grammar", "relit les pages et les leçons avec Grammalecte"),
    "licences": ("maintenance:write_licences", "dit et inscrit (CycloneDX) toutes les licences"),
    "clean": ("cleaning:clean", "efface ce qui a été construit, sauf .venv et classe/"),
    "help": ("tasks:show_help", "affiche cette liste"),
}
BARE = {"environnement", "verifier", "clean", "help"}  # sans l'environnement `.venv`


def perform(name: str, *, here: bool) -> int:
    """Fait une tâche, ici ou dans l'environnement `.venv` ; dit son échec en une phrase.

    Returns
    -------
    int
        Code de sortie.
    """
    try:
        if here or name in BARE:
            function: Callable[[Path], int | None] = resolve_name(f"builder.{TASKS[name][0]}")
            return function(ROOT) or 0
        from builder.environment import ensure_environment, run_module

        return run_module(ROOT, ensure_environment(ROOT), "builder", name)
    except Failure as failure:
        print(f"\nÉchec : {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrompu. Relancez la même commande : elle reprendra.", file=sys.stderr)
        return 130


def show_help(root: Path) -> None:
    """Affiche la liste des tâches."""
    print("Usage : make TÂCHE [RÉGLAGE=valeur]")
    print("  sans make    : python3 book/build.py TÂCHE [RÉGLAGE=valeur]")
    print("  sous Windows : py -3.12 book/build.py TÂCHE [RÉGLAGE=valeur]\n")
    for name, (_, text) in TASKS.items():
        print(f"  {name:<13} {text}")

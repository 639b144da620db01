"""Toutes les tâches du cours : ``python3 book/build.py TÂCHE`` (ou ``make TÂCHE``).

Un réglage s'écrit après la tâche, de même avec ou sans make, sous tous les systèmes :
``python3 book/build.py verifier RAPIDE=1``.

Ne demande que Python 3.11 à 3.13 et sa bibliothèque standard : l'environnement `.venv` est fait,
ou réparé, avant la tâche, qui tourne ensuite avec l'interpréteur de cet environnement.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

TASKS = {
    "site": "vérifie les carnets, puis construit le site dans _build/html",
    "pdf": "construit le site et le livre en PDF (Chromium est installé au besoin)",
    "slides": "construit le site et les diapositives de chaque leçon",
    "archive": "construit le site et l'archive du cours (WHEELS=1 : avec tous les paquets)",
    "test": "lance tous les tests : style, types, bibliothèque, carnets, site dans un navigateur",
    "bench": "mesure temps, mémoire, exactitude et pages (FULL=1 : 100 millions de scores aussi)",
    "mutation": "change le code un signe à la fois : ses tests le voient-ils ? (ONLY=chapter)",
    "experiences": "refait les tableaux que lisent les leçons (ONLY=xor : celui-là seul)",
    "environnement": "crée l'environnement .venv, et rien d'autre (AVEC=\"paquet\" : et ce paquet)",
    "verifier": "dit si cette machine est prête pour une séance (RAPIDE=1 : sans les leçons)",
    "notebooks": "réexécute les carnets et enregistre leurs sorties",
    "lecon": "crée une leçon qui passe les tests (NOM=8_2_1_filtres TITRE=... PARTIE=...)",
    "lab": "ouvre les carnets dans JupyterLab",
    "tp": "prépare les travaux pratiques dans classe/ : sujets, corrigés exécutés",
    "corriger": "note les rendus de classe/rendus : notes.csv, un retour par étudiant",
    "classement": "recompte et mesure les réseaux du défi (TP 3) : classement.csv",
    "serve": "montre le site construit, à l'adresse localhost:8000 (PORT=... : un autre port)",
    "paquet": "construit et vérifie les paquets à publier, dans _build/paquets",
    "lock": "recalcule requirements.lock et dit quels paquets ont bougé",
    "liens": "demande à chaque site cité si la page existe toujours (accès à Internet)",
    "audit": "cherche les failles connues des paquets fixés (accès à Internet)",
    "grammaire": "relit les pages et les leçons avec Grammalecte, qui doit être installé",
    "licences": "dit la licence de chaque paquet et en écrit la nomenclature (CycloneDX)",
    "clean": "efface ce qui a été construit (.venv et classe/ sont gardés)",
    "help": "affiche cette liste",
}


def show_help() -> None:
    print("Usage : make TÂCHE [RÉGLAGE=valeur]")
    print("  sans make    : python3 book/build.py TÂCHE [RÉGLAGE=valeur]")
    print("  sous Windows : py -3.12 book/build.py TÂCHE [RÉGLAGE=valeur]\n")
    for name, text in TASKS.items():
        print(f"  {name:<13} {text}")


def read_arguments(arguments: list[str]) -> tuple[str, dict[str, str]]:
    """Rend la tâche demandée (``help`` sans elle) et ses réglages, écrits ``NOM=valeur``.

    Raises
    ------
    ValueError
        Si ce n'est pas une seule tâche, ou si elle n'existe pas.
    """
    settings = dict(one.split("=", 1) for one in arguments if "=" in one)
    tasks = [one for one in arguments if "=" not in one] or ["help"]
    if len(tasks) > 1 or tasks[0] not in TASKS:
        raise ValueError(
            f"Tâche : reçu {' '.join(tasks)} ; attendu une seule de celles-ci : {', '.join(TASKS)}."
        )
    return tasks[0], settings


def main() -> int:
    try:
        task, settings = read_arguments(sys.argv[1:])
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    os.environ.update(settings)  # ce que fait make des siens
    if task == "help":
        show_help()
        return 0
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        found = ".".join(map(str, sys.version_info[:3]))
        print(
            f"Python {found} reçu ; Python 3.11, 3.12 ou 3.13 attendu. "
            "Indiquez-en un, par exemple : make site PYTHON=python3.12",
            file=sys.stderr,
        )
        return 1
    from builder.cleaning import clean
    from builder.environment import add_packages, ensure_environment, found_python
    from builder.failure import Failure

    if task == "clean":
        clean(ROOT)
        return 0
    if task == "verifier":  # sans rien installer : on juge la machine telle qu'elle est
        return run_module(found_python(ROOT), "builder.machine")
    try:
        python = ensure_environment(ROOT)
        if task == "environnement":
            add_packages(ROOT, os.environ.get("AVEC", "").split())
            print(f"L'environnement est prêt : {python}")
            return 0
    except Failure as failure:
        print(f"\nÉchec : {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrompu : l'environnement sera refait la prochaine fois.", file=sys.stderr)
        return 130
    return run_module(python, "builder", task)


def run_module(python: Path, *module: str) -> int:
    """Lance un module du livre avec cet interpréteur ; à Ctrl+C, c'est lui qui s'arrête."""
    variables = {**os.environ, "PYTHONPATH": str(ROOT / "book"), "PYTHONUTF8": "1"}
    with subprocess.Popen([str(python), "-m", *module], cwd=ROOT, env=variables) as process:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                continue


if __name__ == "__main__":
    sys.exit(main())

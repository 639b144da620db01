"""Toutes les tâches : une fonction chacune, à son nom, dont la docstring est l'aide qu'on lit.

Ce module ne demande que la bibliothèque standard ; ce dont une tâche a besoin, elle l'importe.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

from builder.failure import Failure

ROOT = Path(__file__).resolve().parents[2]

Task = Callable[[], int | None]
TASKS: dict[str, Task] = {}
BARE: set[str] = set()  # les tâches qui se font sans l'environnement `.venv`


def task(function: Task) -> Task:
    """Inscrit une tâche, que l'environnement `.venv` lancera."""
    TASKS[function.__name__] = function
    return function


def bare(function: Task) -> Task:
    """Inscrit une tâche qui se passe de l'environnement."""
    BARE.add(function.__name__)
    return task(function)


def perform(action: Task) -> int:
    """Fait une tâche ; rend son code de sortie, et dit son échec en une phrase."""
    try:
        return action() or 0
    except Failure as failure:
        print(f"\nÉchec : {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrompu. Relancez la même commande : elle reprendra.", file=sys.stderr)
        return 130


def setting(name: str) -> str:
    """Valeur d'un réglage de la tâche ; vide s'il n'est pas donné."""
    return os.environ.get(name, "")


@task
def site() -> None:
    """vérifie les carnets, puis construit le site dans _build/html"""
    from builder import notebooks
    from builder.site import build

    notebooks.verify(ROOT)
    build(ROOT)


@task
def pdf() -> None:
    """construit le site et le livre en PDF (Chromium est installé au besoin)"""
    from builder.browser import ensure_browser
    from builder.downloads import BOOK, FOLDER
    from builder.reports import tell_file
    from builder.site import build, site_folder

    ensure_browser()
    build(ROOT)
    tell_file("Le livre", site_folder(ROOT) / FOLDER / BOOK)


@task
def slides() -> None:
    """construit le site et les diapositives de chaque leçon"""
    from builder.reports import tell_file
    from builder.site import build, site_folder

    build(ROOT)
    for deck in sorted((site_folder(ROOT) / "diapositives").glob("*.html")):
        tell_file("Diapositives", deck)


@task
def archive() -> None:
    """construit le site et l'archive du cours (WHEELS=1 : avec tous les paquets)"""
    from builder.archive import NAME, write_with_wheels
    from builder.downloads import FOLDER
    from builder.reports import tell_file
    from builder.site import build, site_folder

    build(ROOT)
    path = site_folder(ROOT) / FOLDER / NAME
    tell_file("L'archive", write_with_wheels(ROOT, path) if setting("WHEELS") else path)


@task
def test() -> None:
    """lance tous les tests (RAPIDE=1 : style, types et bibliothèque, en une minute)"""
    from builder.testing import test_everything, test_library

    (test_library if setting("RAPIDE") else test_everything)(ROOT)


@task
def bench() -> None:
    """mesure temps, mémoire, exactitude et pages (FULL=1 : 100 millions de scores aussi)"""
    from builder.commands import check_python
    from builder.site import build

    build(ROOT)  # l'ouverture de ses pages est mesurée
    full = ["--full"] if setting("FULL") else []
    check_python(ROOT, "une mesure a échoué (ci-dessus).", "-m", "tests.benchmarks", *full)


@task
def mutation() -> None:
    """change le code un signe à la fois : ses tests le voient-ils ? (ONLY=scores.random)"""
    from builder.mutation import run

    run(ROOT, setting("ONLY").split())


@task
def experiences() -> None:
    """refait les tableaux que lisent les leçons (ONLY=xor : celui-là seul)"""
    from builder.commands import check_python

    module = ("-m", "pruning_core.course.experiments", *setting("ONLY").split())
    check_python(ROOT, "une expérience a échoué (ci-dessus).", *module)


@bare
def environnement() -> None:
    """crée l'environnement .venv, et rien d'autre (AVEC="paquet" : et ce paquet)"""
    from builder.environment import add_packages, ensure_environment

    python = ensure_environment(ROOT)
    add_packages(ROOT, setting("AVEC").split())
    print(f"L'environnement est prêt : {python}")


@bare
def verifier() -> int:
    """dit si cette machine est prête pour une séance (RAPIDE=1 : sans les leçons)"""
    from builder.environment import found_python, run_module

    # sans rien installer : on juge la machine telle qu'elle est
    return run_module(ROOT, found_python(ROOT), "builder.machine")


@task
def notebooks() -> None:
    """réexécute les carnets et enregistre leurs sorties"""
    from builder.guard import notebook_paths
    from builder.notebooks import execute

    for path in notebook_paths(ROOT):
        print(f"{path.relative_to(ROOT).as_posix()}...", flush=True)
        execute(ROOT, path)


@task
def lecon() -> None:
    """crée une leçon qui passe les tests (NOM=8_2_1_filtres TITRE=... PARTIE=...)"""
    from builder.lesson import create_lesson

    create_lesson(ROOT, setting("NOM"), setting("TITRE"), setting("PARTIE"))


@task
def lab() -> None:
    """ouvre les carnets dans JupyterLab"""
    from builder.commands import run_until_interrupted
    from builder.guard import labs_folder

    # Les réglages des TP, pour l'écran de correction de nbgrader.
    os.environ["JUPYTER_CONFIG_PATH"] = str(labs_folder(ROOT))
    run_until_interrupted(ROOT, "jupyterlab", "--notebook-dir=.")


@task
def tp() -> None:
    """prépare les travaux pratiques dans classe/ : sujets, corrigés exécutés"""
    from functools import partial

    from builder.classroom import classroom
    from builder.notebooks import execute
    from pruning_core.course.classroom.preparing import prepare

    with classroom(ROOT) as room:
        prepare(room, execute=partial(execute, ROOT))


@task
def corriger() -> None:
    """note les rendus de classe/rendus : notes.csv, un retour par étudiant"""
    from builder.classroom import classroom
    from pruning_core.course.classroom.marking import mark

    with classroom(ROOT) as room:
        mark(room)


@task
def classement() -> None:
    """recompte et mesure les réseaux du défi (TP 3) : classement.csv"""
    from builder.classroom import classroom
    from pruning_core.course.classroom.ranking import rank

    with classroom(ROOT) as room:
        rank(room)


@task
def serve() -> None:
    """montre le site construit, à l'adresse localhost:8000 (PORT=... : un autre port)"""
    from builder.commands import run_until_interrupted
    from builder.serving import server_options
    from builder.site import site_folder

    port = setting("PORT") or "8000"
    options = server_options(site_folder(ROOT), port)
    print(f"http://localhost:{port} (Ctrl+C pour arrêter)", flush=True)
    run_until_interrupted(ROOT, "http.server", *options)


@task
def paquet() -> None:
    """construit et vérifie les paquets à publier, dans _build/paquets"""
    from builder.packaging import build_packages
    from builder.reports import tell_file
    from builder.testing import check

    folder = ROOT / "_build" / "paquets"
    build_packages(ROOT, folder)
    fault = "un paquet ne convient pas (ci-dessus)."
    check(ROOT, "Paquets", fault, "pytest", "-q", "tests/book/test_package.py")
    for path in sorted((*folder.glob("*.whl"), *folder.glob("*.tar.gz"))):
        tell_file("Paquet", path)


@task
def lock() -> None:
    """recalcule requirements.lock et dit quels paquets ont bougé"""
    from builder.lock import write_lock

    write_lock(ROOT)


@task
def liens() -> None:
    """demande à chaque site cité si la page existe toujours (accès à Internet)"""
    from builder.outlinks import check_links

    check_links(ROOT)


@task
def audit() -> None:
    """cherche les failles connues des paquets fixés (accès à Internet)"""
    from builder.audit import audit

    audit(ROOT)


@task
def grammaire() -> None:
    """relit les pages et les leçons avec Grammalecte, qui doit être installé"""
    from builder.grammar import check_grammar

    check_grammar(ROOT)


@task
def licences() -> None:
    """dit la licence de chaque paquet et en écrit la nomenclature (CycloneDX)"""
    from builder.licences import write_licences

    write_licences(ROOT)


@bare
def clean() -> None:
    """efface ce qui a été construit (.venv et classe/ sont gardés)"""
    from builder.cleaning import clean

    clean(ROOT)


@bare
def help() -> None:
    """affiche cette liste"""
    print("Usage : make TÂCHE [RÉGLAGE=valeur]")
    print("  sans make    : python3 book/build.py TÂCHE [RÉGLAGE=valeur]")
    print("  sous Windows : py -3.12 book/build.py TÂCHE [RÉGLAGE=valeur]\n")
    for name, function in TASKS.items():
        print(f"  {name:<13} {function.__doc__}")

"""Les tâches, une fois l'environnement en place : ``python -m builder TÂCHE``."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path

from builder import archive, downloads, mutation, notebooks, site
from builder.audit import audit
from builder.browser import ensure_browser
from builder.classroom import classroom
from builder.commands import run_python
from builder.failure import Failure
from builder.grammar import check_grammar
from builder.guard import labs_folder, notebook_paths
from builder.lesson import create_lesson
from builder.licences import write_licences
from builder.lock import write_lock
from builder.outlinks import check_links
from builder.packaging import build_packages
from builder.serving import server_options

ROOT = Path(__file__).resolve().parents[2]


def check(title: str, fault: str, *module: str) -> None:
    """Lance un module de vérification ; son échec devient celui de la tâche."""
    print(f"{title}...", flush=True)
    if not run_python(ROOT, "-m", *module):
        raise Failure(fault)


def task_site() -> None:
    notebooks.verify(ROOT)
    site.build(ROOT)


def task_pdf() -> None:
    ensure_browser()
    site.build(ROOT)
    _tell("Le livre", site.site_folder(ROOT) / downloads.FOLDER / downloads.BOOK)


def task_slides() -> None:
    site.build(ROOT)
    for deck in sorted((site.site_folder(ROOT) / "diapositives").glob("*.html")):
        _tell("Diapositives", deck)


def task_archive() -> None:
    site.build(ROOT)
    path = site.site_folder(ROOT) / downloads.FOLDER / archive.NAME
    if os.environ.get("WHEELS"):
        path = archive.write_with_wheels(ROOT, path)
    _tell("L'archive", path)


def _tell(what: str, path: Path) -> None:
    print(f"{what} ({downloads.french_size(path.stat().st_size)}) :\n  {path.as_uri()}")


def task_test() -> None:
    ensure_browser()  # d'abord : mieux vaut le savoir avant dix minutes de tests
    style = "le style est à reprendre (ci-dessus) : ruff check --fix . puis ruff format ."
    check("Style", style, "ruff", "check", ".")
    check("Mise en forme", style, "ruff", "format", "--check", ".")
    check("Types", "mypy a trouvé des erreurs (ci-dessus).", "mypy")
    check("Français", "le français est à reprendre (ci-dessus).", "language")
    unit, shared = ["tests", "--ignore=tests/site"], ["--numprocesses=2", "--dist=loadfile"]
    run_python(ROOT, "-m", "coverage", "erase")
    fault = "un test de la bibliothèque échoue (ci-dessus)."
    check("Bibliothèque", fault, "coverage", "run", "-m", "pytest", *unit, *shared)
    run_python(ROOT, "-m", "coverage", "combine", "--quiet")
    fault = "trop de branches de pruning_core ne sont parcourues par aucun test (ci-dessus)."
    check("Couverture", fault, "coverage", "report")
    notebooks.verify(ROOT, again=True)
    site.build(ROOT)
    check("Site", "un test du site échoue (ci-dessus).", "pytest", "tests/site", *shared)
    print("\nTous les tests ont réussi.")


def task_bench() -> None:
    site.build(ROOT)  # l'ouverture de ses pages est mesurée
    options = ["--full"] if os.environ.get("FULL") else []
    if not run_python(ROOT, "-m", "tests.benchmarks", *options):
        raise Failure("une mesure n'a pas pu être faite (ci-dessus).")


def task_mutation() -> None:
    mutation.run(ROOT, os.environ.get("ONLY", "").split())


def task_experiences() -> None:
    names = os.environ.get("ONLY", "").split()
    if not run_python(ROOT, "-m", "pruning_core.course.experiments", *names):
        raise Failure("une expérience n'a pas pu être faite (ci-dessus).")


def task_notebooks() -> None:
    for path in notebook_paths(ROOT):
        print(f"{path.relative_to(ROOT).as_posix()}...", flush=True)
        notebooks.execute(ROOT, path)


def task_lecon() -> None:
    name, title, part = (os.environ.get(key, "") for key in ("NOM", "TITRE", "PARTIE"))
    create_lesson(ROOT, name, title, part)


def task_lab() -> None:
    # Les réglages des TP, pour l'écran de correction de nbgrader.
    os.environ["JUPYTER_CONFIG_PATH"] = str(labs_folder(ROOT))
    _until_interrupted("jupyterlab", "--notebook-dir=.")


def task_tp() -> None:
    from pruning_core.course.classroom.preparing import prepare

    with classroom(ROOT) as room:
        prepare(room, execute=partial(notebooks.execute, ROOT))


def task_corriger() -> None:
    from pruning_core.course.classroom.marking import mark

    with classroom(ROOT) as room:
        mark(room)


def task_classement() -> None:
    from pruning_core.course.classroom.ranking import rank

    with classroom(ROOT) as room:
        rank(room)


def task_serve() -> None:
    port = os.environ.get("PORT") or "8000"
    options = server_options(site.site_folder(ROOT), port)
    print(f"http://localhost:{port} (Ctrl+C pour arrêter)", flush=True)
    _until_interrupted("http.server", *options)


def _until_interrupted(*module: str) -> None:
    with suppress(KeyboardInterrupt):
        subprocess.call([sys.executable, "-m", *module], cwd=ROOT)


def task_paquet() -> None:
    folder = ROOT / "_build" / "paquets"
    build_packages(ROOT, folder)
    check(
        "Paquets",
        "un paquet ne convient pas (ci-dessus).",
        "pytest",
        "-q",
        "tests/book/test_package.py",
    )
    for path in sorted((*folder.glob("*.whl"), *folder.glob("*.tar.gz"))):
        _tell("Paquet", path)


def task_lock() -> None:
    write_lock(ROOT)


def task_liens() -> None:
    check_links(ROOT)


def task_audit() -> None:
    audit(ROOT)


def task_grammaire() -> None:
    check_grammar(ROOT)


def task_licences() -> None:
    write_licences(ROOT)


TASKS = {
    "site": task_site,
    "pdf": task_pdf,
    "slides": task_slides,
    "archive": task_archive,
    "test": task_test,
    "bench": task_bench,
    "mutation": task_mutation,
    "experiences": task_experiences,
    "notebooks": task_notebooks,
    "lecon": task_lecon,
    "lab": task_lab,
    "tp": task_tp,
    "corriger": task_corriger,
    "classement": task_classement,
    "serve": task_serve,
    "paquet": task_paquet,
    "lock": task_lock,
    "liens": task_liens,
    "audit": task_audit,
    "grammaire": task_grammaire,
    "licences": task_licences,
}


def main() -> int:
    try:
        TASKS[sys.argv[1]]()
    except Failure as failure:
        print(f"\nÉchec : {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrompu. Relancez la même commande : elle reprendra.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())

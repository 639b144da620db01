"""Refaire les tableaux des leçons : `python -m pruning_core.course.experiments [NOM...]`."""

from __future__ import annotations

import argparse
import sys

from pruning_core.course.experiments.catalogue import (
    EXPERIMENTS,
    run_experiments,
    sign_experiments,
)


def main(arguments: list[str] | None = None) -> int:
    """Calcule les expériences nommées, ou toutes ; rend 2 si un nom ou un paquet manque."""
    parser = argparse.ArgumentParser(
        prog="python -m pruning_core.course.experiments",
        description="Refait les tableaux d'expériences que lisent les leçons.",
    )
    parser.add_argument(
        "names", nargs="*", metavar="NOM", help=f"parmi {', '.join(EXPERIMENTS)} ; toutes sinon"
    )
    parser.add_argument("--jobs", type=int, default=2, help="graines à la fois (2 par défaut)")
    parser.add_argument(
        "--grand", action="store_true", help="aussi celles qui demandent un paquet de plus"
    )
    parser.add_argument(
        "--sign",
        action="store_true",
        help="le code a changé, non les nombres : le vérifie sur une part, et récrit l'empreinte",
    )
    options = parser.parse_args(arguments)
    try:
        names = options.names or [
            n for n, e in EXPERIMENTS.items() if options.grand or not e.package
        ]
        if options.sign:
            sign_experiments(names)
        else:
            run_experiments(names, n_jobs=options.jobs)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())

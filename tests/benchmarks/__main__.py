"""Le banc de mesure : ``make bench``, ou ``make bench FULL=1`` pour 100 millions de scores aussi.

Chaque mesure tourne seule, dans un processus neuf à un seul fil ; les temps sont ceux du
processeur. Le tableau est imprimé et gardé dans _build/bench ; le banc complet récrit aussi
tests/benchmarks/results.json.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from tests.benchmarks.bench_groups import SEEDS, plan
from tests.benchmarks.bench_report import Group, document, missed, save, table
from tests.benchmarks.measuring import FOLDER, ROOT


def main() -> None:
    """Mesure, imprime le tableau, enregistre."""
    parser = argparse.ArgumentParser(prog="bench", description="Mesure pruning_core.")
    parser.add_argument("--full", action="store_true", help="aussi 100 millions de scores")
    parser.add_argument(
        "--only", choices=plan(full=False), action="append", help="ces groupes seulement"
    )
    options = parser.parse_args()
    groups: list[Group] = []
    for name, measures in plan(full=options.full).items():
        if options.only and name not in options.only:
            continue
        for group in measures():
            print(f"{group.title} : mesuré", flush=True)
            groups.append(group)
    print(f"\n{table(groups)}\n")
    for line in missed(groups):
        print(f"Cible manquée : {line}")
    _save(groups, full=options.full, complete=not options.only)


def _save(groups: list[Group], *, full: bool, complete: bool) -> None:
    content = document(groups, full=full, seeds=SEEDS)
    paths: list[Path] = [ROOT / "_build" / "bench" / "bench.json"]
    if full and complete:
        paths.append(FOLDER / "results.json")
    for path in paths:
        save(path, content)
        print(f"Enregistré : {path.relative_to(ROOT).as_posix()}")


if __name__ == "__main__":
    main()

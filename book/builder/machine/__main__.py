"""Le diagnostic d'une machine, la veille d'une séance : ``python -m builder.machine``.

Il n'installe rien et ne change rien : c'est la machine telle qu'elle est que l'on juge.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from builder.machine.checks import quick_points
from builder.machine.points import Point, State, verdict

ROOT = Path(__file__).resolve().parents[3]


def lesson_points(root: Path) -> Iterator[Point]:
    """Chaque leçon, exécutée une fois."""
    # Ces modules demandent des paquets ; on vient de voir qu'ils sont là.
    from builder.guard import notebook_paths
    from builder.machine.lessons import lesson, prediction

    print("\nLes leçons, exécutées une fois chacune (quelques minutes)...", flush=True)
    begun = time.monotonic()
    for path in notebook_paths(root):
        print(f"            {path.stem}...", flush=True)
        yield lesson(root, path)
    print("\n" + prediction(time.monotonic() - begun))


def diagnose(root: Path, *, quick: bool) -> int:
    """Montre chaque point, puis le verdict ; rend 1 s'il reste un point à régler."""
    points = []
    for point in quick_points(root):
        print(point, flush=True)
        points.append(point)
    faulty = any(point.state is State.FAULT for point in points)
    if faulty:
        print("\nLes leçons n'ont pas été essayées : réglez d'abord ce qui précède.")
    elif quick:
        print("\nLes leçons n'ont pas été essayées (RAPIDE) : « make verifier » les exécute.")
    else:
        for point in lesson_points(root):
            print(point, flush=True)
            points.append(point)
    print(f"\n{verdict(points)}")
    return int(any(point.state is State.FAULT for point in points))


if __name__ == "__main__":
    sys.exit(diagnose(ROOT, quick=bool(os.environ.get("RAPIDE"))))

"""Ce que l'on mesure : les performances, et les tableaux que lisent les leçons."""

from __future__ import annotations

import os
from pathlib import Path

from builder.commands import check_python
from builder.site import build


def bench(root: Path) -> None:
    """Mesure temps, mémoire, exactitude et pages."""
    build(root)  # l'ouverture de ses pages est mesurée
    full = ["--full"] if os.environ.get("FULL") else []
    check_python(root, "une mesure a échoué (ci-dessus).", "-m", "tests.benchmarks", *full)


def experiments(root: Path) -> None:
    """Refait les tableaux, ou ceux que nomme ``ONLY`` ; ``GRAND`` y ajoute les plus longs.

    ``SIGN`` ne refait qu'une part de chacun, et récrit l'empreinte de son code si rien n'a changé.
    """
    names = os.environ.get("ONLY", "").split()
    options = [f"--{name.lower()}" for name in ("GRAND", "SIGN") if os.environ.get(name)]
    module = ("-m", "pruning_core.course.experiments", *names, *options)
    check_python(root, "une expérience a échoué (ci-dessus).", *module)

"""Les paquets que l'on publie : la bibliothèque seule, et le cours qui s'y ajoute."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from builder.commands import check_python, run_python
from builder.digests import source_files
from builder.failure import Failure
from builder.reports import tell_file

COURSE = "pruning_core/course"
SOURCES = ("pyproject.toml", "LICENSE", "pruning_core")


def build_packages(root: Path, target: Path) -> None:
    """Écrit dans `target` les archives (*wheel* et *sdist*) de la bibliothèque et du cours.

    Les sources sont copiées à l'écart : un dossier `build` laissé par un essai précédent y
    ajouterait ce qui n'existe plus. setuptools vient de requirements.lock : rien n'est téléchargé.

    Raises
    ------
    Failure
        Si une archive n'a pas pu être construite.
    """
    shutil.rmtree(target, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for path in source_files(root, *SOURCES):
            place = copy / path.relative_to(root)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, place)
        for sources in (copy, copy / COURSE):
            uv = ("-m", "uv", "build", "--quiet", "--no-build-isolation", "--offline")
            if not run_python(root, *uv, "--out-dir", str(target), str(sources), quiet=True):
                raise Failure("un paquet n'a pas pu être construit (ci-dessus).")


def publish(root: Path) -> None:
    """Construit les paquets, les vérifie, et dit où ils sont."""
    folder = root / "_build" / "paquets"
    build_packages(root, folder)
    os.environ["PAQUETS"] = str(folder)  # ce sont eux que les tests vérifient
    fault = "un paquet ne convient pas (ci-dessus)."
    check_python(root, fault, "-m", "pytest", "-q", "tests/book/test_package.py")
    for path in sorted((*folder.glob("*.whl"), *folder.glob("*.tar.gz"))):
        tell_file("Paquet", path)

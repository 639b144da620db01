"""L'archive : tout le cours dans un fichier, utilisable sans connexion."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import yaml

from builder.commands import check_python
from builder.digests import source_files
from builder.environment import LOCK, LOCK_WITHOUT_DEPENDENCIES

NAME = "cours-elagage.zip"
WITH_WHEELS = "cours-elagage-avec-paquets.zip"
TOP = "cours-elagage"
README = "LISEZMOI.txt"
WHEELS = "paquets"

SOURCES = (
    *("README.md", "CHANGELOG.md", "LICENSE", "LICENSE-TEXTES.md", "CITATION.cff", "Makefile"),
    *(
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "CODE_OF_CONDUCT.md",
        "SECURITY.md",
    ),  # le README y renvoie
    *("_config.yml", "_toc.yml", "pyproject.toml", LOCK, LOCK_WITHOUT_DEPENDENCIES),
    *("book", "notebooks", "pruning_core"),
)
_DOWNLOAD = ("-m", "pip", "--disable-pip-version-check", "--no-input", "download")
_TEACHERS_LABS = "notebooks/travaux_pratiques"  # leurs solutions n'y vont pas


def write_archive(root: Path, site: Path, target: Path) -> None:
    """Écrit l'archive du cours : mêmes sources, mêmes octets.

    Parameters
    ----------
    root, site : Path
        Dossiers du cours et du site construit.
    target : Path
        Fichier à écrire.
    """
    citation = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    year, month, day = map(int, str(citation["date-released"]).split("-"))
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w") as archive:
        for name, path in sorted(_members(root, site)):
            entry = zipfile.ZipInfo(f"{TOP}/{name}", (year, month, day, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)


def _members(root: Path, site: Path) -> Iterator[tuple[str, Path]]:
    yield README, Path(__file__).with_name(README)
    for path in source_files(root, *SOURCES):
        name = path.relative_to(root).as_posix()
        if not name.startswith(f"{_TEACHERS_LABS}/"):
            yield name, path
    for path in site.rglob("*"):
        if path.is_file() and path.suffix != ".zip":
            yield f"site/{path.relative_to(site).as_posix()}", path


def write_with_wheels(root: Path, archive: Path) -> Path:
    """Écrit, à côté de l'archive du site, la même avec tous les paquets ; rend son chemin.

    Raises
    ------
    Failure
        Si pip n'obtient pas tous les paquets.
    """
    wheels = root / "_build" / WHEELS
    shutil.rmtree(wheels, ignore_errors=True)
    print("Paquets : téléchargement...", flush=True)
    for step in (("-r", LOCK), ("--no-deps", "-r", LOCK_WITHOUT_DEPENDENCIES)):
        fault = "pip n'a pas pu télécharger tous les paquets (son message est ci-dessus)."
        check_python(root, fault, *_DOWNLOAD, "--dest", str(wheels), *step)
    target = root / "_build" / WITH_WHEELS
    shutil.copyfile(archive, target)
    with zipfile.ZipFile(target, "a") as whole:
        for path in sorted(wheels.iterdir()):
            whole.write(path, f"{TOP}/{WHEELS}/{path.name}")
    return target

"""L'archive : tout le cours dans un fichier, utilisable sans connexion."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml

from builder.commands import run_python
from builder.digests import source_files
from builder.environment import LOCK, LOCK_WITHOUT_DEPENDENCIES
from builder.failure import Failure

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
_TEACHERS_LABS = "notebooks/travaux_pratiques"  # leurs solutions n'y vont pas


def write_archive(root: Path, site: Path, target: Path, pages: Mapping[str, str]) -> None:
    """Écrit l'archive du cours : mêmes sources, mêmes octets.

    Parameters
    ----------
    root, site : Path
        Dossiers du cours et du site construit.
    target : Path
        Fichier à écrire, d'un coup.
    pages : mapping of str to str
        Pages du site qui y sont autres, par leur chemin.
    """
    date = _release_date(root)
    partial = target.with_suffix(".partial")
    target.parent.mkdir(parents=True, exist_ok=True)
    members = dict(_members(root, site))
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(members):
            entry = zipfile.ZipInfo(f"{TOP}/{name}", date)
            entry.compress_type = _compression(members[name])
            entry.external_attr = 0o644 << 16
            entry.create_system = 3  # Unix, où que l'on soit
            page = pages.get(name.removeprefix("site/")) if name.startswith("site/") else None
            archive.writestr(entry, members[name].read_bytes() if page is None else page)
    partial.replace(target)


def _members(root: Path, site: Path) -> Iterator[tuple[str, Path]]:
    yield README, Path(__file__).with_name(README)
    for path in source_files(root, *SOURCES):
        name = path.relative_to(root).as_posix()
        if not name.startswith(f"{_TEACHERS_LABS}/"):
            yield name, path
    for path in sorted(site.rglob("*")):
        if path.is_file() and path.suffix not in (".zip", ".partial"):
            yield f"site/{path.relative_to(site).as_posix()}", path


def _compression(path: Path) -> int:
    """Ce qui est déjà compressé est rangé tel quel."""
    packed = path.suffix in (".png", ".woff", ".woff2", ".xz", ".npz")
    return zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED


def _release_date(root: Path) -> tuple[int, int, int, int, int, int]:
    citation = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    year, month, day = map(int, str(citation["date-released"]).split("-"))
    return year, month, day, 0, 0, 0


def write_with_wheels(root: Path, archive: Path) -> Path:
    """Écrit, à côté de l'archive du site, la même avec tous les paquets ; rend son chemin.

    Raises
    ------
    Failure
        Si pip n'obtient pas tous les paquets.
    """
    wheels = root / "_build" / WHEELS
    print("Paquets : téléchargement...", flush=True)
    _download(root, wheels)
    target = root / "_build" / WITH_WHEELS
    partial = target.with_suffix(".partial")
    shutil.copyfile(archive, partial)
    with zipfile.ZipFile(partial, "a", zipfile.ZIP_STORED) as whole:
        for path in sorted(wheels.iterdir()):
            whole.write(path, f"{TOP}/{WHEELS}/{path.name}")
    partial.replace(target)
    return target


def _download(root: Path, folder: Path) -> None:
    """Télécharge les paquets du cours, pour cette version de Python et ce système."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    pip = ("-m", "pip", "--disable-pip-version-check", "--no-input", "download")
    steps = (("-r", LOCK), ("--no-deps", "-r", LOCK_WITHOUT_DEPENDENCIES))
    for step in steps:
        if not run_python(root, *pip, "--dest", str(folder), *step):
            raise Failure(
                "pip n'a pas pu télécharger tous les paquets (son message est ci-dessus)."
            )

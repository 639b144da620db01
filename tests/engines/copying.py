"""Copier des pages sans rien dupliquer, et y écrire sans toucher aux originaux."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from tests.engines.tab import WITNESS


def linked(folder: Path, copy: Path, *, without: str = "") -> Path:
    """Copie un dossier, un sous-dossier excepté, par des liens ; rend la copie."""
    left = shutil.ignore_patterns(without)
    shutil.copytree(folder, copy, copy_function=_link, dirs_exist_ok=True, ignore=left)
    return copy


def rewrite(path: Path, text: str) -> None:
    """Écrit un fichier d'une copie : l'original, dont il était un lien, n'est pas touché."""
    path.unlink()
    path.write_text(text, encoding="utf-8")


def witnessed(folder: Path, copy: Path, *, without: str = "") -> Path:
    """Copie un dossier de pages, avec dans chacune un témoin de ce qui s'y plaint."""
    linked(folder, copy, without=without)
    (copy / "temoin.js").write_text(WITNESS, encoding="utf-8")
    for page in copy.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        up = "../" * (len(page.relative_to(copy).parts) - 1)
        script = f'<script src="{up}temoin.js"></script>'
        rewrite(page, re.sub(r"<head[^>]*>", rf"\g<0>{script}", text, count=1))
    return copy


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # deux disques
        shutil.copy2(source, target)

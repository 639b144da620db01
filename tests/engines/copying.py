"""Copier des pages, avec dans chacune un témoin de ce qui s'y plaint."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from tests.engines.tab import WITNESS


def witnessed(folder: Path, copy: Path, *, without: str = "") -> Path:
    """Copie un dossier de pages, un sous-dossier excepté, et le rend."""
    left = shutil.ignore_patterns(without)
    shutil.copytree(folder, copy, copy_function=_link, dirs_exist_ok=True, ignore=left)
    (copy / "temoin.js").write_text(WITNESS, encoding="utf-8")
    for page in copy.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        up = "../" * (len(page.relative_to(copy).parts) - 1)
        page.unlink()  # un lien : l'original n'est pas touché
        script = f'<script src="{up}temoin.js"></script>'
        page.write_text(re.sub(r"<head[^>]*>", rf"\g<0>{script}", text, count=1), encoding="utf-8")
    return copy


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # deux disques
        shutil.copy2(source, target)

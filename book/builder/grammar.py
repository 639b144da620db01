"""La grammaire des pages et des leçons, relue par Grammalecte, sans réseau.

Grammalecte est un programme du système, pas un paquet Python : cette relecture est une tâche à
part (``make grammaire``), que ``make test`` ne lance pas.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

from language.passages import HIDDEN, passages, texts

from builder.failure import Failure

TOOL = "grammalecte-cli"
ACCEPTED = Path("book") / "language" / "grammaire.toml"

# La typographie a ses propres règles ici, et une définition commence sans majuscule.
_SILENCED = ("typo", "apos", "nbsp", "esp", "unit", "num", "ocr", "tu", "mc", "maj")
_SECTION = r"\b\d+(?:\.\d+)+\b"  # un numéro de leçon n'est pas un compte


def check_grammar(root: Path) -> None:
    """Relit la prose des pages et des leçons, sauf les phrases de grammaire.toml.

    Raises
    ------
    Failure
        S'il y a une faute, ou si Grammalecte manque.
    """
    if shutil.which(TOOL) is None:
        raise Failure(
            f"{TOOL} est nécessaire à cette relecture, et n'a pas été trouvé. Installez-le "
            f"(Debian, Ubuntu : sudo apt install {TOOL}), puis relancez la même commande."
        )
    accepted = tomllib.loads((root / ACCEPTED).read_text(encoding="utf-8"))["accepte"]
    phrases = (r"\s+".join(map(re.escape, phrase.split())) for phrase in accepted)
    unread = re.compile("|".join([_SECTION, *phrases]))
    found = []
    for path in texts(root):
        prose = "\n\n".join(passage.text for passage in passages(root, path) if passage.page)
        place = path.relative_to(root).as_posix()
        if prose.strip():
            found += [f"{place} : {fault}" for fault in _faults(unread.sub(HIDDEN, prose))]
    if found:
        raise Failure("Grammalecte a des remarques :\n" + "\n".join(found))
    print("Grammalecte ne trouve rien à reprendre.")


def _faults(prose: str) -> Iterator[str]:
    """Ce que Grammalecte reproche à un texte."""
    with tempfile.TemporaryDirectory() as folder:
        text = Path(folder) / "prose.txt"
        text.write_text(prose, encoding="utf-8")
        command = [TOOL, "--file", str(text), "--json", "--concat_lines", "--context"]
        command += ["--only_when_errors", "--opt_off", *_SILENCED]
        result = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    if not result.stdout:
        raise Failure(f"{TOOL} n'a pas pu relire un texte :\n{result.stderr}")
    for paragraph in json.loads(result.stdout)["data"]:
        for error in paragraph["lGrammarErrors"]:
            # Un accord avec un mot caché (du code, une formule) ne prouve rien.
            if HIDDEN not in error["sUnderlined"]:
                sentence = error["sBefore"][-60:] + error["sUnderlined"] + error["sAfter"][:60]
                yield f"« {' '.join(sentence.split())} » : {error['sMessage']}"

"""La grammaire des pages et des leçons, relue par Grammalecte, sans réseau.

Grammalecte est un programme du système, pas un paquet Python : cette relecture est une tâche à
part (``make grammaire``), que ``make test`` ne lance pas.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

from language.passages import HIDDEN, passages, texts

from builder.failure import Failure

TOOL = "grammalecte-cli"
ACCEPTED = Path("book") / "language" / "grammaire.toml"

# La typographie a ses propres règles ici, et une définition commence sans majuscule.
_SILENCED = ("typo", "apos", "nbsp", "esp", "unit", "num", "ocr", "tu", "mc", "maj")
_SECTION = re.compile(r"\b\d+(?:\.\d+)+\b")  # un numéro de leçon n'est pas un compte
_MISSING = (
    f"{TOOL} est nécessaire à cette relecture, et n'a pas été trouvé. Installez-le (Debian, "
    f"Ubuntu : sudo apt install {TOOL}), puis relancez la même commande."
)


def check_grammar(root: Path) -> None:
    """Relit la prose des pages et des leçons.

    Raises
    ------
    Failure
        S'il y a une faute, si une phrase acceptée ne sert plus, ou si Grammalecte manque.
    """
    if shutil.which(TOOL) is None:
        raise Failure(_MISSING)
    accepted: list[str] = tomllib.loads((root / ACCEPTED).read_text(encoding="utf-8"))["accepte"]
    idle = set(accepted)
    found = []
    for path in texts(root):
        prose = "\n\n".join(passage.text for passage in passages(root, path) if passage.page)
        if not prose.strip():
            continue
        place = path.relative_to(root).as_posix()
        print(f"{place}...", flush=True)
        for error in _errors(root, _SECTION.sub(HIDDEN, prose)):
            word = " ".join(error["sUnderlined"].split())
            sentence = error["sBefore"][-60:] + error["sUnderlined"] + error["sAfter"][:60]
            sentence = " ".join(sentence.split())
            excuses = {phrase for phrase in accepted if phrase in sentence and word in phrase}
            idle -= excuses
            if not excuses:
                found.append(f"{place} : « {sentence} », « {word} » : {error['sMessage']}")
    found += [f"{ACCEPTED.as_posix()} : « {phrase} » ne sert plus" for phrase in sorted(idle)]
    if found:
        raise Failure("Grammalecte a des remarques :\n" + "\n".join(found))
    print("Grammalecte ne trouve rien à reprendre.")


def _errors(root: Path, prose: str) -> list[dict[str, Any]]:
    """Ce que Grammalecte reproche à un texte."""
    text = root / "_build" / "grammaire.txt"
    text.parent.mkdir(exist_ok=True)
    text.write_text(prose, encoding="utf-8")
    command = [TOOL, "--file", str(text), "--json", "--concat_lines", "--context"]
    command += ["--only_when_errors", "--opt_off", *_SILENCED]
    result = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    try:
        paragraphs = json.loads(result.stdout)["data"]
    except ValueError:
        raise Failure(f"{TOOL} n'a pas pu relire un texte :\n{result.stderr}") from None
    errors = [error for paragraph in paragraphs for error in paragraph["lGrammarErrors"]]
    # Un accord avec un mot caché (du code, une formule) ne prouve rien.
    return [error for error in errors if HIDDEN not in error["sUnderlined"]]

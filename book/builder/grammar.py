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
from collections.abc import Iterable, Iterator
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
    tool = shutil.which(TOOL)
    if tool is None:
        raise Failure(_MISSING)
    accepted: list[str] = tomllib.loads((root / ACCEPTED).read_text(encoding="utf-8"))["accepte"]
    used: set[str] = set()
    found = []
    for path in texts(root):
        prose = "\n\n".join(passage.text for passage in passages(root, path) if passage.page)
        if prose.strip():
            place = path.relative_to(root).as_posix()
            print(f"{place}...", flush=True)
            errors = _errors(tool, _SECTION.sub(HIDDEN, prose))
            found += [f"{place} : {told}" for told in new_faults(errors, accepted, used)]
    idle = [phrase for phrase in accepted if phrase not in used]
    if found or idle:
        found += [f"{ACCEPTED.as_posix()} : « {phrase} » ne sert plus" for phrase in idle]
        raise Failure("Grammalecte a des remarques :\n" + "\n".join(found))
    print("Grammalecte ne trouve rien à reprendre.")


def new_faults(
    errors: Iterable[dict[str, Any]], accepted: Iterable[str], used: set[str]
) -> Iterator[str]:
    """Une phrase par faute qui n'est pas acceptée ; les phrases qui servent vont dans `used`."""
    for error in errors:
        around = _context(error)
        excuses = [phrase for phrase in accepted if phrase in around and _word(error) in phrase]
        used.update(excuses)
        if not excuses:
            yield f"« {around} », « {_word(error)} » : {error['sMessage']}"


def _word(error: dict[str, Any]) -> str:
    return " ".join(error["sUnderlined"].split())


def _context(error: dict[str, Any]) -> str:
    around = error["sBefore"][-60:] + error["sUnderlined"] + error["sAfter"][:60]
    return " ".join(around.split())


def _errors(tool: str, prose: str) -> Iterator[dict[str, Any]]:
    """Ce que Grammalecte reproche à un texte."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "texte.txt"
        path.write_text(prose, encoding="utf-8")
        command = [tool, "--file", str(path), "--json", "--concat_lines", "--context"]
        command += ["--only_when_errors", "--opt_off", *_SILENCED]
        result = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    try:
        paragraphs = json.loads(result.stdout)["data"]
    except ValueError:
        raise Failure(f"{TOOL} n'a pas pu relire un texte :\n{result.stderr}") from None
    for paragraph in paragraphs:
        # Un accord avec un mot caché (du code, une formule) ne prouve rien.
        yield from (e for e in paragraph["lGrammarErrors"] if HIDDEN not in e["sUnderlined"])

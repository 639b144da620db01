"""Les liens qui sortent du cours, demandés un à un par Sphinx (son constructeur « linkcheck »).

Les liens internes sont vérifiés par les tests du site. Ceux-ci dépendent du réseau et d'autrui :
une tâche à part les demande, que règle _config.yml (``linkcheck_...``).
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

from builder.commands import ask_python
from builder.failure import Failure
from builder.reports import tell
from builder.site import JUPYTER_BOOK

DEAD = "Morts : la page, ou l'ancre, n'existe plus"
MUTE = "Sans réponse : à ouvrir à la main, peut-être morts"
REFUSED = "Refusés à un programme : à ouvrir à la main"
MOVED = "Déplacés : écrire la nouvelle adresse"
GOOD = "Bons"

_NO_NETWORK = (
    "aucun des {count} liens n'a eu de réponse : il n'y a sans doute pas de réseau. "
    "Rien n'est dit de ces liens."
)


def check_links(root: Path) -> None:
    """Demande chaque lien externe des pages, et dit ceux qui sont à reprendre.

    Raises
    ------
    Failure
        Si un lien est mort ou ne répond pas, ou si le réseau manque.
    """
    print("Liens externes : demandés deux à la fois (quelques minutes)...", flush=True)
    verdicts: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for link in _ask(root):
        kind, detail = judge(link)
        verdicts[kind][link["uri"] + detail].append(link["filename"])
    count = sum(map(len, verdicts.values()))
    if len(verdicts[MUTE]) == count:
        raise Failure(_NO_NETWORK.format(count=count))
    lines = [f"Liens externes : {count}, dont bons : {len(verdicts[GOOD])}."]
    for kind in (DEAD, MUTE, REFUSED, MOVED):
        if verdicts[kind]:
            lines.append(f"\n{kind} ({len(verdicts[kind])})\n")
        for address, places in sorted(verdicts[kind].items()):
            lines.append(f"- {address} (dans {', '.join(sorted(set(places)))})")
    tell(root, "Liens externes", "\n".join(lines))
    if verdicts[DEAD] or verdicts[MUTE]:
        raise Failure("des liens externes sont à reprendre (ci-dessus).")


def _ask(root: Path) -> list[dict[str, Any]]:
    """Ce que Sphinx répond de chaque lien de chaque page."""
    folder = root / "_build" / "liens"
    answers = folder / "_build" / "html" / "output.json"
    answers.unlink(missing_ok=True)
    linkcheck = ("build", "--builder", "linkcheck", ".", "--path-output", str(folder))
    result = ask_python(root, "-c", JUPYTER_BOOK, *linkcheck)
    if not answers.is_file():
        raise Failure(f"le vérificateur de liens n'a pas pu tourner :\n{result.stderr}")
    told = map(json.loads, answers.read_text(encoding="utf-8").splitlines())
    return [link for link in told if link["uri"].startswith("http")]


def judge(link: dict[str, Any]) -> tuple[str, str]:
    """Traduit une réponse de Sphinx ; rien n'est dit mort sans que le site l'ait dit."""
    status, info = link["status"], link["info"]
    if status == "redirected" and link["code"] in (301, 308):
        return MOVED, f" : {info}"
    if status in ("working", "redirected"):
        return GOOD, ""
    if info.startswith("Anchor "):
        return DEAD, " : ancre absente de la page"
    error = re.match(r"(\d{3}) (?:Client|Server) Error", info)
    code = "401" if info == "unauthorized" else error[1] if error else ""
    kind = DEAD if code in ("404", "410") else REFUSED if code.startswith("4") else MUTE
    return kind, f" : erreur {code}" if code else " : pas de réponse"

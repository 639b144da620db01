"""Les liens qui sortent du cours : les relever, et demander à chacun s'il répond.

Les liens internes sont vérifiés par les tests du site. Ceux-ci dépendent du réseau et d'autrui :
ils ne le sont ni par les tests ni par la construction. Le vérificateur est celui de Sphinx
(« linkcheck »), à qui l'on donne une page qui les porte tous.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from builder.commands import tool_environment
from builder.failure import Failure
from builder.site import site_folder

SETTINGS: dict[str, Any] = {
    "linkcheck_retries": 3,
    "linkcheck_timeout": 20,  # secondes
    "linkcheck_workers": 2,  # poli : deux demandes à la fois
    "linkcheck_rate_limit_timeout": 120,  # qui demande d'attendre est attendu jusque-là
    "linkcheck_report_timeouts_as_broken": False,
    "linkcheck_allow_unauthorized": False,
    # des ancres que seul un navigateur trouve : texte surligné, lignes de code
    "linkcheck_anchors_ignore": ["^!", "^:~:", "^L[0-9]+"],
    # rediriger est le métier d'un DOI
    "linkcheck_allowed_redirects": {r"https://doi\.org/": ".*"},
}

DEAD = "Morts : la page, ou l'ancre, n'existe plus"
MUTE = "Sans réponse : à ouvrir à la main, peut-être morts"
REFUSED = "Refusés à un programme : à ouvrir à la main"
MOVED = "Déplacés : écrire la nouvelle adresse"
_FAULTS = (DEAD, MUTE)

_ADDRESS = re.compile(r"https?://[^\s<>()\[\]\"'`«»]+[^\s<>()\[\]\"'`«».,;:!?]")
_ERROR = re.compile(r"(\d{3}) (?:Client|Server) Error")
_NO_NETWORK = (
    "aucun des {count} liens n'a eu de réponse : il n'y a sans doute pas de réseau. "
    "Rien n'est dit de ces liens."
)


@dataclass(frozen=True)
class Verdict:
    """Ce qu'il faut dire d'un lien ; `kind` vide s'il est bon."""

    address: str
    kind: str
    detail: str = ""


def check_links(root: Path, report: Path | None = None) -> None:
    """Éprouve chaque lien externe des pages construites et des fichiers de la racine.

    Parameters
    ----------
    root : Path
        Dossier du cours ; le site doit être construit.
    report : Path or None
        Fichier `.md` où écrire aussi ce qui est trouvé.

    Raises
    ------
    Failure
        Si un lien est mort ou ne répond pas, ou si le réseau manque.
    """
    places = external_links(root)
    print(f"Liens externes : {len(places)}, deux à la fois (une minute ou deux)...", flush=True)
    verdicts = [judge(result) for result in _linkcheck(root, sorted(places), SETTINGS)]
    if verdicts and all(verdict.kind == MUTE for verdict in verdicts):
        raise Failure(_NO_NETWORK.format(count=len(verdicts)))
    told = "\n".join(_told(verdicts, places))
    print(told)
    if report:
        report.parent.mkdir(parents=True, exist_ok=True)
        report.write_text(f"## Liens externes\n\n{told}\n", encoding="utf-8", newline="\n")
    if any(verdict.kind in _FAULTS for verdict in verdicts):
        raise Failure("des liens externes sont à reprendre (ci-dessus).")


def external_links(root: Path) -> dict[str, list[str]]:
    """Adresses citées, chacune avec les pages et les fichiers qui la citent."""
    site = site_folder(root)
    found = defaultdict(set)
    for page in site.rglob("*.html"):
        name = page.relative_to(site)
        if name.parts[0] != "_static":
            for address in _Anchors(page.read_text(encoding="utf-8")).external:
                found[address].add(name.as_posix())
    for file in sorted([*root.glob("*.md"), *root.glob("*.cff")]):
        for address in _ADDRESS.findall(file.read_text(encoding="utf-8")):
            found[address].add(file.name)
    return {address: sorted(places) for address, places in found.items()}


class _Anchors(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.external: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        target = dict(attrs).get("href") or ""
        if tag == "a" and target.startswith(("http://", "https://")):
            self.external.add(target)


def _linkcheck(
    root: Path, addresses: Iterable[str], settings: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Ce que Sphinx répond de chaque adresse."""
    source, output = root / "_build" / "liens" / "source", root / "_build" / "liens" / "reponses"
    source.mkdir(parents=True, exist_ok=True)
    lines = ["extensions = ['myst_parser']", *(f"{k} = {v!r}" for k, v in settings.items())]
    (source / "conf.py").write_text("\n".join(lines) + "\n", encoding="utf-8")
    page = "# Liens\n\n" + "".join(f"- <{address}>\n" for address in addresses)
    (source / "index.md").write_text(page, encoding="utf-8")
    answers = output / "output.json"
    answers.unlink(missing_ok=True)
    command = [sys.executable, "-m", "sphinx", "-b", "linkcheck", "-E", str(source), str(output)]
    result = subprocess.run(
        command, env=tool_environment(root), capture_output=True, text=True, encoding="utf-8"
    )
    if not answers.is_file():
        raise Failure(f"le vérificateur de liens n'a pas pu tourner :\n{result.stderr}")
    told = [json.loads(line) for line in answers.read_text(encoding="utf-8").splitlines()]
    return sorted(told, key=lambda one: str(one["uri"]))  # ils arrivent dans n'importe quel ordre


def judge(result: Mapping[str, Any]) -> Verdict:
    """Traduit une réponse de Sphinx ; rien n'est dit mort sans que le site l'ait dit."""
    address, status, info = result["uri"], result["status"], result["info"]
    if status == "working" or (status == "redirected" and result["code"] not in (301, 308)):
        return Verdict(address, "")
    if status == "redirected":
        return Verdict(address, MOVED, info)
    if info.startswith("Anchor "):
        return Verdict(address, DEAD, "ancre absente de la page")
    error = _ERROR.match(info)
    if error and error[1] in ("404", "410"):
        return Verdict(address, DEAD, f"erreur {error[1]}")
    if (error and error[1].startswith("4")) or info == "unauthorized":
        return Verdict(address, REFUSED, f"erreur {error[1]}" if error else "erreur 401")
    return Verdict(address, MUTE, f"erreur {error[1]}" if error else "pas de réponse")


def _told(verdicts: list[Verdict], places: Mapping[str, list[str]]) -> Iterator[str]:
    good = sum(not verdict.kind for verdict in verdicts)
    yield f"Liens externes : {len(verdicts)}, dont bons : {good}."
    for kind in (DEAD, MUTE, REFUSED, MOVED):
        chosen = [verdict for verdict in verdicts if verdict.kind == kind]
        if chosen:
            yield f"\n{kind} ({len(chosen)})\n"
            for verdict in chosen:
                where = ", ".join(places[verdict.address])
                yield f"- {verdict.address} : {verdict.detail} (dans {where})"

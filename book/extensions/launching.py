"""Les boutons qui ouvrent une leçon dans Binder, Colab ou un JupyterHub.

Leurs adresses viennent de l'environnement, à la construction : ``COURS_BINDER``, ``COURS_COLAB`` et
``COURS_JUPYTERHUB``. Sans adresse, pas de bouton. Ils ouvrent le carnet du lecteur, de la branche
que publie ``make carnets``. Ce sont de simples liens : la page ne demande rien à personne.
"""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import quote, urlsplit

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ConfigError

# La branche du dépôt, et son dossier, où sont les carnets du lecteur : book/builder/branch.py.
BRANCH = FOLDER = "carnets"
# Variable -> réglage du thème.
LAUNCHERS = {
    "COURS_BINDER": "binderhub_url",
    "COURS_COLAB": "colab_url",
    "COURS_JUPYTERHUB": "jupyterhub_url",
}
GROUPS = {
    "launch-buttons": "Exécuter cette leçon ailleurs",
    "source-buttons": "Le dépôt du cours",
}
BUTTONS = {"source-repository-button": "Dépôt", "source-issues-button": "Signaler une erreur"}


def read_environment(app: Sphinx, config: Config) -> None:
    """Donne au thème les adresses où ouvrir une leçon.

    Raises
    ------
    ConfigError
        Pour une adresse qui n'en est pas une, un bouton sans dépôt à ouvrir, ou un dépôt que
        Colab ne sait pas lire.
    """
    told = {name: os.environ.get(name, "") for name in LAUNCHERS}
    told = {name: address for name, address in told.items() if address}
    options = config.html_theme_options
    repository = options.get("repository_url", "")
    for name, address in told.items():
        if urlsplit(address).scheme not in ("http", "https"):
            raise ConfigError(f"{name} : reçu {address} ; attendu une adresse en https://")
        if not repository:
            raise ConfigError(f"{name} : reçue sans COURS_DEPOT ; attendu le dépôt à ouvrir")
    if "COURS_COLAB" in told and urlsplit(repository).hostname != "github.com":
        raise ConfigError(
            f"COURS_COLAB : reçue avec COURS_DEPOT={repository} ; attendu un dépôt de github.com, "
            "le seul que Colab sache ouvrir"
        )
    addresses = {LAUNCHERS[name]: address for name, address in told.items()}
    options["launch_buttons"] = {**options.get("launch_buttons", {}), **addresses}
    options["repository_branch"] = BRANCH


def finish_buttons(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Met en français les boutons que le thème vient de préparer, et répare leurs liens."""
    for group in context.get("header_buttons", []):
        group["tooltip"] = GROUPS.get(group["label"], group.get("tooltip"))
        for button in group.get("buttons", []):
            if button.get("label") in BUTTONS:
                button["text"] = button["tooltip"] = BUTTONS[button["label"]]
            elif group["label"] == "launch-buttons":
                _finish_launcher(button, app.config.html_theme_options["repository_url"])
                button["url"] = _at_the_reader_s(button["url"], page)


def _finish_launcher(button: dict[str, str], repository: str) -> None:
    button["tooltip"] = f"Ouvrir dans {button['text']}"
    del button["icon"]  # une image de plus à charger, qui répète le texte
    # Binder coupe l'adresse à la première barre : elles y sont écrites %2F
    button["url"] = button["url"].replace(
        f"/v2/git/{quote(repository)}/", f"/v2/git/{quote(repository, safe='')}/"
    )


def _at_the_reader_s(address: str, page: str) -> str:
    """L'adresse du carnet du lecteur, d'après celle de la leçon dont il est tiré."""
    lessons, _, name = page.partition("/")
    return address.replace(f"/{lessons}/{name}.ipynb", f"/{FOLDER}/{name}.ipynb")


def setup(app: Sphinx) -> None:
    app.connect("config-inited", read_environment, priority=110)  # le dépôt est connu
    app.connect("html-page-context", finish_buttons, priority=502)  # le thème a fait les boutons

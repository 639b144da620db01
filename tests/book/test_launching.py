"""Les boutons qui ouvrent une leçon ailleurs : là où il faut, en français, et jamais au hasard."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from launching import BUTTONS, GROUPS, LAUNCHERS, finish_buttons, read_environment
from publication import read_environment as read_repository
from sphinx.errors import ConfigError
from sphinx_book_theme.header_buttons import update_context_with_repository_info
from sphinx_book_theme.header_buttons.launch import add_launch_buttons

ROOT = Path(__file__).parents[2]
GITHUB = "https://github.com/equipe/cours"
FORGE = "https://forge.exemple.fr/equipe/cours"
BINDER, COLAB, HUB = "https://binder.exemple.fr", "https://colab.exemple.fr/", "https://hub.fr/"


class Settings(SimpleNamespace):
    """Une configuration de Sphinx : ses réglages s'y lisent aussi entre crochets."""

    def __getitem__(self, name: str) -> Any:
        return getattr(self, name)


@pytest.fixture
def config(monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Une configuration sans aucune adresse dans l'environnement."""
    for name in ("COURS_URL", "COURS_DEPOT", *LAUNCHERS):
        monkeypatch.delenv(name, raising=False)
    options = {"launch_buttons": {"notebook_interface": "jupyterlab"}}
    return Settings(html_baseurl="", html_theme_options=options, html_context={})


def tell(config: Settings, monkeypatch: pytest.MonkeyPatch, **addresses: str) -> None:
    for name, address in addresses.items():
        monkeypatch.setenv(name, address)
    read_repository(None, config)
    read_environment(None, config)


def buttons(config: Settings, *, kind: str = "ipynb", page: str = "notebooks/p") -> dict[str, Any]:
    """Texte -> bouton, comme le thème les fait pour une page ; vide s'il n'y en a pas."""
    app: Any = SimpleNamespace(
        config=config,
        builder=SimpleNamespace(theme_options=config.html_theme_options),
        env=SimpleNamespace(
            metadata={page: {"kernelspec": {}} if kind == "ipynb" else {}},
            doc2path=lambda name: f"{name}.{kind}",
        ),
    )
    update_context_with_repository_info(app)
    context = {
        "pagename": page,
        "sourcename": f"{page}.{kind}",
        "header_buttons": [{"label": "autre", "tooltip": "Autre"}],
        **config.html_context,
    }
    add_launch_buttons(app, page, "t", context, None)
    finish_buttons(app, page, "t", context, None)
    other, *groups = context["header_buttons"]
    assert other == {"label": "autre", "tooltip": "Autre"}
    assert [group["tooltip"] for group in groups] == [GROUPS["launch-buttons"]] * len(groups)
    return {button["text"]: button for group in groups for button in group["buttons"]}


def test_no_address_no_button(config: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sans adresse, aucun bouton."""
    tell(config, monkeypatch, COURS_DEPOT=GITHUB, COURS_BINDER="", COURS_COLAB="")
    assert buttons(config) == {}


def test_site_without_repository_has_no_button(
    config: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sans dépôt, la construction va au bout, sans bouton ni adresse inventée."""
    tell(config, monkeypatch)
    assert buttons(config) == {}


def test_each_address_has_its_button(config: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Chaque adresse a son bouton, en français, qui ouvre le carnet du lecteur de cette leçon."""
    told = {"COURS_BINDER": BINDER, "COURS_COLAB": COLAB, "COURS_JUPYTERHUB": HUB}
    tell(config, monkeypatch, COURS_DEPOT=GITHUB, **told)
    found = buttons(config)
    assert {text: button["tooltip"] for text, button in found.items()} == {
        "Binder": "Ouvrir dans Binder",
        "JupyterHub": "Ouvrir dans JupyterHub",
        "Colab": "Ouvrir dans Colab",
    }
    assert {text: button["url"] for text, button in found.items()} == {
        "Binder": f"{BINDER}/v2/gh/equipe/cours/carnets?urlpath=lab/tree/carnets/p.ipynb",
        "Colab": "https://colab.exemple.fr/github/equipe/cours/blob/carnets/carnets/p.ipynb",
        "JupyterHub": (
            "https://hub.fr/hub/user-redirect/git-pull?repo=https%3A//github.com/equipe/cours"
            "&urlpath=lab/tree/cours/carnets/p.ipynb&branch=carnets"
        ),
    }
    assert not any("icon" in button for button in found.values())


def test_repository_buttons_are_french() -> None:
    """Le menu du dépôt et ses deux boutons sont en français, bulle et texte."""
    made = [{"label": label, "text": "Open", "tooltip": "Open"} for label in BUTTONS]
    group = {"label": "source-buttons", "tooltip": "Source repositories", "buttons": made}
    finish_buttons(None, "p", "t", {"header_buttons": [group]}, None)
    assert group["tooltip"] == "Le dépôt du cours"
    told = [(button["text"], button["tooltip"]) for button in made]
    assert told == [("Dépôt", "Dépôt"), ("Signaler une erreur", "Signaler une erreur")]


def test_only_lessons_are_launched(config: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Seules les leçons s'ouvrent ailleurs."""
    tell(config, monkeypatch, COURS_DEPOT=GITHUB, COURS_BINDER=BINDER)
    assert buttons(config, kind="md") == {}


def test_university_forge_is_understood(config: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Un dépôt hors de GitHub convient, adresse entière."""
    tell(config, monkeypatch, COURS_DEPOT=FORGE, COURS_BINDER=BINDER, COURS_JUPYTERHUB=HUB)
    found = buttons(config)
    assert found["Binder"]["url"].startswith(
        f"{BINDER}/v2/git/https%3A%2F%2Fforge.exemple.fr%2Fequipe%2Fcours/carnets?"
    )
    assert "repo=https%3A//forge.exemple.fr/equipe/cours&" in found["JupyterHub"]["url"]


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"COURS_BINDER": BINDER}, "COURS_BINDER : reçue sans COURS_DEPOT"),
        ({"COURS_DEPOT": GITHUB, "COURS_BINDER": "oui"}, "COURS_BINDER : reçu oui ; attendu"),
        ({"COURS_DEPOT": FORGE, "COURS_COLAB": COLAB}, "attendu un dépôt de github.com"),
    ],
)
def test_impossible_button_is_refused(
    config: Settings, monkeypatch: pytest.MonkeyPatch, told: dict[str, str], message: str
) -> None:
    """Un bouton qui ne mènerait nulle part se refuse en français."""
    with pytest.raises(ConfigError, match=message):
        tell(config, monkeypatch, **told)


def test_every_setting_is_told() -> None:
    """Chaque adresse que lit la construction est documentée."""
    book = (ROOT / "book").rglob("*.py")
    read = {
        name for path in book for name in re.findall(r'"(COURS_[A-Z]+)"', path.read_text("utf-8"))
    }
    told = re.findall(r"^\| `(COURS_[A-Z]+)` \|", (ROOT / "README.md").read_text("utf-8"), re.M)
    assert set(told) == read

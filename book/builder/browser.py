"""Trouver les navigateurs des tests et du livre, ou les obtenir, ou dire quoi installer."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from builder.failure import Failure

# Hors ligne, discret, et possible en root (conteneurs, CI).
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class Engine(NamedTuple):
    """Un navigateur : où il se trouve, comment il s'obtient, ce que l'on en dit s'il manque."""

    title: str
    variable: str  # donne son chemin, et passe avant toute recherche
    names: tuple[str, ...]  # dans le PATH
    packages: tuple[str, ...]  # de Debian
    purpose: str
    remedy: str
    places: tuple[str, ...] = ()  # ailleurs que dans le PATH
    companions: tuple[str, ...] = ()  # les programmes sans lesquels ceux du PATH ne servent à rien

    @property
    def playwright_name(self) -> str:
        """Le nom que lui donne Playwright, pour en fournir sa propre construction."""
        return self.variable.lower()


CHROMIUM = Engine(
    title="Chromium",
    variable="CHROMIUM",
    names=("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"),
    places=(
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        "%ProgramFiles%/Google/Chrome/Application/chrome.exe",
        "%ProgramFiles(x86)%/Google/Chrome/Application/chrome.exe",
        "%LocalAppData%/Google/Chrome/Application/chrome.exe",
        "%ProgramFiles(x86)%/Microsoft/Edge/Application/msedge.exe",
    ),
    packages=("chromium",),
    purpose="aux tests du site et au livre en PDF",
    remedy=(
        "Debian : sudo apt install chromium ; Ubuntu : sudo snap install chromium ; Fedora : sudo "
        "dnf install chromium ; macOS et Windows : Google Chrome"
    ),
)
FIREFOX = Engine(
    title="Firefox",
    variable="FIREFOX",
    names=("firefox-esr", "firefox"),
    packages=("firefox-esr",),
    purpose="aux tests du site",
    remedy=(
        "Debian : sudo apt install firefox-esr ; Ubuntu : sudo snap install firefox ; Fedora : "
        "sudo dnf install firefox ; macOS et Windows : python -m playwright install firefox"
    ),
)
WEBKIT = Engine(  # le moteur de Safari ; ailleurs que sous Linux, Playwright en a une construction
    title="WebKit",
    variable="WEBKIT",
    names=("WebKitWebDriver",),
    companions=("Xvfb",),
    packages=("webkit2gtk-driver", "xvfb"),
    purpose="aux tests du site",
    remedy=(
        "Debian et Ubuntu : sudo apt install webkit2gtk-driver xvfb ; macOS et Windows : python -m "
        "playwright install webkit"
    ),
)
ENGINES = (CHROMIUM, FIREFOX, WEBKIT)


def find_browser(engine: Engine = CHROMIUM) -> Path | None:
    """Cherche dans sa variable, le PATH, les dossiers habituels, puis chez Playwright.

    Raises
    ------
    Failure
        Si sa variable est donnée mais ne désigne aucun fichier.
    """
    if given := os.environ.get(engine.variable):
        if not Path(given).is_file():
            raise Failure(
                f"{engine.variable} : reçu {given} ; attendu le chemin d'un navigateur existant."
            )
        return Path(given)
    if all(shutil.which(name) for name in engine.companions):
        for name in engine.names:
            if found := shutil.which(name):
                return Path(found)
    for place in engine.places:
        path = Path(os.path.expandvars(place))
        if path.is_file():
            return path
    return _playwright_browser(engine)


def ensure_browser(engine: Engine = CHROMIUM) -> Path:
    """Rend ce navigateur, installé au besoin.

    Raises
    ------
    Failure
        S'il n'a pas pu être obtenu, avec ce qu'il faut installer.
    """
    found = find_browser(engine)
    for obtain in (_install_package, _install_with_playwright):
        if found is None:
            obtain(engine)
            found = find_browser(engine)
    if found is None:
        raise Failure(
            f"{engine.title} est nécessaire {engine.purpose}, et n'a été ni trouvé ni obtenu. "
            f"Installez-le ({engine.remedy}), ou donnez son chemin dans la variable "
            f"{engine.variable}, puis relancez la même commande."
        )
    return found


def _install_package(engine: Engine) -> None:
    if not (_is_root() and shutil.which("apt-get")):
        return
    print(f"{engine.title} manque : installation par apt-get...", flush=True)
    silent = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update"], ["apt-get", "install", "-y", *engine.packages]):
        subprocess.run(command, stdout=subprocess.DEVNULL, env=silent)


def _install_with_playwright(engine: Engine) -> None:
    print(f"{engine.title} manque : installation par Playwright...", flush=True)
    subprocess.run([sys.executable, "-m", "playwright", "install", engine.playwright_name])


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _playwright_browser(engine: Engine) -> Path | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = Path(getattr(playwright, engine.playwright_name).executable_path)
    return path if path.is_file() else None

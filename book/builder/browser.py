"""Trouver Chromium pour les tests du site et le livre, ou l'obtenir, ou dire quoi installer."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from builder.failure import Failure

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "%ProgramFiles%/Google/Chrome/Application/chrome.exe",
    "%ProgramFiles(x86)%/Google/Chrome/Application/chrome.exe",
    "%LocalAppData%/Google/Chrome/Application/chrome.exe",
    "%ProgramFiles(x86)%/Microsoft/Edge/Application/msedge.exe",
)

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

_MISSING = (
    "Chromium est nécessaire aux tests du site et au livre en PDF, et n'a été ni trouvé ni obtenu. "
    "Installez-le "
    "(Debian : sudo apt install chromium ; Ubuntu : sudo snap install chromium ; Fedora : sudo dnf "
    "install chromium ; macOS et Windows : Google Chrome), ou donnez son chemin dans la variable "
    "CHROMIUM, puis relancez la même commande."
)


def find_browser() -> Path | None:
    """Cherche dans CHROMIUM, le PATH, les dossiers habituels, puis chez Playwright.

    Raises
    ------
    Failure
        Si CHROMIUM est donnée mais ne désigne aucun fichier.
    """
    if given := os.environ.get("CHROMIUM"):
        if not Path(given).is_file():
            raise Failure(f"CHROMIUM : reçu {given} ; attendu le chemin d'un navigateur existant.")
        return Path(given)
    for name in _NAMES:
        if found := shutil.which(name):
            return Path(found)
    for place in _PLACES:
        path = Path(os.path.expandvars(place))
        if path.is_file():
            return path
    return _playwright_browser()


def ensure_browser() -> Path:
    """Rend un Chromium, installé au besoin.

    Raises
    ------
    Failure
        S'il n'a pas pu être obtenu, avec ce qu'il faut installer.
    """
    found = find_browser()
    for obtain in (_install_package, _install_with_playwright):
        if found is None:
            obtain()
            found = find_browser()
    if found is None:
        raise Failure(_MISSING)
    return found


def _install_package() -> None:
    if not (_is_root() and shutil.which("apt-get")):
        return
    print("Chromium manque : installation par apt-get...", flush=True)
    silent = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update"], ["apt-get", "install", "-y", "chromium"]):
        subprocess.run(command, stdout=subprocess.DEVNULL, env=silent)


def _install_with_playwright() -> None:
    print("Chromium manque : installation par Playwright...", flush=True)
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"])


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _playwright_browser() -> Path | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    return path if path.is_file() else None

"""Les tableaux des expériences : lus par les leçons, récrits par `make experiences`."""

from __future__ import annotations

import json
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

FOLDER = Path(__file__).parent / "tables"

_FLOATS = "%.6g"
"""Chiffres gardés : au-delà, une perte peut différer d'un processeur à l'autre."""


def table_names() -> list[str]:
    """Noms des tableaux livrés avec la bibliothèque."""
    return sorted(path.stem for path in FOLDER.glob("*.csv"))


def read_table(name: str) -> pd.DataFrame:
    """Lit un tableau d'expérience, une ligne par mesure.

    Parameters
    ----------
    name : str
        Par exemple "retraining" ; voir `table_names`.

    Returns
    -------
    DataFrame
        Ses colonnes sont décrites par la fonction `run` du module de l'expérience.

    Raises
    ------
    ValueError
        Si aucun tableau ne porte ce nom.
    """
    return pd.read_csv(_path(name, "csv"))


def read_conditions(name: str) -> dict[str, Any]:
    """Lit comment un tableau a été calculé.

    Returns
    -------
    dict
        Clefs "command", "seeds", "settings", "versions", "machine", "date" et "seconds" (temps de
        processeur, toutes graines ensemble).

    Raises
    ------
    ValueError
        Si aucun tableau ne porte ce nom.
    """
    conditions: dict[str, Any] = json.loads(_path(name, "json").read_text(encoding="utf-8"))
    return conditions


def _path(name: str, suffix: str) -> Path:
    if name not in table_names():
        raise ValueError(f"tableau : reçu {name!r} ; attendu l'un de {table_names()}.")
    return FOLDER / f"{name}.{suffix}"


def write_table(
    name: str,
    table: pd.DataFrame,
    *,
    seeds: range,
    settings: dict[str, Any],
    seconds: float,
    folder: Path = FOLDER,
) -> None:
    """Enregistre un tableau et, à côté, ce qu'il faut pour le refaire.

    Parameters
    ----------
    name : str
    table : DataFrame
        Ses réels sont gardés à six chiffres, ses durées (« seconds ») à deux décimales.
    seeds : range
    settings : dict
        Réglages de l'expérience, simples à écrire en JSON.
    seconds : float
        Temps de processeur pris.
    folder : Path
        Dossier, qui existe.
    """
    if "seconds" in table:
        table = table.assign(seconds=table["seconds"].round(2))
    text = table.to_csv(index=False, float_format=_FLOATS, lineterminator="\n")
    (folder / f"{name}.csv").write_text(text, encoding="utf-8", newline="\n")
    conditions = {
        "command": f"python -m pruning_core.course.experiments {name}",
        "seeds": f"{seeds.start} à {seeds[-1]}",
        "settings": settings,
        "versions": {
            "python": platform.python_version(),
            "torch": version("torch"),
            "numpy": version("numpy"),
        },
        "machine": f"{platform.system()} {platform.machine()}",
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "seconds": round(seconds),
    }
    content = json.dumps(conditions, ensure_ascii=False, indent=1)
    (folder / f"{name}.json").write_text(content + "\n", encoding="utf-8", newline="\n")

"""Les tableaux des expériences : lus par les leçons, récrits par `make experiences`."""

from __future__ import annotations

import hashlib
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
        Clefs "command", "seeds", "settings", "code" (voir `code_digest`), "versions", "machine",
        "date", "seconds" (temps de processeur, toutes graines ensemble) et "seal" (voir `seal`).

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
    code: str,
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
    code : str
        L'empreinte du code qui l'a calculé.
    seconds : float
        Temps de processeur pris.
    folder : Path
        Dossier, qui existe.
    """
    text = written(table)
    (folder / f"{name}.csv").write_text(text, encoding="utf-8", newline="\n")
    conditions = {
        "command": f"python -m pruning_core.course.experiments {name}",
        "seeds": f"{seeds.start} à {seeds[-1]}",
        "settings": settings,
        "code": code,
        "versions": {
            "python": platform.python_version(),
            "torch": version("torch"),
            "numpy": version("numpy"),
        },
        "machine": f"{platform.system()} {platform.machine()}",
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "seconds": round(seconds),
    }
    _write_conditions(folder / f"{name}.json", conditions, text)


def written(table: pd.DataFrame) -> str:
    """Le texte d'un tableau, tel qu'il est enregistré."""
    if "seconds" in table:
        table = table.assign(seconds=table["seconds"].round(2))
    return table.to_csv(index=False, float_format=_FLOATS, lineterminator="\n")


def sign_table(name: str, code: str) -> None:
    """Récrit l'empreinte du code d'un tableau livré, et rien d'autre.

    Parameters
    ----------
    name : str
    code : str
        Celle d'un code qui donne les mêmes nombres.

    Raises
    ------
    ValueError
        Si aucun tableau ne porte ce nom.
    """
    text = _path(name, "csv").read_text(encoding="utf-8")
    _write_conditions(_path(name, "json"), read_conditions(name) | {"code": code}, text)


def seal(conditions: dict[str, Any], text: str) -> str:
    """Empreinte d'un tableau et de ses conditions : une valeur retouchée à la main la dément.

    Parameters
    ----------
    conditions : dict
        Celles de `read_conditions` ; "seal" n'y compte pas.
    text : str
        Le texte du tableau.
    """
    told = {key: value for key, value in conditions.items() if key != "seal"}
    content = json.dumps(told, ensure_ascii=False, sort_keys=True) + text
    return hashlib.sha256(content.encode()).hexdigest()[:12]


def _write_conditions(path: Path, conditions: dict[str, Any], text: str) -> None:
    sealed = conditions | {"seal": seal(conditions, text)}
    content = json.dumps(sealed, ensure_ascii=False, indent=1)
    path.write_text(content + "\n", encoding="utf-8", newline="\n")

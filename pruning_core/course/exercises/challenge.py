"""Le défi du TP 3 : au plus 320 poids, la meilleure exactitude ; un fichier par concurrent.

Rien de ce qu'annonce un fichier n'est cru : les poids non nuls sont recomptés et l'exactitude est
mesurée de nouveau, à partir des seuls poids qu'il contient.
"""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from pruning_core.course.datasets import load_digits
from pruning_core.course.formatting import number, percent
from pruning_core.course.models import digits_mlp
from pruning_core.evaluation import evaluate
from pruning_core.weights.prunable import prunable_parameters

BUDGET = 320
"""Nombre de poids non nuls permis, sur 6 464 ; les biais ne comptent pas."""

ENTRY = "reseau.npz"
"""Nom du fichier que rend chaque concurrent."""

_MAX_BYTES = 1_000_000  # les poids en prennent 53 000 : au-delà, le fichier n'est pas le leur
_ABOUT = "concurrent"


@dataclass(frozen=True)
class Entry:
    """Ce que vaut vraiment un réseau du défi.

    Attributes
    ----------
    name : str
        Pseudonyme du concurrent.
    weights : int
        Poids non nuls, recomptés.
    validation, test : float
        Exactitudes mesurées, entre 0 et 1.
    """

    name: str
    weights: int
    validation: float
    test: float


def save_entry(model: nn.Module, path: str | Path, *, name: str) -> None:
    """Enregistre un réseau du défi, avec l'exactitude de validation qu'il annonce.

    Parameters
    ----------
    model : nn.Module
        De la forme du réseau du cours, 64-64-32-10.
    path : str ou Path
        Le fichier à écrire ; à rendre, il s'appelle `ENTRY`.
    name : str
        Pseudonyme, pour le classement.

    Raises
    ------
    ValueError
        Si ce n'est pas un réseau, s'il n'a pas la bonne forme, n'est pas fini ou dépasse le
        budget ; rien n'est écrit.
    """
    if not isinstance(model, nn.Module):
        raise ValueError(
            f"réseau du défi : reçu un objet de type {type(model).__name__} ; attendu un nn.Module."
        )
    arrays = {key: value.detach().cpu().numpy() for key, value in model.named_parameters()}
    entry = _measure(_rebuild(arrays), name)
    about = json.dumps({"nom": name, "exactitude": entry.validation})
    with Path(path).open("wb") as file:
        np.savez_compressed(file, **{**arrays, _ABOUT: np.array(about)})  # type: ignore[arg-type]


def read_entry(path: str | Path) -> Entry:
    """Relit un réseau du défi, le recompte et le mesure.

    Raises
    ------
    FileNotFoundError
        S'il n'y a pas de fichier.
    ValueError
        Si le fichier est illisible ou trop gros, si un poids manque ou n'est pas fini, si le budget
        est dépassé, ou si l'exactitude annoncée n'est pas celle que l'on mesure.
    """
    arrays = _read_arrays(Path(path))
    try:
        about = json.loads(str(arrays.pop(_ABOUT)))
        name, claimed = str(about["nom"]), float(about["exactitude"])
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(_unreadable(Path(path))) from error
    entry = _measure(_rebuild(arrays), name)
    if not abs(claimed - entry.validation) <= 1e-3:  # refuse aussi NaN
        raise ValueError(
            f"exactitude de validation : reçu {percent(claimed)} dans le fichier ; attendu "
            f"{percent(entry.validation)}, ce que donnent ses poids."
        )
    return entry


def read_entry_apart(path: str | Path) -> Entry:
    """Comme `read_entry`, hors du carnet, qui pourrait avoir changé budget ou données.

    Raises
    ------
    ValueError
        Si le fichier est refusé, avec la raison.
    """
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-m", __name__, str(path)],
        capture_output=True,
        encoding="utf-8",
    )
    if done.returncode:
        raise ValueError(done.stderr.strip())
    return Entry(**json.loads(done.stdout))


def count_weights(model: nn.Module) -> int:
    """Nombre de poids non nuls, parmi les poids élagables."""
    weights = prunable_parameters(model, include_frozen=True).values()
    return sum(int(torch.count_nonzero(weight)) for weight in weights)


def _read_arrays(path: Path) -> dict[str, np.ndarray]:
    if not path.is_file():
        raise FileNotFoundError(f"{path.name} : fichier absent.")
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(member.file_size for member in archive.infolist())
    except (zipfile.BadZipFile, OSError) as error:
        raise ValueError(_unreadable(path)) from error
    if size > _MAX_BYTES:
        raise ValueError(
            f"{path.name} : reçu {number(size)} octets ; attendu {number(_MAX_BYTES)} au plus."
        )
    try:
        with np.load(path, allow_pickle=False) as content:
            return {key: content[key] for key in content.files}
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
        raise ValueError(_unreadable(path)) from error


def _unreadable(path: Path) -> str:
    return f"{path.name} : reçu un fichier illisible ; attendu un fichier écrit par save_entry."


def _rebuild(arrays: Mapping[str, np.ndarray]) -> nn.Module:
    """Remet les poids dans le réseau du cours ; refuse ce qui n'y entre pas."""
    model = digits_mlp()
    expected = {key: tuple(value.shape) for key, value in model.named_parameters()}
    received = {key: tuple(value.shape) for key, value in arrays.items()}
    if received != expected:
        raise ValueError(
            f"réseau du défi : reçu les formes {received} ; attendu {expected}, celles du réseau "
            "du cours."
        )
    for key, parameter in model.named_parameters():
        # Un seul type de réels : torch ne lit ni `longdouble`, ni un autre ordre des octets.
        values = arrays[key].astype(np.float64) if arrays[key].dtype.kind == "f" else None
        if values is None or not np.isfinite(values).all():
            raise ValueError(f"{key} : reçu des valeurs non finies ; attendu des nombres réels.")
        with torch.no_grad():
            parameter.copy_(torch.from_numpy(values))
    return model.eval()


def _measure(model: nn.Module, name: str) -> Entry:
    kept = count_weights(model)
    if kept > BUDGET:
        raise ValueError(
            f"budget dépassé : reçu {number(kept)} poids non nuls ; attendu {BUDGET} au plus."
        )
    digits = load_digits()
    validation, test = (evaluate(model, part).accuracy for part in digits[1:])
    return Entry(name, kept, validation, test)


def _main(path: str) -> int:
    """Écrit sur la sortie ce que vaut un fichier, ou sur celle d'erreur pourquoi il est refusé."""
    try:
        print(json.dumps(asdict(read_entry(path))))
    except (FileNotFoundError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1]))

"""Un défi : un budget de poids, le meilleur réseau, un fichier par concurrent.

Rien de ce qu'annonce un fichier n'est cru : les poids non nuls sont recomptés et la mesure est
refaite, à partir des seuls poids qu'il contient.
"""

from __future__ import annotations

import json
import math
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from pruning_core.course.formatting import number

ENTRY = "reseau.npz"
"""Nom du fichier que rend chaque concurrent."""

_ABOUT = "concurrent"
# Un poids prend seize octets au plus (`longdouble`) : au-delà, le fichier n'est pas celui des
# poids.
_BYTES_PER_WEIGHT, _MORE_BYTES = 16, 200_000


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
        Ce qui est mesuré sur chaque jeu.
    """

    name: str
    weights: int
    validation: float
    test: float


@dataclass(frozen=True)
class Challenge:
    """Un défi : le réseau donné, le budget, et la mesure qui départage.

    Attributes
    ----------
    lab : str
        Nom du TP.
    budget : int
        Nombre de poids non nuls permis.
    network : fonction () -> nn.Module
        Un réseau de la forme de celui du défi.
    counted : fonction (nn.Module) -> dict[str, nn.Parameter]
        Les poids que compte le budget ; les autres sont libres.
    validation, test : fonction (nn.Module) -> float
        La mesure, sur chaque jeu.
    higher_is_better : bool
        Vrai si le plus grand gagne.
    unit : str
        L'unité dans laquelle on écrit la mesure.
    scale : float
        Ce que vaut 1 dans cette unité.
    digits : int
        Nombre de décimales montrées.
    """

    lab: str
    budget: int
    network: Callable[[], nn.Module]
    counted: Callable[[nn.Module], Mapping[str, nn.Parameter]]
    validation: Callable[[nn.Module], float]
    test: Callable[[nn.Module], float]
    higher_is_better: bool
    unit: str
    scale: float
    digits: int

    def count(self, model: nn.Module) -> int:
        """Nombre de poids non nuls, parmi ceux que compte le budget."""
        return sum(int(torch.count_nonzero(weight)) for weight in self.counted(model).values())

    def written(self, value: float) -> str:
        """Une mesure dans son unité, sans la dire."""
        return number(self.scale * value, self.digits)

    def told(self, value: float) -> str:
        """Une mesure et son unité."""
        return f"{self.written(value)}\u00a0{self.unit}"

    def merit(self, entry: Entry) -> tuple[float, int]:
        """Ce qui range les concurrents, le plus petit devant : le test, puis le nombre de poids."""
        return (-entry.test if self.higher_is_better else entry.test), entry.weights

    def save(self, model: nn.Module, path: str | Path, *, name: str) -> None:
        """Enregistre un réseau, avec la mesure de validation qu'il annonce.

        Parameters
        ----------
        model : nn.Module
            De la forme du réseau du défi.
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
                f"réseau du défi : reçu un objet de type {type(model).__name__} ; attendu un "
                "nn.Module."
            )
        arrays = {key: value.detach().cpu().numpy() for key, value in model.named_parameters()}
        rebuilt = self._rebuild(arrays)
        self._count_within_budget(rebuilt)
        about = json.dumps({"nom": name, "validation": _finite(self.validation(rebuilt))})
        with Path(path).open("wb") as file:
            np.savez_compressed(file, **{**arrays, _ABOUT: np.array(about)})  # type: ignore[arg-type]

    def read(self, path: str | Path) -> Entry:
        """Relit un réseau du défi, le recompte et le mesure.

        Raises
        ------
        FileNotFoundError
            S'il n'y a pas de fichier.
        ValueError
            Si le fichier est illisible ou trop gros, si un poids manque ou n'est pas fini, si le
            budget est dépassé, ou si la mesure annoncée n'est pas celle que l'on refait.
        """
        arrays = self._read_arrays(Path(path))
        try:
            about = json.loads(str(arrays.pop(_ABOUT)))
            name, claimed = str(about["nom"]), float(about["validation"])
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(_unreadable(Path(path))) from error
        model = self._rebuild(arrays)
        weights = self._count_within_budget(model)
        validation = _finite(self.validation(model))
        if not abs(claimed - validation) <= 1e-3:  # refuse aussi NaN
            raise ValueError(
                f"mesure de validation : reçu {self.told(claimed)} dans le fichier ; attendu "
                f"{self.told(validation)}, ce que donnent ses poids."
            )
        return Entry(name, weights, validation, _finite(self.test(model)))

    def _count_within_budget(self, model: nn.Module) -> int:
        kept = self.count(model)
        if kept > self.budget:
            raise ValueError(
                f"budget dépassé : reçu {number(kept)} poids non nuls ; attendu "
                f"{number(self.budget)} au plus."
            )
        return kept

    def _rebuild(self, arrays: Mapping[str, np.ndarray]) -> nn.Module:
        """Remet les poids dans un réseau du défi ; refuse ce qui n'y entre pas."""
        model = self.network()
        expected = {key: tuple(value.shape) for key, value in model.named_parameters()}
        received = {key: tuple(value.shape) for key, value in arrays.items()}
        if received != expected:
            raise ValueError(
                f"réseau du défi : reçu les formes {received} ; attendu {expected}, celles du "
                "réseau du cours."
            )
        for key, parameter in model.named_parameters():
            # Un seul type de réels : torch ne lit ni `longdouble`, ni un autre ordre des octets.
            values = arrays[key].astype(np.float64) if arrays[key].dtype.kind == "f" else None
            if values is None or not np.isfinite(values).all():
                raise ValueError(
                    f"{key} : reçu des valeurs non finies ; attendu des nombres réels."
                )
            with torch.no_grad():
                parameter.copy_(torch.from_numpy(values))
        return model.eval()

    def _read_arrays(self, path: Path) -> dict[str, np.ndarray]:
        if not path.is_file():
            raise FileNotFoundError(f"{path.name} : fichier absent.")
        try:
            with zipfile.ZipFile(path) as archive:
                size = sum(member.file_size for member in archive.infolist())
        except (zipfile.BadZipFile, OSError) as error:
            raise ValueError(_unreadable(path)) from error
        parameters = sum(parameter.numel() for parameter in self.network().parameters())
        most = _BYTES_PER_WEIGHT * parameters + _MORE_BYTES
        if size > most:
            raise ValueError(
                f"{path.name} : reçu {number(size)} octets ; attendu {number(most)} au plus."
            )
        try:
            with np.load(path, allow_pickle=False) as content:
                return {key: content[key] for key in content.files}
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
            raise ValueError(_unreadable(path)) from error


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError(f"mesure : reçu {value} ; attendu un nombre fini.")
    return value


def _unreadable(path: Path) -> str:
    return f"{path.name} : reçu un fichier illisible ; attendu un fichier écrit par Challenge.save."

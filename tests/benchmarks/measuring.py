"""Mesurer un calcul, seul dans son processus : son temps et la mémoire qu'il prend."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[1]
PATHS = (".", "book", "book/extensions")  # comme pour les tests : voir pyproject.toml
MIB = 2**20

T = TypeVar("T")

_STATUS = Path("/proc/self/status")
_CLEAR = Path("/proc/self/clear_refs")


@dataclass(frozen=True)
class Measure(Generic[T]):
    """Coût d'un calcul.

    Attributes
    ----------
    seconds : float
        Temps de processeur (utilisateur et système) du plus rapide des essais. Avec un seul fil
        d'exécution, c'est la durée sur une machine au repos, que d'autres programmes ne gonflent
        presque pas.
    peak_bytes : int or None
        Plus haute mémoire résidente du premier essai, moins celle d'avant ; None hors de Linux.
    result : T
        Ce que le dernier essai a rendu.
    """

    seconds: float
    peak_bytes: int | None
    result: T

    def cost(self) -> dict[str, Any]:
        """Le temps et la mémoire, pour du JSON."""
        return {"seconds": self.seconds, "peak_bytes": self.peak_bytes}


def measure(run: Callable[[], T], *, repeats: int = 1) -> Measure[T]:
    """Mesure `repeats` essais d'un calcul.

    Le premier compte pour la mémoire ; faites avant ce qui ne doit pas être compté (imports
    paresseux, premiers appels).
    """
    before = _reset_peak()
    seconds, result = _timed(run)
    peak = None if before is None else _peak() - before
    for _ in range(repeats - 1):
        del result  # deux résultats ensemble pourraient ne pas tenir en mémoire
        again, result = _timed(run)
        seconds = min(seconds, again)
    return Measure(seconds, peak, result)


def _timed(run: Callable[[], T]) -> tuple[float, T]:
    start = time.process_time()
    result = run()
    return time.process_time() - start, result


def _reset_peak() -> int | None:
    """Ramène la plus haute mémoire résidente à celle d'à présent, et la rend en octets."""
    try:
        _CLEAR.write_text("5", encoding="ascii")
    except OSError:
        return None
    return _peak()


def _peak() -> int:
    # VmHWM et non getrusage : ru_maxrss part de la mémoire du processus père, et ne baisse jamais.
    lines = _STATUS.read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


def isolated(module: str, /, **arguments: Any) -> dict[str, Any]:
    """Appelle `run(**arguments)` d'un module de ce dossier, dans un processus neuf à un seul fil.

    Returns
    -------
    dict
        Ce que `run` a rendu ; il passe par du JSON.

    Raises
    ------
    RuntimeError
        Si le processus échoue, avec son message.
    """
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.measuring", module, json.dumps(arguments)],
        cwd=ROOT,
        env={
            **os.environ,
            "OMP_NUM_THREADS": "1",
            "MKL_NUM_THREADS": "1",
            "TQDM_DISABLE": "1",
            "PYTHONPATH": os.pathsep.join(str(ROOT / name) for name in PATHS),
        },
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    if done.returncode:
        raise RuntimeError(f"la mesure {module} {arguments} a échoué :\n{done.stderr}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def _main() -> None:
    import torch

    torch.set_num_threads(1)
    module, arguments = sys.argv[1:]
    print(
        json.dumps(
            importlib.import_module(f"tests.benchmarks.{module}").run(**json.loads(arguments))
        )
    )


if __name__ == "__main__":
    _main()

"""Calendriers de sparsité : quelle part des poids élaguer à quelle étape."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pruning_core.checks import check_count, check_sparsity


@dataclass(frozen=True)
class LinearSchedule:
    """Sparsité qui monte tout droit de `initial` à `final` en `steps` étapes.

    s_t = s_i + (s_f − s_i) · t/T, pour t = 1, ..., T. S'itère et s'appelle : `schedule(t)`.

    Parameters
    ----------
    final : float
        Sparsité de la dernière étape, dans [0, 1] ; atteinte exactement.
    steps : int
        Nombre d'étapes T ≥ 1.
    initial : float
        Sparsité avant la première étape, dans [0, final].

    Raises
    ------
    TypeError, ValueError
        À la construction, si un réglage ne convient pas ; à l'appel, si l'étape n'est pas un
        entier de [0, T].
    """

    final: float
    steps: int
    initial: float = 0.0

    def __post_init__(self) -> None:
        check_sparsity(self.final, what="sparsité finale")
        check_sparsity(self.initial, what="sparsité initiale")
        check_count(self.steps, "steps", minimum=1)
        if self.initial > self.final:
            raise ValueError(
                f"sparsité initiale : reçu {self.initial} ; attendu au plus la finale, "
                f"{self.final}."
            )

    def __call__(self, step: int) -> float:
        """Sparsité à la fin de l'étape `step` ; `initial` à l'étape 0."""
        if check_count(step, "step") > self.steps:
            raise ValueError(f"step : reçu {step} ; attendu au plus {self.steps}.")
        if step == self.steps:
            return self.final
        return self.initial + (self.final - self.initial) * self._progress(step / self.steps)

    def __iter__(self) -> Iterator[float]:
        return (self(step) for step in range(1, self.steps + 1))

    def __len__(self) -> int:
        return self.steps

    def _progress(self, time: float) -> float:
        return time


@dataclass(frozen=True)
class CubicSchedule(LinearSchedule):
    """Sparsité qui monte vite, puis de plus en plus lentement.

    s_t = s_f + (s_i − s_f)(1 − t/T)³ ; mêmes arguments que `LinearSchedule`.

    References
    ----------
    Zhu et Gupta, 2017, « To prune, or not to prune », éq. 1.
    """

    def _progress(self, time: float) -> float:
        return 1.0 - (1.0 - time) ** 3


def check_path(sparsities: Iterable[float]) -> list[float]:
    """Vérifie qu'un chemin de sparsités est croissant et non vide, et le rend en liste.

    Raises
    ------
    TypeError, ValueError
        Si une sparsité n'est pas dans [0, 1], si le chemin est vide ou s'il recule.
    """
    stages = [check_sparsity(sparsity) for sparsity in sparsities]
    if not stages or stages != sorted(stages):
        raise ValueError(
            f"sparsities : reçu {stages} ; attendu une suite croissante d'au moins une sparsité."
        )
    return stages

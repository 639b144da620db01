"""Mener plusieurs calculs de front, en les arrêtant à des rendez-vous.

Chacun a son fil d'exécution, mais un seul avance à la fois : rien n'est simultané, et l'ordre ne
dépend que de celui qui les mène.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar, copy_context

import torch

THREAD = "calcul mené de front"
"""Nom des fils d'exécution."""


class _Abandoned(BaseException):
    """Ce qui défait la pile d'un calcul abandonné ; un `except Exception` ne l'arrête pas."""


class Runner:
    """Un calcul que l'on fait avancer d'un rendez-vous au suivant.

    Attributes
    ----------
    place : str
        Le rendez-vous où il attend ; vide s'il est fini.
    """

    def __init__(self, work: Callable[[], object]) -> None:
        self.place = ""
        self._work = work
        self._error: BaseException | None = None
        self._abandoned = False
        self._go = threading.Semaphore(0)
        self._stopped = threading.Semaphore(0)
        self._context = copy_context()
        self._settings = _thread_settings()
        self._thread = threading.Thread(target=self._run, name=THREAD, daemon=True)
        self._thread.start()

    def advance(self) -> None:
        """Va jusqu'au rendez-vous suivant, ou au bout ; lève ce que lève le calcul."""
        self.place = ""
        self._go.release()
        self._stopped.acquire()
        if self._error is not None:
            raise self._error

    def wait(self, place: str) -> None:
        """Attend à un rendez-vous ; à appeler du calcul lui-même."""
        self.place = place
        self._stopped.release()
        self._pause()

    @staticmethod
    def current() -> Runner | None:
        """Le calcul où l'on est ; None hors de tout calcul."""
        return _CURRENT.get()

    def abandon(self) -> None:
        """Défait le calcul là où il en est, et attend la fin de son fil."""
        self._abandoned = True
        self._go.release()
        self._thread.join()

    def _run(self) -> None:
        try:
            self._pause()
            self._context.run(_CURRENT.set, self)
            with self._settings():
                self._context.run(self._work)
        except _Abandoned:
            pass
        except BaseException as error:
            self._error = error
        finally:
            self.place = ""
            self._stopped.release()

    def _pause(self) -> None:
        self._go.acquire()
        if self._abandoned:
            raise _Abandoned


_CURRENT: ContextVar[Runner | None] = ContextVar("calcul mené de front", default=None)


@contextmanager
def in_lockstep(works: Sequence[Callable[[], object]]) -> Iterator[list[Runner]]:
    """Contexte où des calculs avancent à la demande ; en sortie, aucun de leurs fils ne reste."""
    runners: list[Runner] = []
    try:
        for work in works:
            runners.append(Runner(work))
        yield runners
    finally:
        for runner in runners:
            runner.abandon()


def _thread_settings() -> Callable[[], ExitStack]:
    """Les réglages de PyTorch propres au fil présent, à reprendre dans un autre."""
    grad, inference = torch.is_grad_enabled(), torch.is_inference_mode_enabled()
    casts = {
        kind: (torch.is_autocast_enabled(kind), torch.get_autocast_dtype(kind))
        for kind in ("cpu", "cuda")
    }
    default = torch.get_default_device()
    current = torch.cuda.current_device() if torch.cuda.is_initialized() else None

    def enter() -> ExitStack:
        stack = ExitStack()
        stack.enter_context(torch.inference_mode(inference))
        stack.enter_context(torch.set_grad_enabled(grad))
        for kind, (enabled, dtype) in casts.items():
            if enabled:
                stack.enter_context(torch.autocast(kind, dtype))
        if default.type != "cpu":
            stack.enter_context(default)
        if current is not None:
            stack.enter_context(torch.cuda.device(current))
        return stack

    return enter

"""Les périphériques des tests : un second, toujours, simulé ; les GPU, quand il y en a."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from threading import Thread
from typing import Any
from unittest.mock import patch

import pytest
import torch

from tests.second_device import SECOND, SecondDevice

GPUS = ["cuda"] if torch.cuda.is_available() else []
_PROPERTY = "périphérique"


@pytest.fixture(params=[SECOND, *GPUS])
def device(request: pytest.FixtureRequest) -> Iterator[str]:
    """Chaque périphérique, autre que le processeur, où l'on peut calculer ici."""
    request.node.user_properties.append((_PROPERTY, request.param))
    with _everywhere() if request.param == SECOND else nullcontext():
        yield request.param


@contextmanager
def _everywhere() -> Iterator[None]:
    """Le périphérique simulé, dans tous les fils : un mode de torch ne vaut que dans le sien."""
    run = Thread.run

    def run_there(thread: Thread) -> None:
        with SecondDevice():
            run(thread)

    with SecondDevice(), patch.object(Thread, "run", run_there):
        yield


def devices_of(reports: Iterable[Any]) -> Counter[str]:
    """Nombre de tests lancés sur chaque périphérique."""
    calls = [report for report in reports if getattr(report, "when", None) == "call"]
    properties = [pair for report in calls for pair in report.user_properties]
    return Counter(value for name, value in properties if name == _PROPERTY)


def told(ran: Counter[str]) -> list[str]:
    """Ce que le compte rendu dit des périphériques : rien, si aucun test n'en demandait."""
    if not ran:
        return []
    lines = [
        f"{count} tests sur {name}{' (simulé sur le processeur)' if name == SECOND else ''}."
        for name, count in sorted(ran.items())
    ]
    absent = ran[SECOND] - ran["cuda"]
    if absent > 0:
        lines.append(
            f"{absent} tests n'ont pas tourné sur un GPU : PyTorch {torch.__version__} "
            "n'en voit aucun ici."
        )
    return lines

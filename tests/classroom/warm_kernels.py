"""Des noyaux copiés d'un processus qui a déjà importé PyTorch : six secondes de moins chacun.

Un noyau n'exécute rien qu'un noyau neuf n'exécuterait : seules les importations sont faites.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from typing import Any

import pytest
from jupyter_client.provisioning import local_provisioner

PRELOADED = (
    "ipykernel.kernelapp",
    "sklearn.datasets",
    "torch._dynamo",  # que demande le premier optimiseur
    "pruning_core.course.exercises",
    "pruning_core.course.figures",
)


class WarmKernel:
    """Un noyau, commandé comme le `Popen` qu'attend jupyter_client."""

    stdin = stdout = stderr = None

    def __init__(self, command: list[str], cwd: str, env: Mapping[str, str], **_: Any) -> None:
        context = multiprocessing.get_context("forkserver")
        told, ready = context.Pipe(duplex=False)
        arguments = command[command.index("-m") + 2 :]
        self._process = context.Process(target=_run, args=(ready, arguments, cwd, dict(env)))
        self._process.start()
        ready.close()
        told.poll(None)  # fermé une fois le noyau seul dans son groupe, qu'un signal vise entier
        self.pid = self._process.pid

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self) -> int | None:
        self._process.join()
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)


def _run(ready: Connection, arguments: list[str], cwd: str, env: dict[str, str]) -> None:
    from ipykernel.kernelapp import IPKernelApp

    os.setsid()
    ready.close()
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    IPKernelApp.launch_instance(arguments)


@contextmanager
def warm_kernels(environment: Mapping[str, str]) -> Iterator[None]:
    """Le temps du bloc, chaque noyau est une copie ; sous Windows, où il n'y en a pas, un neuf."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        yield
        return
    multiprocessing.set_forkserver_preload([*PRELOADED])
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        patch.setenv("MPLBACKEND", "module://matplotlib_inline.backend_inline")
        patch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)  # une copie ne l'écrirait pas
        forkserver.ensure_running()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(local_provisioner, "launch_kernel", WarmKernel)
        yield

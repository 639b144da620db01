"""Des calculs menés de front."""

import threading

import pytest
import torch

from pruning_core.obs.lockstep import Runner, in_lockstep


def _steps(log: list[str], name: str, places: str) -> None:
    for place in places:
        runner = Runner.current()
        assert runner is not None
        log.append(name + place)
        runner.wait(place)
    log.append(name)


def test_they_advance_when_asked() -> None:
    """Chacun va d'un rendez-vous au suivant, seul, dans l'ordre demandé."""
    log: list[str] = []
    works = [lambda: _steps(log, "x", "ab"), lambda: _steps(log, "y", "b")]
    with in_lockstep(works) as (first, second):
        assert log == []
        first.advance()
        second.advance()
        assert (first.place, second.place) == ("a", "b")
        first.advance()
        second.advance()
        assert (first.place, second.place) == ("b", "")
    assert log == ["xa", "yb", "xb", "y"]
    assert Runner.current() is None


def test_no_thread_is_left() -> None:
    """Abandonnés ou en faute, tous les fils finissent ; la faute remonte, les `finally` courent."""
    before = threading.active_count()
    log: list[str] = []

    def tidy() -> None:
        try:
            _steps(log, "x", "ab")
        except Exception:
            log.append("attrapé")
        finally:
            log.append("rangé")

    def fails() -> None:
        raise KeyError("faute")

    with pytest.raises(KeyError, match="faute"), in_lockstep([tidy, tidy, fails]) as runners:
        runners[0].advance()
        runners[2].advance()
    assert log == ["xa", "rangé"]
    assert threading.active_count() == before


def test_settings_of_the_thread() -> None:
    """Graphe, `autocast` et périphérique par défaut sont ceux du fil qui mène."""
    found: list[object] = []

    def look() -> None:
        found.extend([torch.is_grad_enabled(), torch.is_autocast_enabled("cpu"), torch.empty(0)])

    with torch.no_grad(), torch.autocast("cpu"), torch.device("meta"), in_lockstep([look]) as one:
        one[0].advance()
    assert found[:2] == [False, True]
    assert found[2].device.type == "meta"

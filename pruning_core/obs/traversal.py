"""Passer une fois par toutes les couches d'un modèle, en élaguant chacune à son tour.

Chaque couche doit être élaguée avec les entrées que lui donnent les précédentes déjà élaguées. Au
lieu de relire le modèle entier pour chacune, tous les lots avancent de front et s'arrêtent devant
la couche ; une fois qu'elle est élaguée, ils la traversent. Une relecture du modèle élagué vérifie
ensuite que chaque couche y reçoit bien ce qui a servi à l'élaguer. Sinon, ou si les lots sont trop
nombreux, chaque couche a sa lecture : c'est exact aussi, et plus lent.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from graphlib import CycleError, TopologicalSorter
from itertools import chain, islice, pairwise

import torch
import torch.distributed as dist
from torch import nn

from pruning_core.batches import Batch
from pruning_core.curvature.inputs import InputCall, InputReader, unreadable
from pruning_core.curvature.moments import SecondMoment
from pruning_core.obs.lockstep import Runner, in_lockstep
from pruning_core.passes import read_batches, sum_dtype
from pruning_core.types import Loader

# Chaque fil qui calcule a ses propres fils de calcul, autant que torch.get_num_threads().
_MAX_THREADS = 1024

_Trace = list[tuple[str, torch.Tensor]]


class Traversal:
    """Une traversée d'un modèle en mode évaluation, sans graphe.

    Parameters
    ----------
    model : nn.Module
        Élagué sur place par `prune`.
    loader : itérable de lots, qui se relit
    reader : InputReader
    names : suite de str
        Les poids, dans l'ordre du modèle.
    moment : fonction (nom) -> SecondMoment vide
    prune : fonction (nom, second moment)
    reset : fonction ()
        Remet tous les poids du modèle comme avant la traversée.
    """

    def __init__(
        self,
        model: nn.Module,
        loader: Loader,
        reader: InputReader,
        names: Sequence[str],
        *,
        moment: Callable[[str], SecondMoment],
        prune: Callable[[str, SecondMoment], None],
        reset: Callable[[], None],
    ) -> None:
        self._model = model
        self._loader = loader
        self._reader = reader
        self._names = names
        self._moment = moment
        self._prune = prune
        self._reset = reset

    def run(self) -> None:
        """Élague chaque couche, une fois.

        Le modèle est lu trois fois, quelle que soit sa profondeur, et une fois de plus par couche
        appelée plusieurs fois par lot ; ou une fois par couche : sur plusieurs processus, si les
        lots sont plus de 1024 divisés par le nombre de fils de calcul, si l'ordre des couches
        change d'un lot à l'autre, ou si la vérification échoue.

        Raises
        ------
        ValueError
            Si une couche n'est pas appelée, ou si ses entrées ne se lisent pas.
        """
        if dist.is_available() and dist.is_initialized() and dist.get_world_size() > 1:
            self._by_passes(self._names)  # tous les processus, dans le même ordre
            return
        limit = max(1, _MAX_THREADS // torch.get_num_threads())
        batches = list(islice(read_batches(self._loader, self._model), limit + 1))
        few = len(batches) <= limit
        traces = self._traces(batches if few else read_batches(self._loader, self._model))
        order = self._order(traces)
        repeated = {n for trace in traces for n, times in Counter(trace).items() if times > 1}
        if few and order and self._in_lockstep(batches, order, repeated):
            return
        self._reset()
        self._by_passes(order or self._names)

    def _traces(self, batches: Iterable[Batch]) -> list[list[str]]:
        """Les couches qu'appelle chaque lot, dans l'ordre."""
        traces = [[name for name, _ in self._trace(batch)] for batch in batches]
        called = set(chain.from_iterable(traces))
        for name in self._names:
            if name not in called:
                raise unreadable(name, "sa couche n'est pas appelée sur ces données")
        return traces

    def _trace(self, batch: Batch) -> _Trace:
        trace: _Trace = []

        def listen(call: InputCall) -> None:
            trace.append((call.name, _fingerprint(call.inputs)))

        self._reader.read(batch, listen)
        return trace

    def _order(self, traces: Iterable[list[str]]) -> list[str]:
        """Un ordre des couches qui convient à tous les lots ; vide s'il n'y en a pas."""
        before: dict[str, set[str]] = {name: set() for name in self._names}
        for trace in traces:
            for first, second in pairwise(dict.fromkeys(trace)):
                before[second].add(first)
        try:
            return list(TopologicalSorter(before).static_order())
        except CycleError:
            return []

    def _by_passes(self, order: Iterable[str]) -> None:
        for name in order:
            self._prune(name, self._read(name, read_batches(self._loader, self._model)))

    def _read(self, name: str, batches: Iterable[Batch]) -> SecondMoment:
        """Second moment d'une couche, par une lecture du modèle entier."""
        moment = self._moment(name)

        def listen(call: InputCall) -> None:
            if call.name == name:
                moment.add(call)

        for batch in batches:
            self._reader.read(batch, listen)
        return moment

    def _in_lockstep(
        self, batches: Sequence[Batch], order: Sequence[str], repeated: set[str]
    ) -> bool:
        """Élague en une traversée ; dit si elle a été exacte."""
        rank = {name: index for index, name in enumerate(order)}
        moments: dict[str, SecondMoment] = {}
        done: set[str] = set()
        late: set[str] = set()
        traces: dict[Runner, _Trace] = defaultdict(list)

        def listen(call: InputCall) -> None:
            runner = Runner.current()
            if runner is None:
                return
            traces[runner].append((call.name, _fingerprint(call.inputs)))
            if call.name in done:
                late.update({call.name} - repeated)
                return
            if call.name not in repeated:
                if call.name not in moments:
                    moments[call.name] = self._moment(call.name)
                moments[call.name].add(call)
            runner.wait(call.name)

        works = [partial(batch.result, self._model) for batch in batches]
        with in_lockstep(works) as runners, self._reader.listening(listen):
            for runner in runners:
                runner.advance()
            while places := {runner.place for runner in runners} - {""}:
                name = min(places, key=rank.__getitem__)
                moment = self._read(name, batches) if name in repeated else moments.pop(name)
                self._prune(name, moment)
                done.add(name)
                for runner in runners:
                    if runner.place == name:
                        runner.advance()
                if late:
                    return False
            found = [traces[runner] for runner in runners]
        return done == set(order) and self._same_inputs(batches, found)

    def _same_inputs(self, batches: Sequence[Batch], traces: Sequence[_Trace]) -> bool:
        """Dit si le modèle élagué donne à chaque couche ce qu'elle a reçu dans la traversée."""
        for batch, trace in zip(batches, traces, strict=True):
            again = self._trace(batch)
            if [name for name, _ in again] != [name for name, _ in trace]:
                return False
            for (_, one), (_, other) in zip(trace, again, strict=True):
                if not bool(((one - other).abs()[:2] <= one[2]).all()):
                    return False
        return True


def _fingerprint(inputs: torch.Tensor) -> torch.Tensor:
    """Norme d'un tenseur, sa somme ramenée à la même échelle, et l'écart tenu pour un arrondi."""
    # Ligne par ligne d'abord : les convertir toutes en float64 en ferait une copie.
    wide = sum_dtype(inputs)
    norm = torch.linalg.vector_norm(inputs, dim=-1, dtype=wide).double().norm()
    total = inputs.sum(-1, dtype=wide).double().sum() / max(inputs.numel(), 1) ** 0.5
    return torch.stack([norm, total, norm * torch.finfo(inputs.dtype).eps ** 0.5])

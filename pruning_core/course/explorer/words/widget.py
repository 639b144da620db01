"""L'explorateur de mots : un widget, deux portes, comme `explorer.widget`."""

from __future__ import annotations

from typing import Any

import traitlets

from pruning_core.course.explorer import built
from pruning_core.course.explorer.lasting import LastingWidget
from pruning_core.course.explorer.packing import to_json
from pruning_core.course.explorer.words import file
from pruning_core.course.explorer.words.networks import METHOD_KEYS, PERCENTS
from pruning_core.course.explorer.words.page import Sample, words_html
from pruning_core.course.formatting import percent
from pruning_core.course.words.corpus import ALPHABET, LONGEST
from pruning_core.course.words.inventing import invent
from pruning_core.methods import METHODS

_TABLE = (0, 30, 50, 70, 90)
_SHOWN = 4
_LARGEST_SEED = 2**32 - 1


class WordExplorer(LastingWidget):
    """Deux réseaux élagués inventent des mots, côte à côte, quand le lecteur bouge la sparsité.

    Le modèle est celui de `word_model`, ses poids arrondis à 8 bits ; tout est calculé d'avance
    dans `words.js`, que la page charge quand elle en a besoin. La page et Python écrivent les mêmes
    mots, à la lettre.

    Parameters
    ----------
    sparsity : float
        Sparsité de départ, dans [0, 1] ; l'explorateur prend la plus proche qu'il propose.
    method, other : str
        Les deux méthodes montrées, parmi « magnitude », « magnitude_layerwise », « wanda » et
        « layer_obs ».
    seed : int
        Graine du tirage, de 0 à 2³² − 1.
    prompt : str
        Début de tous les mots, de 14 lettres au plus.

    Attributes
    ----------
    sparsity, method, other, seed, prompt
        Ce que le lecteur règle ; les changer ici bouge aussi la page.

    Raises
    ------
    TraitError
        Si un réglage ne convient pas ; il n'est alors pas changé.
    """

    _esm = built.read(built.WORDS) + built.read(built.WORD_JUPYTER)
    _heights = (900, 1010)
    _data = traitlets.Unicode(to_json({"source": file.SOURCE})).tag(sync=True)
    sparsity = traitlets.Float(0.5, min=0.0, max=1.0).tag(sync=True)
    method = traitlets.Enum(METHOD_KEYS, "magnitude").tag(sync=True)
    other = traitlets.Enum(METHOD_KEYS, "layer_obs").tag(sync=True)
    seed = traitlets.Int(1, min=0, max=_LARGEST_SEED).tag(sync=True)
    prompt = traitlets.Unicode("").tag(sync=True)

    def __init__(
        self,
        *,
        sparsity: float = 0.5,
        method: str = "magnitude",
        other: str = "layer_obs",
        seed: int = 1,
        prompt: str = "",
    ) -> None:
        super().__init__(sparsity=sparsity, method=method, other=other, seed=seed, prompt=prompt)

    @traitlets.validate("prompt")
    def _known_letters(self, proposal: dict[str, Any]) -> str:
        prompt: str = proposal["value"]
        if len(prompt) >= LONGEST or not set(prompt) <= set(ALPHABET[1:]):
            raise traitlets.TraitError(
                f"prompt : reçu {prompt!r} ; attendu {LONGEST - 1} lettres au plus, parmi "
                f"« {ALPHABET[1:]} »"
            )
        return prompt

    def inventions(self, method: str, count: int = 10) -> list[str]:
        """Les mots que la page montre pour une méthode, calculés ici.

        Parameters
        ----------
        method : str
            Comme `self.method`.
        count : int
            Nombre de mots.
        """
        return self._invent(method, self._nearest(), count)

    def _nearest(self) -> int:
        return min(PERCENTS, key=lambda one: abs(one - 100 * self.sparsity))

    def _invent(self, method: str, asked: int, count: int) -> list[str]:
        network = file.load().networks.pruned(method, asked)
        return invent(network, count, self.seed, self.prompt)

    def _samples(self, method: str) -> list[Sample]:
        bits = file.load().bits[method]
        return [
            Sample(bits[PERCENTS.index(asked)], self._invent(method, asked, _SHOWN))
            for asked in _TABLE
        ]

    def _html(self) -> str:
        names = ("sparsity", "method", "other", "seed", "prompt")
        state = {name: getattr(self, name) for name in names}
        shown = dict.fromkeys((self.method, self.other))
        return words_html(
            to_json({"source": file.SOURCE, "state": state}),
            _TABLE,
            {method: self._samples(method) for method in shown},
            self._heights,
        )

    def __repr__(self) -> str:
        """Sans adresse en mémoire : nbval compare ce texte d'une exécution à l'autre."""
        labels = " et ".join(METHODS[key].label for key in (self.method, self.other))
        return f"WordExplorer({labels} à {percent(self.sparsity)}, tirage {self.seed})"

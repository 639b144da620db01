"""Les cas d'essai que partagent Python et JavaScript : les mots inventés, et la liste.

Chaque cas est une méthode, une sparsité, une graine et un début ; les mots attendus sont ceux
d'``invent`` sur les réseaux relus du fichier de données.
"""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

import torch
from torch.nn import functional as F

from pruning_core.course.explorer.words import file
from pruning_core.course.explorer.words.networks import METHOD_KEYS, PERCENTS
from pruning_core.course.words.corpus import encode, french_words
from pruning_core.course.words.inventing import invent

COUNT = 4
# Une graine au bord des 32 bits, et des débuts qu'un accent ou leur longueur distinguent.
DRAWS = ((1, ""), (2**32 - 1, "re"), (7, "élagu"))


def write_word_vectors(path: Path) -> None:
    """Écrit les mots attendus, et la surprise du réseau dense à chacune de leurs lettres."""
    networks = file.load().networks
    cases = []
    for method, percent in product(METHOD_KEYS, PERCENTS):
        network = networks.pruned(method, percent)
        # Toutes les graines à 50 % ; ailleurs, une à tour de rôle.
        draws = DRAWS if percent == 50 else (DRAWS[percent // 10 % len(DRAWS)],)
        for seed, prompt in draws:
            words = invent(network, COUNT, seed, prompt)
            cases.append(
                {
                    **{"method": method, "percent": percent, "seed": seed, "prompt": prompt},
                    "words": words,
                    "surprises": [_surprises(networks.dense, word) for word in words],
                }
            )
    path.write_text(json.dumps({"cases": cases, "list": french_words()}, ensure_ascii=False))


@torch.no_grad()
def _surprises(model: torch.nn.Module, word: str) -> list[float]:
    if not word:
        return []
    inputs, targets = encode([word])
    logits = model(inputs)[0, : len(word)]
    chances = F.log_softmax(logits, dim=-1).gather(1, targets[0, : len(word), None])
    return (-chances[:, 0] / torch.log(torch.tensor(2.0, dtype=torch.float64))).tolist()

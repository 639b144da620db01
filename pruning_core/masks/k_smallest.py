"""Trouver les k plus petits de beaucoup de scores, exactement, sans les recopier tous."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np
import torch
from numpy.typing import NDArray

_SAMPLE = 2**14
# Éléments d'une tranche : elle et ses booléens tiennent dans le cache.
_CACHED = 2**17


def prune_smallest(scores: Mapping[str, torch.Tensor], k: int) -> dict[str, torch.Tensor]:
    """Masques qui élaguent les k plus petits scores, les premiers rangs d'abord à égalité.

    Parameters
    ----------
    scores : dict[str, Tensor]
        De valeurs finies.
    k : int
        De 0 au nombre n de scores.

    Returns
    -------
    dict[str, Tensor booléen]
        Vrai = gardé, de la forme et sur le périphérique de chaque score.

    Notes
    -----
    Temps O(n). Mémoire en plus des masques : d'ordinaire 2 % ou 3 % de celle des scores ; une
    copie des scores au pire.
    """
    n = sum(score.numel() for score in scores.values())
    if k == 0 or k == n:
        return {
            name: torch.full(score.shape, k == 0, dtype=torch.bool, device=score.device)
            for name, score in scores.items()
        }
    dtype = _common_dtype(scores)
    threshold, ties_left = _kth_smallest(scores, k, dtype)
    mixed = len({score.dtype for score in scores.values()}) > 1
    masks: dict[str, torch.Tensor] = {}
    for name, score in scores.items():
        # Un type unique contient le seuil exactement ; comparer entre types l'arrondirait.
        flat = score.detach().reshape(-1).to(dtype if mixed else score.dtype)
        cut, ties_left = _after_ties(flat, threshold, ties_left)
        mask = torch.empty(flat.shape, dtype=torch.bool, device=flat.device)
        torch.gt(flat[:cut], threshold, out=mask[:cut])
        torch.ge(flat[cut:], threshold, out=mask[cut:])
        masks[name] = mask.reshape(score.shape)
    return masks


def _common_dtype(scores: Mapping[str, torch.Tensor]) -> torch.dtype:
    """Type qui contient exactement tous les scores, float32 au moins (pour numpy)."""
    dtype = torch.float32
    for score in scores.values():
        dtype = torch.promote_types(dtype, score.dtype)
    return dtype


def _kth_smallest(
    scores: Mapping[str, torch.Tensor], k: int, dtype: torch.dtype
) -> tuple[float, int]:
    """Valeur exacte du k-ième plus petit score, k ≥ 1, et nombre d'élagués qui l'égalent.

    Un échantillon encadre la valeur ; on ne copie et on ne partitionne que les scores de
    l'intervalle. Si l'échantillon s'est trompé, tous.
    """
    low, high = _bracket(scores, k)
    under, candidates = _between(scores, dtype, low, high)
    if k <= under:
        # Beaucoup de scores égaux à la borne, comme les zéros d'un réseau déjà élagué.
        below = sum(int(np.count_nonzero(part < low)) for part in _slices(scores, dtype))
        if below < k:
            return low, k - below
    if not under < k <= under + len(candidates):
        under, candidates = 0, _copy(scores, dtype)
    rank = k - under - 1
    candidates.partition(rank)
    value = candidates[rank]
    return float(value), int(np.count_nonzero(candidates[: rank + 1] == value))


def _bracket(scores: Mapping[str, torch.Tensor], k: int) -> tuple[float, float]:
    """Scores entre lesquels est presque sûrement le k-ième plus petit."""
    n = sum(score.numel() for score in scores.values())
    if n <= 4 * _SAMPLE:
        return -math.inf, math.inf
    sample = _sample(scores, n)
    share = k / n
    # Cinq écarts-types de la fréquence dans l'échantillon : moins d'une chance sur un million.
    margin = 5.0 * math.sqrt(share * (1.0 - share) * _SAMPLE) + 1.0
    first, last = math.floor(share * _SAMPLE - margin), math.ceil(share * _SAMPLE + margin)
    sample.partition([rank for rank in (first, last) if 0 <= rank < _SAMPLE])
    low = float(sample[first]) if first >= 0 else -math.inf
    high = float(sample[last]) if last < _SAMPLE else math.inf
    return low, high


def _sample(scores: Mapping[str, torch.Tensor], n: int) -> NDArray[np.float64]:
    """Scores tirés au hasard parmi les n, toujours les mêmes, toutes couches confondues."""
    generator = torch.Generator().manual_seed(0)
    places = torch.randint(n, (_SAMPLE,), generator=generator).sort().values
    sizes = torch.tensor([score.numel() for score in scores.values()])
    ends = sizes.cumsum(0)
    drawn = torch.searchsorted(places, ends).tolist()
    starts = (ends - sizes).tolist()
    parts = []
    previous = 0
    for score, start, end in zip(scores.values(), starts, drawn, strict=True):
        inside = (places[previous:end] - start).to(score.device)
        parts.append(score.detach().reshape(-1)[inside].to("cpu", torch.float64).numpy())
        previous = end
    return np.concatenate(parts)


def _between(
    scores: Mapping[str, torch.Tensor], dtype: torch.dtype, low: float, high: float
) -> tuple[int, NDArray[np.floating]]:
    """Nombre de scores ≤ `low`, et copie de ceux de ]low, high[."""
    under = 0
    found = []
    for part in _slices(scores, dtype):
        inside = part > low
        under += len(part) - int(np.count_nonzero(inside))
        inside &= part < high
        found.append(part[inside])
    return under, np.concatenate(found)


def _slices(
    scores: Mapping[str, torch.Tensor], dtype: torch.dtype
) -> Iterator[NDArray[np.floating]]:
    for score in scores.values():
        for part in score.detach().reshape(-1).split(_CACHED):
            yield part.to("cpu", dtype).numpy()


def _copy(scores: Mapping[str, torch.Tensor], dtype: torch.dtype) -> NDArray[np.floating]:
    flat = torch.empty(sum(score.numel() for score in scores.values()), dtype=dtype)
    start = 0
    for score in scores.values():
        flat[start : start + score.numel()] = score.detach().reshape(-1)
        start += score.numel()
    return flat.numpy()


def _after_ties(flat: torch.Tensor, threshold: float, count: int) -> tuple[int, int]:
    """Rang qui suit les `count` premiers scores égaux au seuil, et combien il en manque."""
    if count == 0:
        return 0, 0
    # Par tranches : les rangs de toutes les égalités tiendraient 8 octets par poids.
    start = 0
    for part in flat.split(_CACHED):
        ties = part == threshold
        found = int(torch.count_nonzero(ties))
        if found >= count:
            return start + int(torch.nonzero(ties)[count - 1]) + 1, 0
        count -= found
        start += len(part)
    return flat.numel(), count

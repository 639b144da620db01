"""Le motif 2:4 : deux poids de chaque groupe, les bons, et des formes refusées."""

from itertools import combinations

import pytest
import torch

from pruning_core.course.words.two_of_four import two_of_four_mask


def test_every_group_keeps_its_best_pair() -> None:
    """Aucune autre paire d'un groupe n'a un plus grand total."""
    scores = torch.rand(6, 12, generator=torch.Generator().manual_seed(0))
    kept = two_of_four_mask(scores)
    for group, mask in zip(scores.reshape(-1, 4), kept.reshape(-1, 4), strict=True):
        assert int(mask.sum()) == 2
        assert float(group[mask].sum()) == max(
            float(group[list(pair)].sum()) for pair in combinations(range(4), 2)
        )


def test_ties_keep_the_last() -> None:
    """À égalité, les premiers rangs partent : deux appels donnent le même masque."""
    assert two_of_four_mask(torch.ones(1, 4)).tolist() == [[False, False, True, True]]


@pytest.mark.parametrize("shape", [(4,), (2, 6), (1, 4, 4)])
def test_other_shapes_are_refused(shape: tuple[int, ...]) -> None:
    """Des groupes de quatre demandent une matrice aux colonnes multiples de quatre."""
    with pytest.raises(ValueError, match="multiple de 4"):
        two_of_four_mask(torch.ones(shape))

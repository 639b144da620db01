"""Les données : tailles publiées, règles, découpages disjoints et fixes."""

import hashlib

import pytest
import torch

from pruning_core.course.datasets import Dataset, batches, load_digits, load_mnist, load_monks


def rows(data: Dataset) -> set[bytes]:
    return {row.numpy().tobytes() for row in data.x}


def test_digits_have_the_published_sizes() -> None:
    """Les chiffres ont les tailles publiées, chaque exemple une fois."""
    splits = load_digits()
    assert [tuple(part.x.shape) for part in splits] == [(1077, 64), (270, 64), (450, 64)]
    assert torch.bincount(torch.cat([part.y for part in splits])).tolist() == [
        178,
        182,
        177,
        183,
        181,
        182,
        181,
        179,
        174,
        180,
    ]
    assert all(part.x.min() >= 0 and part.x.max() == 1 for part in splits)


def test_digits_splits_are_disjoint() -> None:
    """Entraînement, validation et test n'ont aucun exemple commun."""
    train, validation, test = (rows(part) for part in load_digits())
    assert not train & validation
    assert not train & test
    assert not validation & test


@pytest.mark.parametrize(
    ("load", "digest"),
    [(load_digits, "d12123f196695c6c"), (load_mnist, "85b661f0554a33cc")],
    ids=["digits", "mnist"],
)
def test_splits_never_move(load, digest) -> None:
    """Le découpage ne change jamais, dont dépendent tous les chiffres du livre."""
    labels = torch.cat([part.y for part in load()])
    assert hashlib.sha256(labels.numpy().tobytes()).hexdigest()[:16] == digest


def test_mnist_subset_holds_ten_thousand_images() -> None:
    """Dix mille images entre 0 et 1, les dix chiffres dans chaque part."""
    splits = load_mnist()
    assert [tuple(part.x.shape) for part in splits] == [(7000, 784), (1000, 784), (2000, 784)]
    assert all(part.x.min() == 0 and part.x.max() == 1 for part in splits)
    # Le tri par chiffre du fichier ne doit pas se voir dans les découpages.
    assert all(len(part.y.unique()) == 10 for part in splits)


@pytest.mark.parametrize(
    ("problem", "size", "positives"), [(1, 124, 216), (2, 169, 142), (3, 122, 228)]
)
def test_monks_match_the_published_counts(problem, size, positives) -> None:
    """Chaque problème MONK a les tailles et les positifs publiés."""
    train, test = load_monks(problem)
    assert train.x.shape == (size, 17)
    assert test.x.shape == (432, 17)
    assert int(test.y.sum()) == positives
    assert (test.x.sum(dim=1) == 6).all()


def test_monks_published_first_examples() -> None:
    """Les deux premiers exemples sont ceux du fichier officiel, tous deux positifs."""
    train, _ = load_monks(1)
    one_hot = [1, 0, 0, 1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 0]
    assert train.x[0].tolist() == [*one_hot, 1, 0]
    assert train.x[1].tolist() == [*one_hot, 0, 1]
    assert train.y[:2].tolist() == [1, 1]


@pytest.mark.parametrize(("problem", "noisy"), [(1, 0), (2, 0), (3, 6)])
def test_monks_noise_is_in_the_training_labels_only(problem, noisy) -> None:
    """Seules six étiquettes d'entraînement du troisième problème sont fausses."""
    train, test = load_monks(problem)
    truth = {row.numpy().tobytes(): int(y) for row, y in zip(test.x, test.y, strict=True)}
    wrong = sum(
        truth[row.numpy().tobytes()] != int(y) for row, y in zip(train.x, train.y, strict=True)
    )
    assert wrong == noisy


def test_unknown_monk_is_refused() -> None:
    """Un quatrième problème se refuse."""
    with pytest.raises(ValueError, match="reçu 4 ; attendu 1, 2 ou 3"):
        load_monks(4)


def test_batches_keep_every_example_and_their_labels() -> None:
    """Les lots gardent chaque exemple, son étiquette, et un ordre que fixe la graine."""
    data = Dataset(torch.arange(10.0)[:, None], torch.arange(10))
    shuffled = batches(data, 4, seed=1)
    assert [len(y) for _, y in shuffled] == [4, 4, 2]
    assert all((x[:, 0] == y).all() for x, y in shuffled)
    order = torch.cat([y for _, y in shuffled]).tolist()
    assert order != list(range(10))
    assert sorted(order) == list(range(10))
    assert torch.cat([y for _, y in batches(data, 4, seed=1)]).tolist() == order
    assert torch.cat([y for _, y in batches(data, 4)]).tolist() == list(range(10))


def test_empty_batches_are_refused() -> None:
    """Une taille de lot nulle se refuse."""
    data = Dataset(torch.zeros(3, 1), torch.zeros(3))
    with pytest.raises(ValueError, match="reçu 0"):
        batches(data, 0)

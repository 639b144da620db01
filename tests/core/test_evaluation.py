"""L'exactitude et la perte d'un classifieur, quelle que soit la forme de sa sortie."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from pruning_core import Batches, compare_pruning_methods, evaluate
from tests.core.cases import case, snapshot
from tests.core.trained_losses import by_word

N, C, T = 9, 4, 3
SCORES = torch.randn(N, C, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
CLASSES = SCORES.argmax(1).roll(1)  # quelques-unes justes
RIGHT = float((SCORES.argmax(1) == CLASSES).double().mean())
WORDS = torch.randn(N, T, C, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
SPOKEN = torch.where(
    torch.arange(N)[:, None] % 2 == 0, WORDS.argmax(-1), (WORDS.argmax(-1) + 1) % C
)
PADDED = SPOKEN.clone()
PADDED[5:, 1:] = -100
ONE = SCORES[:, :1]
BINARY = (ONE[:, 0] > 0).double()
BINARY[0] = 1 - BINARY[0]
LIKELY = ONE.sigmoid()

CE, BCE = nn.CrossEntropyLoss(), nn.BCEWithLogitsLoss()
# Là où la cible est rare, la perte pousse vers une autre classe, plus lourde.
UNEVEN = nn.CrossEntropyLoss(torch.tensor([0.01, 1.0, 10.0, 1e3]).double(), label_smoothing=0.2)
ALMOST = (N - 1) / N


def _masked(output: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """L'entropie croisée où le mot 0 est un complément."""
    return F.cross_entropy(output.flatten(0, 1), y.flatten(), ignore_index=0)


def _accuracy(scores: torch.Tensor, y: torch.Tensor, read: torch.Tensor) -> float:
    return float((scores.argmax(-1) == y)[read].double().mean())


FORMS: dict[str, tuple[torch.Tensor, torch.Tensor, Callable, float]] = {
    # sortie, cible, perte, exactitude
    "classes": (SCORES, CLASSES, CE, RIGHT),
    "classes_short": (SCORES, CLASSES, F.cross_entropy, RIGHT),
    "one_hot": (SCORES, F.one_hot(CLASSES, C).double(), CE, RIGHT),
    "one_hot_squared": (SCORES, F.one_hot(CLASSES, C).double(), nn.MSELoss(), RIGHT),
    "weights": (SCORES, CLASSES, nn.CrossEntropyLoss(torch.arange(1.0, C + 1).double()), RIGHT),
    "uneven_smoothed": (SCORES, CLASSES, UNEVEN, RIGHT),
    "uneven_smoothed_wrapped": (SCORES, CLASSES, lambda o, y: UNEVEN(o, y), RIGHT),
    "uneven_smoothed_one_hot": (
        SCORES,
        F.one_hot(CLASSES, C).double(),
        lambda o, y: UNEVEN(o, y.argmax(1)),
        RIGHT,
    ),
    "words": (WORDS, SPOKEN, by_word, _accuracy(WORDS, SPOKEN, SPOKEN >= 0)),
    "words_padded": (WORDS, PADDED, by_word, _accuracy(WORDS, PADDED, PADDED >= 0)),
    "words_last": (WORDS.transpose(1, 2), PADDED, CE, _accuracy(WORDS, PADDED, PADDED >= 0)),
    "words_zero": (WORDS, SPOKEN, _masked, _accuracy(WORDS, SPOKEN, SPOKEN != 0)),
    # autant de mots que de classes : la perte dit où sont les classes
    "square_last": (SCORES[:, None].expand(N, C, C), CLASSES[:, None].expand(N, C), by_word, RIGHT),
    "square_first": (SCORES[:, :, None].expand(N, C, C), CLASSES[:, None].expand(N, C), CE, RIGHT),
    "logit": (ONE[:, 0], BINARY, BCE, ALMOST),
    "logit_column": (ONE, BINARY[:, None], BCE, ALMOST),
    "logit_squeezed": (ONE, BINARY, lambda o, y: BCE(o.squeeze(-1), y), ALMOST),
    "logit_weighted": (
        *(ONE[:, 0], BINARY),
        nn.BCEWithLogitsLoss(pos_weight=torch.tensor(5.0).double()),
        ALMOST,
    ),
    "probability": (LIKELY[:, 0], BINARY, nn.BCELoss(), ALMOST),
    "squared": (LIKELY, BINARY[:, None], nn.MSELoss(), ALMOST),
    "signs": (ONE[:, 0], 2 * BINARY - 1, lambda o, y: F.relu(1 - o * y).mean(), ALMOST),
    "integers": (ONE[:, 0], BINARY.long(), lambda o, y: BCE(o, y.double()), ALMOST),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form(form: str) -> None:
    """L'exactitude et la perte sont justes pour chaque forme de sortie et de cible."""
    scores, y, criterion, accuracy = FORMS[form]
    found = evaluate(nn.Identity(), (scores, y), criterion)
    assert found.accuracy == pytest.approx(accuracy, abs=1e-15)
    assert 0 < found.accuracy < 1
    assert found.loss == pytest.approx(float(criterion(scores, y)), rel=1e-14)


@pytest.mark.parametrize("form", FORMS)
def test_in_batches(form: str) -> None:
    """En plusieurs lots, chacun compte pour ses exemples, et chaque cible lue une fois."""
    scores, y, criterion, accuracy = FORMS[form]
    batches = list(zip(scores.split(4), y.split(4), strict=True))
    named = Batches(
        [{"scores": x, "labels": target} for x, target in batches],
        forward=lambda model, batch: model(batch["scores"]),
        target=lambda batch: batch["labels"],
    )
    mean = sum(float(criterion(x, target)) * len(x) for x, target in batches) / N
    for data in (batches, iter(batches), named):
        found = evaluate(nn.Identity(), data, criterion)
        assert found.accuracy == pytest.approx(accuracy, abs=1e-15)
        assert found.loss == pytest.approx(mean, rel=1e-14)


@pytest.mark.parametrize(
    ("scores", "y", "criterion", "message"),
    [
        (ONE, BINARY, BCE, r"\(9, 1\) .*cible de forme \(9,\)"),
        (ONE, BINARY, lambda o, y: (o - y).square().mean(), "un exemple lit la cible des autres"),
        (ONE[:, 0], ONE[:, 0] * 2, nn.MSELoss(), "deux classes, 0 et 1"),
        (ONE[:, 0], CLASSES, lambda o, y: F.mse_loss(o, y.double()), "deux classes, 0 et 1"),
        (ONE, BINARY[:, None], F.cross_entropy, "BCEWithLogitsLoss par exemple"),
        (SCORES, SCORES.softmax(1), CE, "un seul 1"),
        (SCORES, (SCORES > 0).double(), BCE, "un seul 1"),
        (SCORES, CLASSES, nn.CrossEntropyLoss(reduction="sum"), "pris deux fois"),
        (WORDS, SPOKEN[:, 0], lambda o, y: CE(o[:, 0], y), "un score par classe"),
        (
            *(WORDS, SPOKEN),
            lambda o, y: F.cross_entropy(o[:, :-1].flatten(0, 1), y[:, 1:].flatten()),
            "à sa place",
        ),
        (
            *(WORDS, SPOKEN),
            lambda o, y: UNEVEN(o[:, :-1].flatten(0, 1), y[:, 1:].flatten()),
            "à sa place",
        ),
        (SCORES, CLASSES, lambda o, y: UNEVEN(o, (y + 1) % C), "à sa place"),
        (SCORES, CLASSES, lambda o, y: CE(o, 2 * (y // 2) + 1 - y % 2), "à sa place"),
    ],
)
def test_what_cannot_be_classified(scores, y, criterion, message) -> None:
    """Ce qui ne se classe pas, ou que la perte ne lit pas, se refuse."""
    with pytest.raises(ValueError, match=message):
        evaluate(nn.Identity(), (scores, y), criterion)


def test_several_outputs_are_refused() -> None:
    """De plusieurs sorties, il faut dire laquelle est classée."""
    data = Batches([(SCORES, CLASSES)], forward=lambda model, batch: (batch[0], batch[0]))
    with pytest.raises(TypeError, match=r"sortie de type tuple.*`forward`"):
        evaluate(nn.Identity(), data, lambda o, y: F.cross_entropy(o[0], y))


def test_all_targets_ignored() -> None:
    """Des données dont aucune cible n'est lue n'ont pas d'exactitude."""
    none = torch.full((N,), -100)
    with pytest.raises(ValueError, match="perte de nan"):
        evaluate(nn.Identity(), (SCORES, none), CE)
    with pytest.raises(ValueError, match="ignore toutes les cibles"):
        evaluate(
            nn.Identity(),
            (SCORES, none),
            lambda o, y: F.cross_entropy(o, y, reduction="sum") / (y >= 0).sum().clamp(min=1),
        )


@pytest.mark.parametrize("low", [0.0, -1.0])
def test_sorted_classes_have_the_same_threshold(low: float) -> None:
    """Une erreur quadratique sur un score a le même seuil quand un lot n'a que des 1."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 1), nn.Flatten(0))
    x, first = torch.randn(40, 3), torch.arange(40) % 2 == 0
    y = torch.where(first, 1.0, low)
    by_class = [(x[rows], y[rows]) for rows in (first, ~first)]
    with torch.no_grad():
        right = (model(x) > (1 + low) / 2) == first
    assert evaluate(model, (x, y), F.mse_loss).accuracy == right.double().mean().item()
    assert evaluate(model, by_class, F.mse_loss).accuracy == right.double().mean().item()


def test_under_autocast() -> None:
    """Sous `torch.autocast`, les mesures sont celles du type des poids."""
    model, x = nn.Linear(6, C), torch.randn(50, 6)
    y = model(x).argmax(1)
    expected = evaluate(model, (x, y), CE)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert evaluate(model, (x, y), CE) == expected


def test_under_inference_mode() -> None:
    """Sous inference_mode, les mesures sont les mêmes, et le modèle le reste aussi."""
    found = case("mlp")
    before = snapshot(found.model)
    expected = evaluate(found.model, (found.x, found.y))
    with torch.inference_mode():
        assert evaluate(found.model, (found.x.clone(), found.y)) == expected
    assert all(torch.equal(before[name], t) for name, t in found.model.state_dict().items())


@pytest.mark.parametrize("form", ["logit_column", "words_padded", "one_hot"])
def test_the_comparison_follows(form: str) -> None:
    """La comparaison des méthodes mesure de même, y compris sur des lots."""
    torch.manual_seed(0)
    scores, y, criterion, _ = FORMS[form]
    model = nn.Sequential(nn.Linear(scores.shape[-1], scores.shape[-1])).double()
    batches = list(zip(scores.split(4), y.split(4), strict=True))
    expected = evaluate(model, batches, criterion)
    for data in (batches, Batches(iter(batches))):
        found = compare_pruning_methods(
            model, batches, criterion, 0.0, methods=["magnitude", "random"], evaluation=data
        )
        for result in found.values():
            assert result["accuracy_before"] == expected.accuracy
            assert result["loss_before"] == expected.loss

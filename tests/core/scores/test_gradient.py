"""Élagage par gradient."""

import pytest
import torch
from torch import nn

from pruning_core import GradientBasedPruning, compute_sparsity, prunable_parameters
from pruning_core.curvature.flattening import flatten
from pruning_core.scores.gradient import gradient_scores
from tests.core.cases import NAMES, Case, case, same
from tests.core.oracles import dense


class Slope(nn.Module):
    """Sortie w·x, pour des gradients connus."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(2, 1, bias=False, dtype=torch.float64)
        with torch.no_grad():
            self.layer.weight.copy_(torch.tensor([[2.0, -3.0]]))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layer(x)


def _mean(output: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return output.mean()


# La perte est la moyenne de w·x : le gradient d'un exemple est x, celui d'un lot sa moyenne.
X = torch.tensor([[1.0, 0.0], [-3.0, 4.0], [5.0, -2.0]], dtype=torch.float64)
LOADER = [(X[:2], torch.zeros(2)), (X[2:], torch.zeros(1))]

TABLE = {
    # |w| · moyenne sur les 2 lots de |moyenne du lot| : lots (-1, 2) et (5, -2)
    "batch": [[2.0 * (1.0 + 5.0) / 2, 3.0 * (2.0 + 2.0) / 2]],
    # |w| · moyenne sur les 3 exemples de |x|
    "per_sample": [[2.0 * (1.0 + 3.0 + 5.0) / 3, 3.0 * (0.0 + 4.0 + 2.0) / 3]],
    # |w · moyenne de x| : moyenne (1, 2/3)
    "snip": [[2.0 * 1.0, 3.0 * 2.0 / 3]],
    "taylor": [[(2.0 * 1.0) ** 2, (3.0 * 2.0 / 3) ** 2]],
}


@pytest.mark.parametrize("variant", TABLE)
def test_table(variant: str) -> None:
    """Chaque variante vaut ce que sa formule donne à la main."""
    scores = gradient_scores(Slope(), LOADER, _mean, variant=variant)
    expected = torch.tensor(TABLE[variant], dtype=torch.float64)
    torch.testing.assert_close(scores["layer.weight"], expected, rtol=1e-14, atol=0)


def test_source_class() -> None:
    """La classe de la source rend la saillance et le gradient moyen, en lots."""
    pruner = GradientBasedPruning(Slope(), LOADER, _mean)
    salience, gradients = pruner.compute_gradient_salience()
    assert gradients["layer.weight"].tolist() == [[3.0, 2.0]]
    assert salience["layer.weight"].tolist() == [[6.0, 6.0]]
    _, first = pruner.compute_gradient_salience(n_batches=1)
    assert first["layer.weight"].tolist() == [[1.0, 2.0]]
    masks = pruner.prune_by_salience(salience, 0.5)
    assert masks["layer.weight"].tolist() == [[False, True]]


def test_vanishes_at_a_minimum() -> None:
    """Au minimum, la saillance par gradient est nulle pour tout poids, sauf par exemple."""
    found = case("mlp_mse")
    model = nn.Sequential(nn.Linear(5, 3, dtype=torch.float64))
    solution = torch.linalg.lstsq(
        torch.cat([found.x, torch.ones(7, 1, dtype=torch.float64)], 1), found.y
    ).solution
    with torch.no_grad():
        model[0].weight.copy_(solution[:5].T)
        model[0].bias.copy_(solution[5])
    loader = [(found.x, found.y)]
    assert gradient_scores(model, loader, nn.MSELoss(), variant="snip")["0.weight"].max() < 1e-14
    assert gradient_scores(model, loader, nn.MSELoss(), variant="per_sample")["0.weight"].min() > 0


@pytest.mark.parametrize("name", NAMES)
def test_against_autograd(name: str) -> None:
    """Chaque variante, sur chaque famille, contre une boucle d'autograd."""
    found = case(name)
    chosen = prunable_parameters(found.model)
    gradients = dense(found, list(chosen)).gradients
    weights = flatten(chosen).abs()
    cut = len(found.loader[0][0])
    batches = torch.stack([gradients[:cut].mean(0), gradients[cut:].mean(0)])
    expected = {
        "batch": weights * batches.abs().mean(0),
        "per_sample": weights * gradients.abs().mean(0),
        "snip": weights * gradients.mean(0).abs(),
        "taylor": (weights * gradients.mean(0)).square(),
    }
    for variant, value in expected.items():
        scores = gradient_scores(found.model, found.loader, found.criterion, variant=variant)
        torch.testing.assert_close(flatten(scores), value, rtol=1e-10, atol=1e-15)


def test_per_sample_does_not_depend_on_the_batches() -> None:
    """``"per_sample"`` ne dépend pas de la taille des lots, et vaut ``"batch"`` en lots d'un."""
    found = case("cnn")
    ones = [(found.x[i : i + 1], found.y[i : i + 1]) for i in range(len(found.x))]
    model, criterion = found.model, found.criterion
    first, second = (
        flatten(gradient_scores(model, loader, criterion, variant="per_sample"))
        for loader in (found.loader, ones)
    )
    torch.testing.assert_close(first, second, rtol=1e-12, atol=1e-16)
    by_one = flatten(gradient_scores(model, ones, criterion, variant="batch"))
    torch.testing.assert_close(first, by_one, rtol=1e-12, atol=1e-16)


def test_a_shuffled_loader_gives_the_same_scores_twice() -> None:
    """Un chargeur mélangé donne deux fois les mêmes scores, même sur peu de lots."""
    found: Case = case("mlp")
    data = torch.utils.data.TensorDataset(found.x, found.y)
    loader = torch.utils.data.DataLoader(data, batch_size=2, shuffle=True)
    pruner = GradientBasedPruning(found.model, loader, found.criterion)
    first, _ = pruner.compute_gradient_salience(n_batches=1)
    second, _ = pruner.compute_gradient_salience(n_batches=1)
    assert torch.equal(flatten(first), flatten(second))


@pytest.mark.parametrize("variant", TABLE)
def test_chosen_and_frozen_parameters(variant: str) -> None:
    """Un poids gelé se note comme un autre quand on le demande ; lui seul, si l'on veut."""
    found = case("mlp")
    arguments = found.model, found.loader, found.criterion
    expected = gradient_scores(*arguments, variant=variant)
    found.model.requires_grad_(False)
    chosen = prunable_parameters(found.model, names="0.*", include_frozen=True)
    scores = gradient_scores(*arguments, variant=variant, parameters=chosen)
    assert list(scores) == ["0.weight"]
    torch.testing.assert_close(scores["0.weight"], expected["0.weight"])
    pruner = GradientBasedPruning(*arguments, parameters=chosen)
    assert list(pruner.compute_gradient_salience()[0]) == ["0.weight"]


@pytest.mark.parametrize("variant", TABLE)
def test_a_weight_without_gradient(variant: str) -> None:
    """Un poids que la perte n'atteint pas a un score nul, non une erreur d'autograd."""
    model = Slope()
    model.unused = nn.Linear(2, 2, dtype=torch.float64)
    scores = gradient_scores(model, LOADER, _mean, variant=variant)
    assert not bool(scores["unused.weight"].any())
    assert bool(scores["layer.weight"].all())


@pytest.mark.parametrize("variant", TABLE)
def test_sum_criterion_is_refused(variant: str) -> None:
    """Une perte sommée se dit dès le premier lot, même s'il est seul."""
    found = case("mlp")
    criterion = nn.CrossEntropyLoss(reduction="sum")
    with pytest.raises(ValueError, match="reduction='mean'"):
        gradient_scores(found.model, [(found.x, found.y)], criterion, variant=variant)


def test_number_of_batches() -> None:
    """`n_batches` compte des lots : cent au plus par défaut dans la classe de la source."""
    found = case("mlp")
    read = []

    class Counting:
        def __iter__(self):
            for i in range(150):
                read.append(i)
                yield found.x[:2], found.y[:2]

    GradientBasedPruning(found.model, Counting(), found.criterion).compute_gradient_salience()
    assert len(read) == 100
    for variant in TABLE:
        arguments = found.model, found.loader, found.criterion
        scores = gradient_scores(*arguments, variant=variant, n_batches=1)
        expected = gradient_scores(found.model, found.loader[:1], found.criterion, variant=variant)
        assert same(scores, expected)


def test_default_variant() -> None:
    """Par défaut, le score de la source."""
    assert same(
        gradient_scores(Slope(), LOADER, _mean),
        gradient_scores(Slope(), LOADER, _mean, variant="batch"),
    )


@pytest.mark.parametrize("variant", TABLE)
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_short_types(dtype: torch.dtype, variant: str) -> None:
    """En demi-précision les sommes se font en float32, et gardent les petits gradients."""
    found = case("mlp")
    expected = gradient_scores(found.model, found.loader, found.criterion, variant=variant)
    loader = [(x.to(dtype), y) for x, y in found.loader]
    model = found.model.to(dtype)
    got = gradient_scores(model, loader, found.criterion, variant=variant)
    tolerance = 1e-4 if dtype == torch.float32 else 0.1
    assert all(score.dtype == torch.float32 for score in got.values())
    torch.testing.assert_close(
        flatten(got).double(), flatten(expected), rtol=tolerance, atol=tolerance / 10
    )


def test_bad_variant() -> None:
    """Une variante inconnue se refuse en citant les autres."""
    found = case("mlp")
    with pytest.raises(
        ValueError, match=r"reçu 'fisher' ; attendu l'une de \('batch', 'per_sample', "
    ):
        gradient_scores(found.model, found.loader, found.criterion, variant="fisher")


def test_bad_salience() -> None:
    """La saillance d'un autre modèle se refuse."""
    found = case("mlp")
    pruner = GradientBasedPruning(found.model, found.loader, found.criterion)
    salience, _ = pruner.compute_gradient_salience()
    assert compute_sparsity(pruner.prune_by_salience(salience, 0.5)) == 0.5
    with pytest.raises(ValueError, match=r"^saillance : reçu un dictionnaire vide"):
        pruner.prune_by_salience({}, 0.5)
    with pytest.raises(ValueError, match=r"reçu 'absent' .*attendu \['0\.weight', '0\.bias', "):
        pruner.prune_by_salience(salience | {"absent": torch.ones(1)}, 0.5)
    with pytest.raises(ValueError, match=r"\(5,\) ; attendu \(4, 5\), comme dans le modèle\.$"):
        pruner.prune_by_salience({"0.weight": torch.ones(5)}, 0.5)
    with pytest.raises(ValueError, match=r"^saillance de 0\.weight : reçu NaN"):
        pruner.prune_by_salience({"0.weight": torch.full((4, 5), torch.nan)}, 0.5)

"""OBS par neurone, le long d'un chemin."""

import copy
from itertools import pairwise

import pytest
import torch
from torch import nn

from pruning_core import compute_sparsity, count_pruned, prunable_parameters
from pruning_core.chapter import SecondOrderPruning
from pruning_core.curvature.neurons import ggn_neuron_blocks
from pruning_core.masks.applying import check_masks
from pruning_core.masks.choosing import global_masks
from pruning_core.obs.algebra import compensate, damp
from pruning_core.obs.neurons import obs_neuron_path, obs_neuron_pruning
from pruning_core.weights.rows import row_layout
from tests.core.cases import NAMES, Case, case, same, snapshot


def _regression() -> Case:
    x = torch.randn(60, 6, dtype=torch.float64) @ torch.randn(6, 6, dtype=torch.float64)
    y = torch.randn(60, 2, dtype=torch.float64)
    model = nn.Sequential(nn.Linear(6, 2, dtype=torch.float64))
    ones = torch.ones(60, 1, dtype=torch.float64)
    solution = torch.linalg.lstsq(torch.cat([x, ones], 1), y).solution
    with torch.no_grad():
        model[0].weight.copy_(solution[:6].T)
        model[0].bias.copy_(solution[6])
    return Case(model, x, y, nn.MSELoss())


@pytest.mark.parametrize("steps", [1, 5])
@pytest.mark.parametrize("fresh", [True, False])
def test_regression_is_optimal_on_its_mask(steps: int, fresh: bool) -> None:
    """Sur une régression, les poids gardés et le biais sont ceux des moindres carrés."""
    found = _regression()
    loader = found.loader
    result = obs_neuron_pruning(
        found.model, loader, found.criterion, 0.5, steps=steps, fresh=fresh, damping=0.0
    )
    mask = result.masks["0.weight"]
    assert int(mask.sum()) == 6
    for r in range(2):
        columns = torch.cat([found.x[:, mask[r]], torch.ones(60, 1, dtype=torch.float64)], 1)
        expected = torch.linalg.lstsq(columns, found.y[:, r : r + 1]).solution.squeeze(1)
        torch.testing.assert_close(result.weights["0.weight"][r, mask[r]], expected[:-1])
        torch.testing.assert_close(result.weights["0.bias"][r], expected[-1])
        assert not bool(result.weights["0.weight"][r, ~mask[r]].any())


@pytest.mark.parametrize("name", NAMES)
def test_one_step_by_hand(name: str) -> None:
    """Une étape : saillances de tous les neurones comparées, puis compensation exacte."""
    found = case(name)
    chosen = prunable_parameters(found.model)
    raw = ggn_neuron_blocks(found.model, found.loader, found.criterion)
    blocks = {key: damp(block, 0.05) for key, block in raw.items()}
    own = dict(found.model.named_parameters())
    layouts = {key: row_layout(found.model, key) for key in chosen}
    values, scores = {}, {}
    for key, layout in layouts.items():
        rows = layout.to_rows(chosen[key].detach())
        if blocks[key].shape[-1] > rows.shape[1]:
            rows = torch.cat([rows, own[key.replace("weight", "bias")].detach()[:, None]], 1)
        values[key] = rows
        inverse = torch.linalg.inv(blocks[key]).diagonal(dim1=1, dim2=2)
        scores[key] = layout.from_rows((rows.square() / (2 * inverse))[:, : layout.width])
    masks = global_masks(scores, 0.4)
    result = obs_neuron_pruning(
        found.model, found.loader, found.criterion, 0.4, steps=1, damping=0.05
    )
    assert same(result.masks, masks)
    for key, layout in layouts.items():
        kept = torch.ones_like(values[key], dtype=torch.bool)
        kept[:, : layout.width] = layout.to_rows(masks[key])
        expected = compensate(values[key], blocks[key], kept)
        got = layout.to_rows(result.weights[key])
        if kept.shape[1] > layout.width:
            got = torch.cat([got, result.weights[key.replace("weight", "bias")][:, None]], 1)
        torch.testing.assert_close(got, expected, rtol=1e-8, atol=1e-11)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("sparsity", [0.0, 0.73, 1.0])
def test_exact_sparsity_and_model_untouched(name: str, sparsity: float) -> None:
    """Le compte est exact à toute sparsité, et seul `apply` change un modèle."""
    found = case(name)
    before = snapshot(found.model)
    result = obs_neuron_pruning(found.model, found.loader, found.criterion, sparsity, steps=3)
    assert same(before, snapshot(found.model))
    n = sum(mask.numel() for mask in result.masks.values())
    assert compute_sparsity(result.masks) == count_pruned(n, sparsity) / n
    check_masks(found.model, result.masks)
    for key, mask in result.masks.items():
        assert not bool(result.weights[key][~mask].any())
    if sparsity == 0.0:
        assert all(torch.equal(before[k], v) for k, v in result.weights.items())
    pruned = copy.deepcopy(found.model)
    result.apply(pruned)
    own = dict(pruned.named_parameters())
    assert all(torch.equal(own[k], v) for k, v in result.weights.items())


def test_path_nests_and_ends_where_pruning_does() -> None:
    """Une marche donne toute la courbe, et finit comme l'appel direct."""
    found = case("mlp")
    arguments = found.model, found.loader, found.criterion
    stages = obs_neuron_path(*arguments, [0.2, 0.5, 0.8])
    assert [round(compute_sparsity(stage.masks) * 32) for stage in stages] == [6, 16, 26]
    for less, more in pairwise(stages):
        assert all(not bool((more.masks[k] & ~less.masks[k]).any()) for k in less.masks)
    cubic = [0.8 * (1 - (1 - t / 4) ** 3) for t in (1, 2, 3)]
    direct = obs_neuron_pruning(*arguments, 0.8, steps=4)
    assert same(direct.weights, obs_neuron_path(*arguments, [*cubic, 0.8])[-1].weights)


def test_fresh_curvature_differs() -> None:
    """La courbure est recalculée le long du chemin, sauf si l'on demande celle du début."""
    found = case("mlp")
    arguments = found.model, found.loader, found.criterion, 0.6
    fresh = obs_neuron_pruning(*arguments, steps=4)
    fixed = obs_neuron_pruning(*arguments, steps=4, fresh=False)
    assert not same(fresh.weights, fixed.weights)


def test_small_pieces() -> None:
    """Des morceaux de ligne gardent le compte exact ; un seul morceau est le calcul entier."""
    found = case("mlp")
    arguments = found.model, found.loader, found.criterion, 0.5
    whole = obs_neuron_pruning(*arguments, steps=2)
    assert same(whole.weights, obs_neuron_pruning(*arguments, steps=2, block_size=6).weights)
    for size in (1, 2, 4):
        cut = obs_neuron_pruning(*arguments, steps=2, block_size=size)
        assert compute_sparsity(cut.masks) == 0.5
        assert not same(whole.weights, cut.weights)


@pytest.mark.parametrize(("width", "block_size"), [(127, 128), (128, 48), (160, 48)])
def test_default_pieces(width: int, block_size: int) -> None:
    """Par défaut, une ligne de 128 colonnes reste entière, une plus longue se coupe par 48."""
    model = nn.Sequential(nn.Linear(width, 2), nn.ReLU(), nn.Linear(2, 2)).double()
    x = torch.randn(30, width, dtype=torch.float64)
    arguments = model, [(x, torch.randint(0, 2, (30,)))], nn.CrossEntropyLoss(), 0.5
    default = obs_neuron_pruning(*arguments, steps=2)
    explicit = obs_neuron_pruning(*arguments, steps=2, block_size=block_size)
    assert same(default.weights, explicit.weights)
    other = obs_neuron_pruning(*arguments, steps=2, block_size=40)
    assert not same(default.weights, other.weights)


def test_pieces_by_hand() -> None:
    """Cinq poids et un biais, en morceaux de quatre au plus : deux morceaux égaux de trois."""
    found = case("mlp")
    chosen = prunable_parameters(found.model, names="0.weight")
    block = ggn_neuron_blocks(found.model, found.loader, found.criterion, parameters=chosen)
    scale = float(block["0.weight"].diagonal(dim1=1, dim2=2).mean())
    curvature = damp(block["0.weight"], 1e-2, scale=scale)
    weight, bias = found.model[0].weight.detach(), found.model[0].bias.detach()
    rows = torch.cat([weight, bias[:, None]], 1)
    piece = torch.arange(6) // 3
    curvature = torch.where(piece[:, None] == piece[None, :], curvature, 0.0)
    inverse = torch.linalg.inv(curvature).diagonal(dim1=1, dim2=2)
    masks = global_masks({"0.weight": (rows.square() / (2 * inverse))[:, :5]}, 0.4)
    kept = torch.cat([masks["0.weight"], torch.ones(4, 1, dtype=torch.bool)], 1)
    expected = compensate(rows, curvature, kept)
    result = obs_neuron_pruning(
        found.model, found.loader, found.criterion, 0.4, steps=1, block_size=4, parameters=chosen
    )
    assert same(result.masks, masks)
    torch.testing.assert_close(result.weights["0.weight"], expected[:, :5])
    torch.testing.assert_close(result.weights["0.bias"], expected[:, 5])


def test_pieces_of_one_column_are_obd() -> None:
    """Des morceaux d'une colonne : H diagonale, donc la saillance OBD et aucune compensation."""
    found = case("mlp")
    arguments = found.model, found.loader, found.criterion
    result = obs_neuron_pruning(*arguments, 0.5, steps=1, block_size=1, damping=0.0)
    salience, _ = SecondOrderPruning().compute_optimal_brain_damage(*arguments)
    assert same(result.masks, global_masks(salience, 0.5))
    weight = dict(found.model.named_parameters())["0.weight"]
    kept = result.masks["0.weight"]
    assert torch.equal(result.weights["0.weight"][kept], weight[kept])


def test_one_piece_at_a_time(monkeypatch) -> None:
    """Traiter les morceaux un à un ne change rien."""
    found = case("cnn")
    arguments = found.model, found.loader, found.criterion, 0.6
    expected = obs_neuron_pruning(*arguments, steps=3)
    monkeypatch.setattr("pruning_core.curvature.pieces._GROUP_ELEMENTS", 1)
    monkeypatch.setattr("pruning_core.curvature.neurons._CACHED_ELEMENTS", 1)
    got = obs_neuron_pruning(*arguments, steps=3)
    assert same(expected.masks, got.masks)
    for key, value in expected.weights.items():
        torch.testing.assert_close(got.weights[key], value, rtol=1e-9, atol=1e-12)


def test_generator_is_read_once() -> None:
    """Un générateur suffit, bien que la courbure soit recalculée à chaque étape."""
    found = case("mlp")
    once = obs_neuron_pruning(found.model, iter(found.loader), found.criterion, 0.5, steps=3)
    again = obs_neuron_pruning(found.model, found.loader, found.criterion, 0.5, steps=3)
    assert same(once.weights, again.weights)


def test_apply_to_another_architecture() -> None:
    """Rien n'est écrit dans un modèle qui ne convient pas, pas même à moitié."""
    found = case("mlp")
    result = obs_neuron_pruning(found.model, found.loader, found.criterion, 0.5, steps=1)
    other = nn.Sequential(nn.Linear(5, 4), nn.Tanh(), nn.Linear(4, 3, bias=False)).double()
    before = snapshot(other)
    with pytest.raises(ValueError, match=r"sans paramètre 2\.bias de forme \(3,\)"):
        result.apply(other)
    with pytest.raises(ValueError, match="inconnus du modèle"):
        result.apply(nn.Linear(5, 4))
    assert same(before, snapshot(other))


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"sparsity": 1.5}, ValueError, "sparsité finale : reçu 1.5"),
        ({"steps": 0}, ValueError, "steps : reçu 0"),
        ({"damping": -1.0}, ValueError, "damping : reçu -1.0"),
        ({"damping": 0.0, "sparsity": 0.5}, ValueError, "indéfinie ou singulière"),
        ({"block_size": 0}, ValueError, "block_size : reçu 0"),
        ({"curvature": "hessian"}, ValueError, "curvature : reçu 'hessian'"),
        ({"max_bytes": -1}, ValueError, "max_bytes : reçu -1"),
    ],
)
def test_bad_options(options, error, message) -> None:
    """Un mauvais réglage se dit en français, et le modèle reste tel quel."""
    found = case("cnn")
    before = snapshot(found.model)
    with pytest.raises(error, match=message):
        obs_neuron_pruning(
            found.model, found.loader, found.criterion, **({"sparsity": 0.5} | options)
        )
    assert same(before, snapshot(found.model))


@pytest.mark.parametrize("size", [3, 6])
def test_kept_curvature_is_that_of_the_first_pieces(size: int) -> None:
    """Sans relecture, deux étapes sont celles des morceaux et de la courbure du début."""
    found = case("mlp")
    chosen = prunable_parameters(found.model, names="0.weight")
    block = ggn_neuron_blocks(found.model, found.loader, found.criterion, parameters=chosen)
    piece = torch.arange(6) // size
    scale = float(block["0.weight"].diagonal(dim1=1, dim2=2).mean())
    curvature = damp(block["0.weight"], 1e-2, scale=scale)
    curvature = torch.where(piece[:, None] == piece[None, :], curvature, 0.0)
    rows = torch.cat([found.model[0].weight, found.model[0].bias[:, None]], 1).detach()
    kept = torch.ones_like(rows, dtype=torch.bool)
    for sparsity in (0.3, 0.45, 0.6):
        score = torch.full_like(rows, -1.0)
        for r in range(4):
            inverse = torch.linalg.inv(curvature[r][kept[r]][:, kept[r]]).diagonal()
            score[r, kept[r]] = rows[r, kept[r]].square() / (2 * inverse)
        masks = global_masks({"0.weight": score[:, :5]}, sparsity)
        before, kept = kept, torch.cat([masks["0.weight"], kept[:, 5:]], 1)
        for r in range(4):
            there = before[r]
            values = compensate(rows[r, there], curvature[r][there][:, there], kept[r, there])
            rows[r, there] = values
    result = obs_neuron_path(
        found.model,
        found.loader,
        found.criterion,
        [0.3, 0.45, 0.6],
        block_size=size,
        parameters=chosen,
        fresh=False,
    )[-1]
    assert same(result.masks, masks)
    torch.testing.assert_close(result.weights["0.weight"], rows[:, :5])
    torch.testing.assert_close(result.weights["0.bias"], rows[:, 5])


@pytest.mark.parametrize("sparsities", [[], [0.5, 0.2], [0.5, 1.2]])
def test_bad_path(sparsities) -> None:
    """Un chemin vide, qui recule ou qui dépasse 1 se refuse."""
    found = case("mlp")
    with pytest.raises(ValueError, match="reçu"):
        obs_neuron_path(found.model, found.loader, found.criterion, sparsities)

"""La vérification des exercices : la bonne réponse passe, chaque erreur typique a son indice."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from pruning_core import global_masks, layerwise_masks, magnitude_scores, prunable_parameters
from pruning_core.course.exercises import EXERCISES, assess, check


def uniform(model, sparsity):
    masks = {}
    for name, weight in prunable_parameters(model).items():
        masks |= global_masks({name: weight.detach().abs()}, sparsity)
    return masks


def edited(model, sparsity, edit):
    return {name: edit(mask) for name, mask in uniform(model, sparsity).items()}


def ranked(model, sparsity, score=torch.abs, count=round, **options):
    """Une sélection par couche où l'on peut changer le score, l'arrondi ou l'ordre du tri."""
    masks = {}
    for name, weight in prunable_parameters(model).items():
        order = score(weight.detach()).flatten().argsort(stable=True, **options)
        mask = torch.ones(weight.numel(), dtype=torch.bool)
        mask[order[: count(sparsity * weight.numel())]] = False
        masks[name] = mask.reshape(weight.shape)
    return masks


def last_first(weight):
    """Un score qui départage les égalités par le plus grand indice."""
    return weight.abs() - 1e-9 * torch.arange(weight.numel()).reshape(weight.shape)


def half_up(value):
    return math.floor(value + 0.5)


def threshold(model, sparsity):
    weights = prunable_parameters(model)
    return {n: w.abs() > torch.quantile(w.abs().detach(), sparsity) for n, w in weights.items()}


def by_name(model, sparsity):
    weights = {n: p.detach().abs() for n, p in model.named_parameters() if "weight" in n}
    return layerwise_masks(weights, sparsity)


def with_biases(model, sparsity):
    weights = {n: p.detach().abs() for n, p in model.named_parameters()}
    return layerwise_masks(weights, sparsity)


def pruning_the_model(model, sparsity):
    masks = uniform(model, sparsity)
    with torch.no_grad():
        for name, weight in prunable_parameters(model).items():
            weight *= masks[name]
    return masks


def kept_when_all_is_asked(model, sparsity):
    return uniform(model, min(sparsity, 0.9))


def snip(model, x, y, *, edit=torch.abs, reduction="mean"):
    weights = prunable_parameters(model)
    loss = F.cross_entropy(model(x), y, reduction=reduction)
    gradients = torch.autograd.grad(loss, list(weights.values()))
    return {n: edit(w.detach() * g) for (n, w), g in zip(weights.items(), gradients, strict=True)}


def snip_by_backward(model, x, y):
    F.cross_entropy(model(x), y).backward()
    return {n: (w * w.grad).abs().detach() for n, w in prunable_parameters(model).items()}


def snip_in_training_mode(model, x, y):
    scores = snip(model, x, y)
    model.train()
    return scores


def snip_moving_statistics(model, x, y):
    model.train()
    model(x)
    model.eval()
    return snip(model, x, y)


def snip_without_weight(model, x, y):
    weights = prunable_parameters(model)
    gradients = torch.autograd.grad(F.cross_entropy(model(x), y), list(weights.values()))
    return {n: g.abs() for n, g in zip(weights, gradients, strict=True)}


def snip_by_example(model, x, y):
    each = [snip(model, x[i : i + 1], y[i : i + 1]) for i in range(len(x))]
    return {n: sum(scores[n] for scores in each) / len(each) for n in each[0]}


def snip_with_graph(model, x, y):
    weights = prunable_parameters(model)
    loss = F.cross_entropy(model(x), y)
    gradients = torch.autograd.grad(loss, list(weights.values()))
    return {n: (w * g).abs() for (n, w), g in zip(weights.items(), gradients, strict=True)}


def snip_everywhere(model, x, y):
    parameters = dict(model.named_parameters())
    gradients = torch.autograd.grad(F.cross_entropy(model(x), y), list(parameters.values()))
    return {n: g.abs() for n, g in zip(parameters, gradients, strict=True)}


def snip_freezing(model, x, y):
    scores = snip(model, x, y)
    model.requires_grad_(False)
    return scores


def snip_stepping(model, x, y):
    scores = snip(model, x, y)
    with torch.no_grad():
        model[0].bias += 1
    return scores


def column_of_inverse(H, q):
    inverse = torch.linalg.inv(H)
    return inverse[:, q], inverse[q, q]


def obs(w, H, q):
    column, pivot = column_of_inverse(H, q)
    return w - w[q] / pivot * column


def obs_in_place(w, H, q):
    w -= w[q] / column_of_inverse(H, q)[1] * column_of_inverse(H, q)[0]
    return w


def obs_nearly(w, H, q):
    new = obs(w, H, q)
    new[q] = 5e-9
    return new


def obs_forgetting(w, H, q):
    new = obs(w, H, q)
    new[q] = w[q]
    return new


def obs_alone(w, H, q):
    new = w.clone()
    new[q] = 0
    return new


def dropped(matrix, q):
    kept = torch.arange(len(matrix)) != q
    return matrix[kept][:, kept]


def outer(inverse, q):
    return torch.outer(inverse[:, q], inverse[:, q])


def flat(masks):
    return torch.cat([mask.flatten() for mask in masks.values()])


def share(a, b):
    return ((flat(a) & flat(b)).sum() / flat(a).sum()).item()


def share_of_last_layer(a, b):
    name = list(a)[-1]
    return share({name: a[name]}, {name: b[name]})


def share_without_last_layer(a, b):
    names = list(a)[:-1]
    return share({n: a[n] for n in names}, {n: b[n] for n in names})


def share_in_place(a, b):
    result = share(a, b)
    for name, mask in a.items():
        mask &= b[name]
    return result


def raising(*arguments):
    raise RuntimeError("forme inattendue")


RIGHT = [
    ("magnitude-main", [1, 2]),
    ("magnitude-main", {2, 1}),
    ("magnitude-main", torch.tensor([2, 1])),
    ("magnitude-main", np.array([1, 2])),
    ("magnitude-code", uniform),
    ("magnitude-code", lambda model, s: ranked(model, s, count=half_up)),
    ("magnitude-code", lambda model, s: layerwise_masks(magnitude_scores(model), s)),
    ("magnitude-budget", {"0.weight": 0.84, "2.weight": 0.76, "4.weight": 0.6}),
    ("gradient-main", (2, 0)),
    ("gradient-main", [2.0, torch.tensor(0.0)]),
    ("gradient-code", snip),
    ("obs-main", (0, -0.05)),
    ("obs-main", (1, 0.05)),
    ("obs-code", obs),
    ("obs-inverse", lambda B, q: dropped(B - outer(B, q) / B[q, q], q)),
    ("obs-inverse", lambda B, q: torch.linalg.inv(dropped(torch.linalg.inv(B), q))),
    ("comparaison-main", (0.5, 1 / 32)),
    ("comparaison-main", (0.5, 0.031)),
    ("comparaison-code", share),
    ("comparaison-code", lambda a, b: (flat(a) & flat(b)).sum() / flat(a).sum()),
]


@pytest.mark.parametrize(("exercise", "answer"), RIGHT)
def test_right_answer_is_accepted(exercise: str, answer) -> None:
    """Une bonne réponse est acceptée, et sa raison donnée."""
    verdict = assess(exercise, answer)
    assert verdict.right, verdict.message
    assert verdict.message.startswith("Juste. ")
    assert len(verdict.message) > 40


WRONG = [
    ("magnitude-main", [1, 2, 4], "seuil"),
    ("magnitude-main", [2, 3], "commencent à 0"),
    ("magnitude-main", [1, 4], "égalité"),
    ("magnitude-main", [2, 4], "égalité"),
    ("magnitude-main", [1], "Nombre de poids retirés : 1"),
    ("magnitude-main", [], "Nombre de poids retirés : 0"),
    ("magnitude-main", [0, 3], "plus grandes"),
    ("magnitude-main", [1, 3], "signe"),
    ("magnitude-main", [0, 1], "cinq scores"),
    ("magnitude-main", [1, 5], "indices 0, 1, 2, 3 et 4"),
    ("magnitude-main", [False, True, True, False, False], "masque"),
    ("magnitude-main", [1.5, 2], "entiers"),
    ("magnitude-main", 2, "liste"),
    ("magnitude-code", lambda model, s: list(uniform(model, s).values()), "un dictionnaire"),
    ("magnitude-code", by_name, "BatchNorm"),
    ("magnitude-code", with_biases, "biais"),
    ("magnitude-code", lambda model, s: {"0.weight": uniform(model, s)["0.weight"]}, "Il manque"),
    ("magnitude-code", lambda model, s: dict.fromkeys(uniform(model, s), 1), "un tenseur"),
    ("magnitude-code", lambda model, s: edited(model, s, torch.flatten), "la forme [20]"),
    ("magnitude-code", lambda model, s: edited(model, s, torch.Tensor.float), "booléens"),
    ("magnitude-code", lambda model, s: edited(model, s, torch.logical_not), "à l'envers"),
    (
        "magnitude-code",
        lambda model, s: ranked(model, s, lambda w: -w.abs(), half_up),
        "plus grandes",
    ),
    ("magnitude-code", lambda model, s: ranked(model, s, lambda w: w, half_up), "leur signe"),
    ("magnitude-code", lambda model, s: global_masks(magnitude_scores(model), s), "globale"),
    ("magnitude-code", threshold, "Un seuil ne compte pas"),
    ("magnitude-code", lambda model, s: edited(model, s, torch.ones_like), "retirez 0 poids"),
    ("magnitude-code", ranked, "l'arrondi"),
    ("magnitude-code", lambda model, s: ranked(model, s, count=int), "l'arrondi"),
    ("magnitude-code", lambda model, s: ranked(model, s, last_first, half_up), "plus petit indice"),
    (
        "magnitude-code",
        lambda model, s: ranked(model, s, torch.zeros_like, half_up),
        "pas les plus petites",
    ),
    ("magnitude-code", pruning_the_model, "modifie le modèle"),
    ("magnitude-code", kept_when_all_is_asked, "à 100"),
    ("magnitude-budget", [0.8, 0.8, 0.8], "dictionnaire"),
    ("magnitude-budget", {"0.weight": 0.9}, "Il manque"),
    ("magnitude-budget", {"0": 0.9, "2.weight": 0.9, "4.weight": 0.9}, "Noms inconnus : ['0']"),
    ("magnitude-budget", {"0.weight": 90, "2.weight": 0.9, "4.weight": 0.9}, "réel de [0, 1]"),
    ("magnitude-budget", {"0.weight": "a", "2.weight": 0.9, "4.weight": 0.9}, "un nombre réel"),
    ("magnitude-budget", {"0.weight": 0.8, "2.weight": 0.7, "4.weight": 0}, "il en faut au moins"),
    ("magnitude-budget", dict.fromkeys(["0.weight", "2.weight", "4.weight"], 0.8), "contre"),
    ("magnitude-budget", {"0.weight": 0.9, "2.weight": 0.9, "4.weight": 0.9}, "contre"),
    ("gradient-main", (0, 2), "échangées"),
    ("gradient-main", (0, 0), "lot par lot"),
    ("gradient-main", (1, 0), "|w|"),
    ("gradient-main", (4, 0), "additionnez"),
    ("gradient-main", (2, 2), "un lot de 2"),
    ("gradient-main", (7, 7), "deux lots"),
    ("gradient-main", 2, "2 nombres"),
    ("gradient-main", ("2", 0), "2 nombres"),
    ("gradient-main", (math.nan, 0), "2 nombres"),
    ("gradient-code", lambda m, x, y: list(snip(m, x, y).values()), "un dictionnaire"),
    ("gradient-code", snip_everywhere, "biais"),
    ("gradient-code", lambda m, x, y: snip(m, x, y, edit=lambda s: s), "ont un signe"),
    ("gradient-code", lambda m, x, y: snip(m, x, y, edit=torch.neg), "au signe près"),
    ("gradient-code", lambda m, x, y: snip(m, x, y, edit=torch.square), "carré"),
    ("gradient-code", lambda m, x, y: magnitude_scores(m), "Il manque le gradient"),
    ("gradient-code", snip_without_weight, "Il manque le poids"),
    ("gradient-code", lambda m, x, y: snip(m, x, y, reduction="sum"), "une somme"),
    ("gradient-code", snip_by_example, "exemple par exemple"),
    ("gradient-code", lambda m, x, y: snip(m, x[:3], y[:3]), "pour ['0.weight', '3.weight']"),
    ("gradient-code", snip_with_graph, "le graphe"),
    ("gradient-code", snip_by_backward, ".grad"),
    ("gradient-code", snip_in_training_mode, "mode"),
    ("gradient-code", snip_moving_statistics, "Les statistiques"),
    ("gradient-code", snip_freezing, "requires_grad"),
    ("gradient-code", snip_stepping, "modifie le modèle"),
    ("obs-main", (2, -1), "OBD"),
    ("obs-main", (0, -1.95), "mauvais sens"),
    ("obs-main", (1, 1.95), "mauvais sens"),
    ("obs-main", (0, 0.05), "pas le signe"),
    ("obs-main", (1, -0.05), "commencent à 0"),
    ("obs-main", (2, 0.05), "commencent à 0"),
    ("obs-main", (0, 0.95), "déplacement"),
    ("obs-main", (0, -1), "ne bouge pas"),
    ("obs-main", (0, 12), "bien choisi"),
    ("obs-main", (3, 0), "indices 0, 1 et 2"),
    ("obs-code", obs_alone, "compensation"),
    ("obs-code", lambda w, H, q: 2 * w - obs(w, H, q), "mauvais signe"),
    ("obs-code", lambda w, H, q: obs(w, H, q) - w, "déplacement"),
    ("obs-code", lambda w, H, q: w - w[q] / H[q, q] * H[:, q], "vous utilisez H"),
    ("obs-code", lambda w, H, q: w - w[q] / H[q, q] * torch.linalg.inv(H)[:, q], "H_qq"),
    (
        "obs-code",
        lambda w, H, q: w - column_of_inverse(H, q)[0] / column_of_inverse(H, q)[1],
        "w_q",
    ),
    ("obs-code", lambda w, H, q: w - w[q] * torch.linalg.inv(H)[:, q], "division"),
    ("obs-code", obs_nearly, "0,000000005"),
    ("obs-code", obs_forgetting, "n'est pas à zéro"),
    ("obs-code", obs_in_place, "modifie w"),
    ("obs-code", lambda w, H, q: obs(w, H, q)[torch.arange(len(w)) != q], "la forme [3]"),
    ("obs-code", lambda w, H, q: obs(w, H, q).tolist(), "un tenseur"),
    ("obs-code", lambda w, H, q: 3 * w, "pas ceux de la formule"),
    ("obs-inverse", dropped, "ne suffit pas"),
    ("obs-inverse", lambda B, q: dropped(B + outer(B, q) / B[q, q], q), "mauvais signe"),
    ("obs-inverse", lambda B, q: B - outer(B, q) / B[q, q], "ôter la ligne"),
    ("obs-inverse", lambda B, q: dropped(B - outer(B, q), q), "division"),
    ("obs-inverse", lambda B, q: dropped(torch.linalg.inv(B), q), "multipliez"),
    ("obs-inverse", lambda B, q: B.zero_(), "modifie l'inverse"),
    ("obs-inverse", lambda B, q: B, "la forme [3, 3]"),
    ("comparaison-main", (50, 3.125), "pour cent"),
    ("comparaison-main", (1 / 32, 0.5), "échangées"),
    ("comparaison-main", (2 / 3, 1 / 32), "huit octets"),
    ("comparaison-main", (0.5, 0), "un bit par poids"),
    ("comparaison-main", (0.5, 31 / 32), "part gardée"),
    ("comparaison-main", (0.5, 0.25), "un octet"),
    ("comparaison-main", (0.4, 1 / 32), "CSR : écrivez"),
    ("comparaison-main", (0.5, 0.6), "comptez un bit"),
    (
        "comparaison-code",
        lambda a, b: ((~flat(a) & ~flat(b)).sum() / (~flat(a)).sum()).item(),
        "retirés en commun",
    ),
    (
        "comparaison-code",
        lambda a, b: ((flat(a) & flat(b)).sum() / (flat(a) | flat(b)).sum()).item(),
        "Jaccard",
    ),
    (
        "comparaison-code",
        lambda a, b: sum(share({n: a[n]}, {n: b[n]}) for n in a) / len(a),
        "moyenne des parts",
    ),
    ("comparaison-code", lambda a, b: (flat(a) == flat(b)).double().mean(), "positions"),
    ("comparaison-code", lambda a, b: (flat(a) & flat(b)).double().mean(), "tous les poids"),
    ("comparaison-code", lambda a, b: (flat(a) & flat(b)).sum(), "un nombre de poids"),
    ("comparaison-code", lambda a, b: 100 * share(a, b), "pour cent"),
    ("comparaison-code", share_of_last_layer, "Il manque des couches"),
    ("comparaison-code", share_without_last_layer, "Il manque des couches"),
    ("comparaison-code", lambda a, b: 0.123, "à la main"),
    ("comparaison-code", lambda a, b: -3, "proportion"),
    ("comparaison-code", lambda a, b: "0,5", "un nombre"),
    ("comparaison-code", share_in_place, "modifie les masques"),
]


@pytest.mark.parametrize(("exercise", "answer", "expected"), WRONG)
def test_typical_mistake_gets_its_own_hint(exercise: str, answer, expected: str) -> None:
    """Chaque erreur typique est refusée, avec l'indice qui la nomme."""
    verdict = assess(exercise, answer)
    assert not verdict.right
    assert verdict.message.startswith("Pas encore. ")
    assert expected in verdict.message


CODE = [exercise for exercise in EXERCISES if exercise.endswith(("-code", "-inverse"))]
ODD = [
    3,
    -1.5,
    math.inf,
    "texte",
    True,
    [],
    {},
    {"0.weight": 2},
    (1, "a"),
    (1, 2, 3),
    [[1, 2], [3]],
    [math.inf, math.nan],
    1j,
    torch.ones(2, 3),
    torch.tensor([True, False]),
    np.arange(3),
    object(),
    str,
]


@pytest.mark.parametrize("exercise", EXERCISES)
def test_odd_answer_never_raises(exercise: str) -> None:
    """Une réponse inattendue est refusée sans lever d'erreur."""
    for odd in ODD:
        assert not assess(exercise, odd).right


@pytest.mark.parametrize("exercise", CODE)
def test_odd_result_never_raises(exercise: str) -> None:
    """Une fonction qui rend n'importe quoi est refusée sans lever d'erreur."""
    for odd in ODD:
        assert not assess(exercise, lambda *arguments, odd=odd: odd).right


@pytest.mark.parametrize("exercise", EXERCISES)
@pytest.mark.parametrize("blank", [..., None, (..., ...), {"0.weight": ...}])
def test_untouched_answer_is_asked_for(exercise: str, blank) -> None:
    """Une cellule pas encore remplie se voit demander une réponse."""
    assert assess(exercise, blank).message == "Remplacez ... par votre réponse."


@pytest.mark.parametrize("exercise", CODE)
def test_empty_function_is_asked_for(exercise: str) -> None:
    """Une fonction pas encore écrite se voit demander une réponse."""
    message = assess(exercise, lambda *arguments: None).message
    assert message.startswith("Remplacez ... par votre réponse : ")


@pytest.mark.parametrize("exercise", CODE)
def test_error_in_the_answer_is_told(exercise: str) -> None:
    """L'erreur que lève une réponse est dite dans le verdict."""
    verdict = assess(exercise, raising)
    assert not verdict.right
    assert "RuntimeError : forme inattendue" in verdict.message


def test_unknown_exercise_lists_the_known_ones() -> None:
    """Un exercice inconnu se refuse en citant les autres."""
    with pytest.raises(ValueError, match=r"reçu 'magnitude' ; attendu l'un de \['magnitude-main'"):
        check("magnitude", [1, 2])


@pytest.mark.parametrize("exercise", EXERCISES)
def test_right_answer_prints_one_same_line(exercise: str, capsys) -> None:
    """Une bonne réponse imprime son seul message, toujours le même."""
    answer = next(answer for name, answer in RIGHT if name == exercise)
    printed = []
    for _ in range(2):
        torch.rand(3)  # la sortie ne dépend pas du hasard global
        check(exercise, answer)
        printed.append(capsys.readouterr())
    assert printed[0] == printed[1] == (assess(exercise, answer).message + "\n", "")


def test_global_random_state_is_left_alone() -> None:
    """Vérifier ne tire rien du hasard du carnet."""
    before = torch.get_rng_state()
    for exercise, answer in RIGHT:
        assess(exercise, answer)
    assert torch.equal(torch.get_rng_state(), before)

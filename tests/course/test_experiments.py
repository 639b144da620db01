"""Les tableaux des leçons : livrés entiers, et recalculés par tranches."""

from pathlib import Path

import pandas as pd
import pytest
import torch
from torch import nn

from pruning_core import (
    PrunedWeights,
    flatten,
    ggn_matrix,
    global_masks,
    magnitude_scores,
)
from pruning_core.course.datasets import Dataset, load_digits
from pruning_core.course.experiments import (
    agreement,
    beliefs,
    catalogue,
    han,
    lottery,
    mnist,
    monks,
    prediction,
    read_conditions,
    read_table,
    retraining,
    sparse_speed,
    table_names,
    tables,
    words_2_4,
    words_sparsegpt,
    words_training,
    xor,
)
from pruning_core.course.experiments.__main__ import main
from pruning_core.course.experiments.methods import CRITERION
from pruning_core.course.models import digits_mlp, mlp
from pruning_core.course.words.pretrained import train_word_model
from pruning_core.methods import METHODS

EXAMPLE = 2.5 / 450
"""Deux exemples de test sur 450 : ce qu'un autre processeur peut changer sur les chiffres."""
MNIST = 0.02
"""En float32, sur 2 000 exemples : quarante, après élagage."""


def _compared(name: str, again: pd.DataFrame, keys: list[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Les lignes recalculées, et celles du tableau livré qui ont les mêmes clefs."""
    stored = read_table(name).set_index(keys)
    found = again.set_index(keys)
    assert list(found.columns) == list(stored.columns)
    return found, stored.loc[found.index]


def _close(found: pd.DataFrame, stored: pd.DataFrame, **tolerances: float) -> None:
    """Chaque colonne citée est la même, à sa tolérance absolue près."""
    assert len(found) == len(stored) > 0
    for column, tolerance in tolerances.items():
        gap = (found[column] - stored[column]).abs().max()
        assert gap <= tolerance, f"{column} : {gap}"


def test_every_table_is_there() -> None:
    """Chaque expérience a son tableau, et chaque tableau son expérience."""
    assert set(table_names()) == set(catalogue.EXPERIMENTS)


@pytest.mark.parametrize("name", catalogue.EXPERIMENTS)
def test_conditions(name: str) -> None:
    """Chaque tableau est celui du code : mêmes graines, mêmes réglages."""
    experiment = catalogue.EXPERIMENTS[name]
    table, conditions = read_table(name), read_conditions(name)
    assert conditions["command"] == f"python -m pruning_core.course.experiments {name}"
    assert conditions["settings"] == experiment.settings
    assert conditions["seeds"] == f"{experiment.seeds[0]} à {experiment.seeds[-1]}"
    assert {"python", "torch", "numpy"} == set(conditions["versions"])
    first = {part[0] for part in experiment.parts()} if name == "xor" else {*experiment.seeds}
    assert set(table["seed"]) == first
    assert not table.isna().any().any()
    assert not table.duplicated().any()
    if "method" in table:
        assert set(table["method"]) <= {*METHODS, "dense"}


def test_unknown_table() -> None:
    """Un nom inconnu se refuse en citant les autres."""
    with pytest.raises(ValueError, match=r"reçu 'xor2' ; attendu l'un de \['agreement'"):
        read_table("xor2")


def test_unknown_experiment(capsys: pytest.CaptureFixture[str]) -> None:
    """Un nom inconnu ne calcule rien, et se dit sur la sortie d'erreur."""
    assert main(["xor", "absente"]) == 2
    assert "reçu ['absente'] ; attendu des noms de ['xor'" in capsys.readouterr().err


def test_a_missing_package_is_told(capsys: pytest.CaptureFixture[str], monkeypatch) -> None:
    """Ce qui demande un paquet absent ne calcule rien et dit comment l'ajouter."""
    absent = catalogue.Experiment(agreement.run, range(1), package="absent==1.0")
    monkeypatch.setitem(catalogue.EXPERIMENTS, "absente", absent)
    assert main(["xor", "absente"]) == 2
    assert "pip install --no-deps absent==1.0" in capsys.readouterr().err


@pytest.mark.parametrize(("options", "read"), [([], ["xor"]), (["--grand"], ["xor", "crepe"])])
def test_what_needs_a_package_is_asked_for(
    options: list[str], read: list[str], monkeypatch
) -> None:
    """Sans nom, tout est refait, sauf ce qui demande un paquet de plus, si on ne le dit pas."""
    module = "pruning_core.course.experiments.__main__"
    chosen = {name: catalogue.EXPERIMENTS[name] for name in ("xor", "crepe")}
    asked: list[str] = []
    monkeypatch.setattr(f"{module}.EXPERIMENTS", chosen)
    monkeypatch.setattr(f"{module}.run_experiments", lambda names, n_jobs: asked.extend(names))
    assert main(options) == 0
    assert asked == read


def test_table_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Un tableau se relit en ordre de graine, aux décimales écrites près."""

    def run(seeds: list[int]) -> pd.DataFrame:
        return pd.DataFrame({"seed": seeds, "value": [s / 3 for s in seeds], "seconds": 0.126})

    experiment = catalogue.Experiment(run, range(5), {"a": 1}, batch=2)
    assert experiment.parts() == [[0, 1], [2, 3], [4]]
    monkeypatch.setitem(catalogue.EXPERIMENTS, "essai", experiment)
    catalogue.run_experiments(["essai"], n_jobs=1, folder=tmp_path)
    monkeypatch.setattr(tables, "FOLDER", tmp_path)
    table = read_table("essai")
    assert list(table["seed"]) == [0, 1, 2, 3, 4]
    assert list(table["value"]) == [0.0, 0.333333, 0.666667, 1.0, 1.33333]
    assert list(table["seconds"]) == [0.13] * 5
    assert read_conditions("essai")["settings"] == {"a": 1}
    assert b"\r" not in (tmp_path / "essai.csv").read_bytes()


@pytest.mark.slow
def test_xor_slice() -> None:
    """Les cent premiers départs ; deux peuvent changer de minimum sur un autre processeur."""
    again = xor.run(range(100), inputs=["±1"], decays=[1e-3])
    found, stored = _compared("xor", again, ["seed", "inputs", "decay", "method"])
    _close(found, stored, starts=0, solved=2, right=2, still_solves=2)


def test_xor_summary() -> None:
    """Les parts se rapportent aux départs qui résolvent le XOR."""
    rows = [(0, "±1", 0.1, "obs", 10, 4, 3, 1), (10, "±1", 0.1, "obs", 10, 6, 2, 0)]
    columns = ["seed", "inputs", "decay", "method", "starts", "solved", "right", "still_solves"]
    (row,) = xor.summary(pd.DataFrame(rows, columns=columns)).itertuples(index=False)
    assert tuple(row) == ("±1", 0.1, "obs", 20, 10, 0.5, 0.1)


@pytest.mark.slow
def test_monks_slice() -> None:
    """Deux réseaux du troisième problème ; un poids de plus ou de moins est permis."""
    variants = [monks.Variant("magnitude"), monks.Variant("obs")]
    again = monks.run([0, 1], cases=[(3, 2e-3)], variants=variants)
    keys = ["problem", "decay", "seed", "method", "candidates", "retrained"]
    found, stored = _compared("monks", again, keys)
    _close(found, stored, weights=1, train_accuracy=0.01, test_accuracy=0.03)


@pytest.mark.slow
def test_retraining_slice() -> None:
    """Une graine, une sparsité : les réseaux en float64 redonnent les mêmes exactitudes."""
    again = retraining.run(
        [0], sparsities=[0.9], methods=["magnitude", "obs"], regimes=["none", "15 epochs"]
    )
    found, stored = _compared("retraining", again, ["seed", "asked", "method", "regime"])
    _close(found, stored, accuracy=EXAMPLE, loss=1e-3)


def test_gradual_slice() -> None:
    """Le calendrier progressif redonne les mêmes exactitudes."""
    again = retraining.run(
        [0], sparsities=[0.95], methods=["magnitude", "obs"], regimes=["gradual 70 epochs"]
    )
    found, stored = _compared("retraining", again, ["seed", "asked", "method", "regime"])
    _close(found, stored, accuracy=EXAMPLE, loss=1e-3)


def test_agreement_slice() -> None:
    """Les masques de magnitude et d'OBD, et leurs couches, sont ceux du tableau."""
    options = {"sparsities": [0.9], "methods": ["magnitude", "obd"]}
    keys = ["seed", "asked", "first", "second"]
    _close(*_compared("agreement", agreement.run([0], **options), keys), agreement=5e-3)
    keys = ["seed", "asked", "method", "layer"]
    _close(*_compared("layers", agreement.run_layers([0], **options), keys), sparsity=5e-3)


def test_beliefs_slice() -> None:
    """Les mesures qui corrigent les croyances sont celles du tableau."""
    again = beliefs.run([0])
    found, stored = _compared("beliefs", again, ["seed", "belief", "measure"])
    _close(found, stored, value=EXAMPLE)


@pytest.mark.slow
def test_mnist_slice() -> None:
    """LeNet à 0,9, par magnitude et par gradient, redonne les mêmes exactitudes, affiné ou non."""
    again = mnist.run([0], sparsities=[0.9], methods=["magnitude", "gradient"], gradual=[])
    found, stored = _compared("mnist", again, ["seed", "asked", "method", "regime"])
    _close(found, stored, accuracy=MNIST, loss=0.1)


def test_han_slice() -> None:
    """LeNet à 92 % d'un coup : chaque couche garde la même part."""
    again = han.run([0], steps=1)
    again = again[again["state"].isin(["dense", "one_shot"])]
    found, stored = _compared("han", again, ["seed", "state", "layer"])
    _close(found, stored, accuracy=2 * MNIST, kept=0.01)


def test_lottery_slice() -> None:
    """Les deux premiers tours du billet redonnent les mêmes mesures."""
    again = lottery.run([0], rounds=1, controlled=[])
    found, stored = _compared("lottery", again, ["seed", "round", "arm"])
    _close(found, stored, sparsity=1e-5, accuracy=EXAMPLE, loss=1e-3, train_loss=1e-3)


def test_shuffle_keeps_each_layer() -> None:
    """Le témoin mélangé garde la sparsité de chaque couche."""
    masks = global_masks(magnitude_scores(digits_mlp(0)), 0.8)
    mixed = lottery.shuffle(masks, seed=0)
    assert {n: int(m.sum()) for n, m in mixed.items()} == {
        n: int(m.sum()) for n, m in masks.items()
    }
    assert all((mixed[name] != mask).any() for name, mask in masks.items())


def test_prediction_slice() -> None:
    """Les hausses prévues et réelles de la perte sont celles du tableau."""
    again = prediction.run([0], sparsities=[0.1, 0.6])
    found, stored = _compared("prediction", again, ["seed", "asked", "method"])
    _close(found, stored, predicted=1e-5, linear=1e-5, quadratic=1e-5, real=1e-5)


def test_taylor_terms() -> None:
    """Le gradient et la GGN de la bibliothèque donnent les mêmes termes, formés en entier."""
    data = Dataset(*(tensor[:20] for tensor in load_digits().train))
    before, after = mlp((64, 3, 10), seed=0), mlp((64, 3, 10), seed=1)
    variables = dict(before.named_parameters())
    change = flatten(dict(after.named_parameters())) - flatten(variables)
    loss = CRITERION(before(data.x), data.y)
    gradient = torch.cat([g.flatten() for g in torch.autograd.grad(loss, before.parameters())])
    curvature = ggn_matrix(before, [data], CRITERION, parameters=variables)
    expected = (float(gradient @ change), float(0.5 * change @ curvature @ change))
    assert prediction.taylor_terms(before, after, data) == pytest.approx(expected)


def test_block_rise() -> None:
    """½ Σ δᵀHδ sur des blocs faits à la main, biais en dernière colonne."""
    model = mlp((2, 1), seed=0)
    start = torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64)
    nn.utils.vector_to_parameters(start, model.parameters())
    weights = {"0.weight": torch.tensor([[0.0, 3.0]]), "0.bias": torch.tensor([5.0])}
    masks = {"0.weight": torch.tensor([[False, True]])}
    result = PrunedWeights(masks=masks, weights=weights)
    # δ = (−1, 1, 2) : ½ (1·1 + 2·1 + 3·4 + 2·0,5·(−1)·2) = 6,5.
    block = torch.tensor([[[1.0, 0.0, 0.5], [0.0, 2.0, 0.0], [0.5, 0.0, 3.0]]]).double()
    assert prediction.block_rise(model, result, {"0.weight": block}) == pytest.approx(6.5)


def test_speed_keys() -> None:
    """Les lignes et les colonnes sont celles du tableau, dont le rapport est celui des temps."""
    again = sparse_speed.run([0], sparsities=[0.5, 0.9], size=16, repeats=2)
    stored = read_table("sparse_speed")
    assert (stored["ratio"] - stored["dense_ms"] / stored["sparse_ms"]).abs().max() < 1e-4
    assert list(again.columns) == list(stored.columns)
    keys = list(again[["asked", "batch"]].itertuples(index=False, name=None))
    assert keys == [(0.5, 1), (0.5, 64), (0.9, 1), (0.9, 64)]
    assert (again[["dense_ms", "sparse_ms", "ratio"]] > 0).all().all()


def test_words_training_slice() -> None:
    """Les premiers lots de l'entraînement du modèle de mots ont la perte du tableau livré."""
    _, losses = train_word_model(stop=words_training.FIRST)
    found, stored = _compared("words_training", words_training.table(0, losses), ["seed", "step"])
    _close(found, stored, loss=1e-4)


def test_words_sparsegpt_slice() -> None:
    """Un calibrage, une largeur de bloc."""
    again = words_sparsegpt.run([0], sparsities=[0.5], blocks=[8])
    found, stored = _compared("words_sparsegpt", again, ["seed", "asked", "block"])
    _close(found, stored, bits=0.01)


@pytest.mark.slow
def test_words_2_4_slice() -> None:
    """Deux méthodes sous le motif 2:4 ; quelques inventions peuvent changer ailleurs."""
    again = words_2_4.run([0], methods=["magnitude_layerwise", "layer_obs"], patterns=["2:4"])
    found, stored = _compared("words_2_4", again, ["seed", "method", "pattern"])
    _close(found, stored, bits=0.01, known=0.03)

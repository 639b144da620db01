"""La liste des expériences, et leur calcul sur une grille de graines."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

import pandas as pd
from joblib import Parallel, delayed
from tqdm import tqdm

from pruning_core.course.experiments import (
    agreement,
    beliefs,
    crepe,
    han,
    lottery,
    mnist,
    monks,
    prediction,
    retraining,
    sparse_speed,
    whole_matrix,
    words,
    words_2_4,
    words_baselines,
    words_distillation,
    words_sparsegpt,
    words_training,
    xor,
)
from pruning_core.course.experiments.provenance import code_digest
from pruning_core.course.experiments.tables import (
    FOLDER,
    read_table,
    sign_table,
    write_table,
    written,
)
from pruning_core.course.training import one_thread


@dataclass(frozen=True)
class Experiment:
    """Une expérience : une fonction de graines, et ce qui dit comment elle est faite.

    Attributes
    ----------
    run : fonction (graines) -> DataFrame
        Les lignes d'une graine ne dépendent pas des autres graines.
    seeds : range
        De pas 1.
    settings : dict
        Réglages à retenir à côté du tableau.
    batch : int
        Nombre de graines calculées ensemble.
    package : str, optionnel
        Un paquet que le cours ne demande pas, et sa version : l'expérience n'est refaite que si on
        la nomme, ou avec toutes les grandes.
    """

    run: Callable[[Sequence[int]], pd.DataFrame]
    seeds: range
    settings: dict[str, Any] = field(default_factory=dict)
    batch: int = 1
    package: str | None = None

    def parts(self) -> list[list[int]]:
        """Les graines, par paquets de `batch`."""
        seeds = list(self.seeds)
        return [seeds[i : i + self.batch] for i in range(0, len(seeds), self.batch)]

    def code(self) -> str:
        """Empreinte du code qui la calcule : un tableau fait par un autre est périmé."""
        return code_digest(self.run.__module__)


EXPERIMENTS: dict[str, Experiment] = {
    "xor": Experiment(xor.run, xor.SEEDS, xor.SETTINGS, batch=100),
    "monks": Experiment(monks.run, monks.SEEDS, monks.SETTINGS, batch=10),
    "retraining": Experiment(retraining.run, retraining.SEEDS, retraining.SETTINGS),
    "agreement": Experiment(agreement.run, agreement.SEEDS, agreement.SETTINGS),
    "layers": Experiment(agreement.run_layers, agreement.SEEDS, agreement.SETTINGS),
    "mnist": Experiment(mnist.run, mnist.SEEDS, mnist.SETTINGS),
    "han": Experiment(han.run, han.SEEDS, han.SETTINGS),
    "lottery": Experiment(lottery.run, lottery.SEEDS, lottery.SETTINGS),
    "prediction": Experiment(prediction.run, prediction.SEEDS, prediction.SETTINGS),
    "beliefs": Experiment(beliefs.run, beliefs.SEEDS, beliefs.SETTINGS),
    "whole_matrix": Experiment(
        whole_matrix.run, whole_matrix.SEEDS, whole_matrix.SETTINGS, batch=len(whole_matrix.SEEDS)
    ),
    "sparse_speed": Experiment(
        sparse_speed.run, sparse_speed.SEEDS, sparse_speed.SETTINGS, batch=len(sparse_speed.SEEDS)
    ),
    "words_training": Experiment(words_training.run, words_training.SEEDS, words_training.SETTINGS),
    "words": Experiment(words.run, words.SEEDS, words.SETTINGS),
    "words_baselines": Experiment(
        words_baselines.run, words_baselines.SEEDS, words_baselines.SETTINGS
    ),
    "words_distillation": Experiment(
        words_distillation.run, words_distillation.SEEDS, words_distillation.SETTINGS
    ),
    "words_sparsegpt": Experiment(
        words_sparsegpt.run, words_sparsegpt.SEEDS, words_sparsegpt.SETTINGS
    ),
    "words_2_4": Experiment(words_2_4.run, words_2_4.SEEDS, words_2_4.SETTINGS),
    "crepe": Experiment(crepe.run, crepe.SEEDS, crepe.SETTINGS, package=crepe.PACKAGE),
}
"""Dans l'ordre des leçons. Le nom est celui du tableau."""


def run_experiments(names: Iterable[str], *, n_jobs: int = 2, folder: Path = FOLDER) -> None:
    """Calcule des expériences et enregistre leurs tableaux, chacun dès qu'il est complet.

    Parameters
    ----------
    names : suite de str
        Des clefs de `EXPERIMENTS`.
    n_jobs : int
        Nombre de graines à la fois, au sens de joblib ; le tableau n'en dépend pas.
    folder : Path
        Où enregistrer.

    Raises
    ------
    ValueError
        Si un nom est inconnu, ou s'il manque un paquet ; rien n'est alors calculé.
    """
    for name, experiment in _chosen(names).items():
        parts = experiment.parts()
        tasks = (delayed(_timed)(experiment.run, part) for part in parts)
        found = Parallel(n_jobs=n_jobs, return_as="generator")(tasks)
        done = list(tqdm(found, total=len(parts), desc=name, unit="paquet", disable=False))
        write_table(
            name,
            pd.concat([table for table, _ in done], ignore_index=True),
            seeds=experiment.seeds,
            settings=experiment.settings,
            code=experiment.code(),
            seconds=sum(seconds for _, seconds in done),
            folder=folder,
        )


def sign_experiments(names: Iterable[str]) -> None:
    """Récrit l'empreinte du code de tableaux dont un remaniement n'a pas changé les nombres.

    La première part de chaque expérience est refaite : chaque nombre doit être celui du tableau,
    durées exceptées.

    Parameters
    ----------
    names : suite de str
        Des clefs de `EXPERIMENTS`.

    Raises
    ------
    ValueError
        Si un nom est inconnu, s'il manque un paquet, ou si un nombre a changé : ce tableau et les
        suivants gardent leur empreinte.
    """
    for name, experiment in tqdm(_chosen(names).items(), unit="tableau", disable=False):
        again, _ = _timed(experiment.run, experiment.parts()[0])
        stored = read_table(name)
        stored = stored[stored["seed"].isin(set(again["seed"]))]
        if written(_untimed(again)) != written(_untimed(stored)):
            raise ValueError(
                f"{name} : reçu d'autres nombres que ceux du tableau ; attendu les mêmes pour le "
                f"signer. Refaites-le : « make experiences ONLY={name} »."
            )
        sign_table(name, experiment.code())


def _untimed(table: pd.DataFrame) -> pd.DataFrame:
    return table.drop(columns="seconds", errors="ignore")


def _chosen(names: Iterable[str]) -> dict[str, Experiment]:
    """Les expériences de ces noms, toutes possibles ici."""
    chosen = list(names)
    unknown = [name for name in chosen if name not in EXPERIMENTS]
    if unknown:
        raise ValueError(f"expériences : reçu {unknown} ; attendu des noms de {list(EXPERIMENTS)}.")
    missing = [p for name in chosen if (p := EXPERIMENTS[name].package) and not _installed(p)]
    if missing:
        raise ValueError(
            f"paquets : reçu un environnement sans {', '.join(missing)} ; attendu d'abord "
            f"« .venv/bin/python -m pip install --no-deps {' '.join(missing)} »."
        )
    return {name: EXPERIMENTS[name] for name in chosen}


def _installed(package: str) -> bool:
    name, _, wanted = package.partition("==")
    try:
        return metadata.version(name) == wanted
    except metadata.PackageNotFoundError:
        return False


def _timed(
    run: Callable[[Sequence[int]], pd.DataFrame], seeds: Sequence[int]
) -> tuple[pd.DataFrame, float]:
    start = time.process_time()
    with one_thread():
        table = run(seeds)
    return table, time.process_time() - start

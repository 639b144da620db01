"""Créer une leçon qui passe toutes les vérifications, avant d'en avoir écrit une ligne.

Le gabarit, ``lesson.md``, est une leçon entière et vraie, en petit : qui écrit la remplace morceau
par morceau, sans jamais quitter un carnet qui marche.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import yaml

from builder.failure import Failure
from builder.installation import prepare
from builder.notebooks import execute

TEMPLATE = Path(__file__).with_name("lesson.md")

_NAME = re.compile(r"(\d+)_(\d+)_(\d+)_([a-z0-9]+(?:_[a-z0-9]+)*)")
_USAGE = 'Par exemple : make lecon NOM=8_2_1_filtres TITRE="Élaguer des filtres"'


@dataclass(frozen=True)
class Lesson:
    """Une leçon à créer : « 8_2_1_filtres », « Élaguer des filtres »."""

    name: str
    title: str

    @property
    def number(self) -> str:
        return ".".join(self.name.split("_")[:3])

    @property
    def chapter(self) -> str:
        """Numéro de sa partie dans le sommaire : « 8.2 » pour la leçon 8.2.1."""
        return self.number.rpartition(".")[0]

    @property
    def key(self) -> str:
        """Ce qui distingue ses étiquettes de celles des autres leçons."""
        return self.name.replace("_", "-")


def create(root: Path) -> None:
    """Crée la leçon que disent ``NOM``, ``TITRE`` et ``PARTIE``."""
    create_lesson(root, *(os.environ.get(key, "") for key in ("NOM", "TITRE", "PARTIE")))


def create_lesson(root: Path, name: str, title: str, part: str = "") -> None:
    """Crée le carnet d'une leçon, l'exécute et l'inscrit au sommaire.

    Parameters
    ----------
    root : Path
        Dossier du cours.
    name : str
        Nom du carnet, sans extension : trois nombres et un mot, « 8_2_1_filtres ».
    title : str
        Titre de la leçon, sans son numéro.
    part : str
        Titre de la partie, sans son numéro, si le sommaire ne l'a pas encore.

    Raises
    ------
    Failure
        Si une donnée manque ou est déjà prise, ou si le carnet échoue ; rien n'est alors écrit.
    """
    lesson = _checked(name, title)
    path = root / "notebooks" / f"{name}.ipynb"
    if path.exists():
        raise Failure(f"NOM : reçu {name} ; ce carnet existe déjà.")
    toc = root / "_toc.yml"
    listed = with_lesson(toc.read_text(encoding="utf-8"), lesson, part)
    print(f"{path.name} : exécution du gabarit...", flush=True)
    try:
        nbformat.write(notebook_of(lesson), path)
        execute(root, path)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    toc.write_text(listed, encoding="utf-8", newline="\n")
    print(_next_steps(lesson))


def _checked(name: str, title: str) -> Lesson:
    if not _NAME.fullmatch(name):
        raise Failure(
            f"NOM : reçu {name or 'rien'} ; attendu trois nombres, puis un mot sans accent, "
            f"séparés par « _ ». {_USAGE}"
        )
    if not title.strip():
        raise Failure(f"TITRE : reçu rien ; attendu le titre de la leçon. {_USAGE}")
    return Lesson(name, title.strip())


def notebook_of(lesson: Lesson) -> Any:
    """Carnet du gabarit, au nom de la leçon, pas encore exécuté."""
    from myst_nb.core.read import read_myst_markdown_notebook

    text = TEMPLATE.read_text(encoding="utf-8")
    values = {"NUMERO": lesson.number, "TITRE": lesson.title, "CLE": lesson.key}
    for name, value in values.items():
        text = text.replace(f"@@{name}@@", value)
    notebook = read_myst_markdown_notebook(text)
    for rank, cell in enumerate(notebook.cells):
        cell.id = f"{lesson.key}-{rank:03}"  # les mêmes à chaque création
    prepare(notebook)
    return notebook


def with_lesson(toc: str, lesson: Lesson, part: str = "") -> str:
    """Le sommaire, la leçon ajoutée à la fin de sa partie, au besoin créée.

    Raises
    ------
    Failure
        Si la partie n'existe pas et que son titre n'est pas donné.
    """
    told = yaml.safe_load(toc)
    numbered = [one for one in told["parts"] if one["caption"][0].isdigit()]
    found = [one for one in numbered if one["caption"].startswith(f"{lesson.chapter} ")]
    if not found and not part.strip():
        raise Failure(
            f"PARTIE : le sommaire n'a pas de partie {lesson.chapter} ; donnez son titre. "
            f'{_USAGE} PARTIE="Élagage structuré"'
        )
    if not found:
        found = [{"caption": f"{lesson.chapter} {part.strip()}", "chapters": []}]
        told["parts"].insert(len(numbered), *found)
    found[0]["chapters"].append({"file": f"notebooks/{lesson.name}"})
    return yaml.safe_dump(told, allow_unicode=True, sort_keys=False, width=1000)


def _next_steps(lesson: Lesson) -> str:
    path = f"notebooks/{lesson.name}.ipynb"
    return f"""
La leçon {lesson.number} est créée, exécutée et inscrite dans _toc.yml. Elle passe déjà les tests.

  1. `make site`       puis ouvrez sa page : c'est le gabarit, sous votre titre.
  2. `make lab`        ouvrez {path} ; remplacez un morceau à la fois.
  3. `make notebooks`  réexécute, et enregistre les sorties.
  4. `make test`       dit ce qui manque : fiche, exercices, quiz, français, sorties.
  5. Dans book/index.md, ajoutez la carte de la leçon à la page d'accueil.

Ôtez à la fin l'encadré « Leçon en construction »."""

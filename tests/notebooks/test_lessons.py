"""Les leçons ont toutes la même anatomie, et chaque manque planté est vu."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from builder.notebooks import annex_paths, lesson_paths, notebook_paths
from nbformat import v4
from nbformat.notebooknode import NotebookNode

from pruning_core.course.guesses import catalogue
from tests.notebooks.anatomy import QUESTIONS, annex_faults, lesson_faults

ROOT = Path(__file__).parents[2]


RIGHT_CHOICE = ("Deux", "**Oui.** C'est l'arrondi de la sparsité fois le nombre de poids.")
WRONG_CHOICES = (
    ("Aucun", "**Non.** Il faut en retirer exactement le compte."),
    ("Tous", "**Non.** C'est ce que fait un seuil quand tout est à égalité."),
)


def question(rank: int) -> str:
    """Une question ; la bonne réponse est à sa place, qui change."""
    choices = [*WRONG_CHOICES]
    choices.insert(rank % 3, RIGHT_CHOICE)
    told = "\n\n".join(
        f":::{{dropdown}} {letter}. {title}\n{answer}\n:::"
        for letter, (title, answer) in zip("abc", choices, strict=True)
    )
    return f"**Question {rank}.** Combien de poids ?\n\n{told}\n"


CARD_CELL = """# Une leçon

:::{admonition} Fiche de la leçon
:class: fiche
**Ce que vous saurez faire** : élaguer.

**Prérequis** : PyTorch.

**Durée** : 45 minutes.

**Données et modèles** : les chiffres.
:::

## La question

Voyez {cite:t}`han2015`, {cite:p}`lecun1990` et {cite:t}`hassibi1993`.

```python
"Dans du code, {cite} ne cite rien."
```"""

EXERCISES_CELL = """## Exercices

:::{exercise} À la main
:label: exo-main

Combien ?
:::

:::{solution} exo-main
:class: dropdown

Deux.
:::

:::{exercise} À coder
:label: exo-code

Écrivez la fonction.
:::

:::{solution-start} exo-code
:class: dropdown
:::"""

OPEN_CELL = """:::{solution-end}
:::

:::{exercise} Pour aller plus loin
:label: exo-ouvert

Et ensuite ? (Sans vérification : cela dépend.)
:::

:::{solution} exo-ouvert
Cela dépend.
:::"""

SUMMARY_CELL = """## À retenir

- Un.
- Deux.
- Trois.

**La suite.** La leçon 8.1.2."""


def whole_lesson() -> NotebookNode:
    """Une leçon qui a tout : chaque test plus bas lui ôte une chose."""
    markdown, code = nbformat.v4.new_markdown_cell, nbformat.v4.new_code_cell
    quiz = "\n".join(question(rank) for rank in range(1, QUESTIONS + 1))
    return nbformat.v4.new_notebook(
        cells=[
            markdown(CARD_CELL),
            code("Explorer(\n    model,\n)"),
            markdown(EXERCISES_CELL),
            code('check("magnitude-main", ...)\ncheck(\n    "magnitude-code", uniform\n)'),
            markdown(OPEN_CELL),
            markdown(f"## Quiz\n\nOuvrez la réponse.\n\n{quiz}"),
            markdown(SUMMARY_CELL),
        ]
    )


def test_whole_lesson_passes() -> None:
    """Une leçon complète est acceptée."""
    assert lesson_faults(whole_lesson()) == []


# Ce qu'on remplace dans la leçon (la première fois), par quoi, et la faute attendue.
PLANTED: dict[str, tuple[str, str, str]] = {
    "no_card": (":class: fiche", ":class: note", "fiche : 0"),
    "no_skills": ("**Ce que vous saurez faire**", "Vous saurez", "« Ce que vous saurez faire »"),
    "no_prerequisite": ("**Prérequis**", "Prérequis", "« Prérequis » manque"),
    "no_duration": ("**Durée**", "Durée", "« Durée » manque"),
    "no_data": ("**Données et modèles**", "Les données", "« Données et modèle » manque"),
    "no_explorer": ("Explorer(", "show(", "aucun explorateur"),
    "few_citations": ("{cite:p}`lecun1990` et", "", "2 {cite}"),
    "few_exercises": (OPEN_CELL, ":::{solution-end}\n:::", "exercices : 2"),
    "no_solution": (":::{solution} exo-main", ":::{note} exo-main", "exo-main : 0 solution"),
    "wrong_solution": (":::{solution} exo-ouvert\n", ":::{solution} exo-x\n", "exo-x"),
    "no_label": (":label: exo-ouvert\n", "", "1 sans :label:"),
    "open_solution": (":::{solution-end}\n:::", "", "solution-start veut sa solution-end"),
    "unknown_check": ("magnitude-main", "magnitude-mian", "magnitude-mian : inconnue"),
    "few_checks": ('check("magnitude-main", ...)', "", "vérifications : 1"),
    "no_quiz": ("## Quiz\n\nOuvrez", "## Jeu\n\nOuvrez", "attendu ['Exercices', 'Quiz'"),
    "four_questions": (question(5), "", "questions [1, 2, 3, 4]"),
    "two_question_twos": ("**Question 3.**", "**Question 2.**", "questions [1, 2, 2, 4, 5]"),
    "question_inside_a_paragraph": (
        "**Question 1.**",
        "Puis **Question 1.**",
        "questions [2, 3, 4, 5]",
    ),
    "two_choices": (question(1), question(1).rpartition(":::{dropdown}")[0], "2 choix"),
    "choices_out_of_order": ("b. Deux", "d. Deux", "choix « d. Deux »"),
    "silent_choice": ("**Oui.** C'est", "C'est", "choix b : ne commence ni"),
    "short_explanation": (
        "**Non.** Il faut en retirer exactement le compte.",
        "**Non.** Pas du tout.",
        "choix a : explication trop courte",
    ),
    "no_right_answer": ("**Oui.** C'est l'arrondi", "**Non.** C'est l'arrondi", "0 bonne"),
    "two_right_answers": ("**Non.** Il faut", "**Oui.** Il faut", "2 bonne"),
    "same_place": (
        question(2),
        question(1).replace("Question 1", "Question 2"),
        "b b a b c ; attendu a, b et c, deux fois au plus",
    ),
    "unchecked_exercise": ("Sans vérification", "À discuter", "1 sans vérification"),
    "short_summary": ("- Trois.\n", "", "à retenir : 2"),
    "long_summary": ("- Trois.\n", "- Trois.\n" * 6, "à retenir : 8"),
}


@pytest.mark.parametrize(("old", "new", "expected"), PLANTED.values(), ids=PLANTED)
def test_planted_fault_is_seen(old: str, new: str, expected: str) -> None:
    """Chaque manque est vu et nommé."""
    lesson = whole_lesson()
    cell = next(cell for cell in lesson.cells if old in cell.source)
    cell.source = cell.source.replace(old, new, 1)
    assert [fault for fault in lesson_faults(lesson) if expected in fault]


def move_quiz(lesson: NotebookNode) -> None:
    lesson.cells.insert(2, lesson.cells.pop(5))


def drop_summary(lesson: NotebookNode) -> None:
    del lesson.cells[6]


@pytest.mark.parametrize("plant", [move_quiz, drop_summary])
def test_sections_out_of_order_are_seen(plant: Callable[[NotebookNode], None]) -> None:
    """Des sections absentes ou en désordre sont vues."""
    lesson = whole_lesson()
    plant(lesson)
    assert "fin de la leçon" in lesson_faults(lesson)[0]


@pytest.mark.parametrize("path", lesson_paths(ROOT), ids=lambda path: path.stem)
def test_lesson_has_its_whole_anatomy(path: Path) -> None:
    """Chaque leçon du cours a toute l'anatomie."""
    assert lesson_faults(nbformat.read(path, as_version=4)) == []


ANNEX = """# Titre

Une promesse.

**Vient de** : la leçon [8.1.4](../8_1_4_comparaison.ipynb).

**Durée** : dix minutes.
"""


@pytest.mark.parametrize("path", annex_paths(ROOT), ids=lambda path: path.stem)
def test_annex_has_its_whole_anatomy(path: Path) -> None:
    """Chaque annexe dit ce qu'elle promet, d'où elle vient et ce qu'elle dure."""
    assert annex_faults(nbformat.read(path, as_version=4)) == []


@pytest.mark.parametrize(
    ("written", "instead", "told"),
    [
        ("", "", ""),
        ("# Titre", "## Titre", "titre"),
        ("Une promesse.\n\n", "", "promesse"),
        ("../8_1_4", "https://exemple.fr/8_1_4", "leçon"),
        ("**Durée**", "Durée", "durée"),
    ],
)
def test_each_fault_of_an_annex_is_seen(written: str, instead: str, told: str) -> None:
    """Une annexe entière est sans faute ; ce qui y manque est vu."""
    source = ANNEX.replace(written, instead) if written else ANNEX
    annex = v4.new_notebook(cells=[v4.new_markdown_cell(source)])
    found = annex_faults(annex)
    assert [fault.split(" :")[0] for fault in found] == ([told] if told else [])


def test_slides_in_an_annex_are_seen() -> None:
    """Une annexe n'a pas de diapositives."""
    annex = v4.new_notebook(cells=[v4.new_markdown_cell(ANNEX)])
    annex.cells[0].metadata["slideshow"] = {"slide_type": "slide"}
    assert "diapositives" in annex_faults(annex)[0]


def test_each_guess_is_asked_then_answered() -> None:
    """Chaque question du catalogue est posée dans une leçon, puis sa mesure y est montrée."""
    asked = re.compile(r"\b(Guess|Outcome)\(\s*\"([\w-]+)\"")
    seen: dict[str, list[str]] = {}
    for path in notebook_paths(ROOT):
        for cell in nbformat.read(path, as_version=4).cells:
            for kind, key in asked.findall(cell.source) if cell.cell_type == "code" else ():
                seen.setdefault(key, []).append(f"{kind} {path.stem}")
    lessons = {key: found[0].split()[1] for key, found in seen.items()}
    assert seen == {key: [f"Guess {lessons[key]}", f"Outcome {lessons[key]}"] for key in lessons}
    assert set(lessons) == set(catalogue.QUESTIONS)

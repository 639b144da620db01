"""Les leçons ont toutes la même anatomie, et chaque manque planté est vu."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest
from nbformat.notebooknode import NotebookNode

from pruning_core.course.exercises import EXERCISES

ROOT = Path(__file__).parents[2]

CARD = ("Ce que vous saurez faire", "Prérequis", "Durée", "Données et modèle")
ENDING = ["Exercices", "Quiz", "À retenir"]
QUESTIONS = 5

_FENCED = re.compile(r"^(`{3,}|~{3,}).*?^\1", re.MULTILINE | re.DOTALL)
_SECTION = re.compile(r"^## (.+)$", re.MULTILINE)
_DIRECTIVE = re.compile(r"^(:{3,})\{([\w-]+)\} ?([^\n]*)\n(.*?)^\1 *$", re.MULTILINE | re.DOTALL)
_LABEL = re.compile(r"^:label: (\S+)", re.MULTILINE)
_QUESTION = re.compile(r"(?:\A|(?<=\n\n))\*\*Question (\d+)\.\*\* ")
_ANSWER = re.compile(r"\*\*(Oui|Non)\.\*\* (.+)", re.DOTALL)
_BULLET = re.compile(r"^- ", re.MULTILINE)
_CHECK = re.compile(r"\bcheck\(\s*[\"']([^\"']+)[\"']")


def lesson_faults(notebook: NotebookNode) -> list[str]:
    """Manques d'une leçon, une phrase chacun ; liste vide si elle a toute l'anatomie."""
    prose = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    prose = _FENCED.sub("", prose)
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    sections = dict(_sections(prose))
    return [
        *_card_faults(prose),
        *_order_faults(prose),
        *_exercise_faults(prose),
        *_check_faults(code),
        *_quiz_faults(sections.get("Quiz", "")),
        *_summary_faults(sections.get("À retenir", "")),
        *_citation_faults(prose),
        *(() if any("Explorer(" in source for source in code) else ("aucun explorateur",)),
    ]


def _sections(prose: str) -> Iterator[tuple[str, str]]:
    _, *parts = _SECTION.split(prose)
    for title, body in zip(parts[::2], parts[1::2], strict=True):
        yield title.strip(), body


def _card_faults(prose: str) -> Iterator[str]:
    cards = [body for _, kind, _, body in _DIRECTIVE.findall(prose) if kind == "admonition"]
    cards = [body for body in cards if re.search(r"^:class: fiche$", body, re.MULTILINE)]
    if len(cards) != 1:
        yield f"fiche : {len(cards)} ; attendu une seule"
        return
    for heading in CARD:
        if f"**{heading}" not in cards[0]:
            yield f"fiche : « {heading} » manque"


def _order_faults(prose: str) -> Iterator[str]:
    titles = [title for title, _ in _sections(prose)]
    if titles[-len(ENDING) :] != ENDING:
        yield f"fin de la leçon : {titles[-len(ENDING) :]} ; attendu {ENDING}"


def _exercise_faults(prose: str) -> Iterator[str]:
    directives = _DIRECTIVE.findall(prose)
    bodies = [body for _, kind, _, body in directives if kind == "exercise"]
    labels = [found.group(1) for body in bodies if (found := _LABEL.search(body))]
    if len(bodies) < 3:
        yield f"exercices : {len(bodies)} ; attendu au moins 3"
    if len(labels) != len(bodies):
        yield f"exercices : {len(bodies) - len(labels)} sans :label:"
    opened = re.findall(r"^:{3,}\{(solution-start|solution-end)\}", prose, re.MULTILINE)
    if opened != ["solution-start", "solution-end"] * (len(opened) // 2):
        yield "solutions : chaque solution-start veut sa solution-end"
    starts = ("solution", "solution-start")
    solved = [argument.strip() for _, kind, argument, _ in directives if kind in starts]
    for label in labels:
        if solved.count(label) != 1:
            yield f"exercice {label} : {solved.count(label)} solution(s) ; attendu une seule"
    for label in solved:
        if label not in labels:
            yield f"solution {label} : aucun exercice de ce nom"


def _check_faults(code: list[str]) -> Iterator[str]:
    names = {name for source in code for name in _CHECK.findall(source)}
    for name in sorted(names - set(EXERCISES)):
        yield f"vérification {name} : inconnue ; attendu l'une de {list(EXERCISES)}"
    if len(names) < 2:
        yield f"vérifications : {len(names)} ; attendu au moins 2"


def _quiz_faults(quiz: str) -> Iterator[str]:
    _, *parts = _QUESTION.split(quiz)
    numbers = [int(rank) for rank in parts[::2]]
    if numbers != list(range(1, QUESTIONS + 1)):
        yield f"quiz : questions {numbers} ; attendu de 1 à {QUESTIONS}"
    for rank, body in zip(numbers, parts[1::2], strict=True):
        for fault in _question_faults(body):
            yield f"question {rank} : {fault}"


def _question_faults(body: str) -> Iterator[str]:
    choices = [(d[2], d[3].strip()) for d in _DIRECTIVE.findall(body) if d[1] == "dropdown"]
    if len(choices) < 3:
        yield f"{len(choices)} choix ; attendu au moins 3"
    right = 0
    for letter, (title, answer) in zip("abcdefgh", choices, strict=False):
        if not re.match(rf"{letter}\. \S", title):
            yield f"choix « {title} » ; attendu « {letter}. texte »"
        judged = _ANSWER.match(answer)
        if judged is None:
            yield f"choix {letter} : ne commence ni par **Oui.** ni par **Non.**"
        elif len(judged.group(2)) < 20:
            yield f"choix {letter} : explication trop courte, « {judged.group(2)} »"
        right += judged is not None and judged.group(1) == "Oui"
    if right != 1:
        yield f"{right} bonne(s) réponse(s) ; attendu une seule"


def _summary_faults(summary: str) -> Iterator[str]:
    count = len(_BULLET.findall(summary))
    if not 3 <= count <= 7:
        yield f"à retenir : {count} point(s) ; attendu de 3 à 7"


def _citation_faults(prose: str) -> Iterator[str]:
    count = prose.count("{cite")
    if count < 3:
        yield f"références : {count} {{cite}} ; attendu au moins 3"


def question(rank: int) -> str:
    return f"""**Question {rank}.** Combien de poids ?

:::{{dropdown}} a. Aucun
**Non.** Il faut en retirer exactement le compte.
:::

:::{{dropdown}} b. Deux
**Oui.** C'est l'arrondi de la sparsité fois le nombre de poids.
:::

:::{{dropdown}} c. Tous
**Non.** C'est ce que fait un seuil quand tout est à égalité.
:::
"""


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

Et ensuite ?
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


@pytest.mark.parametrize(
    "path", sorted((ROOT / "notebooks").glob("[0-9]*.ipynb")), ids=lambda path: path.stem
)
def test_lesson_has_its_whole_anatomy(path: Path) -> None:
    """Chaque leçon du cours a toute l'anatomie."""
    assert lesson_faults(nbformat.read(path, as_version=4)) == []

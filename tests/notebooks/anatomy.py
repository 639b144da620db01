"""L'anatomie d'une leçon : ce qui doit s'y trouver, et ce qui y manque."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nbformat.notebooknode import NotebookNode

from pruning_core.course.exercises import EXERCISES

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
        *_check_faults(code, prose),
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


def _check_faults(code: list[str], prose: str) -> Iterator[str]:
    names = {name for source in code for name in _CHECK.findall(source)}
    for name in sorted(names - set(EXERCISES)):
        yield f"vérification {name} : inconnue ; attendu l'une de {list(EXERCISES)}"
    if len(names) < 2:
        yield f"vérifications : {len(names)} ; attendu au moins 2"
    exercises = sum(kind == "exercise" for _, kind, _, _ in _DIRECTIVE.findall(prose))
    unchecked = exercises - len(names) - prose.count("Sans vérification")
    if unchecked > 0:
        yield f"exercices : {unchecked} sans vérification, ni raison de ne pas en avoir"


def _quiz_faults(quiz: str) -> Iterator[str]:
    _, *parts = _QUESTION.split(quiz)
    numbers = [int(rank) for rank in parts[::2]]
    if numbers != list(range(1, QUESTIONS + 1)):
        yield f"quiz : questions {numbers} ; attendu de 1 à {QUESTIONS}"
    for rank, body in zip(numbers, parts[1::2], strict=True):
        for fault in _question_faults(body):
            yield f"question {rank} : {fault}"
    letters = [letter for body in parts[1::2] for letter in _right_letters(body)]
    if len(set(letters)) < 3 or max(map(letters.count, letters)) > 2:
        yield f"quiz : bonnes réponses {' '.join(letters)} ; attendu a, b et c, deux fois au plus"


def _right_letters(body: str) -> list[str]:
    choices = [
        (title, answer) for _, kind, title, answer in _DIRECTIVE.findall(body) if kind == "dropdown"
    ]
    return [title[0] for title, answer in choices if answer.strip().startswith("**Oui.**")]


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


def annex_faults(notebook: NotebookNode) -> list[str]:
    """Manques d'une annexe : son titre, sa promesse, sa leçon, sa durée, pas de diapositive."""
    first = next((cell.source for cell in notebook.cells if cell.cell_type == "markdown"), "")
    title, promise, *_ = [*first.split("\n\n"), "", ""]
    faults = []
    if not re.fullmatch(r"# \S.*", title):
        faults.append(f"titre : reçu « {title} » ; attendu « # Titre », seul dans son paragraphe")
    if not promise or promise.startswith((":", "#", "**")):
        faults.append("promesse : attendu un paragraphe sous le titre")
    if not re.search(r"^\*\*Vient de\*\* : .*\]\(\.\./\d\w+\.ipynb", first, re.MULTILINE):
        faults.append("leçon : attendu « **Vient de** : » et un lien vers elle")
    if "**Durée** : " not in first:
        faults.append("durée : attendu « **Durée** : »")
    if any("slideshow" in cell.metadata for cell in notebook.cells):
        faults.append("diapositives : une annexe n'en a pas")
    return faults

"""Les solutions et les réponses, déplacées à la fin du livre, avec un renvoi dans chaque sens."""

from __future__ import annotations

import html
from copy import copy

from bs4 import Tag

from builder.printing.chapters import Chapter
from builder.printing.fragments import fragment

TITLE = "Solutions et réponses"
_FOLDED = "details.sd-dropdown"


def gather_answers(lessons: list[Chapter]) -> Chapter:
    """Ôte des leçons leurs solutions et leurs réponses ; en fait le dernier chapitre.

    Un renvoi, avec sa page, remplace chacune dans la leçon ; un autre l'accompagne ici.
    """
    body = fragment(f"<article><h1>{TITLE}</h1></article>")
    for lesson in lessons:
        quiz = _take_quiz(lesson)  # en premier : les questions qui restent sont celles du chemin
        parts = {
            "Questions en chemin": _take_questions(lesson),
            "Exercices": _take_solutions(lesson),
            "Quiz": quiz,
        }
        if any(parts.values()):
            title = html.escape(lesson.title)
            section = fragment(f'<section id="reponses-{lesson.key}"><h2>{title}</h2></section>')
            section.extend(_part(name, answers) for name, answers in parts.items() if answers)
            body.append(section)
    return Chapter("reponses", TITLE, body)


def _take_quiz(lesson: Chapter) -> list[Tag]:
    """Tient chaque question du quiz avec ses choix ; rend les choix, expliqués."""
    taken: list[Tag] = []
    for folded in lesson.body.select(f"section[id$=--quiz] {_FOLDED}"):
        question = folded.find_previous_sibling()
        assert question is not None, f"{lesson.name} : un choix de quiz sans question"
        if "interrogation" not in question.get_attribute_list("class"):
            number = len(taken) + 1
            here = question["id"] = f"{lesson.key}--quiz-{number}"
            question = question.wrap(fragment('<div class="interrogation"></div>'))
            there = f"reponse-{lesson.key}-quiz-{number}"
            taken.append(_answer(there, here, f"Question {number}"))
        choice = fragment('<p class="choix"></p>')
        choice.extend(list(folded.select(".sd-summary-text")[0].contents))
        explained = fragment('<div class="explication"></div>')
        explained.extend([copy(choice), *_content(folded)])
        taken[-1].append(explained)
        question.append(choice)
        folded.decompose()
    if taken:
        section = lesson.body.select("section[id$=--quiz]")[0]
        for invitation in section.select(":scope > p:first-of-type"):
            invitation.decompose()  # « Ouvrez la réponse » : sur papier, rien ne s'ouvre
        section.append(_forward(str(taken[0]["id"]), "Réponses expliquées"))
    return taken


def _take_questions(lesson: Chapter) -> list[Tag]:
    """Rend les réponses repliées au fil de la leçon."""
    taken = []
    for rank, folded in enumerate(lesson.body.select(_FOLDED)):
        here, there = f"{lesson.key}--question-{rank}", f"reponse-{lesson.key}-{rank}"
        heading = folded.find_previous(["h1", "h2", "h3"])
        answer = _answer(there, here, heading.get_text(" ", strip=True) if heading else TITLE)
        answer.extend(_content(folded))
        taken.append(answer)
        reference = _forward(there, "Réponse")
        reference["id"] = here
        folded.replace_with(reference)
    return taken


def _take_solutions(lesson: Chapter) -> list[Tag]:
    """Rend les solutions des exercices."""
    taken = []
    for solution in lesson.body.select("div.solution"):
        for link in solution.select(".admonition-title a"):
            anchor = str(link["href"])[1:]
            for exercise in lesson.body.find_all(id=anchor):
                exercise.append(_forward(str(solution["id"]), "Solution"))
            link.insert_after(fragment(_page(anchor)))
        solution["class"] = "reponse"
        taken.append(solution.extract())
    return taken


def _part(title: str, answers: list[Tag]) -> Tag:
    part = fragment(f"<section><h3>{title}</h3></section>")
    part.extend(answers)
    return part


def _answer(anchor: str, question: str, title: str) -> Tag:
    link = f'<a href="#{question}">{html.escape(title)}</a>{_page(question)}'
    return fragment(
        f'<div class="reponse" id="{anchor}"><p class="admonition-title">{link}</p></div>'
    )


def _forward(anchor: str, text: str) -> Tag:
    return fragment(f'<p class="renvoi"><a href="#{anchor}">{text}</a>{_page(anchor)}</p>')


def _page(anchor: str) -> str:
    """Une place pour le numéro de la page d'un repère, connu après une première impression."""
    return f'<span>, p.\u00a0<span data-page="{anchor}">000</span></span>'


def _content(folded: Tag) -> list[Tag]:
    return [child.extract() for child in folded.select(".sd-summary-content > *")]

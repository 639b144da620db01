"""Les solutions et les réponses, déplacées à la fin du livre, avec un renvoi dans chaque sens."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy

from bs4 import BeautifulSoup, Tag

from builder.printing.chapters import Chapter

TITLE = "Solutions et réponses"
UNKNOWN_PAGE = "000"


class Answers:
    """Le dernier chapitre, rempli à mesure que les leçons lui cèdent leurs réponses."""

    def __init__(self) -> None:
        self._soup = BeautifulSoup("", "html.parser")
        body = self._new("section", "chapitre reponses", id="reponses")
        body.append(self._new("h1", text=TITLE))
        self.chapter = Chapter("reponses", TITLE, body)

    def take_from(self, lesson: Chapter) -> None:
        """Ôte d'une leçon ses solutions et ses réponses ; un renvoi les remplace."""
        parts = (self._questions(lesson), self._solutions(lesson), self._quiz(lesson))
        kept = [part for part in parts if part is not None]
        if kept:
            section = self._new("section", id=f"reponses-{lesson.key}")
            section.extend([self._new("h2", text=lesson.title), *kept])
            self.chapter.body.append(section)

    def _questions(self, lesson: Chapter) -> Tag | None:
        """Réponses repliées au fil de la leçon, hors du quiz."""
        taken: list[Tag] = []
        for folded in lesson.body.select("details.sd-dropdown"):
            section = folded.find_parent("section")
            if section is None or _is_quiz(section):
                continue
            here, there = (
                f"{lesson.key}--question-{len(taken)}",
                f"reponse-{lesson.key}-{len(taken)}",
            )
            answer = self._new("div", "reponse", id=there)
            heading = section.find(["h1", "h2", "h3"])
            title = heading.get_text(" ", strip=True) if heading else lesson.title
            answer.append(self._back(here, title))
            answer.extend(_content(folded))
            folded.replace_with(self._forward(there, "Réponse", here))
            taken.append(answer)
        return self._part("Questions en chemin", taken)

    def _solutions(self, lesson: Chapter) -> Tag | None:
        taken: list[Tag] = []
        for solution in lesson.body.select("div.solution"):
            title = solution.select_one(".admonition-title")
            link = title.find("a") if title else None
            if isinstance(link, Tag):
                exercise = lesson.body.find(id=str(link["href"])[1:])
                if isinstance(exercise, Tag):
                    exercise.append(self._forward(str(solution["id"]), "Solution"))
                link.insert_after(self._page(str(link["href"])))
            solution["class"] = "reponse"
            taken.append(solution.extract())
        return self._part("Exercices", taken)

    def _quiz(self, lesson: Chapter) -> Tag | None:
        section = next((s for s in lesson.body.find_all("section") if _is_quiz(s)), None)
        if section is None:
            return None
        taken: list[Tag] = []
        for folded in section.select("details.sd-dropdown"):
            question = folded.find_previous_sibling("p", class_=lambda name: name != "choix")
            if question is not None and not question.get("id"):
                number = len(taken) + 1
                question["id"], question["class"] = f"{lesson.key}--quiz-{number}", "question"
                answer = self._new("div", "reponse", id=f"reponse-{lesson.key}-quiz-{number}")
                answer.append(self._back(str(question["id"]), f"Question {number}"))
                taken.append(answer)
            choice = self._new("p", "choix")
            choice.extend(list(folded.select(".sd-summary-text")[0].contents))
            explained = self._new("div", "explication")
            explained.extend([copy(choice), *_content(folded)])
            taken[-1].append(explained)
            folded.replace_with(choice)
        if taken:
            if isinstance(invitation := section.find("p", id=False), Tag):
                invitation.decompose()  # « Ouvrez la réponse » : sur papier, rien ne s'ouvre
            self._keep_choices(section)
            section.append(self._forward(str(taken[0]["id"]), "Réponses expliquées"))
        return self._part("Quiz", taken)

    def _keep_choices(self, section: Tag) -> None:
        """Tient une question avec ses choix."""
        for question in section.select("p.question"):
            whole = question.wrap(self._new("div", "interrogation"))
            while isinstance(choice := whole.find_next_sibling(), Tag) and (
                "choix" in choice.get_attribute_list("class")
            ):
                whole.append(choice)

    def _part(self, title: str, answers: Iterable[Tag]) -> Tag | None:
        kept = list(answers)
        if not kept:
            return None
        part = self._new("section")
        part.extend([self._new("h3", text=title), *kept])
        return part

    def _forward(self, target: str, text: str, name: str | None = None) -> Tag:
        paragraph = self._new("p", "renvoi", **({"id": name} if name else {}))
        paragraph.append(self._new("a", text=text, href=f"#{target}"))
        paragraph.append(self._page(f"#{target}"))
        return paragraph

    def _back(self, target: str, text: str) -> Tag:
        paragraph = self._new("p", "admonition-title")
        paragraph.append(self._new("a", text=text, href=f"#{target}"))
        paragraph.append(self._page(f"#{target}"))
        return paragraph

    def _page(self, href: str) -> Tag:
        """Une place pour un numéro de page, connu après une première impression."""
        place = self._new("span", text=", p.\u00a0")
        place.append(self._new("span", text=UNKNOWN_PAGE, **{"data-page": href[1:]}))
        return place

    def _new(self, name: str, classes: str = "", text: str = "", **attributes: str) -> Tag:
        if classes:
            attributes["class"] = classes
        tag = self._soup.new_tag(name, attrs=attributes)
        if text:
            tag.string = text
        return tag


def _is_quiz(section: Tag) -> bool:
    return str(section.get("id", "")).endswith("--quiz")


def _content(folded: Tag) -> list[Tag]:
    return [child.extract() for child in folded.select(".sd-summary-content > *")]

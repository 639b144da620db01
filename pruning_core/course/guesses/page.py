"""Un pronostic sur une page : l'élément, ses données, et de quoi lire sans JavaScript."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from pruning_core.course.explorer.lasting import hidden_by_its_view
from pruning_core.course.explorer.packing import to_json
from pruning_core.course.guesses.question import Question

ASK, TELL, REVIEW = "lesson-guess", "lesson-outcome", "lesson-guesses"
"""Les trois éléments : demander, dire, faire le bilan."""


@dataclass(frozen=True)
class Element:
    """Un élément de la page.

    Attributes
    ----------
    tag : str
        Son nom.
    static : str
        Ce que l'on en lit sans JavaScript, et sur papier.
    data : str
        Ce que le script doit en savoir, en JSON.
    """

    tag: str
    static: str
    data: str

    @property
    def html(self) -> str:
        """L'élément en HTML autonome ; la page inclut `guesses.js` une fois."""
        # Vivant, il ne montre que ce que le script écrit dans son ombre.
        style = f"{self.tag}{{display:block;margin:1.5rem 0}}{hidden_by_its_view(self.tag)}"
        return (
            f'<{self.tag}><style>{style}</style><div class="lesson-static">{self.static}</div>'
            f'<script type="application/json">{self.data}</script></{self.tag}>'
        )


def ask(key: str, question: Question) -> Element:
    """La question, avant le résultat."""
    static = (
        f"<p><strong>Votre pronostic.</strong> {escape(question.asked)} "
        f"{escape(question.answer.invitation)} Notez-le avant de lire la suite.</p>"
    )
    return Element(ASK, static, to_json({"key": key, **question.data()}))


def tell(key: str, question: Question) -> Element:
    """La réponse mesurée, à côté de ce que le lecteur avait dit."""
    static = (
        f"<p><strong>Et votre pronostic ?</strong> {escape(question.asked)} Mesuré\u00a0: "
        f"<strong>{escape(question.told(question.truth))}</strong>.</p>"
    )
    return Element(TELL, static, to_json(_answered(key, question)))


def review(questions: Mapping[str, Question]) -> Element:
    """Toutes les questions, et leurs réponses."""
    rows = "".join(
        f'<tr><th scope="row">{escape(one.belief)}</th><td>{escape(one.asked)}</td>'
        f"<td>{escape(one.told(one.truth))}</td></tr>"
        for one in questions.values()
    )
    static = (
        "<table><caption>Ce que les leçons demandaient, et ce qu’elles ont mesuré</caption>"
        '<thead><tr><th scope="col">On croit souvent que</th><th scope="col">La question</th>'
        f'<th scope="col">Mesuré</th></tr></thead><tbody>{rows}</tbody></table>'
    )
    told = [_answered(key, one) for key, one in questions.items()]
    return Element(REVIEW, static, to_json({"questions": told}))


def _answered(key: str, question: Question) -> dict[str, Any]:
    return {"key": key, **question.data(), "truth": question.truth, "belief": question.belief}

"""Un pronostic sur une page : la mesure seule est un résultat ; donné, il se voit à côté d'elle."""

from __future__ import annotations

from playwright.sync_api import Browser, Locator

from tests.site.visits import LESSONS, PHONE, opened


def plain(place: Locator) -> str:
    """Le texte d'un endroit, ses espaces insécables devenues ordinaires."""
    return " ".join((place.text_content() or "").split())


def test_the_outcome_compares_only_what_was_guessed(
    browser: Browser, doors: dict[str, str]
) -> None:
    """Sans pronostic, une phrase et rien à régler ; avec, les deux réponses sur un axe."""
    with opened(browser, doors["http"], LESSONS[0], PHONE) as (page, _):
        outcome = page.locator("lesson-outcome").first
        told = outcome.locator(".told")
        assert plain(told) == "Mesuré : 78,7 %. Vous n’aviez pas donné de pronostic."
        assert outcome.locator("svg, input").count() == 0
        guess = page.locator("lesson-guess").first
        guess.locator("input").fill("60")
        guess.get_by_role("button").click()
        assert "Vous disiez 60 %. Mesuré : 78,7 %." in plain(told)
        drawn = outcome.locator("svg")
        assert [plain(one) for one in drawn.locator("text").all()] == [
            "0 %",
            "100 %",
            "vous",
            "mesuré",
        ]
        assert drawn.bounding_box()["width"] <= outcome.bounding_box()["width"]

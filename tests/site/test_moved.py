"""Une ancienne adresse, avec ou sans repère, mène où est maintenant ce qu'elle nommait."""

from __future__ import annotations

from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from moved import MOVED
from playwright.sync_api import Browser

from tests.site.visits import PHONE, SITE, window

FORMER = "notebooks/8_1_3_second_ordre"
# Ce que l'on avait pu citer de la leçon d'avant, et où c'est.
CITED = {
    "": "notebooks/8_1_3_obd",
    "la-question": "notebooks/8_1_3_obd",
    "equation-eq-obd": "notebooks/8_1_3_obd",
    "fig-prediction": "notebooks/8_1_3_obd",
    "obs-les-autres-poids-compensent": "notebooks/8_1_3_obs",
    "sur-le-vrai-reseau": "notebooks/8_1_3_obs",
    "fig-compensation": "notebooks/8_1_3_obs",
    "exo-obs-code": "notebooks/8_1_3_obs",
    "les-pieges": "notebooks/8_1_3_obs",
    "xor-supprimer-le-bon-poids": "notebooks/annexes/resultats_classiques",
    "equation-eq-woodbury": "notebooks/annexes/inverse_a_jour",
}


def arrived(base: str, page: str, fragment: str) -> str:
    return f"{base}/{page}.html{f'#{fragment}' if fragment else ''}"


@pytest.mark.parametrize("door", ["http", "file"])
def test_a_former_address_leads_to_what_it_named(
    browser: Browser, doors: dict[str, str], door: str
) -> None:
    """La page s'ouvre où est le repère ; inconnu, ou sans repère, au début de la première."""
    base = doors[door]
    with window(browser, base, PHONE) as page:
        for fragment, now in CITED.items():
            page.goto(arrived(base, FORMER, fragment), wait_until="commit")
            page.wait_for_url(arrived(base, now, fragment))
            assert not fragment or page.locator(f"[id='{fragment}']").count() == 1
        page.goto(arrived(base, FORMER, "parti-depuis"), wait_until="commit")
        page.wait_for_url(arrived(base, MOVED[FORMER][0], ""))


def test_without_script_one_chooses() -> None:
    """Sans script, la page est une liste de liens, dont chacun mène à une page du site."""
    for former, pages in MOVED.items():
        soup = BeautifulSoup((SITE / f"{former}.html").read_text(encoding="utf-8"), "html.parser")
        hrefs = [str(a["href"]) for a in soup.select("li > a")]
        found = [Path(SITE, former).parent.joinpath(href).resolve() for href in hrefs]
        assert found == [SITE / f"{page}.html" for page in pages]
        assert all(path.is_file() for path in found)
        names = [str(one["id"]) for one in soup.select("[id]")]
        assert len(names) == len(set(names)) > 0

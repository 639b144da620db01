"""L'explorateur dans les pages publiées, comme un lecteur s'en sert."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Locator, Page

from tests.site.visits import DESKTOP, LESSONS, PHONE, SITE, opened

# La leçon du modèle de langue n'a que l'explorateur de mots (tests/explorer/test_word_page.py).
every_explorer = pytest.mark.parametrize(
    "page_name",
    [name for name in LESSONS if "<pruning-explorer" in (SITE / name).read_text(encoding="utf-8")],
    indirect=True,
)
# Le geste est le même dans toutes : la première, et celle où OBS dit à quelle sparsité il est.
two_lessons = pytest.mark.parametrize("page_name", LESSONS[0:3:2], indirect=True)


def shown(page: Page) -> list[str]:
    """Les grands nombres en tête du premier explorateur : élagués, restants, exactitude."""
    page.wait_for_timeout(100)  # le calcul suit le geste à l'image suivante
    return page.locator("pruning-explorer").first.locator(".stat b").all_text_contents()


def slider_of(page: Page) -> Locator:
    return page.locator("pruning-explorer input[type=range]").first


def number(text: str) -> int:
    return int("".join(filter(str.isdigit, text)))


@every_explorer
def test_slider_prunes_by_keyboard(browser: Browser, page_name: str) -> None:
    """Sur chaque leçon publiée, l'explorateur répond au clavier."""
    with opened(browser, SITE.as_uri(), page_name, PHONE) as (page, visit):
        slider = slider_of(page)
        slider.focus()
        page.keyboard.press("Home")
        pruned, left, dense = shown(page)[:3]
        assert pruned == "0\u00a0%"
        assert number(left) > 1000
        page.keyboard.press("End")
        pruned, left_all, accuracy_all = shown(page)[:3]
        assert slider.input_value() == "100"
        # OBS garde le dernier réseau de son trajet, et le dit
        assert pruned == f"{round(100 * (1 - number(left_all) / number(left)))}\u00a0%"
        page.keyboard.press("ArrowLeft")
        assert slider.input_value() == "99.5"
        assert "poids restants" in slider.get_attribute("aria-valuetext")
    assert number(left_all) < number(left) / 10
    assert dense != accuracy_all
    assert visit.errors == []


@two_lessons
def test_finger_prunes_after_a_reload_offline(browser: Browser, page_name: str) -> None:
    """Rechargé sans réseau, l'explorateur répond au doigt."""
    touch = {"offline": True, "has_touch": True, "is_mobile": True}
    with opened(browser, SITE.as_uri(), page_name, PHONE, **touch) as (page, visit):
        page.reload(wait_until="load")
        slider = slider_of(page)
        slider.scroll_into_view_if_needed()
        box = slider.bounding_box()
        page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        shown(page)
        assert "50\u00a0%" in page.locator("pruning-explorer .stat").first.inner_text()
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    assert visit.errors == []
    assert visit.failures == []


@two_lessons
def test_mouse_prunes_when_the_network_is_cut(
    browser: Browser, address: str, page_name: str
) -> None:
    """Une page servie par http n'a plus besoin du serveur pour répondre à la souris."""
    with opened(browser, address, page_name, DESKTOP) as (page, visit):
        page.context.set_offline(True)
        slider = slider_of(page)
        slider.scroll_into_view_if_needed()
        box = slider.bounding_box()
        middle = box["y"] + box["height"] / 2
        page.mouse.move(box["x"] + 0.9 * box["width"], middle)
        page.mouse.down()
        page.mouse.move(box["x"] + 0.25 * box["width"], middle, steps=5)
        page.mouse.up()
        assert 23 <= float(slider.input_value()) <= 26
        shown(page)
        # OBS dit à quelle sparsité est son réseau, et laquelle est demandée
        said = page.locator("pruning-explorer .stat").first.inner_text()
        assert f"{slider.input_value().replace('.', ',')}\u00a0%" in said
    assert visit.errors == []


@every_explorer
def test_table_stands_in_without_javascript(browser: Browser, page_name: str) -> None:
    """Sans JavaScript, une table et une image tiennent lieu d'explorateur."""
    with opened(browser, SITE.as_uri(), page_name, PHONE, java_script_enabled=False) as (page, _):
        table = page.locator("pruning-explorer table").first
        assert table.is_visible()
        assert table.locator("td").count() > 5
        assert page.locator("pruning-explorer svg[role=img]").first.is_visible()


@pytest.mark.parametrize("page_name", ["book/reference/glossaire.html"])
def test_script_is_only_where_it_serves(page_name: str) -> None:
    """Une page sans explorateur n'en charge pas le script."""
    assert "explorer.js" not in (SITE / page_name).read_text(encoding="utf-8")

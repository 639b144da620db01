"""axe-core sur chaque page, claire et sombre, en grand et sur un téléphone : aucune exception.

Toutes les règles, chaque page en grand et claire, puis petite et sombre ; les contrastes d'une page
de chaque sorte, aussi dans les deux autres aspects.
"""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.site.visits import DESKTOP, KINDS, LESSONS, PHONE, Visit, opened, wear

LOOKS = [(DESKTOP, "light"), (PHONE, "dark")]
OTHER_LOOKS = [(DESKTOP, "dark"), (PHONE, "light")]
LESSON = LESSONS[0] if LESSONS else ""
# Rapport de contraste de WCAG, d'après les couleurs calculées.
CONTRAST = """([text, background]) => {
  const light = (colour) => {
    const parts = colour.match(/[\\d.]+/g).slice(0, 3).map((part) => part / 255);
    const linear = parts.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  const [low, high] = [light(text), light(background)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}"""
CLICK_ALL = "(css) => document.querySelectorAll(css).forEach((one) => one.click())"
# Dans un même bloc, deux textes de mêmes couleurs sur les mêmes fonds ont le même contraste : axe
# n'en mesure qu'un, ce qui lui prend moitié moins de temps.
SKIP_REPEATED = """() => {
  const backs = new Map([[null, ""]]);
  const back = (one) => {
    if (!backs.has(one)) {
      const { backgroundColor, backgroundImage, opacity, filter, mixBlendMode } =
        getComputedStyle(one);
      const own = [backgroundColor, backgroundImage, opacity, filter, mixBlendMode].join();
      const none = own === "rgba(0, 0, 0, 0),none,1,none,normal";
      backs.set(one, back(one.parentElement) + (none ? "" : own));
    }
    return backs.get(one);
  };
  const seen = new Map();
  for (const one of document.querySelectorAll("body *")) {
    one.removeAttribute("data-repeated");
    const box = one.getBoundingClientRect();
    const judged = one.textContent.trim().length > 1 && Math.min(box.width, box.height) > 1;
    if (one.children.length || !one.checkVisibility() || !judged) continue; // axe ne le lit pas
    const block = one.closest("nav, section, article, body");
    const { color, fontSize, fontWeight, textShadow } = getComputedStyle(one);
    const look = [one.tagName, back(one), color, fontSize, fontWeight, textShadow].join();
    const looks = seen.get(block) ?? new Set();
    one.toggleAttribute("data-repeated", looks.has(look));
    seen.set(block, looks.add(look));
  }
}"""
RUN = """(rules) => {
  axe.configure({ rules: [{ id: "color-contrast", selector: "*:not([data-repeated])" }] });
  return axe.run({ resultTypes: ["violations"], ...(rules.length && { runOnly: rules }) });
}"""
COLOURS = (
    """(link) => [getComputedStyle(link).color, getComputedStyle(document.body).backgroundColor]"""
)


def violations(page: Page, *rules: str) -> list[str]:
    """Ce qu'axe reproche à la page telle qu'elle est, par toutes ses règles ou par celles-ci."""
    page.evaluate(SKIP_REPEATED)
    page.evaluate(Axe().axe_script)
    found = page.evaluate(RUN, rules)["violations"]
    return [
        f"{violation['id']} : {node['html'][:160]} : {node['failureSummary'][:300]}"
        for violation in found
        for node in violation["nodes"]
    ]


def test_axe_finds_nothing(desktop: Visit, page_name: str) -> None:
    """Contraste, noms, titres, rôles : axe ne reproche rien à une page."""
    looks: dict[tuple[tuple[int, int], str], tuple[str, ...]] = dict.fromkeys(LOOKS, ())
    if page_name in KINDS:
        looks |= dict.fromkeys(OTHER_LOOKS, ("color-contrast",))
    found = {}
    for (size, scheme), rules in looks.items():
        wear(desktop.page, size, scheme)
        found[f"{scheme} {size[0]}"] = violations(desktop.page, *rules)
    assert {look: faults for look, faults in found.items() if faults} == {}


def in_both_schemes(page: Page, size: tuple[int, int]) -> dict[str, list[str]]:
    """Ce qu'axe reproche à la page en clair, et à ses contrastes en sombre."""
    found = {"light": violations(page)}
    wear(page, size, "dark")
    return found | {"dark": violations(page, "color-contrast")}


NOTHING: dict[str, list[str]] = {"light": [], "dark": []}


def test_axe_finds_nothing_once_opened(browser: Browser, address: str) -> None:
    """Axe ne reproche rien à ce qui ne paraît qu'à la demande : solutions, quiz, bulle."""
    with opened(browser, address, LESSON, DESKTOP) as (page, _):
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        page.evaluate(CLICK_ALL, "button.toggle-button-hidden")
        page.locator("input[data-exercice]").first.check()
        page.locator("a.terme").first.hover()
        page.get_by_role("tooltip").wait_for()
        assert in_both_schemes(page, DESKTOP) == NOTHING
        assert page.get_by_role("tooltip").is_visible()


def test_axe_finds_nothing_in_the_phone_s_menu(browser: Browser, address: str) -> None:
    """Axe ne reproche rien au sommaire qu'ouvre un téléphone."""
    with opened(browser, address, LESSON, PHONE) as (page, _):
        page.locator("button.primary-toggle").click()
        menu = page.locator("dialog#pst-primary-sidebar-modal[open] nav").first
        menu.wait_for()
        assert in_both_schemes(page, PHONE) == NOTHING
        assert menu.is_visible()


PLANTED = {
    "image-alt": "<img src='a.png'>",
    "label": "<input type='checkbox'>",
    # Un signe, qu'axe ne juge pas, puis deux textes pareils, dont il ne lit que le premier.
    "color-contrast": "<p>Net</p><p>Net</p>"
    + "".join(
        f"<p style='color: #bbb; background: #fff'>{text}</p>" for text in ("!", "Un", "Deux")
    ),
    "button-name": "<button></button>",
    "link-name": "<a class='terme' href='#'></a>",
}


def test_axe_finds_every_planted_fault(browser: Browser, address: str) -> None:
    """Axe voit chaque faute plantée, et rien d'autre."""
    with opened(browser, address, "book/index.html", DESKTOP) as (page, _):
        page.locator("article").evaluate(
            "(a, html) => a.insertAdjacentHTML('afterbegin', html)", "".join(PLANTED.values())
        )
        assert {violation.split(" : ")[0] for violation in violations(page)} == set(PLANTED)


def test_hovered_link_stays_readable(browser: Browser, address: str) -> None:
    """Un lien survolé, ce qu'axe ne fait pas, garde son contraste, en clair et en sombre."""
    with opened(browser, address, LESSON, DESKTOP) as (page, _):
        page.add_style_tag(content="* { transition: none !important; }")
        found = {}
        for scheme in ("light", "dark"):
            wear(page, DESKTOP, scheme)
            for css in ("article a.terme", "article p > a.reference.internal:not(.terme)"):
                link = page.locator(css).first
                link.hover()
                found[scheme, css] = page.evaluate(CONTRAST, link.evaluate(COLOURS))
    assert min(found.values()) >= 4.5, found

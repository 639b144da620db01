"""Ce que le site dit de lui-même : description, aperçu, adresse, plan."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from docutils import nodes
from docutils.frontend import get_default_settings
from docutils.utils import new_document
from jinja2.sandbox import SandboxedEnvironment
from publication import describe_page, description, publish, read_environment
from sphinx.jinja2glue import SphinxFileSystemLoader


def page_of(*paragraphs: str) -> nodes.document:
    page = new_document("essai", get_default_settings())
    page += [nodes.paragraph("", text) for text in paragraphs]
    return page


def test_description_is_the_first_paragraph() -> None:
    """La description est le premier paragraphe, coupé à un mot entier."""
    assert description(page_of("  ", "Une  phrase\ncourte.")) == "Une phrase courte."
    long = description(page_of("mot " * 100))
    assert len(long) <= 160
    assert long.endswith("mot…")


TEMPLATES = SphinxFileSystemLoader(Path(__file__).parents[2] / "book/templates")


def page_context(page: nodes.document, *, base: str = "", name: str = "p", **context: str) -> str:
    """Balises de la page ``name``, dont l'accueil est ``book/index``."""
    config = SimpleNamespace(author="nous", html_baseurl=base)
    builder = SimpleNamespace(get_target_uri=lambda name: f"{name}.html")
    told = {"metatags": "", "title": "", "project": "Le cours", "root_doc": "book/index"} | context
    describe_page(SimpleNamespace(config=config, builder=builder), name, "t", told, page)
    template = SandboxedEnvironment(loader=TEMPLATES).get_template("metadata.html")
    return template.render(pagename=name, **told)


def test_page_keeps_its_own_description() -> None:
    """Une page n'a qu'une description, la sienne si elle en donne une, et protégée."""
    own = page_context(page_of("Autre"), metatags='<meta name="description" content="x" />')
    assert 'name="description"' not in own
    assert '<meta name="description" content="Un &#34;mot&#34;" />' in page_context(
        page_of('Un "mot"')
    )


def test_preview_has_no_invented_address() -> None:
    """L'aperçu n'a d'adresses qu'absolues, et un titre protégé une fois."""
    local = page_context(page_of("Texte"), title="<em>A</em> &amp; B")
    assert '<meta property="og:title" content="A &amp; B" />' in local
    assert "og:image" not in local
    assert "og:url" not in local
    online = page_context(page_of("Texte"), title="A", base="https://exemple.fr/c/", name="a/b")
    assert 'property="og:url" content="https://exemple.fr/c/a/b.html"' in online
    assert 'property="og:image" content="https://exemple.fr/c/_static/apercu.png"' in online


def test_course_is_told_once_and_is_data() -> None:
    """Le cours est décrit à l'accueil seul, et rien n'en sort du script."""
    assert "ld+json" not in page_context(page_of("Texte"))
    home = page_context(page_of("a</script><b>"), name="book/index")
    (written,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', home)
    told = json.loads(written)
    assert (told["@type"], told["name"], told["description"]) == (
        "Course",
        "Le cours",
        "a</script><b>",
    )
    assert "url" not in told


@pytest.mark.parametrize("base", ["", "https://exemple.fr/"])
def test_sitemap_needs_an_address(tmp_path, base: str) -> None:
    """Le plan du site n'est écrit, et l'aperçu livré, qu'avec une adresse."""
    (tmp_path / "book" / "images").mkdir(parents=True)
    (tmp_path / "book" / "images" / "apercu.png").write_bytes(b"image")
    (tmp_path / "site" / "_static").mkdir(parents=True)
    app = SimpleNamespace(
        builder=SimpleNamespace(
            format="html",
            get_target_uri=lambda name: f"{name}.html",
            templates=SimpleNamespace(
                render=lambda name, context: (
                    SandboxedEnvironment(loader=TEMPLATES).get_template(name).render(context)
                )
            ),
        ),
        config=SimpleNamespace(html_baseurl=base),
        env=SimpleNamespace(found_docs={"b", "a"}),
        srcdir=tmp_path,
        outdir=tmp_path / "site",
    )
    publish(app, None)
    assert (tmp_path / "site" / "_static" / "apercu.png").exists() == bool(base)
    assert (tmp_path / "site" / "sitemap.xml").exists() == bool(base)
    if base:
        text = (tmp_path / "site" / "sitemap.xml").read_text(encoding="utf-8")
        assert re.findall("<loc>(.*?)</loc>", text) == [f"{base}a.html", f"{base}b.html"]


def configuration() -> SimpleNamespace:
    return SimpleNamespace(html_baseurl="", html_theme_options={})


def test_addresses_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Les adresses du site et du dépôt sont celles que l'on donne, et aucune autre."""
    monkeypatch.delenv("COURS_URL", raising=False)
    monkeypatch.delenv("COURS_DEPOT", raising=False)
    silent = configuration()
    read_environment(None, silent)
    assert (silent.html_baseurl, silent.html_theme_options) == ("", {})

    monkeypatch.setenv("COURS_URL", "https://exemple.fr/cours")
    monkeypatch.setenv("COURS_DEPOT", "https://exemple.fr/depot/")
    told = configuration()
    read_environment(None, told)
    assert told.html_baseurl == "https://exemple.fr/cours/"
    assert told.html_theme_options["repository_url"] == "https://exemple.fr/depot"
    assert told.html_theme_options["use_repository_button"] is True

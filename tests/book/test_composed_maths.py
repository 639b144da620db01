"""Les formules composées à la construction."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from composed_maths import Composer, formula
from docutils import nodes
from fontTools.ttLib import TTFont


def written(node: nodes.Element) -> str:
    """Ce qui reste d'une formule dans la page."""
    translator = SimpleNamespace(
        body=[],
        starttag=lambda node, tag, *_, **kept: f'<{tag} class="math">',
        add_permalink_ref=lambda *_: None,
        builder=SimpleNamespace(config=SimpleNamespace(math_numfig=False, math_eqref_format=None)),
    )
    translator.builder.env = None
    composer = Composer()
    composer.compose([formula(node)])
    inline = isinstance(node, nodes.math)
    with pytest.raises(nodes.SkipNode):
        (composer.visit_math if inline else composer.visit_math_block)(translator, node)
    return "".join(translator.body)


def test_inline_formula_is_composed() -> None:
    """Une formule du texte est composée, signe « < » compris."""
    page = written(nodes.math("", "a < b_1"))
    assert page.startswith('<span class="math"><mjx-container') and page.endswith("</span>")
    assert "<mo>&lt;</mo>" in page
    assert 'display="true"' not in page


def test_display_formula_keeps_its_number() -> None:
    """Une formule hors texte garde son numéro, sur plusieurs lignes aussi."""
    page = written(nodes.math_block("", r"a\\[2pt]b", nowrap=False, number=1))
    assert page.startswith('<div class="math"><span class="eqno">(1)</span><mjx-container')
    assert page.endswith("</mjx-container></div>\n")
    assert 'display="true"' in page and "2pt" not in page
    assert page.count("<mtr>") == 2


def test_environment_is_composed_whole() -> None:
    """Un environnement « align » est composé entier, sans numéro."""
    latex = r"\begin{align} a &= b \\[2pt] c &= d \end{align}"
    page = written(nodes.math_block("", latex, nowrap=True, number=None))
    assert "begin" not in page and "[2pt]" not in page and "eqno" not in page
    assert page.count("<mtr>") == 2


def test_nonsense_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    """Une formule fausse est un avertissement, qui arrête la construction."""
    Composer().compose([(r"\inconnue{x}", False), (r"\frac{1}", False)])
    for latex in (r"\inconnue{x}", r"\frac{1}"):
        assert any(f"reçu {latex} ;" in record.message for record in caplog.records)


def test_every_formula_of_the_site_is_composed() -> None:
    """Les formules de toutes les pages, dans le texte et hors du texte, sont composées."""
    pages = {
        "a": nodes.paragraph("", "", nodes.math("", "x")),
        "b": nodes.section("", nodes.math_block("", "y", nowrap=False)),
    }
    composer, asked = Composer(), []
    composer.compose = asked.extend  # type: ignore[method-assign]
    env = SimpleNamespace(found_docs=list(pages), get_doctree=pages.get)
    composer.compose_site(None, env)
    assert asked == [("x", False), ("y", True)]


def test_style_and_fonts_hold_the_signs(tmp_path) -> None:
    """La feuille de style et les polices ont chaque signe de la page."""
    (tmp_path / "_static").mkdir()
    composer = Composer()
    composer.compose([(r"\sum_i \mathcal{L}(w_i) \approx \delta", True)])
    composer.write_style(SimpleNamespace(outdir=tmp_path), None)
    style = (tmp_path / "_static" / "maths.css").read_text(encoding="utf-8")
    assert "maths/MathJax_Main-Regular.woff" in style
    fonts = {one.name: TTFont(one).getBestCmap() for one in (tmp_path / "_static/maths").iterdir()}
    assert ord("≈") in fonts["MathJax_Main-Regular.woff"]
    assert {ord("w"), ord("δ")} <= set(fonts["MathJax_Math-Italic.woff"])
    assert ord("L") in fonts["MathJax_Calligraphic-Regular.woff"]
    assert ord("z") not in fonts["MathJax_Math-Italic.woff"]


def test_nothing_is_written_without_formulas(tmp_path) -> None:
    """Sans formule, ni MathJax ni feuille de style."""
    composer = Composer()
    composer.compose([])
    composer.write_style(SimpleNamespace(outdir=tmp_path), None)
    assert list(tmp_path.iterdir()) == []

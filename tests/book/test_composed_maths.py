"""Les formules composées à la construction."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from composed_maths import Composer, composed, write_style
from docutils import nodes
from fontTools.ttLib import TTFont


@pytest.fixture
def composer():
    one = Composer()
    yield one
    one.finish()


def written(text: str, node: nodes.Element, composer: Composer) -> str:
    """Ce qui reste d'une formule dans la page, quand Sphinx y écrit `text`."""
    translator = SimpleNamespace(body=["<p>avant "])

    def visit(translator, node) -> None:
        translator.body.append(text)
        raise nodes.SkipNode

    with pytest.raises(nodes.SkipNode):
        composed(visit, composer)(translator, node)
    assert translator.body[0] == "<p>avant "
    return "".join(translator.body[1:])


def test_inline_formula_is_composed(composer: Composer) -> None:
    """Une formule du texte est composée, signe « < » compris."""
    page = written(r'<span class="math">\(a &lt; b_1\)</span>', nodes.math(), composer)
    assert page.startswith('<span class="math"><mjx-container') and page.endswith("</span>")
    assert "<mo>&lt;</mo>" in page and "\\(" not in page
    assert 'display="true"' not in page


def test_display_formula_keeps_its_number(composer: Composer) -> None:
    """Une formule hors texte garde son numéro, sur plusieurs lignes aussi."""
    latex = r"\[\begin{split}a\\[2pt]b\end{split}\]"
    text = f'<div class="math"><span class="eqno">(1)</span>{latex}</div>'
    page = written(text, nodes.math_block(nowrap=False), composer)
    assert page.startswith('<div class="math"><span class="eqno">(1)</span><mjx-container')
    assert page.endswith("</mjx-container></div>")
    assert 'display="true"' in page and "2pt" not in page


def test_environment_is_composed_whole(composer: Composer) -> None:
    """Un environnement « align », sans délimiteurs, est composé entier."""
    text = '<div class="math">\\begin{align} a &amp;= b \\\\[2pt] c &amp;= d \\end{align}</div>'
    page = written(text, nodes.math_block(nowrap=True), composer)
    assert "begin" not in page and "[2pt]" not in page
    assert page.count("<mtr>") == 2


def test_nonsense_is_a_warning(composer: Composer, caplog: pytest.LogCaptureFixture) -> None:
    """Une formule fausse est un avertissement, qui arrête la construction."""
    composer.compose(r"\inconnue{x}", display=False)
    composer.compose(r"\frac{1}", display=False)
    for latex in (r"\inconnue{x}", r"\frac{1}"):
        assert any(f"reçu {latex} ;" in record.message for record in caplog.records)


def test_style_and_fonts_hold_the_signs(composer: Composer, tmp_path) -> None:
    """La feuille de style et les polices ont chaque signe de la page."""
    (tmp_path / "_static").mkdir()
    composer.compose(r"\sum_i \mathcal{L}(w_i) \approx \delta", display=True)
    write_style(SimpleNamespace(outdir=tmp_path), composer)
    style = (tmp_path / "_static" / "maths.css").read_text(encoding="utf-8")
    assert "maths/MathJax_Main-Regular.woff" in style
    fonts = {one.name: TTFont(one).getBestCmap() for one in (tmp_path / "_static/maths").iterdir()}
    assert ord("≈") in fonts["MathJax_Main-Regular.woff"]
    assert {ord("w"), ord("δ")} <= set(fonts["MathJax_Math-Italic.woff"])
    assert ord("L") in fonts["MathJax_Calligraphic-Regular.woff"]
    assert ord("z") not in fonts["MathJax_Math-Italic.woff"]


def test_nothing_is_written_without_formulas(composer: Composer, tmp_path) -> None:
    """Sans formule, ni MathJax ni feuille de style."""
    write_style(SimpleNamespace(outdir=tmp_path), composer)
    assert list(tmp_path.iterdir()) == []

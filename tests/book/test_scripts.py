"""Les scripts d'une page : ceux qui servent, différés."""

from __future__ import annotations

from scripts import lighten

PAGE = """<html><head>
<script src="_static/documentation_options.js?v=1"></script>
<script src="_static/doctools.js?v=2"></script>
<script data-x="1" src="a.js"></script>
<script>inline();</script>
<script type="module" src="m.js"></script>
<script async src="b.js"></script>
<script defer src="c.js"></script>
    <script src="../_static/searchtools.js"></script>
    <script src="../_static/language_data.js"></script>
    <script src="../searchindex.js"></script>
</head><body><script src="d.js"></script></body></html>"""

LIGHT = """<html><head>
<script src="_static/documentation_options.js?v=1"></script>
<script defer src="_static/doctools.js?v=2"></script>
<script defer data-x="1" src="a.js"></script>
<script>inline();</script>
<script type="module" src="m.js"></script>
<script async src="b.js"></script>
<script defer src="c.js"></script>
</head><body><script src="d.js"></script></body></html>"""


def test_head_scripts_wait_and_idle_ones_go() -> None:
    """Un script bloquant oublié, un script dont l'ordre compte différé, la recherche gardée."""
    assert lighten(PAGE) == LIGHT


def test_lightening_twice_is_lightening_once() -> None:
    """Un attribut écrit deux fois."""
    assert lighten(LIGHT) == LIGHT

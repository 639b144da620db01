"""La politique de sécurité écrite dans les pages."""

from __future__ import annotations

import pytest
from policy import fingerprint, policy, with_policy, without_compilation
from sphinx.errors import ExtensionError

HEAD = '<html><head>\n<meta charset="utf-8" />\n<title>Leçon</title>'


def script_sources(page: str) -> list[str]:
    directives = dict(part.split(" ", 1) for part in policy(page).split("; "))
    return directives["script-src"].split()


def test_fingerprint_is_the_one_of_the_standard() -> None:
    """Une empreinte mal codée : le navigateur refuserait tous les scripts de la page."""
    # https://www.w3.org/TR/CSP3/#external-hash, recalculée par `openssl`
    assert fingerprint("alert('Hello, world.');") == (
        "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='"
    )


def test_only_what_is_executed_is_allowed() -> None:
    """Un script sans empreinte, ou des données prises pour un script."""
    page = (
        '<script>début("é")</script><script src="a.js">ignoré</script>'
        '<script type="application/json">{"a": 1}</script>'
        '<script type="module">fin</script><script>fin</script>'
    )
    expected = sorted([fingerprint('début("é")'), fingerprint("fin")])
    assert script_sources(page) == ["'self'", *expected]


def test_page_without_script_allows_none() -> None:
    """Une exception laissée aux pages qui n'en ont pas besoin."""
    assert script_sources("<p>Prose : onclick='rien'</p>") == ["'self'"]


def test_handler_is_read_as_the_browser_reads_it() -> None:
    """Un attribut ``onclick`` dont les entités ne seraient pas décodées avant l'empreinte."""
    sources = script_sources('<button onclick="go(&quot;a&quot;)">a</button>')
    assert sources == ["'self'", "'unsafe-hashes'", fingerprint('go("a")')]


def test_policy_comes_first_and_once() -> None:
    """Une politique écrite après un script ne vaut pas pour lui ; deux s'ajouteraient."""
    once = with_policy(HEAD + "<script>a</script>")
    assert once.index("Content-Security-Policy") < once.index("<title>")
    assert once.index("charset") < once.index("Content-Security-Policy")
    assert with_policy(once) == once
    assert with_policy(once.replace(">a<", ">b<")) == with_policy(HEAD + "<script>b</script>")


def test_page_without_place_is_an_error() -> None:
    """Une page laissée sans politique, en silence."""
    with pytest.raises(ExtensionError, match="sans encodage"):
        with_policy("<html><head><title>a</title></head></html>")


def test_nothing_dangerous_is_allowed() -> None:
    """Une directive relâchée : script libre, adresse d'ailleurs, joker."""
    text = policy(HEAD)
    assert "script-src 'self';" in text
    assert not any(word in text for word in ("unsafe-eval", "http", "*", "script-src 'unsafe"))
    for strict in ("object-src 'none'", "base-uri 'none'", "form-action 'self'"):
        assert strict in text


SPHINX_SCRIPT = """Documentation.PLURAL_EXPR = new Function(
      "n",
      `return (${catalog.plural_expr})`
    );"""


def test_plural_rule_is_written_in() -> None:
    """Un script qui compile du texte : la politique l'arrêterait à chaque page."""
    script = without_compilation(SPHINX_SCRIPT, '{"plural_expr": "(n > 1) ? \\"a\\" : 0", "b": 1}')
    assert script == 'Documentation.PLURAL_EXPR = (n) => ((n > 1) ? "a" : 0);'


@pytest.mark.parametrize(
    ("script", "translations"), [("autre", '"plural_expr": "n"'), (SPHINX_SCRIPT, "{}")]
)
def test_changed_sphinx_script_is_an_error(script: str, translations: str) -> None:
    """Une version de Sphinx dont le script compile autrement, laissée passer."""
    with pytest.raises(ExtensionError, match="pluriel"):
        without_compilation(script, translations)

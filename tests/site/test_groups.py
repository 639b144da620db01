"""Ce qui réunit les tests d'un moteur, d'une page ou d'un fichier."""

from __future__ import annotations

import pytest

from tests.site.groups import claim, group_of

ONE, OTHER = "tests/site/test_pages.py", "tests/site/test_engines.py"


@pytest.mark.parametrize(
    ("name", "group"),
    [
        (f"{ONE}::test_a[book/index.html-phone]", (2, "book/index.html")),
        (
            f"{ONE}::test_a[notebooks/8_1_4_comparaison.html]",
            (2, "notebooks/8_1_4_comparaison.html"),
        ),
        (f"{ONE}::test_a[lenet-book/index.html]", (2, "book/index.html")),
        (f"{OTHER}::test_a[webkit]", (0, "webkit")),
        (f"{OTHER}::test_a[firefox-http-book/index.html]", (0, "firefox")),
        (f"{OTHER}::test_a[book/index.html-firefox]", (0, "firefox")),
        (f"{ONE}::test_a", (1, ONE)),
        (f"{ONE}::test_a[http]", (1, ONE)),
    ],
    ids=range(8),
)
def test_group_is_read_in_the_name(name: str, group: tuple[int, str]) -> None:
    """Le moteur d'abord, à défaut la page, à défaut le fichier."""
    assert group_of(name) == group


def test_group_has_one_owner(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Un groupe pris par un processus est refusé à un autre."""
    name = f"essai-{tmp_path_factory.mktemp('essai').name}"
    claim(name, "un", tmp_path_factory)
    claim(name, "un", tmp_path_factory)
    with pytest.raises(AssertionError, match="un seul processus"):
        claim(name, "deux", tmp_path_factory)

"""Un test que l'on saute se voit."""

from __future__ import annotations

import pytest

pytest_plugins = ["pytester"]

SILENT = {
    "skip": "@pytest.mark.skip(reason='plus tard')",
    "skip_without_reason": "@pytest.mark.skip",
    "skipif": "@pytest.mark.skipif(True, reason='un jour')",
    "another_system": '@pytest.mark.skipif(True, reason="Windows n\'a pas make")',
    "expected_failure": "@pytest.mark.xfail(reason='connu')",
}


@pytest.mark.parametrize("mark", SILENT.values(), ids=SILENT)
def test_a_skipped_test_is_seen(pytester: pytest.Pytester, mark: str) -> None:
    """Un test marqué « skip » ou « xfail » sans raison fait échouer l'ensemble, nommé."""
    pytester.makepyfile(f"import pytest\n{mark}\ndef test_idle(): assert True\ndef test_run(): ...")
    result = pytester.runpytest_inprocess("-p", "tests.skipped", "-p", "no:cacheprovider")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*Tests qui n'ont pas tourné*", "*test_idle :*"])


def test_all_run(pytester: pytest.Pytester) -> None:
    """Sans test sauté, rien ne se dit."""
    pytester.makepyfile("def test_run(): ...")
    result = pytester.runpytest_inprocess("-p", "tests.skipped", "-p", "no:cacheprovider")
    assert result.ret == pytest.ExitCode.OK
    result.stdout.no_fnmatch_line("*n'ont pas tourné*")

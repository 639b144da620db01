"""Les licences de ce qui est installé, et la nomenclature."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from builder import licences
from builder.failure import Failure
from builder.licences import BILL, TOLD_ELSEWHERE, licence_of, write_licences


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Les paquets de la nomenclature de cet environnement."""
    root = tmp_path_factory.mktemp("cours")
    write_licences(root)
    bill = json.loads((root / BILL).read_text(encoding="utf-8"))
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    return bill["components"]


def test_every_installed_package_tells_its_licence(written: list[dict[str, Any]]) -> None:
    """Tout paquet installé est dans la nomenclature, et sa licence est connue."""
    told = {package["name"]: licence_of(package) for package in written}
    assert {"torch", "numpy", "pytest"} <= set(told)
    assert len(told) > 150
    assert "" not in told.values()


def test_exceptions_are_still_needed(written: list[dict[str, Any]]) -> None:
    """Une licence n'est recopiée à la main que si le paquet ne la dit pas lui-même."""
    silent = {package["name"] for package in written if not package.get("licenses")}
    assert silent == set(TOLD_ELSEWHERE)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ([{"expression": "MIT OR BSD-2-Clause"}], "MIT OR BSD-2-Clause"),
        ([{"license": {"id": "MIT"}}, {"license": {"name": "License :: MIT License"}}], "MIT"),
        ([{"license": {"name": "License :: OSI Approved :: BSD License"}}], "BSD License"),
        ([{"license": {"id": "MIT"}}, {"license": {"id": "ISC"}}], "MIT ou ISC"),
        ([], ""),
    ],
)
def test_licence_is_read(told: list[dict[str, Any]], expected: str) -> None:
    """La licence est l'expression SPDX si le paquet en donne une, sinon son classement."""
    assert licence_of({"name": "essai", "licenses": told}) == expected


def test_silent_package_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Un paquet dont on ne sait pas la licence fait échouer la tâche, qui le nomme."""
    monkeypatch.setattr(licences, "TOLD_ELSEWHERE", {})
    with pytest.raises(Failure, match="asttokens"):
        write_licences(tmp_path)

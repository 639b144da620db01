"""Les licences de ce qui est installé, et la nomenclature."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from builder import licences
from builder.failure import Failure
from builder.licences import Package, bill, installed, licence_of, locked, table, write_licences

ROOT = Path(__file__).parents[2]


def course(folder: Path, lock: str) -> Path:
    (folder / "requirements.lock").write_text(lock, encoding="utf-8")
    (folder / "requirements-no-deps.lock").write_text("# rien\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("classifiers", "text", "expected"),
    [
        (["Topic :: X", "License :: OSI Approved :: MIT License"], "BSD", "MIT License"),
        (["License :: OSI Approved", "Topic :: X"], "BSD", "BSD"),
        ([], "  MIT\n\nPermission is", "MIT"),
        ([], "", ""),
    ],
)
def test_licence_is_found(classifiers: list[str], text: str, expected: str) -> None:
    """La licence se lit dans son seul classement, et un texte entier n'en est pas une."""
    assert licence_of(classifiers, text) == expected


def test_lock_is_read_whole() -> None:
    """Chaque paquet fixé est lu, sous tout système, commentaires exclus."""
    names = locked(ROOT)
    assert {"torch", "numpy", "colorama"} <= set(names)
    assert len(names) > 150


def test_every_installed_package_tells_its_licence() -> None:
    """Chaque paquet installé a une licence connue."""
    packages = installed(locked(ROOT))
    assert len(packages) > 100
    assert [package.name for package in packages if not package.licence] == []


def test_exceptions_are_still_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chaque licence écrite à la main est celle d'un paquet qui se tait."""
    names = list(licences.TOLD_ELSEWHERE)
    monkeypatch.setattr(licences, "TOLD_ELSEWHERE", {})
    assert [package.licence for package in installed(names)] == [""] * len(names)


def test_bill_is_cyclonedx() -> None:
    """La nomenclature suit CycloneDX : une licence libre n'y est pas une expression."""
    packages = [
        Package("a", "1.0", "MIT OR BSD-2-Clause", True),
        Package("b", "2+cpu", "BSD", False),
    ]
    told = bill(packages)
    assert (told["bomFormat"], told["specVersion"]) == ("CycloneDX", "1.6")
    assert told["components"] == [
        {
            "type": "library",
            "bom-ref": "pkg:pypi/a@1.0",
            "name": "a",
            "version": "1.0",
            "purl": "pkg:pypi/a@1.0",
            "licenses": [{"expression": "MIT OR BSD-2-Clause"}],
        },
        {
            "type": "library",
            "bom-ref": "pkg:pypi/b@2%2Bcpu",
            "name": "b",
            "version": "2+cpu",
            "purl": "pkg:pypi/b@2%2Bcpu",
            "licenses": [{"license": {"name": "BSD"}}],
        },
    ]


def test_table_groups_by_licence() -> None:
    """Chaque paquet est rangé sous sa licence."""
    packages = [Package(name, "1", licence, True) for name, licence in ("aZ", "bY", "cZ")]
    assert table(packages) == "Y : b 1\nZ : a 1, c 1"


def test_files_are_written(tmp_path: Path) -> None:
    """La nomenclature est écrite, la même à chaque fois."""
    write_licences(course(tmp_path, "pytest==1\nabsent-d-ici==1\n"))
    written = (tmp_path / "_build" / "licences" / "bom.cdx.json").read_text(encoding="utf-8")
    assert [one["name"] for one in json.loads(written)["components"]] == ["pytest"]
    write_licences(tmp_path)
    again = (tmp_path / "_build" / "licences" / "bom.cdx.json").read_text(encoding="utf-8")
    assert again == written


def test_silent_package_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Un paquet sans licence connue est un échec."""
    silent = [Package("muet", "1", "", False)]
    monkeypatch.setattr(licences, "installed", lambda names: silent)
    with pytest.raises(Failure, match="muet"):
        write_licences(course(tmp_path, "muet==1\n"))

"""Les pages de référence : docstrings, conditions des expériences, recherche, glossaire."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from builder.notebooks import notebook_paths
from docstrings import write_in_french
from docutils import nodes
from docutils.frontend import get_default_settings
from docutils.utils import new_document
from experiences import french_date, subject, summary
from french_search import FoldedFrench, fold

import pruning_core
from pruning_core.course.experiments import read_conditions, read_table, table_names

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "book" / "reference"


def search_options() -> dict[str, Any]:
    """Les réglages de la recherche, tels que le site les a."""
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    return config["sphinx"]["config"]["html_search_options"]


def test_sections_are_titled_in_french() -> None:
    """Un titre que napoleon laisse en anglais est traduit ; le texte ne l'est pas."""
    page = new_document("essai", get_default_settings())
    page += [nodes.field_name("", title) for title in ("Attributes", "Yields", "Renvoie")]
    page += nodes.paragraph("", "Attributes")
    write_in_french(None, page)
    assert [node.astext() for node in page] == ["Attributs", "Produit", "Renvoie", "Attributes"]


def test_parameter_and_text_are_separated_in_french() -> None:
    """Un deux-points sépare un paramètre de son texte, tirets du texte intacts."""
    page = new_document("essai", get_default_settings())
    texts = ("n", ") -- Un -- deux.", " -- Trois.", "Quatre -- cinq.", " (x) --")
    page += nodes.field_body("", nodes.paragraph("", "", *map(nodes.Text, texts)))
    page += nodes.paragraph("", " -- dehors")
    write_in_french(None, page)
    found = [str(text).replace("\u00a0", "~") for text in page.findall(nodes.Text)]
    assert found == ["n", ")~: Un -- deux.", "~: Trois.", "Quatre -- cinq.", " (x)~:", " -- dehors"]


def test_every_public_name_is_documented_once() -> None:
    """Chaque nom public est dans la référence, une fois."""
    page = (REFERENCE / "api.md").read_text(encoding="utf-8")
    names = re.findall(r"^\.\. auto(?:function|class):: pruning_core\.(\w+)$", page, re.MULTILINE)
    types = {"Masks", "Scores"}  # des alias, dits en tête de page
    assert all(f"`{name}`" in page for name in types)
    assert sorted(names) == sorted(set(pruning_core.__all__) - types)


@pytest.mark.parametrize(
    ("asked", "term"),
    [
        ("elagage", "élagage"),
        ("élaguer", "élagage"),
        ("elagués", "élagage"),
        ("pruning", "élagage"),
        ("Parcimonie", "sparsité"),
        ("weights", "poids"),
        ("masks", "masques"),
    ],
)
def test_search_finds_a_term_by_its_variants(asked: str, term: str) -> None:
    """La recherche relie les variantes d'un mot : accents, formes, anglais."""
    french = FoldedFrench(search_options())
    assert french.stem(asked) == french.stem(term)


def test_search_keeps_other_words_apart() -> None:
    """Deux mots différents restent séparés."""
    french = FoldedFrench(search_options())
    assert len({french.stem(word) for word in ("élagage", "poids", "masque", "perte")}) == 4
    assert french.stem("perdre") != french.stem("perte")
    assert fold("Nœud à ôter") == "noeud a oter"


def test_browser_gets_the_same_synonyms() -> None:
    """Le navigateur a les synonymes de l'index."""
    french = FoldedFrench(search_options())
    assert json.dumps(french.synonyms) in french.js_stemmer_code
    assert len(french.synonyms) == len(search_options()["synonyms"])


@pytest.mark.parametrize("name", table_names())
def test_experience_is_told(name: str) -> None:
    """Chaque tableau dit son sujet et ses conditions."""
    assert len(subject(name)) > 20
    told = summary(read_conditions(name))
    assert re.match(r"Graines \S+ à \d+ ; \d+\s(s|min) de processeur sur ", told)
    assert "torch" in told
    assert f"`{read_conditions(name)['command']}`" in told


def test_french_date() -> None:
    """Une date est française, premier du mois compris."""
    dates = ("2026-01-01", "2026-12-31")
    assert [french_date(date) for date in dates] == ["1er janvier 2026", "31 décembre 2026"]


def test_glossary_has_the_lessons_english_words() -> None:
    """Chaque mot anglais donné dans une leçon est au glossaire."""
    glossary = (REFERENCE / "glossaire.md").read_text(encoding="utf-8").lower()
    told = re.findall(r"\*([^*\n]+)\*", glossary)
    given: set[str] = set()
    for path in notebook_paths(REFERENCE.parents[1]):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "markdown":
                given |= set(re.findall(r"\(\*([\w -]+)\*\)", "".join(cell["source"])))
    assert len(given) > 5
    assert sorted(w for w in given if w.lower().removesuffix("s") not in "".join(told)) == []


def test_notation_refers_to_every_equation() -> None:
    """La page des notations cite chaque équation numérotée."""
    page = (REFERENCE / "notation.md").read_text(encoding="utf-8")
    labels: set[str] = set()
    for path in notebook_paths(REFERENCE.parents[1]):
        labels |= set(re.findall(r":label: (eq-[\w-]+)", path.read_text(encoding="utf-8")))
    assert len(labels) > 10
    assert sorted(label for label in labels if f"`{label}`" not in page) == []


def test_glossary_terms_are_distinct_and_defined() -> None:
    """Chaque terme est unique, et a son mot anglais en italique."""
    text = (REFERENCE / "glossaire.md").read_text(encoding="utf-8")
    body = text.split(":sorted:\n")[1].split("```")[0]
    terms = re.findall(r"^(\S.*)\n  (.*)$", body, re.MULTILINE)
    assert len(terms) > 40
    assert len({term for term, _ in terms}) == len(terms)
    assert [term for term, first in terms if not re.match(r"\*[^*]+\*", first)] == []


def test_hints_do_not_refer_to_an_equation() -> None:
    """Aucune définition ne cite une équation dans sa première phrase, montrée hors de sa page."""
    text = (REFERENCE / "glossaire.md").read_text(encoding="utf-8")
    firsts = re.findall(r"^  \*[^*]+\*\.\s(.*?)\.\s", text, re.MULTILINE | re.DOTALL)
    assert len(firsts) > 40
    assert [first for first in firsts if "{eq}" in first] == []


def test_changelog_tells_this_version() -> None:
    """Le journal dit ce qui change dans cette version."""
    root = REFERENCE.parents[1]
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    changelog = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    (latest, *_) = re.findall(r"^## (\S+)", changelog, re.MULTILINE)
    assert latest == project["version"]


def test_figures_page_tells_what_its_tables_say() -> None:
    """Chaque nombre de la page est celui du tableau."""
    page = " ".join((REFERENCE / "figures.md").read_text(encoding="utf-8").split())
    agreement = read_table("agreement")
    agreement = agreement[agreement["asked"] == 0.9]
    means = agreement.groupby(["first", "second"])["agreement"].mean()
    pairs = [("magnitude", "obd"), ("random", "magnitude"), ("gradient", "obd")]
    union = [f"{100 * means[pair]:.0f}" for pair in pairs]
    # Deux masques de même taille : la part commune de l'un, d'après celle de leur réunion.
    alone = [f"{200 * means[pair] / (1 + means[pair]):.0f}" for pair in pairs]
    for told in (
        f"OBD en garde {alone[0]}",
        f"au hasard en garde {alone[1]}.",
        f"bien mieux : {alone[2]}.",
        "donne {}, {} et {} %".format(*union),
    ):
        assert told in page
    ratios = read_table("sparse_speed").groupby(["batch", "asked"])["ratio"]
    assert (ratios.max()[64, 0.7] < 1, ratios.min()[1, 0.9] < 1) == (True, True)
    assert ratios.min()[1, 0.95] > 1
    for asked in (0.8, 0.9):
        told = f"{ratios.median()[64, asked]:.1f}".replace(".", ",") + " fois"
        assert told in page
    heard = 100 * read_table("crepe").groupby(["method", "asked"])["heard"].mean()
    low, high = (
        [f"{heard[m, s]:.0f}" for m in ("magnitude", "sparsegpt", "layer_obs")] for s in (0.8, 0.9)
    )
    assert high[0] == "0"
    for told in (
        f"la hauteur de {heard['dense', 0.0]:.0f} % de mille sons",
        "entend {} % par magnitude, {} % par SparseGPT et {} %".format(*low),
        "aucun, {1} % et {2} %".format(*high),
    ):
        assert told in page

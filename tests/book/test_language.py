"""Le correcteur : chaque faute plantée est vue à sa place, et un texte juste passe.

Le projet lui-même est relu par l'étape « Français » de ``make test``.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from language import __main__ as language
from language.checking import dictionary, faults, known, misspelled
from language.passages import Passage, markdown, passages, texts

ROOT = Path(__file__).parents[2]


def test_all_the_prose_is_read() -> None:
    """Pages, leçons, bibliothèque, livre et tests sont relus ; une leçon, en entier."""
    names = {path.relative_to(ROOT).parts[0] for path in texts(ROOT)}
    assert {"README.md", "book", "notebooks", "pruning_core", "tests"} <= names
    lesson = next(path for path in texts(ROOT) if path.name == "8_1_1_magnitude.ipynb")
    words = sum(len(passage.text.split()) for passage in passages(ROOT, lesson))
    assert words > 1000


def test_step_fails_on_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """L'étape « Français » réussit sans faute, et nomme fichier, ligne et mot s'il y en a une."""
    monkeypatch.setattr(language, "ROOT", tmp_path)
    page = tmp_path / "README.md"
    page.write_text("# Titre\n\nUn réseau.\n", encoding="utf-8")
    assert language.main([]) == 0
    page.write_text("# Titre\n\nUn résau.\n", encoding="utf-8")
    assert language.main([str(page)]) == 1
    assert capsys.readouterr().out.splitlines()[-1].startswith("README.md:3 : « résau »")


def told(text: str, *, page: bool = True) -> list[str]:
    return list(faults(Passage("essai.md", 1, markdown(text) if page else text, page)))


@pytest.mark.parametrize(
    ("wrong", "advice"),
    [
        ("La précision du réseau baisse.", "exactitude"),
        ("On peut pruner ce réseau.", "élaguer"),
        ("Un réseau pruné.", "élaguer"),
        ("Le pruning retire des poids.", "élagage"),
        ("La sparsity vaut 0,9.", "sparsité"),
        ("La parcimonie du réseau.", "sparsité"),
        ("Un dataset d'images.", "jeu de données"),
        ("Pendant le training.", "entraînement"),
        ("Le fine-tuning du réseau.", "affinage"),
        ("Son accuracy.", "exactitude"),
        ("La loss augmente.", "perte"),
        ("Par batch de 64.", "lot"),
        ("Un weight nul.", "poids"),
        ("La décroissance des poids.", "pénalité L2"),
        ("La salience du poids.", "saillance"),
        ("Dans le notebook.", "carnet"),
        ("Une épreuve échoue.", "test"),
        ("Cette librairie.", "bibliothèque"),
        ("Une méthode basée sur la perte.", "fondé sur"),
        ("Si tu retires un poids.", "vous"),
        ("Le le réseau.", "une seule fois"),
        ("La perte de un réseau, de élagage.", "élision"),
        ("Le élagage global.", "élision"),
        ("Les poids de les couches.", "au, aux, du, des"),
        ("Trois mots: la suite.", "espace avant :"),
        ("Vraiment?", "espace avant :"),
        ("À 90% de sparsité.", "espace avant %"),
        ("Le mot «poids».", "guillemets"),
        ('Le mot "poids".', "guillemets français"),
        ("Une perte de 0.25.", "virgule décimale"),
        ("Le poids , le biais.", "pas d'espace"),
        ("A quoi bon ?", "À"),
        ("L'elagage du réseau.", "« elagage »"),
        ("Un résau.", "« résau »"),
        ("Des chevals.", "« chevals »"),
        ("l'réseaux-t-ill", "« ill »"),
    ],
)
def test_fault_is_caught(wrong: str, advice: str) -> None:
    """Chaque faute plantée est vue, avec ce qu'il faut écrire."""
    found = told(wrong)
    assert any(advice in fault for fault in found), found


@pytest.mark.parametrize(
    "right",
    [
        "L'élagage (*pruning*) retire des poids ; la saillance (*saliency*) les note.",
        "Son exactitude n'est pas sa précision (*precision*).",
        "En demi-précision, à la précision de la machine près.",
        "Lancez `make test` : le `dataset` de `train_loader` est lu par lots.",
        "```python\nloss = model(x)  # the training loss\n```\n\nEnsuite, la perte.",
        "La perte $L_{\\text{training}}$ de [ce carnet](training.ipynb) {cite:p}`lecun1989`.",
        "« Second order derivatives for network pruning » est leur article.",
        "Nous nous arrêtons là. Vous vous en servez ; très très peu.",
        "Y a-t-il, aujourd'hui, quelqu'un ? Peut-être. C'est-à-dire jusqu'à lui.",
        "Réentraîner, réexécuter et recomparer les 1 797 chiffres 8 × 8, à 90 %.",
        "LeNet-300-100, OBS et SparseGPT, version 0.1, Python 3.11.",
        "Le un et le onze ; parce que OBS compense. Reprenez-le avec soin.",
        ":::{dropdown} a. Aucun\n**Non.** Aucun n'est plus petit.\n:::",
    ],
)
def test_right_text_passes(right: str) -> None:
    """Un texte juste passe : code, formules, citations et mots étrangers n'y sont pas jugés."""
    assert told(right) == []


def test_rules_know_where_they_hold() -> None:
    """Une règle de page ne vaut pas pour le code ; un mot à éviter peut être cité."""
    assert told('La valeur "a" vaut 0.25.', page=False) == []
    assert told("On dit aussi « parcimonie ».") == []


def python(tmp_path: Path, code: str, folder: str = "pruning_core") -> list[str]:
    path = tmp_path / folder / "essai.py"
    path.parent.mkdir()
    path.write_text(code, encoding="utf-8")
    return [fault for passage in passages(tmp_path, path) for fault in faults(passage)]


CODE = '''"""Un élagge."""


def f(training: int) -> None:
    """Fait une chose.

    Parameters
    ----------
    training : int
        Nombre de épokes.

    References
    ----------
    Some English title.
    """
    # Un comentaire.
    raise ValueError(f"training : reçu {training} ; atendu un entier pour cela")
'''


def test_python_prose_is_read_where_it_is(tmp_path: Path) -> None:
    """Docstrings, messages et commentaires sont relus, chacun à sa ligne, sans les noms."""
    found = python(tmp_path, CODE)
    assert [fault.split(" est inconnu")[0] for fault in found if "inconnu" in fault] == [
        "pruning_core/essai.py:1 : « élagge »",
        "pruning_core/essai.py:10 : « épokes »",
        "pruning_core/essai.py:16 : « comentaire »",
        "pruning_core/essai.py:17 : « atendu »",
    ]
    assert [fault for fault in found if "inconnu" not in fault] == [
        "pruning_core/essai.py:10 : « de épokes » ; écrire : l'élision (l', d', qu', n', s'...)"
    ]


SCRIPT = """/** @import { View } from "./view.js" */

/**
 * Montre la vue.
 * @param {View} view une vuue
 */
export const show = (view) => view.say(`${view.name} est la sutie`);
"""


def test_javascript_prose_is_read_where_it_is(tmp_path: Path) -> None:
    """Les commentaires d'un script et ses messages sont relus, sans noms ni types."""
    path = tmp_path / "essai.js"
    path.write_text(SCRIPT, encoding="utf-8")
    found = [fault for passage in passages(tmp_path, path) for fault in faults(passage)]
    assert [fault.split(" est inconnu")[0] for fault in found] == [
        "essai.js:5 : « vuue »",
        "essai.js:7 : « sutie »",
    ]


def test_strings_of_a_test_are_code(tmp_path: Path) -> None:
    """Les chaînes d'un test, où il plante des fautes, ne sont pas relues."""
    assert python(tmp_path, '"""Un test."""\n\nx = "il est atendu pour la suite"\n', "tests") == []


def test_figures_of_a_notebook_are_read(tmp_path: Path) -> None:
    """Légendes et textes de remplacement sont relus."""
    cell = {
        "cell_type": "code",
        "source": ["x = 1\n"],
        "metadata": {
            "mystnb": {"figure": {"caption": "Une légende."}, "image": {"alt": "Une courbbe."}}
        },
    }
    path = tmp_path / "notebooks" / "essai.ipynb"
    path.parent.mkdir()
    path.write_text(json.dumps({"cells": [cell]}), encoding="utf-8")
    (found,) = (fault for passage in passages(tmp_path, path) for fault in faults(passage))
    assert found.startswith("notebooks/essai.ipynb, cellule 1:1 : « courbbe »")


def test_markdown_keeps_its_lines() -> None:
    """Une faute est annoncée à sa ligne, malgré ce qui est caché avant elle."""
    text = "# Titre\n\n```python\nx = 1\ny = 2\n```\n\n$$\na\n$$\n\nUn résau."
    assert told(text)[0].startswith("essai.md:12 : « résau »")


def test_dictionary_is_french() -> None:
    """Le dictionnaire a les formes fléchies, et rien que du français."""
    assert len(dictionary()) > 400_000
    assert all(map(known, ("élaguons", "chevaux", "hessienne", "Œuvre", "sparsité")))
    assert not any(map(known, ("elagage", "chevals", "weight", "apprentisage")))
    assert misspelled("OBS, LeNet, w_i, 8×8, exemple.fr, .py, β") == []


def test_own_words_are_needed() -> None:
    """Chaque mot de mots.txt n'y est qu'une fois."""
    lines = (ROOT / "book" / "language" / "mots.txt").read_text(encoding="utf-8").splitlines()
    words = [line for line in lines if line and line[0] != "#"]
    assert len(set(words)) == len(words)

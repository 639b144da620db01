"""Qui peut importer qui, et la taille des modules."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tokenize
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Chaque partie de la bibliothèque, et celles qu'elle peut importer, en plus d'elle-même.
BASE = "types checks"
READING = f"{BASE} structures batches differentiable passes"
MAY_IMPORT = {
    "types": "",
    "checks": "types",
    "schedules": BASE,
    "held": BASE,
    "structures": "",
    "batches": f"{BASE} structures",
    "differentiable": BASE,
    "passes": f"{BASE} held batches differentiable",
    "evaluation": f"{READING} curvature",
    "weights": BASE,
    "curvature": f"{READING} weights",
    "scores": f"{READING} weights curvature",
    "masks": f"{BASE} held weights",
    "obs": f"{BASE} batches held passes weights curvature masks schedules",
    "gradual": f"{BASE} masks schedules",
    "chapter": f"{BASE} passes weights curvature scores masks obs",
    "methods": f"{BASE} scores masks obs",
    "comparison": f"{BASE} passes evaluation masks methods",
}
OUTSIDE = {"torch", "numpy", "tqdm"}
OPTIONAL = {"safetensors"}  # lus dans la fonction qui en a besoin, jamais à l'importation

# Ce que la bibliothèque, le cours et le livre ne peuvent pas importer.
MAY_NOT_IMPORT = {
    "pruning_core": {"pruning_core.course", "book", "tests"},
    "pruning_core.course": {"book", "tests"},
    "book": {"tests"},
}
PATHS = (ROOT / "book/extensions", ROOT / "book", ROOT)  # d'où l'on importe

MAX_LINES = 300
MAX_BOOK_LINES = 4_600


def tracked(*patterns: str) -> list[Path]:
    """Les fichiers du dépôt, enregistrés ou nouveaux."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [path for line in sorted(run.stdout.splitlines()) if (path := ROOT / line).exists()]


def name_of(path: Path) -> str:
    """Le nom sous lequel un module s'importe."""
    base = next(base for base in PATHS if path.is_relative_to(base))
    parts = path.relative_to(base).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in tracked("pruning_core/*.py", "book/*.py")}
TOPS = {name.split(".")[0] for name in MODULES}


def imports(name: str) -> set[str]:
    """Tout ce qu'importe un module, y compris dans ses fonctions."""
    found = set()
    for node in ast.walk(ast.parse(MODULES[name].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            inside = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {one if one in MODULES else node.module for one in inside}
    return found


def house(name: str) -> str:
    """La bibliothèque, le cours, le livre, ou un paquet d'ailleurs."""
    if name.startswith("pruning_core.course"):
        return "pruning_core.course"
    top = name.split(".")[0]
    return "book" if top in TOPS - {"pruning_core"} else top


LIBRARY = [name for name in MODULES if house(name) == "pruning_core"]


def part(name: str) -> str:
    """La partie de la bibliothèque où est un module : son dossier, ou lui-même."""
    return name.removeprefix("pruning_core").strip(".").split(".")[0]


def parts_read(name: str) -> set[str]:
    """Les parties de la bibliothèque qu'importe un module."""
    return {part(target) for target in imports(name) & set(LIBRARY)}


@pytest.mark.parametrize("name", MAY_IMPORT)
def test_each_part_imports_what_it_may(name: str) -> None:
    """Chaque partie de la bibliothèque n'importe que ce que le tableau lui permet."""
    read = set().union(*(parts_read(module) for module in LIBRARY if part(module) == name))
    assert read <= {name, *MAY_IMPORT[name].split()}


def test_every_part_is_in_the_table() -> None:
    """Le tableau a toutes les parties de la bibliothèque, et rien d'autre."""
    assert {part(name) for name in LIBRARY} - {""} == set(MAY_IMPORT)


def test_scores_do_not_know_one_another() -> None:
    """Aucun critère n'en importe un autre."""
    scores = {name for name in LIBRARY if part(name) == "scores"}
    assert not {name: found for name in scores if (found := imports(name) & scores)}


def test_the_library_needs_little() -> None:
    """La bibliothèque n'a besoin que de PyTorch, de NumPy et de tqdm ; le reste est facultatif."""
    read = {target.split(".")[0] for name in LIBRARY for target in imports(name)}
    assert read - set(sys.stdlib_module_names) - {"pruning_core"} == OUTSIDE | OPTIONAL


@pytest.mark.parametrize("name", MAY_NOT_IMPORT)
def test_no_arrow_goes_back(name: str) -> None:
    """La bibliothèque ignore le cours, qui ignore le livre ; tous ignorent les tests."""
    own = [module for module in MODULES if house(module) == name]
    read = {house(target) for module in own for target in imports(module)}
    assert own
    assert not read & MAY_NOT_IMPORT[name]


def test_no_circle() -> None:
    """Aucun module n'importe, même de loin, même dans une fonction, un module qui l'importe."""
    list(TopologicalSorter({name: imports(name) for name in MODULES}).static_order())


def test_importing_the_library_loads_it_alone() -> None:
    """`import pruning_core` ne charge ni le cours, ni les paquets du cours."""
    code = "import sys, pruning_core; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    loaded = run.stdout.split()
    assert "pruning_core.methods" in loaded, run.stderr
    assert not [name for name in loaded if name.startswith("pruning_core.course")]
    course = {"matplotlib", "pandas", "sklearn", "scipy", "IPython", "ipywidgets", "joblib"}
    assert not (course | OPTIONAL) & set(loaded)


@pytest.mark.parametrize(
    ("code", "asked"),
    [
        ("import torch, pruning_core.course; print(torch.get_num_threads() == 1)", None),
        ("import torch, pruning_core.course; print(torch.get_num_threads() == 2)", "2"),
        ("import torch; n = torch.get_num_threads(); import pruning_core; "
         "print(torch.get_num_threads() == n)", None),
    ],
)  # fmt: skip
def test_the_course_computes_on_one_thread(code: str, asked: str | None) -> None:
    """Par Jupyter, Binder, Colab ou pip : un fil, sauf demande ; la bibliothèque n'y touche pas."""
    environment = {k: v for k, v in os.environ.items() if k != "OMP_NUM_THREADS"}
    if asked:
        environment["OMP_NUM_THREADS"] = asked
    command = [sys.executable, "-c", code]
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert run.stdout.strip() == "True", run.stderr


def test_modules_are_short() -> None:
    """Aucun module, Python ou JavaScript, ne dépasse 300 lignes."""
    lengths = {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8").count("\n")
        for path in tracked("*.py", "*.js", "*.mjs", "*.cjs", "*.ts")
    }
    assert not {name: length for name, length in lengths.items() if length > MAX_LINES}


def code_lines(path: Path) -> int:
    """Les lignes d'un module qui portent autre chose qu'un commentaire ou un docstring."""
    if path.suffix != ".py":
        lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
        return sum(not line.startswith(("//", "/*", "*")) for line in lines if line)
    code: set[int] = set()
    starts = True
    with tokenize.open(path) as file:
        for token in tokenize.generate_tokens(file.readline):
            if token.type in (tokenize.COMMENT, tokenize.NL):
                continue
            between = token.type in (tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)
            if not between and not (starts and token.type == tokenize.STRING) and token.string:
                code.update(range(token.start[0], token.end[0] + 1))
            starts = between
    return len(code)


def test_code_lines_are_counted(tmp_path: Path) -> None:
    """Ni vide, ni commentaire, ni docstring ; un texte de deux lignes en compte deux."""
    module, script = tmp_path / "un.py", tmp_path / "un.js"
    module.write_text('"""Un."""\n\n# deux\ndef f():\n    """Trois."""\n    return """a\nb"""\n')
    script.write_text("/** Un.\n * Deux. */\n// trois\n\nf();\n")
    assert (code_lines(module), code_lines(script)) == (3, 1)


def test_the_book_stays_small() -> None:
    """Les outils et les scripts du livre tiennent en peu de lignes de code."""
    written = tracked("book/*.py", "book/*.js", "book/*.cjs", "book/*.ts")
    own = [path for path in written if not {"built", "reveal"} & set(path.parts)]
    assert len(own) > 60
    assert sum(map(code_lines, own)) < MAX_BOOK_LINES


@pytest.mark.parametrize("name", ["ARCHITECTURE.md", "CONTRIBUTING.md", "pruning_core/README.md"])
def test_the_pages_on_the_house_name_what_is_there(name: str) -> None:
    """Chaque chemin que citent les pages sur l'architecture existe."""
    text = (ROOT / name).read_text(encoding="utf-8")
    told = set(re.findall(r"`([\w.]+/[\w./]*)`", text)) - {"_build/html"}
    assert told or name.endswith("README.md")
    missing = [
        one for one in told if not ((ROOT / one).exists() or (ROOT / "pruning_core" / one).exists())
    ]
    assert missing == []

"""Le premier pas d'Adam : les zéros, en Python et sur la page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from playwright.sync_api import Page, expect

from pruning_core.course.formatting import percent
from pruning_core.course.pictures import FirstStep
from tests.pictures.instances import PICTURES, stepped

Open = Callable[..., Page]
# Les cases que dessine un tracé fait de points et de traits d'une case.
CELLS = """(path) => [...path.getAttribute("d").matchAll(/M(\\d+) (\\d+).5h1/g)]
  .map(([, column, row]) => [Number(row), Number(column)])"""


def picture() -> FirstStep:
    made = PICTURES["first_step"]()
    assert isinstance(made, FirstStep)
    return made


def test_a_held_mask_keeps_its_zeros_and_a_loose_one_fills() -> None:
    """Tenus, 80 % des poids restent nuls ; sinon, beaucoup se remplissent, hors entrée nulle."""
    made = picture()
    assert {round(made.zeros("held", step), 2) for step in range(4)} == {0.8}
    assert made.zeros("loose", 0) == made.zeros("held", 0)
    assert made.zeros("loose", 1) < 0.5
    before, after = (one["0.weight"][:, 3] for one in stepped(hold=False)[:2])
    assert torch.equal(before, after)


def test_page_shows_each_weight_of_python(open_picture: Open) -> None:
    """À chaque pas, chaque case pleine est un poids non nul : gardé, ou élagué puis rempli."""
    page, made = open_picture("first_step"), picture()
    slider = page.get_by_role("slider", name="Pas d’Adam")
    for step in (0, 1, 3):
        slider.fill(str(step))
        for way, grid in zip((False, True), page.locator(".way").all(), strict=True):
            name = "held" if way else "loose"
            zeros = percent(made.zeros(name, step))
            expect(grid.locator("figcaption b").last).to_have_text(zeros)
            steps = stepped(hold=way)
            first, now = (steps[rank]["0.weight"] != 0 for rank in (0, step))
            for path, cells in ((".kept", first & now), (".filled", ~first & now)):
                drawn = grid.locator(f"path{path}").evaluate(CELLS)
                assert drawn == cells.nonzero().tolist()


def test_refuses_two_ways_that_do_not_match() -> None:
    """Des pas en nombre différent, d'autres formes ou d'autres départs se refusent."""
    loose, held = stepped(hold=False), stepped(hold=True)
    transposed = [{name: weight.T for name, weight in one.items()} for one in held]
    elsewhere = [{name: weight + 1 for name, weight in one.items()} for one in held]
    for ways, told in (
        ((loose, held[:2]), "reçu 4 et 2 pas"),
        ((loose[:1], held[:1]), "deux au moins"),
        ((loose, transposed), "les formes diffèrent"),
        (([{"a": torch.ones(3)}] * 2,) * 2, "d'abord une matrice"),
        ((loose, elsewhere), "les zéros diffèrent"),
    ):
        with pytest.raises(ValueError, match=told):
            FirstStep(*ways)

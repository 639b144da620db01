"""Partager un explorateur, de réseaux ou de mots : une adresse qui le rouvre, une image."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from pruning_core.methods import METHODS
from tests.explorer.test_page import PHONE, Open, slider
from tests.explorer.test_word_page import written


def settings(page: Page) -> tuple[str, str, str, bool]:
    """Sparsité, méthode, méthode comparée, et si chaque couche a la même sparsité."""
    return (
        slider(page).input_value(),
        page.locator("input[name=method]:checked").get_attribute("value") or "",
        page.get_by_label("comparer à").input_value(),
        page.get_by_label("même sparsité").is_checked(),
    )


REFUSE_CLIPBOARD = """() => {
  navigator.clipboard.writeText = () => Promise.reject(new Error("refusé"));
  document.execCommand = () => false;
}"""


@pytest.mark.parametrize("clipboard", [True, False], ids=["copied", "refused"])
def test_address_reopens_what_was_seen(open_page: Open, clipboard: bool) -> None:
    """L'adresse copiée, ou montrée si le navigateur refuse, rouvre l'explorateur tel qu'il est."""
    page = open_page()
    if not clipboard:
        page.evaluate(REFUSE_CLIPBOARD)
    slider(page).fill("62.5")
    page.locator("input[value=obd]").check(force=True)
    page.get_by_label("comparer à").select_option("obs")
    page.get_by_label("même sparsité").check()
    button = page.get_by_role("button", name="Copier l’adresse")
    button.focus()
    page.keyboard.press("Enter")
    field = page.get_by_label("Adresse à copier")
    told = "Adresse copiée" if clipboard else "Copiez l’adresse ci-dessous"
    expect(page.get_by_text(told)).to_be_visible()
    expect(field).to_be_visible(visible=not clipboard)
    address, before = field.input_value(), settings(page)
    assert before == ("62.5", "obd", "obs", True)
    again = open_page(url=address)
    expect(slider(again)).to_have_value("62.5")
    assert settings(again) == before
    again.evaluate("location.hash = '#explorateur=1&sparsite=10&methode=constructor'")
    expect(slider(again)).to_have_value("10")
    assert settings(again) == ("10", "obd", "", False)


@pytest.mark.parametrize("method", ["magnitude", "obs"])
def test_picture_shows_what_was_seen(open_page: Open, tmp_path: Path, method: str) -> None:
    """L'image téléchargée est nette, claire même dans une page sombre, et porte la courbe."""
    page = open_page(**PHONE)
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    expect(page.locator(".px.dark")).to_have_count(1)
    page.locator(f"input[value={method}]").check(force=True)
    with page.expect_download() as download:
        page.get_by_role("button", name="Télécharger l’image").click()
    assert download.value.suggested_filename == f"explorateur-{method}-90.png"
    download.value.save_as(tmp_path / "image.png")
    with Image.open(tmp_path / "image.png") as image:
        assert image.width == 1520 and image.height > 1000
        pixels = np.asarray(image.convert("RGB"), dtype=int)
    assert pixels[4, 4].tolist() == [255, 255, 255]
    # la couleur de la méthode, telle quelle : ni le point ni l'histogramme n'y manquent
    hue = np.frombuffer(bytes.fromhex(METHODS[method].colour[1:]), dtype=np.uint8)
    assert (abs(pixels - hue).max(axis=2) < 3).sum() > 2000
    expect(page.locator(".px.dark")).to_have_count(1)


def test_address_reopens_the_same_words(open_page: Open, words_url: str) -> None:
    """L'adresse de l'explorateur de mots rouvre ses réglages, début et tirage, donc ses mots."""
    page = open_page(url=words_url, **PHONE)
    page.get_by_role("slider", name="Sparsité").fill("80")
    page.get_by_label("Première méthode").select_option("wanda")
    page.get_by_label("commencer par").fill("anti")
    page.get_by_label("tirage n°").fill("7")
    before = written(page)
    page.evaluate(REFUSE_CLIPBOARD)
    page.get_by_role("button", name="Copier l’adresse").click()
    field = page.get_by_label("Adresse à copier")
    expect(field).to_be_in_viewport(ratio=1)
    address = field.input_value()
    assert address.split("#")[1] == (
        "explorateur=1&sparsite=80&methode=wanda&comparer=layer_obs&tirage=7&debut=anti"
    )
    again = open_page(url=address)
    expect(again.get_by_label("tirage n°")).to_have_value("7")
    assert written(again) == before
    again.evaluate("location.hash = '#explorateur=1&sparsite=10&methode=constructor&debut=<b>'")
    expect(again.get_by_role("slider", name="Sparsité")).to_have_value("10")
    expect(again.get_by_label("Première méthode")).to_have_value("wanda")
    expect(again.get_by_label("commencer par")).to_have_value("")


def test_picture_waits_for_the_last_word(open_page: Open, words_url: str, tmp_path: Path) -> None:
    """Demandée pendant que les mots s'écrivent, l'image les porte tous, clairs en page sombre."""
    page = open_page(url=words_url, **PHONE)
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    expect(page.locator(".px.dark")).to_have_count(1)
    pictures = []
    for rank in range(2):
        page.get_by_role("slider", name="Sparsité").fill(str(80 - 10 * rank))
        page.get_by_role("slider", name="Sparsité").fill("90")
        if rank:
            written(page)
        with page.expect_download() as download:
            page.get_by_role("button", name="Télécharger l’image").click()
        assert download.value.suggested_filename == "mots-magnitude-layer_obs-90.png"
        download.value.save_as(tmp_path / f"{rank}.png")
        with Image.open(tmp_path / f"{rank}.png") as image:
            assert image.width == 1520
            pictures.append(np.asarray(image.convert("RGB"), dtype=int))
    hurried, rested = pictures
    assert hurried.shape == rested.shape and (hurried == rested).all()
    assert rested[4, 4].tolist() == [255, 255, 255]
    wrong = abs(rested - [179, 38, 30]).max(axis=2) < 3  # des lettres invraisemblables, à 90 %
    assert wrong.sum() > 1000

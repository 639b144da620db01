"""L'explorateur sous le doigt et la souris, et ce qui reste en vue."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.explorer.test_page import PHONE, Capture, Open, slider


def test_touch_and_drag(open_page: Open, capture: Capture) -> None:
    """Le curseur suit le doigt et la souris."""
    page = open_page(**PHONE)
    box = slider(page).bounding_box()
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(slider(page)).to_have_value("50")
    capture(page, "telephone")
    page = open_page()
    box = slider(page).bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 0.5 * box["width"], middle)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.7 * box["width"], middle, steps=10)
    page.mouse.move(box["x"] + 0.25 * box["width"], middle, steps=10)
    page.mouse.up()
    assert 23 <= float(slider(page).input_value()) <= 26


def drag(page: Page, along: int, down: int) -> None:
    """Pose un doigt au tiers du curseur, le mène là et le lève."""
    touch = page.context.new_cdp_session(page)
    box = slider(page).bounding_box()
    x, y = box["x"] + 0.3 * box["width"], box["y"] + box["height"] / 2
    touch.send(
        "Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]}
    )
    for step in range(1, 11):
        point = {"x": x + along * step / 10, "y": y + down * step / 10}
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    touch.detach()


def test_scrolling_over_the_slider_leaves_it(open_page: Open) -> None:
    """Un doigt qui fait défiler la page en passant sur le curseur ne le règle pas."""
    page = open_page(**PHONE)
    slider(page).fill("80")
    drag(page, along=-10, down=-300)
    page.wait_for_function("scrollY > 100")
    expect(slider(page)).to_have_value("80")
    expect(page.locator(".stat b").first).to_have_text("80\u00a0%")
    drag(page, along=120, down=-10)
    assert float(slider(page).input_value()) > 50


def test_controls_stay_in_sight(open_page: Open) -> None:
    """Sur un téléphone, le curseur reste en vue quand on descend."""
    page = open_page(**PHONE)
    page.locator(".store").scroll_into_view_if_needed()
    expect(slider(page)).to_be_in_viewport()
    expect(page.locator(".stat b").nth(2)).to_be_in_viewport()

# SPDX-License-Identifier: Apache-2.0
"""Every state of the page: valid, accessible, on a phone and in the dark."""

import re

import pytest
from states import STATES

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("state", STATES)
def test_page_looks_right(visit, server, state):
    """Valid, accessible as far as axe-core knows, and never too wide."""
    page = STATES[state](visit, server)
    assert page.html_errors() == []
    assert not re.search(r"<style| style=|\son[a-z]+=|<script(?![^>]*\ssrc=)",
                         page.source())
    for scheme in ("light", "dark"):
        page.page.emulate_media(color_scheme=scheme)
        for width in (320, 1280):
            page.page.set_viewport_size({"width": width, "height": 800})
            assert page.accessibility_problems() == [], (scheme, width)
            assert page.scrolls_sideways() == "", width


def test_judge_of_html_finds_what_is_wrong(driver):
    wrong = "<!DOCTYPE html><title>x</title><p id=a><b id=a>x</p>"
    assert driver.tools.html_errors(wrong)


def test_judge_of_accessibility_finds_what_is_wrong(visit):
    page = visit("olga")
    page.page.evaluate("document.querySelector('label').textContent = ''")
    page.page.evaluate("document.documentElement.lang = ''")
    assert page.accessibility_problems()


def test_page_can_be_zoomed(visit, server):
    """1280 px at 200 %."""
    def zoomed(user, *where, **options):
        return visit(user, *where, width=640, deviceScaleFactor=2, **options)

    page = STATES["keys"](zoomed, server)
    assert page.scrolls_sideways() == ""
    assert "maximum-scale" not in page.content()
    assert "user-scalable" not in page.content()


def test_schemes_differ(visit):
    page = visit("olga")
    colours = set()
    for scheme in ("light", "dark"):
        page.page.emulate_media(color_scheme=scheme)
        colours.add(page.page.evaluate(
            "[document.body, document.documentElement]"
            ".map((e) => getComputedStyle(e).backgroundColor)"
            ".join() + getComputedStyle(document.body).color"))
    assert len(colours) == 2


def test_list_reads_well_on_a_phone(visit, server):
    """Everything that the columns say is there, and in the window."""
    page = STATES["keys"](
        lambda user: visit(user, width=360), server)
    for text in ("Status page", "Old backups"):
        cells = page.page.get_by_role("row").filter(has_text=text).get_by_role(
            "cell").all()
        assert len(cells) >= 5
        for cell in cells:
            box = cell.bounding_box()
            assert box["x"] >= 0 and box["x"] + box["width"] <= 360, box


def test_targets_are_big_enough_for_a_finger(visit, server):
    """24 px, WCAG 2.5.8; links in running text are exempt."""
    page = STATES["keys"](lambda user: visit(user, width=360), server)
    for target in page.page.locator(
            "button, input:not([type=hidden]), select, td a").all():
        if not target.is_visible():
            continue
        box = target.bounding_box()
        label = target.locator("xpath=ancestor::label")
        if label.count():
            box = label.first().bounding_box()
        assert box["height"] >= 24 or box["width"] >= 24, \
            target.evaluate("(e) => e.outerHTML")


def test_page_without_scripts_fits_too(visit, server):
    page = STATES["keys"](lambda user: visit(user, scripts=False), server)
    for width in (360, 1280):
        page.page.set_viewport_size({"width": width, "height": 800})
        assert page.scrolls_sideways() == ""


def test_page_is_readable_without_its_style(visit, server, driver):
    """In the order of the document everything makes sense: h1, list, form."""
    page = STATES["keys"](visit, server)
    outline = page.outline()
    places = [outline.index(text) for text in (
        'heading "API keys"', 'table "API keys of acme"',
        'heading "Create a key"', 'textbox "Name"', 'group "Monitoring"',
        'group "Expiry"', 'button "Create key"')]
    assert places == sorted(places)

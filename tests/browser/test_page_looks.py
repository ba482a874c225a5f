# SPDX-License-Identifier: Apache-2.0
"""Every state of the page is valid and accessible, also on a phone and in the
dark scheme."""

import re

import pytest
from browser import js
from states import STATES, WITHOUT_SCRIPTS

# The rules that colours and sizes can break; others concern the document.
OF_COLOURS = ["color-contrast"]
SMALL = js("""() => [...document.querySelectorAll(
        "button, input:not([type=hidden]), select, td a")]
    .map((e) => e.closest("label") ?? e)
    .filter((e) => e.getClientRects().length > 0)
    .filter((e) => {
        const { width, height } = e.getBoundingClientRect();
        return height < 24 && width < 24;
    }).map((e) => e.outerHTML)""")
ESSENTIAL = ("keys", "form errors", "new key", "dialog")
# Parts of these are in other states, too.
VARIANTS = (
    "made already", "rotated at once", "rotated already", "edit stale",
    "no such key", "member of two", "too late", "many", "no activity",
    "activity filtered", *(state for state in STATES if state.startswith((
        "rotate ", "edit ")) and not state.endswith((" active", " errors"))))


def marks(state):
    if state in VARIANTS:
        return [pytest.mark.slow, pytest.mark.everywhere]
    return [] if state in ESSENTIAL else [pytest.mark.slow]


@pytest.mark.parametrize("state", [
    pytest.param(state, marks=marks(state)) for state in STATES])
def test_page_looks_right(visit, server, state):
    """Valid HTML, no violation found by axe-core, and never too wide."""
    page = STATES[state](visit, server)
    assert page.html_errors() == []
    assert not re.search(r"<style| style=|\son[a-z]+=|<script(?![^>]*\ssrc=)",
                         page.source())
    for width, scheme, rules in (
            (320, "light", None), (1280, "dark", OF_COLOURS)):
        page.page.set_viewport_size({"width": width, "height": 800})
        page.page.emulate_media(color_scheme=scheme)
        assert page.scrolls_sideways() == "", width
        assert page.accessibility_problems(rules) == [], (scheme, width)


@pytest.mark.slow
def test_judge_of_html_finds_what_is_wrong(driver):
    wrong = "<!DOCTYPE html><title>x</title><p id=a><b id=a>x</p>"
    assert driver.tools.html_errors(wrong)


@pytest.mark.slow
def test_judge_of_accessibility_finds_what_is_wrong(visit):
    page = visit("olga")
    page.page.evaluate("document.querySelector('h1').style.color = '#eee'")
    found = page.accessibility_problems(OF_COLOURS)
    assert found and all(one.startswith("color-contrast") for one in found)
    page.page.evaluate("document.querySelector('label').textContent = ''")
    page.page.evaluate("document.documentElement.lang = ''")
    assert page.accessibility_problems()


@pytest.mark.slow
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


@pytest.mark.slow
def test_list_reads_well_on_a_phone(visit, server):
    """All cells are there, and inside the window."""
    page = STATES["keys"](
        lambda user: visit(user, width=360), server)
    for text in ("Status page", "Old backups"):
        cells = page.page.get_by_role("row").filter(has_text=text).get_by_role(
            "cell").all()
        assert len(cells) >= 5
        for cell in cells:
            box = cell.bounding_box()
            assert box["x"] >= 0 and box["x"] + box["width"] <= 360, box


@pytest.mark.slow
def test_targets_are_big_enough_for_a_finger(visit, server):
    """24 px, WCAG 2.5.8; links in running text are exempt."""
    page = STATES["keys"](lambda user: visit(user, width=360), server)
    assert page.page.evaluate(SMALL) == []


@pytest.mark.slow
@pytest.mark.parametrize("state", WITHOUT_SCRIPTS)
def test_page_without_scripts_looks_right_too(visit, server, state):
    """Not by axe-core, which is a script."""
    page = WITHOUT_SCRIPTS[state](
        lambda *where: visit(*where, scripts=False), server)
    assert page.html_errors() == []
    for width in (320, 640, 1280):
        page.page.set_viewport_size({"width": width, "height": 800})
        assert page.scrolls_sideways() == "", width
    assert "maximum-scale" not in page.content()
    assert "user-scalable" not in page.content()


@pytest.mark.slow
def test_page_is_readable_without_its_style(visit, server):
    """The order of the document makes sense: h1, list, form."""
    page = STATES["keys"](visit, server)
    outline = page.outline()
    places = [outline.index(text) for text in (
        'heading "API keys"', 'table "API keys of acme"',
        'heading "Create a key"', 'textbox "Name"', 'group "Monitoring"',
        'group "Expiry"', 'button "Create key"')]
    assert places == sorted(places)

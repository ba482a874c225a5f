# SPDX-License-Identifier: Apache-2.0
"""The page can be used by keyboard alone, with a visible focus."""

import time

import pytest
from browser import js
from harness import eventually

pytestmark = pytest.mark.slow


@pytest.fixture
def scripts():
    """Without scripts only the browser's own keys matter."""
    return True

IS_FOCUSED = js("(e) => e === document.activeElement")
FOCUS = js("""() => {
    const e = document.activeElement;
    const style = getComputedStyle(e);
    return {
        what: `${e.tagName} ${e.id} ${e.textContent.trim().slice(0, 40)}`,
        nowhere: e === document.body || e === document.documentElement,
        outlined: style.outlineStyle !== "none"
            && parseFloat(style.outlineWidth) >= 1
            && style.outlineColor !== "rgba(0, 0, 0, 0)"
            || style.boxShadow !== "none",
        inDialog: e.closest("dialog, [role=dialog]") !== null,
        inView: (({ top, bottom }) => bottom > 0 && top < innerHeight)(
            e.getBoundingClientRect()),
    };
}""")
MOVES = js("""() => [...document.querySelectorAll("*")].filter((e) => {
    const { animationName, animationDuration, transitionDuration,
            scrollBehavior } = getComputedStyle(e);
    const longest = (times) => Math.max(...times.split(",").map(parseFloat));
    return animationName !== "none" && longest(animationDuration) > 0.01
        || longest(transitionDuration) > 0.01 || scrollBehavior === "smooth";
}).map((e) => e.outerHTML.slice(0, 100))""")


def press(page, *keys):
    for key in keys:
        page.page.keyboard.press(key)


def tab_to(page, wanted, key="Tab"):
    """Press Tab until an element has the focus; asserts that each stop is
    visible."""
    for _ in range(60):
        press(page, key)
        focus = page.page.evaluate(FOCUS)
        assert focus["nowhere"] or focus["outlined"], focus
        assert focus["nowhere"] or focus["inView"], focus
        if wanted.evaluate(IS_FOCUSED):
            return
    raise AssertionError(f"never came to it; now at {focus}")


def test_key_is_made_by_keyboard(visit, server, olga, scripts):
    page = visit("olga", scripts=scripts)
    tab_to(page, page.box("Name"))
    page.page.keyboard.type("typed")
    tab_to(page, page.scope("monitors:read"))
    press(page, "Space")
    tab_to(page, page.scope("alerts:read"))
    press(page, "Space")
    tab_to(page, page.choice("Never"))
    press(page, "ArrowDown")
    assert page.choice("In 30 days").is_checked()
    tab_to(page, page.button("Create key"))
    press(page, "Enter")
    key = page.revealed()
    tab_to(page, page.box("API key"))
    assert page.page.evaluate(js("() => String(getSelection())")) == key \
        or not scripts
    tab_to(page, page.link("Done"))
    press(page, "Enter")
    page.wait_for("API keys")
    api_key, = olga.keys()
    assert api_key["name"] == "typed"
    assert api_key["scopes"] == ["monitors:read", "alerts:read"]
    assert api_key["expiresAt"] is not None


def test_enter_in_the_name_sends_the_form(visit, olga, scripts):
    page = visit("olga", scripts=scripts)
    page.fill("typed")
    page.box("Name").focus()
    press(page, "Enter")
    page.revealed()


def test_copying_by_keyboard_is_announced(visit):
    page = visit("olga")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.create()
    tab_to(page, page.button("Copy"))
    press(page, "Enter")
    page.page.get_by_role("status").filter(has_text="Copied").wait_for()
    assert page.page.get_by_role("button", name="Cop").evaluate(IS_FOCUSED)


def test_key_is_deleted_by_keyboard(visit, server, olga, scripts):
    key = server.database.import_key("monitors:read", name="CI")
    page = visit("olga", scripts=scripts)
    tab_to(page, page.delete_link(key))
    press(page, "Enter")
    page.wait_for("Delete this key?", page.question_level())
    tab_to(page, page.button("Delete key"))
    press(page, "Enter")
    page.wait_for("API keys")
    page.page.get_by_text("The key was deleted").first().wait_for()
    assert olga.keys() == []


def test_key_is_rotated_by_keyboard(visit, server, scripts):
    key = server.database.import_key("monitors:read", name="CI")
    page = visit("olga", scripts=scripts)
    tab_to(page, page.rotate_link(key))
    press(page, "Enter")
    page.wait_for("Rotate this key?")
    tab_to(page, page.choice("For 1 day"))
    press(page, "ArrowDown")
    tab_to(page, page.button("Rotate key"))
    press(page, "Enter")
    page.wait_for("Your new secret")
    server.keep_secret(page.secret())
    tab_to(page, page.box("API key"))
    tab_to(page, page.link("Done"))
    press(page, "Enter")
    page.wait_for("API keys")
    ends = server.database.rows("SELECT previous_ends_at FROM uptime_keys")
    assert ends[0][0] > (time.time() + 6 * 86_400) * 1000


def test_key_is_edited_and_disabled_by_keyboard(visit, server, olga, scripts):
    key = server.database.import_key("monitors:read", name="CI")
    page = visit("olga", scripts=scripts)
    tab_to(page, page.edit_link(key))
    press(page, "Enter")
    page.wait_for("Edit this key")
    tab_to(page, page.box("Addresses"))
    page.page.keyboard.type("192.0.2.1")
    tab_to(page, page.button("Save changes"))
    press(page, "Enter")
    page.wait_for("API keys")
    tab_to(page, page.edit_link(key))
    press(page, "Enter")
    page.wait_for("Edit this key")
    tab_to(page, page.button("Disable key"))
    press(page, "Enter")
    page.wait_for("API keys")
    api_key, = olga.keys()
    assert api_key["addresses"] == ["192.0.2.1"]
    assert api_key["disabledReason"] == "manual"


def test_dialog_keeps_the_focus(visit, server):
    key = server.database.import_key("monitors:read", name="CI")
    page = visit("olga")
    page.begin_to_delete(key)
    assert page.dialog().count() == 1
    assert page.page.evaluate(FOCUS)["inDialog"]
    for key_ in ["Tab"] * 6 + ["Shift+Tab"] * 6:
        press(page, key_)
        focus = page.page.evaluate(FOCUS)
        assert focus["inDialog"] or focus["nowhere"], focus


def test_dialog_begins_with_what_does_no_harm(visit, server):
    """Enter pressed twice or held down deletes nothing."""
    key = server.database.import_key("monitors:read", name="CI")
    page = visit("olga")
    page.begin_to_delete(key)
    assert not page.button("Delete key").evaluate(IS_FOCUSED)


@pytest.mark.parametrize("way", ["Escape", "Keep it"])
def test_closing_the_dialog_returns_to_the_link(visit, server, olga, way):
    server.database.import_key("monitors:read", name="before")
    key = server.database.import_key("monitors:read", name="CI")
    page = visit("olga")
    page.delete_link(key).focus()
    press(page, "Enter")
    page.wait_for("Delete this key?", page.question_level())
    if way == "Escape":
        press(page, "Escape")
    else:
        page.button("Keep it").click()
    page.dialog().wait_for(state="hidden")
    assert page.delete_link(key).evaluate(IS_FOCUSED)
    assert len(olga.keys()) == 2


def test_dialog_names_the_key_whose_link_was_pressed(visit, server, olga):
    """Also if it was opened for another key before."""
    keys = [server.database.import_key("monitors:read", name=name)
            for name in ("first", "second")]
    page = visit("olga")
    page.begin_to_delete(keys[0])
    assert "first" in page.dialog().inner_text()
    page.button("Keep it").click()
    page.dialog().wait_for(state="hidden")
    page.begin_to_delete(keys[1])
    assert keys[1].prefix in page.dialog().inner_text()
    assert "first" not in page.dialog().inner_text()
    page.button("Delete key").click()
    page.page.get_by_text("The key was deleted").first().wait_for()
    assert [key["name"] for key in olga.keys()] == ["first"]


def test_link_still_opens_in_a_new_tab(visit, server):
    """The browser handles clicks with a modifier."""
    key = server.database.import_key("monitors:read", name="CI")
    page = visit("olga")
    page.delete_link(key).click(modifiers=["Control"])
    eventually(lambda: page.context.pages()[-1].url().endswith(key.id))
    assert [tab.url() for tab in page.context.pages()] == [
        page.origin + page.base, f"{page.origin}{page.base}/{key.id}"]
    assert page.dialog().count() == 0


def test_first_stop_of_a_long_list_skips_it(visit, server):
    """Ten keys are ten links; the skip link leads past them."""
    for number in range(9):
        server.database.import_key("monitors:read", name=f"key {number}")
    page = visit("olga")
    assert page.page.get_by_role("main").count() == 1
    assert page.heading("Create a key", 2).count() == 1


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_nothing_moves_for_those_who_want_it_so(visit, server, motion):
    key = server.database.import_key("monitors:read", name="CI")
    page = visit("olga", reducedMotion=motion)
    page.begin_to_delete(key)
    if motion == "reduce":
        assert page.page.evaluate(MOVES) == []
        assert page.page.evaluate(
            js("() => document.getAnimations().length")) == 0

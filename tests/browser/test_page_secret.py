# SPDX-License-Identifier: Apache-2.0
"""A new key is shown once; nothing in the browser shows it again."""

import pytest
from browser import BrowserError, js
from managed import BASIC
from visit import KEY

# Playwright disables the back/forward cache, which users' browsers have.
LIFELIKE = {"ignoreDefaultArgs": ["--disable-back-forward-cache"]}
FULL = js("""() => document.documentElement.outerHTML +
    [...document.querySelectorAll("input, textarea")].map((e) => e.value)""")


def everything(page):
    """All that the page contains, with the values of its fields."""
    try:
        return page.page.evaluate(FULL)
    except BrowserError as error:       # the page was being left
        assert "context was destroyed" in str(error)
        return page.page.evaluate(FULL)


def go(page, where):
    """Go back or forward; a browser may refuse to repeat a POST."""
    try:
        getattr(page.page, "go_" + where)()
    except BrowserError as error:
        assert "ERR_CACHE_MISS" in str(error)


@pytest.mark.slow
def test_new_key_is_ready_to_be_copied(visit, scripts):
    page = visit("olga", scripts=scripts)
    key = page.create("CI")
    assert page.answered() == 201
    box = page.box("API key")
    assert not box.is_editable()
    assert box.get_attribute("spellcheck") == "false"
    assert box.get_attribute("autocomplete") == "off"
    assert box.get_attribute("name") is None
    example, = [line for line in page.text().splitlines() if "curl" in line]
    assert f"Authorization: Bearer {key}" in example
    assert "CI" in page.text()
    assert "only time" in page.text()


@pytest.mark.slow
def test_copy_button_copies(visit):
    page = visit("olga")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    key = page.create()
    page.button("Copy").click()
    page.page.get_by_text("Copied").first().wait_for()
    assert "Copied" in page.status()
    assert page.page.evaluate(
        js("() => navigator.clipboard.readText()")) == key


def test_reload_makes_no_second_key_and_shows_none(visit, olga, scripts):
    page = visit("olga", scripts=scripts)
    page.create("once")
    for _ in range(2):
        page.page.reload()
        page.wait_for("This key was made already")
        assert page.answered() == 409
        assert not KEY.search(everything(page))
    assert [key["name"] for key in olga.keys()] == ["once"]


@pytest.mark.slow
def test_back_and_forward_make_no_second_key(visit, olga, scripts):
    page = visit("olga", scripts=scripts)
    page.create("once")
    go(page, "back")
    page.wait_for("API keys")
    assert not KEY.search(everything(page))
    go(page, "forward")
    assert not KEY.search(everything(page))
    assert [key["name"] for key in olga.keys()] == ["once"]


@pytest.mark.slow
@pytest.mark.parametrize("browser", ["lifelike"])
def test_back_after_done_does_not_show_the_key(visit, olga, scripts, browser):
    page = visit("olga", scripts=scripts, browser_options=(
        LIFELIKE if browser == "lifelike" else {}))
    page.create("once")
    page.done()
    go(page, "back")
    assert not KEY.search(everything(page))
    assert [key["name"] for key in olga.keys()] == ["once"]


@pytest.mark.slow
@pytest.mark.parametrize("browser", ["lifelike"])
def test_another_key_is_made_by_going_back_to_the_form(visit, olga, scripts,
                                                       browser):
    page = visit("olga", scripts=scripts, browser_options=(
        LIFELIKE if browser == "lifelike" else {}))
    first = page.create("first")
    go(page, "back")
    page.wait_for("API keys")
    assert page.create("second") != first
    assert [key["name"] for key in olga.keys()] == ["second", "first"]


@pytest.mark.slow
def test_two_tabs_make_two_keys(visit, olga, scripts):
    left = visit("olga", scripts=scripts)
    right = left.tab().open()
    assert left.create("left") != right.create("right")
    assert [key["name"] for key in olga.keys()] == ["right", "left"]


@pytest.mark.slow
def test_same_form_in_two_tabs_makes_one_key(visit, olga, scripts):
    left = visit("olga", scripts=scripts)
    right = left.tab().open()
    copied = dict(left.fields())["id"]
    right.page.locator("input[name=id]").evaluate(
        js("(field, id) => { field.value = id; }"), copied)
    left.create("the one")
    right.fill("the one").submit().wait_for("This key was made already")
    assert right.answered() == 409
    assert not KEY.search(everything(right))
    assert [key["name"] for key in olga.keys()] == ["the one"]


@pytest.mark.slow
def test_double_click_makes_one_key(visit, olga, scripts):
    page = visit("olga", scripts=scripts)
    page.fill("once").button("Create key").dblclick()
    if scripts:
        page.revealed()
    else:
        page.heading("Your new key").or_(
            page.heading("This key was made already")).wait_for()
    assert [key["name"] for key in olga.keys()] == ["once"]


@pytest.mark.slow
def test_form_sent_again_after_the_key_was_deleted_makes_none(
        server, visit, olga, scripts):
    page = visit("olga", scripts=scripts)
    page.create("once")
    api_key, = olga.keys()
    olga.delete(api_key["id"])
    page.page.reload()
    page.wait_for("This key was made already")
    assert page.answered() == 409
    assert not KEY.search(everything(page))
    assert olga.keys() == []


@pytest.mark.slow
def test_repeated_form_is_answered_without_the_key(visit, olga):
    page = visit("olga")
    fields = page.fill("once").fields()
    page.submit().revealed()
    for user in ("olga", "adam"):
        answer = page.send(fields, user=user)
        assert answer.status_code == 409
        assert not KEY.search(answer.text)
    assert [key["name"] for key in olga.keys()] == ["once"]


@pytest.mark.slow
def test_taken_id_says_nothing_about_other_teams(server, visit, olga,
                                                     bert):
    theirs = visit("bert")
    theirs.create("beta's own")
    taken, = bert.keys()
    page = visit("olga")
    fields = dict(page.fill("mine").fields(), id=taken["id"])
    answer = page.send(fields.items())
    assert 400 <= answer.status_code < 500
    assert "beta" not in answer.text
    assert olga.keys() == []
    assert [key["name"] for key in bert.keys()] == ["beta's own"]


@pytest.mark.slow
def test_page_that_a_browser_keeps_forgets_the_key(visit):
    """Chromium keeps no page with no-store; the test only sends the event."""
    page = visit("olga")
    page.create("once")
    page.page.evaluate(js("""() => dispatchEvent(
        new PageTransitionEvent("pagehide", { persisted: true }))"""))
    assert not KEY.search(everything(page))
    page.page.evaluate(js("""() => dispatchEvent(
        new PageTransitionEvent("pageshow", { persisted: true }))"""))
    page.wait_for("This key was made already")


@pytest.mark.slow
def test_made_up_id_makes_no_key(visit, olga):
    page = visit("olga")
    fields = dict(page.fill("mine").fields())
    for key_id in ("", "KEY_01JZZZZZZZZZZZZZZZZZZZZZZZ", "<script>", "key_",
                   "key_81jzzzzzzzzzzzzzzzzzzzzzzz", "key_01j",
                   "key_01jzzzzzzzzzzzzzzzzzzzzzzz" * 20):
        answer = page.send({**fields, "id": key_id}.items())
        assert answer.status_code == 400, key_id
        assert not key_id or f'"{key_id}"' not in answer.text
        assert "<script>" not in answer.text
    assert olga.keys() == []


@pytest.mark.slow
def test_key_is_nowhere_but_on_its_page(visit, server, scripts):
    """Besides this, every visit of every test is checked for it."""
    page = visit("olga", scripts=scripts)
    key = page.create()
    assert page.page.url() == page.origin + BASIC
    assert key not in page.page.title()
    page.done()
    assert key not in everything(page)
    assert key not in server.access_log()


@pytest.mark.slow
def test_judge_sees_a_key_that_a_page_keeps(visit):
    """The check of the visits finds a violation."""
    page = visit("olga")
    assert page.complaints() == []
    page.page.evaluate(js("""() => {
        history.replaceState({key: "uptime_" + "0".repeat(64)}, "");
        console.error("something");
    }"""))
    page.page.goto(page.origin + "/?" + "uptime_" + "0" * 64)
    page.page.go_back()
    found = "\n".join(page.complaints())
    assert "kept by the page" in found
    assert "something" in found
    assert "a key in a request" in found
    page.allowed.append("")

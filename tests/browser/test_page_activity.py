# SPDX-License-Identifier: Apache-2.0
"""The tab "Activity": who did what."""

import re

import pytest
from events import add, add_many
from managed import BASIC
from states import import_activity

pytestmark = pytest.mark.slow

ID = "key_01jzzzzzzzzzzzzzzzzzzzzzzz"
MOMENT = 1_700_000_000_123      # 2023-11-14T22:13:20.123Z
AUDIT = BASIC + "/audit"


@pytest.fixture
def scripts():
    """The page has none, but for that of all pages."""
    return False


PARAMETERS = {"From": "since", "To": "until", "Who": "actor"}


def filter_by(page, **fields):
    for label, value in fields.items():
        page.page.get_by_label(label, exact=True).fill(value)
    page.button("Filter").click()
    for label, value in fields.items():
        page.page.wait_for_url(f"**{AUDIT}?**{PARAMETERS[label]}={value}**")
    return page.wait_for("Activity")


def actors(page):
    return [row[3] for row in page.rows()] \
        if page.page.get_by_role("table").count() else []


def test_tabs_lead_to_the_list_and_back(visit, server, scripts):
    server.database.import_key("monitors:read", name="CI")
    page = visit("olga", scripts=scripts)
    tabs = page.page.get_by_role("navigation", name="Lists")
    assert tabs.locator("[aria-current=page]").inner_text() == "API keys"
    tabs.get_by_role("link", name="Activity").click()
    page.wait_for("Activity")
    assert tabs.locator("[aria-current=page]").inner_text() == "Activity"
    assert [row[1] for row in page.rows()] == ["Key imported"]
    tabs.get_by_role("link", name="API keys").click()
    page.wait_for("API keys")
    assert page.names() == ["CI"]


def test_what_was_done_on_the_page_is_listed(visit, olga):
    page = visit("olga", scripts=False)
    key = page.create("CI")
    page.done()
    made, = olga.keys()
    olga.change(made["id"], name="CD")
    page.open("/audit")
    assert [row[1:] for row in page.rows()] == [
        ["Key changed name, was CI", f"CD {key[:15]}", "olga", "127.0.0.1"],
        ["Key created", f"CI {key[:15]}", "olga", "127.0.0.1"]]
    when = page.rows()[0][0]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", when)
    olga.delete(made["id"])
    page.open("/audit")
    assert page.rows()[0][1:3] == ["Key deleted", f"CD {key[:15]}"]


def test_filters_are_kept_and_can_be_taken_off(visit, server, scripts):
    add(server.database,
        {"at": MOMENT, "actor": "a", "key_id": ID, "key_name": "CI"},
        {"at": MOMENT, "actor": "b", "action": "key.leak"},
        {"at": MOMENT + 86_400_000, "actor": "c"})
    page = visit("olga", "/audit", scripts=scripts)
    filter_by(page, From="2023-11-14", To="2023-11-14")
    assert actors(page) == ["b", "a"]
    page.page.get_by_label("What", exact=True).select_option("Key leaked")
    page.button("Filter").click()
    page.page.wait_for_url("**action=key.leak**")
    assert actors(page) == ["b"]
    for label, value in {"From": "2023-11-14", "To": "2023-11-14",
                         "What": "key.leak", "Who": ""}.items():
        assert page.page.get_by_label(
            label, exact=True).input_value() == value
    page.link("Show all").click()
    page.page.wait_for_url(f"**{AUDIT}")
    assert actors(page) == ["c", "b", "a"]
    assert page.link("Show all").count() == 0


def test_a_key_and_a_user_lead_to_what_is_theirs(visit, server, scripts):
    add(server.database,
        {"actor": "a", "key_id": ID, "key_name": "CI"}, {"actor": "a"},
        {"actor": "b", "key_id": ID, "key_name": "CI"})
    page = visit("olga", "/audit", scripts=scripts)
    page.link("CI").first().click()
    page.page.wait_for_url("**keyId=**")
    assert actors(page) == ["b", "a"]
    assert page.box("ID of the key").input_value() == ID
    page.open("/audit").link("a").first().click()
    page.page.wait_for_url("**actor=a**")
    assert actors(page) == ["a", "a"]


def test_pages_lead_forth_and_back(visit, server, scripts):
    add_many(server.database, 120)
    page = visit("olga", "/audit", "?since=1001", scripts=scripts)
    told = [actors(page)]
    while page.link("Older events").count():
        page.link("Older events").click()
        page.page.wait_for_load_state()
        told.append(actors(page))
    assert sum(told, []) == [f"e{n}" for n in range(119, 0, -1)]
    while page.link("Newer events").count():
        page.link("Newer events").click()
        page.page.wait_for_load_state()
    assert actors(page) == told[0]


def test_nothing_yet_and_nothing_like_this(visit, server, scripts):
    page = visit("olga", "/audit", scripts=scripts)
    assert "Nothing has happened yet" in page.text()
    filter_by(page, Who="nobody")
    assert "No event is like this" in page.text()
    assert page.link("Show all").count() == 1


def test_the_chosen_team_stays(visit, server, scripts):
    add(server.database, {"actor": "a"})
    add(server.database, {"actor": "b"}, {"actor": "c"}, team="beta")
    page = visit("sam", "/audit", "?team=beta", scripts=scripts)
    assert actors(page) == ["c", "b"]
    filter_by(page, Who="b")
    assert actors(page) == ["b"]
    page.link("Show all").click()
    page.page.wait_for_url(f"**{AUDIT}?team=beta")
    page.page.get_by_role("combobox", name="Team").select_option("acme")
    page.button("Show").click()
    page.page.wait_for_url(f"**{AUDIT}?team=acme")
    assert actors(page) == ["a"]


def test_members_see_no_tab(visit):
    page = visit("mia")
    assert page.page.get_by_role("navigation").count() == 0


def test_all_of_it_is_inside_a_phone(visit, server):
    import_activity(server)
    page = visit("olga", "/audit", width=360)
    assert page.scrolls_sideways() == ""
    for cell in page.page.get_by_role("cell").all():
        box = cell.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 360, box


def test_it_is_used_with_the_keyboard(visit, server):
    import_activity(server)
    page = visit("olga", "/audit")
    page.box("Who").focus()
    page.page.keyboard.type("adam")
    page.page.keyboard.press("Enter")
    page.page.wait_for_url("**actor=adam**")
    assert set(actors(page)) == {"adam"}

# SPDX-License-Identifier: Apache-2.0
"""The life of a key: created, used and deleted on the page."""

import time

import pytest
from browser import js
from managed import BASIC
from visit import Listed, ask

DAY = 86_400_000


def works(server, key):
    return server.get("/t/x", key=key).status_code == 200


def only_key(client):
    """The team's only key, in the JSON of the API."""
    api_key, = client.keys()
    return api_key


def test_key_is_made_used_and_deleted(server, visit, olga, scripts):
    page = visit("olga", scripts=scripts)
    assert "No keys yet" in page.text()
    key = page.create("CI", ["monitors:read", "alerts:write"])
    assert works(server, key)
    assert sorted(only_key(olga)["scopes"]) == ["alerts:write",
                                                "monitors:read"]
    page.done()
    assert page.names() == ["CI"]
    page.delete(Listed("CI", key[:15]))
    assert "The key was deleted" in page.status()
    assert "No keys yet" in page.text()
    assert olga.keys() == []
    assert not works(server, key)


@pytest.mark.slow
def test_admin_manages_keys_too(server, visit, adam, scripts):
    made_before = server.database.import_key("monitors:read", name="before")
    page = visit("adam", scripts=scripts)
    key = page.create("Adam's")
    assert works(server, key)
    page.done().delete(made_before)
    assert page.names() == ["Adam's"]
    assert only_key(adam)["keyPrefix"] == key[:15]


def test_member_is_told_whom_to_ask(visit, server, scripts):
    server.database.import_key("monitors:read", name="not for mia")
    page = visit("mia", scripts=scripts)
    assert page.answered() == 403
    page.wait_for("You cannot manage the API keys of acme")
    assert "owner" in page.text().lower() and "admin" in page.text().lower()
    assert "not for mia" not in page.text()
    assert page.page.get_by_role("button").count() == 0


@pytest.mark.slow
def test_somebody_of_no_team_finds_nothing(visit, server):
    server.database.import_key("monitors:read", name="not for otto")
    page = visit("otto")
    assert page.answered() == 404
    assert page.heading("").count() == 1
    assert "not for otto" not in page.content()
    assert "acme" not in page.content()


def test_nobody_is_asked_for_a_password(server):
    answer = ask(server, "GET", BASIC)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")
    assert "You are not signed in" in answer.text
    assert "acme" not in answer.text


@pytest.mark.slow
def test_list_says_what_there_is_to_know(visit, server, olga):
    now = int(time.time() * 1000)
    key = server.database.import_key(
        "monitors:read", "alerts:write", name="CI",
        lastUsedAt=now - 3 * 60_000 - 10_000)
    page = visit("olga")
    assert page.page.title().startswith("API keys")
    assert page.heading("API keys").count() == 1
    assert "Signed in as olga" in page.text()
    table = page.page.get_by_role("table", name="API keys of acme")
    headers = table.get_by_role("columnheader").all_inner_texts()
    assert headers[:5] == ["Name", "Prefix", "Scopes", "Last used", "Expires"]
    name, prefix, scopes, used, expires, *_ = page.row("CI")
    assert (name, prefix, expires) == ("CI", key.prefix, "Never")
    assert "monitors:read" in scopes and "alerts:write" in scopes
    assert used.startswith("3 minutes ago")
    assert page.delete_link(key).inner_text() == "Delete"
    assert page.delete_link(key).get_attribute("href") == \
        f"{BASIC}/{key.id}"


@pytest.mark.slow
def test_time_of_use_is_exact_for_those_who_ask(visit, server):
    now = int(time.time() * 1000)
    server.database.import_key("monitors:read", name="used",
                               lastUsedAt=now - 3 * 60_000 - 10_000)
    server.database.import_key("monitors:read", name="unused")
    page = visit("olga")
    assert page.row("unused")[3] == "Never"
    moment = page.page.get_by_role("row").filter(has_text="used").locator(
        "time").first()
    then = moment.evaluate(js("(e) => Date.parse(e.dateTime)"))
    assert then // 1000 == (now - 3 * 60_000 - 10_000) // 1000
    assert "UTC" in moment.get_attribute("title")


@pytest.mark.slow
def test_expired_and_soon_to_expire_keys_are_marked(visit, server):
    now = int(time.time() * 1000)
    for name, expires in {"gone": now - DAY, "tomorrow": now + DAY,
                          "in 13 days": now + 13 * DAY,
                          "in 15 days": now + 15 * DAY}.items():
        server.database.import_key("monitors:read", name=name,
                                   expiresAt=expires)
    page = visit("olga")
    marks = {row[0].partition(" Exp")[0]: " ".join(row)
             for row in page.rows()}
    assert "Expired" in marks["gone"]
    assert "Expires soon" not in marks["gone"]
    for name in ("tomorrow", "in 13 days"):
        assert "Expires soon" in marks[name]
        assert "Expired" not in marks[name]
    assert "Expire" not in marks["in 15 days"]


@pytest.mark.slow
def test_key_can_be_kept(visit, server, olga, scripts):
    key = server.database.import_key("monitors:read", name="kept")
    page = visit("olga", scripts=scripts)
    page.begin_to_delete(key)
    assert "kept" in page.text() and key.prefix in page.text()
    if scripts:
        page.button("Keep it").click()
        page.dialog().wait_for(state="hidden")
    else:
        page.link("Keep it").click()
    page.wait_for("API keys")
    assert page.names() == ["kept"]
    assert page.status() == ""
    assert [kept["id"] for kept in olga.keys()] == [key.id]


@pytest.mark.slow
def test_key_that_is_gone_cannot_be_deleted_again(visit, server, olga,
                                                  scripts):
    key = server.database.import_key("monitors:read")
    page = visit("olga", scripts=scripts)
    page.begin_to_delete(key)
    olga.delete(key.id)
    page.button("Delete key").click()
    page.wait_for("There is no such key")
    assert page.answered() == 404


@pytest.mark.slow
def test_address_of_a_key_asks_whether_to_delete_it(visit, server, scripts):
    key = server.database.import_key("monitors:read", name="CI")
    page = visit("olga", f"/{key.id}", scripts=scripts)
    page.wait_for("Delete this key?")
    assert "CI" in page.text() and key.prefix in page.text()
    page.button("Delete key").click()
    page.wait_for("API keys")
    assert "The key was deleted" in page.status()


@pytest.mark.slow
@pytest.mark.parametrize("key_id", ["key_01jzzzzzzzzzzzzzzzzzzzzzzz",
                                    "of another team"])
def test_unknown_key_has_no_page(visit, server, key_id):
    other = server.database.import_key("monitors:read", team="beta",
                                       name="a secret of beta's")
    page = visit("olga", "/" + (other.id if " " in key_id else key_id))
    page.wait_for("There is no such key")
    assert page.answered() == 404
    assert "secret" not in page.content()


@pytest.mark.slow
def test_way_to_a_key_that_works_is_short(server, visit, scripts,
                                          record_property):
    """Counts a user's clicks and keystrokes, and asserts nothing of them."""
    begun = time.monotonic()
    page = visit("olga", scripts=scripts)
    steps = ["open the page"]

    def step(said, act, *arguments):
        act(*arguments)
        steps.append(said)

    step("type a name", page.box("Name").fill, "CI")
    step("choose a scope", page.scope("monitors:read").click)
    step("create", page.button("Create key").click)
    key = page.revealed()
    if scripts:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        step("copy", page.button("Copy").click)
    else:
        step("select the key", page.box("API key").click)
        step("copy", page.page.keyboard.press, "Control+c")
    assert works(server, key)
    seconds = time.monotonic() - begun
    record_property("steps", f"{len(steps)} steps ({', '.join(steps)})")
    record_property("seconds", f"{seconds:.2f}")

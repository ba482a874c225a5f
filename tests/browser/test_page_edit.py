# SPDX-License-Identifier: Apache-2.0
"""A key is edited, disabled and enabled on the page; addresses and lifetimes."""

import datetime
import time

import pytest
from browser import js
from states import DAY, import_lives, set_columns
from test_page_form import ERROR_BESIDE, is_end_of, is_invalid, utc_today
from test_page_life import only_key, works

CHECKED = "input[type=checkbox]:checked"
LABELS = js("""(radios) => radios.map(
    (radio) => radio.closest("label").querySelector(".label").innerText)""")
NOT_CHANGED = "The key was not changed"


@pytest.fixture
def key(server, clean):
    key = server.database.import_key("monitors:read", "alerts:read",
                                     name="CI")
    set_columns(server, key, addresses='["127.0.0.0/8","2001:db8::/32"]',
                expires_at=int(time.time() * 1000) + 3 * DAY + 123)
    return key


def begin(visit, key, **options):
    return visit("olga", f"/{key.id}/edit", **options).wait_for(
        "Edit this key")


def save(page):
    page.button("Save changes").click()
    return page


def saved(page):
    save(page).wait_for("API keys")
    assert page.status() == "The key was saved."
    return page


def expiries(page):
    return page.group("Expiry").get_by_role("radio").evaluate_all(LABELS)


def day_after(days):
    return utc_today() + datetime.timedelta(days=days)


# Editing

def test_key_is_edited(server, visit, olga, key, scripts):
    """From the list and back to it."""
    page = visit("olga", scripts=scripts)
    page.edit_link(key).click()
    page.wait_for("Edit this key")
    assert page.box("Name").input_value() == "CI"
    assert [box.input_value() for box in page.page.locator(CHECKED).all()] \
        == ["monitors:read", "alerts:read"]
    assert page.box("Addresses").input_value() == \
        "127.0.0.0/8\n2001:db8::/32"
    assert page.choice("As it is").is_checked()
    before = only_key(olga)
    page.box("Name").fill("Deploys")
    page.scope("alerts:read").uncheck()
    page.box("Addresses").fill("127.0.0.1")
    saved(page)
    assert page.row("Deploys")[2] == "monitors:read Only from 127.0.0.1"
    assert only_key(olga) == {**before, "name": "Deploys",
                              "scopes": ["monitors:read"],
                              "addresses": ["127.0.0.1"]}
    assert works(server, key)


@pytest.mark.slow
def test_nothing_changes_by_saving(visit, olga, key, scripts):
    before = only_key(olga)
    saved(begin(visit, key, scripts=scripts))
    assert only_key(olga) == before


@pytest.mark.slow
def test_cancel_changes_nothing(visit, olga, key, scripts):
    before = only_key(olga)
    page = begin(visit, key, scripts=scripts)
    page.box("Name").fill("other")
    page.link("Cancel").click()
    page.wait_for("API keys")
    assert only_key(olga) == before


@pytest.mark.slow
def test_other_expiry_is_chosen(visit, olga, key, scripts):
    for label, date, day in (("In 90 days", None, day_after(90)),
                             ("On a date", "2031-02-28",
                              datetime.date(2031, 2, 28)),
                             ("Never", None, None)):
        page = begin(visit, key, scripts=scripts)
        page.choice(label).check()
        if date:
            page.date().fill(date)
        saved(page)
        expires = only_key(olga)["expiresAt"]
        assert is_end_of(day, expires) if day else expires is None
    assert "Never" not in expiries(begin(visit, key, scripts=scripts))


@pytest.mark.slow
def test_errors_stand_beside_their_fields(visit, olga, key, scripts):
    before = only_key(olga)
    page = begin(visit, key, scripts=scripts).without_the_browsers_help()
    page.box("Name").fill("")
    for scope in ("monitors:read", "alerts:read"):
        page.scope(scope).uncheck()
    page.box("Addresses").fill("192.0.2.0/24\n192.0.2.7/24\noffice.example")
    page.choice("On a date").check()
    page.date().fill("2020-02-29")
    save(page).wait_for(NOT_CHANGED, 2)
    assert page.answered() == 400
    assert page.page.title().startswith("Error")
    for field in (page.box("Name"), page.box("Addresses"), page.date()):
        assert is_invalid(field)
        assert field.evaluate(ERROR_BESIDE)
    beside = page.box("Addresses").evaluate(ERROR_BESIDE)
    assert "192.0.2.7/24: " in beside and "192.0.2.0/24" in beside
    assert "office.example: " in beside
    assert page.group("Scopes").evaluate(ERROR_BESIDE)
    assert page.page.get_by_role("alert").get_by_role("link").count() == 4
    assert page.box("Addresses").input_value() == \
        "192.0.2.0/24\n192.0.2.7/24\noffice.example"
    assert page.date().input_value() == "2020-02-29"
    assert only_key(olga) == before
    page.box("Name").fill("mended")
    page.scope("teams:read").check()
    page.box("Addresses").fill("")
    page.choice("As it is").check()
    page.date().fill("")
    page.choice("As it is").check()
    saved(page)
    after = only_key(olga)
    assert (after["name"], after["scopes"]) == ("mended", ["teams:read"])
    assert "addresses" not in after
    assert after["expiresAt"] == before["expiresAt"]


@pytest.mark.slow
def test_stale_form_shows_what_is_there_now(server, visit, olga, key,
                                            scripts):
    page = begin(visit, key, scripts=scripts)
    set_columns(server, key, name="theirs", addresses='["192.0.2.1"]')
    before = only_key(olga)
    page.box("Name").fill("mine")
    page.scope("teams:read").check()
    save(page).wait_for("Nothing was changed", 2)
    assert page.answered() == 412
    assert "Nothing was changed" in page.alert()
    assert page.box("Name").input_value() == "theirs"
    assert page.box("Addresses").input_value() == "192.0.2.1"
    assert not page.scope("teams:read").is_checked()
    assert only_key(olga) == before
    page.box("Name").fill("mine")
    saved(page)
    assert only_key(olga)["name"] == "mine"


@pytest.mark.slow
def test_key_that_is_gone_cannot_be_edited(visit, olga, key, scripts):
    page = begin(visit, key, scripts=scripts)
    olga.delete(key.id)
    save(page).wait_for("There is no such key")
    assert page.answered() == 404


@pytest.mark.slow
def test_hostile_name_is_only_text(visit, olga, key, scripts):
    name = "\"><script>alert(1)</script> & ' </textarea>"
    page = begin(visit, key, scripts=scripts)
    page.box("Name").fill(name)
    saved(page)
    page = begin(visit, key, scripts=scripts)
    assert page.box("Name").input_value() == name
    assert page.shows(name)
    assert page.html_errors() == []


@pytest.mark.slow
def test_edit_by_keyboard(visit, olga, key):
    page = begin(visit, key)
    page.box("Name").focus()
    page.page.keyboard.press("Control+a")
    page.page.keyboard.type("typed")
    page.page.keyboard.press("Enter")
    page.wait_for("API keys")
    assert only_key(olga)["name"] == "typed"


# Disabling and enabling

def test_key_is_disabled_and_enabled(server, visit, key, scripts):
    page = begin(visit, key, scripts=scripts)
    page.wait_for("Disable this key", 2)
    page.button("Disable key").click()
    page.wait_for("API keys")
    assert "disabled" in page.status()
    assert "Disabled" in page.row("CI")[0]
    assert not works(server, key)
    page = begin(visit, key, scripts=scripts)
    page.wait_for("This key is disabled", 2)
    page.button("Enable key").click()
    page.wait_for("API keys")
    assert "enabled" in page.status()
    assert page.row("CI")[0] == "CI"
    assert works(server, key)


@pytest.mark.slow
def test_switch_sends_nothing_of_the_other_form(visit, olga, key, scripts):
    before = only_key(olga)
    page = begin(visit, key, scripts=scripts)
    page.box("Name").fill("typed, not saved")
    page.button("Disable key").click()
    page.wait_for("API keys")
    after = only_key(olga)
    assert after.pop("disabledReason") == "manual"
    assert after.pop("disabledAt")
    assert after == before


@pytest.mark.slow
def test_stale_switch_changes_nothing(server, visit, olga, key, scripts):
    page = begin(visit, key, scripts=scripts)
    set_columns(server, key, name="theirs")
    page.button("Disable key").click()
    page.wait_for("Nothing was changed", 2)
    assert "disabledAt" not in only_key(olga)
    page.button("Disable key").click()
    page.wait_for("API keys")
    assert "disabledAt" in only_key(olga)


@pytest.mark.slow
def test_leaked_key_offers_a_rotation(server, visit, scripts):
    page = begin(visit, import_lives(server)["Leaked"], scripts=scripts)
    page.wait_for("This key leaked", 2)
    assert page.button("Enable key").count() == 0
    assert page.button("Disable key").count() == 0
    page.link("Rotate it").click()
    page.wait_for("The secret of this key leaked", 2)


@pytest.mark.slow
def test_leak_meanwhile_is_not_undone(server, visit, olga, key, scripts):
    set_columns(server, key, disabled_at=1, disabled_reason="manual")
    page = begin(visit, key, scripts=scripts)
    set_columns(server, key, disabled_reason="leaked")
    page.button("Enable key").click()
    page.wait_for("Nothing was changed", 2)
    page.wait_for("This key leaked", 2)
    assert only_key(olga)["disabledReason"] == "leaked"


# Creating

@pytest.mark.slow
def test_key_is_made_for_some_addresses(server, visit, olga, scripts):
    page = visit("olga", scripts=scripts)
    page.box("Addresses").fill("127.0.0.1, 2001:DB8:0::/32")
    secret = page.create("CI")
    assert "Only from 127.0.0.1, 2001:db8::/32" in page.text()
    assert only_key(olga)["addresses"] == ["127.0.0.1", "2001:db8::/32"]
    assert works(server, secret)
    page = visit("olga", scripts=scripts)
    page.box("Addresses").fill("192.0.2.0/24")
    secret = page.create("elsewhere")
    assert server.get("/t/x", key=secret).status_code == 403


@pytest.mark.slow
def test_wrong_address_makes_no_key(visit, olga, scripts):
    page = visit("olga", scripts=scripts)
    page.box("Addresses").fill("0.0.0.0/0")
    page.fill("CI").submit().wait_for("The key was not made", 2)
    assert is_invalid(page.box("Addresses"))
    assert "0.0.0.0/0: " in page.box("Addresses").evaluate(ERROR_BESIDE)
    assert page.box("Addresses").input_value() == "0.0.0.0/0"
    assert olga.keys() == []


LIFETIMES = {
    "none": ("", ["Never", "In 30 days", "In 90 days", "In 365 days",
                  "On a date"], "Never", None),
    "default": ("UptimeKeysDefaultLifetime 90",
                ["In 90 days, as is usual here", "In 30 days", "In 365 days",
                 "On a date"], "In 90 days, as is usual here", 90),
    "maximum": ("UptimeKeysMaxLifetime 180",
                ["In 30 days", "In 90 days",
                 "In 180 days, the longest that is allowed", "On a date"],
                "In 30 days", 30),
    "short maximum": ("UptimeKeysMaxLifetime 7",
                      ["In 7 days, the longest that is allowed", "On a date"],
                      "In 7 days, the longest that is allowed", 7),
    "both": ("UptimeKeysMaxLifetime 365\nUptimeKeysDefaultLifetime 60",
             ["In 60 days, as is usual here", "In 30 days", "In 90 days",
              "In 365 days, the longest that is allowed", "On a date"],
             "In 60 days, as is usual here", 60),
}


@pytest.mark.slow
@pytest.mark.parametrize("limits", LIFETIMES)
def test_expiries_that_are_allowed_are_offered(new_managed, visit, limits):
    """What is offered is accepted, and what is preset too."""
    config, labels, preset, days = LIFETIMES[limits]
    server = new_managed(config)
    page = visit("olga", at=server)
    assert expiries(page) == labels
    checked, = [label for label in labels if page.choice(
        label + "(?!,)").is_checked()]
    assert checked == preset
    longest = {"maximum": 180, "short maximum": 7, "both": 365}.get(limits)
    assert page.date().get_attribute("max") == (
        str(day_after(longest)) if longest else None)
    page.create("as preset")
    for label in labels[:-1]:
        page.open()
        page.create(label[:40], expiry=label + "(?!,)")
    shown = dict(server.database.rows(
        "SELECT name, expires_at FROM uptime_keys"))
    assert len(shown) == len(labels)
    assert shown["as preset"] == shown[preset[:40]]
    if days:
        assert is_end_of(day_after(days), shown["as preset"])
    else:
        assert shown["as preset"] is None


@pytest.mark.slow
def test_maximum_holds_in_the_forms(new_managed, visit):
    server = new_managed("UptimeKeysMaxLifetime 90")
    page = visit("olga", at=server).without_the_browsers_help()
    late = str(day_after(91))
    page.fill("too long", expiry="On a date", date=late)
    page.submit().wait_for("The key was not made", 2)
    assert "at most 90 days" in page.date().evaluate(ERROR_BESIDE)
    page.date().fill(str(day_after(90)))
    page.submit().revealed()
    old = server.database.import_key("monitors:read", name="old")
    page = visit("olga", f"/{old.id}/edit", at=server)
    assert expiries(page) == [
        "As it is", "In 30 days", "In 90 days, the longest that is allowed",
        "On a date"]
    page.box("Name").fill("old, renamed")
    saved(page)
    assert page.row("old, renamed")[4] == "Never"
    page = visit("olga", f"/{old.id}/edit", at=server)
    page.without_the_browsers_help().choice("On a date").check()
    page.date().fill(late)
    save(page).wait_for(NOT_CHANGED, 2)
    assert "at most 90 days" in page.date().evaluate(ERROR_BESIDE)

# SPDX-License-Identifier: Apache-2.0
"""The form: its fields, and its error messages."""

import datetime
import re

import pytest
from browser import js
from managed import BASIC
from visit import FORM, ask

pytestmark = pytest.mark.slow


@pytest.fixture
def scripts():
    """The server handles a form in the same way with and without scripts."""
    return False

DAY = 86_400_000
GROUPS = {
    "Monitoring": ["monitors:read", "monitors:write", "dns-monitors:read",
                   "dns-monitors:write", "tcp-monitors:read",
                   "tcp-monitors:write"],
    "Scheduled tasks": ["cron-jobs:read", "cron-jobs:write",
                        "cron-jobs:ping"],
    "Alerts & status": ["alerts:read", "alerts:write", "status-pages:read",
                        "status-pages:write", "maintenance:read",
                        "maintenance:write"],
    "Team management": ["teams:read", "teams:write", "invites:read",
                        "invites:write", "team-domains:read",
                        "team-domains:write"],
    "API key management": ["api-keys:read", "api-keys:write"],
}
NOT_MADE = "The key was not made"
DESCRIPTION = js("""(e) => [...e.labels].map((label) => label.innerText)
    .concat((e.getAttribute("aria-describedby") ?? "").split(" ")
        .map((id) => document.getElementById(id)?.innerText ?? ""))
    .join(" ")""")
OFFERED = js("""(boxes) => boxes.map((box) => [
    box.value, box.closest("label").innerText.trim().replace(/\\s+/g, " "),
    box.checked])""")
ERROR_BESIDE = js("""(e) => {
    const ids = [e.getAttribute("aria-describedby"),
        e.getAttribute("aria-errormessage"),
        e.closest("fieldset")?.getAttribute("aria-describedby")];
    return ids.join(" ").split(" ").filter(Boolean)
        .map((id) => document.getElementById(id)?.innerText ?? "").join(" ");
}""")
INSTANTS = js("""(e) => [...e.labels].flatMap((label) =>
    [...label.querySelectorAll("time")]).concat(
        (e.getAttribute("aria-describedby") ?? "").split(" ").flatMap((id) =>
            [...document.getElementById(id)?.querySelectorAll("time") ?? []]))
    .map((time) => Date.parse(time.dateTime))""")


def only_key(client):
    api_key, = client.keys()
    return api_key


def utc_today():
    return datetime.datetime.now(datetime.timezone.utc).date()


def is_end_of(day, instant_ms):
    """Within the last second of a day, or at its very end."""
    over = datetime.datetime.combine(
        day + datetime.timedelta(days=1), datetime.time(),
        datetime.timezone.utc).timestamp() * 1000
    return over - 1000 <= instant_ms <= over


def is_invalid(field):
    return field.get_attribute("aria-invalid") == "true"


# The fields

def test_scopes_stand_in_their_groups_with_descriptions(visit):
    page = visit("olga")
    for group, scopes in GROUPS.items():
        boxes = page.group(group).get_by_role("checkbox")
        offered = boxes.evaluate_all(OFFERED)
        assert [scope for scope, _, _ in offered] == scopes
        for scope, said, is_checked in offered:
            assert said.startswith(scope + " ")
            assert len(said.split()) >= 3, said
            assert not is_checked


def test_scopes_of_ones_own_are_offered_too(new_managed, visit):
    server = new_managed("""
        UptimeKeysScope backups:read "Read <backups>" "Back & forth"
    """)
    page = visit("olga", at=server)
    box = page.group("Back & forth").get_by_role("checkbox")
    assert "Read <backups>" in box.evaluate(DESCRIPTION)
    page.create("mine", ["backups:read"])


def test_whole_group_is_chosen_with_one_button(visit, olga):
    page = visit("olga")
    button = page.button("All of Scheduled tasks")
    boxes = page.group("Scheduled tasks").get_by_role("checkbox")
    button.click()
    assert [box.is_checked() for box in boxes.all()] == [True] * 3
    button.click()
    assert [box.is_checked() for box in boxes.all()] == [False] * 3
    boxes.first().check()
    button.click()
    assert [box.is_checked() for box in boxes.all()] == [True] * 3
    page.create("all of them", [])
    assert sorted(only_key(olga)["scopes"]) == \
        sorted(GROUPS["Scheduled tasks"])


def test_button_for_a_group_touches_no_other(visit):
    page = visit("olga")
    page.button("All of Alerts & status").click()
    assert page.page.locator("input[type=checkbox]:checked").count() == 6


def test_nothing_is_chosen_but_no_expiry(visit):
    page = visit("olga")
    assert page.box("Name").input_value() == ""
    assert page.page.locator("input[type=checkbox]:checked").count() == 0
    assert page.group("Expiry").get_by_role("radio").count() == 5
    assert page.choice("Never").is_checked()


def test_page_without_scripts_has_no_dead_buttons(visit, server):
    server.database.import_key("monitors:read", name="CI")
    page = visit("olga", scripts=False)
    for button in page.page.get_by_role("button").all():
        assert button.evaluate(js("(e) => e.type === 'submit' && !!e.form"))
    assert page.button("All of Monitoring").count() == 0
    page.create()
    assert page.button("Copy").count() == 0


# Expiry

def test_preset_lasts_until_the_announced_end_of_a_day(visit, olga):
    page = visit("olga")
    for days in (30, 90, 365):
        day = utc_today() + datetime.timedelta(days=days)
        choice = page.choice(f"In {days} days")
        announced, = choice.evaluate(INSTANTS)
        assert f"until {day} 23:59:59 UTC" in choice.evaluate(DESCRIPTION)
        name = f"for {days} days"
        page.create(name, expiry=f"In {days} days")
        expires = olga.keys()[0]["expiresAt"]
        assert expires == announced
        assert is_end_of(day, expires)
        assert page.done().row(name)[4].startswith(str(day))


def test_date_lasts_until_the_end_of_that_day(visit, olga):
    page = visit("olga")
    for day in ("2031-02-28", "2032-02-29", str(utc_today())):
        page.create(expiry="On a date", date=day)
        assert is_end_of(datetime.date.fromisoformat(day),
                         olga.keys()[0]["expiresAt"])
        page.done()


def test_date_without_its_choice_is_not_lost(visit, olga, scripts):
    """A typed date counts; "Never" is only the default."""
    page = visit("olga", scripts=scripts)
    page.fill(date="2031-02-28").submit()
    page.heading("Your new key").or_(page.heading(NOT_MADE, 2)).wait_for()
    for api_key in olga.keys():
        assert is_end_of(datetime.date(2031, 2, 28), api_key["expiresAt"])


def test_new_key_page_says_when_it_expires(visit, scripts):
    page = visit("olga", scripts=scripts)
    page.create(expiry="On a date", date="2031-02-28")
    assert "28 February 2031" in page.text() or "2031-02-28" in page.text()
    assert "UTC" in page.text()


# Errors

def without_the_browsers_help(page):
    """Switch off the browser's validation, to test the server's."""
    page.page.locator("form").evaluate_all(
        js("(forms) => forms.forEach((form) => { form.noValidate = true; })"))


def test_wrong_fields_are_explained_where_they_are(visit, olga, scripts):
    page = visit("olga", scripts=scripts)
    without_the_browsers_help(page)
    page.fill("", [], "On a date").submit().wait_for(NOT_MADE, 2)
    assert page.answered() == 400
    assert NOT_MADE in page.alert()
    for field in (page.box("Name"), page.date()):
        assert is_invalid(field)
        assert field.evaluate(ERROR_BESIDE)
    assert page.group("Scopes").evaluate(ERROR_BESIDE)
    links = page.page.get_by_role("alert").get_by_role("link")
    assert links.count() == 3
    assert olga.keys() == []


def test_links_of_the_summary_lead_to_the_fields(visit, scripts):
    page = visit("olga", scripts=scripts)
    without_the_browsers_help(page)
    page.fill("", [], "On a date").submit().wait_for(NOT_MADE, 2)
    for link in page.page.get_by_role("alert").get_by_role("link").all():
        link.click()
        target = page.page.locator(link.get_attribute("href"))
        assert target.count() == 1
        assert target.evaluate(js("""(e) => e.matches(":target") && (
            e === document.activeElement || e.contains(document.activeElement)
            || !e.matches("input, select, textarea"))"""))


def test_what_was_typed_is_kept(visit, olga, scripts):
    name = "\"quotes\" & <b>tags</b> 'and' ümläuts"
    page = visit("olga", scripts=scripts)
    without_the_browsers_help(page)
    page.fill(name, ["alerts:read", "cron-jobs:ping"], "On a date",
              "2020-02-29").submit().wait_for(NOT_MADE, 2)
    assert page.box("Name").input_value() == name
    checked = page.page.locator("input[type=checkbox]:checked")
    assert [box.input_value() for box in checked.all()] == \
        ["cron-jobs:ping", "alerts:read"]
    assert page.choice("On a date").is_checked()
    assert page.date().input_value() == "2020-02-29"
    assert not is_invalid(page.box("Name"))
    page.date().fill("2031-02-28")
    page.submit().revealed()
    assert only_key(olga)["name"] == name


def test_chosen_expiry_is_kept(visit):
    page = visit("olga", scripts=False)
    for expiry in ("In 90 days", "Never"):
        without_the_browsers_help(page)
        page.fill("", expiry=expiry).submit().wait_for_next(NOT_MADE, 2)
        assert page.choice(expiry).is_checked()


def test_focus_goes_to_what_is_wrong(visit):
    page = visit("olga")
    without_the_browsers_help(page)
    page.fill("").submit().wait_for(NOT_MADE, 2)
    assert page.page.evaluate(js("""() => {
        const alert = document.querySelector("[role=alert]");
        return alert.contains(document.activeElement)
            || document.activeElement.matches("[aria-invalid=true]"); }"""))
    assert page.page.title().startswith("Error")


def test_browser_asks_for_a_name_before_sending(visit, scripts):
    page = visit("olga", scripts=scripts)
    before = len(page.documents())
    page.fill("").submit()
    assert len(page.documents()) == before
    assert page.box("Name").evaluate(
        js("(e) => e.matches(':focus') && !e.validity.valid"))


WRONG = {
    "no name": {"name": ""},
    "long name": {"name": "x" * 256},
    "line in name": {"name": "a\nb"},
    "control in name": {"name": "a\x7fb"},
    "unknown scope": {"scopes": "root:all"},
    "hostile scope": {"scopes": "\"><script>alert(1)</script>"},
    "past": {"date": "2020-02-29"},
    "yesterday": {"date": str(utc_today() - datetime.timedelta(days=1))},
    "no such day": {"date": "2031-02-29"},
    "no date": {"date": ""},
    "word": {"date": "tomorrow"},
    "white space": {"date": " 2031-02-28"},
    "far future": {"date": "99999-01-01"},
    "year 0": {"date": "0000-01-01"},
    "hostile date": {"date": "\"><script>alert(1)</script>"},
    "unknown choice": {"expiry": "for ever", "date": ""},
    "a preset of one's own": {"expiry": "36500", "date": ""},
}


def test_tampered_form_makes_no_key(visit, olga):
    page = visit("olga")
    page.fill("mine", expiry="On a date", date="2031-02-28")
    named = field_names(page)
    sent = page.fields()
    for case, wrong in WRONG.items():
        fields = [(name, wrong.get(named.get(name), value))
                  for name, value in sent]
        assert fields != sent
        answer = page.send(fields)
        assert answer.status_code == 400, case
        assert NOT_MADE in answer.text, case
        assert "<script>" not in answer.text, case
        assert olga.keys() == [], case


def field_names(page):
    """{name in the form: name in the API}."""
    return {field.get_attribute("name"): ours for ours, field in {
        "name": page.box("Name"), "scopes": page.scope("monitors:read"),
        "expiry": page.choice("Never"), "date": page.date()}.items()}


def test_unknown_scope_is_not_dropped_silently(visit, olga, scripts):
    page = visit("olga", scripts=scripts)
    page.fill("mine", ["monitors:read", "alerts:read"])
    page.scope("alerts:read").evaluate(
        js("(e) => { e.value = 'root:all'; }"))
    page.submit().wait_for(NOT_MADE, 2)
    assert page.answered() == 400
    assert page.scope("monitors:read").is_checked()
    assert olga.keys() == []


NONSENSE = (b"", b"&", b"&&&===", b"%", b"name=%zz", b"name=%ff",
            b"name=a%00b", b"\xff\xfe", b"name", b"=", b"name=a&name=b",
            b"x=" + b"y" * 60_000)


def test_nonsense_is_refused(server, olga):
    for body in NONSENSE:
        answer = ask(server, "POST", BASIC, "olga", data=body,
                     headers={"Content-Type": FORM})
        assert answer.status_code == 400, body
        assert answer.headers["Content-Type"].startswith("text/html"), body
    assert olga.keys() == []

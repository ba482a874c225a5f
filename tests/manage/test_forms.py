# SPDX-License-Identifier: Apache-2.0
"""Requests of HTML forms, answered in JSON; for pages see tests/browser."""

import datetime
import uuid
from urllib.parse import urlencode

import pytest
from harness.answers import assert_problem
from harness.database import now_ms
from managed import BASIC, assert_invalid

FORM = "application/x-www-form-urlencoded"
PAGE = {"Accept": "text/html"}


def make_id():
    """A TypeID of a UUID, as in the form of a page."""
    alphabet = "0123456789abcdefghjkmnpqrstvwxyz"
    number = uuid.uuid4().int >> 2
    return "key_" + "".join(
        alphabet[number >> shift & 31] for shift in range(125, -1, -5))


def fields(**changes):
    """A form that creates a key; ... leaves a field out."""
    form = {"id": make_id(), "name": "a key", "scope": ["monitors:read"],
            "expires": "", "date": "", **changes}
    return {name: value for name, value in form.items() if value is not ...}


def send(client, headers=None, **changes):
    return client.post(urlencode(fields(**changes), doseq=True), FORM, headers)


def day(days):
    today = datetime.datetime.now(datetime.timezone.utc).date()
    return (today + datetime.timedelta(days=days)).isoformat()


def end_of(date):
    moment = datetime.datetime.fromisoformat(date + "T23:59:59.999+00:00")
    return round(moment.timestamp() * 1000)


def test_form_makes_a_key_that_works(server, olga):
    wanted = make_id()
    answer = send(olga, id=wanted, name="Über & Co=1+1",
                  scope=["monitors:read", "alerts:read"])
    assert answer.status_code == 201
    data = answer.json()["data"]
    assert data["apiKey"]["id"] == wanted
    assert data["apiKey"]["name"] == "Über & Co=1+1"
    assert data["apiKey"]["scopes"] == ["monitors:read", "alerts:read"]
    assert data["apiKey"]["expiresAt"] is None
    assert server.get("/t/x", data["key"]).status_code == 200


def test_charset_may_be_named(olga):
    body = urlencode(fields(), doseq=True)
    answer = olga.post(body, FORM + "; charset=UTF-8")
    assert answer.status_code == 201


def test_same_form_makes_one_key(server, olga):
    wanted = make_id()
    assert send(olga, id=wanted).status_code == 201
    answer = send(olga, id=wanted, name="again")
    assert_problem(answer, 409, name="conflict")
    assert "uptime_" not in answer.text
    assert len(olga.keys()) == 1


@pytest.mark.backend
def test_same_form_makes_no_key_after_its_events_were_removed(server, olga):
    wanted = make_id()
    assert send(olga, id=wanted).status_code == 201
    olga.change(wanted, name="new")
    assert olga.delete(wanted).status_code == 200
    server.database.tool("audit", "prune", "--before", "9999-12-31")
    assert len(server.database.rows(
        "SELECT id FROM uptime_audit WHERE key_id = ?", wanted)) == 1
    assert_problem(send(olga, id=wanted), 409, name="conflict")
    assert olga.keys() == []


def test_same_form_makes_no_key_after_the_first_was_deleted(server, olga):
    wanted = make_id()
    send(olga, id=wanted)
    assert olga.delete(wanted).status_code == 200
    assert_problem(send(olga, id=wanted), 409, name="conflict")
    assert not olga.keys()


def test_id_of_an_imported_key_makes_no_second_one(server, olga):
    key = server.database.import_key("monitors:read")
    assert_problem(send(olga, id=key.id), 409, name="conflict")


def test_form_without_an_id_makes_a_key(olga):
    assert send(olga, id=...).status_code == 201


def test_day_lasts_to_its_end(olga):
    date = day(30)
    data = send(olga, expires=date).json()["data"]
    assert data["apiKey"]["expiresAt"] == end_of(date)


def test_date_field_counts_where_it_is_chosen(olga):
    date = day(3)
    data = send(olga, expires="date", date=date).json()["data"]
    assert data["apiKey"]["expiresAt"] == end_of(date)


def test_today_is_in_the_future_until_it_ends(olga):
    data = send(olga, expires="date", date=day(0)).json()["data"]
    assert data["apiKey"]["expiresAt"] > now_ms()


@pytest.mark.parametrize("expires, date", [
    ("date", ""), ("date", day(-1)), (day(-1), ""), ("date", "2030-02-30"),
    ("date", "tomorrow"), ("soon", ""), ("date", "30.12.2030"),
    # A date is never ignored in favour of "never".
    ("", day(30)), (day(30), day(60)),
])
def test_unclear_expiry_is_refused(olga, expires, date):
    assert_invalid(send(olga, expires=expires, date=date), "/expiresAt")
    assert not olga.keys()


def test_every_field_at_fault_is_named(olga):
    answer = send(olga, name="", scope=["monitors:read", "monitor:read"],
                  expires="date", date="")
    assert_invalid(answer, "/name", "/scopes/1", "/expiresAt")
    assert_invalid(send(olga, scope=...), "/scopes")


@pytest.mark.parametrize("body", [
    "name=a&scope", "name=%", "name=%zz", "name=a%00b&scope=monitors:read",
    "%00=a", b"name=a\0&scope=monitors:read", "name=a&id=key_", "id=",
    "id=KEY_01H455VB4PEX5VSKNK084SN02Q",
])
def test_damaged_form_is_refused(olga, body):
    assert_problem(olga.post(body, FORM), 400, name="bad-request")
    assert not olga.keys()


def test_unknown_fields_are_ignored(olga):
    body = urlencode(fields(), doseq=True) + "&team_id=zeta&key=uptime_"
    assert olga.post(body, FORM).status_code == 201


def test_form_of_another_site_is_refused(olga):
    headers = {"Origin": "https://evil.example"}
    assert_problem(send(olga, headers), 403, name="forbidden")
    assert not olga.keys()


def test_program_cannot_delete_by_post(olga):
    key = olga.make()
    answer = olga.call("POST", f"/{key.id}")
    assert_problem(answer, 405, name="method-not-allowed")
    assert len(olga.keys()) == 1


def test_page_deletes_by_post_and_leads_back(server, olga):
    key = olga.make()
    answer = olga.call("POST", f"/{key.id}", headers=PAGE)
    assert answer.status_code == 303
    assert answer.headers["Location"] == BASIC + "?deleted=1"
    assert not olga.keys()


def test_page_of_another_site_cannot_delete(olga):
    key = olga.make()
    answer = olga.call("POST", f"/{key.id}", headers={
        **PAGE, "Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert len(olga.keys()) == 1


@pytest.mark.parametrize("accept, is_page", [
    ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", True),
    ("text/html", True), ("TEXT/HTML;q=0.1", True),
    ("text/html;level=1;q=0.7, application/json;q=0.6", True),
    ("text/html;q=0.5, application/json;q=0.5", False), ("text/*", True),
    ("text/html;q=0.5, application/json", False), ("text/html;q=0", False),
    ("text/html;q=0.2, application/*;q=0.3", False),
    ("text/html;q=0.2, */*", False), ("text/*, text/html;q=0", False),
    ("text/html;q=nan", False), ("text/html;q=2", False),
    ("text/htmlx", False), ("*/*", False), ("", False),
    ("application/json", False), ("application/json, text/html;q=0.9", False),
])
def test_accept_decides(olga, accept, is_page):
    answer = olga.call("GET", headers={"Accept": accept})
    kind = "text/html; charset=utf-8" if is_page else "application/json"
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == kind
    assert "Accept" in answer.headers["Vary"]

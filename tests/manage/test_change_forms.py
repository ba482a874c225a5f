# SPDX-License-Identifier: Apache-2.0
"""Forms that rotate, edit, disable and enable a key: the verdicts of JSON.

What the pages look like is tested in tests/browser.
"""

import datetime
import html
import re
from urllib.parse import urlencode

import pytest
from harness.answers import assert_problem
from harness.database import now_ms
from managed import BASIC, KEYS, Client, assert_invalid

FORM = "application/x-www-form-urlencoded"
PAGE = {"Accept": "text/html"}
DAY = 86_400_000
UNKNOWN = "key_01jzzzzzzzzzzzzzzzzzzzzzzz"
FAR = "2101-03-04"
FAR_END = round(datetime.datetime.fromisoformat(
    FAR + "T23:59:59.999+00:00").timestamp() * 1000)


def get_page(client, key, tail):
    return client.call("GET", f"/{key.id}/{tail}", headers=PAGE)


def post(client, key, tail, fields, headers=None):
    return client.call("POST", f"/{key.id}/{tail}",
                       data=urlencode(fields, doseq=True),
                       headers={"Content-Type": FORM, **PAGE,
                                **(headers or {})})


def hidden(page, name):
    value, *_ = re.findall(f'name="{name}" value="([^"]*)"', page.text)
    return html.unescape(value)


def patch(client, key, headers=None, **members):
    return client.call("PATCH", f"/{key.id}", json=members, headers=headers)


def record(client, key):
    """What the API shows of a key."""
    answer = client.read(key.id)
    assert answer.status_code == 200
    return answer.json()["data"]["apiKey"]


def fields_of(olga, key):
    """The form that changes nothing."""
    shown = record(olga, key)
    return {"etag": hidden(get_page(olga, key, "edit"), "etag"),
            "name": shown["name"], "scope": shown["scopes"],
            "addresses": "\r\n".join(shown.get("addresses", ())),
            "expires": "keep", "date": ""}


@pytest.fixture
def key(server, clean):
    return server.database.import_key("monitors:read", "alerts:read",
                                      name="a key")


def set_columns(server, key, **columns):
    server.database.execute(
        "UPDATE uptime_keys SET "
        + ", ".join(f"{name} = ?" for name in columns) + " WHERE id = ?",
        *columns.values(), key.id)


# Editing: what is sent in a form, and in JSON

CHANGES = {
    "name": ({"name": "ä & b"}, {"name": "ä & b"}, 200),
    "name to be trimmed": ({"name": " \u200bx\u3000"},
                           {"name": " \u200bx\u3000"}, 200),
    "blank name": ({"name": " \u2003"}, {"name": " \u2003"}, 400),
    "long name": ({"name": "x" * 256}, {"name": "x" * 256}, 400),
    "scopes": ({"scope": ["alerts:write"]}, {"scopes": ["alerts:write"]},
               200),
    "scopes twice": ({"scope": ["teams:read", "teams:read"]},
                     {"scopes": ["teams:read", "teams:read"]}, 200),
    "no scopes": ({"scope": []}, {"scopes": []}, 400),
    "unknown scope": ({"scope": ["monitors:read", "root:all"]},
                      {"scopes": ["monitors:read", "root:all"]}, 400),
    "never": ({"expires": ""}, {"expiresAt": None}, 200),
    "day": ({"expires": "date", "date": FAR},
            {"expiresAt": FAR + "T23:59:59.999Z"}, 200),
    "offered day": ({"expires": FAR},
                    {"expiresAt": FAR + "T23:59:59.999Z"}, 200),
    "past": ({"expires": "date", "date": "2020-02-29"},
             {"expiresAt": "2020-02-29T23:59:59.999Z"}, 400),
    "no day": ({"expires": "date", "date": "2030-02-30"},
               {"expiresAt": "2030-02-30T23:59:59.999Z"}, 400),
    "addresses": (
        {"addresses": "192.0.2.0/24, 2001:DB8::/32\r\n\r\n198.51.100.7 "},
        {"addresses": ["192.0.2.0/24", "2001:DB8::/32", "198.51.100.7"]},
        200),
    "address twice": ({"addresses": "192.0.2.7\n192.0.2.7/32"},
                      {"addresses": ["192.0.2.7", "192.0.2.7/32"]}, 200),
    "from anywhere": ({"addresses": " \r\n"}, {"addresses": []}, 200),
    "host bits": ({"addresses": "192.0.2.7/24"},
                  {"addresses": ["192.0.2.7/24"]}, 400),
    "every address": ({"addresses": "10.0.0.0/8,::/0"},
                      {"addresses": ["10.0.0.0/8", "::/0"]}, 400),
    "mapped address": ({"addresses": "::ffff:192.0.2.7"},
                       {"addresses": ["::ffff:192.0.2.7"]}, 400),
    "zone": ({"addresses": "fe80::1%eth0"},
             {"addresses": ["fe80::1%eth0"]}, 400),
    "host name": ({"addresses": "office.example"},
                  {"addresses": ["office.example"]}, 400),
    "51 addresses": (
        {"addresses": "\n".join(f"192.0.2.{n}" for n in range(51))},
        {"addresses": [f"192.0.2.{n}" for n in range(51)]}, 400),
    "50 addresses": (
        {"addresses": "\n".join(f"192.0.2.{n}" for n in range(50))},
        {"addresses": [f"192.0.2.{n}" for n in range(50)]}, 200),
    "several errors": (
        {"name": "", "scope": ["x"], "addresses": "x", "expires": "soon"},
        {"name": "", "scopes": ["x"], "addresses": ["x"],
         "expiresAt": "soon"}, 400),
}


@pytest.mark.parametrize("change", CHANGES)
def test_form_changes_what_json_changes(server, olga, key, change):
    fields, members, status = CHANGES[change]
    other = server.database.import_key("monitors:read", "alerts:read",
                                       name="a key")
    for one in (key, other):
        set_columns(server, one, expires_at=now_ms() + DAY + 1,
                    addresses='["203.0.113.0/24"]', last_used_at=12345)
    before = record(olga, key)
    answer = patch(olga, other, **members)
    assert answer.status_code == status
    page = post(olga, key, "edit", {**fields_of(olga, key), **fields})
    assert page.status_code == {200: 303, 400: 400}[status]
    assert page.headers["Content-Type"].startswith("text/html")
    after = record(olga, key)
    same = record(olga, other)
    for name in ("name", "scopes", "addresses"):
        assert after.get(name) == same.get(name)
    if status == 400:
        assert after == before
        for error in answer.json()["errors"]:
            assert f'href="#{FIELD_OF[error["pointer"].split("/")[1]]}"' \
                in page.text
    elif "expires" in fields:
        assert after["expiresAt"] == same["expiresAt"] \
            == (FAR_END if fields["expires"] else None)
    else:
        assert after["expiresAt"] == before["expiresAt"]
    assert after["lastUsedAt"] == before["lastUsedAt"] == 12345


FIELD_OF = {"name": "name", "scopes": "scopes", "addresses": "addresses",
            "expiresAt": "expiry"}


def test_saved_form_leads_to_the_list(olga, key):
    answer = post(olga, key, "edit", fields_of(olga, key))
    assert answer.status_code == 303
    assert answer.headers["Location"] == BASIC + "?saved=1"


def test_team_stays_the_one_that_was_chosen(server, sam):
    key = server.database.import_key("monitors:read", team="beta")
    client = sam.asking("team=beta")
    for tail in ("edit", "rotate"):
        page = get_page(client, key, tail)
        assert f'action="{BASIC}/{key.id}/{tail}?team=beta"' in page.text
        assert get_page(sam, key, tail).status_code == 404
    answer = post(client, key, "edit", fields_of(client, key))
    assert answer.headers["Location"] == BASIC + "?team=beta&saved=1"


def test_unchanged_form_keeps_everything(server, olga, key):
    """To the millisecond, and beyond what this server allows."""
    set_columns(server, key, scopes='["monitors:read","gone:read"]',
                expires_at=now_ms() + DAY + 123)
    before = record(olga, key)
    assert before["scopes"] == ["monitors:read", "gone:read"]
    page = get_page(olga, key, "edit")
    assert 'value="gone:read" checked' in page.text
    answer = post(olga, key, "edit", fields_of(olga, key))
    assert answer.status_code == 303
    assert record(olga, key) == before
    answer = post(olga, key, "edit", {
        **fields_of(olga, key), "scope": ["gone:read"], "name": "new"})
    assert answer.status_code == 400
    assert record(olga, key) == before


def test_expired_key_can_be_changed_and_revived(server, olga, key):
    set_columns(server, key, expires_at=now_ms() - DAY)
    fields = fields_of(olga, key)
    answer = post(olga, key, "edit", {**fields, "name": "renamed"})
    assert answer.status_code == 303
    assert server.get("/t/x", key).status_code == 401
    answer = post(olga, key, "edit", {**fields_of(olga, key),
                                      "expires": FAR})
    assert answer.status_code == 303
    assert server.get("/t/x", key).status_code == 200
    assert record(olga, key)["name"] == "renamed"


@pytest.mark.parametrize("date, choice", [
    ("2031-01-01", "keep"), ("2031-01-01", ""), ("2031-01-01", FAR)])
def test_date_is_not_ignored(olga, key, date, choice):
    before = record(olga, key)
    answer = post(olga, key, "edit", {
        **fields_of(olga, key), "expires": choice, "date": date,
        "name": ""})
    assert answer.status_code == 400
    for field in ("name", "expiry"):
        assert f'href="#{field}"' in answer.text
    assert record(olga, key) == before


def test_stale_form_changes_nothing(server, olga, adam, key):
    for change in ({"name": "theirs"}, {"addresses": ["192.0.2.1"]},
                   {"disabled": True}):
        fields = fields_of(olga, key)
        assert patch(adam, key, **change).status_code == 200
        before = record(olga, key)
        answer = patch(olga, key, {"If-Match": fields["etag"]}, name="mine")
        assert_problem(answer, 412, name="conflict")
        for sent in ({**fields, "name": "mine"},
                     {"etag": fields["etag"], "disabled": "true"}):
            answer = post(olga, key, "edit", sent)
            assert answer.status_code == 412
            assert "Nothing was changed" in answer.text
            assert 'value="mine"' not in answer.text
            assert f'value="{before["name"]}"' in answer.text
            assert record(olga, key) == before
        shown = hidden(answer, "etag")
        assert shown == hidden(get_page(olga, key, "edit"), "etag")
    # A use makes no form stale.
    fields = fields_of(olga, key)
    set_columns(server, key, last_used_at=now_ms())
    assert post(olga, key, "edit", fields).status_code == 303


def test_rotation_makes_a_form_stale(olga, key):
    fields = fields_of(olga, key)
    assert olga.call("POST", f"/{key.id}/rotate").status_code == 200
    assert post(olga, key, "edit", fields).status_code == 412


@pytest.mark.parametrize("missing", ["etag", "name", "expires", "addresses"])
def test_form_without_a_field_changes_nothing(server, olga, key, missing):
    """A missing field is no empty one: that would let the key in from
    anywhere, or for ever."""
    set_columns(server, key, addresses='["203.0.113.0/24"]',
                expires_at=now_ms() + DAY)
    before = record(olga, key)
    fields = fields_of(olga, key)
    del fields[missing]
    assert post(olga, key, "edit", fields).status_code == 400
    assert record(olga, key) == before


@pytest.mark.parametrize("body", [
    "", "etag", "etag=%zz", "etag=a%00b", "disabled=true", "name=x",
    "etag=x&disabled=maybe", "etag=x&disabled=true&name=y"])
def test_damaged_form_changes_nothing(olga, key, body):
    before = record(olga, key)
    answer = olga.call("POST", f"/{key.id}/edit", data=body,
                       headers={"Content-Type": FORM, **PAGE})
    assert answer.status_code == 400
    assert record(olga, key) == before


# Disabling and enabling

def switch(client, olga, key, value):
    etag = hidden(get_page(olga, key, "edit"), "etag")
    return post(client, key, "edit", {"etag": etag, "disabled": value})


def test_key_is_disabled_and_enabled(server, olga, key):
    answer = switch(olga, olga, key, "true")
    assert answer.status_code == 303
    assert answer.headers["Location"] == BASIC + "?disabled=1"
    assert server.get("/t/x", key).status_code == 401
    assert record(olga, key)["disabledReason"] == "manual"
    answer = switch(olga, olga, key, "false")
    assert answer.headers["Location"] == BASIC + "?enabled=1"
    assert server.get("/t/x", key).status_code == 200
    assert "disabledAt" not in record(olga, key)
    assert server.database.rows(
        "SELECT action FROM uptime_audit WHERE key_id = ? ORDER BY id",
        key.id)[-2:] == [("key.disable",), ("key.enable",)]


def test_leaked_key_is_not_enabled(server, olga, key):
    set_columns(server, key, disabled_at=now_ms(), disabled_reason="leaked")
    before = record(olga, key)
    assert_problem(patch(olga, key, disabled=False), 409, name="conflict")
    answer = switch(olga, olga, key, "false")
    assert answer.status_code == 409
    assert f'href="{BASIC}/{key.id}/rotate"' in answer.text
    assert record(olga, key) == before
    page = get_page(olga, key, "edit")
    assert "Enable key" not in page.text
    assert f'href="{BASIC}/{key.id}/rotate"' in page.text


# Rotating

def rotate(client, key, headers=None, **fields):
    return post(client, key, "rotate",
                {"ifPrefix": record_prefix(client, key), **fields}, headers)


def record_prefix(client, key):
    (prefix,), = client.server.database.rows(
        "SELECT key_prefix FROM uptime_keys WHERE id = ?", key.id)
    return prefix


JSON = {"Accept": "application/json"}


@pytest.mark.parametrize("overlap, ends", [
    ({}, 86_400), ({"overlap": "0"}, 0), ({"overlap": "3600"}, 3600),
    ({"overlap": "2592000"}, 2_592_000)])
def test_form_rotates_as_json_does(server, olga, key, overlap, ends):
    begun = now_ms()
    data = rotate(olga, key, JSON, **overlap).json()["data"]
    server.keep_secret(data["key"])
    assert data["apiKey"]["id"] == key.id
    assert data["ended"] == ([] if ends else [key.text[:15]])
    assert server.get("/t/x", data["key"]).status_code == 200
    assert server.get("/t/x", key).status_code == (200 if ends else 401)
    if ends:
        end = data["apiKey"]["previous"]["endsAt"]
        assert begun <= end - ends * 1000 <= now_ms()


def test_form_sent_twice_rotates_once(server, olga, key):
    fields = {"ifPrefix": key.text[:15]}
    data = post(olga, key, "rotate", fields, JSON).json()["data"]
    server.keep_secret(data["key"])
    before = record(olga, key)
    assert_problem(post(olga, key, "rotate", fields, JSON), 409,
                   name="conflict")
    answer = post(olga, key, "rotate", fields)
    assert answer.status_code == 409
    assert "Nothing was changed" in answer.text
    assert not re.search("uptime_[0-9a-f]{64}", answer.text)
    assert record(olga, key) == before
    assert server.get("/t/x", data["key"]).status_code == 200


@pytest.mark.parametrize("overlap", ["-1", "1.5", "2592001", "", "x", "1e3",
                                     " 1", "99999999999999999999"])
def test_strange_overlap_is_refused(olga, key, overlap):
    before = record(olga, key)
    assert_invalid(rotate(olga, key, JSON, overlap=overlap),
                   "/overlapSeconds")
    assert rotate(olga, key, overlap=overlap).status_code == 400
    assert record(olga, key) == before


def test_form_without_what_it_saw_rotates_nothing(olga, key):
    before = record(olga, key)
    assert post(olga, key, "rotate", {"overlap": "0"}).status_code == 400
    assert record(olga, key) == before


@pytest.mark.parametrize("columns", [
    {"disabled_at": 1, "disabled_reason": "manual"}, {"expires_at": 1}])
def test_what_cannot_be_rotated_is_not(server, olga, key, columns):
    set_columns(server, key, **columns)
    before = record(olga, key)
    assert_problem(olga.call("POST", f"/{key.id}/rotate"), 409)
    assert rotate(olga, key).status_code == 409
    assert record(olga, key) == before
    page = get_page(olga, key, "rotate")
    assert page.status_code == 200
    assert "Rotate key" not in page.text
    assert f'href="{BASIC}/{key.id}/edit"' in page.text


def test_leaked_key_is_rotated_at_once(server, olga, key):
    set_columns(server, key, disabled_at=now_ms(), disabled_reason="leaked")
    assert 'name="overlap"' not in get_page(olga, key, "rotate").text
    data = rotate(olga, key, JSON, overlap="3600").json()["data"]
    server.keep_secret(data["key"])
    assert data["ended"] == [key.text[:15]]
    assert "disabledAt" not in data["apiKey"]
    assert server.get("/t/x", key).status_code == 401
    assert server.get("/t/x", data["key"]).status_code == 200


# Who may

@pytest.mark.parametrize("method, tail", [
    ("GET", "rotate"), ("POST", "rotate"), ("GET", "edit"),
    ("POST", "edit")])
@pytest.mark.parametrize("who, status", [
    ("mia", 403), ("otto", 404), ("bert", 404), (None, 401)])
def test_others_may_do_nothing(server, olga, key, method, tail, who, status):
    before = record(olga, key)
    client = Client(server, user=who)
    fields = {**fields_of(olga, key), "ifPrefix": key.text[:15]}
    answer = (get_page(client, key, tail) if method == "GET"
              else post(client, key, tail, fields))
    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith("text/html")
    assert key.text[:15] not in answer.text
    assert record(olga, key) == before


def test_form_of_another_site_is_refused(olga, key):
    before = record(olga, key)
    for headers in ({"Origin": "https://evil.example"},
                    {"Sec-Fetch-Site": "cross-site"}):
        for tail, fields in (("edit", {**fields_of(olga, key), "name": "x"}),
                             ("rotate", {"ifPrefix": key.text[:15]})):
            answer = post(olga, key, tail, fields, headers)
            assert answer.status_code == 403
    assert record(olga, key) == before


@pytest.mark.parametrize("key_id, status", [
    (UNKNOWN, 404), ("key_1", 400), (UNKNOWN.upper(), 404)])
def test_unknown_key_has_no_pages(olga, key_id, status):
    for tail in ("edit", "rotate"):
        answer = olga.call("GET", f"/{key_id}/{tail}", headers=PAGE)
        assert answer.status_code == status


WEAK = {"stronger": ("monitors:read", "alerts:read", "teams:read"),
        "equal": ("monitors:read",)}


def give_limits(server, *keys):
    end = now_ms() + DAY
    for key in keys:
        set_columns(server, key, expires_at=end,
                    addresses='["127.0.0.0/8"]')


@pytest.mark.parametrize("target", WEAK)
@pytest.mark.parametrize("fields, members, gains", [
    ({"name": "x"}, {"name": "x"}, False),
    ({"scope": ["monitors:read", "api-keys:read"]},
     {"scopes": ["monitors:read", "api-keys:read"]}, True),
    ({"expires": ""}, {"expiresAt": None}, True),
    ({"expires": FAR}, {"expiresAt": FAR + "T23:59:59.999Z"}, True),
    ({"addresses": ""}, {"addresses": None}, True),
    ({"addresses": "127.0.0.1"}, {"addresses": ["127.0.0.1"]}, False),
    ({"addresses": "10.0.0.0/8"}, {"addresses": ["10.0.0.0/8"]}, True),
])
def test_key_gains_nothing_by_a_form(server, olga, holder, target, fields,
                                     members, gains):
    """The same verdict as over JSON, for what a key acts on."""
    client = holder("api-keys:write", "monitors:read")
    aims = [server.database.import_key(*WEAK[target], name="aim")
            for _ in range(2)]
    give_limits(server, client.key, *aims)
    before = [record(olga, aim) for aim in aims]
    answer = patch(client, aims[0], **members)
    page = post(client, aims[1], "edit",
                {**fields_of(olga, aims[1]), **fields})
    refused = gains or target == "stronger"
    assert answer.status_code == (403 if refused else 200)
    assert page.status_code == (403 if refused else 303)
    if refused:
        assert [record(olga, aim) for aim in aims] == before


@pytest.mark.parametrize("target", WEAK)
def test_key_rotates_and_enables_only_what_it_could_make(
        server, olga, holder, target):
    client = holder("api-keys:write", "monitors:read")
    aim = server.database.import_key(*WEAK[target], name="aim")
    give_limits(server, client.key, aim)
    allowed = target == "equal"
    # To disable is to take away.
    assert switch(client, olga, aim, "true").status_code == 303
    assert switch(client, olga, aim, "false").status_code == \
        (303 if allowed else 403)
    set_columns(server, aim, disabled_at=None, disabled_reason=None)
    answer = rotate(client, aim, JSON)
    assert answer.status_code == (200 if allowed else 403)
    if allowed:
        server.keep_secret(answer.json()["data"]["key"])


@pytest.mark.parametrize("scopes", [("api-keys:read",), ("monitors:read",)])
def test_key_without_the_scope_sees_no_form(server, olga, key, holder,
                                            scopes):
    client = holder(*scopes)
    before = record(olga, key)
    fields = {**fields_of(olga, key), "ifPrefix": key.text[:15]}
    for tail in ("edit", "rotate"):
        for answer in (get_page(client, key, tail),
                       post(client, key, tail, fields)):
            assert answer.status_code == 403
            assert "insufficient_scope" in answer.headers["WWW-Authenticate"]
    assert record(olga, key) == before


def test_key_that_may_not_read_is_shown_nothing(server, olga, holder):
    """Not by a page, and not by a form that comes back."""
    client = holder("api-keys:write", "monitors:read")
    aim = server.database.import_key("monitors:read", name="hidden name")
    fields = fields_of(olga, aim)
    for tail in ("edit", "rotate"):
        answer = get_page(client, aim, tail)
        assert answer.status_code == 403
        assert 'scope="api-keys:read"' in answer.headers["WWW-Authenticate"]
        assert "hidden" not in answer.text
    for change, status in (({"etag": '"x"'}, 412), ({"name": ""}, 400)):
        answer = post(client, aim, "edit", {**fields, **change})
        assert answer.status_code == status
        assert "hidden" not in answer.text
        assert aim.prefix not in answer.text
    assert post(client, aim, "edit", {**fields, "name": "new"}).status_code \
        == 303
    assert record(olga, aim)["name"] == "new"


def test_old_secret_manages_nothing(server, olga, key, holder):
    client = holder("api-keys:read", "api-keys:write", "monitors:read")
    data = olga.call("POST", f"/{client.key.id}/rotate").json()["data"]
    server.keep_secret(data["key"])
    before = record(olga, key)
    fields = {**fields_of(olga, key), "ifPrefix": key.text[:15]}
    for tail in ("edit", "rotate"):
        for answer in (get_page(client, key, tail),
                       post(client, key, tail, fields)):
            assert answer.status_code == 403
            assert "rotated" in answer.text
    assert client.call("GET", headers=PAGE).status_code == 403
    assert record(olga, key) == before


def test_list_offers_a_reading_key_no_action(server, key, holder):
    for scopes, offers in ((("api-keys:read",), False),
                           (("api-keys:read", "api-keys:write"), True)):
        page = holder(*scopes).call("GET", headers=PAGE)
        assert (f'href="{KEYS}/{key.id}/rotate"' in page.text) == offers
        assert (f'href="{KEYS}/{key.id}/edit"' in page.text) == offers
        assert (f'href="{KEYS}/{key.id}"' in page.text) == offers


# Programs

@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE"])
def test_program_can_only_post_to_rotate(olga, key, method):
    answer = olga.call(method, f"/{key.id}/rotate")
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "POST"


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PATCH", "DELETE"])
def test_edit_is_for_browsers_alone(olga, key, method):
    assert olga.call(method, f"/{key.id}/edit").status_code == 404


@pytest.mark.parametrize("path, allowed", [
    ("", "GET, HEAD, POST"), ("/{id}", "GET, HEAD, PATCH, DELETE, POST"),
    ("/{id}/rotate", "GET, HEAD, POST"), ("/{id}/edit", "GET, HEAD, POST")])
def test_browser_is_told_what_it_can_do(olga, key, path, allowed):
    answer = olga.call("PUT", path.format(id=key.id), headers=PAGE)
    assert answer.status_code == 405
    assert answer.headers["Allow"] == allowed


@pytest.mark.parametrize("location", ["/matched/one/keys", "/nested/a/b/keys"])
def test_pages_know_their_base_everywhere(server, olga, key, location):
    client = olga.at(location)
    for tail in ("edit", "rotate"):
        page = get_page(client, key, tail)
        assert f'action="{location}/{key.id}/{tail}"' in page.text

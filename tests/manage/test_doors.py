# SPDX-License-Identifier: Apache-2.0
"""One table of inputs, four doors: JSON, the page's form, the tool, and import
have the same verdict on each, and store the same."""

import datetime
import json
from urllib.parse import urlencode

import pytest
from harness.database import now_ms
from harness.keys import key_hash, make_key
from test_forms import FORM, end_of, fields

MAXIMUM = 90
REFUSED = "refused"
DOORS = ("json", "form", "tool", "import")
DAY = 86_400_000


def day(days):
    today = datetime.datetime.now(datetime.timezone.utc).date()
    return (today + datetime.timedelta(days=days)).isoformat()


def rfc_3339(instant):
    moment = datetime.datetime.fromtimestamp(instant / 1000,
                                             datetime.timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant % 1000:03}Z"


# What is asked of one member; what is stored then.
NAMES = {
    "plain": ("CI", "CI"),
    "letters of any language": ("Ключ für 構築", "Ключ für 構築"),
    "255 characters": ("ä" * 255, "ä" * 255),
    "256 characters": ("ä" * 256, REFUSED),
    "255 characters and blanks": (" " + "x" * 255 + "\u3000", "x" * 255),
    "blanks around it": (" \t CI \u00a0", "CI"),
    "U+200B and U+FEFF around it": ("\u200b\ufeffCI\ufeff", "CI"),
    "blank inside": ("C I", "C I"),
    "empty": ("", REFUSED),
    "spaces": ("   ", REFUSED),
    "blanks of all kinds": (" \u2003\u200b\ufeff\u2028", REFUSED),
    "line break inside": ("C\nI", REFUSED),
    "escape": ("C\x1bI", REFUSED),
    "C1": ("C\u0085I", REFUSED),
    "delete": ("C\x7fI", REFUSED),
}
SCOPES = {
    "one": (["monitors:read"], ["monitors:read"]),
    "two": (["monitors:write", "alerts:read"],
            ["monitors:write", "alerts:read"]),
    "not in the form of a scope": (["monitors"], REFUSED),
    "a wildcard": (["*"], REFUSED),
    "capitals": (["Monitors:read"], REFUSED),
    "empty": ([""], REFUSED),
    "two in one": (["monitors:read alerts:read"], REFUSED),
}
ADDRESSES = {
    "an address": (["192.0.2.7"], ["192.0.2.7"]),
    "networks of both families": (["192.0.2.0/24", "2001:DB8::/32"],
                                  ["192.0.2.0/24", "2001:db8::/32"]),
    "a network of one": (["192.0.2.7/32"], ["192.0.2.7"]),
    "twice the same": (["192.0.2.7", "192.0.2.7/32"], ["192.0.2.7"]),
    "fifty": ([f"192.0.2.{i}" for i in range(50)],
              [f"192.0.2.{i}" for i in range(50)]),
    "fifty-one": ([f"192.0.2.{i}" for i in range(51)], REFUSED),
    "bits of the host": (["192.0.2.7/24"], REFUSED),
    "every IPv4 address": (["0.0.0.0/0"], REFUSED),
    "every IPv6 address": (["::/0"], REFUSED),
    "IPv4-mapped": (["::ffff:192.0.2.7"], REFUSED),
    "a zone": (["fe80::1%eth0"], REFUSED),
    "a name": (["localhost"], REFUSED),
    "one bad of two": (["192.0.2.7", "192.0.2.7/33"], REFUSED),
}
# As a date, which is the end of that day; ... : there is none.
EXPIRIES = {
    "tomorrow": (lambda: day(1), lambda: end_of(day(1))),
    "the last day that is allowed": (lambda: day(MAXIMUM),
                                     lambda: end_of(day(MAXIMUM))),
    "a day too late": (lambda: day(MAXIMUM + 1), lambda: REFUSED),
    "yesterday": (lambda: day(-1), lambda: REFUSED),
    "none": (lambda: ..., lambda: REFUSED),
}
CASES = [
    pytest.param(member, asked, want, id=f"{member}: {name}")
    for member, table in (("name", NAMES), ("scopes", SCOPES),
                          ("addresses", ADDRESSES), ("expiry", EXPIRIES))
    for name, (asked, want) in table.items()]


@pytest.fixture(scope="module")
def server(new_managed):
    server = new_managed(f"UptimeKeysMaxLifetime {MAXIMUM}\n"
                         "UptimeKeysMaxPerTeam 1000\n")
    database = server.database
    server.limits = server.write("limits.conf", (
        f'DBDriver {database.driver}\nDBDParams "{database.params}"\n'
        f"UptimeKeysMaxLifetime {MAXIMUM}\n"))
    return server


def ask_json(olga, asked):
    date = asked["expiry"]
    answer = olga.create(
        name=asked["name"], scopes=asked["scopes"],
        addresses=asked["addresses"],
        expiresAt=... if date is ... else rfc_3339(end_of(date)))
    assert answer.status_code in (201, 400), answer.text
    return answer.status_code == 201


def ask_form(olga, asked):
    date = asked["expiry"]
    body = fields(name=asked["name"], scope=asked["scopes"],
                  addresses="\r\n".join(asked["addresses"]),
                  expires="" if date is ... else "date",
                  date="" if date is ... else date)
    answer = olga.post(urlencode(body, doseq=True), FORM)
    assert answer.status_code in (201, 400), answer.text
    return answer.status_code == 201


def ask_tool(olga, asked):
    server = olga.server
    words = ["--name", asked["name"], "--scope", *asked["scopes"]]
    if asked["addresses"]:
        words += ["--address", *asked["addresses"]]
    if asked["expiry"] is not ...:
        words += ["--expires", asked["expiry"]]
    done = server.database.tool("key", "create", "acme", *words, check=False,
                                config=server.limits)
    if done.returncode == 0:
        server.keep_secret(done.stdout.strip())
    # 2 is wrong usage, such as an empty value.
    assert done.returncode in (0, 1, 2), done
    return done.returncode == 0


def ask_import(olga, asked):
    server, text, date = olga.server, make_key(), asked["expiry"]
    row = {"team": "acme", "name": asked["name"], "scopes": asked["scopes"],
           "addresses": asked["addresses"], "keyHash": key_hash(text),
           "keyPrefix": text[:15],
           "expiresAt": None if date is ... else end_of(date)}
    path = server.write("row.jsonl", json.dumps(row) + "\n")
    done = server.database.tool("key", "import", path, check=False,
                                config=server.limits)
    assert done.returncode in (0, 1), done
    return done.returncode == 0


ASK = dict(zip(DOORS, (ask_json, ask_form, ask_tool, ask_import)))


def stored(database, member):
    column = {"expiry": "expires_at"}.get(member, member)
    rows = database.rows(f"SELECT {column} FROM uptime_keys")
    if not rows:
        return REFUSED
    (value,), = rows
    return json.loads(value) if member in ("scopes", "addresses") else value


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("member, asked, want", CASES)
def test_verdict_is_that_of_every_door(server, olga, door, member, asked,
                                       want):
    if callable(asked):
        asked, want = asked(), want()
    if (door, member, asked) == ("import", "expiry", day(-1)):
        # A key of another product may have expired.
        want = end_of(day(-1))
    wish = {"name": "a key", "scopes": ["monitors:read"], "addresses": [],
            "expiry": day(7), member: asked}
    assert ASK[door](olga, wish) is (want != REFUSED)
    assert stored(server.database, member) == want


OVERLAPS = {"0": 0, "3600": 3600, "2592000": 2592000, "2592001": REFUSED,
            "-1": REFUSED, "1.5": REFUSED, "1e3": REFUSED, "x": REFUSED,
            "99999999999999999999": REFUSED}


def rotate_json(olga, key, overlap):
    data = f'{{"overlapSeconds": {overlap if overlap != "x" else chr(34) * 2}}}'
    answer = olga.call("POST", f"/{key.id}/rotate", data=data,
                       headers={"Content-Type": "application/json"})
    assert answer.status_code in (200, 400), answer.text
    return answer.status_code == 200


def rotate_form(olga, key, overlap):
    answer = olga.call(
        "POST", f"/{key.id}/rotate", headers={"Content-Type": FORM},
        data=urlencode({"ifPrefix": key.text[:15], "overlap": overlap}))
    assert answer.status_code in (200, 400), answer.text
    return answer.status_code == 200


def rotate_tool(olga, key, overlap):
    unit = "" if overlap == "0" else "s"
    done = olga.server.database.tool(
        "key", "rotate", key.id, "--overlap", overlap + unit, check=False)
    if done.returncode == 0:
        olga.server.keep_secret(done.stdout.strip())
    return done.returncode == 0


@pytest.mark.parametrize("rotate", [rotate_json, rotate_form, rotate_tool])
@pytest.mark.parametrize("overlap, want", OVERLAPS.items())
def test_overlap_is_judged_alike(server, olga, rotate, overlap, want):
    key = server.database.import_key("monitors:read",
                                     expiresAt=now_ms() + 60 * DAY)
    before = now_ms()
    assert rotate(olga, key, overlap) is (want != REFUSED)
    after = now_ms()
    (ends_at,), = server.database.rows(
        "SELECT previous_ends_at FROM uptime_keys")
    if want == REFUSED:
        assert ends_at is None
    elif want == 0:     # past by any server's clock
        assert ends_at == 2
    else:
        assert before <= ends_at - want * 1000 <= after


def test_table_has_both_verdicts():
    """Of each member."""
    for table in (NAMES, SCOPES, ADDRESSES):
        assert len({want == REFUSED for _, want in table.values()}) == 2

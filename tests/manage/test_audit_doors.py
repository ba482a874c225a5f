# SPDX-License-Identifier: Apache-2.0
"""Events at three doors: JSON, the page, and the tool; and attacks on them."""

import json

import pytest
from events import (ID, MOMENT, OTHER, Table, actors, add, add_many, ask,
                    events_of, found, from_csv, page, pagination, read_csv)
from harness.answers import assert_problem
from managed import Client


def test_nothing_of_another_team_is_seen(server, olga, bert, sam, holder):
    key = server.database.import_key("monitors:read", team="beta",
                                     name="of beta")
    server.database.execute("DELETE FROM uptime_audit")
    add(server.database, {"actor": "b", "key_id": key.id, "at": MOMENT},
        {"actor": "b", "action": "team.create", "at": MOMENT}, team="beta")
    add(server.database, {"actor": "a", "at": MOMENT})
    assert found(bert) == ["b", "b"]
    cursor = "b0.0"
    for query in ({}, {"keyId": key.id}, {"actor": "b"}, {"cursor": cursor},
                  {"action": "team.create"}, {"since": MOMENT},
                  {"keyId": key.id, "actor": "b", "action": "key.change"},
                  {"cursor": f"a{MOMENT}.999999"}, {"cursor": f"b{MOMENT}.0"}):
        assert "b" not in found(olga, **query)
        assert "b" not in found(holder("api-keys:read"), **query)
    for query in {"team": "beta"}, {"team": "acme&team=beta"}:
        assert ask(olga, **query).status_code == 404
    assert found(sam, team="beta") == ["b", "b"]
    assert "b" not in found(sam, team="acme")


def test_cursor_of_another_team_shows_nothing_of_it(server, olga, bert):
    add_many(server.database, 6, team="beta", first=100)
    add_many(server.database, 6)
    cursor = pagination(ask(bert, perPage=3))["next"]
    told = found(olga, cursor=cursor)
    assert told and all(actor in [f"e{n}" for n in range(6)]
                        for actor in told)


def test_damaged_cursor_is_refused_or_harmless(server, olga):
    add_many(server.database, 9)
    add_many(server.database, 9, first=100, team="beta")
    cursor = pagination(ask(olga, perPage=3))["next"]
    for at in range(len(cursor)):
        for letter in "09ab.-'%":
            answer = ask(olga, cursor=cursor[:at] + letter + cursor[at + 1:])
            if answer.status_code == 200:
                assert not any(len(actor) > 2 for actor in actors(answer))
            else:
                assert_problem(answer, 400)


@pytest.mark.backend
@pytest.mark.parametrize("value", [
    "' OR '1'='1", "'; DROP TABLE uptime_audit; --", "\\", "\\' OR 1=1 -- ",
    '" OR ""="', "%", "_", "olga' --", "olga\\", "*", "${x}", "a" * 5000,
    "\x7f", "ol\u00adga", "\u202eolga", "@uptime_keys", "%s%n%lld"])
def test_actor_is_a_value_and_nothing_else(server, olga, value):
    add(server.database, {"actor": "olga"})
    assert found(olga, actor=value) == []
    if len(value) < 200:
        add(server.database, {"actor": value})
        assert found(olga, actor=value) == [value]
    assert len(found(olga)) == 1 + (len(value) < 200)


@pytest.mark.backend
def test_blank_actor_is_one(server, olga):
    """MySQL finds a blank equal to nothing, which stands for everybody."""
    add(server.database, {"actor": "olga", "key_id": ID})
    assert found(olga, keyId=ID) == ["olga"]
    assert found(olga, keyId=ID, actor=" ") == []
    assert tool_list(server, "--key", ID, "--actor", " ", "--format",
                     "json") == "[]\n"


@pytest.mark.parametrize("query", ["actor=%FF", "actor=%C3%28", "actor=%ED%A0%80"])
def test_actor_that_is_no_utf8_is_nobody(server, olga, query):
    add(server.database, {"actor": "olga"})
    assert actors(olga.asking(query).call("GET", "/audit")) == []


def test_actor_with_a_nul_is_refused(olga):
    assert_problem(olga.asking("actor=olga%00").call("GET", "/audit"), 400)


HOSTILE = ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>",
           '"><b>x</b>', "&lt;b&gt;", "' onmouseover='x", "</td></tr></table>"]


@pytest.mark.parametrize("text", HOSTILE)
def test_page_shows_markup_as_text(server, olga, text):
    add(server.database, {
        "actor": text, "source": text, "key_id": ID, "key_name": text,
        "key_prefix": text[:15], "action": text[:32],
        "detail": '{"user": %s}' % json.dumps(text)})
    answer = page(olga, actor=text)
    (cells,) = Table(answer.text).rows[1:]
    assert cells[1:] == [[text[:32], text], [text, text[:15]], [text], [text]]
    add(server.database, {
        "actor": "x", "key_id": ID, "key_name": "x", "key_prefix": "x",
        "detail": '{"user": "x"}'})
    assert Table(answer.text).tags == Table(page(olga, actor="x").text).tags


def test_bad_values_have_a_page(olga):
    answer = olga.asking("since=never&actor=%3Cb%3E").call(
        "GET", "/audit", headers={"Accept": "text/html"})
    assert answer.status_code == 400
    assert "since is a time" in answer.text and "<b>" not in answer.text


# One list at three doors

@pytest.fixture
def lively(server, olga, adam, clean):
    """Whatever can happen, and values that are hard to write down."""
    key = olga.make(name='CI, "x"; =1+1')
    olga.change(key.id, name="+cmd|' /C calc'!A0", scopes=["alerts:read"])
    adam.renew(key)
    adam.change(key.id, disabled=True)
    server.database.tool("member", "set", "acme", "@new, admin", "admin")
    olga.delete(key.id)
    add(server.database, *(
        {"at": MOMENT + n, "actor": actor, "source": "2001:db8::7",
         "key_id": OTHER, "key_name": "Zürich \u2013 \U0001f511"}
        for n, actor in enumerate(["=1", "+1", "-1", "@x", "a\tb", "a,b",
                                   'a"b', "'quoted", "a;b", "=\"x\",1"])))
    return Client(server, user="olga")


def tool_list(server, *words):
    done = server.database.tool("audit", "list", "acme", *words)
    assert done.stderr == ""
    return done.stdout


@pytest.mark.backend
@pytest.mark.parametrize("query", [
    {}, {"actor": "adam"}, {"action": "key.change"}, {"keyId": OTHER},
    {"since": MOMENT + 5, "until": MOMENT + 7}])
def test_three_doors_show_the_same_events(server, lively, query):
    words = [word for name, value in query.items() for word in (
        "--" + {"keyId": "key"}.get(name, name), str(value))]
    events = events_of(ask(lively, perPage=200, **query))
    assert events
    assert json.loads(tool_list(server, *words, "--format", "json")) == events
    records = read_csv(tool_list(server, *words, "--format", "csv"))
    assert [from_csv(record) for record in records] == events
    rows = Table(page(lively, perPage=200, **query).text).rows[1:]
    assert [(row[3], row[4]) for row in rows] == [
        ([event["actor"]], [event["source"]]) for event in events]
    assert [row[2][:1] for row in rows] == [
        [event["keyName"] or event["keyId"]] if event["keyId"] else []
        for event in events]
    lines = tool_list(server, *words).splitlines()[1:]
    assert [line.split()[1] for line in lines] == [
        event["action"] for event in events]

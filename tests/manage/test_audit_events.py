# SPDX-License-Identifier: Apache-2.0
"""What is written down of each act, as GET …/audit shows it."""

import tempfile

import pytest
from events import add, ask, events_of
from harness import environment
from harness.database import now_ms


def newest(client, **expected):
    """The newest event; asserts that it has these members."""
    event = events_of(ask(client))[0]
    assert {name: event[name] for name in expected} == expected
    assert now_ms() - 60_000 <= event["at"] <= now_ms()
    return event


@pytest.mark.backend
def test_each_act_is_an_event_that_names_its_key(server, olga, adam):
    key = olga.make(name="CI")
    about = {"keyId": key.id, "keyName": "CI", "keyPrefix": key.prefix,
             "source": "127.0.0.1"}
    newest(olga, action="key.create", actor="olga", detail=None, **about)
    adam.change(key.id, scopes=["alerts:read"], expiresAt="2999-01-01T00:00:00Z")
    newest(olga, action="key.change", actor="adam",
           detail={"changed": ["scopes", "expiresAt"]}, **about)
    adam.change(key.id, name="CD", addresses=["127.0.0.1"])
    about["keyName"] = "CD"
    newest(olga, action="key.change", detail={
        "changed": ["name", "addresses"], "oldName": "CI"}, **about)
    adam.change(key.id, disabled=True)
    newest(olga, action="key.disable", detail=None, **about)
    adam.change(key.id, disabled=False)
    newest(olga, action="key.enable", detail=None, **about)
    new, _ = olga.renew(key, overlapSeconds=3600)
    about["keyPrefix"] = new.prefix
    newest(olga, action="key.rotate", detail={
        "oldPrefix": key.prefix, "overlapSeconds": 3600}, **about)
    newer, _ = olga.renew(new, overlapSeconds=0)
    about["keyPrefix"] = newer.prefix
    newest(olga, action="key.rotate", detail={
        "oldPrefix": new.prefix, "overlapSeconds": 0}, **about)
    olga.delete(key.id)
    newest(olga, action="key.delete", actor="olga", detail=None, **about)
    assert len(events_of(ask(olga, keyId=key.id))) == 8


@pytest.mark.backend
def test_change_that_also_disables_is_two_events(olga):
    key = olga.make(name="CI")
    olga.change(key.id, name="CD", disabled=True)
    events = events_of(ask(olga, keyId=key.id))
    assert {event["action"]: event["detail"] for event in events} == {
        "key.create": None, "key.disable": None,
        "key.change": {"changed": ["name"], "oldName": "CI"}}


def report_leak(database, key):
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write(f"{key}\n")
        file.flush()
        environment.give_to_ordinary_user(file.name)
        database.tool("key", "leaked", file.name)


@pytest.mark.backend
def test_leaked_secret_is_named_by_its_own_prefix(server, olga):
    key = olga.make()
    new, _ = olga.renew(key)
    for one, which in (key, "previous"), (new, "current"):
        report_leak(server.database, one)
        newest(olga, action="key.leak", keyPrefix=one.prefix, keyId=key.id,
               detail={"secret": which})


@pytest.mark.backend
def test_acts_of_the_tool_are_events_too(server, olga):
    tool = server.database.tool
    tool("member", "set", "acme", "adam", "member")
    event = newest(olga, action="member.set", keyId=None, detail={
        "user": "adam", "role": "member", "oldRole": "admin"})
    assert event["actor"].startswith("cli:")
    tool("member", "set", "acme", "new", "admin")
    newest(olga, action="member.set",
           detail={"user": "new", "role": "admin"})
    tool("member", "remove", "acme", "new")
    newest(olga, action="member.remove", detail={"user": "new"})
    key = server.database.import_key("monitors:read", name="old one")
    newest(olga, action="key.import", keyName="old one", keyId=key.id,
           keyPrefix=key.prefix, detail=None)


@pytest.mark.backend
def test_deleted_team_leaves_the_deletion_of_its_keys(server):
    tool = server.database.tool
    tool("team", "create", "gone", "--name", "Gone \"Ltd.\"", "--owner", "o")
    key = server.database.create_key("monitors:read", team="gone", name="K")
    tool("team", "delete", "gone")
    rows = server.database.rows(
        "SELECT action, key_id, key_name, key_prefix, detail FROM uptime_audit "
        "WHERE team_id = 'gone' ORDER BY id")
    about = (key.id, "K", key.prefix, None)
    assert [tuple(row) for row in rows] == [
        ("team.create", None, None, None,
         '{"name":"Gone \\"Ltd.\\"","owner":"o"}'),
        ("key.create", *about), ("key.delete", *about),
        ("team.delete", None, None, None, None)]


def test_no_secret_is_in_an_event(server, olga):
    key = olga.make(name="CI")
    new, _ = olga.renew(key)
    olga.change(key.id, name="CD", addresses=["127.0.0.1"])
    olga.delete(key.id)
    text = ask(olga).text + str(
        [tuple(row) for row in
         server.database.rows("SELECT * FROM uptime_audit")])
    for one in key, new:
        assert one.prefix in text
        assert str(one)[:16] not in text


def test_what_others_have_written_is_shown_as_far_as_it_goes(server, olga):
    add(server.database, {"at": 1, "detail": "no JSON"},
        {"at": 2, "detail": "[1]"}, {"at": 3, "detail": ""},
        {"at": 4, "action": "key.fly", "detail": '{"how": "high"}'})
    assert [(event["action"], event["detail"])
            for event in events_of(ask(olga))] == [
        ("key.fly", {"how": "high"}), *[("key.change", None)] * 3]

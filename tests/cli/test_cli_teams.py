# SPDX-License-Identifier: Apache-2.0
"""Teams, members and scopes."""

import json
import re
import time

import pytest

pytestmark = pytest.mark.backend

LONG = "x" * 255


def members(tool, team="acme"):
    return {member["user"]: member["role"]
            for member in tool.json("member", "list", team)}


def test_team_create_stores_id_name_owner_and_time(empty):
    begin = time.time()
    assert empty.good("team", "create", "acme", "--name", "Acme Ltd.",
                      "--owner", "olga") == ""
    ((ident, name, created),) = empty.rows("SELECT * FROM uptime_teams")
    assert (ident, name) == ("acme", "Acme Ltd.")
    assert begin - 1 <= created / 1000 <= time.time() + 1
    assert members(empty) == {"olga": "owner"}


def test_team_is_named_like_its_id_unless_told(empty):
    empty.good("team", "create", "acme")
    assert empty.rows("SELECT name FROM uptime_teams") == [("acme",)]
    assert members(empty) == {}


@pytest.mark.parametrize("ident", ["a", "0", "a-b_c", "x" * 63])
def test_team_ids_that_are_good(empty, ident):
    empty.good("team", "create", ident)
    assert [team["id"] for team in empty.json("team", "list")] == [ident]


@pytest.mark.parametrize("ident", ["", "Acme", "-", "_a", "a b", "a/b", "ä",
                                   "x" * 64, "a\n"])
def test_team_ids_that_are_refused(empty, ident):
    assert "like acme" in empty.refused("team", "create", "--", ident)
    assert empty.json("team", "list") == []


@pytest.mark.parametrize("option", ["--name", "--owner"])
@pytest.mark.parametrize("name", ["", LONG + "x", "a\nb", "a\x7fb", "\udcff"],
                         ids=["empty", "256", "newline", "delete", "bytes"])
def test_names_that_are_refused(empty, option, name):
    assert "255 characters" in empty.refused("team", "create", "acme", option,
                                             name)
    assert empty.json("team", "list") == []


def test_longest_name_counts_characters(empty):
    empty.good("team", "create", "acme", "--name", "日" * 255)
    assert empty.json("team", "list")[0]["name"] == "日" * 255


def test_team_create_again_is_refused(tool):
    assert "already" in tool.refused("team", "create", "acme", "--owner",
                                     "mallory")
    assert members(tool) == {"olga": "owner"}


def test_team_list_for_humans_and_programs(tool):
    tool.good("team", "create", "beta", "--name", "Die Zweite")
    lines = tool.good("team", "list").splitlines()
    assert [line.split(None, 1) for line in lines] == [
        ["TEAM", "NAME"], ["acme", "acme"], ["beta", "Die Zweite"]]
    listed = tool.json("team", "list")
    assert [set(team) for team in listed] == [{"id", "name", "createdAt"}] * 2
    assert all(isinstance(team["createdAt"], int) for team in listed)


def test_empty_lists_say_what_to_do(empty):
    assert "team create" in empty.good("team", "list")
    empty.good("team", "create", "acme")
    assert "member set acme" in empty.good("member", "list", "acme")
    assert "key create acme" in empty.good("key", "list", "acme")
    assert empty.json("key", "list", "acme") == []


def test_team_delete_takes_members_and_keys_along(tool):
    tool.key()
    tool.good("team", "delete", "acme")
    for table in ("teams", "members", "keys"):
        assert tool.rows(f"SELECT * FROM uptime_{table}") == []
    assert "no team acme" in tool.refused("team", "delete", "acme")


def test_team_delete_leaves_others_alone(tool):
    tool.good("team", "create", "beta", "--owner", "bob")
    tool.key(team="beta")
    tool.good("team", "delete", "acme")
    assert members(tool, "beta") == {"bob": "owner"}
    assert len(tool.json("key", "list", "beta")) == 1


def test_member_roles_can_be_given_changed_and_taken(tool):
    tool.good("member", "set", "acme", "adam", "admin")
    tool.good("member", "set", "acme", "mia", "member")
    assert members(tool) == {"adam": "admin", "mia": "member",
                             "olga": "owner"}
    tool.good("member", "set", "acme", "mia", "admin")
    tool.good("member", "remove", "acme", "adam")
    assert members(tool) == {"mia": "admin", "olga": "owner"}


def test_second_owner_is_refused_with_the_way_to_do_it(tool):
    line = tool.refused("member", "set", "acme", "adam", "owner")
    advice = re.search(r"team acme has the owner olga; .*: uptime-keys .* "
                       r"(member set acme olga admin)$", line)
    tool.good(*advice[1].split())
    tool.good("member", "set", "acme", "adam", "owner")
    assert members(tool) == {"adam": "owner", "olga": "admin"}


def test_owner_may_be_set_again(tool):
    tool.good("member", "set", "acme", "olga", "owner")
    assert members(tool) == {"olga": "owner"}


@pytest.mark.parametrize("role", ["Owner", "root", "none", ""])
def test_unknown_roles_are_refused(tool, role):
    assert "owner, admin or member" in tool.refused("member", "set", "acme",
                                                    "olga", role)
    assert members(tool) == {"olga": "owner"}


@pytest.mark.parametrize("user", ["", "a\tb", LONG + "x"])
def test_users_that_are_refused(tool, user):
    assert "255 characters" in tool.refused("member", "set", "acme", user,
                                            "admin")


@pytest.mark.parametrize("words", [
    ["member", "set", "nope", "olga", "admin"],
    ["member", "remove", "nope", "olga"],
    ["member", "remove", "acme", "nope"],
    ["member", "list", "nope"],
    ["team", "delete", "nope"],
    ["key", "list", "nope"],
    ["key", "create", "nope", "--name", "N", "--scope", "monitors:read"],
], ids=" ".join)
def test_unknown_team_or_user_is_refused_by_name(tool, words):
    assert "nope" in tool.refused(*words)


def test_member_list_for_humans(tool):
    tool.good("member", "set", "acme", "Jörg von Übel", "admin")
    assert [line.split(None, 1) for line in
            tool.good("member", "list", "acme").splitlines()] == [
        ["ROLE", "USER"], ["admin", "Jörg von Übel"], ["owner", "olga"]]


def test_every_change_leaves_one_audit_row(tool):
    tool.good("member", "set", "acme", "mia", "member")
    tool.good("member", "remove", "acme", "mia")
    tool.key()
    (key,) = tool.json("key", "list", "acme")
    tool.good("key", "delete", key["id"])
    tool.good("team", "delete", "acme")
    assert tool.rows("SELECT action, team_id, key_id FROM uptime_audit "
                     "ORDER BY id") == [
        ("team.create", "acme", None), ("member.set", "acme", None),
        ("member.remove", "acme", None), ("key.create", "acme", key["id"]),
        ("key.delete", "acme", key["id"]), ("team.delete", "acme", None)]


def test_what_was_refused_leaves_no_audit_row(tool):
    before = tool.rows("SELECT COUNT(*) FROM uptime_audit")
    tool.refused("team", "create", "acme")
    tool.refused("member", "remove", "acme", "nobody-here")
    tool.refused("member", "set", "acme", "adam", "owner")
    tool.refused("key", "delete", "key_01h455vb4pex5vsknk084sn02q")
    assert tool.rows("SELECT COUNT(*) FROM uptime_audit") == before


def test_scope_list_needs_no_database(bare):
    bare.where = ["-c", "/dev/null"]
    scopes = json.loads(bare.good("scope", "list", "--json"))
    assert len(scopes) == 23
    assert all(set(scope) == {"name", "group", "description"}
               and all(scope.values()) for scope in scopes)
    text = bare.good("scope", "list").splitlines()
    assert [line.split()[0] for line in text[1:]] == [
        scope["name"] for scope in scopes]

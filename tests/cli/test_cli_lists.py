# SPDX-License-Identifier: Apache-2.0
"""Lists of the keys that somebody should look at, for cron; and what a list
shows of a key."""

import json
import re
import time

import pytest

from harness import only_on
from uptime_tool import row

ONCE = only_on("sqlite3", reason="how words are read is the same")
DAY = 86_400_000


def now():
    return int(time.time() * 1000)


def names(tool, *words):
    """The names that a list shows to programs; and it exits with 3 if any."""
    done = tool.run("key", "list", *words, "--json")
    assert done.stderr == ""
    keys = json.loads(done.stdout)
    assert done.returncode == (3 if keys else 0)
    return [key["name"] for key in keys]


def add(tool, **columns):
    """A key for each name, with SQL values of its columns."""
    number = len(tool.rows("SELECT id FROM uptime_keys"))
    for name, change in columns.items():
        number += 1
        tool.import_rows([row(number, name=name, createdAt=now())],
                         "--over-limit")
        tool.execute(f"UPDATE uptime_keys SET {change} WHERE name = ?", name)


@pytest.mark.backend
def test_keys_that_expire_soon_or_have(tool):
    add(tool, never="expires_at = NULL", past="expires_at = 1000",
        soon=f"expires_at = {now() + 13 * DAY}",
        late=f"expires_at = {now() + 15 * DAY}")
    assert sorted(names(tool, "acme", "--expiring", "14d")) == ["past", "soon"]
    assert sorted(names(tool, "acme", "--expiring", "400h")) == [
        "late", "past", "soon"]
    assert names(tool, "acme", "--expiring", "0") == ["past"]
    # A number in a text is bound as a text by SQLite, and is none there.
    assert "never" not in names(tool, "--expiring", "36500d")


@pytest.mark.backend
def test_keys_that_are_not_used(tool):
    old, new = now() - 91 * DAY, now() - 89 * DAY
    add(tool, created=f"created_at = {new}",
        created_long_ago=f"created_at = {old}",
        used=f"created_at = 5, last_used_at = {new}",
        used_long_ago=f"created_at = {old - 5}, last_used_at = {old}",
        old_secret_used=f"created_at = 5, last_used_at = {old}, "
                        f"previous_used_at = {new}",
        only_old_secret_used=f"created_at = 5, previous_used_at = {new}",
        both_long_ago=f"created_at = 5, last_used_at = {old - 1}, "
                      f"previous_used_at = {old}",
        old_secret_long_ago=f"created_at = 5, previous_used_at = {old}")
    assert sorted(names(tool, "acme", "--unused", "90d")) == [
        "both_long_ago", "created_long_ago", "old_secret_long_ago",
        "used_long_ago"]
    assert len(names(tool, "acme", "--unused", "0")) == 8
    assert len(names(tool, "--unused", "30d")) == 8
    assert names(tool, "--unused", "36500d") == []


@pytest.mark.backend
def test_keys_that_are_disabled(tool):
    add(tool, good="disabled_at = NULL",
        manual="disabled_at = 5, disabled_reason = 'manual'",
        leaked="disabled_at = 6, disabled_reason = 'leaked'",
        text="disabled_at = 7, disabled_reason = NULL")
    assert sorted(names(tool, "acme", "--disabled")) == [
        "leaked", "manual", "text"]


@only_on("sqlite3", reason="it stores a text in any column")
def test_an_expiry_that_is_no_number_is_long_past(tool):
    add(tool, typo="expires_at = 'soon'")
    assert names(tool, "--expiring", "14d") == ["typo"]


@pytest.mark.backend
def test_all_teams_with_the_team_of_each_key(tool):
    tool.import_rows([row(n, team=team, expiresAt=5, name=f"{team} {n}")
                      for n, team in enumerate(["umbrella", "acme", "acme"])])
    done = tool.run("key", "list", "--expiring", "1d")
    assert (done.returncode, done.stderr) == (3, "")
    head, *lines = done.stdout.splitlines()
    assert head.split()[:2] == ["TEAM", "ID"]
    assert [line.split()[0] for line in lines] == ["acme", "acme", "umbrella"]
    done = tool.run("key", "list", "--expiring", "1d", "--json")
    assert [(key["team"], key["name"]) for key in json.loads(done.stdout)] == [
        ("acme", "acme 2"), ("acme", "acme 1"), ("umbrella", "umbrella 0")]
    assert names(tool, "umbrella", "--expiring", "1d") == ["umbrella 0"]
    done = tool.run("key", "list", "umbrella", "--expiring", "1d", "--json")
    assert "team" not in json.loads(done.stdout)[0]


@pytest.mark.backend
@pytest.mark.parametrize("words", [["--expiring", "14d"], ["--unused", "1h"],
                                   ["--disabled"]], ids=lambda words: words[0])
def test_none_is_silence_and_success(tool, words):
    tool.key()
    for team in [], ["acme"]:
        assert tool.good("key", "list", *team, *words) == ""
        assert tool.good("key", "list", *team, *words, "--json") == "[]\n"
    assert "no team nobody" in tool.refused("key", "list", "nobody", *words)


@ONCE
@pytest.mark.parametrize("words", [
    [], ["--expiring", "1d", "--disabled"], ["--unused", "1d", "--disabled"],
    ["acme", "--expiring", "1d", "--unused", "1d"]], ids=" ".join)
def test_wrong_usage(tool, words):
    assert "--expiring, --unused, --disabled" in tool.refused(
        "key", "list", *words, status=2)


@ONCE
@pytest.mark.parametrize("time", ["", "14", "d", "-1d", "1w", "36501d",
                                  "2030-12-31"])
def test_times_that_are_refused(tool, time):
    for option in "--expiring", "--unused":
        line = tool.refused("key", "list", f"{option}={time}")
        assert line.startswith(f"{option}: ") and "14d" in line


def cells(line):
    return re.split("  +", line)


@pytest.mark.backend
def test_what_only_some_keys_have_is_a_column_if_any_has_it(tool):
    tool.key(name="plain")
    old = tool.key("--address", "192.0.2.0/24", "::1", name="N")
    ident = tool.id_of(old)
    new = tool.good("key", "rotate", ident).strip()
    tool.execute("UPDATE uptime_keys SET created_at = 5, "
                 "previous_ends_at = 253402300799000, "
                 "previous_used_at = 1700000000123 WHERE name = 'N'")
    tool.good("key", "disable", ident)
    tool.execute("UPDATE uptime_keys SET disabled_at = 1700000000999 "
                 "WHERE name = 'N'")
    head, plain, full = tool.good("key", "list", "acme").splitlines()
    assert cells(head) == ["ID", "PREFIX", "NAME", "LAST USED", "EXPIRES",
                           "DISABLED", "OLD SECRET", "ADDRESSES", "SCOPES"]
    assert cells(plain)[5:] == ["-", "-", "-", "monitors:read"]
    assert cells(full)[1:] == [
        new[:15], "N", "never", "never", "2023-11-14T22:13:20Z",
        f"{old[:15]} until 9999-12-31T23:59:59Z, last used "
        "2023-11-14T22:13:20Z", "192.0.2.0/24 ::1", "monitors:read"]
    tool.execute("UPDATE uptime_keys SET disabled_reason = 'leaked', "
                 "previous_used_at = NULL WHERE name = 'N'")
    full = tool.good("key", "list", "acme").splitlines()[2]
    assert cells(full)[5] == "2023-11-14T22:13:20Z LEAKED"
    assert cells(full)[6].endswith(", last used never")


def test_an_old_secret_that_has_ended_is_not_shown(tool):
    tool.key()
    ident = tool.listed()["id"]
    tool.good("key", "rotate", ident)
    assert "OLD SECRET" in tool.good("key", "list", "acme")
    tool.good("key", "edit", ident, "--expires", "2999-12-31")
    tool.execute("UPDATE uptime_keys SET expires_at = 1000")
    assert "OLD SECRET" not in tool.good("key", "list", "acme")


@ONCE
def test_many_addresses_do_not_push_the_scopes_away(tool):
    tool.key("--address", *(f"10.0.0.{n}" for n in range(50)))
    head, line = tool.good("key", "list", "acme").splitlines()
    assert cells(line)[5].endswith("…") and len(cells(line)[5]) == 40
    assert line.endswith("monitors:read") and "ADDRESSES" in head

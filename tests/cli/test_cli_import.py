# SPDX-License-Identifier: Apache-2.0
"""key import: lines that are imported, refused, or present already."""

import contextlib
import json
import os
import pty
import re
import subprocess
import time
from pathlib import Path

import pytest

from harness import only_on
from harness.waiting import eventually
from uptime_tool import row

ID = "key_01h455vb4pex5vsknk084sn02q"
LINE_MAX = 65536


def summary(lines, added=0, present=0, refused=0):
    return (f"{lines} lines: {added} added, {present} already there, "
            f"{refused} refused\n")


def complaints(done):
    """{line number: message} of an import that refused lines."""
    assert done.returncode == 1, done
    found = (re.fullmatch(r"uptime-keys: line (\d+): (.+)", line)
             for line in done.stderr.splitlines())
    return {int(match[1]): match[2] for match in found}


@pytest.mark.backend
def test_a_complete_line_is_stored_as_it_is(tool):
    done = tool.import_rows([row(1, team="new", id=ID, expiresAt=1, name="Ä",
                                 scopes=["monitors:read", "alerts:read"],
                                 lastUsedAt=1_600_000_000_000)])
    assert (done.returncode, done.stdout, done.stderr) == (
        0, summary(1, added=1), "")
    assert tool.json("key", "list", "new") == [{
        "id": ID, "name": "Ä", "scopes": ["monitors:read", "alerts:read"],
        "createdAt": 1_700_000_000_001, "lastUsedAt": 1_600_000_000_000,
        "expiresAt": 1, "keyPrefix": row(1)["keyPrefix"]}]
    assert tool.rows("SELECT key_hash, slot FROM uptime_keys") == [
        (row(1)["keyHash"], 1)]


def test_what_a_list_shows_of_a_key_can_be_imported(tool):
    """With its team and its hash, which a list does not show."""
    key = tool.key("--address", "192.0.2.0/24", "::1", "--expires", "+9d",
                   name="N")
    tool.good("key", "rotate", tool.listed()["id"])
    tool.good("key", "disable", tool.listed()["id"])
    tool.execute("UPDATE uptime_keys SET last_used_at = 7")
    ((digest,),) = tool.rows("SELECT key_hash FROM uptime_keys")
    shown = tool.listed()
    assert shown["previous"]["keyPrefix"] == key[:15]
    tool.good("key", "delete", shown["id"])
    done = tool.import_rows([{**shown, "team": "acme", "keyHash": digest}])
    assert (done.returncode, done.stdout) == (0, summary(1, added=1))
    # Its old secret has no hash here.
    assert re.fullmatch("uptime-keys: warning: 1 key has a previous secret.*\n",
                        done.stderr)
    del shown["previous"]
    assert tool.listed() == shown
    assert tool.rows("SELECT previous_hash, previous_prefix, previous_ends_at, "
                     "previous_used_at FROM uptime_keys") == [(None,) * 4]


def test_names_are_trimmed(tool):
    tool.import_rows([row(1, name="\ufeff\u3000 N\u00a0n \u200b\t")])
    assert tool.listed()["name"] == "N\u00a0n"


@pytest.mark.parametrize("reason", ["manual", "leaked"])
def test_a_disabled_key_stays_so(tool, reason):
    tool.import_rows([row(1, disabledAt=5, disabledReason=reason)])
    key = tool.listed()
    assert (key["disabledAt"], key["disabledReason"]) == (5, reason)


HASH_TAKEN = ("another team's key has this keyHash, or a key had it before it "
              "was rotated")


@pytest.mark.backend
def test_a_secret_of_another_team_is_refused_with_its_line(tool):
    tool.import_rows([row(1)])
    before = tool.rows("SELECT * FROM uptime_keys")
    done = tool.import_rows([row(2), row(1, team="other"), row(1)])
    assert done.stdout == summary(3, 1, 1, 1)
    assert complaints(done) == {2: HASH_TAKEN}
    # Nor is the team made for it.
    assert [team["id"] for team in tool.json("team", "list")] == ["acme"]
    assert tool.rows("SELECT * FROM uptime_keys WHERE name = 'key 1'") == before
    # Also if both lines are in one file.
    done = tool.import_rows([row(3, team="a"), row(3, team="b")])
    assert complaints(done) == {2: HASH_TAKEN}
    assert "b" not in [team["id"] for team in tool.json("team", "list")]


@pytest.mark.backend
@pytest.mark.parametrize("team", ["acme", "other"])
def test_an_old_secret_is_refused(tool, team):
    """Even after its end, or a rotation would have ended nothing."""
    tool.import_rows([row(1)])
    tool.good("key", "rotate", tool.listed()["id"], "--overlap", "0")
    done = tool.import_rows([row(1, team=team)])
    assert done.stdout == summary(1, refused=1)
    assert complaints(done) == {1: HASH_TAKEN}
    assert [team["id"] for team in tool.json("team", "list")] == ["acme"]


def test_what_is_missing_is_made(tool):
    begin = time.time()
    tool.import_rows([row(1, createdAt=None), row(2)])
    (made,), (given,) = (
        [key for key in tool.json("key", "list", "acme")
         if key["name"] == name] for name in ("key 1", "key 2"))
    assert begin - 1 <= made["createdAt"] / 1000 <= time.time() + 1
    for key in made, given:
        assert re.fullmatch("key_[0-7][0-9a-hjkmnp-tv-z]{25}", key["id"])
    for key in made, given:
        assert milliseconds_of(key["id"]) == key["createdAt"]


def milliseconds_of(ident):
    """The time in a UUIDv7, which is in Crockford's base32."""
    number = 0
    for digit in ident[4:]:
        number = number * 32 + "0123456789abcdefghjkmnpqrstvwxyz".index(digit)
    return number >> 80


@pytest.mark.backend
def test_null_is_the_same_as_missing(tool):
    line = json.dumps({**row(1), "id": None, "expiresAt": None,
                       "lastUsedAt": None, "createdAt": None,
                       "addresses": None, "disabledAt": None,
                       "disabledReason": None, "previous": None})
    assert tool.import_rows([line]).stdout == summary(1, added=1)


def test_missing_teams_are_made_and_audited(empty):
    done = empty.import_rows([row(n, team=f"team-{n % 3}") for n in range(9)])
    assert done.stdout == summary(9, added=9)
    assert [team["id"] for team in empty.json("team", "list")] == [
        "team-0", "team-1", "team-2"]
    assert empty.rows("SELECT action, COUNT(*), COUNT(DISTINCT key_id) FROM "
                      "uptime_audit GROUP BY action ORDER BY action") == [
        ("key.import", 9, 9), ("team.create", 3, 0)]


def test_imported_keys_belong_to_who_imported_them(tool):
    tool.import_rows([row(1)])
    ((by, actor),) = tool.rows(
        "SELECT created_by, actor FROM uptime_keys, uptime_audit "
        "WHERE key_id = uptime_keys.id")
    assert by == actor and by.startswith("cli:")


@pytest.mark.backend
def test_again_nothing_goes_in_twice(tool):
    rows = [row(n, team=f"t{n % 5}") for n in range(25)]
    assert tool.import_rows(rows).stdout == summary(25, added=25)
    before = tool.rows("SELECT * FROM uptime_keys ORDER BY id")
    done = tool.import_rows(rows + [row(99)])
    assert (done.returncode, done.stdout) == (0, summary(26, 1, 25))
    assert tool.rows("SELECT * FROM uptime_keys WHERE name <> 'key 99' "
                     "ORDER BY id") == before


def test_the_same_key_twice_in_one_file(tool):
    done = tool.import_rows([row(1), row(1, name="again"), row(1, id=ID)])
    assert (done.returncode, done.stdout) == (0, summary(3, 1, 2))
    assert [key["name"] for key in tool.json("key", "list", "acme")] == [
        "key 1"]


@pytest.mark.backend
def test_an_id_for_two_keys_is_refused(tool):
    done = tool.import_rows([row(1, id=ID), row(2, id=ID), row(3)])
    assert done.stdout == summary(3, 2, 0, 1)
    assert complaints(done) == {2: "another key has this id"}
    done = tool.import_rows([row(4, id=ID)])
    assert complaints(done) == {1: "another key has this id"}


def test_a_key_that_the_tool_made_is_there_already(tool):
    key = tool.key()
    ((digest,),) = tool.rows("SELECT key_hash FROM uptime_keys")
    done = tool.import_rows([row(1, keyHash=digest, keyPrefix=key[:15])])
    assert done.stdout == summary(1, present=1)


BAD = {
    "not JSON": "hello",
    "half an object": '{"team": "acme"',
    "two objects": json.dumps(row(1)) * 2,
    "an array": "[]",
    "a string": '"acme"',
    "null": "null",
    "an empty object": "{}",
    "a member twice": json.dumps(row(1))[:-1] + ', "name": "again"}',
    "bad UTF-8": json.dumps(row(1)).replace("key 1", "\udcff"),
    "a control character": json.dumps(row(1, name="a\nb")),
    "a raw control character": json.dumps(row(1)).replace("key 1", "a\tb"),
    "an escaped NUL": json.dumps(row(1, name="a\0b")),
    "a raw NUL": json.dumps(row(1)).replace("key 1", "a\0b"),
    "no team": row(1, team=None),
    "a bad team": row(1, team="Acme"),
    "a team that is a number": row(1, team=5),
    "no name": {k: v for k, v in row(1).items() if k != "name"},
    "an empty name": row(1, name=""),
    "a long name": row(1, name="x" * 256),
    "no scopes": {k: v for k, v in row(1).items() if k != "scopes"},
    "empty scopes": row(1, scopes=[]),
    "scopes that are a string": row(1, scopes="monitors:read"),
    "a scope that is a number": row(1, scopes=[1]),
    "a scope that is no scope": row(1, scopes=["monitors"]),
    "too many scopes": row(1, scopes=[f"scope-{n}:read" for n in range(300)]),
    "no hash": {k: v for k, v in row(1).items() if k != "keyHash"},
    "a short hash": row(1, keyHash="0" * 63),
    "a long hash": row(1, keyHash="0" * 65),
    "an upper-case hash": row(1, keyHash=row(1)["keyHash"].upper()),
    "no prefix": {k: v for k, v in row(1).items() if k != "keyPrefix"},
    "a short prefix": row(1, keyPrefix="uptime_1234567"),
    "a whole key as prefix": row(1, keyPrefix="uptime_" + "0" * 64),
    "another prefix": row(1, keyPrefix="github_12345678"),
    "a bad id": row(1, id="key_1"),
    "an id that is a number": row(1, id=1),
    "a negative time": row(1, createdAt=-1),
    "a time of 0": row(1, expiresAt=0),
    "a time that is a fraction": row(1, expiresAt=1.5),
    "a time that is a string": row(1, expiresAt="2030-01-01T00:00:00Z"),
    "a time in the far future": row(1, expiresAt=10**17),
    "a time beyond numbers": row(1, expiresAt=10**30),
    "a time that overflows": row(1, expiresAt=2**64 + 1_700_000_000_000),
    "true for a time": row(1, lastUsedAt=True),
    "a leading zero": json.dumps(row(1, expiresAt=7)).replace(": 7", ": 07"),
    "a comma too many": json.dumps(row(1))[:-1] + ",}",
    "a comma in the array": json.dumps(row(1)).replace('read"]', 'read",]'),
    "single quotes": str(row(1)),
    "a blank name": row(1, name=" \u200b\t"),
    "addresses that are a string": row(1, addresses="192.0.2.0/24"),
    "an address that is a number": row(1, addresses=[1]),
    "an address that is none": row(1, addresses=["192.0.2.0/24", "localhost"]),
    "an address with host bits": row(1, addresses=["192.0.2.1/24"]),
    "every address": row(1, addresses=["::/0"]),
    "too many addresses": row(1, addresses=[f"10.0.0.{n}" for n in range(51)]),
    "disabled without a reason": row(1, disabledAt=5),
    "a reason without disabled": row(1, disabledReason="manual"),
    "another reason": row(1, disabledAt=5, disabledReason="because"),
    "a reason that is a number": row(1, disabledAt=5, disabledReason=1),
    "disabled at no time": row(1, disabledAt="now", disabledReason="manual"),
}


@pytest.mark.parametrize("line", BAD.values(), ids=BAD.keys())
def test_a_bad_line_is_refused_and_the_others_go_in(tool, line):
    text = line if isinstance(line, str) else json.dumps(line)
    data = "\n".join([json.dumps(row(100)), text, json.dumps(row(101)), ""])
    done = tool.run("key", "import", "-", text=False,
                    input=data.encode(errors="surrogateescape"))
    done.stderr, done.stdout = done.stderr.decode(), done.stdout.decode()
    assert list(complaints(done)) == [2]
    assert done.stdout == summary(3, 2, 0, 1)
    assert {key["name"] for key in tool.json("key", "list", "acme")} == {
        "key 100", "key 101"}


# Other ways to write the same line.
UNUSUAL = {
    "spaces": lambda line: line.replace(": ", " : ").replace(", ", " ,\t "),
    "no spaces": lambda line: line.replace(": ", ":").replace(", ", ","),
    "an escaped letter": lambda line: line.replace("acme", "ac\\u006de"),
    "an escaped member": lambda line: line.replace('"team"', '"te\\u0061m"'),
    "more members": lambda line: line[:-1] + ', "x": {"y": [1, null]}}',
    "CR at the end": lambda line: line + "\r",
    "a byte order mark": lambda line: "\ufeff" + line,
    "another order": lambda line: json.dumps(
        dict(reversed(json.loads(line).items()))),
}


@pytest.mark.parametrize("change", UNUSUAL.values(), ids=UNUSUAL.keys())
def test_the_same_line_in_another_form_is_the_same(tool, change):
    line = json.dumps(row(1, id=ID, expiresAt=9, lastUsedAt=8))
    tool.import_rows([line])
    usual = tool.rows("SELECT * FROM uptime_keys")
    tool.execute("DELETE FROM uptime_keys")
    assert tool.import_rows([change(line)]).stdout == summary(1, added=1)
    assert tool.rows("SELECT * FROM uptime_keys") == usual


def test_blank_lines_count_for_numbers_only(tool):
    done = tool.import_rows(["", json.dumps(row(1)), "  \t", "bad", "\r",
                             json.dumps(row(2))])
    assert list(complaints(done)) == [4]
    assert done.stdout == summary(3, 2, 0, 1)


def test_the_last_line_needs_no_end(tool):
    done = tool.run("key", "import", "-", input=json.dumps(row(1)))
    assert done.stdout == summary(1, added=1)


@pytest.mark.parametrize("length, result", [
    (LINE_MAX, summary(2, 2)), (LINE_MAX + 1, summary(2, 1, 0, 1)),
    (LINE_MAX * 20, summary(2, 1, 0, 1))])
@pytest.mark.parametrize("first", [True, False], ids=["first", "last"])
def test_longest_line(tool, length, result, first):
    line = json.dumps(row(1))
    rows = [line + " " * (length - len(line)), row(2)]
    done = tool.import_rows(rows if first else rows[::-1])
    assert done.stdout == result
    if "1 refused" in result:
        assert complaints(done) == {1 if first else 2:
                                    f"longer than {LINE_MAX} bytes"}


def test_many_bad_lines_do_not_hide_the_first(tool):
    done = tool.import_rows(["bad"] * 100 + [row(1)])
    assert done.stdout == summary(101, 1, 0, 100)
    lines = done.stderr.splitlines()
    assert len(lines) == 21
    assert lines[0].startswith("uptime-keys: line 1: ")
    assert lines[19].startswith("uptime-keys: line 20: ")
    assert lines[20] == "uptime-keys: and 80 more lines"


def test_a_key_in_a_bad_line_is_not_repeated(tool):
    key = "uptime_" + "5eed" * 16
    rows = [key, f'{{"team": {key}}}', row(1, team=key), row(1, scopes=[key]),
            {**row(1), "keyPrefix": key}, {**row(1), "id": key}]
    done = tool.import_rows(rows)
    assert len(complaints(done)) == len(rows)
    assert "5eed5eed5eed" not in done.stderr


def test_unknown_scopes_stay_and_are_counted(tool):
    rows = [row(1, scopes=["old:thing", "older:thing"]), row(2),
            row(3, scopes=["monitors:read", "old:thing"])]
    done = tool.import_rows(rows)
    assert (done.returncode, done.stdout) == (0, summary(3, 3))
    assert re.fullmatch("uptime-keys: warning: 2 keys have scopes .*"
                        "old:thing.*\n", done.stderr)
    assert tool.rows("SELECT scopes FROM uptime_keys ORDER BY name")[0] == (
        '["old:thing","older:thing"]',)
    done = tool.import_rows([row(4, scopes=["old:thing"])])
    assert "warning: 1 key has scopes" in done.stderr


@pytest.mark.backend
def test_the_eleventh_key_is_refused_line_by_line(tool):
    tool.key()
    rows = [row(n) for n in range(11)] + [row(99, team="other")]
    done = tool.import_rows(rows)
    assert done.stdout == summary(12, 10, 0, 2)
    assert list(complaints(done)) == [10, 11]
    assert "--over-limit" in complaints(done)[11]
    assert sorted(tool.rows("SELECT slot FROM uptime_keys WHERE "
                            "team_id = 'acme'")) == [(n,) for n in
                                                     range(1, 11)]


def test_a_full_team_still_knows_its_keys(tool):
    rows = [row(n) for n in range(10)]
    tool.import_rows(rows)
    assert tool.import_rows(rows).stdout == summary(10, present=10)


def test_over_limit_takes_more_and_create_then_refuses(tool):
    tool.key()
    tool.execute("UPDATE uptime_keys SET slot = 7")
    done = tool.import_rows([row(n) for n in range(30)], "--over-limit")
    assert (done.returncode, done.stdout) == (0, summary(30, 30))
    assert sorted(tool.rows("SELECT slot FROM uptime_keys")) == [
        (n,) for n in range(1, 32)]
    assert "of 10 keys" in tool.refused("key", "create", "acme", "--name",
                                        "N", "--scope", "monitors:read")


def test_limit_holds_after_deletes_left_low_slots_free(tool):
    tool.import_rows([row(n) for n in range(12)], "--over-limit")
    tool.execute("DELETE FROM uptime_keys WHERE slot IN (1, 2)")
    done = tool.import_rows([row(50)])
    assert done.stdout == summary(1, refused=1)


def test_limit_holds_while_low_slots_are_filled(tool):
    tool.import_rows([row(n) for n in range(12)], "--over-limit")
    tool.execute("DELETE FROM uptime_keys WHERE slot <= 4")
    done = tool.import_rows([row(n) for n in range(50, 53)])
    assert done.stdout == summary(3, 2, 0, 1)


@pytest.mark.backend
def test_a_trigger_of_somebody_else_is_obeyed(tool):
    with tool.database.refusing("INSERT", "uptime_keys"):
        message = tool.refused("key", "import", "-",
                               input=json.dumps(row(1, team="new")))
    assert message.startswith("stopped after 0 lines: "), message
    assert tool.rows("SELECT id FROM uptime_teams") == [("acme",)]


def test_import_from_a_file(tool):
    path = tool.write("keys.jsonl", json.dumps(row(1)) + "\n")
    assert tool.good("key", "import", path) == summary(1, added=1)


def test_an_empty_file_is_no_mistake(tool):
    assert tool.good("key", "import", tool.write("none", "")) == summary(0)


@pytest.mark.parametrize("name", ["nothing.jsonl", "."])
def test_a_file_that_cannot_be_read(tool, name):
    assert name == "." or name in tool.refused("key", "import", name)
    tool.refused("key", "import", name)


def shown_by(tool, *words, **options):
    """What an import shows on a terminal."""
    ours, theirs = pty.openpty()
    with os.fdopen(ours, "rb") as terminal:
        done = tool.run("key", "import", *words, capture_output=False,
                        stdout=-1, stderr=theirs, **options)
        os.close(theirs)
        shown = os.read(terminal.fileno(), 65536).decode()
    assert done.stdout == summary(3000, added=3000)
    return shown


def test_progress_is_for_terminals_only(tool):
    rows = "".join(json.dumps(row(n, team=f"t{n // 10}")) + "\n"
                   for n in range(3000))
    path = tool.write("keys.jsonl", rows)
    assert tool.run("key", "import", path).stderr == ""
    tool.execute("DELETE FROM uptime_keys")
    shown = shown_by(tool, path)
    assert re.match(r"(\r\x1b\[K\d+ lines, \d+ a second, \d+ s left)+"
                    r"\r\x1b\[K$", shown), shown
    # Nobody knows how long a pipe is.
    tool.execute("DELETE FROM uptime_keys")
    shown = shown_by(tool, "-", input=rows)
    assert re.match(r"(\r\x1b\[K\d+ lines, \d+ a second)+\r\x1b\[K$",
                    shown), shown


TABLES = ("uptime_keys", "uptime_teams", "uptime_members", "uptime_audit",
          "uptime_changes", "uptime_servers")


def content(tool):
    return {table: sorted(tool.rows(f"SELECT * FROM {table}"), key=str)
            for table in TABLES}


@pytest.mark.backend
def test_a_dry_run_says_the_same_and_changes_nothing(tool):
    tool.import_rows([row(n) for n in range(4)])
    tool.good("key", "rotate", tool.json("key", "list", "acme")[0]["id"])
    lines = [*(row(n) for n in range(12)), "bad", row(20, team="new", id=ID),
             row(21, id=ID), row(20, team="newer"), row(20, team="new")]
    before = content(tool)
    dry = tool.import_rows(lines, "--dry-run")
    assert content(tool) == before
    real = tool.import_rows(lines)
    assert real.stdout == summary(17, 7, 4, 6)
    assert dry.stdout == ("17 lines: 7 would be added, 4 already there, "
                          "6 would be refused\n")
    assert (dry.returncode, dry.stderr) == (real.returncode, real.stderr)
    good = [row(n) for n in range(1, 3)]
    assert tool.import_rows(good, "--dry-run").returncode == 0


def test_a_dry_run_takes_no_lock(tool):
    unlock = tool.database.lock_keys()
    try:
        done = tool.import_rows([row(1)], "--dry-run")
    finally:
        unlock()
    assert done.returncode == 0
    assert tool.rows("SELECT * FROM uptime_keys") == []


@pytest.mark.backend
@pytest.mark.parametrize("count", [1, 19, 20, 21, 99, 100, 101, 200, 243])
def test_the_borders_of_statements(empty, count):
    """As many rows as a statement takes, some fewer, some more: none is lost,
    none is there twice, and lines keep their numbers."""
    lines = [row(n, team=f"t{n // 10}") for n in range(count)]
    done = empty.import_rows(lines)
    assert (done.returncode, done.stdout) == (0, summary(count, count))
    assert sorted(empty.rows("SELECT key_hash, team_id, name FROM uptime_keys")
                  ) == sorted((line["keyHash"], line["team"], line["name"])
                              for line in lines)
    assert empty.rows(
        "SELECT COUNT(*), COUNT(DISTINCT uptime_keys.id) FROM uptime_keys "
        "JOIN uptime_audit ON key_id = uptime_keys.id "
        "AND key_name = uptime_keys.name "
        "AND uptime_audit.key_prefix = uptime_keys.key_prefix "
        "AND uptime_audit.team_id = uptime_keys.team_id "
        "AND action = 'key.import'") == [(count, count)]
    # Again, with lines that are new, bad or taken in between.
    more = {99: "bad", 100: row(5000), 101: row(0, team="x"), 200: "bad"}
    mixed = [more.get(n, line) for n, line in enumerate(lines, 1)]
    bad = [n for n in (99, 101, 200) if n <= count]
    done = empty.import_rows([*mixed, *lines[-3:], "bad"])
    assert list(complaints(done)) == [*bad, count + len(lines[-3:]) + 1]
    added = int(count >= 100)
    assert done.stdout == summary(
        count + len(lines[-3:]) + 1, added,
        count - added - len(bad) + len(lines[-3:]), len(bad) + 1)
    assert empty.rows("SELECT COUNT(*) FROM uptime_keys") == [(count + added,)]


@pytest.mark.backend
def test_values_arrive_as_they_are(empty):
    """Whatever a way to send rows gives a meaning to."""
    names = ["\\N", "a\\tb\\", "{a,\"b\"}", "'; --", "%s %lld", "Ä€𝄞", "@uptime_x",
             "NULL", "\\.", "$1 ?"]
    lines = [row(n, name=names[n % len(names)], team=f"t{n % 13}",
                 addresses=["192.0.2.0/24"] if n % 2 else None)
             for n in range(130)]
    assert empty.import_rows(lines).stdout == summary(130, 130)
    assert dict(empty.rows("SELECT key_hash, name FROM uptime_keys")) == {
        line["keyHash"]: line["name"] for line in lines}
    assert empty.rows(
        "SELECT COUNT(*) FROM uptime_keys WHERE addresses IS NULL") == [(65,)]


@pytest.mark.backend
def test_an_import_that_is_killed_is_run_again(empty):
    """At a moment when part of it is in the database, or none of it: a file
    takes more lines in one transaction."""
    batch = 0 if empty.database.driver == "sqlite3" else 10_000
    lines = [json.dumps(row(n, team=f"t{n // 10}")) + "\n"
             for n in range(batch + 3000)]
    with empty.start("key", "import", "-", stdin=subprocess.PIPE) as process:
        process.stdin.write("".join(lines[:batch + 2000]))
        process.stdin.flush()
        eventually(lambda: count(empty) == batch)
        process.kill()
    assert count(empty) == batch
    done = empty.run("key", "import", "-", input="".join(lines))
    assert done.stdout == summary(len(lines), len(lines) - batch, batch)
    assert empty.rows(
        "SELECT COUNT(*), COUNT(DISTINCT key_hash), COUNT(DISTINCT team_id), "
        "MAX(slot) FROM uptime_keys") == [
            (len(lines), len(lines), len(lines) // 10, 10)]
    assert empty.rows("SELECT COUNT(*) FROM uptime_audit") == [
        (len(lines) + len(lines) // 10,)]


def count(tool):
    ((number,),) = tool.rows("SELECT COUNT(*) FROM uptime_keys")
    return number


@pytest.mark.backend
def test_two_imports_at_once(empty):
    """Of the same lines: one of them finds each there, or waits for it."""
    lines = "".join(json.dumps(row(n, team=f"t{n // 10}")) + "\n"
                    for n in range(2000))
    path = empty.write("keys.jsonl", lines)
    processes = [empty.start("key", "import", path) for _ in range(3)]
    done = [process.communicate(timeout=60) for process in processes]
    assert [process.returncode for process in processes] == [0] * 3, done
    found = [[int(number) for number in re.findall(r"\d+", out)]
             for out, _ in done]
    assert [sum(numbers) for numbers in zip(*found)] == [6000, 2000, 4000, 0]
    assert empty.rows(
        "SELECT COUNT(*), COUNT(DISTINCT key_hash), MAX(slot) "
        "FROM uptime_keys") == [(2000, 2000, 10)]
    assert empty.rows("SELECT COUNT(*) FROM uptime_audit") == [(2200,)]


@pytest.mark.backend
@only_on("pgsql", reason="each statement sees what is committed by then")
def test_keys_that_another_import_adds_meanwhile_are_there(empty):
    """Between two look-ups of this one. The team is full then."""
    lines = [row(n, team="full") for n in range(10)]
    assert empty.import_rows(lines).returncode == 0
    empty.execute("CREATE TABLE copies AS SELECT * FROM uptime_keys")
    empty.execute("DELETE FROM uptime_keys")
    path = empty.write("keys.jsonl", "".join(json.dumps(line) + "\n"
                                             for line in lines))
    database = empty.database
    with contextlib.closing(database.server.connect(database.user)) as other:
        other.cursor().execute("BEGIN; LOCK TABLE uptime_teams; "
                               "INSERT INTO uptime_keys SELECT * FROM copies")
        process = empty.start("key", "import", path)
        eventually(lambda: empty.rows(
            "SELECT 1 FROM pg_locks WHERE NOT granted "
            "AND relation = 'uptime_teams'::regclass"))
        other.cursor().execute("COMMIT")
        out, _ = process.communicate(timeout=60)
    assert (process.returncode, out) == (0, summary(10, present=10))


def peak_of_import(tool, first, last):
    """The most memory that an import of these lines has used, in KiB."""
    path = tool.write("keys.jsonl", "".join(
        json.dumps(row(n, team=f"t{n // 10}")) + "\n"
        for n in range(first, last)))
    most = 0
    with tool.start("key", "import", path) as process:
        status = Path(f"/proc/{process.pid}/status")
        while process.poll() is None:
            text = status.read_text()
            found = re.search(r"VmHWM:\s+(\d+)", text)
            if found and text.startswith("Name:\tuptime-keys"):
                most = int(found[1])
            time.sleep(0.005)
    assert process.returncode == 0
    return most


@pytest.mark.backend
@pytest.mark.slow
@pytest.mark.everywhere
def test_memory_does_not_grow_with_the_file(empty):
    """No line is kept when it is in a server's database."""
    if empty.database.driver == "sqlite3":
        pytest.skip("a file takes more lines in one transaction")
    most = [peak_of_import(empty, first, last)
            for first, last in ((0, 30_000), (30_000, 150_000))]
    assert most[1] < most[0] + 10_000 < 60_000, most


@pytest.mark.backend
@pytest.mark.slow
def test_many_batches_and_teams(empty):
    """More lines than one transaction takes, shuffled and repeated."""
    count = 120_000
    numbers = [(n * 7919) % count for n in range(count)]
    lines = [json.dumps(row(n, team=f"t{n % (count // 10)}"))
             for n in numbers]
    lines[110_000] = "bad"
    done = empty.import_rows(lines + lines[:1000])
    assert list(complaints(done)) == [110_001]
    assert done.stdout == summary(count + 1000, count - 1, 1000, 1)
    assert empty.rows(
        "SELECT COUNT(*), COUNT(DISTINCT team_id), MAX(slot) "
        "FROM uptime_keys") == [(count - 1, count // 10, 10)]
    empty.database.assert_sound()

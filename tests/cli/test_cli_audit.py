# SPDX-License-Identifier: Apache-2.0
"""Who did what: audit list and audit prune."""

import json
import sys
import time
from pathlib import Path

import pytest

from harness import only_on
from uptime_tool import row

sys.path.insert(0, str(Path(__file__).parents[1] / "manage"))

# pylint: disable=wrong-import-position
from events import add, add_many, from_csv, read_csv  # noqa: E402

ONCE = only_on("sqlite3", reason="how words are read and written is the same")
ID = "key_01jzzzzzzzzzzzzzzzzzzzzzzz"
MOMENT = 1_700_000_000_123      # 2023-11-14T22:13:20.123Z
DAY = 86_400_000


def now():
    return int(time.time() * 1000)


def listed(tool, *words):
    return json.loads(tool.good("audit", "list", *words, "--format", "json"))


def actors(tool, *words):
    return [event["actor"] for event in listed(tool, *words)]


@pytest.fixture
def quiet(tool):
    """Without the events of its own beginning."""
    tool.execute("DELETE FROM uptime_audit")
    return tool


# The list

@pytest.mark.backend
def test_table_names_what_was_done(tool):
    key = tool.key(name="CI")
    ident = tool.id_of(key)
    tool.good("key", "edit", ident, "--name", "CD", "--scope", "alerts:read")
    new = tool.good("key", "rotate", ident, "--overlap", "1h").strip()
    tool.good("member", "set", "acme", "adam", "admin")
    tool.good("key", "delete", ident)
    head, *lines = tool.good("audit", "list", "acme").splitlines()
    assert head.split() == ["TIME", "ACTION", "ACTOR", "SOURCE", "KEY",
                            "NAME", "DETAIL"]
    where = tool.rows("SELECT actor, source FROM uptime_audit")[0]
    assert [line.split(None, 6)[1:] for line in lines] == [
        ["key.delete", *where, ident, "CD", "-"],
        ["member.set", *where, "-", "-", "adam, as admin"],
        ["key.rotate", *where, ident, "CD",
         f"was {key[:15]}, which works for 1 hour more"],
        ["key.change", *where, ident, "CD", "name, scopes, was CI"],
        ["key.create", *where, ident, "CI", "-"],
        ["team.create", *where, "-", "-", "acme, owner olga"]]
    assert new[:16] not in tool.good("audit", "list", "--format", "csv")


@pytest.mark.backend
def test_all_teams_with_the_team_of_each_event(quiet):
    add(quiet.database, {"at": 1}, {"at": 3})
    add(quiet.database, {"at": 2}, team="umbrella")
    assert [event["team"] for event in listed(quiet)] == [
        "acme", "umbrella", "acme"]
    assert "team" not in listed(quiet, "acme")[0]
    lines = quiet.good("audit", "list").splitlines()
    assert [line.split()[0] for line in lines] == [
        "TEAM", "acme", "umbrella", "acme"]
    records = read_csv(quiet.good("audit", "list", "--format", "csv"))
    assert [record["team"] for record in records] == [
        "acme", "umbrella", "acme"]


@pytest.mark.backend
@pytest.mark.parametrize("words,expected", [
    ([], "fedcba"), (["--key", ID], "fa"), (["--actor", "c"], "c"),
    (["--action", "key.leak"], "d"), (["--since", str(MOMENT)], "fe"),
    (["--until", "2023-11-13"], "cba"), (["--since", "2023-11-14"], "fed"),
    (["--since", "2023-11-14T22:13:20.123Z", "--key", ID], "f"),
    (["--since", "100d"], "f"), (["--until", "100d"], "edcba"),
    (["--actor", "c", "--action", "key.leak"], ""),
])
def test_filters(quiet, words, expected):
    add(quiet.database, {"at": 1, "actor": "a", "key_id": ID},
        {"at": 2, "actor": "b"}, {"at": 3, "actor": "c"},
        {"at": MOMENT - 5, "actor": "d", "action": "key.leak"},
        {"at": MOMENT, "actor": "e"},
        {"at": now() - DAY, "actor": "f", "key_id": ID})
    for team in [], ["acme"]:
        assert "".join(actors(quiet, *team, *words)) == expected


@pytest.mark.backend
def test_longest_names_are_listed(quiet):
    longest = "\U0001f511" * 255
    add(quiet.database, {"actor": longest, "key_name": longest, "key_id": ID,
                         "detail": json.dumps({"oldName": longest},
                                              ensure_ascii=False)})
    (event,) = listed(quiet, "acme", "--actor", longest)
    assert (event["actor"], event["keyName"], event["detail"]) == (
        longest, longest, {"oldName": longest})


@ONCE
@pytest.mark.parametrize("words,told", [
    (["--format", "xml"], "table, json or csv"),
    (["--since", "yesterday"], "--since: "), (["--until", "1w"], "--until: "),
    (["--since", "2023-02-30"], "--since: "), (["--key", "key_1"], "--key "),
    (["--action", "key.fly"], "key.fly"),
])
def test_bad_values(tool, words, told):
    status = 2 if "--format" in words else 1
    assert told in tool.refused("audit", "list", *words, status=status)


@ONCE
def test_nothing_to_list(quiet):
    assert quiet.good("audit", "list", "acme") == "No event is like this.\n"
    assert listed(quiet, "acme") == []
    assert quiet.good("audit", "list", "acme", "--format", "csv") == \
        "id,at,time,action,actor,source,keyId,keyName,keyPrefix,detail\n"
    done = quiet.run("audit", "list", "nobody")
    assert done.returncode == 1 and "no team nobody" in done.stderr


@ONCE
def test_deleted_team_is_still_listed(tool):
    tool.good("team", "delete", "acme")
    assert [event["action"] for event in listed(tool, "acme")] == [
        "team.delete", "team.create"]


# CSV

CELLS = {
    "=1+1": "'=1+1", "+1": "'+1", "-1": "'-1", "@SUM(A1)": "'@SUM(A1)",
    "\tx": "'\tx", "\rx": "\"'\rx\"", "a,b": '"a,b"', 'a"b': '"a""b"',
    "a\nb": '"a\nb"', "a\r\nSet-Cookie: x": '"a\r\nSet-Cookie: x"',
    '=HYPERLINK("http://x","y")': "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"",
    "plain": "plain", " =1": " =1", "a=b": "a=b", "1-1": "1-1", "é": "é",
    "'=1": "'=1", '"': '""""',
}


@ONCE
@pytest.mark.parametrize("value", CELLS)
def test_cells_of_csv(quiet, value):
    add(quiet.database, {"at": MOMENT, "actor": value, "source": value,
                         "key_name": value, "key_id": ID})
    text = quiet.run("audit", "list", "acme", "--format", "csv",
                     text=False).stdout.decode()
    line = text.split("\r\n", 1)[1]
    ident, = quiet.rows("SELECT id FROM uptime_audit")[0]
    cell = CELLS[value]
    assert line == (f"{ident},{MOMENT},2023-11-14T22:13:20.123Z,key.change,"
                    f"{cell},{cell},{ID},{cell},,\r\n")


@ONCE
def test_detail_is_one_cell(quiet):
    add(quiet.database, {"detail": '{"changed":["name","scopes"]}'})
    (record,) = read_csv(quiet.good("audit", "list", "acme", "--format", "csv",
                                    encoding="utf-8", text=None))
    assert from_csv(record)["detail"] == {"changed": ["name", "scopes"]}


@ONCE
def test_terminal_is_not_written_to(quiet):
    add(quiet.database, {"actor": "\x1b[2J\u202eolga", "source": "a\nb",
                         "detail": '{"user": "\\u001b]0;x"}'})
    text = quiet.good("audit", "list", "acme")
    assert "\x1b" not in text and "\u202e" not in text
    assert len(text.splitlines()) == 2


# However many

@pytest.mark.backend
@pytest.mark.parametrize("step", [0, 1])
def test_many_are_listed_once_in_their_order(quiet, step):
    """More than two parts; all of one time, or each of its own."""
    add_many(quiet.database, 450, at=lambda number: MOMENT + step * number)
    expected = [f"e{number}" for number in range(449, -1, -1)]
    for team in [], ["acme"]:
        assert actors(quiet, *team) == expected
        records = read_csv(quiet.run(
            "audit", "list", *team, "--format", "csv",
            text=False).stdout.decode())
        assert [record["actor"] for record in records] == expected
        head, *lines = quiet.good("audit", "list", *team).splitlines()
        assert [line[head.index("ACTOR"):].split()[0]
                for line in lines] == expected
    assert actors(quiet, "--since", str(MOMENT + 400 * step), "acme") == \
        expected[:50 if step else None]


def highest_memory(process):
    """In bytes, of a process that has not ended."""
    status = Path(f"/proc/{process.pid}/status").read_text("utf-8")
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


@pytest.mark.release("a sanitizer keeps memory that was freed")
@ONCE
@pytest.mark.parametrize("form", ["table", "json", "csv"])
def test_memory_does_not_grow(quiet, form):
    """The reader stops in the middle, and looks at the process. What is read
    before anything is printed counts, too."""
    used = []
    for total in 2_000, 30_000:
        quiet.execute("DELETE FROM uptime_audit")
        add_many(quiet.database, total)
        process = quiet.start("audit", "list", "acme", "--format", form)
        for _ in range(total // 2):
            process.stdout.readline()
        used.append(highest_memory(process))
        process.stdout.read()
        assert process.wait(60) == 0
    assert used[1] < used[0] + 2_000_000


# Pruning

def kept(tool):
    return [tuple(row) for row in tool.rows(
        "SELECT actor FROM uptime_audit WHERE action <> 'audit.prune' "
        "ORDER BY id")]


@pytest.mark.backend
def test_prune_keeps_the_first_event_of_each_key(quiet):
    other = "key_01h455vb4pex5vsknk084sn02q"
    add(quiet.database,
        {"actor": "a", "key_id": ID, "action": "key.create", "at": 10},
        {"actor": "b", "key_id": other, "action": "key.delete", "at": 5},
        {"actor": "c", "key_id": ID, "at": 20}, {"actor": "d", "at": 30},
        {"actor": "e", "key_id": ID, "action": "key.delete", "at": 40},
        {"actor": "f", "at": 99}, {"actor": "g", "at": 100},
        {"actor": "h", "key_id": ID, "at": 101})
    told = "4 events, 2 older ones stay for the IDs of their keys\n"
    words = "audit", "prune", "--before", "100"
    assert quiet.good(*words, "--dry-run") == "Would remove " + told
    assert len(kept(quiet)) == 8
    assert quiet.good(*words) == "Removed " + told
    assert kept(quiet) == [("a",), ("b",), ("g",), ("h",)]
    (event,) = listed(quiet, "--action", "audit.prune")
    assert (event["team"], event["keyId"], event["detail"]) == ("", None, {
        "removed": 4, "before": "1970-01-01T00:00:00.100Z"})
    assert quiet.good(*words).startswith("Removed 0 events, 2 ")
    assert len(listed(quiet, "--action", "audit.prune")) == 1


@pytest.mark.backend
def test_pruned_key_is_still_known(tool):
    """A key that was deleted is not made again under its id."""
    ident = tool.id_of(tool.key())
    tool.good("key", "delete", ident)
    tool.good("audit", "prune", "--before", "9999-12-31")
    assert [tuple(row) for row in tool.rows(
        "SELECT action FROM uptime_audit WHERE key_id = ?", ident)] == [
            ("key.create",)]


@pytest.mark.backend
def test_prune_takes_many_batches(quiet):
    add_many(quiet.database, 2_500)
    tool_events = [{"actor": f"k{n}", "key_id": f"key_{n:026}",
                    "action": "key.import"} for n in range(30)]
    add(quiet.database, *tool_events)
    add_many(quiet.database, 70, first=5_000, at=lambda number: MOMENT)
    assert quiet.good("audit", "prune", "--before", "2020-01-01") == \
        "Removed 2500 events, 30 older ones stay for the IDs of their keys\n"
    assert len(kept(quiet)) == 100


@ONCE
@pytest.mark.parametrize("when,left", [
    ("100d", "b"), ("300d", "ab"), ("9999-12-31", ""), ("1970-01-01", "ab")])
def test_times_of_prune(quiet, when, left):
    add(quiet.database, {"actor": "a", "at": now() - 200 * DAY},
        {"actor": "b", "at": now() - DAY})
    quiet.good("audit", "prune", "--before", when)
    assert "".join(actor for actor, in kept(quiet)) == left


@ONCE
def test_prune_needs_a_time(tool):
    assert "needs --before" in tool.refused("audit", "prune", status=2)
    assert "--before: " in tool.refused("audit", "prune", "--before", "old")


@pytest.mark.backend
def test_others_write_while_events_are_removed(quiet):
    add_many(quiet.database, 20_000)
    process = quiet.start("audit", "prune", "--before", "2020-01-01")
    made = 0
    # Once at least, should all be removed before it is looked at.
    while made == 0 or process.poll() is None:
        assert quiet.run("member", "set", "acme", f"u{made}",
                         "member").returncode == 0
        made += 1
    output, error = process.communicate()
    assert (process.returncode, error) == (0, ""), output
    assert output.startswith("Removed 20000 events")
    assert len(kept(quiet)) == made


@pytest.mark.backend
def test_import_of_many_is_listed_although_all_have_one_time(empty):
    empty.import_rows([row(n, team=f"t{n % 7}") for n in range(300)],
                      "--over-limit")
    events = listed(empty, "--action", "key.import")
    assert len({event["keyId"] for event in events}) == 300
    assert {event["keyName"] for event in events} == {
        f"key {n}" for n in range(300)}

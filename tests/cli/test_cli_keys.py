# SPDX-License-Identifier: Apache-2.0
"""Keys are created, shown once, listed and deleted."""

import datetime
import hashlib
import os
import pty
import pwd
import re
import shlex
import socket
import subprocess
import time
import zlib

import pytest

from harness import only_on
from uptime_tool import USER

CREATE = ["key", "create", "acme", "--name", "N", "--scope", "monitors:read"]


def stored(tool):
    ((*values,),) = tool.rows(
        "SELECT id, team_id, slot, name, key_hash, key_prefix, scopes, "
        "created_at, created_by, last_used_at, expires_at FROM uptime_keys")
    return dict(zip(("id", "team", "slot", "name", "hash", "prefix", "scopes",
                     "created", "by", "used", "expires"), values))


def test_key_is_alone_on_standard_output(tool):
    assert re.fullmatch("uptime_[0-9a-f]{64}\n", tool.good(*CREATE))


def test_key_in_a_shell_variable(tool):
    words = shlex.join(tool.command(*CREATE))
    shell = f'KEY=$({words}) && printf %s "$KEY" | sha256sum'
    done = subprocess.run(["sh", "-c", shell], capture_output=True, text=True,
                          timeout=60, check=True)
    assert done.stdout.split()[0] == stored(tool)["hash"]


def test_what_is_stored_of_a_key(tool):
    begin = time.time()
    key = tool.key(name="Büro", scopes=["monitors:read", "cron-jobs:ping"])
    row = stored(tool)
    assert row["hash"] == hashlib.sha256(key.encode()).hexdigest()
    assert key[63:] == f"{zlib.crc32(key[:63].encode()):08x}"
    assert row["prefix"] == key[:15]
    assert re.fullmatch("key_[0-7][0-9a-hjkmnp-tv-z]{25}", row["id"])
    assert (row["team"], row["name"]) == ("acme", "Büro")
    assert row["scopes"] == '["monitors:read","cron-jobs:ping"]'
    assert (row["used"], row["expires"]) == (None, None)
    assert begin - 1 <= row["created"] / 1000 <= time.time() + 1
    assert 1 <= row["slot"] <= 10


def test_the_key_itself_is_nowhere_in_the_files(tool):
    key = tool.key().encode()
    for path in tool.database.files():
        assert key[20:63] not in path.read_bytes()


def test_actor_is_the_user_at_this_host(tool):
    tool.key()
    assert stored(tool)["by"] == f"cli:{USER}"
    assert set(tool.rows("SELECT actor, source FROM uptime_audit")) == {
        (f"cli:{USER}", socket.gethostname())}


def test_a_user_without_a_name_is_a_number(tool):
    if os.geteuid() != 0:
        pytest.skip("only root can be somebody else")
    with pytest.raises(KeyError):
        pwd.getpwuid(54321)
    tool.folder.chmod(0o777)
    if tool.database.dialect == "sqlite3":
        tool.file.chmod(0o666)
    subprocess.run(["setpriv", "--reuid=54321", "--regid=54321",
                    "--clear-groups", "--", *tool.bare_command(*CREATE)],
                   check=True, capture_output=True)
    assert stored(tool)["by"] == "cli:54321"


def test_keys_differ(tool):
    keys = {tool.key() for _ in range(10)}
    assert len(keys) == len({key[:15] for key in keys}) == 10


def test_scopes_in_any_arrangement_and_each_once(tool):
    tool.good("key", "create", "--scope", "monitors:read", "alerts:read",
              "--name=N", "--scope=monitors:read", "--scope", "teams:read",
              "--", "acme")
    assert stored(tool)["scopes"] == (
        '["monitors:read","alerts:read","teams:read"]')


def milliseconds(text):
    moment = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return round(moment.timestamp() * 1000)


@pytest.mark.parametrize("when, instant", [
    ("2999-12-31", "2999-12-31T23:59:59.999Z"),
    ("2996-02-29", "2996-02-29T23:59:59.999Z"),
    ("2999-12-31T18:00:00Z", "2999-12-31T18:00:00Z"),
    ("2999-12-31t18:00:00.25z", "2999-12-31T18:00:00.250Z"),
    ("2999-12-31T18:00:00+01:00", "2999-12-31T17:00:00Z"),
    ("2999-12-31T23:30:00-08:00", "3000-01-01T07:30:00Z"),
])
def test_expiry_is_an_instant_or_the_end_of_a_day(tool, when, instant):
    tool.key("--expires", when)
    assert stored(tool)["expires"] == milliseconds(instant)


def test_today_is_still_in_the_future(tool):
    today = datetime.datetime.now(datetime.timezone.utc)
    if (today.hour, today.minute) == (23, 59):
        pytest.skip("today ends before this test does")
    tool.key("--expires", today.strftime("%Y-%m-%d"))


@pytest.mark.parametrize("when", [
    "", "tomorrow", "2020-01-01", "2020-01-01T00:00:00Z", "2999-02-29",
    "2999-13-01", "2999-12-31T18:00:00", "2999-12-31 18:00:00Z",
    "2999-12-31T24:00:00Z", "2999-12-31T23:59:60Z", "99991231",
    "2999-12-31Z", "4102444800", "2999-1-1", "02999-12-31", "-1"])
def test_expiries_that_are_refused(tool, when):
    assert "--expires: " in tool.refused(*CREATE, f"--expires={when}")
    assert tool.json("key", "list", "acme") == []


def test_all_mistakes_are_in_one_line(tool):
    line = tool.refused("key", "create", "acme", "--name", "", "--scope",
                        "monitors:raed", "alerts:read", "nonsense",
                        "--expires", "soon")
    for part in ("--name: ", "--scope monitors:raed: no such scope; did you "
                 "mean monitors:read?", "--scope nonsense: ", "--expires: "):
        assert part in line
    assert "alerts:read" not in line


def test_eleventh_key_is_refused_with_what_to_do(tool):
    for _ in range(10):
        tool.key()
    line = tool.refused(*CREATE)
    advice = re.fullmatch(r"team acme has 10 of 10 keys: delete one first "
                          r"\(uptime-keys .* (key list acme)\)", line)
    tool.good(*advice[1].split())
    key = tool.json("key", "list", "acme")[4]["id"]
    tool.good("key", "delete", key)
    tool.key()
    assert len(tool.json("key", "list", "acme")) == 10


def test_an_expired_key_counts(tool):
    for _ in range(10):
        tool.key()
    tool.execute("UPDATE uptime_keys SET expires_at = 1")
    assert "10 of 10" in tool.refused(*CREATE)


@pytest.mark.parametrize("target", ["/dev/full", "closed", "broken pipe"])
def test_a_key_that_cannot_be_printed_is_taken_back(tool, target):
    if target == "broken pipe":
        reader, output = os.pipe()
        os.close(reader)
    else:
        output = os.open("/dev/full", os.O_WRONLY)
    command = tool.command(*CREATE)
    if target == "closed":
        command = ["sh", "-c", '"$@" >&-', "sh", *command]
    done = subprocess.run(command, stdout=output, stderr=subprocess.PIPE,
                          text=True, timeout=60, check=False)
    os.close(output)
    assert done.returncode == 1
    assert "was deleted again" in done.stderr and "uptime_" not in done.stderr
    assert tool.json("key", "list", "acme") == []
    assert tool.rows("SELECT action FROM uptime_audit WHERE key_id IS NOT "
                     "NULL ORDER BY id") == [("key.create",), ("key.delete",)]
    tool.database.assert_sound()


def test_a_key_that_cannot_be_taken_back_is_named(tool):
    tool.database.create_trigger("no", "BEFORE", "DELETE", "uptime_keys")
    with open("/dev/full", "w") as full:
        done = tool.run(*CREATE, capture_output=False, stdout=full, stderr=-1)
    assert done.returncode == 1
    assert f"key delete {stored(tool)['id']}" in done.stderr


def test_list_for_programs(tool):
    key = tool.key("--expires", "2999-12-31", name="N")
    (listed,) = tool.json("key", "list", "acme")
    row = stored(tool)
    assert listed == {
        "id": row["id"], "name": "N", "scopes": ["monitors:read"],
        "createdAt": row["created"], "lastUsedAt": None,
        "expiresAt": row["expires"], "keyPrefix": key[:15]}


def test_list_is_newest_first(tool):
    for name in "abc":
        tool.key(name=name)
        tool.execute("UPDATE uptime_keys SET created_at = created_at - 5")
    assert [key["name"] for key in tool.json("key", "list", "acme")] == [
        "c", "b", "a"]


def test_list_for_humans(tool):
    tool.key("--expires", "2999-12-31", name="日本",
             scopes=["monitors:read", "alerts:read"])
    tool.execute("UPDATE uptime_keys SET last_used_at = 1700000000123, "
                 "created_at = 2")
    tool.key(name="long " * 20)
    tool.key(name="old")
    tool.execute("UPDATE uptime_keys SET expires_at = 1000, created_at = 1 "
                 "WHERE name = 'old'")
    head, first, second, third = tool.good("key", "list",
                                           "acme").splitlines()
    assert re.split("  +", head) == ["ID", "PREFIX", "NAME", "LAST USED",
                                     "EXPIRES", "SCOPES"]
    assert re.split("  +", first)[2:] == [
        ("long " * 20)[:39] + "…", "never", "never", "monitors:read"]
    assert re.split("  +", second)[2:] == [
        "日本", "2023-11-14T22:13:20Z", "2999-12-31T23:59:59Z",
        "monitors:read alerts:read"]
    assert re.split("  +", third)[4] == "1970-01-01T00:00:01Z EXPIRED"
    # Characters may be two columns wide.
    assert second.index("2023") == head.index("LAST USED") - len("日本")


def test_names_from_plain_sql_cannot_move_the_cursor(tool):
    tool.key()
    tool.execute("UPDATE uptime_keys SET name = ?, scopes = ?",
                 "a\033[2Jb\r\nc\u202ed", '["x\\u001b[2J"]')
    line = tool.good("key", "list", "acme").splitlines()[1]
    assert line.isprintable()
    assert r"a\u{1b}[2Jb\u{d}\u{a}c\u{202e}d" in line
    (key,) = tool.json("key", "list", "acme")
    assert key["name"] == "a\033[2Jb\r\nc\u202ed"


@only_on("sqlite3", reason="it stores any bytes as a text")
def test_a_name_that_is_not_utf8_is_listed_all_the_same(tool):
    tool.key()
    tool.execute("UPDATE uptime_keys SET name = CAST(x'61ff' AS TEXT)")
    assert r"a\xff" in tool.good("key", "list", "acme")


def test_rows_that_are_not_ours_are_listed_all_the_same(tool):
    tool.key()
    tool.execute("UPDATE uptime_keys SET scopes = 'none', "
                 "expires_at = 999999999999999999")
    assert "999999999999999999 ms" in tool.good("key", "list", "acme")
    assert tool.json("key", "list", "acme")[0]["scopes"] == []


def test_list_on_a_terminal_is_the_same_text(tool):
    tool.key()
    piped = tool.good("key", "list", "acme")
    ours, theirs = pty.openpty()
    with os.fdopen(ours, "rb") as terminal:
        done = tool.run("key", "list", "acme", capture_output=False,
                        stdout=theirs)
        os.close(theirs)
        assert done.returncode == 0
        assert os.read(terminal.fileno(), 65536).decode().replace(
            "\r\n", "\n") == piped


def test_delete_is_final(tool):
    tool.key()
    (key,) = tool.json("key", "list", "acme")
    assert tool.good("key", "delete", key["id"]) == ""
    assert tool.json("key", "list", "acme") == []
    assert key["id"] in tool.refused("key", "delete", key["id"])


@pytest.mark.parametrize("ident", [
    "", "nonsense", "key_", "KEY_01h455vb4pex5vsknk084sn02q",
    "key_81h455vb4pex5vsknk084sn02q", "key_01h455vb4pex5vsknk084sn02",
    "key_01h455vb4pex5vsknk084sn02qq", "key_01h455vb4pex5vsknk084sn02u",
    "key_01h455vb4pex5vsknk084sn02q", "%"])
def test_delete_of_what_does_not_exist_is_refused(tool, ident):
    tool.key()
    assert "key list TEAM" in tool.refused("key", "delete", ident)
    assert len(tool.json("key", "list", "acme")) == 1


def test_delete_raises_the_counter(tool):
    tool.key()
    before = tool.rows("SELECT counter FROM uptime_changes")[0][0]
    tool.good("key", "delete", tool.json("key", "list", "acme")[0]["id"])
    assert tool.rows("SELECT counter FROM uptime_changes")[0][0] > before

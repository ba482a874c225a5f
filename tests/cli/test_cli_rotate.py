# SPDX-License-Identifier: Apache-2.0
"""Keys get a new secret, while the old one goes on for some time."""

import hashlib
import os
import re
import subprocess
import time

import pytest

from harness import only_on

ONCE = only_on("sqlite3", reason="how words are read is the same")
DAY = 86_400_000


def digest(key):
    return hashlib.sha256(key.encode()).hexdigest()


def secrets(tool):
    """(hash, previous hash) of the only key."""
    ((*found,),) = tool.rows(
        "SELECT key_hash, previous_hash FROM uptime_keys")
    return tuple(found)


def rotate(tool, *words):
    """Rotate the only key; returns the new secret."""
    return tool.good("key", "rotate", tool.listed()["id"],
                     *words).removesuffix("\n")


def overlap(tool):
    """Milliseconds that the old secret goes on; None if it has ended."""
    previous = tool.listed().get("previous")
    return previous and previous["endsAt"] - int(time.time() * 1000)


def near(milliseconds, expected):
    return expected - 60_000 < milliseconds <= expected


@pytest.mark.backend
def test_the_new_secret_is_alone_on_standard_output(tool):
    old = tool.key("--expires", "2999-12-31", "--address", "::1", name="N")
    before = tool.listed()
    tool.execute("UPDATE uptime_keys SET last_used_at = 5")
    text = tool.good("key", "rotate", before["id"])
    assert re.fullmatch("uptime_[0-9a-f]{64}\n", text)
    new = text.strip()
    after = tool.listed()
    previous = after.pop("previous")
    assert after == before | {"keyPrefix": new[:15], "lastUsedAt": None}
    assert (previous["keyPrefix"], previous["lastUsedAt"]) == (old[:15], 5)
    assert secrets(tool) == (digest(new), digest(old))
    assert tool.rows("SELECT action FROM uptime_audit WHERE key_id = ? "
                     "ORDER BY id", before["id"]) == [("key.create",),
                                                      ("key.rotate",)]


@ONCE
@pytest.mark.parametrize("given, expected", [
    (None, DAY), ("90s", 90_000), ("120m", 2 * 3_600_000),
    ("24h", DAY), ("720h", 30 * DAY), ("30d", 30 * DAY),
    ("2592000s", 30 * DAY)])
def test_overlap(tool, given, expected):
    tool.key()
    rotate(tool, *(["--overlap", given] if given else []))
    assert near(overlap(tool), expected)


@ONCE
@pytest.mark.parametrize("given", ["0", "0s", "0d"])
def test_without_overlap_the_old_secret_ends_at_once(tool, given):
    old = tool.key()
    new = rotate(tool, "--overlap", given)
    assert "previous" not in tool.listed()
    assert secrets(tool) == (digest(new), digest(old))


@ONCE
@pytest.mark.parametrize("given", [
    "", "1", "90", "31d", "721h", "2592001s", "-1s", "1.5h", "1 h", "1w",
    "24H", "+1h", "h", "99999999999d", "0x1h", "24hours"])
def test_overlaps_that_are_refused(tool, given):
    tool.key()
    before = tool.rows("SELECT * FROM uptime_keys")
    line = tool.refused("key", "rotate", tool.listed()["id"],
                        f"--overlap={given}")
    assert line.startswith("--overlap: ")
    assert all(form in line for form in ("90s", "30m", "24h", "30d"))
    assert tool.rows("SELECT * FROM uptime_keys") == before


def test_the_old_secret_ends_with_the_key(tool):
    tool.key("--expires", "+1d")
    rotate(tool, "--overlap", "30d")
    key = tool.listed()
    assert key["previous"]["endsAt"] == key["expiresAt"]


@pytest.mark.backend
def test_a_key_has_two_secrets_at_most(tool):
    tool.key()
    second = rotate(tool)
    third = rotate(tool)
    assert secrets(tool) == (digest(third), digest(second))


@pytest.mark.backend
def test_a_full_team_can_rotate(tool):
    for _ in range(10):
        tool.key()
    key = tool.json("key", "list", "acme")[4]
    tool.good("key", "rotate", key["id"])
    assert len(tool.json("key", "list", "acme")) == 10


@pytest.mark.backend
def test_if_prefix_makes_a_second_run_harmless(tool):
    old = tool.key()
    ident = tool.listed()["id"]
    words = ["key", "rotate", ident, "--if-prefix", old[:15]]
    tool.good(*words)
    before = tool.rows("SELECT * FROM uptime_keys")
    line = tool.refused(*words)
    assert line.startswith(f"{ident} was not rotated: ")
    assert "another secret by now" in line
    assert tool.rows("SELECT * FROM uptime_keys") == before
    assert len(tool.rows("SELECT id FROM uptime_audit WHERE "
                         "action = 'key.rotate'")) == 1


@pytest.mark.backend
@pytest.mark.parametrize("change, hint", [
    ("disabled_at = 5, disabled_reason = 'manual'", "enable it"),
    ("expires_at = 5", "later expiry")])
def test_keys_that_are_not_rotated(tool, change, hint):
    tool.key()
    tool.execute(f"UPDATE uptime_keys SET {change}")
    before = tool.rows("SELECT * FROM uptime_keys")
    assert hint in tool.refused("key", "rotate", tool.listed()["id"])
    assert tool.rows("SELECT * FROM uptime_keys") == before


@pytest.mark.backend
def test_a_key_that_leaked_is_rotated_without_overlap_and_enabled(tool):
    tool.key()
    tool.execute("UPDATE uptime_keys SET disabled_at = 5, "
                 "disabled_reason = 'leaked'")
    rotate(tool, "--overlap", "30d")
    assert not {"disabledAt", "previous"} & set(tool.listed())


@ONCE
def test_overlap_of_the_configuration_file(tool):
    tool.configure("UptimeKeysRotateOverlap 7200")
    tool.key()
    rotate(tool)
    assert near(overlap(tool), 7_200_000)
    rotate(tool, "--overlap", "1h")
    assert near(overlap(tool), 3_600_000)
    tool.configure("UptimeKeysRotateOverlap 0")
    rotate(tool)
    assert overlap(tool) is None


def run_into(tool, target, *words):
    """Run a command whose standard output takes nothing."""
    if target == "broken pipe":
        reader, output = os.pipe()
        os.close(reader)
    else:
        output = os.open("/dev/full", os.O_WRONLY)
    command = tool.command(*words)
    if target == "closed":
        command = ["sh", "-c", '"$@" >&-', "sh", *command]
    done = subprocess.run(command, stdout=output, stderr=subprocess.PIPE,
                          text=True, timeout=60, check=False)
    os.close(output)
    assert done.returncode == 1
    assert done.stderr.startswith("uptime-keys: ")
    assert done.stderr.count("\n") == 1
    return done.stderr


@ONCE
@pytest.mark.parametrize("target", ["closed", "broken pipe"])
def test_without_a_place_for_the_secret_nothing_is_rotated(tool, target):
    tool.key()
    before = tool.rows("SELECT * FROM uptime_keys")
    line = run_into(tool, target, "key", "rotate", tool.listed()["id"])
    assert "was not rotated" in line
    assert tool.rows("SELECT * FROM uptime_keys") == before


@pytest.mark.backend
def test_a_secret_that_cannot_be_printed_is_no_silent_loss(tool):
    """A disk that is full tells only when it is written to."""
    old = tool.key()
    ident = tool.listed()["id"]
    line = run_into(tool, "full", "key", "rotate", ident)
    key = tool.listed()
    assert key["previous"]["keyPrefix"] == old[:15]
    assert key["keyPrefix"] not in line     # nobody has it
    until = re.search(rf"the old one, {old[:15]}, goes on until (\S+): ", line)
    seconds = key["previous"]["endsAt"] // 1000
    assert until[1].startswith(time.strftime("%Y-%m-%dT%H:%M:%S",
                                             time.gmtime(seconds)))
    assert "that ends it" in line
    # As it says.
    words = line.rpartition("key rotate ")[2].split()
    new = tool.good("key", "rotate", *words).strip()
    assert secrets(tool)[0] == digest(new)


@ONCE
def test_a_secret_that_is_lost_without_overlap(tool):
    tool.key()
    line = run_into(tool, "full", "key", "rotate", tool.listed()["id"],
                    "--overlap", "0")
    assert "the old one has ended" in line and "rotate it again" in line


@pytest.mark.backend
def test_a_rotation_that_the_database_refuses(tool):
    key = tool.key()
    before = tool.rows("SELECT * FROM uptime_keys")
    ident = tool.listed()["id"]
    tool.database.create_trigger("no", "BEFORE", "UPDATE", "uptime_keys")
    line = tool.refused("key", "rotate", ident)
    assert line.startswith("the database failed: ")
    assert f"if the prefix of {ident} in key list is another one now" in line
    assert tool.rows("SELECT * FROM uptime_keys") == before
    assert tool.listed()["keyPrefix"] == key[:15]


def test_the_new_secret_is_nowhere_in_the_files(tool):
    tool.key()
    new = rotate(tool).encode()
    for path in tool.database.files():
        assert new[20:63] not in path.read_bytes()

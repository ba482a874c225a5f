# SPDX-License-Identifier: Apache-2.0
"""Keys are found in any text, and ended."""

import hashlib
import json
import random
import resource
import subprocess
import time
import zlib

import pytest

from harness import environment, only_on
from uptime_tool import NO_KEY

ONCE = only_on("sqlite3", reason="how words are read is the same")
CHUNK = 64 * 1024
LITTLE = 32 * 1024 * 1024


def made(number):
    """A key that nobody has."""
    start = f"uptime_{random.Random(number).getrandbits(224):056x}"
    return start + f"{zlib.crc32(start.encode()):08x}"


def leaked(tool, text, *words, **options):
    """What is found in a text: [(prefix, id, was active)]."""
    text = text.encode() if isinstance(text, str) else text
    done = tool.run("key", "leaked", "-", "--json", *words, input=text,
                    text=False, **options)
    assert (done.returncode, done.stderr) == (0, b""), done
    return [(key["keyPrefix"], key["id"], key["wasActive"])
            for key in json.loads(done.stdout)]


def is_leaked(tool, ident):
    ((reason,),) = tool.rows(
        "SELECT disabled_reason FROM uptime_keys WHERE id = ?", ident)
    return reason == "leaked"


def leaks(tool):
    return [ident for (ident,) in tool.rows(
        "SELECT key_id FROM uptime_audit WHERE action = 'key.leak' "
        "ORDER BY id")]


@pytest.mark.backend
def test_keys_in_a_text_are_disabled_and_the_others_are_not(tool):
    keys = [tool.key(name=f"key {n}") for n in range(3)]
    ids = [tool.id_of(key) for key in keys]
    before = tool.rows("SELECT counter FROM uptime_changes")[0][0]
    text = f'+KEY="{keys[0]}"\n-curl -H "Authorization: Bearer {keys[2]}" x\n'
    assert leaked(tool, text) == [(keys[0][:15], ids[0], True),
                                  (keys[2][:15], ids[2], True)]
    assert [is_leaked(tool, ident) for ident in ids] == [True, False, True]
    assert sorted(leaks(tool)) == sorted([ids[0], ids[2]])
    assert tool.rows("SELECT counter FROM uptime_changes")[0][0] > before
    # Once more there is nothing to do.
    assert leaked(tool, text) == [(keys[0][:15], ids[0], False),
                                  (keys[2][:15], ids[2], False)]
    assert len(leaks(tool)) == 2


@pytest.mark.backend
def test_what_people_see(tool):
    active, rotated, disabled = (tool.key(name=name) for name in "abc")
    tool.good("key", "rotate", tool.id_of(rotated))
    tool.good("key", "disable", tool.id_of(disabled))
    stranger = made(1)
    path = tool.write("paste.txt", "\n".join(
        [active, rotated, disabled, stranger]))
    dry = tool.good("key", "leaked", path, "--dry-run").splitlines()
    assert [line.split()[0] for line in dry] == [
        "PREFIX", *(key[:15] for key in (active, rotated, disabled, stranger))]
    assert [line.split("  ")[-1].strip() for line in dry[1:]] == [
        "active", "active, the old secret", "was not active",
        "not a key of this database"]
    assert leaks(tool) == []
    done = tool.good("key", "leaked", path)
    for key in active, rotated, disabled, stranger:
        assert key[15:] not in done
    assert [line.split("  ")[-1].strip() for line in done.splitlines()[1:]] == [
        "was active; the key is disabled now",
        "was active; the old secret, which ends now", "was not active",
        "not a key of this database"]
    assert tool.good("key", "leaked", tool.write("none", "hello")) == (
        "No key was found.\n")


@pytest.mark.backend
def test_an_old_secret_ends_alone(tool):
    old = tool.key()
    ident = tool.listed()["id"]
    new = tool.good("key", "rotate", ident).strip()
    assert leaked(tool, old) == [(old[:15], ident, True)]
    key = tool.listed()
    assert not {"previous", "disabledAt"} & set(key)
    assert leaked(tool, old) == [(old[:15], ident, False)]
    assert leaked(tool, new + old) == [(new[:15], ident, True),
                                       (old[:15], ident, False)]
    assert is_leaked(tool, ident)


@pytest.mark.backend
def test_a_key_disabled_by_hand_is_not_to_be_enabled_after_a_leak(tool):
    key = tool.key()
    ident = tool.listed()["id"]
    tool.good("key", "disable", ident)
    assert leaked(tool, key) == [(key[:15], ident, False)]
    assert "rotate it" in tool.refused("key", "enable", ident)


PLACES = {
    "alone": b"%s", "a line": b"x\n%s\ny\n", "CR LF": b"a=%s\r\n",
    "JSON": b'{"key":"%s"}', "a URL": b"https://x/?key=%s&y=1",
    "after letters": b"x_%s", "after a u": b"u%s", "after its u": b"upt%s",
    "after half a key": b"uptime_%s",
    "after the beginning of one": b"uptime_0123456789abcdef%s",
    "before letters": b"%szzz", "before digits": b"%s0123456789abcdef",
    "NUL bytes": b"\0\0%s\0\0", "no UTF-8": b"\xff\xfe%s\xff",
    "twice": b"%s %s",
}


@ONCE
@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES.keys())
def test_a_key_is_found_wherever_it_stands(tool, place):
    key = tool.key()
    text = place.replace(b"%s", key.encode())
    assert leaked(tool, text) == [(key[:15], tool.listed()["id"], True)]


@ONCE
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le"])
def test_a_key_in_another_encoding(tool, encoding):
    """As some shells write to a file."""
    key = tool.key()
    text = f"KEY={key}\r\n".encode(encoding)
    found = [(key[:15], tool.listed()["id"], True)]
    assert leaked(tool, text, "--dry-run") == found
    edge = len(text) // 2
    assert leaked(tool, b"x" * (CHUNK - edge) + text) == found


NEAR_MISSES = {
    "too short": lambda key: key[:-1],
    "too short and a line": lambda key: key[:-1] + "\n",
    "a wrong digit": lambda key: key[:20] + (
        "0" if key[20] != "0" else "1") + key[21:],
    "a wrong checksum": lambda key: key[:-1] + (
        "0" if key[-1] != "0" else "1"),
    "upper case": str.upper,
    "upper case in part": lambda key: key[:7] + key[7:].upper(),
    "broken in two": lambda key: key[:40] + "\n" + key[40:],
    "another scheme": lambda key: "Uptime_" + key[7:],
    "without scheme": lambda key: key[7:],
    "the prefix": lambda key: key[:15],
    "nothing": lambda key: "",
}


@ONCE
@pytest.mark.parametrize("change", NEAR_MISSES.values(),
                         ids=NEAR_MISSES.keys())
def test_what_is_nearly_a_key_is_none(tool, change):
    key = "".join(["uptime_", "c0ffee" * 9, "ab"])
    key += f"{zlib.crc32(key.encode()):08x}"
    assert leaked(tool, key, "--dry-run") == [(key[:15], None, False)]
    assert leaked(tool, change(key), "--dry-run") == []


@ONCE
def test_keys_that_cross_the_edges_of_what_is_read(tool):
    key = tool.key().encode()
    for edge in range(-72, 3):
        text = b"." * (CHUNK + edge) + key
        assert leaked(tool, text, "--dry-run") == [
            (key[:15].decode(), tool.listed()["id"], True)], edge


@ONCE
def test_a_stream_that_comes_byte_by_byte(tool):
    key = tool.key()
    process = tool.start("key", "leaked", "-", "--json", stdin=-1, bufsize=0,
                         text=False)
    for byte in f"x{key}".encode():
        process.stdin.write(bytes([byte]))
    output, error = process.communicate(timeout=60)
    assert error == b""
    assert [key["wasActive"] for key in json.loads(output)] == [True]


@pytest.mark.backend
def test_many_keys_each_once_in_little_memory(tool):
    """More than are looked up at once, in many MiB."""
    ours = tool.key()
    keys = [made(n) for n in range(2100)]
    filler = "x" * 16_000
    text = filler.join([*keys[:2050], ours, *keys[:100], *keys[2050:], ours])
    assert len(text) > LITTLE
    found = leaked(tool, text, preexec_fn=limit_memory)
    assert len(found) == 2101
    assert [was for *_, was in found].count(True) == 1
    assert found[2050] == (ours[:15], tool.listed()["id"], True)


def limit_memory():
    """To less than the text has; a sanitizer needs more."""
    if not environment.PRELOAD:
        resource.setrlimit(resource.RLIMIT_DATA, (LITTLE, LITTLE))


@ONCE
@pytest.mark.parametrize("name", ["nothing.txt", "."])
def test_a_file_that_cannot_be_read(tool, name):
    done = tool.run("key", "leaked", name)
    assert done.returncode == 1
    assert f"cannot read {'all of ' if name == '.' else ''}{name}" in (
        done.stderr)


@ONCE
def test_a_key_as_the_name_of_a_file_is_not_repeated(tool):
    key = tool.key()
    assert key[20:] not in tool.refused("key", "leaked", key)


@ONCE
def test_what_takes_long_to_read_leaves_time_for_the_database(tool):
    """All of it, as the time is counted anew."""
    key = tool.key()
    process = tool.start("key", "leaked", "-", "--timeout", "2", stdin=-1)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(timeout=2.5)
    unlock = tool.database.lock_keys()
    begin = time.monotonic()
    try:
        output, error = process.communicate(key, timeout=60)
    finally:
        unlock()
    assert (process.returncode, output) == (1, "")
    assert "no answer from the database in 2 seconds" in error
    assert time.monotonic() - begin > 1.5
    assert key[20:] not in error
    assert not is_leaked(tool, tool.listed()["id"])

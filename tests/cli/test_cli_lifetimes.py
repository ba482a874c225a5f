# SPDX-License-Identifier: Apache-2.0
"""The limits of lifetimes hold for every command that makes or prolongs."""

import time

import pytest

from harness import only_on
from test_cli_check import finding
from uptime_tool import end_of_day, row

ONCE = only_on("sqlite3", reason="how words are read is the same")
MAX, DEFAULT = "UptimeKeysMaxLifetime 90", "UptimeKeysDefaultLifetime 30"
CREATE = ["key", "create", "acme", "--name", "N", "--scope", "alerts:read"]
OVER = "a key lives at most 90 days here: until "
OVER_IMPORT = ("the key lives longer than UptimeKeysMaxLifetime allows; "
               "--over-lifetime takes it all the same")


def days(number):
    """The end of that day, as an RFC 3339 string."""
    return time.strftime("%Y-%m-%d", time.gmtime(end_of_day(number) / 1000))


@ONCE
def test_create_within_the_maximum(tool):
    tool.configure(MAX)
    for when in "2999-12-31", "+91d", days(91), "9999-12-31T23:59:59Z":
        line = tool.refused(*CREATE, "--expires", when)
        assert line.startswith(f"--expires: {OVER}"), line
    line = tool.refused(*CREATE)
    assert line.startswith(f"--expires: {OVER}")
    assert line.endswith(", and it was not given")
    assert tool.json("key", "list", "acme") == []
    for when in "+90d", days(90), "+1d":
        tool.good(*CREATE, "--expires", when)


@ONCE
def test_default_lifetime(tool):
    tool.configure(MAX, DEFAULT)
    before = end_of_day(30)
    tool.good(*CREATE)
    assert before <= tool.listed()["expiresAt"] <= end_of_day(30)
    tool.configure(DEFAULT)
    tool.good(*CREATE, "--expires", "2999-12-31")


def test_edit_within_the_maximum(tool):
    tool.key()
    ident = tool.listed()["id"]
    tool.configure(MAX, DEFAULT)
    for when in "never", "+91d", "2999-12-31":
        assert OVER in tool.refused("key", "edit", ident, "--expires", when)
    assert tool.listed()["expiresAt"] is None
    # What is not asked for stays as it was before the maximum.
    tool.good("key", "edit", ident, "--name", "other")
    tool.good("key", "disable", ident)
    tool.good("key", "enable", ident)
    assert tool.listed()["expiresAt"] is None
    tool.good("key", "edit", ident, "--expires", "+90d")


@pytest.mark.backend
@pytest.mark.parametrize("words", [[], ["--expires", "2999-12-31"]],
                         ids=["never", "late"])
def test_rotate_brings_a_key_within_the_maximum(tool, words):
    tool.key(*words)
    before = end_of_day(90)
    tool.configure(MAX, DEFAULT)
    tool.good("key", "rotate", tool.listed()["id"])
    assert before <= tool.listed()["expiresAt"] <= end_of_day(90)


def test_rotate_prolongs_nothing(tool):
    tool.key("--expires", "+5d")
    expires = tool.listed()["expiresAt"]
    tool.configure(MAX, DEFAULT)
    tool.good("key", "rotate", tool.listed()["id"])
    assert tool.listed()["expiresAt"] == expires


@pytest.mark.backend
def test_import_within_the_maximum(tool):
    tool.configure(MAX, DEFAULT)
    rows = [row(1, expiresAt=end_of_day(89)), row(2),
            row(3, expiresAt=end_of_day(92), team="new"), row(4, expiresAt=5)]
    done = tool.import_rows(rows)
    assert (done.returncode, done.stdout) == (
        1, "4 lines: 2 added, 0 already there, 2 refused\n")
    assert done.stderr.splitlines() == [
        f"uptime-keys: line {number}: {OVER_IMPORT}" for number in (2, 3)]
    assert [team["id"] for team in tool.json("team", "list")] == ["acme"]
    done = tool.import_rows(rows, "--over-lifetime")
    assert (done.returncode, done.stdout) == (
        0, "4 lines: 2 added, 2 already there, 0 refused\n")
    # What is there already stays as it is, and is no longer asked.
    done = tool.import_rows(rows)
    assert (done.returncode, done.stdout) == (
        0, "4 lines: 0 added, 4 already there, 0 refused\n")


@pytest.mark.backend
def test_check_counts_keys_that_live_longer(tool):
    assert finding(tool, "lifetimes") is None
    tool.configure("DBDMax 25", MAX, DEFAULT)
    tool.good(*CREATE)
    assert finding(tool, "lifetimes") == (
        "ok lifetimes: no key lives longer than 90 days")
    tool.import_rows([row(1)], "--over-lifetime")
    line = finding(tool, "lifetimes")
    assert line.startswith("ok lifetimes: 1 key lives longer than the 90 days "
                           "that UptimeKeysMaxLifetime allows, from before it")
    tool.import_rows([row(2, expiresAt=end_of_day(92)), row(3, expiresAt=5)],
                     "--over-lifetime")
    line = finding(tool, "lifetimes")
    assert line.startswith("ok lifetimes: 2 keys live longer than")
    assert "key edit --expires" in line and days(90) in line


SETTINGS = {
    "a lifetime of 0": (["UptimeKeysMaxLifetime 0"], "from 1 to 36500, or None"),
    "a lifetime that is too long": (["UptimeKeysMaxLifetime 36501"],
                                    "from 1 to 36500, or None"),
    "a lifetime with a unit": (["UptimeKeysDefaultLifetime 30d"],
                               "UptimeKeysDefaultLifetime must be a number"),
    "two maxima": ([MAX, "UptimeKeysMaxLifetime None"],
                   "two different UptimeKeysMaxLifetime, on lines 3 and 4: "
                   "make them the same"),
    "two defaults": ([DEFAULT, "UptimeKeysDefaultLifetime 31"],
                     "two different UptimeKeysDefaultLifetime"),
    "a default beyond the maximum": (["UptimeKeysMaxLifetime 29", DEFAULT],
                                     "UptimeKeysDefaultLifetime 30 is longer "
                                     "than UptimeKeysMaxLifetime 29"),
    "an overlap that is too long": (["UptimeKeysRotateOverlap 2592001"],
                                    "from 0 to 2592000"),
    "an overlap of None": (["UptimeKeysRotateOverlap None"],
                           "from 0 to 2592000"),
    "two overlaps": (["UptimeKeysRotateOverlap 1", "UptimeKeysRotateOverlap 2"],
                     "on lines 3 and 4"),
}


@ONCE
@pytest.mark.parametrize("lines, hint", SETTINGS.values(), ids=SETTINGS.keys())
def test_settings_that_are_refused(tool, lines, hint):
    tool.configure(*lines)
    line = tool.refused("team", "list")
    assert hint in line and "httpd.conf" in line


@ONCE
@pytest.mark.parametrize("lines", [
    ["UptimeKeysMaxLifetime None", DEFAULT], [MAX, "uptimekeysmaxlifetime 90"],
    ["UptimeKeysMaxLifetime 30", DEFAULT], ["UptimeKeysDefaultLifetime none"],
    ["UptimeKeysMaxLifetime 36500", "UptimeKeysRotateOverlap 2592000"]],
    ids="; ".join)
def test_settings_that_are_read(tool, lines):
    tool.configure(*lines)
    tool.good("team", "list")

# SPDX-License-Identifier: Apache-2.0
"""A command that takes something away ends when every server knows: after a
lease, if any server may have cached the key."""

import time

import pytest

from harness import only_on
from uptime_tool import row

pytestmark = [pytest.mark.backend, pytest.mark.waits,
              only_on("sqlite3", "pgsql", "mysql", reason="the same by ODBC")]

LEASE = 1       # second
REFUSAL = 0.2   # seconds for which a server may refuse a key that is new now

# Without ID, which the first argument is.
NARROWING = {
    "delete": ["delete"],
    "edit": ["edit", "--scope", "alerts:read"],
    "disable": ["disable"],
    "rotate": ["rotate", "--overlap", "0"],
    "leaked": ["leaked"],
    # What widens holds everywhere, too, when it has ended.
    "edit to any": ["edit", "--address", "any"],
    # Whoever made the change may have done so just now, and still wait.
    "edit of nothing": ["edit", "--name", "N"],
}


def seconds(tool, words):
    """How long a command takes on a new key."""
    key = tool.key("--address", "::1", name="N")
    (command, *rest), ident = words, tool.id_of(key)
    if command == "leaked":
        ident = tool.write("paste", key)
    start = time.monotonic()
    tool.good("key", command, ident, *rest)
    return time.monotonic() - start


def announce(tool):
    """A server that caches."""
    tool.execute("INSERT INTO uptime_servers VALUES ('elsewhere', ?)",
                 int(time.time() * 1000))


@pytest.mark.parametrize("words", NARROWING.values(), ids=NARROWING.keys())
def test_a_change_waits_for_servers_that_cache(tool, words):
    announce(tool)
    assert seconds(tool, words) > LEASE


def test_a_key_that_leaked_is_waited_for_once(tool):
    """All of a text end together."""
    keys = [tool.key() for _ in range(3)]
    path = tool.write("paste", "\n".join(keys))
    announce(tool)
    start = time.monotonic()
    tool.good("key", "leaked", path)
    assert LEASE < time.monotonic() - start
    assert all(key["disabledReason"] == "leaked"
               for key in tool.json("key", "list", "acme"))


def test_an_import_waits_until_no_server_refuses_its_keys(tool):
    """Also if they were there: another import may wait for the same ones."""
    announce(tool)
    for _ in range(2):
        start = time.monotonic()
        assert tool.import_rows([row(1)]).returncode == 0
        assert time.monotonic() - start > REFUSAL

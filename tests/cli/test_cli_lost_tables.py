# SPDX-License-Identifier: Apache-2.0
"""Each command, on a database that has lost one of its tables: it does all of its
work, or says in one line what is wrong and does nothing."""

import re
import shutil
import sqlite3
from contextlib import closing

import pytest
from harness import only_on
from uptime_tool import give_to_ordinary_user

pytestmark = only_on("sqlite3", reason="copies SQLite's file")

LINE = ('{"team": "globex", "name": "imported", "scopes": ["monitors:read"], '
        f'"keyHash": "{"ab" * 32}", "keyPrefix": "uptime_01234567"}}\n')
# {key} is the id of a key; the key itself, or a line, is on standard input.
COMMANDS = {
    "check": "check",
    "create a team": "team create globex --owner nora",
    "list teams": "team list",
    "delete a team": "team delete acme",
    "give a role": "member set acme adam admin",
    "remove a member": "member remove acme mia",
    "list members": "member list acme",
    "create a key": "key create acme --name new --scope monitors:read",
    "list keys": "key list acme",
    "list unused keys": "key list --unused 1d",
    "edit a key": "key edit {key} --name changed",
    "disable a key": "key disable {key}",
    "enable a key": "key enable {key}",
    "rotate a key": "key rotate {key}",
    "delete a key": "key delete {key}",
    "test an address": "key test-address {key} 192.0.2.1",
    "end leaked keys": "key leaked -",
    "import keys": "key import -",
    "list events": "audit list",
    "prune events": "audit prune --before 9999-12-31",
}


def dump(path):
    with closing(sqlite3.connect(path)) as database:
        return list(database.iterdump())


def tables(path):
    with closing(sqlite3.connect(path)) as database:
        return [table for (table,) in database.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' "
            "AND name LIKE 'uptime%'")]


def without(path, table):
    """A copy of a file that lacks a table."""
    copy = path.with_name(f"without {table}")
    shutil.copyfile(path, copy)
    with closing(sqlite3.connect(copy)) as database:
        database.execute("PRAGMA synchronous=OFF")
        database.execute(f"DROP TABLE {table}")
    give_to_ordinary_user(copy)
    return copy


@pytest.mark.parametrize("name", COMMANDS)
def test_command_without_a_table(tool, name):
    tool.good("member", "set", "acme", "mia", "member")
    secret = tool.key()
    words = [word.format(key=tool.id_of(secret))
             for word in COMMANDS[name].split()]
    given = LINE if name == "import keys" else secret
    whole = tool.file
    failed = []
    for table in tables(whole):
        lacking = without(whole, table)
        before = dump(lacking)
        tool.where[-1] = str(lacking)
        done = tool.run(*words, input=given)
        if done.returncode:
            failed.append(table)
            assert done.returncode == 1, done
            assert dump(lacking) == before
            if name != "check":
                assert done.stdout == ""
                assert re.fullmatch(r"uptime-keys: .*\n", done.stderr), done
    assert failed

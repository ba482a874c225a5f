# SPDX-License-Identifier: Apache-2.0
"""Whatever changes a key by plain SQL is counted and logged, or caches would
keep it.

The columns are asked of the database itself: one that no trigger watches is
found here, whoever adds it.
"""

import pytest

from schema_steps import add_rows

pytestmark = pytest.mark.backend

# What a use of a key changes, all day long.
NOT_COUNTED = {"last_used_at", "previous_used_at"}
# Compared without their blanks at the end, by the look-up as by the trigger.
PADDED = {"mysql": {"id", "team_id", "key_hash", "previous_hash"}}


def columns(tool):
    """(name, whether it holds strings) of each column of uptime_keys."""
    database = tool.database
    if database.dialect == "sqlite3":
        rows = [(row[1], row[2]) for row in
                database.rows("PRAGMA table_info(uptime_keys)")]
    else:
        schema = database.user if database.dialect == "pgsql" \
            else database.name
        rows = database.rows(
            "SELECT column_name, data_type FROM information_schema.columns "
            "WHERE table_schema = ? AND table_name = 'uptime_keys'", schema)
    assert len(rows) > 10
    return [(name, "char" in kind.lower() or "text" in kind.lower())
            for name, kind in rows]


def counter(tool):
    return tool.rows("SELECT counter FROM uptime_changes")[0][0]


def logged(tool, before):
    """How many changes were logged since the counter was there."""
    return tool.rows("SELECT COUNT(*) FROM uptime_log WHERE number > ?",
                     before)[0][0]


def can_be_null(tool, name):
    """Tried out; a row is left as it was."""
    try:
        tool.execute(f"UPDATE uptime_keys SET {name} = NULL")
    except Exception:       # pylint: disable=broad-except
        return False        # each driver has its own
    return True


def changes(tool, name, is_text):
    """SQL values that a column takes one after the other, each a change."""
    values = ["'other'"] if is_text else [7, 8]
    if is_text and name not in PADDED.get(tool.database.dialect, ()) \
            and name != "team_id":
        values += ["'other '", "'Other '"]
    if can_be_null(tool, name):
        values += ["NULL", values[0]]
    return values


def uncounted(tool):
    """Column and value of every change that the counter does not show."""
    add_rows(tool)
    tool.execute("INSERT INTO uptime_teams VALUES ('other', 'Other', 1)")
    found = []
    for name, is_text in columns(tool):
        for value in changes(tool, name, is_text):
            before = counter(tool)
            tool.execute(f"UPDATE uptime_keys SET {name} = {value}")
            if counter(tool) == before:
                found.append((name, value))
            assert logged(tool, before) == counter(tool) - before, name
    return found


def test_a_change_of_any_column_is_counted_and_a_use_is_not(empty):
    found = uncounted(empty)
    assert {name for name, _ in found} == NOT_COUNTED
    assert len(found) == 4 * len(NOT_COUNTED)   # NULL and back, two numbers

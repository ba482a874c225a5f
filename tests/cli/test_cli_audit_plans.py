# SPDX-License-Identifier: Apache-2.0
"""An index leads to the events of each list, in their order: none is sorted,
and none is read to be left out, however many there are.

The statements are those in the program.
"""

import re

import pytest

from harness import only_on
from harness.environment import TOOL

ROWS = 20_000
TIME = 450_000      # of a tenth of them, as after an import

# The conditions by which events are found, and their indexes.
INDEXES = {
    "key_id = %s": "uptime_audit_key_at",
    "team_id = %s AND actor = %s": "uptime_audit_actor",
    "team_id = %s AND action = %s": "uptime_audit_action",
    "team_id = %s AND at": "uptime_audit_team",
    "('0' = %s OR actor": "uptime_audit_at",
}


def statements():
    """(SQL with values, index) of each statement that lists events."""
    found = re.findall(rb"SELECT id, at, action[^\0]*", TOOL.read_bytes())
    for text in sorted({sql.decode() for sql in found}):
        where = text.partition(" WHERE ")[2]
        (index,) = (index for beginning, index in INDEXES.items()
                    if where.startswith(beginning))
        yield with_values(text), index


def is_of_one_time(sql):
    return " AND at = " in sql


def with_values(sql):
    """The key and the actor are of one row in a hundred, and so is the
    action."""
    sql = sql.replace("@uptime", "uptime").replace(" AND @primary", "")
    for column, value in {"key_id": "k7", "team_id": "acme", "actor": "a7",
                          "action": "x7"}.items():
        sql = sql.replace(f"('0' = %s OR {column} = %s)",
                          f"('0' = '0' OR {column} = '')")
        sql = sql.replace(f"{column} = %s", f"{column} = '{value}'")
    values = iter([str(TIME), "10000" if "id " in sql.partition("AND at")[2]
                   [:20] else str(TIME * 2)])
    return re.sub("%lld", lambda _: next(values), sql)


def test_every_list_has_a_statement():
    found = list(statements())
    assert len(found) == 5 * 4 * 2
    assert {index for _, index in found} == set(INDEXES.values())


@pytest.fixture
def full(empty):
    """Events of three teams; the one that is asked for has nearly all."""
    for start in range(0, ROWS, 1000):
        values = ", ".join(
            f"({TIME if 9_000 <= n < 11_000 else n * 50}, 'a{n % 100}', 'x', 'x{n % 90}', "
            f"'{'acme' if n % 50 else 'beta'}', 'k{n % 110}')"
            for n in range(start, start + 1000))
        empty.execute("INSERT INTO uptime_audit (at, actor, source, action, "
                      f"team_id, key_id) VALUES {values}")
    return empty


@only_on("sqlite3", reason="how it tells a plan")
def test_plans_of_sqlite(full):
    for sql, index in statements():
        (line,) = [row[3] for row in full.rows("EXPLAIN QUERY PLAN " + sql)]
        assert f"USING INDEX {index} (" in line, (sql, line)
        end = r"at=\? AND rowid[<>]\?\)" if is_of_one_time(sql) else \
            r"at>\? AND at<\?\)"
        assert re.search(end, line), (sql, line)


@only_on("pgsql", reason="how it tells a plan")
def test_plans_of_postgresql(full):
    full.execute("ANALYZE uptime_audit")
    for sql, index in statements():
        # Few rows may as well be sorted.
        plan = "\n".join(row[0] for row in full.rows(
            "SET enable_sort = off; SET enable_bitmapscan = off; EXPLAIN "
            + sql))
        # Nearly all events are of the team.
        indexes = index.replace("_team", "_(team|at)")
        assert re.search(rf"Index Scan (Backward )?using {indexes} ", plan), (
            sql, plan)
        assert "Sort" not in plan, (sql, plan)
        (conditions,) = re.findall("Index Cond: (.*)", plan)
        assert ("(id " in conditions) == is_of_one_time(sql), (sql, plan)
        assert "(at " in conditions, (sql, plan)


@only_on("mysql", reason="how it tells a plan")
def test_plans_of_mysql(full):
    full.rows("ANALYZE TABLE uptime_audit")
    lengths = {}
    for sql, index in statements():
        (plan,) = full.rows("EXPLAIN FORMAT=TRADITIONAL " + sql)
        assert "range" in plan and index in plan, (sql, plan)
        assert "filesort" not in str(plan), (sql, plan)
        # The length of the used part follows the index.
        place = len(plan) - plan[::-1].index(index)
        lengths.setdefault(index, {})[is_of_one_time(sql)] = int(plan[place])
    for index, length in lengths.items():
        assert length[True] == length[False] + 8, (index, length)

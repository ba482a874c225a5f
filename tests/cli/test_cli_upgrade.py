# SPDX-License-Identifier: Apache-2.0
"""The steps of the schema: from every version, and from halfway."""

import json
import re
from pathlib import Path

import pytest

from harness import only_on
from harness.environment import rarely_on
from schema_steps import (LATEST, add_rows, assert_rows, catalogue, in_any_order,
                          load_by_hand, load_files, made_objects, statements,
                          steps_of, wrong)
from uptime_tool import Tool, give_to_ordinary_user

pytestmark = [pytest.mark.waits, pytest.mark.backend]


def another(tool, name):
    """The tool, and one more database without tables."""
    folder = tool.folder / name
    folder.mkdir()
    give_to_ordinary_user(folder)
    return Tool(folder, program=tool.program)


def fresh_catalogue(tool):
    fresh = another(tool, "fresh")
    fresh.good("init")
    return catalogue(fresh)


def landed(tool):
    """Version: the tables of it, as they were when it landed."""
    files = Path(__file__).parent.glob(f"{tool.database.dialect}-v*.sql")
    return {int(re.search(r"-v(\d+)", file.name)[1]): file.read_text()
            for file in files}


def test_tables_of_every_version_become_those_of_a_fresh_database(bare):
    fresh = fresh_catalogue(bare)
    versions = landed(bare)
    assert {2, LATEST} <= set(versions), "add tests/cli/NAME-vN.sql"
    for version, sql in versions.items():
        old = another(bare, f"v{version}")
        load_by_hand(old, sql)
        add_rows(old)
        old.good("init")
        old.good("check")
        assert catalogue(old) == fresh
        assert_rows(old)


def test_a_table_that_an_earlier_version_lost_is_made_again(bare):
    """The steps expect it, and the dry run promises it."""
    fresh = fresh_catalogue(bare)
    for version, sql in landed(bare).items():
        old = another(bare, f"v{version}")
        load_by_hand(old, sql)
        old.execute("DROP TABLE uptime_audit")
        assert "uptime_audit" in old.good("init", "--dry-run")
        old.good("init")
        old.good("check")
        assert catalogue(old) == fresh


def test_steps_loaded_by_hand_make_what_init_makes(bare):
    load_files(bare, steps_of(bare.database))
    assert catalogue(bare) == fresh_catalogue(bare)


# Which take back what a step of init began: only one loaded by hand ends so.
@rarely_on("pgsql", "odbc-pgsql")
def test_a_step_that_ended_after_any_statement_is_completed(bare):
    """As MySQL leaves it, which cannot take a table back."""
    fresh = fresh_catalogue(bare)
    steps = steps_of(bare.database)
    for number, step in enumerate(steps):
        parts = statements(step)
        for done in range(len(parts) + 1):
            tool = another(bare, f"{step.stem}-{done}")
            load_files(tool, steps[:number])
            if number:
                add_rows(tool)
            load_by_hand(tool, "".join(parts[:done]) or ";")
            tool.good("init")
            tool.good("check")
            assert catalogue(tool) == fresh, (step, done)
            if number:
                assert_rows(tool)


def test_a_step_that_fails_can_be_repeated(bare):
    """Here for a table of that name; MySQL keeps what came before."""
    fresh = fresh_catalogue(bare)
    load_by_hand(bare, "CREATE TABLE uptime_changes (id INTEGER);\n")
    assert "counter" in bare.refused("init")
    if bare.database.dialect != "mysql":
        assert "no tables yet" in bare.refused("team", "list")
    bare.execute("DROP TABLE uptime_changes")
    bare.good("init")
    bare.good("check")
    assert catalogue(bare) == fresh


def lose(tool, kind, name, table):
    """Take an object away."""
    if kind == "index":
        tool.database.lose_index(name, table)
    elif kind == "trigger":
        tool.database.lose_trigger(name, table)
    elif kind == "row":
        tool.execute(f"DELETE FROM {name}")
    elif kind == "column type":
        tool.execute(f"ALTER TABLE {table} MODIFY {name.split('.')[1]} "
                     "VARCHAR(255) NOT NULL")
    elif kind == "column":
        cascade = " CASCADE" if tool.database.dialect == "pgsql" else ""
        if tool.database.dialect == "sqlite3":
            # They name columns, and SQLite has no CASCADE.
            for trigger, in tool.rows("SELECT name FROM sqlite_master "
                                      "WHERE type = 'trigger'"):
                tool.execute(f"DROP TRIGGER {trigger}")
            tool.execute("DROP INDEX uptime_keys_previous")
        tool.execute(f"ALTER TABLE {table} DROP COLUMN "
                     f"{name.split('.')[1]}{cascade}")
    else:
        cascade = " CASCADE" if kind == "function" else ""
        tool.execute(f"DROP {kind} {name}{cascade}")


# Foreign keys need them.
KEPT = {"sqlite3": {"uptime_teams"}, "pgsql": {"uptime_teams"},
        "mysql": {"uptime_teams", "uptime_keys_slot"}}


def test_check_names_everything_that_is_lost_and_init_restores_it(tool):
    before = catalogue(tool)
    objects = made_objects(tool.database)
    assert len(objects) > 15
    for kind, name, table in objects:
        if name in KEPT[tool.database.dialect]:
            continue
        lose(tool, kind, name, table)
        (line,) = wrong(tool)
        if name == "uptime_schema":
            assert "no tables yet" in line
        else:
            assert line.startswith("tables: missing: ") and name in line
            assert name in tool.good("init", "--dry-run")
        tool.good("init")
        tool.good("check")
        assert in_any_order(catalogue(tool)) == in_any_order(before), name


@only_on("pgsql", "odbc-pgsql", reason="it can disable triggers")
def test_init_replaces_a_trigger_that_was_disabled(tool):
    before = catalogue(tool)
    tool.execute(
        "ALTER TABLE uptime_keys DISABLE TRIGGER uptime_keys_changed")
    (line,) = wrong(tool)
    assert line.startswith("tables: missing: uptime_keys_changed")
    tool.good("init")
    tool.good("check")
    assert catalogue(tool) == before


@only_on("mysql", "odbc-mysql", reason="what a user needs to make a trigger")
def test_init_of_good_tables_needs_no_right_to_make_any(tool):
    user = f"plain_{tool.database.name}"
    tool.execute(f"CREATE USER {user}")
    tool.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON "
                 f"{tool.database.name}.* TO {user}")
    tool.where[-1] = tool.where[-1].replace(
        "user=root", f"user={user}").replace("UID=root", f"UID={user}")
    assert "up to date" in tool.good("init")
    fresh = another(tool, "fresh")
    name = fresh.database.name
    tool.execute("GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, INDEX, "
                 f"REFERENCES, ALTER ON {name}.* TO {user}")
    fresh.where[-1] = fresh.where[-1].replace(
        "user=root", f"user={user}").replace("UID=root", f"UID={user}")
    # Triggers are hidden, which does not mean that they are there.
    assert "denied" in fresh.refused("init")


def test_check_names_the_steps_that_are_missing(bare):
    steps = steps_of(bare.database)
    load_files(bare, steps[:-1])
    (line,) = wrong(bare)
    assert line.startswith(
        f"version: step {LATEST} missing: the database has tables of an older "
        "version; run: ")
    assert line.endswith(" init")
    bare.execute("UPDATE uptime_schema SET version = 1")
    assert bare.refused("team", "list").startswith("steps 2, 3")


def files(tool):
    return {path.name: path.read_bytes() for path in tool.folder.iterdir()
            if path.is_file() and path.suffix != ".db-shm"}


def test_a_dry_run_tells_the_steps(bare):
    steps = [int(step.stem) for step in steps_of(bare.database)]
    listed = ", ".join(map(str, steps))
    lines = bare.good("init", "--dry-run").splitlines()
    assert lines[-1] == f"Would make the tables: version {LATEST} (steps {listed})"
    if bare.database.dialect == "sqlite3":
        assert lines[:-1] == [f"Would make {bare.file}"]
        assert not list(bare.folder.iterdir())
    load_files(bare, steps_of(bare.database)[:-1])
    assert bare.good("init", "--dry-run") == \
        f"Would bring the tables from version {LATEST - 1} to {LATEST} " \
        f"(step {LATEST})\n"
    bare.database.lose_trigger("uptime_keys_deleted", "uptime_keys")
    assert bare.good("init", "--dry-run").splitlines()[1:] == [
        "Would restore: uptime_keys_deleted"]
    bare.good("init")
    assert bare.good("init", "--dry-run") == \
        f"The tables are up to date: version {LATEST}\n"


def test_a_dry_run_changes_no_older_tables(bare):
    load_by_hand(bare, landed(bare)[2])
    add_rows(bare)
    before = catalogue(bare)
    bare.good("init", "--dry-run")
    assert catalogue(bare) == before
    assert [tuple(row) for row in bare.rows(
        "SELECT version FROM uptime_schema")] == [(2,)]


def test_a_dry_run_refuses_newer_tables(tool):
    tool.execute("INSERT INTO uptime_schema VALUES (99)")
    line = tool.refused("init", "--dry-run")
    assert "version 99" in line and "newer" in line


@only_on("sqlite3", reason="a file")
def test_a_dry_run_leaves_a_file_as_it_is(bare):
    bare.write("keys.db", "")
    assert bare.good("init", "--dry-run").startswith("Would make the tables")
    assert bare.file.read_bytes() == b""
    bare.good("init")
    bare.execute("PRAGMA journal_mode=DELETE")
    before = files(bare)
    assert bare.good("init", "--dry-run") == (
        f"The tables are up to date: version {LATEST}\n"
        "Would set the journal mode from delete to wal\n")
    assert files(bare) == before


def test_only_init_takes_dry_run(tool):
    line = tool.refused("team", "list", "--dry-run", status=2)
    assert "does not take --dry-run" in line


def test_rows_of_before_get_the_names_of_keys_that_are_left(bare):
    load_by_hand(bare, landed(bare)[4])
    add_rows(bare)
    bare.execute(
        "INSERT INTO uptime_audit (at, actor, source, action, team_id, key_id)"
        " VALUES (1, 'olga', 'x', 'key.create', 'acme', 'key_1'), "
        "(2, 'olga', 'x', 'key.create', 'acme', 'key_2'), "
        "(3, 'olga', 'x', 'key.delete', 'acme', 'key_2'), "
        "(4, 'olga', 'x', 'member.set', 'acme', NULL)")
    bare.good("init")
    bare.good("check")
    assert [(event["action"], event["keyId"], event["keyName"],
             event["keyPrefix"], event["detail"]) for event in json.loads(
                 bare.good("audit", "list", "acme", "--format", "json"))] == [
        ("member.set", None, None, None, None),
        ("key.delete", "key_2", None, None, None),
        ("key.create", "key_2", None, None, None),
        ("key.create", "key_1", "N", "uptime_a", None)]

# SPDX-License-Identifier: Apache-2.0
"""A step that adds a column, changes a trigger, drops an index and changes
rows: three files more, and nothing else.
"""

import shutil
import signal
import time

import pytest
from harness.environment import rarely_on

from next_step import NEXT, build_with_next_step
from schema_steps import (LATEST, add_rows, assert_rows, catalogue,
                          load_by_hand, load_files, statements, steps_of,
                          wrong)
from uptime_tool import PATIENCE, Tool, give_to_ordinary_user

pytestmark = [pytest.mark.waits, pytest.mark.backend]

# The one that watches the new column.
TRIGGER = {"sqlite3": "uptime_keys_changed", "pgsql": "uptime_keys_changed",
           "mysql": "uptime_keys_next_step"}


@pytest.fixture(scope="module")
def copy():
    folder = build_with_next_step()
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def new(folder, copy):
    """The tool that knows the step, and no database yet."""
    return Tool(folder, program=copy / "build/out/uptime-keys")


@pytest.fixture
def old(new):
    """Its database with tables of today, and the tool of today."""
    tool = Tool(new.folder)
    tool.where = new.where
    tool.database = new.database
    tool.good("init")
    add_rows(tool)
    return tool


def another(tool, name):
    folder = tool.folder / name
    folder.mkdir()
    give_to_ordinary_user(folder)
    return Tool(folder, program=tool.program)


def fresh_catalogue(new):
    fresh = another(new, "fresh")
    assert fresh.good("init") == f"Made the tables: version {NEXT}\n"
    fresh.good("check")
    return catalogue(fresh)


def test_tables_are_upgraded_with_their_rows(old, new):
    (line,) = wrong(new)
    assert f"step {NEXT} missing" in line
    assert new.good("init", "--dry-run") == (
        f"Would bring the tables from version {LATEST} to {NEXT} "
        f"(step {NEXT})\n")
    assert new.good("init") == \
        f"Brought the tables from version {LATEST} to {NEXT}\n"
    new.good("check")
    assert new.rows("SELECT next_step FROM uptime_keys")[0][0] == "old"
    assert_rows(new, counter=8)     # by the update, which is watched
    assert catalogue(new) == fresh_catalogue(new)
    assert "newer" in old.refused("init")


def test_what_a_later_step_dropped_is_not_restored(new):
    """The trigger that is restored is the later one."""
    fresh = fresh_catalogue(new)
    new.good("init")
    name = TRIGGER[new.database.dialect]
    new.database.lose_trigger(name, "uptime_keys")
    (line,) = wrong(new)
    assert line.startswith(f"tables: missing: {name};")
    assert "up to date" in new.good("init")
    new.good("check")
    assert catalogue(new) == fresh
    assert "uptime_members_user" not in str(fresh)


def test_what_a_later_step_dropped_goes_with_its_table_made_again(new):
    """MySQL's index stands in the CREATE TABLE of an earlier step."""
    fresh = fresh_catalogue(new)
    new.good("init")
    new.execute("DROP TABLE uptime_members")
    new.good("init")
    new.good("check")
    assert catalogue(new) == fresh


def test_a_column_that_is_lost_is_named_and_restored(new):
    fresh = fresh_catalogue(new)
    new.good("init")
    # SQLite drops no column that a trigger names, which PostgreSQL's does not.
    if new.database.dialect != "pgsql":
        new.database.lose_trigger(TRIGGER[new.database.dialect], "uptime_keys")
    new.execute("ALTER TABLE uptime_keys DROP COLUMN next_step")
    (line,) = wrong(new)
    assert line.startswith("tables: missing: uptime_keys.next_step")
    new.good("init")
    new.good("check")
    assert catalogue(new) == fresh


# Which take back what a step of init began: only one loaded by hand ends so.
@rarely_on("pgsql", "odbc-pgsql")
def test_an_interruption_after_any_statement_is_completed(new, copy):
    steps = steps_of(new.database, copy / "conf/schema")
    parts = statements(steps[-1])
    fresh = fresh_catalogue(new)
    for done in range(1, len(parts) + 1):
        tool = another(new, f"after-{done}")
        load_files(tool, steps[:-1])
        add_rows(tool)
        load_by_hand(tool, "".join(parts[:done]))
        tool.good("init")
        tool.good("check")
        assert catalogue(tool) == fresh, done
        assert tool.rows("SELECT next_step FROM uptime_keys")[0][0] == "old"
        assert_rows(tool, counter=8)


@pytest.mark.parametrize("many", [2, 8])
@pytest.mark.usefixtures("old")
def test_many_upgrade_at_once(new, many):
    fresh = fresh_catalogue(new)
    processes = [new.start("init") for _ in range(many)]
    for process in processes:
        output, error = process.communicate(timeout=PATIENCE)
        assert (process.returncode, error) == (0, ""), output
    new.good("check")
    assert catalogue(new) == fresh
    assert_rows(new, counter=8)
    # Once, whoever did it.
    assert new.rows("SELECT counter FROM uptime_changes")[0][0] == 8


def old_tables(new, name):
    tool = another(new, name)
    load_files(tool, steps_of(tool.database))
    add_rows(tool)
    return tool


def test_an_upgrade_that_is_killed_is_completed(new):
    """At other moments from its begin to its end."""
    fresh = fresh_catalogue(new)
    duration = seconds_to_upgrade(old_tables(new, "unhurt"))
    hits = tries = 0
    while hits < 12:
        tool = old_tables(new, f"killed-{tries}")
        if is_killed(tool.start("init"), duration * (tries % 16) / 16):
            hits += 1
        else:
            # The machine is faster than it was.
            duration *= 0.8
        tries += 1
        tool.good("init")
        tool.good("check")
        assert catalogue(tool) == fresh
        assert_rows(tool, counter=8)


def seconds_to_upgrade(tool):
    begin = time.monotonic()
    tool.good("init")
    return time.monotonic() - begin


def is_killed(process, seconds):
    """Whether it had not ended by then."""
    time.sleep(seconds)
    process.kill()
    process.communicate(timeout=PATIENCE)
    return process.returncode == -signal.SIGKILL

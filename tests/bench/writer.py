# SPDX-License-Identifier: Apache-2.0
"""A process that writes to a database during the load, at a steady rate."""

import contextlib
import functools
import multiprocessing
import time

KEPT = 0.8          # the share of the writes that must be reached
# Rows that it changes in turn, as if keys were used elsewhere.
ROWS = 1000
USED = "last_used_at = last_used_at + 1"
RENAMED = "name = 'key {number}'"


@contextlib.contextmanager
def executing(database):
    """A context with a function that executes and commits a statement, on one
    connection."""
    with contextlib.ExitStack() as stack:
        if database.driver == "sqlite3":
            connection = stack.enter_context(database.connection())
            connection.isolation_level = None
            yield connection.execute
        else:
            connection = stack.enter_context(contextlib.closing(
                database.server.connect(
                    database.user if database.driver == "pgsql"
                    else database.name)))
            yield connection.cursor().execute


def write(database, sql, per_second, rows, begun, end, commits):
    """Write with a transaction for each statement."""
    with executing(database) as execute:
        began = time.monotonic()
        while not end.wait(began + commits.value / per_second
                           - time.monotonic()):
            # Another one than of the run before, or nothing changes.
            execute(sql.format(number=time.monotonic_ns(),
                               slot=commits.value % rows + 1))
            commits.value += 1
            begun.set()


@contextlib.contextmanager
def writing(database, change=USED, per_second=100, rows=ROWS):
    """A context in which it changes one key after the other; asserts its rate
    at the end."""
    sql = (f"UPDATE uptime_keys SET {change} "
           "WHERE team_id = 'acme' AND slot = {slot}")
    begun, end = multiprocessing.Event(), multiprocessing.Event()
    commits = multiprocessing.Value("q", 0)
    process = multiprocessing.Process(
        target=write, daemon=True,
        args=(database, sql, per_second, rows, begun, end, commits))
    process.start()
    assert begun.wait(10), "the writer does not begin"
    began = time.monotonic()
    try:
        yield
    finally:
        due = (time.monotonic() - began) * per_second
        end.set()
        process.join()
    # The first and the last one may fall outside of what was timed.
    assert commits.value + 2 > KEPT * due, \
        f"the writer made {commits.value} commits of {due:.0f}"


def renaming(per_second, rows):
    """For a row: writing() that changes keys, which voids their entries."""
    return functools.partial(writing, change=RENAMED, per_second=per_second,
                             rows=rows)

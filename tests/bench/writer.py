# SPDX-License-Identifier: Apache-2.0
"""A process that writes to a SQLite file during the load, at a steady rate."""

import contextlib
import multiprocessing
import time

PER_SECOND = 100
KEPT = 0.8          # the share of these that must be reached
# Rows that it changes in turn, as if keys were used elsewhere.
ROWS = 1000
UPDATE = ("UPDATE uptime_keys SET last_used_at = last_used_at + 1 "
          "WHERE team_id = 'acme' AND slot = ?")


def write(database, begun, end, commits):
    """Write with a transaction for each statement."""
    with database.connection() as connection:
        connection.isolation_level = None
        began = time.monotonic()
        while not end.wait(began + commits.value / PER_SECOND
                           - time.monotonic()):
            connection.execute(UPDATE, [commits.value % ROWS + 1])
            commits.value += 1
            begun.set()


@contextlib.contextmanager
def writing(database):
    """A context in which it writes; asserts its rate at the end."""
    begun, end = multiprocessing.Event(), multiprocessing.Event()
    commits = multiprocessing.Value("q", 0)
    process = multiprocessing.Process(target=write, daemon=True,
                                      args=(database, begun, end, commits))
    process.start()
    assert begun.wait(10), "the writer does not begin"
    began = time.monotonic()
    try:
        yield
    finally:
        due = (time.monotonic() - began) * PER_SECOND
        end.set()
        process.join()
    assert commits.value > KEPT * due, \
        f"the writer made {commits.value} commits of {due:.0f}"

# SPDX-License-Identifier: Apache-2.0
"""A process that writes to a SQLite file beside the load, at a steady pace."""

import contextlib
import multiprocessing
import time

PER_SECOND = 100
KEPT = 0.8          # of these, or it is no such writer
# Rows that it changes in turns, as if keys were used elsewhere.
ROWS = 1000
UPDATE = ("UPDATE uptime_keys SET last_used_at = last_used_at + 1 "
          "WHERE team_id = 'acme' AND slot = ?")


def write(database, begun, end, commits):
    """Every statement is a transaction of its own."""
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
    """While this lasts it writes, and at the end it has kept its pace."""
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

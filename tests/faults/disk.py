# SPDX-License-Identifier: Apache-2.0
"""A full disk, for which nobody needs to be root.

The kernel lets no file of the server grow beyond the size it has, and says
EFBIG where a full disk says ENOSPC: servers take both alike.
"""

import contextlib

from places import IS_MYSQL

AUDIT_ROWS = 10000      # more than the megabyte of a file of PostgreSQL's log
FILLING = 20000         # rows of a page each, which never fit


@contextlib.contextmanager
def full_disk(database):
    """Nothing can be added to the tables.  What is there can be read, and
    overwritten."""
    with (full_mariadb if IS_MYSQL else full_postgres)(database):
        yield


@contextlib.contextmanager
def full_mariadb(database):
    """All tables are in one file, and nothing in it is free."""
    server = database.server
    database.execute("CREATE TABLE filler (x VARCHAR(15000)) CHARSET latin1")
    server.limit_files((server.data / "ibdata1").stat().st_size, server.pid)
    try:
        fill(database)
        yield
    finally:
        server.limit_files("unlimited", server.pid)
        database.execute("DROP TABLE filler")


def fill(database):
    import pymysql      # pylint: disable=import-outside-toplevel
    with contextlib.closing(database.server.connect(database.name)) as other:
        cursor = other.cursor()
        with contextlib.suppress(pymysql.err.OperationalError):
            for _ in range(FILLING):
                cursor.execute("INSERT INTO filler VALUES (repeat('x', 15000))")
            raise AssertionError("the disk does not get full")


@contextlib.contextmanager
def full_postgres(database):
    """Every table is a file; the one that all changes add to is the largest,
    and larger than those of the log, which may be written."""
    server = database.server
    database.execute(
        "INSERT INTO uptime_audit (at, actor, source, action, team_id) "
        "SELECT n, repeat('x', 50), 'test', 'test', 'acme' "
        f"FROM generate_series(1, {AUDIT_ROWS}) n")
    (size,), = database.rows("SELECT pg_relation_size('uptime_audit')")
    server.limit_files(size, server.pid, *backends(database))
    try:
        yield
    finally:
        server.limit_files("unlimited", server.pid, *backends(database))


def backends(database):
    return [number for number, in database.rows(
        "SELECT pid FROM pg_stat_activity "
        "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()")]

# SPDX-License-Identifier: Apache-2.0
"""Simulates a full disk, without root.

A limit of the kernel keeps the server's files from growing.  The error is
EFBIG instead of ENOSPC, which servers treat alike.
"""

import contextlib

import pytest
from harness import mysql
from outages import IS_MYSQL

AUDIT_ROWS = 10000      # more than one WAL segment of PostgreSQL, 1 MiB
FILLING = 20000         # rows of a page each, more than fit


@contextlib.contextmanager
def full_disk(database):
    """A context in which tables cannot grow; rows can be read and
    overwritten."""
    if IS_MYSQL and mysql.is_mysql():
        pytest.skip("MySQL ends when one of its logs cannot grow, and the limit "
                    "is for all files")
    with (full_mariadb if IS_MYSQL else full_postgres)(database):
        yield


@contextlib.contextmanager
def full_mariadb(database):
    """All tables are in one file, which has no free space."""
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
    """Every table is a file.  The audit table is the largest, and larger than
    a WAL segment, which must remain writable."""
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
        "WHERE backend_type = 'client backend'")]

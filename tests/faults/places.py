# SPDX-License-Identifier: Apache-2.0
"""The database behind a proxy, and how each kind is put in trouble."""

import contextlib

from harness import environment
from harness.odbc import connect_string

BACKEND = environment.BACKEND
IS_MYSQL = BACKEND.endswith("mysql")
# One process, with more connections of clients than of the pool.
POOL = """
LogLevel info
MaxKeepAliveRequests 0
StartServers 1
<IfModule !mpm_prefork_module>
    ServerLimit 1
    ThreadsPerChild 48
    MaxSpareThreads 48
    MaxRequestWorkers 48
</IfModule>
"""


def params(database, port):
    """DBDParams over TCP."""
    if BACKEND == "pgsql":
        return (f"host=127.0.0.1 port={port} dbname=postgres "
                f"user={database.user} connect_timeout=2")
    if BACKEND == "mysql":
        return f"host=127.0.0.1 port={port} user=app dbname={database.name}"
    if BACKEND == "odbc-pgsql":
        return connect_string(
            "PostgreSQL Unicode", Servername="127.0.0.1", Port=port,
            Database="postgres", UserName=database.user)
    return connect_string(
        "MariaDB Unicode", SERVER="127.0.0.1", PORT=port, UID="app",
        DATABASE=database.name, CHARSET="utf8mb4")


def let_in(database):
    """MariaDB's root may do all, also while it is read-only."""
    if IS_MYSQL:
        database.execute("CREATE USER IF NOT EXISTS app")
        database.execute(f"GRANT ALL ON {database.name}.* TO app")


def kill_sessions(database):
    if not IS_MYSQL:
        with contextlib.closing(database.server.connect()) as admin:
            admin.cursor().execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE usename = %s", (database.user,))
        return
    for number, in database.rows("SELECT id FROM information_schema."
                                 "processlist WHERE user = 'app'"):
        with contextlib.suppress(Exception):    # it may have gone by itself
            database.execute(f"KILL {number}")


@contextlib.contextmanager
def locked(database):
    """Nobody can even read keys."""
    if IS_MYSQL:
        other = database.server.connect(database.name)
        other.cursor().execute("LOCK TABLES uptime_keys WRITE")
    else:
        other = database.server.connect(database.user)
        other.cursor().execute("BEGIN; LOCK TABLE uptime_keys")
    with contextlib.closing(other):
        yield


@contextlib.contextmanager
def read_only(database):
    set_read_only(database, "on")
    try:
        yield
    finally:
        set_read_only(database, "off")


def set_read_only(database, value):
    if IS_MYSQL:
        database.execute(f"SET GLOBAL read_only = {value}")
        return
    with contextlib.closing(database.server.connect()) as admin:
        cursor = admin.cursor()
        cursor.execute("ALTER SYSTEM SET default_transaction_read_only = "
                       + value)
        cursor.execute("SELECT pg_reload_conf()")

# SPDX-License-Identifier: Apache-2.0
"""The database behind a proxy, and faults of each kind of database."""

import contextlib
import socket

from harness import environment, eventually
from harness.odbc import connect_string
from harness.pgsql import TESTS

BACKEND = environment.BACKEND
IS_MYSQL = BACKEND.endswith("mysql")
# One process, with more clients than connections in the pool.
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
                f"user={database.user} connect_timeout=2 sslmode=disable")
    if BACKEND == "mysql":
        return f"host=127.0.0.1 port={port} user=app dbname={database.name}"
    if BACKEND == "odbc-pgsql":
        return connect_string(
            "PostgreSQL Unicode", Servername="127.0.0.1", Port=port,
            Database="postgres", UserName=database.user)
    return connect_string(
        "MariaDB Unicode", SERVER="127.0.0.1", PORT=port, UID="app",
        DATABASE=database.name, CHARSET="utf8mb4")


def grant_tcp_access(database):
    """Create a user for TCP, as MariaDB's root can write to a read-only
    server."""
    if IS_MYSQL:
        database.execute("CREATE USER IF NOT EXISTS app")
        database.execute(f"GRANT ALL ON {database.name}.* TO app")


def locked(database):
    """A context in which keys and users cannot even be read."""
    return database.locked("uptime_keys", "users")


def sessions(database):
    """The ids of the sessions of httpds."""
    if IS_MYSQL:
        return [number for number, in database.rows(
            "SELECT id FROM information_schema.processlist "
            "WHERE user = 'app'")]
    with contextlib.closing(database.server.connect()) as admin:
        cursor = admin.cursor()
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE usename = %s "
                       "AND application_name <> %s", (database.user, TESTS))
        return [number for number, in cursor.fetchall()]


def kill_sessions(database):
    kill = "KILL ?" if IS_MYSQL else "SELECT pg_terminate_backend(?)"
    for number in sessions(database):
        with contextlib.suppress(Exception):    # it may have ended already
            database.rows(kill, number)


@contextlib.contextmanager
def killing(database):
    kill_sessions(database)
    yield


@contextlib.contextmanager
def replaced(server):
    """Replace the server behind the proxy by another with the same tables."""
    with server.proxy.replacing(log_in), server.database.unreachable():
        yield


def log_in(server, hello):
    """Repeat the login of a client without a password."""
    if IS_MYSQL:
        receive_packet(server)
        server.sendall(hello)
        receive_packet(server)
        return
    server.sendall(hello)
    heard = b""
    while not heard.endswith(b"Z\0\0\0\5I"):      # ReadyForQuery, idle
        heard += server.recv(65536)


def receive_packet(server):
    """One packet of MariaDB: length in three bytes, number in one, payload."""
    head = server.recv(4, socket.MSG_WAITALL)
    return server.recv(int.from_bytes(head[:3], "little"),
                       socket.MSG_WAITALL)


@contextlib.contextmanager
def setting(database, mysql, pgsql, value, usual):
    """A context in which the server has another setting."""
    name = mysql if IS_MYSQL else pgsql
    configure(database, name, value)
    try:
        yield
    finally:
        configure(database, name, usual)


def configure(database, name, value):
    if IS_MYSQL:
        database.execute(f"SET GLOBAL {name} = {value}")
        return
    with contextlib.closing(database.server.connect()) as admin:
        cursor = admin.cursor()
        cursor.execute(f"ALTER SYSTEM SET {name} = {value}")
        before = loaded_at(database)
        cursor.execute("SELECT pg_reload_conf()")
    eventually(lambda: loaded_at(database) != before)


def loaded_at(database):
    """When the settings that a new session of PostgreSQL gets were read."""
    with contextlib.closing(database.server.connect()) as admin:
        cursor = admin.cursor()
        cursor.execute("SELECT pg_conf_load_time()")
        return cursor.fetchone()[0]


def read_only(database):
    return setting(database, "read_only", "default_transaction_read_only",
                   "on", "off")


@contextlib.contextmanager
def impatient(database):
    """A context in which the server ends sessions idle for a second."""
    with setting(database, "wait_timeout", "idle_session_timeout",
                 1 if IS_MYSQL else "'1s'", 28800 if IS_MYSQL else 0):
        # It applies to new sessions, and in PostgreSQL to an old one from its
        # next statement on.
        kill_sessions(database)
        yield

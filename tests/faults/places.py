# SPDX-License-Identifier: Apache-2.0
"""The database behind a proxy, and how each kind is put in trouble."""

import contextlib
import socket

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


def let_in(database):
    """MariaDB's root may do all, also while it is read-only."""
    if IS_MYSQL:
        database.execute("CREATE USER IF NOT EXISTS app")
        database.execute(f"GRANT ALL ON {database.name}.* TO app")


def locked(database):
    """Nobody can even read keys, or people."""
    return database.locked("uptime_keys", "people")


def sessions(database):
    """The numbers of those that httpds have."""
    if IS_MYSQL:
        return [number for number, in database.rows(
            "SELECT id FROM information_schema.processlist "
            "WHERE user = 'app'")]
    with contextlib.closing(database.server.connect()) as admin:
        cursor = admin.cursor()
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE usename = %s",
                       (database.user,))
        return [number for number, in cursor.fetchall()]


def kill_sessions(database):
    kill = "KILL ?" if IS_MYSQL else "SELECT pg_terminate_backend(?)"
    for number in sessions(database):
        with contextlib.suppress(Exception):    # it may have gone by itself
            database.rows(kill, number)


@contextlib.contextmanager
def killing(database):
    kill_sessions(database)
    yield


@contextlib.contextmanager
def replaced(server):
    """Another server stands behind the proxy, with the same tables."""
    with server.proxy.replacing(log_in), server.database.unreachable():
        yield


def log_in(server, hello):
    """Says again what a client without a password had said."""
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
    """One of MariaDB's: three bytes of length, one of number, the rest."""
    head = server.recv(4, socket.MSG_WAITALL)
    return server.recv(int.from_bytes(head[:3], "little"),
                       socket.MSG_WAITALL)


@contextlib.contextmanager
def setting(database, mysql, pgsql, value, usual):
    """A setting of the server, while this lasts."""
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
        cursor.execute("SELECT pg_reload_conf()")


def read_only(database):
    return setting(database, "read_only", "default_transaction_read_only",
                   "on", "off")


@contextlib.contextmanager
def impatient(database):
    """The server ends sessions that are idle for a second."""
    with setting(database, "wait_timeout", "idle_session_timeout",
                 1 if IS_MYSQL else "'1s'", 28800 if IS_MYSQL else 0):
        if IS_MYSQL:
            kill_sessions(database)     # it is about new ones
        yield

# SPDX-License-Identifier: Apache-2.0
"""The backends, by the name that UPTIME_KEYS_DRIVER has for them."""

from . import environment
from .mysql import MariaDatabase
from .odbc import OdbcMariaDatabase, OdbcPostgresDatabase
from .pgsql import PostgresDatabase
from .sqlite import SqliteDatabase

BACKENDS = {
    "sqlite3": SqliteDatabase,
    "pgsql": PostgresDatabase,
    "mysql": MariaDatabase,
    "odbc-pgsql": OdbcPostgresDatabase,
    "odbc-mysql": OdbcMariaDatabase,
}


def open_database(directory):
    """A database of its own, in which nothing is yet."""
    return BACKENDS[environment.BACKEND](directory)

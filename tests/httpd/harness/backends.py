# SPDX-License-Identifier: Apache-2.0
"""The kinds of database, by their names in UPTIME_KEYS_DRIVER."""

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
    """A new, empty database."""
    return BACKENDS[environment.BACKEND](directory)

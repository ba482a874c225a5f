# SPDX-License-Identifier: Apache-2.0
"""The same servers through unixODBC, without a DSN.

Not SQLite: its ODBC driver takes the semicolon in a trigger for the end of
the statement, so it cannot create the schema.
"""

from .mysql import MariaDatabase
from .pgsql import PostgresDatabase


def connect_string(driver, **attributes):
    words = [f"DRIVER={{{driver}}}"] + [
        f"{name}={value}" for name, value in attributes.items()]
    return f"CONNECT='{';'.join(words)}'"


class OdbcPostgresDatabase(PostgresDatabase):
    backend = "odbc-pgsql"
    driver = "odbc"
    wanted = {";MaxVarcharSize=254": "add MaxVarcharSize=254",
              ";UseServerSidePrepare=0": "add UseServerSidePrepare=0"}

    @classmethod
    def title(cls):
        return super().title() + ", ODBC"

    @property
    def params(self):
        return connect_string(
            "PostgreSQL Unicode", Servername=self.server.folder,
            Port=self.server.port, Database="postgres", UserName=self.user,
            MaxVarcharSize=254, UseServerSidePrepare=0)


class OdbcMariaDatabase(MariaDatabase):
    backend = "odbc-mysql"
    driver = "odbc"
    wanted = {";PSCACHESIZE=0": "add PSCACHESIZE=0"}

    @classmethod
    def title(cls):
        return super().title() + ", ODBC"

    @property
    def params(self):
        return connect_string(
            "MariaDB Unicode", SOCKET=self.server.socket, UID="root",
            DATABASE=self.name, CHARSET="utf8mb4", PSCACHESIZE=0)

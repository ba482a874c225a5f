# SPDX-License-Identifier: Apache-2.0
"""MariaDB: databases in one private server."""

import contextlib
import functools
import itertools
import shutil

from . import servers
from .database import Database


class MariaServer(servers.Server):
    name = "mariadb"

    @property
    def socket(self):
        return self.folder / "socket"

    def make(self):
        self.run(shutil.which("mariadb-install-db"), "--no-defaults",
                 f"--datadir={self.data}", "--skip-test-db",
                 "--auth-root-authentication-method=normal",
                 "--skip-name-resolve")

    def command(self):
        return [shutil.which("mariadbd"), "--no-defaults",
                f"--datadir={self.data}", f"--socket={self.socket}",
                f"--port={self.port}", "--bind-address=127.0.0.1",
                f"--pid-file={self.folder / 'pid'}", "--skip-name-resolve",
                f"--ssl-cert={self.certificate}",
                f"--ssl-key={self.secret_key}",
                "--innodb-flush-method=nosync",
                "--innodb-flush-log-at-trx-commit=0",
                "--innodb-doublewrite=0", "--innodb-buffer-pool-size=64M",
                "--innodb-file-per-table=0", "--innodb-log-file-size=8M",
                "--performance-schema=OFF",
                "--max-connections=400", "--log-warnings=1"]

    def connect(self, database=None, **options):
        import pymysql      # pylint: disable=import-outside-toplevel
        return pymysql.connect(
            unix_socket=str(self.socket), user="root", database=database,
            charset="utf8mb4", autocommit=True, **options)


@functools.cache
def server():
    return MariaServer().start()


class MariaDatabase(Database):
    backend = "mysql"
    driver = "mysql"
    dialect = "mysql"
    wanted = {" reconnect=0": "add reconnect=0"}
    _numbers = itertools.count(1)

    def __init__(self, _directory):
        super().__init__()
        self.server = server()
        self.name = f"t{next(self._numbers)}"
        admin = self.server.connect()
        with admin.cursor() as cursor:
            # The schema must not depend on the database's default.
            cursor.execute(f"CREATE DATABASE {self.name} CHARACTER SET latin1")
        admin.close()

    @property
    def params(self):
        return (f"sock={self.server.socket} user=root dbname={self.name} "
                "reconnect=0")

    def _run(self, sql, values):
        connection = self.server.connect(self.name)
        try:
            with connection.cursor() as cursor:
                # Without values pymysql leaves % alone.
                cursor.execute(sql.replace("%", "%%").replace("?", "%s")
                               if values else sql, values or None)
                return list(cursor.fetchall())
        finally:
            connection.close()

    def client(self):
        return ["mariadb", "--no-defaults", f"--socket={self.server.socket}",
                "--user=root", self.name]

    def lose_index(self, name, table):
        self.execute(f"DROP INDEX {name} ON {table}")

    def create_trigger(self, name, when, event, table, statement=None):
        statement = statement or ("SIGNAL SQLSTATE '45000' "
                                  "SET MESSAGE_TEXT = 'made by the test'")
        event = event.split()[0]    # MariaDB has no UPDATE OF
        self.execute(f"CREATE TRIGGER {name} {when} {event} ON {table} "
                     f"FOR EACH ROW {statement}")

    def lock_keys(self):
        writer = self.server.connect(self.name)
        writer.begin()
        writer.cursor().execute("SELECT id FROM uptime_keys FOR UPDATE")
        return writer.close

    @contextlib.contextmanager
    def locked(self, *tables):
        with contextlib.closing(self.server.connect(self.name)) as other:
            other.cursor().execute("LOCK TABLES " + ", ".join(
                f"{table} WRITE" for table in tables))
            yield

    def unreachable(self):
        return self.server.stopped()

    def rows(self, sql, *values):
        return self._run(sql, values)

    def execute(self, sql, *values):
        self._run(sql, values)

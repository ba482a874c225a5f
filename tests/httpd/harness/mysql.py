# SPDX-License-Identifier: Apache-2.0
"""MariaDB or MySQL: databases in one private server."""

import contextlib
import functools
import itertools

from . import environment, servers
from .database import Database
from .environment import server_program, version_of


class MariaServer(servers.Server):
    name = "mariadb"

    @property
    def socket(self):
        return self.folder / "socket"

    def make(self):
        self.run(server_program("mariadb-install-db"), "--no-defaults",
                 f"--basedir={usr()}", f"--datadir={self.data}",
                 "--skip-test-db",
                 "--auth-root-authentication-method=normal",
                 "--skip-name-resolve")

    def command(self):
        return [server_program("mariadbd"), *self.options(),
                "--innodb-file-per-table=0", "--innodb-log-file-size=8M",
                "--log-warnings=1"]

    def options(self):
        """What both databases understand."""
        return ["--no-defaults", f"--basedir={usr()}",
                f"--datadir={self.data}", f"--socket={self.socket}",
                f"--port={self.port}", "--bind-address=127.0.0.1",
                f"--pid-file={self.folder / 'pid'}", "--skip-name-resolve",
                f"--ssl-cert={self.certificate}",
                f"--ssl-key={self.secret_key}",
                "--innodb-flush-method=nosync",
                "--innodb-flush-log-at-trx-commit=0",
                "--innodb-doublewrite=0", "--innodb-buffer-pool-size=64M",
                "--performance-schema=OFF", "--max-connections=400"]

    def connect(self, database=None, **options):
        import pymysql      # pylint: disable=import-outside-toplevel
        return pymysql.connect(
            unix_socket=str(self.socket), user="root", database=database,
            charset="utf8mb4", autocommit=True, **options)


class MysqlServer(MariaServer):
    name = "mysql"

    def make(self):
        script = self.folder / "root.sql"
        script.write_text(
            "CREATE USER root@127.0.0.1;"
            "GRANT ALL ON *.* TO root@127.0.0.1 WITH GRANT OPTION;\n")
        self.run(server_program("mysqld"), "--no-defaults",
                 f"--basedir={usr()}", f"--datadir={self.data}",
                 "--initialize-insecure", f"--init-file={script}",
                 "--skip-name-resolve", "--skip-log-bin",
                 "--secure-file-priv=NULL",
                 "--innodb-flush-method=nosync",
                 "--innodb-redo-log-capacity=8M")

    def command(self):
        return [server_program("mysqld"), *self.options(), "--mysqlx=OFF",
                "--secure-file-priv=NULL", "--sync-binlog=0",
                # Unlike MariaDB it has a binary log.
                "--log-bin-trust-function-creators=ON", "--innodb-redo-log-capacity=16M"]


def is_mysql():
    """Whether the server under test is MySQL itself."""
    return environment.SERVER is not None and \
        environment.SERVER.startswith("mysql")


def usr():
    """The folder whose share/ contains the server's files."""
    return server_program(
        "mysqld" if is_mysql() else "mariadbd").parents[1]


def server_class():
    return MysqlServer if is_mysql() else MariaServer


@functools.cache
def server():
    return server_class()().start()


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

    @classmethod
    def title(cls):
        name, program = ("MySQL", "mysqld") if is_mysql() else (
            "MariaDB", "mariadbd")
        return f"{name} {version_of(server_program(program))}"

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
        return [server_program("mysql" if is_mysql() else "mariadb"),
                "--no-defaults", f"--socket={self.server.socket}",
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

# SPDX-License-Identifier: Apache-2.0
"""PostgreSQL: a role and a schema for each database, in one private server."""

import contextlib
import functools
import itertools
import os
import select

from . import servers
from .database import Database
from .environment import server_program as program
from .environment import version_of


TESTS = "tests"         # an application_name: no httpd's, nor the tool's


class PostgresServer(servers.Server):
    name = "postgres"
    stop_signal = servers.FAST_SHUTDOWN
    sessions = 400

    def __init__(self):
        self._kept = []     # as many as were in use at once
        super().__init__()

    def make(self):
        self.run(program("initdb"), "-D", self.data, "-U", "admin", "-E",
                 "UTF8", "--no-locale", "--auth=trust", "--no-sync",
                 "--no-instructions", "--wal-segsize=1")

    def command(self):
        return [program("postgres"), "-D", self.data, "-p", self.port,
                "-k", self.folder, "-h", "127.0.0.1",
                *(f"-c{setting}" for setting in (
                    "ssl=on", f"ssl_cert_file={self.certificate}",
                    f"ssl_key_file={self.secret_key}", "fsync=off",
                    "synchronous_commit=off", "full_page_writes=off",
                    f"max_connections={self.sessions}", "shared_buffers=32MB",
                    "autovacuum=off", "log_min_messages=fatal"))]

    def connect(self, user="admin", **options):
        import psycopg2     # pylint: disable=import-outside-toplevel
        connection = psycopg2.connect(
            host=str(self.folder), port=self.port, user=user,
            dbname="postgres", **options)
        connection.autocommit = True
        return connection

    @contextlib.contextmanager
    def session(self, user):
        """A cursor in a session of this user's, which is kept for the next
        statement: to begin and to end one takes longer than most statements."""
        connection = self._take(user) or self.connect(
            user, application_name=TESTS)
        try:
            with connection.cursor() as cursor:
                yield cursor
        except BaseException:
            connection.close()
            raise
        self._kept.append(connection)

    def _take(self, user):
        """The kept session, as it was when it began."""
        with contextlib.suppress(IndexError):
            connection = self._kept.pop()
            # The server says that it ends a session: nothing else is to be read.
            ended, _, _ = select.select([connection], [], [], 0)
            if connection.info.user == user and not ended:
                connection.cursor().execute("RESET ALL")
                return connection
            connection.close()
        return None


@functools.cache
def server():
    return PostgresServer().start()


class PostgresDatabase(Database):
    backend = "pgsql"
    driver = "pgsql"
    dialect = "pgsql"
    wanted = {" connect_timeout=10": "add connect_timeout=3"}
    _numbers = itertools.count(1)

    def __init__(self, _directory, at=None):
        super().__init__()
        self.server = at or server()
        self.user = f"t{os.getpid()}_{next(self._numbers)}"
        with self.server.connect() as admin, admin.cursor() as cursor:
            cursor.execute(f"CREATE ROLE {self.user} LOGIN;"
                           f"CREATE SCHEMA AUTHORIZATION {self.user}")
        admin.close()

    @classmethod
    def title(cls):
        return f"PostgreSQL {version_of(program('postgres'))}"

    @property
    def params(self):
        return (f"host={self.server.folder} port={self.server.port} "
                f"dbname=postgres user={self.user} connect_timeout=10")

    def _run(self, sql, values):
        with self.server.session(self.user) as cursor:
            cursor.execute(sql.replace("%", "%%").replace("?", "%s"), values)
            return cursor.fetchall() if cursor.description else None

    def client(self):
        return [program("psql"), "-X", "-q", "-1", "-v", "ON_ERROR_STOP=1",
                "-h", self.server.folder, "-p", str(self.server.port),
                "-U", self.user, "postgres"]

    def lose_trigger(self, name, table):
        self.execute(f"DROP TRIGGER {name} ON {table}")

    def lose_index(self, name, table):
        """Drop an index, or the constraint that it belongs to."""
        self.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name};"
                     f"DROP INDEX IF EXISTS {name}")

    def shift_clock(self, seconds):
        """Shift the clock of new sessions: their search path finds this
        clock_timestamp() first."""
        self.execute(f"""
            CREATE FUNCTION clock_timestamp() RETURNS timestamptz LANGUAGE sql
                AS $$ SELECT pg_catalog.clock_timestamp()
                    + {seconds} * interval '1 s' $$;
            ALTER ROLE {self.user} SET search_path = {self.user}, pg_catalog
            """)

    def create_trigger(self, name, when, event, table, statement=None):
        statement = statement or "RAISE EXCEPTION 'made by the test'"
        self.execute(f"""
            CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN {statement}; RETURN NEW; END $$;
            CREATE TRIGGER {name} {when} {event} ON {table}
                FOR EACH ROW EXECUTE PROCEDURE {name}()""")

    def drop_trigger(self, name, table):
        self.execute(f"DROP FUNCTION {name} CASCADE")

    def lock_keys(self):
        writer = self.server.connect(self.user)
        writer.cursor().execute(
            "BEGIN; LOCK TABLE uptime_keys IN SHARE ROW EXCLUSIVE MODE")
        return writer.close

    @contextlib.contextmanager
    def locked(self, *tables):
        with contextlib.closing(self.server.connect(self.user)) as other:
            other.cursor().execute("BEGIN; LOCK TABLE " + ", ".join(tables))
            yield

    def unreachable(self):
        return self.server.stopped()

    def rows(self, sql, *values):
        return self._run(sql, values)

    def execute(self, sql, *values):
        self._run(sql, values)

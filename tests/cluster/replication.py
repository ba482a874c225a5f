# SPDX-License-Identifier: Apache-2.0
"""A PostgreSQL primary with a synchronous standby."""

import signal

from harness import eventually
from harness.database import Database
from harness.pgsql import PostgresDatabase, PostgresServer, program

# With "on" a commit is answered after the standby has flushed it.
SYNCHRONOUS_COMMIT = "on"


class PostgresNode(PostgresServer):
    """A primary, or the standby of one."""

    name = "pgnode"

    def __init__(self, primary=None):
        self.primary = primary
        super().__init__()

    def make(self):
        if self.primary is None:
            super().make()
            return
        self.run(program("pg_basebackup"), "-R", "-D", self.data,
                 "-h", self.primary.folder, "-p", str(self.primary.port),
                 "-U", "admin", "--checkpoint=fast", "--no-sync")

    def command(self):
        settings = [f"synchronous_commit={SYNCHRONOUS_COMMIT}",
                    "wal_level=replica", "hot_standby=on"]
        return [*super().command(),
                *(f"-c{setting}" for setting in settings)]

    def ask(self, sql):
        connection = self.connect()
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql)
                return cursor.fetchone()[0]
        finally:
            connection.close()

    def wait_for_standby(self):
        """Wait until commits are synchronous."""
        connection = self.connect()
        cursor = connection.cursor()
        cursor.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
        cursor.execute("SELECT pg_reload_conf()")
        connection.close()
        eventually(lambda: self.ask(
            "SELECT count(*) FROM pg_stat_replication "
            "WHERE sync_state = 'sync'") == 1)

    def crash(self):
        """Kill the server, without any shutdown."""
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(10)
        self._process = None

    def promote(self):
        self.run(program("pg_ctl"), "promote", "-D", self.data, "-w")


class ReplicatedDatabase(PostgresDatabase):
    """A database on the server that accepts writes."""

    def __init__(self, primary, standby):
        # pylint: disable=super-init-not-called,non-parent-init-called
        Database.__init__(self)
        self.server = primary       # that the tests connect to
        self.nodes = (primary, standby)
        self.user = "keys"
        self.server.connect().cursor().execute(
            "CREATE ROLE keys LOGIN; CREATE SCHEMA AUTHORIZATION keys")

    @property
    def params(self):
        ports = ",".join(str(node.port) for node in self.nodes)
        return (f"host=127.0.0.1,127.0.0.1 port={ports} dbname=postgres "
                f"user={self.user} target_session_attrs=read-write "
                "connect_timeout=2")

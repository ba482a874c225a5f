# SPDX-License-Identifier: Apache-2.0
"""What is killed: httpd and the tool with a file of SQLite, or the processes of
a PostgreSQL server."""

import contextlib
import os
import signal
import subprocess
from pathlib import Path

from caching import CACHED
from harness import Httpd, environment, eventually
from harness.pgsql import PostgresDatabase, PostgresServer

CONFIG = """
LogLevel warn uptime_keys:info
UptimeKeysMaxPerTeam 10000
MaxKeepAliveRequests 0
StartServers 2
<IfModule !mpm_prefork_module>
    ServerLimit 4
    ThreadsPerChild 8
    MinSpareThreads 8
    MaxSpareThreads 16
    MaxRequestWorkers 16
</IfModule>
<Location "/t/">
    Header always set X-Key-Id "%{UPTIME_KEY_ID}e"
</Location>
"""
# A server that was killed stays announced for ten minutes, and a deletion waits
# for it: nothing would be deleted between two cuts.
UNCACHED = CONFIG + CACHED.replace("UptimeKeysCache On", "UptimeKeysCache Off")


class Killed(Httpd):
    """An httpd that can be killed with all of its children."""

    def kill(self):
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process = None


class Tool:
    """Runs the tool, so that it can be killed."""

    def __init__(self, database):
        self._database = database
        self._running = set()

    def run(self, *arguments):
        """Its exit status; negative if it was killed."""
        process = subprocess.Popen(
            environment.as_ordinary_user(
                environment.TOOL, "--driver", self._database.driver,
                "--params", self._database.params, *arguments),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True,
            env=environment.process_environment())
        self._running.add(process)
        try:
            return process.wait(60)
        finally:
            self._running.discard(process)

    def kill(self):
        for process in list(self._running):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


class Sqlite:
    """Every process that has the file open is killed, at once."""

    name = "SQLite"

    def __init__(self):
        self.server = Killed(UNCACHED, without=("cgi", "cgid"))
        self.database = self.server.database
        self.tool = Tool(self.database)

    def begin(self):
        self.server.start(await_checks=False)

    def cut(self):
        self.server.kill()
        self.tool.kill()

    def restart(self):
        self.begin()
        self.database.assert_sound()

    def close(self):
        with contextlib.ExitStack() as every_one:
            every_one.callback(self.server.remove)
            every_one.callback(self.server.stop)


class DurableServer(PostgresServer):
    """Commits reach the kernel before they are confirmed."""

    name = "postgres"
    synchronous = "on"

    def command(self):
        return [f"-csynchronous_commit={self.synchronous}"
                if part == "-csynchronous_commit=off" else part
                for part in super().command()]

    def kill(self):
        """The postmaster is stopped meanwhile, so that it can neither start
        another process nor tell the others anything."""
        postmaster = self.pid
        os.kill(postmaster, signal.SIGSTOP)
        others = children_of(postmaster)
        for pid in (*others, postmaster):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()
        self._process = None
        # Until the last one has gone, its shared memory is in use.
        eventually(lambda: not any(map(is_running, others)), every=0.005)


class Postgres:
    """The postmaster and every backend are killed; httpd stays."""

    name = "PostgreSQL"

    cluster_class = DurableServer

    def __init__(self):
        self.cluster = self.cluster_class().start()
        self.server = Killed(CONFIG + CACHED, without=("cgi", "cgid"),
                             driver=False)
        self.database = PostgresDatabase(None, at=self.cluster)
        self.server.database = self.database
        self.server.configure("DBDriver pgsql\n"
                              f'DBDParams "{self.database.params}"\n'
                              + CONFIG + CACHED)
        self.tool = Tool(self.database)

    def begin(self):
        self.server.start(await_checks=False)

    def cut(self):
        self.cluster.kill()
        self.tool.kill()

    def restart(self):
        self.cluster.start()

    def close(self):
        with contextlib.ExitStack() as every_one:
            every_one.callback(self.cluster.remove)
            every_one.callback(self.server.remove)
            every_one.callback(self.server.stop)


class AsynchronousServer(DurableServer):
    """A commit is confirmed before it reaches the kernel."""

    synchronous = "off"


class Asynchronous(Postgres):
    """As it must not be."""

    cluster_class = AsynchronousServer


def children_of(pid):
    return [int(child) for child in Path(
        f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]


def is_running(pid):
    """A process that has ended, and nobody asked how, does not run."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("ascii")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"

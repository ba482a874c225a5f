# SPDX-License-Identifier: Apache-2.0
"""The httpd of a row: the private httpd of the tests, with LogLevel and
modules as in production."""

import contextlib
import os
from pathlib import Path

from harness import Httpd
from harness.backends import open_database

HERE = Path(__file__).parent
PATH = "/file.txt"
CONTENT = "x" * 1023 + "\n"
THREADS = 25
# A connection for every thread, as conf/uptime_keys.conf advises.
POOL = """
DBDMin 1
DBDKeep 5
DBDMax 25
"""


class MeasuredHttpd(Httpd):
    """Serves one file, with the guard of the row at /."""

    base = HERE / "httpd.conf"

    def __init__(self, row, processes):
        self.row = row
        self.modules = row.modules
        guard = f'<Location "/">\n{row.guard}</Location>\n'
        super().__init__((POOL if row.database else "") + row.settings
                         + guard,
                         driver=row.database is not None,
                         expect_log=row.log,
                         defines={"PROCESSES": processes,
                                  "WORKERS": THREADS * processes})
        self.write("htdocs" + PATH, CONTENT)
        self.headers = {}
        if row.database:
            self._make_database()

    def _make_database(self):
        self.database = open_database(self.root / "db", self.row.database)
        if self.row.build:
            self.module = self.row.build.module
            self.database.program = self.row.build.tool
        self.database.init()
        self.database.create_team("acme")
        if self.row.authorization:
            value = self.row.authorization(self.database)
            self.keep_secret(value.removeprefix("Bearer "))
            self.headers = {"Authorization": value}
        if self.row.reach:
            self.database = self.row.reach(self.database)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}{PATH}"

    def beside(self):
        """The context of the row that is active during the load."""
        if self.row.beside:
            return self.row.beside(self.database)
        return contextlib.nullcontext()

    def sessions(self):
        """The sessions of the processes that serve the row."""
        return {self._process.pid}

    def cpu_seconds(self):
        """User and system time of all its processes so far."""
        fields = [stat.rsplit(")", 1)[1].split() for stat in all_stats()]
        # proc(5): session, utime and stime are fields 6, 14 and 15; field 2
        # ends with ")".
        ticks = sum(int(field[11]) + int(field[12]) for field in fields
                    if int(field[3]) in self.sessions())
        return ticks / os.sysconf("SC_CLK_TCK")

    def assert_right(self):
        """Assert that the answer is the row's and the logs are clean."""
        answer = self.get(PATH, headers=self.headers)
        assert answer.status_code == self.row.status, \
            f"{self.row.name}: the answer is {answer.status_code}"
        assert answer.status_code != 200 or answer.text == CONTENT
        complaints = self.complaints()
        assert not complaints, "\n".join(complaints)


@contextlib.contextmanager
def running(servers):
    """A context in which all servers run; removes them at its end."""
    with contextlib.ExitStack() as stack:
        for server in servers:
            stack.callback(server.remove)
            stack.callback(server.stop)
            server.start()
        yield servers


def all_stats():
    """The stat lines of all processes on this machine."""
    for file in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            yield file.read_text()


def cores():
    return len(os.sched_getaffinity(0))

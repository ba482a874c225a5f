# SPDX-License-Identifier: Apache-2.0
"""The httpd of a row: the tests' private httpd, as quiet as in production."""

import contextlib
import os
from pathlib import Path

from harness import Httpd
from harness.backends import BACKENDS

HERE = Path(__file__).parent
PATH = "/file.txt"
CONTENT = "x" * 1023 + "\n"
THREADS = 25
# As conf/uptime_keys.conf advises: a connection for every thread.
POOL = """
DBDMin 1
DBDKeep 5
DBDMax 25
"""


class MeasuredHttpd(Httpd):
    """Its location / is guarded as the row says; it holds one file."""

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
        self.database = BACKENDS[self.row.database](self.root / "db")
        self.database.init()
        self.database.create_team("acme")
        if self.row.authorization:
            value = self.row.authorization(self.database)
            self.keep_secret(value.removeprefix("Bearer "))
            self.headers = {"Authorization": value}

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}{PATH}"

    def beside(self):
        """A context: what goes on beside the load."""
        if self.row.beside:
            return self.row.beside(self.database)
        return contextlib.nullcontext()

    def children(self):
        """The process ids of those that answer."""
        parent = self._process.pid
        return Path(f"/proc/{parent}/task/{parent}/children").read_text(
            encoding="ascii").split()

    def cpu_seconds(self):
        """What its processes have used so far, user and system time."""
        fields = [stat.rsplit(")", 1)[1].split() for stat in all_stats()]
        # proc(5): session, utime and stime are 6, 14 and 15; ")" ends 2.
        ticks = sum(int(field[11]) + int(field[12]) for field in fields
                    if int(field[3]) == self._process.pid)
        return ticks / os.sysconf("SC_CLK_TCK")

    def assert_right(self):
        """The answer is the row's, and the logs complain of nothing."""
        answer = self.get(PATH, headers=self.headers)
        assert answer.status_code == self.row.status, \
            f"{self.row.name}: the answer is {answer.status_code}"
        assert answer.status_code != 200 or answer.text == CONTENT
        complaints = self.complaints()
        assert not complaints, "\n".join(complaints)


@contextlib.contextmanager
def running(servers):
    """Starts them all; ends and removes them all, whatever happens."""
    with contextlib.ExitStack() as stack:
        for server in servers:
            stack.callback(server.remove)
            stack.callback(server.stop)
            server.start()
        yield servers


def all_stats():
    """The stat line of every process on this machine."""
    for file in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            yield file.read_text()


def cores():
    return len(os.sched_getaffinity(0))

# SPDX-License-Identifier: Apache-2.0
"""An httpd with many virtual hosts, each with a database of its own."""

import contextlib
import http.client
import os
import time
from pathlib import Path

from harness import Httpd
from rows import BY_KEY, CACHED, CACHING
from server import CONTENT, HERE, PATH, THREADS

# What is loaded, and the guard of the file. All have a pool of mod_dbd for each
# host, and the modules that a cache needs.
KINDS = {
    "without this module": (
        tuple(name for name in CACHED if name != "uptime_keys"), "",
        "    Require all granted\n"),
    "no cache": (CACHED, "", BY_KEY),
    "cache": (CACHED, CACHING, BY_KEY),
}
PROCESSES = 2
HOST = """
<VirtualHost *:*>
    ServerName h{number}.example
    DBDriver {driver}
    DBDParams "{params}"
</VirtualHost>
"""
POOL = "DBDMin {least}\nDBDKeep 2\nDBDMax 25\n"


class Hosts(Httpd):
    """Its host number N is asked with the header Host: hN.example."""

    base = HERE / "httpd.conf"

    # pylint: disable-next=too-many-arguments
    def __init__(self, kind, driver, params, least=1, build=None, extra="",
                 processes=PROCESSES):
        self.modules, settings, guard = KINDS[kind]
        self.module = build and build.module
        super().__init__(
            settings + extra + POOL.format(least=least)
            + f'<Location "/">\n{guard}</Location>\n'
            + "".join(HOST.format(number=number, driver=driver, params=text)
                      for number, text in enumerate(params)),
            driver=False,
            defines={"PROCESSES": processes, "WORKERS": THREADS * processes})
        self.write("htdocs" + PATH, CONTENT)

    def threads(self):
        """The threads of the child that has most."""
        return max(len(os.listdir(f"/proc/{child}/task"))
                   for child in self.children())

    def reads(self):
        """System calls that read, of all children so far: proc(5), syscr."""
        texts = [Path(f"/proc/{child}/io").read_text(encoding="ascii")
                 for child in self.children()]
        return sum(int(text.split("syscr: ")[1].split()[0]) for text in texts)

    def cpu_seconds(self):
        return cpu_seconds(self._process.pid)


@contextlib.contextmanager
def connection(server):
    """One that is kept alive."""
    client = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    with contextlib.closing(client):
        yield client


def ask(client, number, key, method="GET", path=PATH):
    """The status, and the milliseconds that it took."""
    began = time.monotonic()
    client.request(method, path, headers={
        "Host": f"h{number}.example", "Authorization": f"Bearer {key}"})
    answer = client.getresponse()
    answer.read()
    return answer.status, (time.monotonic() - began) * 1000


def children_of(pid):
    return [int(child) for child in Path(
        f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]


def cpu_seconds(parent):
    """The time of all threads that a process and its children have now, by the
    scheduler's clock: short pieces of work count, too."""
    total = 0
    for pid in (parent, *children_of(parent)):
        for file in Path(f"/proc/{pid}/task").glob("*/schedstat"):
            with contextlib.suppress(OSError):
                total += int(file.read_text(encoding="ascii").split()[0])
    return total / 1e9

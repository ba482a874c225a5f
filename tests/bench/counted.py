# SPDX-License-Identifier: Apache-2.0
"""A server under a tool that counts instructions or system calls by thread.

Threads that serve no requests, such as mod_watchdog's, are left out: their
work depends on the time, and under such a tool everything takes long.
"""

from client import ask_slowly
from server import MeasuredHttpd, running


class CountedHttpd(MeasuredHttpd):
    """One process; at its end the tool writes a file for each thread."""

    mode = "-X"

    def __init__(self, row, tool):
        super().__init__(row, processes=1)
        self._files = self.root / "run" / "counts"
        self.wrapper = [word.format(self._files) for word in tool]

    def files(self):
        return self._files.parent.glob(self._files.name + "[-.]*")


def count(row, requests, pause, tool, serves, read):
    """Serve so many requests; the results of read() for the file of each
    thread that served any.  The file of such a thread matches serves.

    pause is the time between two requests.  A request that arrives before the
    last one has ended bypasses httpd's listener thread and costs some 700
    instructions less; with a pause this does not depend on chance.
    """
    server = CountedHttpd(row, tool)
    with running([server]):
        ask_slowly(server, requests, pause)
        server.stop()
        return [read(file) for file in server.files()
                if serves.search(file.read_text())]

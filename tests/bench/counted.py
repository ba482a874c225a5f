# SPDX-License-Identifier: Apache-2.0
"""A server under a tool that counts, thread by thread, what it does.

Threads that serve nobody, such as mod_watchdog's, are left out: what they do
is a matter of time, not of requests, and under such a tool time is long.
"""

from client import ask_slowly
from server import MeasuredHttpd, running


class CountedHttpd(MeasuredHttpd):
    """One process; the tool writes a file for each thread when it ends."""

    mode = "-X"

    def __init__(self, row, tool):
        super().__init__(row, processes=1)
        self._files = self.root / "run" / "counts"
        self.wrapper = [word.format(self._files) for word in tool]

    def files(self):
        return self._files.parent.glob(self._files.name + "[-.]*")


def count(row, requests, pause, tool, serves, read):
    """What read() finds in the file of each thread that served, as the
    pattern serves tells from the file, after so many requests.

    pause is between two requests: one that is there before the last one's end
    is served without going through httpd's listener thread, some 700
    instructions cheaper, which is not a matter of chance then.
    """
    server = CountedHttpd(row, tool)
    with running([server]):
        ask_slowly(server, requests, pause)
        server.stop()
        return [read(file) for file in server.files()
                if serves.search(file.read_text())]

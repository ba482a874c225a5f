# SPDX-License-Identifier: Apache-2.0
"""A steady load on keep-alive connections, and its answers."""

import collections
import contextlib
import http.client
import json
import threading
import time
from dataclasses import dataclass

from harness import environment, eventually

CONNECTIONS = 20
PAUSE = 0.04            # seconds between two requests of a connection


@dataclass(frozen=True)
class Answer:
    began: float
    ended: float
    status: int         # 0: no answer
    retry_after: str

    @property
    def seconds(self):
        return self.ended - self.began


class Load:
    """Runs until its context ends."""

    def __init__(self, server, path, authorization):
        self._port = server.port
        self._path = path
        self._headers = {"Authorization": authorization}
        self._ends = threading.Event()
        self._threads = [threading.Thread(target=self._ask, daemon=True)
                         for _ in range(CONNECTIONS)]
        self.answers = []

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._ends.set()
        for thread in self._threads:
            thread.join(30)
        assert not any(thread.is_alive() for thread in self._threads)

    def _ask(self):
        connection = http.client.HTTPConnection("127.0.0.1", self._port,
                                                timeout=30)
        while not self._ends.is_set():
            began = time.monotonic()
            status, retry_after = 0, None
            try:
                connection.request("GET", self._path, headers=self._headers)
                answer = connection.getresponse()
                answer.read()
                status = answer.status
                retry_after = answer.getheader("Retry-After")
            except (OSError, http.client.HTTPException):
                connection.close()
            self.answers.append(
                Answer(began, time.monotonic(), status, retry_after))
            time.sleep(PAUSE)
        connection.close()

    def between(self, begin, end):
        """The answers to requests that began in this time."""
        return [answer for answer in list(self.answers)
                if begin <= answer.began < end]


def recovery(answers, back):
    """Seconds from back to the last answer that was not 200; None: never."""
    late = [answer.ended for answer in answers if answer.status != 200]
    end = max((answer.began for answer in answers), default=back)
    last = {answer.status for answer in answers if answer.began > end - 0.5}
    return max([moment - back for moment in late] + [0.0]) \
        if last == {200} else None


class Watch:
    """Loads on several servers during a fault; records for each server a cell
    of the table that table.py prints."""

    def __init__(self, fault, cells, **loads):
        self._fault = fault
        self._cells = cells      # of the running test's report
        self._loads = loads
        self._stack = contextlib.ExitStack()
        self.begin = self.back = None

    def __enter__(self):
        for load in self._loads.values():
            self._stack.enter_context(load)
            eventually(lambda load=load: len(load.answers) > 50)
        return self

    @contextlib.contextmanager
    def trouble(self):
        """A context for the time of the fault."""
        self.begin = time.monotonic()
        yield
        self.back = time.monotonic()

    def __exit__(self, *failure):
        self._stack.close()
        if self.back and failure == (None, None, None):
            for who in self._loads:
                self._record(who)

    def _record(self, who):
        answers = self.answers(who)
        self._cells.append(("cell", json.dumps({
            "backend": environment.BACKEND, "who": who, "fault": self._fault,
            "answers": collections.Counter(a.status for a in answers),
            "back after": recovery(answers, self.back)})))

    def answers(self, who):
        """The answers to requests since the fault began."""
        return self._loads[who].between(self.begin, float("inf"))

    def meanwhile(self, who):
        return self._loads[who].between(self.begin, self.back)

    def later(self, who, seconds):
        """The answers to requests from so long after the fault."""
        return self._loads[who].between(self.back + seconds, float("inf"))

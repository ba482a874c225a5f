# SPDX-License-Identifier: Apache-2.0
"""A steady load on keep-alive connections, and what was answered."""

import collections
import http.client
import threading
import time
from dataclasses import dataclass

from harness import environment

CONNECTIONS = 20
PAUSE = 0.02            # seconds between two requests of a connection
TABLE = environment.OUT / "faults.md"


@dataclass(frozen=True)
class Answer:
    began: float
    ended: float
    status: int         # 0: none came
    retry_after: str

    @property
    def seconds(self):
        return self.ended - self.began


class Load:
    """Runs while its context lasts."""

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
        """The answers to requests that began then."""
        return [answer for answer in list(self.answers)
                if begin <= answer.began < end]


def by_status(answers):
    counts = collections.Counter(answer.status for answer in answers)
    return ", ".join(f"{status}: {counts[status]}"
                     for status in sorted(counts)) or "none"


def p99(answers):
    times = sorted(answer.seconds for answer in answers)
    return times[int(len(times) * 0.99)] if times else 0.0


def recovery(answers, back):
    """Seconds from back to the last answer that was not 200."""
    late = [answer.ended for answer in answers if answer.status != 200]
    return max([moment - back for moment in late] + [0.0])


def record(record_property, who, fault, load, begin, back):
    """A row of the table; it is printed too."""
    answers = load.between(begin, float("inf"))
    wrong = sum(answer.status not in (200, 503) for answer in answers)
    seconds = recovery(answers, back)
    end = max((answer.began for answer in answers), default=back)
    last = load.between(end - 0.5, end + 1)
    is_well = bool(last) and {answer.status for answer in last} == {200}
    after = f"{seconds:.2f} s" if is_well else "never"
    during = load.between(begin, back)
    row = (f"| {environment.BACKEND} | {who} | {fault} | "
           f"{by_status(answers)} | {after} | {wrong} | "
           f"{p99(during) * 1000:.0f} ms | "
           f"{max((a.seconds for a in during), default=0):.2f} s |")
    for name in ("who", "fault"):
        record_property(name, locals()[name])
    record_property("answers", by_status(answers))
    record_property("recovery", after)
    print("\n" + row)
    with open(TABLE, "a", encoding="utf-8") as table:
        table.write(row + "\n")

# SPDX-License-Identifier: Apache-2.0
"""Waiting for an event, bounded."""

import contextlib
import os
import signal
import time
from pathlib import Path


def eventually(condition, seconds=15, every=0.02):
    """The first true value of condition(); fails when none comes in time."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(every)


@contextlib.contextmanager
def stopped(pid):
    """While this lasts no thread of the process runs.  The signal alone does
    not see to that: until one thread has met it the others go on, and may
    accept a connection that nobody will answer."""
    os.kill(pid, signal.SIGSTOP)
    try:
        eventually(lambda: _states(pid) == {"T"})
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def _states(pid):
    """As proc(5) has it; the name before it, in brackets, may hold anything."""
    return {(task / "stat").read_text().rpartition(")")[2].split()[0]
            for task in Path(f"/proc/{pid}/task").iterdir()}

# SPDX-License-Identifier: Apache-2.0
"""Waiting for an event, bounded."""

import contextlib
import os
import signal
import time
from pathlib import Path


def eventually(condition, seconds=60, every=0.02):
    """Wait until condition() is true; returns its value, or fails."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(every)


@contextlib.contextmanager
def stopped(pid):
    """A context in which no thread of the process runs.  The signal alone is
    not enough: until one thread has received it the others go on, and may
    accept a connection that nobody will answer."""
    os.kill(pid, signal.SIGSTOP)
    try:
        eventually(lambda: _states(pid) == {"T"})
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def _states(pid):
    """See proc(5); the name before the state may contain spaces and ")".  None
    if a thread has ended meanwhile."""
    try:
        return {(task / "stat").read_text().rpartition(")")[2].split()[0]
                for task in Path(f"/proc/{pid}/task").iterdir()}
    except (FileNotFoundError, ProcessLookupError):
        return None

# SPDX-License-Identifier: Apache-2.0
"""Reads logs while they are written, and frees what was read.

At LogLevel trace8 an hour is many gigabytes, so a file gets a hole where it was
read.  Its length, at which httpd goes on, stays.
"""

import collections
import ctypes
import re
import threading
import time
from dataclasses import dataclass

from harness.logs import HEX_RUN, NEVER

EVERY = 0.5             # seconds
MOST = 1 << 24          # bytes that are read at once
PUNCH_HOLE = 3          # FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE
BLOCK = 4096
SERIOUS = re.compile(r":(?:emerg|alert|crit)\] .*")
# mod_dbd says it, at level crit, of a child that begins and cannot reach the
# database, which is to be expected in a fault.
OF_A_FAULT = "AH00636"
SAID = re.compile(r":(warn|error|notice)\] .*?\b((?:AH|UK)\d{4,5})\b")
DIGITS = 64             # of a key
KILLED = "exit signal Killed (9)"
# More of a key than the prefix that may be logged.
KEY = re.compile(r"uptime_[0-9a-f]{9,}")
POLLING = re.compile(r"pid (\d+).*Singleton Watchdog \(uptime_keys_.*running")
LIBC = ctypes.CDLL(None, use_errno=True)


class Log:
    """One file, from its beginning."""

    def __init__(self, path):
        self.path = path
        self.bytes = 0          # that were read
        self._freed = 0

    def read(self):
        """The complete lines that were written since the last time."""
        if not self.path.exists():
            return ""
        with open(self.path, "r+b") as file:
            file.seek(self.bytes)
            data = file.read(MOST)
            end = data.rfind(b"\n") + 1
            self.bytes += end
            self._free(file)
        return data[:end].decode("utf-8", "replace")

    def _free(self, file):
        end = self.bytes // BLOCK * BLOCK
        if end > self._freed:
            LIBC.fallocate(file.fileno(), PUNCH_HOLE,
                           ctypes.c_longlong(self._freed),
                           ctypes.c_longlong(end - self._freed))
            self._freed = end


@dataclass(frozen=True)
class Line:
    """One that should not be there, and between which times it was written."""
    text: str
    earliest: float
    latest: float

    def is_explained(self, faults):
        return OF_A_FAULT in self.text and any(
            fault.overlaps(self.earliest, self.latest) for fault in faults)


class LogReader:
    """Reads several logs in a thread, until its context ends."""

    def __init__(self, *paths):
        self.logs = [Log(path) for path in paths]
        self._serious = []      # Lines
        self._read_at = time.monotonic()
        self.killed = 0         # children, as httpd says
        self.said = collections.Counter()   # (level, id)
        self.poller = None      # the process id of the child that polls
        self.secrets = set()    # their digits
        self.keys_seen = set()  # what looks like a key, cut
        self._runs = set()      # of hexadecimal digits
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.error = None

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ends.set()
        self._thread.join(60)
        self._read_all()
        if self.error:
            raise self.error

    def _run(self):
        try:
            while not self._ends.wait(EVERY):
                self._read_all()
        except Exception as error:      # pylint: disable=broad-except
            self.error = error          # raised by __exit__()

    def _read_all(self):
        began = time.monotonic()
        for log in self.logs:
            while text := log.read():
                self._judge(log, text)
        self._read_at = began

    def _judge(self, log, text):
        for line in text.splitlines():
            if KILLED in line:
                self.killed += 1
            elif NEVER.search(line) or SERIOUS.search(line):
                self._serious.append(Line(
                    f"{log.path.name}: {line[:300]}", self._read_at,
                    time.monotonic()))
            elif found := SAID.search(line):
                self.said[found.groups()] += 1
        for found in POLLING.findall(text):
            self.poller = int(found)
        self.keys_seen |= {f"{log.path.name}: {found[:12]}…"
                           for found in KEY.findall(text)}
        self._runs |= set(HEX_RUN.findall(text.lower()))

    def serious(self, faults):
        """The lines that no fault explains."""
        return [line.text for line in self._serious
                if not line.is_explained(faults)]

    def leaks(self):
        """Secrets that are in any log.  There may be a hundred thousand of
        each, so each part of a run is looked up."""
        parts = {run[start:start + DIGITS] for run in self._runs
                 for start in range(len(run) - DIGITS + 1)}
        return sorted(self.keys_seen) + sorted(
            secret[:12] + "…" for secret in self.secrets & parts)

    @property
    def bytes(self):
        return sum(log.bytes for log in self.logs)

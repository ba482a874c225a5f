# SPDX-License-Identifier: Apache-2.0
"""Samples of what must not grow: of httpd's processes, of its sessions in the
database, and of its shared memory."""

import contextlib
import json
import re
import subprocess
import threading
import time
from pathlib import Path

from harness.figures import named, parse
from harness.pgsql import TESTS

ROLLUP = re.compile(r"^(Rss|Pss|Private_Clean|Private_Dirty): +(\d+) kB",
                    re.MULTILINE)
# What pg_log_backend_memory_contexts() writes of a session, and in it for each
# plan that the session keeps, of a prepared statement or of a function.  Of more
# than a hundred contexts it writes the number.
BEGINNING = "logging memory contexts of PID"
CONTEXTS = re.compile(
    r"level: \d+; (CachedPlanSource|(\d+) more child contexts)")
REMAINING = re.compile(r'"key";r=(\d+)')


def memory(pid):
    """Kilobytes: what it has alone, and its share of what several have."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii")
    values = {name: int(number) for name, number in ROLLUP.findall(text)}
    return (values.get("Private_Clean", 0) + values.get("Private_Dirty", 0),
            values.get("Pss", 0))


def files(pid):
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def threads(pid):
    return len(list(Path(f"/proc/{pid}/task").iterdir()))


def shared(pid):
    """The number of mappings that processes share, and their kilobytes."""
    sizes = []
    for line in Path(f"/proc/{pid}/maps").read_text("ascii").splitlines():
        span, mode = line.split()[:2]
        if mode.endswith("s"):
            start, end = (int(part, 16) for part in span.split("-"))
            sizes.append((end - start) // 1024)
    return len(sizes), sum(sizes)


class Sampler:
    """Takes a sample every few seconds, in a thread, until its context ends."""

    def __init__(self, scene, probe, every, file=None):
        self._scene = scene
        self._probe = probe     # a key that nobody else uses
        self._every = every
        self._file = file       # for a line of JSON each
        self._server_log = scene.database.server.folder / "log"
        self._read_to = 0
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.samples = []
        self.missed = 0         # as the server had a fault
        self.error = None

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ends.set()
        self._thread.join(60)
        if self.error:
            raise self.error

    def _run(self):
        try:
            while not self._ends.is_set():
                began = time.monotonic()
                self.take()
                self._ends.wait(self._every - (time.monotonic() - began))
        except Exception as error:      # pylint: disable=broad-except
            self.error = error          # raised by __exit__()

    def take(self):
        """One sample: {name of a series: number}."""
        sample = {"at": time.monotonic(),
                  "requests": self._scene.requests()}
        # A process may end meanwhile; at its end the kernel owns its files.
        with contextlib.suppress(FileNotFoundError, ProcessLookupError,
                                 PermissionError):
            sample |= self._processes()
        with contextlib.suppress(Exception):    # a fault of the database
            sample |= self._sessions()
        try:
            sample |= self._tables()
        except (OSError, AssertionError, ValueError):
            self.missed += 1
        self.samples.append(sample)
        if self._file:
            print(json.dumps(sample), file=self._file, flush=True)

    def _processes(self):
        parent = self._scene.server.pid
        children = self._scene.server.children()
        private, pss = zip(*map(memory, children))
        number, size = shared(parent)
        return {
            "generation": tuple(sorted(children)),
            "children": len(children),
            "children, private KiB": sum(private),
            "children, PSS KiB": sum(pss),
            "children, descriptors": sum(map(files, children)),
            "children, threads": sum(map(threads, children)),
            "parent, private KiB": memory(parent)[0],
            "parent, descriptors": files(parent),
            "parent, threads": threads(parent),
            "shared mappings": number,
            "shared mappings, KiB": size,
        }

    def _sessions(self):
        database = self._scene.database
        with contextlib.closing(database.server.connect()) as admin:
            cursor = admin.cursor()
            cursor.execute(
                "SELECT pid FROM pg_stat_activity WHERE usename = %s "
                "AND application_name <> %s", (database.user, TESTS))
            pids = [pid for pid, in cursor.fetchall()]
            cursor.execute(
                "SELECT pg_log_backend_memory_contexts(pid) "
                "FROM pg_stat_activity WHERE usename = %s", (database.user,))
        sizes = []
        for pid in pids:
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                sizes.append(memory(pid)[0])
        return {"sessions": len(pids),
                "sessions, private KiB, most": max(sizes, default=0),
                **self._statements()}

    def _statements(self):
        """The plans of the session that has most, as the server's log says."""
        with open(self._server_log, encoding="utf-8",
                  errors="replace") as file:
            file.seek(self._read_to)
            text = file.read()
            self._read_to = file.tell()
        several = [sum(int(more or 1) for _, more in CONTEXTS.findall(one))
                   for one in text.split(BEGINNING)[1:]]
        return {"plans of a session, most": max(several)} if several else {}

    def _tables(self):
        server = self._scene.server
        figures = parse(server.get("/figures", timeout=60).text)
        keys = named(figures, "uptime_keys_key_requests_total")
        look_ups = named(figures, "uptime_keys_cache_lookups_total")
        status = server.get("/status?auto", timeout=60).text
        board = re.search(r"Scoreboard: (\S+)", status)[1]
        sample = {"keys with a place": len(keys) - 1,
                  "uses that are counted": sum(keys.values()),
                  "look-ups": sum(look_ups.values()),
                  "look-ups, misses": look_ups.get("miss", 0),
                  "workers that finish": board.count("G")}
        if self._scene.is_calm():
            sample |= self._budget()
        return sample

    def _budget(self):
        """What is left of the limit of a key that asks by Upgrade, which is
        counted twice and given back once."""
        done = subprocess.run(
            ["curl", "-s", "--http2", "-D", "-", "-o", "/dev/null",
             "--max-time", "60", "-H", "@-",
             f"http://127.0.0.1:{self._scene.server.port}/t/probe"],
            input=f"Authorization: Bearer {self._probe}\n", text=True,
            capture_output=True, check=False, timeout=70)
        found = REMAINING.findall(done.stdout)
        return {"rest of a limit": int(found[-1])} if found else {}

# SPDX-License-Identifier: Apache-2.0
"""What virtual hosts cost whose keys nobody uses, and the first use after."""

import contextlib
import shutil
import statistics
import tempfile
import time
from pathlib import Path

import against
from harness import environment, make_key
from harness.backends import open_database
from hosts import KINDS, Hosts, ask, connection

COUNTS, QUICK_COUNTS = (1, 200, 1000), (1, 50)
STARTS, QUICK_STARTS = 5, 2
# Seconds in which nobody calls, before (until the threads that polled have ended)
# and while it is measured.
ASLEEP, IDLE, QUICK_IDLE = 17, 20, 5
# Hosts whose first request after idling is timed.
ASKED = 200
HEADINGS = ("hosts", "build", "start", "threads of a child", "CPU of a core",
            "reads a second", "first request after idling, p50", "p99")


class Databases:
    """Copies of one SQLite database, of one build."""

    def __init__(self, count, build, key):
        folder = Path(tempfile.mkdtemp(prefix="uk-hosts-"))
        folder.chmod(0o755)
        environment.give_to_ordinary_user(folder)
        template = open_database(folder, "sqlite3")
        if build:
            template.program = build.tool
        template.init()
        template.create_team("acme")
        template.import_key("monitors:read", text=key)
        self.params = [folder / f"{number}.db" for number in range(count)]
        for file in self.params:
            shutil.copy(template.params, file)
            environment.give_to_ordinary_user(file)


def seconds_to_start(server):
    began = time.monotonic()
    server.start(await_checks=False)
    return time.monotonic() - began


def start_times(servers, rounds):
    """The median of each, started in turns; they run after it."""
    times = [[] for _ in servers]
    for number in range(rounds):
        for server, took in zip(servers, times):
            took.append(seconds_to_start(server))
            if number < rounds - 1:
                server.stop()
    return [statistics.median(took) for took in times]


def rest(servers, seconds):
    """CPU time and reading system calls of each, per second."""
    def look():
        return [(server.cpu_seconds(), server.reads())
                for server in servers]

    time.sleep(ASLEEP)
    before, began = look(), time.monotonic()
    time.sleep(seconds)
    after, took = look(), time.monotonic() - began
    return [((cpu - cpu_before) / took, (reads - reads_before) / took)
            for (cpu_before, reads_before), (cpu, reads) in zip(before, after)]


def requests_to_each(servers, key, count):
    """Milliseconds of a request to each host, server by server in turns."""
    times = [[] for _ in servers]
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(connection(server))
                   for server in servers]
        for number in range(count):
            for client, took in zip(clients, times):
                status, milliseconds = ask(client, number, key)
                assert status == 200, f"the answer is {status}"
                took.append(milliseconds)
    return times


def measure_hosts(count, build, quick):
    """A row of the table for each kind of server."""
    key = make_key()
    databases = [Databases(count, build, key) for _ in KINDS]
    servers = [Hosts(kind, "sqlite3", each.params, build=build)
               for kind, each in zip(KINDS, databases)]
    asked = min(count, ASKED)
    with removing(servers):
        starts = start_times(servers, QUICK_STARTS if quick else STARTS)
        # Connections are opened, and pages are read.
        requests_to_each(servers, key, asked)
        idle = rest(servers, QUICK_IDLE if quick else IDLE)
        threads = [server.threads() for server in servers]
        times = requests_to_each(servers, key, asked)
    return [{"hosts": count, "kind": kind, "build": build and build.name,
             "start": start, "threads": number, "cpu": cpu, "reads": reads,
             "p50": statistics.median(took), "p99": percentile(took, 99)}
            for kind, start, number, (cpu, reads), took
            in zip(KINDS, starts, threads, idle, times)]


def percentile(values, percent):
    return sorted(values)[min(len(values) * percent // 100, len(values) - 1)]


@contextlib.contextmanager
def removing(servers):
    with contextlib.ExitStack() as stack:
        for server in servers:
            stack.callback(server.remove)
            stack.callback(server.stop)
        yield


def cells(row, base):
    kind = row["kind"] + (f", commit {row['build']}" if row["build"] else "")
    return [f"{row['hosts']:,}", kind,
            f"{row['start']:.2f} s ({row['start'] / base['start']:.2f})",
            f"{row['threads'] - base['threads']:+d}",
            f"{(row['cpu'] - base['cpu']) * 100:+.3f} %",
            f"{row['reads']:.1f}", f"{row['p50']:.2f} ms",
            f"{row['p99']:.2f} ms"]


def measure(options):
    """Rows of this build, then of another one."""
    lines = [HEADINGS, ("---:", "---", *("---:" for _ in HEADINGS[2:]))]
    rows = []
    builds = [None]
    if options.against:
        builds.append(against.built(options.against))
    for count in QUICK_COUNTS if options.quick else COUNTS:
        for build in builds:
            found = measure_hosts(count, build, options.quick)
            rows += found
            lines += [cells(row, found[0]) for row in found]
            print(f"{count} hosts measured", flush=True)
    return "".join(f"| {' | '.join(line)} |\n" for line in lines), rows

# SPDX-License-Identifier: Apache-2.0
"""Requests per second and latency, by wrk, of two servers in turn."""

import json
import statistics
import subprocess
from pathlib import Path

from server import MeasuredHttpd, cores, running

SCRIPT = Path(__file__).parent / "wrk.lua"
CONNECTIONS = 16
# The figures of a run that are shown and compared with those of another row.
FIGURES = ("rps", "p50", "p99", "cpu")


def wrk(server, seconds, connections, first):
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s",
               "-s", SCRIPT]
    for name, value in server.headers.items():
        command += ["-H", f"{name}: {value}"]
    command.append(server.url)
    if server.row.keys:
        command += ["--", *server.row.keys.arguments(first)]
    done = subprocess.run(command, check=True, text=True,
                          capture_output=True, timeout=seconds + 30)
    return json.loads(done.stdout.splitlines()[-1])


def run_wrk(server, seconds, connections=CONNECTIONS):
    """One run over keep-alive connections; asserts the answers."""
    with server.beside():
        # A cache whose server was asked nothing for ten seconds is empty.
        if server.row.keys:
            warm_up(server)
        return timed_wrk(server, seconds, connections)


def timed_wrk(server, seconds, connections=CONNECTIONS, first=None):
    """first is the number of the row's key to begin with."""
    cpu = server.cpu_seconds()
    result = wrk(server, seconds, connections, first)
    cpu = server.cpu_seconds() - cpu
    assert_answered(server, result)
    result["rps"] = result["requests"] / (result["micros"] / 1e6)
    result["cpu"] = cpu / result["requests"] * 1e6
    return result


def assert_answered(server, result):
    """wrk counts answers above 399; assert_right() checks their status."""
    row = server.row
    expected = result["requests"] if row.status > 399 else 0
    assert result["requests"] > 0, f"{row.name}: no answers"
    assert result["refused"] == expected, "\n".join([
        f"{row.name}: {result['refused']} of {result['requests']} refused",
        *server.complaints()])
    for kind in ("connect", "read", "write", "timeout"):
        assert result[kind] == 0, f"{row.name}: {kind} errors: {result}"


def warm_up(server):
    """A second of load, or as many as are needed to use every key."""
    requests = 0
    while requests < len(server.row.keys or "."):
        requests += timed_wrk(server, 1, first=requests)["requests"]


def measure(rows, rounds, seconds, quiet_wait):
    """The runs of every row by its name, and the ratios of each pair."""
    with running([(row.kind or MeasuredHttpd)(row, cores())
                  for row in rows]) as servers:
        by_name = {server.row.name: server for server in servers}
        for server in servers:
            server.assert_right()
            warm_up(server)
        runs = take_turns(by_name, rounds, seconds, quiet_wait)
        for server in servers:
            server.assert_right()
    return {name: summary(*runs[name]) for name in by_name}


def take_turns(servers, rounds, seconds, quiet_wait):
    """Run A B, then B A, for every row B and its baseline A, in each round.

    By row: all its runs, and the pairs of a run and one of its baseline.
    """
    runs = {name: ([], []) for name in servers}
    for number in range(rounds):
        for name, server in servers.items():
            baseline = server.row.baseline
            if not baseline:
                continue
            pair = [baseline, name] if number % 2 == 0 else [name, baseline]
            quiet_wait.wait()
            for one in pair:
                runs[one][0].append(run_wrk(servers[one], seconds))
            runs[name][1].append((runs[name][0][-1], runs[baseline][0][-1]))
        print(f"round {number + 1} of {rounds} done", flush=True)
    return runs


def summary(runs, pairs):
    """The medians of the runs and of the ratios of the pairs."""
    ratios = {what: [one[what] / other[what] for one, other in pairs]
              for what in FIGURES}
    medians = {what: statistics.median(run[what] for run in runs)
               for what in FIGURES}
    return {**medians, "ratios": ratios, "runs": runs}

# SPDX-License-Identifier: Apache-2.0
"""Requests per second and latency, by wrk, two servers in turns."""

import json
import statistics
import subprocess
from pathlib import Path

from server import MeasuredHttpd, cores, running

SCRIPT = Path(__file__).parent / "report.lua"
CONNECTIONS = 16


def run_wrk(server, seconds):
    """One run over kept-alive connections; every answer is as expected."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s",
               "-s", SCRIPT]
    for name, value in server.headers.items():
        command += ["-H", f"{name}: {value}"]
    cpu = server.cpu_seconds()
    done = subprocess.run([*command, server.url], check=True, text=True,
                          capture_output=True, timeout=seconds + 30)
    cpu = server.cpu_seconds() - cpu
    result = json.loads(done.stdout.splitlines()[-1])
    assert_answered(server.row, result)
    result["rps"] = result["requests"] / (result["micros"] / 1e6)
    result["cpu"] = cpu / result["requests"] * 1e6
    return result


def assert_answered(row, result):
    """wrk counts answers above 399; assert_right() sees to which they are."""
    expected = result["requests"] if row.status > 399 else 0
    assert result["requests"] > 0, f"{row.name}: no answers"
    assert result["refused"] == expected, \
        f"{row.name}: {result['refused']} of {result['requests']} refused"
    for kind in ("connect", "read", "write", "timeout"):
        assert result[kind] == 0, f"{row.name}: {kind} errors: {result}"


def measure(rows, rounds, seconds, patience):
    """The runs of every row by its name, and ratios pair by pair."""
    with running([MeasuredHttpd(row, cores()) for row in rows]) as servers:
        by_name = {server.row.name: server for server in servers}
        for server in servers:
            server.assert_right()
            run_wrk(server, 1)
        runs = take_turns(by_name, rounds, seconds, patience)
        for server in servers:
            server.assert_right()
    return {name: summary(runs[name], runs["ratio of " + name])
            for name in by_name}


def take_turns(servers, rounds, seconds, patience):
    """A B, then B A, for every row B and its baseline A, round by round."""
    runs = {kind + name: [] for name in servers for kind in ("", "ratio of ")}
    for number in range(rounds):
        for name, server in servers.items():
            baseline = server.row.baseline
            if not baseline:
                continue
            pair = [baseline, name] if number % 2 == 0 else [name, baseline]
            patience.wait()
            for one in pair:
                runs[one].append(run_wrk(servers[one], seconds))
            runs["ratio of " + name].append(
                runs[name][-1]["rps"] / runs[baseline][-1]["rps"])
        print(f"round {number + 1} of {rounds} done", flush=True)
    return runs


def summary(runs, ratios):
    medians = {what: statistics.median(run[what] for run in runs)
               for what in ("rps", "cpu", "p50", "p99")}
    if ratios:
        medians["ratio"] = statistics.median(ratios)
    return {**medians, "ratios": ratios, "runs": runs}

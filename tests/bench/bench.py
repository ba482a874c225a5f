# SPDX-License-Identifier: Apache-2.0
"""build/bench: measures, prints tables and writes them to build/out/bench."""

import argparse
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "tests" / "httpd"))

# pylint: disable=wrong-import-position
import accuracy             # noqa: E402
import against              # noqa: E402
import churn                # noqa: E402
import event_lists          # noqa: E402
import fleet                # noqa: E402
import gateway              # noqa: E402
import idle                 # noqa: E402
import importing            # noqa: E402
import instructions         # noqa: E402
import manykeys             # noqa: E402
import memory               # noqa: E402
import pooler               # noqa: E402
import refused              # noqa: E402
import sizes                # noqa: E402
import syscalls             # noqa: E402
import tables               # noqa: E402
import wrk                  # noqa: E402
from harness import environment                     # noqa: E402
from quiet import QuietWait                          # noqa: E402
from rows import ROWS, select, with_earlier         # noqa: E402

RESULTS = REPOSITORY / "build" / "out" / "bench"
QUICK_ROUNDS = 3
# The parts that measure another build, too.
AGAINST = ("rows", "churn", "idle", "refused", "import")


def arguments():
    parser = argparse.ArgumentParser(
        prog="build/bench",
        description="Requests per second, latency and CPU instructions per "
                    "request, with and without API keys.",
        epilog="rows: " + ", ".join(ROWS))
    parser.add_argument("--quick", action="store_true",
                        help="fewer and shorter rounds")
    parser.add_argument("--rounds", type=int, default=7, metavar="N",
                        help="pairs of runs for each ratio (7)")
    parser.add_argument("--quiet-wait", type=int, default=60,
                        metavar="SECONDS",
                        help="time to wait, in all, for moments in which the "
                             "machine does nothing else (60)")
    parser.add_argument("--part", choices=[*PARTS, "all"], default="rows",
                        help="what is measured (rows)")
    parser.add_argument("--rows", nargs="+", choices=ROWS, metavar="ROW",
                        help="only these, and what they are compared with")
    parser.add_argument("--profile", choices=ROWS, metavar="ROW",
                        help="only: where one request's instructions go")
    parser.add_argument("--top", type=int, default=40, metavar="N",
                        help="lines of each list of --profile (40)")
    parser.add_argument("--against", metavar="COMMIT",
                        help="measure this commit's build too, in turns")
    options = parser.parse_args()
    if options.against and (options.part not in AGAINST or options.profile):
        parser.error("--against: only with --part "
                     + " or --part ".join(AGAINST))
    return options


def use_copies(folder):
    """Copy the build to where httpd's user can read it."""
    os.chmod(folder, 0o755)
    environment.MODULE = Path(shutil.copy(environment.MODULE, folder))
    environment.TOOL = Path(shutil.copy(environment.TOOL, folder))


def machine():
    version = subprocess.run([environment.httpd_binary(), "-v"], check=True,
                             text=True, capture_output=True).stdout
    return {"cores": len(os.sched_getaffinity(0)),
            "machine": platform.machine(), "system": platform.platform(),
            "httpd": version.splitlines()[0].partition(": ")[2],
            "load before": os.getloadavg()[0]}


def compare(rows, options):
    """Run wrk in pairs; the figures of every row, and the conditions."""
    quiet_wait = QuietWait(options.quiet_wait)
    rounds = min(QUICK_ROUNDS, options.rounds) if options.quick \
        else options.rounds
    figures = wrk.measure(rows, rounds, seconds=1, quiet_wait=quiet_wait)
    if quiet_wait.disturbed:
        print(f"{quiet_wait.disturbed} pairs of runs were not alone on this "
              "machine: do not trust requests per second.", flush=True)
    return figures, {"connections": wrk.CONNECTIONS, "load": figures,
                     "disturbed pairs": quiet_wait.disturbed}


def measure_rows(options):
    """One key, or one user: wrk first, then callgrind."""
    rows = select(options.rows)
    if options.against:
        rows = list(with_earlier(rows, against.built(options.against)))
    figures, result = compare(rows, options)
    result["instructions"] = {}
    for row in rows:
        if row.is_counted:
            result["instructions"][row.name] = instructions.per_request(row)
            print(f"instructions of {row.name} counted", flush=True)
    return tables.table(rows, figures, result["instructions"]), result


def measure_keys(options):
    rows = manykeys.rows(options.quick)
    figures, result = compare(rows, options)
    return tables.table(rows, figures), result


def measure_churn(options):
    build = against.built(options.against) if options.against else None
    rows = list(churn.rows(options.quick, build))
    figures, result = compare(rows, options)
    return tables.table(rows, figures), result


def measure_refused(options):
    return refused.measure(options, options.against
                           and against.built(options.against))


def measure_pooler(options):
    rows = list(pooler.rows())
    figures, result = compare(rows, options)
    return tables.table(rows, figures), result


def measure_gateway(options):
    rows = list(gateway.rows())
    figures, result = compare(rows, options)
    counts = gateway.instructions_of_httpd()
    return tables.table(rows, figures) + "\n" + counts, result


PARTS = {"rows": measure_rows, "keys": measure_keys, "churn": measure_churn,
         "idle": idle.measure, "fleet": fleet.measure,
         "refused": measure_refused,
         "pooler": measure_pooler,
         "gateway": measure_gateway,
         "memory": memory.measure, "syscalls": syscalls.measure,
         "sizes": sizes.measure, "events": event_lists.measure,
         "rate": accuracy.measure, "import": importing.measure}


def measure(options):
    """Measure the selected parts and write a file for each."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    for part in PARTS if options.part == "all" else [options.part]:
        result = {"command": " ".join(["build/bench", *sys.argv[1:]]),
                  **machine()}
        table, result["result"] = PARTS[part](options)
        (RESULTS / f"{part}.md").write_text(table)
        (RESULTS / f"{part}.json").write_text(
            json.dumps(result, indent=1) + "\n")
        print(f"\n{table}\nWritten to {RESULTS}/{part}.md and {part}.json.",
              flush=True)


def show_profile(options):
    """Print the row's lists, or their differences from its baseline."""
    row = ROWS[options.profile]
    own, inclusive = instructions.profile(row)
    what = f"row {row.name}"
    if row.baseline:
        base_own, base_inclusive = instructions.profile(ROWS[row.baseline])
        own = tables.added(own, base_own)
        inclusive = tables.added(inclusive, base_inclusive)
        what += f" more than row {row.baseline}"
    print(f"Instructions per request, {what}: {sum(own.values()):,.0f}")
    for title, counts in (("By library", tables.by_library(own)),
                          ("By function, its own", own),
                          ("By function, with what it calls", inclusive)):
        print(tables.listing(title, counts, options.top), end="")


def main():
    options = arguments()
    # SIGTERM raises an exception, so that all servers are stopped.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    with tempfile.TemporaryDirectory(prefix="uk-bench-") as folder:
        # The servers' files are removed with it.
        tempfile.tempdir = folder
        use_copies(folder)
        (show_profile if options.profile else measure)(options)


if __name__ == "__main__":
    try:
        main()
    except (AssertionError, subprocess.SubprocessError) as error:
        sys.exit(f"build/bench: {error}")

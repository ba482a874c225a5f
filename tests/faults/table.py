#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs all faults on all databases and prints the results as a table in
Markdown, with mod_authn_dbd for comparison.

    build/test --quick      once, to install what is needed and to build
    tests/faults/table.py [BACKEND…]

It takes two minutes for each backend, and may run as root.
"""

import collections
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

HERE = Path(__file__).parent
BACKENDS = {"pgsql": "PostgreSQL", "mysql": "MariaDB",
            "odbc-pgsql": "ODBC to PostgreSQL", "odbc-mysql": "ODBC to MariaDB"}
FINE = {"200", "503"}


def cells_of(backend):
    """The cells that the tests of a backend recorded; exits if they fail."""
    with tempfile.NamedTemporaryFile(suffix=".xml") as report:
        subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider",
             f"--junitxml={report.name}", HERE / "test_faults.py"],
            check=True, stdout=sys.stderr,
            env={**os.environ, "UPTIME_KEYS_DRIVER": backend})
        return [json.loads(found.get("value"))
                for found in ElementTree.parse(report.name).iter("property")
                if found.get("name") == "cell"]


def show_answers(cell):
    """Counts by status; unexpected ones are bold."""
    return ", ".join(
        f"{count} × {status}" if status in FINE else f"**{count} × {status}**"
        for status, count in sorted(cell["answers"].items()))


def show(cell):
    after = cell["back after"]
    if after is None:
        return show_answers(cell) + "; never"
    return show_answers(cell) + f"; {round(after, 2) or 0:g} s"


def wrong(cell):
    return sum(count for status, count in cell["answers"].items()
               if status not in FINE)


def table(backends, cells):
    rows = collections.defaultdict(dict)
    for cell in cells:
        rows[cell["fault"], cell["who"]][cell["backend"]] = cell
    yield ["fault", "", *(BACKENDS[backend] for backend in backends), "wrong"]
    yield ["---"] * (2 + len(backends)) + ["---:"]
    for (fault, who), by_backend in rows.items():
        yield [fault if who == "mod_uptime_keys" else "", who,
               *(show(by_backend[backend]) for backend in backends),
               str(sum(map(wrong, by_backend.values())))]


def main(backends):
    cells = [cell for backend in backends for cell in cells_of(backend)]
    for row in table(backends, cells):
        print("| " + " | ".join(row) + " |")


if __name__ == "__main__":
    main(sys.argv[1:] or list(BACKENDS))

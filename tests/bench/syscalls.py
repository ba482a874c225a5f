# SPDX-License-Identifier: Apache-2.0
"""System calls per request, counted by strace.

As in instructions.py, the difference of 2 N and N requests counts.
"""

import collections
import re

from counted import count
from rows import ROWS

REQUESTS = 250
PAUSE = 0.02        # seconds between two; strace is slow
# -D: if strace were the parent, httpd would not get the signal that ends it.
STRACE = ("strace", "-D", "-ff", "-qq", "-o", "{}")
# Calls that only the listener and the worker threads make.
SERVES = re.compile(r"^(accept4|writev)\(", re.M)
# The last call for a request; what follows is the end of the thread.
LAST = re.compile(r".*^(writev|epoll_wait)\(", re.M | re.S)
CALL = re.compile(r"^(\w+)\(", re.M)


def calls(file):
    return collections.Counter(CALL.findall(LAST.match(file.read_text())[0]))


def per_request(row):
    once, twice = (sum(count(row, n, PAUSE, STRACE, SERVES, calls),
                       collections.Counter())
                   for n in (REQUESTS, 2 * REQUESTS))
    return {name: (twice[name] - once[name]) / REQUESTS for name in twice
            if twice[name] != once[name]}


def measure(_):
    """The calls with a cached key, and without a key."""
    bare, cached = (per_request(ROWS[name]) for name in ("open", "cached"))
    lines = ["| system call | without this module | cached key |",
             "| --- | ---: | ---: |"]
    lines += [f"| `{call}` | {bare.get(call, 0):.2f} | "
              f"{cached.get(call, 0):.2f} |"
              for call in sorted(bare.keys() | cached.keys())]
    lines.append(f"| all | {sum(bare.values()):.2f} | "
                 f"{sum(cached.values()):.2f} |")
    return "\n".join(lines) + "\n", {"open": bare, "cached": cached}

# SPDX-License-Identifier: Apache-2.0
"""System calls per request, counted by strace.

As with instructions, N requests and 2 N: the difference is theirs.
"""

import collections
import re

from counted import count
from rows import ROWS

REQUESTS = 250
PAUSE = 0.02        # seconds between two; strace is slow
# -D: a parent would keep from httpd the signal that ends it.
STRACE = ("strace", "-D", "-ff", "-qq", "-o", "{}")
# What only the listener's and the workers' threads call.
SERVES = re.compile(r"^(accept4|writev)\(", re.M)
# Their last word before the server ends, and threads with it.
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
    """A cached key's, beside those of a request without."""
    bare, cached = (per_request(ROWS[name]) for name in ("open", "cached"))
    lines = ["| system call | without this module | cached key |",
             "| --- | ---: | ---: |"]
    lines += [f"| `{call}` | {bare.get(call, 0):.2f} | "
              f"{cached.get(call, 0):.2f} |"
              for call in sorted(bare.keys() | cached.keys())]
    lines.append(f"| all | {sum(bare.values()):.2f} | "
                 f"{sum(cached.values()):.2f} |")
    return "\n".join(lines) + "\n", {"open": bare, "cached": cached}

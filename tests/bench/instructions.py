# SPDX-License-Identifier: Apache-2.0
"""CPU instructions per request in user space, counted by callgrind.

A server is counted twice, for N requests and for 2 N: the difference is what
N requests cost, without start and end.
"""

import collections
import http.client
import re
import subprocess
import time
from pathlib import Path

from server import PATH, CountedHttpd, running

REQUESTS = 500
# Between two requests. A request that is there before the last one's end is
# served without going through httpd's listener thread, some 700 instructions
# cheaper: not a matter of chance then.
PAUSE = 0.003
TOTAL = re.compile(r"^(?:summary|totals): (\d+)", re.M)
# "1,234 ( 0.5%)  file.c:function [/usr/lib/library.so]"
LINE = re.compile(r"^ *([\d,]+) \([ \d.]+%\)  \S*?:(.+?)(?: \[(.+)\])?$", re.M)


def send(server, count):
    """So many requests on one connection, which must not be opened again."""
    client = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    client.connect()
    client.auto_open = 0
    for _ in range(count):
        client.request("GET", PATH, headers=server.headers)
        answer = client.getresponse()
        answer.read()
        assert answer.status == server.row.status, \
            f"{server.row.name}: the answer is {answer.status}"
        time.sleep(PAUSE)
    client.close()


def count(row, requests, read):
    """What read() finds in callgrind's file after so many requests."""
    server = CountedHttpd(row)
    with running([server]):
        send(server, requests)
        server.stop()
        return read(server.counts)


def total(file):
    return int(TOTAL.search(file.read_text())[1])


def per_request(row):
    once, twice = (count(row, n, total) for n in (REQUESTS, 2 * REQUESTS))
    return (twice - once) / REQUESTS


def annotate(file, *options):
    """callgrind_annotate's lines: number, function, library if it says."""
    done = subprocess.run(
        ["callgrind_annotate", "--threshold=100", "--auto=no", *options, file],
        check=True, text=True, capture_output=True, timeout=120)
    return [(int(number.replace(",", "")), function, Path(library).name)
            for number, function, library in LINE.findall(done.stdout)]


def by_function(lines, combine):
    """One count for each "function [library]".

    A function has several lines where it has code of several source files,
    and the library stands in one of them only.
    """
    libraries = {function: library for _, function, library in lines
                 if library}
    counts = collections.defaultdict(int)
    for number, function, library in lines:
        where = function, library or libraries.get(function, "")
        counts[where] = combine((counts[where], number))
    return counts


def own_and_inclusive(file):
    return (by_function(annotate(file), sum),
            by_function(annotate(file, "--inclusive=yes"), max))


def profile(row):
    """Per request: own counts and inclusive ones, by function."""
    once, twice = (count(row, n, own_and_inclusive)
                   for n in (REQUESTS, 2 * REQUESTS))
    return [{where: (b[where] - a[where]) / REQUESTS for where in b}
            for a, b in zip(once, twice)]

# SPDX-License-Identifier: Apache-2.0
"""CPU instructions per request in user space, counted by callgrind.

A server is measured twice, with N and with 2 N requests: the difference is the
cost of N requests without start and stop.

How much more a thread executes that serves more requests is counted from thread
to thread: some open a connection to the database, which alone costs as much as a
hundred requests, and not always the same number of them do.
"""

import collections
import re
import statistics
import subprocess
from pathlib import Path

from counted import count

REQUESTS = 500
ROUNDS = 3
# What each request calls once.
ONCE = "ap_read_request"
PAUSE = 0.003       # seconds between two requests
CALLGRIND = ("valgrind", "--tool=callgrind", "--quiet",
             "--separate-threads=yes", "--callgrind-out-file={}")
# Functions that only the listener and the worker threads call.
SERVES = re.compile(r"\b(ap_run_process_connection|apr_socket_accept)\b")
TOTAL = re.compile(r"^(?:summary|totals): (\d+)", re.M)
# "1,234 ( 0.5%)  file.c:function [/usr/lib/library.so]"
LINE = re.compile(r"^ *([\d,]+) \([ \d.]+%\)  \S*?:(.+?)(?: \[(.+)\])?$", re.M)


def per_thread(row, requests, read):
    return count(row, requests, PAUSE, CALLGRIND, SERVES, read)


def requests_and_total(file):
    """How many requests a thread served, and its instructions.

    callgrind writes "cfn=(12) name" where it names a function first, "cfn=(12)"
    from then on, and how often it was called in the next line."""
    text = file.read_text()
    number = re.search(rf"fn=(\(\d+\)) {ONCE}\n", text)
    called = re.findall(rf"cfn={re.escape(number[1])}.*\ncalls=(\d+)",
                        text) if number else []
    return sum(map(int, called)), int(TOTAL.search(text)[1])


def slope(once, twice):
    """The median over all pairs of a thread of either run (Theil-Sen)."""
    return statistics.median(
        (more - fewer) / (many - few)
        for few, fewer in once for many, more in twice if many > few > 0)


def difference(row):
    """Of one request: that of a thread, and that of httpd's listener."""
    once, twice = (per_thread(row, n, requests_and_total)
                   for n in (REQUESTS, 2 * REQUESTS))
    others = [sum(total for requests, total in threads if not requests)
              for threads in (once, twice)]
    return slope(once, twice) + (others[1] - others[0]) / REQUESTS


def per_request(row):
    """The median: under valgrind on a busy machine httpd's poll of the database
    may be late, and then keys of the cache are looked up."""
    return statistics.median(difference(row) for _ in range(ROUNDS))


def annotate(file, *options):
    """Lines of callgrind_annotate: number, function, library or None."""
    done = subprocess.run(
        ["callgrind_annotate", "--threshold=100", "--auto=no", *options, file],
        check=True, text=True, capture_output=True, timeout=120)
    return [(int(number.replace(",", "")), function, Path(library).name)
            for number, function, library in LINE.findall(done.stdout)]


def by_function(lines, combine):
    """One count for each "function [library]".

    A function with code from several source files has several lines, only one
    of which names the library.
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


def of_all_threads(threads):
    """The sums over the threads of the results of own_and_inclusive()."""
    sums = collections.Counter(), collections.Counter()
    for counts in threads:
        for whole, part in zip(sums, counts):
            whole.update(part)
    return sums


def profile(row):
    """Exclusive and inclusive counts per request, by function."""
    once, twice = (of_all_threads(per_thread(row, n, own_and_inclusive))
                   for n in (REQUESTS, 2 * REQUESTS))
    return [{where: (b[where] - a[where]) / REQUESTS for where in b}
            for a, b in zip(once, twice)]

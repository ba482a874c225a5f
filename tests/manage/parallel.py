# SPDX-License-Identifier: Apache-2.0
"""Clients that create keys at the same time, and their results."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

LIMIT = 10
ALL_SLOTS = list(range(1, LIMIT + 1))


def kind(answer):
    """201, or the name of the problem type."""
    if answer.status_code in (200, 201):
        return answer.status_code
    return answer.json()["type"].rpartition(":")[2]


def together(tasks):
    """The results of tasks that start at the same time."""
    barrier = threading.Barrier(len(tasks))

    def run(task):
        barrier.wait()
        return task()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(run, tasks))


def create(client, times=1):
    return lambda: [kind(client.create()) for _ in range(times)]


def tally(results):
    return Counter(outcome for each in results for outcome in each)

# SPDX-License-Identifier: Apache-2.0
"""Waiting for an event, bounded."""

import time


def eventually(condition, seconds=15, every=0.02):
    """The first true value of condition(); fails when none comes in time."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(every)

# SPDX-License-Identifier: Apache-2.0
"""Waits until no other program uses the processors."""

import time

SAMPLE = 0.3        # seconds of one measurement
BUSY = 0.15         # a larger share means that the machine is busy


def times():
    """Used and unused processor time since the machine started, in ticks."""
    with open("/proc/stat", encoding="ascii") as file:
        ticks = [int(field) for field in file.readline().split()[1:9]]
    idle = ticks[3] + ticks[4]
    return sum(ticks) - idle, idle


def busy_share():
    used, idle = times()
    time.sleep(SAMPLE)
    used_then, idle_then = times()
    used, idle = used_then - used, idle_then - idle
    return used / max(used + idle, 1)


class QuietWait:
    """Waits for so many seconds in all; after that, no more."""

    def __init__(self, seconds):
        self.left = seconds
        self.disturbed = 0          # how often the machine was still busy

    def wait(self):
        while busy_share() > BUSY:
            if self.left <= 0:
                self.disturbed += 1
                return
            self.left -= SAMPLE

# SPDX-License-Identifier: Apache-2.0
"""Waiting until nobody else uses the processors."""

import time

LOOK = 0.3          # seconds that one look takes
BUSY = 0.15         # a larger share is somebody at work


def times():
    """Used and unused processor time since the machine started, in ticks."""
    with open("/proc/stat", encoding="ascii") as file:
        ticks = [int(field) for field in file.readline().split()[1:9]]
    idle = ticks[3] + ticks[4]
    return sum(ticks) - idle, idle


def busy_share():
    used, idle = times()
    time.sleep(LOOK)
    used_then, idle_then = times()
    used, idle = used_then - used, idle_then - idle
    return used / max(used + idle, 1)


class Patience:
    """So many seconds of waiting in all; then it is done in the noise."""

    def __init__(self, seconds):
        self.left = seconds
        self.disturbed = 0          # how often it was not quiet in the end

    def wait(self):
        while busy_share() > BUSY:
            if self.left <= 0:
                self.disturbed += 1
                return
            self.left -= LOOK

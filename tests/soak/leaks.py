# SPDX-License-Identifier: Apache-2.0
"""The rule that tells a leak from noise, for a series of samples.

A series is judged over a stretch in which no process began or ended.  What is
not a leak reaches a plateau: caches, pools and arenas fill up, faster at first.
What leaks rises all the time.  So the first part of a stretch is left out, and
the rest has to rise by more than a tolerance, by two estimates at once:

- the median of all slopes between two samples (Theil and Sen), times the length:
  a quarter of the samples may be anything without moving it much.  Each half
  has to rise, and the smallest slope counts: a series that rises in only one
  half is on its way to a plateau, or took a step;
- the median of the last third less the median of the first third.
"""

import statistics
from dataclasses import dataclass

WARM_UP = 0.5           # share of a stretch
FEWEST = 12             # samples
MOST = 240              # samples, for which all pairs are compared
SHORT = 300             # seconds of a stretch

# What a stretch may rise by, absolute and as a share of the median.  Memory is
# of eight children with eight threads each, which were seen to reach their
# plateau within 220 seconds, or as many thousand requests: each thread's pools
# keep what the largest of its requests took.  Then they differed by 1 MiB.  What
# is tolerated in the second half of a stretch of 400 seconds is less than 32
# bytes for each request, and the smallest pool has 8192.  In shorter stretches
# memory has not reached its plateau.  Descriptors: one for each connection of a
# client.
TOLERANCES = {
    "children, private KiB": (6144, 0.10),
    "children, PSS KiB": (6144, 0.10),
    "children, descriptors": (20, 0),
    "children, threads": (3, 0),
    "parent, private KiB": (256, 0.10),
    "parent, descriptors": (2, 0),
    "parent, threads": (0.5, 0),
    "shared mappings": (0.5, 0),
    "shared mappings, KiB": (64, 0),
    "sessions": (12, 0),
    "sessions, private KiB, most": (1024, 0.10),
    "plans of a session, most": (150, 0),
}
TOLERANCES_SHORT = {**TOLERANCES,
                    "children, private KiB": (24576, 0),
                    "children, PSS KiB": (24576, 0)}
# Over the whole run, restarts included: medians of its stretches.
OVER_ALL = {**TOLERANCES,
            "children, private KiB": (12288, 0.20),
            "children, PSS KiB": (12288, 0.20)}


@dataclass(frozen=True)
class Leak:
    name: str
    growth: float
    tolerance: float
    where: str

    def __str__(self):
        return (f"{self.name} rises: {self.growth:+.0f} in {self.where}, "
                f"tolerated are {self.tolerance:.0f}")


def slope(points):
    """The median of the slopes between all pairs of points (x, y)."""
    points = thinned(points)
    slopes = [(y2 - y1) / (x2 - x1)
              for number, (x1, y1) in enumerate(points)
              for x2, y2 in points[number + 1:] if x2 > x1]
    return statistics.median(slopes) if slopes else 0.0


def thinned(points):
    return points[::len(points) // MOST + 1]


def growth(points):
    """By how much a series rises for sure; 0: it does not."""
    begin, end = points[0][0], points[-1][0]
    middle = (begin + end) / 2
    halves = [[point for point in points if point[0] <= middle],
              [point for point in points if point[0] >= middle]]
    slopes = [slope(points), *map(slope, halves)]
    by_slope = max(min(slopes), 0) * (end - begin)
    third = max(len(points) // 3, 1)
    by_medians = (statistics.median(y for _, y in points[-third:])
                  - statistics.median(y for _, y in points[:third])) * 1.5
    return max(min(by_slope, by_medians), 0)


def warm(points):
    """Without the warm-up."""
    if not points:
        return []
    begin, end = points[0][0], points[-1][0]
    start = begin + (end - begin) * WARM_UP
    return [point for point in points if point[0] >= start]


def series(samples, name):
    return [(sample["at"], sample[name]) for sample in samples
            if name in sample]


def tolerance(limits, points):
    absolute, share = limits
    return max(absolute, share * statistics.median(y for _, y in points))


def of_stretch(samples, where):
    """The leaks in the samples of one stretch."""
    is_short = samples[-1]["at"] - samples[0]["at"] < SHORT
    limits_of = TOLERANCES_SHORT if is_short else TOLERANCES
    for name, limits in limits_of.items():
        points = warm(series(samples, name))
        if len(points) < FEWEST:
            continue
        allowed = tolerance(limits, points)
        grown = growth(points)
        if grown > allowed:
            yield Leak(name, grown, allowed, where)


def over_all(several):
    """The leaks from one stretch to the next; the first one is warm-up."""
    for name, limits in OVER_ALL.items():
        points = []
        for samples in several[1:]:
            values = warm(series(samples, name))
            if values:
                points.append((values[0][0], statistics.median(
                    y for _, y in values)))
        if len(points) < 3:
            continue
        allowed = tolerance(limits, points)
        grown = slope(points) * (points[-1][0] - points[0][0])
        if grown > allowed:
            yield Leak(name, grown, allowed, f"{len(points)} stretches")


def stretches(samples):
    """The longest runs of samples with the same children, at least FEWEST of
    them after the warm-up."""
    runs, run = [], []
    for sample in samples:
        if run and sample.get("generation") not in (
                None, run[0]["generation"]):
            runs.append(run)
            run = []
        if run or sample.get("generation"):
            run.append(sample)
    return [one for one in (*runs, run)
            if len(one) * (1 - WARM_UP) >= FEWEST]


def flat(samples, name):
    """Whether a number is always the same; returns what was seen."""
    return sorted({sample[name] for sample in samples if name in sample})

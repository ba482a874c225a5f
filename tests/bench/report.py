# SPDX-License-Identifier: Apache-2.0
"""The numbers as Markdown tables and as text."""

import collections

HEADER = """\
| request | requests/s | ratio | p50 | p99 | CPU | instructions added |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |
"""


def table(rows, load, counts):
    return HEADER + "".join(
        line(row, load[row.name], counts) for row in rows)


def line(row, figures, counts):
    cells = [row.title, f"{figures['rps']:,.0f}", ratio(figures),
             milliseconds(figures["p50"]), milliseconds(figures["p99"]),
             f"{figures['cpu']:.0f} µs", instructions(row, counts)]
    return "| " + " | ".join(cells) + " |\n"


def ratio(figures):
    """The median, and between which ratios the pairs of runs lie."""
    ratios = figures["ratios"]
    if not ratios:
        return "1"
    return f"{figures['ratio']:.2f} ({min(ratios):.2f}–{max(ratios):.2f})"


def milliseconds(micros):
    return f"{micros / 1000:.2f} ms"


def instructions(row, counts):
    if not row.baseline:
        return f"(all: {counts[row.name]:,.0f})"
    return f"{counts[row.name] - counts[row.baseline]:,.0f}"


def added(profile, baseline):
    """What a profile has more (or less) of than its baseline's."""
    return {where: profile.get(where, 0) - baseline.get(where, 0)
            for where in profile.keys() | baseline.keys()}


def by_library(own):
    sums = collections.Counter()
    for (_, library), number in own.items():
        sums[library or "elsewhere", ""] += number
    return sums


def listing(title, counts, top):
    """The largest counts first."""
    ranked = sorted(counts.items(), key=lambda item: -abs(item[1]))
    shown = [item for item in ranked[:top] if abs(item[1]) >= 1]
    rows = "".join(f"{number:10,.0f}  {name}"
                   f"{f'  [{library}]' if library else ''}\n"
                   for (name, library), number in shown)
    return f"\n{title}\n{rows}"

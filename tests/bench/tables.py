# SPDX-License-Identifier: Apache-2.0
"""Formats the figures as Markdown tables and as text."""

import collections
import statistics

HEADINGS = ("request", "requests/s", "p50", "p99", "CPU", "instructions")


def table(rows, load, counts=None):
    """One line for each row; counts has the instructions, if counted."""
    lines = [HEADINGS, ("---", *("---:" for _ in HEADINGS[1:]))]
    lines += [cells(row, load[row.name], counts or {}) for row in rows]
    columns = len(HEADINGS) if counts else len(HEADINGS) - 1
    return "".join(f"| {' | '.join(line[:columns])} |\n" for line in lines)


def cells(row, figures, counts):
    """Each figure, and its ratio to the row's baseline."""
    ratios = {what: (statistics.median(values), min(values), max(values))
              for what, values in figures["ratios"].items() if values}
    rps = f"{figures['rps']:,.0f}"
    if ratios:
        rps += " ({:.2f}; {:.2f}–{:.2f})".format(*ratios["rps"])
    others = (cell(f"{figures[what] / unit:.{digits}f} {name}",
                   ratios[what][0] if ratios else None)
              for what, unit, digits, name in (
                  ("p50", 1000, 2, "ms"), ("p99", 1000, 2, "ms"),
                  ("cpu", 1, 0, "µs")))
    return [row.title, rps, *others, instructions(row, counts)]


def cell(text, ratio):
    return text if ratio is None else f"{text} ({ratio:.2f})"


def instructions(row, counts):
    if row.name not in counts:
        return "–"
    if not row.baseline:
        return f"{counts[row.name]:,.0f}"
    baseline = counts[row.baseline]
    return cell(f"{counts[row.name] - baseline:+,.0f}",
                counts[row.name] / baseline)


def added(profile, baseline):
    """The differences of a profile from that of the baseline."""
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

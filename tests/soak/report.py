# SPDX-License-Identifier: Apache-2.0
"""The figures of a run, and what was wrong."""

import collections
import statistics

import leaks
import row_rules
from history import FAULT
from scene import PLACES, PROBE_LIMIT

SHOWN = 8               # complaints of a kind
FIGURES = (*leaks.TOLERANCES, "keys with a place", "rest of a limit",
           "workers that finish")


class Report:
    """Of a soak that has ended."""

    def __init__(self, soak, complaints):
        workload, scene = soak.workload, soak.scene
        reader = scene.reader
        faults = [operation for operation in workload.history
                  if operation.kind == FAULT]
        self._soak = soak
        self._samples = soak.sampler.samples
        self._stretches = leaks.stretches(self._samples)
        self.complaints = [
            *(f"violation: {found}" for found in workload.found),
            *(f"wrong answer: {wrong}" for wrong in workload.wrong),
            *(f"log: {line}" for line in reader.serious(faults)),
            *(f"a key in a log: {found}" for found in reader.leaks()),
            *(f"rows, {complaint}" for complaint in complaints),
            *row_rules.audit(scene.database, workload.history.done,
                             workload.history.unknown),
            *self._leaks(), *self._tables(),
            *self._deaths(soak.killed, reader.killed)]

    @staticmethod
    def _deaths(killed, seen):
        if seen > killed:
            yield f"{seen} children were killed, {killed} of them by us"

    def _leaks(self):
        if not self._stretches:
            yield "no stretch without a restart was long enough to judge"
        for number, samples in enumerate(self._stretches):
            for leak in leaks.of_stretch(samples, f"stretch {number + 1}"):
                yield f"leak: {leak}"
        for leak in leaks.over_all(self._stretches):
            yield f"leak: {leak}"

    def _tables(self):
        """Slots of shared memory."""
        rest = leaks.flat(self._samples, "rest of a limit")
        if rest and rest != [PROBE_LIMIT - 1]:
            yield f"slots: a limit was not given back: {rest} are left"
        if not rest:
            yield "slots: no limit was ever read"
        counted = [sample["uses that are counted"] for sample in self._samples
                   if "uses that are counted" in sample]
        if counted != sorted(counted):
            yield "slots: the sum of the uses of all keys went down"
        places = leaks.flat(self._samples, "keys with a place")
        if not places or places[-1] > PLACES:
            yield f"slots: {places} keys have a place"

    def lines(self):
        soak = self._soak
        reader = soak.scene.reader
        yield from self._requests()
        yield ""
        yield "| what | min | median | max |"
        yield "| --- | ---: | ---: | ---: |"
        for name in FIGURES:
            values = [sample[name] for sample in self._samples
                      if name in sample]
            if values:
                yield (f"| {name} | {min(values):.0f} | "
                       f"{statistics.median(values):.0f} | "
                       f"{max(values):.0f} |")
        yield ""
        yield "faults: " + ", ".join(
            f"{name} {number}" for name, number in sorted(
                soak.faults.items()))
        yield (f"samples {len(self._samples)}, of these in faults "
               f"{soak.sampler.missed}; stretches without a restart "
               + ", ".join(f"{one[-1]['at'] - one[0]['at']:.0f} s"
                           for one in self._stretches))
        yield f"logs: {reader.bytes / 1e6:.0f} MB; " + ", ".join(
            f"{level} {number} {times}" for (level, number), times
            in sorted(reader.said.items()))
        yield f"complaints: {len(self.complaints)}"
        shown = collections.Counter()
        for complaint in self.complaints:
            kind = complaint.split(":")[0]
            shown[kind] += 1
            if shown[kind] <= SHOWN:
                yield f"    {complaint}"

    def _requests(self):
        workload = self._soak.workload
        yield "| requests | answers by status |"
        yield "| --- | --- |"
        kinds = sorted({kind for kind, _ in workload.history.counts
                        if kind != FAULT})
        for kind in kinds:
            yield self._row(f"keys: {kind}", {
                status: number for (name, status), number
                in workload.history.counts.items() if name == kind})
        for kind, answers in sorted(workload.answers.items()):
            yield self._row(kind, answers)

    @staticmethod
    def _row(name, answers):
        return (f"| {name}: {sum(answers.values())} | " + ", ".join(
            f"{number} × {status or 'no answer'}"
            for status, number in sorted(answers.items())) + " |")

    def __str__(self):
        return "\n".join(self.lines())

# SPDX-License-Identifier: Apache-2.0
"""The figures of SetHandler uptime-keys-metrics, read as numbers."""

import re

from .waiting import eventually

PLACE = """
<Location "/figures">
    SetHandler uptime-keys-metrics
    Require all granted
</Location>
"""
SAMPLE = re.compile(r"^(\w+)(?:\{(.*)\})? (\S+)$")
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"(?:,|$)')


def parse(text):
    """{(name, value of a label, …): number}, the labels in their order."""
    figures = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        name, labels, value = SAMPLE.fullmatch(line).groups()
        key = (name, *(v for _, v in LABEL.findall(labels or "")))
        assert key not in figures, line
        figures[key] = float(value)
    return figures


def scrape(server, path="/figures", **options):
    answer = server.get(path, **options)
    assert answer.status_code == 200
    return parse(answer.text)


def named(figures, name):
    """What there is of a figure: {value of its label: number}; of several
    labels a tuple."""
    return {key[1] if len(key) == 2 else key[1:]: value
            for key, value in figures.items() if key[0] == name}


def verdicts(server):
    return named(scrape(server), "uptime_keys_requests_total")


def rise(before, after):
    """What has risen, and by how much."""
    assert all(after.get(key, 0) >= value for key, value in before.items())
    return {key: value - before.get(key, 0) for key, value in after.items()
            if value != before.get(key, 0)}


def await_rise(read, before, expected):
    """Wait until read() has risen by what is expected; httpd counts after it
    has answered.  It must not have risen by more."""
    total = sum(expected.values())
    eventually(lambda: sum(rise(before, read()).values()) >= total)
    assert rise(before, read()) == expected

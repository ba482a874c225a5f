# SPDX-License-Identifier: Apache-2.0
"""Poolers and standbys: finds the harness and imports its fixtures."""

import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS / name) for name in
                ("httpd", "cluster", "consistency", "faults")]

# pylint: disable=wrong-import-position
from experiments import LaggingNode  # noqa: E402
from harness import environment  # noqa: E402
from harness.fixtures import (  # noqa: E402, F401, pytest looks for them here
    checked_logs,
    httpds,
    pytest_runtest_makereport,
)


@pytest.fixture(scope="module")
def nodes():
    """A primary, and its standby, whose replay a test may stop."""
    started = []
    try:
        for _ in range(2):
            started.append(LaggingNode(*started))
            started[-1].start()
        yield started
    finally:
        for node in reversed(started):
            node.remove()


def pytest_itemcollected(item):
    item.add_marker(pytest.mark.slow)
    item.add_marker(pytest.mark.cluster)
    item.add_marker(pytest.mark.skipif(
        environment.BACKEND != "sqlite3",
        reason="these have PostgreSQL of their own"))

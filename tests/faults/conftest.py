# SPDX-License-Identifier: Apache-2.0
"""Finds the harness; imports its fixtures and those of this folder."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "httpd"))

# pylint: disable=wrong-import-position
from harness.fixtures import (  # noqa: E402, F401, pytest looks for them here
    httpds,
    checked_logs,
    new_backend,
    new_httpd,
    pytest_runtest_makereport,
)
from proxy import Proxy  # noqa: E402


def pytest_itemcollected(item):
    item.add_marker(pytest.mark.faults)


@pytest.fixture(scope="module")
def proxies():
    """proxies(PORT): a proxy in front of a database server."""
    made = []

    def make(port):
        made.append(Proxy(port))
        return made[-1]

    yield make
    for proxy in made:
        proxy.close()

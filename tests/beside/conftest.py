# SPDX-License-Identifier: Apache-2.0
"""mod_uptime_keys beside other modules: finds the harness."""

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "httpd"))

# pylint: disable=wrong-import-position
from harness import environment  # noqa: E402
from harness.fixtures import (  # noqa: E402, F401, pytest looks for them here
    httpds,
    checked_logs,
    new_backend,
    new_httpd,
    pytest_runtest_makereport,
)


def pytest_itemcollected(item):
    """Slow, as the first of them downloads packages."""
    item.add_marker(pytest.mark.slow)
    item.add_marker(pytest.mark.beside)
    item.add_marker(environment.NEEDS_DEBIAN_12)


@pytest.fixture(scope="module")
def running():
    """running(APPLICATION): starts it, and stops it at the end."""
    started = []

    def start(application):
        started.append(application)
        return application.start()

    yield start
    for application in started:
        application.remove()

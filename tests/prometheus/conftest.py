# SPDX-License-Identifier: Apache-2.0
"""Finds the harness of the httpd tests, and imports its fixtures."""

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
    """Slow, as the first of them downloads the package."""
    item.add_marker(pytest.mark.slow)
    item.add_marker(pytest.mark.skipif(
        environment.BACKEND != "sqlite3",
        reason="about figures, not databases"))

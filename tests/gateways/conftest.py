# SPDX-License-Identifier: Apache-2.0
"""Other servers in front: finds the harness and Debian's packages."""

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
for folder in ("httpd", "beside"):
    sys.path.insert(0, str(HERE.parent / folder))

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

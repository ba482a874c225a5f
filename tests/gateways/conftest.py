# SPDX-License-Identifier: Apache-2.0
"""Other servers in front: finds the harness and Debian's packages."""

import platform
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
for folder in ("httpd", "beside"):
    sys.path.insert(0, str(HERE.parent / folder))

# pylint: disable=wrong-import-position
from harness.fixtures import (  # noqa: E402, F401, pytest looks for them here
    httpds,
    checked_logs,
    new_backend,
    new_httpd,
    pytest_runtest_makereport,
)


SYSTEM = platform.freedesktop_os_release()
ELSEWHERE = (SYSTEM["ID"], SYSTEM.get("VERSION_ID")) != ("debian", "12")


def pytest_itemcollected(item):
    """Slow, as the first of them downloads packages."""
    item.add_marker(pytest.mark.slow)
    item.add_marker(pytest.mark.beside)
    item.add_marker(pytest.mark.skipif(
        ELSEWHERE, reason="needs Debian 12's packages"))

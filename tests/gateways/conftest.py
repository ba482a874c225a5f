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


def pytest_collection_modifyitems(items):
    """Slow, as the first of them downloads packages."""
    system = platform.freedesktop_os_release()
    elsewhere = (system["ID"], system.get("VERSION_ID")) != ("debian", "12")
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.beside)
            if elsewhere:
                item.add_marker(pytest.mark.skip("needs Debian 12's packages"))

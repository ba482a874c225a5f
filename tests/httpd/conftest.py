# SPDX-License-Identifier: Apache-2.0
"""Imports the fixtures of the harness."""

from harness import MPM, environment
from harness.fixtures import (  # noqa: F401, pytest looks for them here
    httpds,
    checked_logs,
    new_backend,
    new_httpd,
    pytest_runtest_makereport,
)


def pytest_report_header():
    return (f"httpd: {environment.httpd_binary()}, MPM {MPM}; module: "
            f"{environment.MODULE}; preload: {environment.PRELOAD}")

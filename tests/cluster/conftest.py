# SPDX-License-Identifier: Apache-2.0
"""Clusters of databases: finds the harness and imports its fixtures."""

import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS / "httpd"), str(TESTS / "manage")]
pytest.register_assert_rewrite("managed", "description", "crowd")

# pylint: disable=wrong-import-position
from harness.fixtures import (  # noqa: E402, F401, pytest looks for them here
    httpds,
    checked_logs,
    new_httpd,
    pytest_runtest_makereport,
)
from managed import ManagedHttpd  # noqa: E402


@pytest.fixture(scope="module")
def new_managed_on(new_httpd):  # noqa: F811
    """new_managed_on(DATABASE, CONFIG): an httpd, not started."""

    def make(database, config, **options):
        server = new_httpd(config, kind=ManagedHttpd, start=False,
                           database=False, **options)
        server.database = database
        return server

    return make

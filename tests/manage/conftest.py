# SPDX-License-Identifier: Apache-2.0
"""Finds the harness; imports its fixtures and those of this folder."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "httpd"))
pytest.register_assert_rewrite("managed", "description")

# pylint: disable=wrong-import-position
from harness.fixtures import (  # noqa: E402, F401, pytest looks for them here
    httpds,
    checked_logs,
    new_httpd,
    pytest_runtest_makereport,
)
from managed import Client  # noqa: E402
from managed_fixtures import (  # noqa: E402, F401, here too
    adam,
    bert,
    clean,
    mia,
    new_managed,
    olga,
    otto,
    sam,
    server,
    sue,
)


@pytest.fixture
def holder(server, clean):  # noqa: F811
    """holder(SCOPE…): a client with a key of team acme."""

    def make(*scopes, team="acme", **times):
        key = server.database.import_key(*scopes, team=team, **times)
        return Client(server, key=key)

    return make

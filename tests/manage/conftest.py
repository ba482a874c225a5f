# SPDX-License-Identifier: Apache-2.0
"""Finds the harness; a managed server for each file, clean for each test."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "httpd"))
pytest.register_assert_rewrite("managed", "description")

# pylint: disable=wrong-import-position
from harness.fixtures import (  # noqa: E402, F401, pytest looks for them here
    httpds,
    judged_logs,
    new_httpd,
    pytest_runtest_makereport,
)
from managed import Caller, ManagedHttpd  # noqa: E402


@pytest.fixture(scope="module")
def new_managed(new_httpd):
    """new_managed(CONFIG): a server with every place of managed.PLACES."""

    def make(config="", start=True, **options):
        server = new_httpd(config, kind=ManagedHttpd, start=False, **options)
        server.reset()
        return server.start() if start else server

    return make


@pytest.fixture(scope="module")
def server(new_managed):
    return new_managed()


@pytest.fixture(autouse=True)
def clean(request):
    """Every test begins with the people of managed.TEAMS and no key."""
    if "server" in request.fixturenames:
        request.getfixturevalue("server").reset()


def person(name):
    @pytest.fixture(name=name)
    def fixture(server, clean):
        return Caller(server, user=name)

    return fixture


olga = person("olga")
adam = person("adam")
mia = person("mia")
otto = person("otto")
bert = person("bert")
sam = person("sam")
sue = person("sue")


@pytest.fixture
def holder(server, clean):
    """holder(SCOPE…): a caller that shows a key of team acme."""

    def make(*scopes, team="acme", **times):
        key = server.database.import_key(*scopes, team=team, **times)
        return Caller(server, key=key)

    return make

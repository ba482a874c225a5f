# SPDX-License-Identifier: Apache-2.0
"""Fixtures: a management server for each file, clean for each test.

The conftest.py of each folder imports them.
"""

import pytest
from managed import Client, ManagedHttpd


@pytest.fixture(scope="module")
def new_managed(new_httpd):
    """new_managed(CONFIG): a server with the locations of locations.conf."""

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
    """Every test begins with the members of managed.TEAMS and no key."""
    if "server" in request.fixturenames:
        request.getfixturevalue("server").reset()


def user_fixture(name):
    @pytest.fixture(name=name)
    def fixture(server, clean):
        return Client(server, user=name)

    return fixture


olga = user_fixture("olga")
adam = user_fixture("adam")
mia = user_fixture("mia")
otto = user_fixture("otto")
bert = user_fixture("bert")
sam = user_fixture("sam")
sue = user_fixture("sue")

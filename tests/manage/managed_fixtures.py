# SPDX-License-Identifier: Apache-2.0
"""Fixtures: a managed server for each file, clean for each test.

A folder's conftest.py imports them.
"""

import pytest
from managed import Caller, ManagedHttpd


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

# SPDX-License-Identifier: Apache-2.0
"""Fixtures: private httpds, one or more per file, and the check of their logs.

The conftest.py of each folder imports them.
"""

import contextlib

import pytest

from .backend import Backend
from .server import Httpd


@pytest.fixture(scope="module")
def httpds():
    """Every httpd of this file; its logs are checked once more at the end."""
    servers = []
    complaints = []
    yield servers
    for server in servers:
        server.begin_test()
        server.ask_to_stop()
    with contextlib.ExitStack() as every_one:
        for server in servers:
            every_one.callback(finish, server, complaints)
    assert not complaints, "at the end of the file: " + "\n".join(complaints)


def finish(server, complaints):
    try:
        server.stop()
        complaints += server.complaints() + server.leaks()
    finally:
        server.remove()


@pytest.fixture(scope="module")
def new_httpd(httpds):
    """new_httpd(CONFIG): starts an httpd whose database has the team acme."""

    def make(config="", database=True, start=True, kind=Httpd, **options):
        server = kind(config, **options)
        httpds.append(server)
        if database:
            server.database.init()
            server.database.create_team("acme")
        return server.start() if start else server

    return make


@pytest.fixture(scope="module")
def new_backend():
    backends = []

    def make(**options):
        backends.append(Backend(**options))
        return backends[-1]

    yield make
    for backend in backends:
        backend.close()


@pytest.fixture(autouse=True)
def checked_logs(httpds):
    """After every test, no log contains an unexpected line or a secret."""
    for server in httpds:
        server.begin_test()
    yield
    complaints = [line for server in httpds for line in server.complaints()]
    assert not complaints, "\n".join(complaints)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    outcome = yield
    report = outcome.get_result()
    if report.failed:
        for server in item.funcargs.get("httpds", ()):
            lines = [str(line) for line in server.error_log.lines()
                     if "trace" not in line.level]
            report.sections.append(
                (f"error log of {server.root}", "\n".join(lines[-60:])))

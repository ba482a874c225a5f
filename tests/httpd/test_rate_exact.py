# SPDX-License-Identifier: Apache-2.0
"""UptimeKeysRateLimit under load, over restarts, and with killed children."""

import http.client
import itertools
import os
import signal
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from caching import CACHED
from harness import eventually
from limits import used

pytestmark = pytest.mark.slow

# One comes back after 14 minutes.
LIMIT = "UptimeKeysRateLimit 100/86400\n"
CONNECTIONS = 64
REQUESTS = 1000
# As many children as it takes for the connections; little is logged.
MANY = """
LogLevel info
StartServers 4
<IfModule !mpm_prefork_module>
    MaxSpareThreads 1000
</IfModule>
<IfModule mpm_prefork_module>
    StartServers 16
</IfModule>
"""
# All threads are in use.
BUSY = [r"AH0028[67]", r"AH0048[45]"]


@pytest.fixture(scope="module")
def server(new_httpd):
    return new_httpd(CACHED + LIMIT + MANY, expect_log=BUSY,
                     without=("cgi", "cgid"))


@pytest.fixture
def key(server):
    key = server.database.import_key("monitors:read")
    server.keep_secret(key)
    return key


def replace_children(server):
    """Restart gracefully, and wait until no child is left of those before:
    there may be one for each connection."""
    before = set(server.children())
    server.restart_gracefully()
    eventually(lambda: (now := set(server.children())) and not now & before)


def status_of(peer, path, key):
    """Send a request on a kept connection, again if httpd has closed it: what
    it has counted, it answers.  None: there is no answer."""
    for _ in range(50):
        try:
            peer.request("GET", path, headers={"Authorization": f"Bearer {key}"})
            answer = peer.getresponse()
            answer.read()
            return answer.status
        except (OSError, http.client.HTTPException):
            peer.close()
    return None


def parallel(server, key, requests=REQUESTS, paths=("/t/x",)):
    """Send so many requests on 64 connections at once; how many were answered
    with each status."""
    numbers = itertools.count()
    barrier = threading.Barrier(CONNECTIONS)

    def ask_often(_):
        statuses = Counter()
        peer = http.client.HTTPConnection("127.0.0.1", server.port, 60)
        peer.connect()
        barrier.wait(60)
        while (number := next(numbers)) < requests:
            statuses[status_of(peer, paths[number % len(paths)], key)] += 1
        peer.close()
        return statuses

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        return sum(pool.map(ask_often, range(CONNECTIONS)), Counter())


@pytest.mark.mpm
def test_exactly_the_limit_passes(server, key):
    # The first one answers before there are others.
    eventually(lambda: len(server.children()) >= 4)
    assert parallel(server, key) == {200: 100, 429: 900}
    assert parallel(server, key, 100) == {429: 100}


def test_places_that_share_a_limit_share_it_exactly(server, key):
    assert parallel(server, key, paths=("/t/x", "/t/y")) == {
        200: 100, 429: 900}


def test_killed_child_loses_nothing_that_was_counted(server, key):
    """Of what it was about to answer, some was counted and is sent again."""
    killer = threading.Timer(
        0.05, lambda: os.kill(server.children()[0], signal.SIGKILL))
    killer.start()
    found = parallel(server, key)
    killer.join()
    assert found[200] <= 100 and sum(found.values()) == REQUESTS
    assert found[200] >= 100 - CONNECTIONS and None not in found
    assert parallel(server, key, 100) == {429: 100}


@pytest.mark.mpm
def test_graceful_restart_keeps_what_was_counted(server, key):
    assert used(server.get("/t/x", key)) == 1
    replace_children(server)
    assert used(server.get("/t/x", key)) == 2
    assert parallel(server, key) == {200: 98, 429: 902}


def test_change_of_a_limit_begins_anew(server, key):
    assert used(server.get("/t/x", key)) == 1
    text = (server.root / "conf" / "test.conf").read_text()
    try:
        server.configure(text.replace("100/86400", "100/86399"))
        replace_children(server)
        assert used(server.get("/t/x", key)) == 1
    finally:
        server.configure(text)
        replace_children(server)
    assert used(server.get("/t/x", key)) == 2


def test_stop_and_start_forget(server, key):
    assert used(server.get("/t/x", key)) == 1
    server.stop()
    server.start()
    assert used(server.get("/t/x", key)) == 1

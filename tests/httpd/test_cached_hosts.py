# SPDX-License-Identifier: Apache-2.0
"""Many virtual hosts, each with a database and so a lease of its own."""

import os
import shutil
import time
from pathlib import Path

import pytest
from caching import CACHED, LEASE, cache, is_hit
from harness import UK_ANY, environment, eventually, only_on

pytestmark = pytest.mark.waits

HOST = """
<VirtualHost *:*>
    ServerName h{number}.example
    DBDriver {driver}
    DBDParams "{params}"
</VirtualHost>
"""
HOSTS = 20
# More than the threads that are started at first.
HUNG = 6
# A child's without the module: ThreadsPerChild of base.conf, the listener and main().
THREADS = 16 + 2


def host(number):
    return {"headers": {"Host": f"h{number}.example"}}


def hosts(driver, params):
    return "".join(HOST.format(number=number, driver=driver, params=text)
                   for number, text in enumerate(params))


def copies(server, count):
    """Databases like that of the server, each a file."""
    original = Path(server.database.params)
    for number in range(count):
        file = original.with_name(f"copy{number}.db")
        shutil.copy(original, file)
        environment.give_to_ordinary_user(file)
        yield file


def cache_all(server, keys):
    """Each host's key; all leases wake at the same time."""
    for _ in range(2):
        for number, key in enumerate(keys):
            assert server.get("/t/x", key, **host(number)).status_code == 200
    for number, key in enumerate(keys):
        cache(server, key, **host(number))


def threads(server):
    """Of the child that has most."""
    return max(len(os.listdir(f"/proc/{child}/task"))
               for child in server.children())


def threads_in_use(server, key):
    """While no lease sleeps."""
    for number in range(HOSTS):
        assert server.get("/t/x", key, **host(number)).status_code == 200
    return threads(server)


@only_on("sqlite3", reason="copies of a file")
@pytest.mark.release("a sanitizer has threads of its own")
def test_hosts_share_a_few_threads(new_httpd):
    """Asleep, one more than without a cache; in use, three more, and the one that
    writes when keys were used. Where work had to wait there are more for a
    moment."""
    server = new_httpd(start=False)
    key = server.database.create_key("monitors:read")
    server.configure(CACHED + hosts("sqlite3", copies(server, HOSTS)))
    server.start()
    server.expect_log(UK_ANY)
    eventually(lambda: threads(server) == THREADS + 1)
    cache_all(server, [key] * HOSTS)
    eventually(lambda: threads_in_use(server, key) <= THREADS + 5)


@pytest.mark.everywhere
@pytest.mark.backend
@only_on("pgsql", reason="a lock that keeps readers out")
def test_database_that_hangs_does_not_hold_up_others(new_httpd):
    server = new_httpd(start=False)
    other = server.another_database("other")
    other.init()
    other.create_team("acme")
    key = other.create_key("monitors:read")
    server.keep_secret(key)
    server.configure(CACHED + hosts("pgsql", [
        other.params, *(f"{server.database.params} application_name=h{number}"
                        for number in range(1, HUNG + 1))]))
    server.start()
    server.expect_log(UK_ANY)
    mine = server.database.create_key("monitors:read")
    keys = [key, *[mine] * HUNG]
    cache_all(server, keys)
    with server.database.locked("uptime_changes"):
        # Every poll of the others hangs by now, and their leases have ended.
        eventually(lambda: not is_hit(server, mine, **host(HUNG)))
        until = time.monotonic() + 2 * LEASE
        while time.monotonic() < until:
            cache(server, key, **host(0))
            time.sleep(LEASE / 10)
        assert not is_hit(server, mine, **host(HUNG))
    cache_all(server, keys)

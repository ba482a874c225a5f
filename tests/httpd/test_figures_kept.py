# SPDX-License-Identifier: Apache-2.0
"""Figures are of all children, outlive them, and a restart of httpd."""

import os
import signal
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from caching import cache, look_ups
from harness import (
    AUTHZ_FAILED,
    MPM,
    UK_ANY,
    environment,
    eventually,
    make_key,
)
from harness.figures import PLACE, await_rise, named, scrape, verdicts

pytestmark = [pytest.mark.waits,
              pytest.mark.skipif(environment.BACKEND != "sqlite3",
                                 reason="about what is counted, not where")]

CONFIG = PLACE + """
LoadModule status_module ${MODULES}/mod_status.so
<Location "/status">
    SetHandler server-status
    Require all granted
</Location>
UptimeKeysServerStatus On
UptimeKeysMetricsPerKey 100
<Location "/t/">
    AuthType uptime-key
    AuthName "Uptime"
    Require uptime-scope monitors:read
</Location>
"""
EIGHT_CHILDREN = """
StartServers 8
<IfModule !mpm_prefork_module>
    ServerLimit 32
    ThreadsPerChild 2
    MinSpareThreads 16
    MaxSpareThreads 16
    MaxRequestWorkers 64
</IfModule>
<IfModule mpm_prefork_module>
    MinSpareServers 8
    MaxSpareServers 8
</IfModule>
"""
VERDICTS = {200: "ok", 401: "invalid", 403: "scope"}


@pytest.fixture(scope="module")
def server(new_httpd):
    # Without mod_cgid, whose daemon would be killed too.
    return new_httpd(CONFIG + EIGHT_CHILDREN, without=("cgid",), expect_log=[
        AUTHZ_FAILED, UK_ANY, "AH00051", "AH00052", "exit signal Killed",
        "AH1039[23]"])


@pytest.fixture(scope="module")
def keys(server):
    return (server.database.import_key("monitors:read"),
            server.database.import_key("alerts:read"), make_key())


def send_many(server, keys, count=240):
    """In parallel; returns what must have been counted."""
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(
            lambda i: server.get("/t/x", keys[i % len(keys)]).status_code,
            range(count)))
    return {VERDICTS[status]: number
            for status, number in Counter(answers).items()}



@pytest.mark.mpm
def test_nothing_is_lost_by_a_killed_child_or_a_graceful_restart(server, keys):
    # The first one answers before there are others.
    eventually(lambda: len(server.children()) >= 8)
    before = verdicts(server)
    since = scrape(server)["process_start_time_seconds",]
    expected = send_many(server, keys)
    await_rise(lambda: verdicts(server), before, expected)

    killed = set(server.children()[:4])
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    eventually(lambda: not killed & set(server.children()))
    await_rise(lambda: verdicts(server), before, expected)

    old = set(server.children())
    server.restart_gracefully()
    eventually(lambda: not old & set(server.children()))
    await_rise(lambda: verdicts(server), before, expected)
    more = Counter(expected) + Counter(send_many(server, keys))
    await_rise(lambda: verdicts(server), before, more)
    assert scrape(server)["process_start_time_seconds",] == since
    per_key = named(scrape(server), "uptime_keys_key_requests_total")
    assert per_key["acme", keys[0].id] == more["ok"]
    assert per_key["acme", keys[1].id] == more["scope"]


def test_another_number_of_keys_loses_no_use(new_httpd):
    """A key may lose its series; their sum never decreases."""
    server = new_httpd(CONFIG)
    key = server.database.import_key("monitors:read")

    def counted():
        return named(scrape(server), "uptime_keys_key_requests_total")

    for expected in 3, 6:
        for _ in range(3):
            server.get("/t/x", key)
        eventually(lambda total=expected: sum(counted().values()) == total)
        for number in 0, expected:
            old = set(server.children())
            server.configure(CONFIG.replace("PerKey 100", f"PerKey {number}"))
            server.restart_gracefully()
            eventually(lambda old=old: not old & set(server.children()))
        assert counted() == {("", "other"): expected}


def test_a_stop_and_start_begins_anew(server, keys):
    before = scrape(server)
    assert verdicts(server)
    server.stop()
    server.start()
    after = scrape(server)
    assert set(named(after, "uptime_keys_requests_total").values()) == {0}
    assert after["process_start_time_seconds",] > \
        before["process_start_time_seconds",]


def status_lines(server):
    return dict(line.split(": ", 1) for line in
                server.get("/status?auto").text.splitlines()
                if line.startswith("UptimeKeys"))


def numbers(server):
    """Of the requests, by verdict."""
    name = "UptimeKeysRequests"
    return {line.removeprefix(name): int(value)
            for line, value in status_lines(server).items()
            if line.startswith(name)}


@pytest.mark.mpm
def test_the_page_of_mod_status(server, keys):
    before = numbers(server)
    server.get("/t/x", keys[0])
    server.get("/t/x")
    await_rise(lambda: numbers(server), before, {"Ok": 1, "NoKey": 1})
    lines = status_lines(server)
    assert lines["UptimeKeysDatabaseUp"] == "1"
    assert int(lines["UptimeKeysDatabaseWork"]) > 0
    assert {f"UptimeKeysRequests{name}" for name in (
        "Invalid", "Expired", "Limited", "Unavailable")} <= set(lines)
    # There is no cache, and so no lease.
    assert "UptimeKeysCacheLeaseHeld" not in lines
    page = server.get("/status").text
    assert "<h2>API keys</h2>" in page and "Requests no_key: " in page
    assert keys[0].text[7:15] not in page


def test_mod_status_shows_nothing_unless_asked(new_httpd):
    server = new_httpd(CONFIG.replace("UptimeKeysServerStatus On", ""))
    assert "Uptime" in server.get("/status?auto").text
    assert status_lines(server) == {}
    assert "API keys" not in server.get("/status").text


@pytest.mark.mpm
def test_look_ups_in_the_cache(new_httpd):
    server = new_httpd("UptimeKeysCache On\n" + CONFIG,
                       expect_log=["UK0011", "UK0052"])
    key = server.database.import_key("monitors:read")
    results = "uptime_keys_cache_lookups_total"
    cache(server, server.database.import_key("monitors:read"))
    eventually(lambda: scrape(server)["uptime_keys_cache_lease_held",] == 1)
    before, looked_up = named(scrape(server), results), look_ups(server)
    for _ in range(12):
        server.get("/t/x", key)
    server.get("/t/x", make_key())
    after = named(scrape(server), results)
    found = {name: after[name] - before[name] for name in after}
    assert sum(found.values()) == 13
    # The first one, that which is unknown, and those that the lease did not
    # hold for.
    assert found["miss"] == look_ups(server) - looked_up
    assert found["miss"] >= 2

    def is_shared():
        server.get("/t/x", key)
        return named(scrape(server), results)["shared"] > before["shared"]

    eventually(is_shared)
    eventually(lambda: status_lines(server)["UptimeKeysCacheLeaseHeld"] == "1")
    rename = "ALTER TABLE uptime_{}changes RENAME TO uptime_{}changes"
    server.database.execute(rename.format("", "lost_"))
    eventually(lambda: scrape(server)["uptime_keys_cache_lease_held",] == 0)
    eventually(lambda: scrape(server)["uptime_keys_database_up",] == 0)
    server.database.execute(rename.format("lost_", ""))
    eventually(lambda: scrape(server)["uptime_keys_cache_lease_held",] == 1)
    eventually(lambda: scrape(server)["uptime_keys_database_up",] == 1)


@pytest.mark.skipif(MPM == "prefork", reason="as with threads")
def test_graceful_restarts_under_load_lose_nothing(server, keys):
    # While many of the old children are still there.
    server.expect_log("AH00484", "AH03490", "AH10159")
    before = verdicts(server)
    with ThreadPoolExecutor(1) as restarts:
        done = restarts.submit(restart_three_times, server)
        sent = Counter()
        while not done.done():
            sent += Counter(send_many(server, keys, 30))
        done.result()
    await_rise(lambda: verdicts(server), before, sent)


def restart_three_times(server):
    for _ in range(3):
        old = set(server.children())
        server.restart_gracefully()
        eventually(lambda old=old: set(server.children()) - old)

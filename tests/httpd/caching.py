# SPDX-License-Identifier: Apache-2.0
"""Configures servers that cache keys, and finds out whether they do."""

import time

from harness import UK_LOOKUP, eventually, make_key

# A guarded location, and one where a key can delete keys.
GUARDED = """
<Location "/t/">
    AuthType uptime-key
    AuthName "Uptime"
    Require uptime-scope monitors:read
</Location>
<Location "/keys">
    SetHandler uptime-keys
    AuthType uptime-key
    AuthName "Uptime"
    Require uptime-scope api-keys:write
</Location>
"""
CACHED = "UptimeKeysCache On\n" + GUARDED

# Seconds for which an entry may be used after a change.
LEASE = 1.0


def look_ups(server):
    """How many look-ups found a key in the database."""
    return server.error_log.count(UK_LOOKUP)


def is_hit(server, key, path="/t/x", **options):
    """Send one request; whether the key was accepted without a look-up."""
    before = look_ups(server)
    answer = server.get(path, key, **options)
    return answer.status_code == 200 and look_ups(server) == before


def is_refused_hit(server, key, path="/t/x", **options):
    """Send one request; whether the key was refused without a look-up."""
    before = look_ups(server)
    answer = server.get(path, key, **options)
    return answer.status_code == 401 and look_ups(server) == before


def cache(server, key, **options):
    """Wait until requests with this key are answered from the cache."""
    eventually(lambda: is_hit(server, key, **options))


def from_cache(server, act):
    """Act until that costs no look-up; returns what act() did.  On a busy
    machine a poll may be late, and the cache not be used for a moment; what a
    second attempt would hide is done anew by act() itself."""

    def attempt():
        before = look_ups(server)
        done = act()
        return look_ups(server) == before and (done,)

    return eventually(attempt)[0]


def accepted_until_refused(ask, seconds=LEASE, refused=401):
    """Ask until refused; returns the refusal.  Requests that start so many
    seconds from now, or later, must be refused."""
    began = time.monotonic()
    while True:
        start = time.monotonic()
        answer = ask()
        if answer.status_code == refused:
            return answer
        assert answer.status_code == 200
        assert start - began < seconds, "accepted for too long"


def refused_until_accepted(ask, seconds=LEASE):
    """Ask until accepted.  Requests that start so many seconds from now, or
    later, must be accepted."""
    began = time.monotonic()
    while True:
        start = time.monotonic()
        answer = ask()
        if answer.status_code == 200:
            return
        assert answer.status_code == 401
        assert start - began < seconds, "refused for too long"


def announced(database):
    return {name for name, in
            database.rows("SELECT id FROM uptime_servers")}


def wake(*servers):
    """Ask these servers of one database for keys until all are announced: a
    server that no key is asked of sleeps."""

    def are_announced():
        for server in servers:
            server.get("/t/x", make_key())
        return len(announced(servers[0].database)) >= len(servers)

    eventually(are_announced)

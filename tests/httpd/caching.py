# SPDX-License-Identifier: Apache-2.0
"""Servers that cache keys, and telling whether they do."""

import time

from harness import UK_LOOKUP, eventually

# What is guarded, and where a key deletes keys.
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

# Contract, section 8: how long a copy may be used after a change.
LEASE = 1.0


def look_ups(server):
    """How often the database was asked for a key that it had."""
    return server.error_log.count(UK_LOOKUP)


def is_hit(server, key, path="/t/x", **options):
    """Ask once; whether the key was let in, without the database."""
    before = look_ups(server)
    answer = server.get(path, key, **options)
    return answer.status_code == 200 and look_ups(server) == before


def cache(server, key, **options):
    """Returns when requests with this key are answered from the cache."""
    eventually(lambda: is_hit(server, key, **options))


def let_in_until_refused(ask, seconds=LEASE, refused=401):
    """Asks over and over; a request that starts so many seconds after now is
    refused, at the latest.  Returns the refusal."""
    began = time.monotonic()
    while True:
        start = time.monotonic()
        answer = ask()
        if answer.status_code == refused:
            return answer
        assert answer.status_code == 200
        assert start - began < seconds, "let in for too long"


def announced(database):
    return {name for name, in
            database.rows("SELECT id FROM uptime_servers")}

# SPDX-License-Identifier: Apache-2.0
"""PostgreSQL loses prepared statements, as a pooler in pool mode transaction
does; tests/poolers has the real ones."""

import re

import pytest
from harness import eventually, only_on

pytestmark = [pytest.mark.backend,
              only_on("pgsql", reason="statements with names in the server")]

GUARD = """
LogLevel uptime_keys:info
UptimeKeysLastUsedInterval 1
<Location "/t/">
    AuthType uptime-key
    AuthName "Uptime"
    Require uptime-scope monitors:read
</Location>
"""
LOST = re.compile(r"\[pid (\d+):.* UK0012: .* no names for (\d+) seconds")


@pytest.fixture
def server(new_httpd):
    """The session that records the last use of a key loses its statements."""
    server = new_httpd(GUARD)
    server.database.create_trigger(
        "lose", "AFTER", "UPDATE OF last_used_at", "uptime_keys",
        "EXECUTE 'DEALLOCATE ALL'")
    yield server
    server.database.drop_trigger("lose", "uptime_keys")


def pauses(server):
    """Of each child, the seconds that statements were to have no names."""
    found = {}
    for pid, seconds in LOST.findall(server.error_log.text()):
        found.setdefault(pid, []).append(int(seconds))
    return found


@pytest.mark.slow
def test_no_request_fails_and_names_are_tried_again(server):
    key = server.database.create_key("monitors:read")

    def are_lost_twice():
        assert server.get("/t/x", key).status_code == 200
        return max(map(len, pauses(server).values()), default=0) >= 2

    eventually(are_lost_twice)
    assert all(seconds[0] == 10 for seconds in pauses(server).values())
    assert any(seconds[1:2] == [20] for seconds in pauses(server).values())

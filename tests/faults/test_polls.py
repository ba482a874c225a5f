# SPDX-License-Identifier: Apache-2.0
"""The connection of the polls is lost, and what answers next is a database with
the same change counter that is not the same: a standby, which has missed what was
written last, or a restored one."""

import outages
import pytest
from caching import CACHED, accepted_until_refused, cache
from harness import UK_ANY, eventually, only_on

pytestmark = [pytest.mark.waits,
              only_on("pgsql", reason="turns triggers off in its words")]


@pytest.fixture(scope="module")
def server(new_httpd, proxies):
    server = new_httpd(start=False, driver=False)
    database = server.database
    server.proxy = proxies(database.server.port)
    params = outages.params(database, server.proxy.port)
    server.configure(f"DBDriver {database.driver}\n"
                     f'DBDParams "{params}"\n' + CACHED)
    return server.start()


def cached_and_disabled(server):
    """A cached key that is disabled, which no poll has seen; None if no poll came
    for as long as a lease holds, so that it was looked up."""
    key = server.database.import_key("monitors:read")
    cache(server, key)
    disable_unseen(server.database, key)
    return key if server.get("/t/x", key).status_code == 200 else None


def disable_unseen(database, key):
    database.execute(
        "ALTER TABLE uptime_keys DISABLE TRIGGER USER; "
        "UPDATE uptime_keys SET disabled_at = 1, disabled_reason = 'manual' "
        f"WHERE id = '{key.id}'; "
        "ALTER TABLE uptime_keys ENABLE TRIGGER USER")


def test_poll_on_another_connection_voids_every_key(server):
    """Although the poll succeeds."""
    server.expect_log(UK_ANY)
    key = eventually(lambda: cached_and_disabled(server))
    server.proxy.reset()
    accepted_until_refused(lambda: server.get("/t/x", key))
    assert not server.error_log.count("UK0052")

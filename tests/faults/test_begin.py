# SPDX-License-Identifier: Apache-2.0
"""A connection that is lost while a transaction begins."""

import outages
import pytest
from harness import only_on

pytestmark = only_on("pgsql", reason="the bytes are PostgreSQL's")

MANAGED = outages.POOL + """
<Location "/keys">
    SetHandler uptime-keys
    AuthType uptime-key
    AuthName "Uptime"
    Require valid-user
</Location>
"""


@pytest.fixture(scope="module")
def server(new_httpd, proxies):
    server = new_httpd(start=False, driver=False)
    database = server.database
    server.proxy = proxies(database.server.port)
    # Without TLS, so that the proxy can read the statements.
    params = outages.params(database, server.proxy.port) + " sslmode=disable"
    server.configure(f"DBDriver {database.driver}\n"
                     f'DBDParams "{params}"\n' + MANAGED)
    return server.start()


def test_key_is_created_all_the_same(server):
    key = server.database.import_key("api-keys:write", "monitors:read")
    server.proxy.reset_at(b"BEGIN")
    answer = server.request("POST", "/keys", key, json={
        "name": "k", "scopes": ["monitors:read"]})
    assert server.proxy.has_reset
    assert answer.status_code == 201
    assert len(server.database.rows(
        "SELECT id FROM uptime_keys WHERE created_by = ?", key.id)) == 1

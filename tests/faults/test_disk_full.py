# SPDX-License-Identifier: Apache-2.0
"""No room for another page: keys are checked on, changes are refused."""

import pytest
from harness import UK_ANY, assert_unavailable, only_on

pytestmark = [pytest.mark.slow,
              only_on("sqlite3", reason="a size that the file may have")]

# SQLite takes the size that the file has if that is more.
CONFIG = """
DBDInitSQL "PRAGMA max_page_count = 1"
DBDMax 4
<Location "/t/">
    AuthType uptime-key
    AuthName "Uptime"
    Require uptime-scope monitors:read
</Location>
<Location "/keys">
    SetHandler uptime-keys
    AuthType uptime-key
    AuthName "Uptime"
    Require valid-user
</Location>
UptimeKeysMaxPerTeam 1000
"""
WISH = {"name": "n" * 255, "scopes": ["monitors:read"]}


def test_full_disk(new_httpd):
    server = new_httpd(CONFIG, expect_log=[UK_ANY])
    key = server.database.import_key("monitors:read", "api-keys:read",
                                     "api-keys:write")
    made = 0
    while (answer := server.request("POST", "/keys", key,
                                    json=WISH)).status_code == 201:
        server.keep_secret(answer.json()["data"]["key"])
        made += 1
        assert made < 500
    assert_unavailable(answer)
    for _ in range(3):
        assert_unavailable(server.request("POST", "/keys", key, json=WISH))
        assert server.get("/t/x", key).status_code == 200
        assert server.get("/keys", key).json()["meta"]["pagination"][
            "total"] == made + 1
    (count,), = server.database.rows("SELECT count(*) FROM uptime_keys")
    assert count == made + 1
    server.database.assert_sound()

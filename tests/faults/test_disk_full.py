# SPDX-License-Identifier: Apache-2.0
"""A full disk: keys are still checked, and changes are refused."""

import contextlib

import pytest
from disk import full_disk
from harness import UK_ANY, assert_unavailable, environment

pytestmark = pytest.mark.slow

IS_SQLITE = environment.BACKEND == "sqlite3"
# If the file is larger, SQLite takes its size.
CONFIG = """
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
""" + ('DBDInitSQL "PRAGMA max_page_count = 1"' if IS_SQLITE else "")
REFUSED = 4             # creations in a row
KEY_SPEC = {"name": "n" * 255, "scopes": ["monitors:read"]}


def create(server, key):
    answer = server.request("POST", "/keys", key, json=KEY_SPEC)
    if answer.status_code == 201:
        server.keep_secret(answer.json()["data"]["key"])
    return answer


def create_until_full(server, key):
    """The number of keys that fitted.  Keys are checked and listed meanwhile.
    A database may find some space again, as MariaDB's purge does."""
    made = refused = 0
    while refused < REFUSED:
        answer = create(server, key)
        if answer.status_code == 201:
            made, refused = made + 1, 0
            assert made < 500
            continue
        assert_unavailable(answer)
        refused += 1
        assert server.get("/t/x", key).status_code == 200
        assert server.get("/keys", key).json()["meta"]["pagination"][
            "total"] == made + 1
    return made


def test_full_disk(new_httpd):
    server = new_httpd(CONFIG, expect_log=[UK_ANY])
    database = server.database
    key = database.import_key("monitors:read", "api-keys:read",
                              "api-keys:write")
    with contextlib.nullcontext() if IS_SQLITE else full_disk(database):
        made = create_until_full(server, key)
    if not IS_SQLITE:
        assert create(server, key).status_code == 201
        made += 1
    (count,), = database.rows("SELECT count(*) FROM uptime_keys")
    assert count == made + 1
    database.assert_sound()

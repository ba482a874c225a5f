# SPDX-License-Identifier: Apache-2.0
"""The same restart with mod_authn_dbd, for the table: nothing is asserted
of it but that it worked before."""

import base64
import hashlib
import time

import places
import pytest
from harness import UK_DEGRADED, Httpd, environment, eventually
from harness.server import MODULES
from load import Load, record

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(environment.BACKEND == "sqlite3",
                       reason="SQLite has no server")]

CONFIG = places.POOL + """
DBDMin 1
DBDKeep 4
DBDMax 4
<Location "/t/">
    AuthType Basic
    AuthName "People"
    AuthBasicProvider dbd
    AuthDBDUserPWQuery "SELECT password FROM people WHERE name = %s"
    Require valid-user
</Location>
"""


class PeerHttpd(Httpd):
    modules = MODULES + ("authn_dbd",)


@pytest.mark.parametrize("is_idle", [False, True])
def test_peer(new_httpd, record_property, is_idle):
    server = new_httpd(CONFIG, kind=PeerHttpd, start=False,
                       expect_log=[r"AH\d{5}", "dbd", UK_DEGRADED])
    database = server.database
    digest = base64.b64encode(hashlib.sha1(b"secret").digest()).decode()
    database.execute("CREATE TABLE people (name VARCHAR(20) PRIMARY KEY, "
                     "password VARCHAR(99))")
    database.execute(f"INSERT INTO people VALUES ('ann', '{{SHA}}{digest}')")
    server.start()
    word = base64.b64encode(b"ann:secret").decode()
    assert server.get("/t/x", auth=("ann", "secret")).status_code == 200
    load = Load(server, "/t/x", f"Basic {word}")
    if is_idle:
        with database.unreachable():
            begin = back = time.monotonic()
        with load:
            time.sleep(4)
    else:
        with load:
            eventually(lambda: len(load.answers) > 100)
            begin = time.monotonic()
            with database.unreachable():
                time.sleep(2)
            back = time.monotonic()
            time.sleep(4)
    record(record_property, "mod_authn_dbd",
           "restarted between requests" if is_idle else "stopped for 2 s",
           load, begin, back)

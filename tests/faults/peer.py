# SPDX-License-Identifier: Apache-2.0
"""mod_authn_dbd, in an httpd beside ours, in the same trouble: nothing is
asserted of it but that it worked before."""

import base64
import hashlib

from harness import Httpd
from harness.server import MODULES

PERSON = ("ann", "secret")
AUTHORIZATION = "Basic " + base64.b64encode(":".join(PERSON).encode()).decode()
GUARD = """
<Location "/t/">
    AuthType Basic
    AuthName "People"
    AuthBasicProvider dbd
    AuthDBDUserPWQuery "SELECT password FROM people WHERE name = %s"
    Require valid-user
</Location>
"""
COMPLAINTS = [r"AH\d{5}", "dbd"]


class PeerHttpd(Httpd):
    modules = tuple(name for name in MODULES if name != "uptime_keys") + (
        "authn_dbd",)

    def start(self):
        """It never gets well again by itself."""
        self.stop()
        super().start()
        assert self.get("/t/x", auth=PERSON).status_code == 200
        return self


def create_people(database):
    name, password = PERSON
    digest = hashlib.sha1(password.encode()).digest()
    database.execute("CREATE TABLE people (name VARCHAR(20) PRIMARY KEY, "
                     "password VARCHAR(99))")
    database.execute("INSERT INTO people VALUES (?, ?)", name,
                     "{SHA}" + base64.b64encode(digest).decode())

# SPDX-License-Identifier: Apache-2.0
"""mod_authn_dbd in another httpd, for comparison, with the same faults.

The tests assert only that it worked before the fault.
"""

import base64

from harness import Httpd
from harness.authn_dbd import BY_DBD, OLGA
from harness.server import MODULES

AUTHORIZATION = "Basic " + base64.b64encode(":".join(OLGA).encode()).decode()
# A thread that waits for an answer for ever would keep it from stopping.
GUARD = f"""
GracefulShutdownTimeout 5
<Location "/t/">{BY_DBD}</Location>
"""
COMPLAINTS = [r"AH\d{5}", "dbd"]


class PeerHttpd(Httpd):
    modules = tuple(name for name in MODULES if name != "uptime_keys") + (
        "authn_dbd",)

    def start(self):
        """Restart it for each test, as it does not recover by itself."""
        self.stop()
        super().start()
        assert self.get("/t/x", auth=OLGA).status_code == 200
        return self

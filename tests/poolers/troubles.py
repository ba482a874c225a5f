# SPDX-License-Identifier: Apache-2.0
"""What may happen to a pooler and the server behind it, while clients are
using both."""

import contextlib
import time

import psycopg2
from history import FAULT, Operation

BETWEEN = 2.0           # seconds, until the next one
# Seconds until all is well again, on a busy machine.
RECOVERY = 4.0


def server_restarts(pooler, _database):
    with pooler.nodes[0].stopped():
        time.sleep(0.7)


def pooler_restarts(pooler, _database):
    pooler.stop()
    time.sleep(0.3)
    pooler.start()


def sessions_end(_pooler, database):
    with contextlib.closing(database.server.connect()) as admin, \
            contextlib.suppress(psycopg2.Error):
        admin.cursor().execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE usename = %s", (database.user,))


TROUBLES = {"the server restarts": server_restarts,
            "the pooler restarts": pooler_restarts,
            "all sessions end": sessions_end}


def bring_about(names, pooler, database, history):
    """Each of them once, recorded as a fault of all servers."""
    time.sleep(BETWEEN)
    for name in names:
        began = time.monotonic()
        TROUBLES[name](pooler, database)
        ended = time.monotonic()
        history.append(Operation(FAULT, None, began, ended, 0,
                                 holds_from=ended + RECOVERY))
        time.sleep(RECOVERY + BETWEEN)

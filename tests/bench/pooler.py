# SPDX-License-Identifier: Apache-2.0
"""PgBouncer in transaction mode between httpd and PostgreSQL, compared with a
direct connection of the same kind."""

import sys
from functools import partial
from pathlib import Path

from harness.pgsql import PostgresDatabase
from rows import BY_KEY, CACHED, CACHING, KEYED, Row, good_key

sys.path.append(str(Path(__file__).parents[1] / "poolers"))
from pools import PgBouncer     # noqa: E402, pylint: disable=C0413

SESSIONS = 20
RELEASES = {"1.18": "bookworm", "1.24": "trixie"}


class Reached(PostgresDatabase):
    """The same database, over TCP at another port."""

    # pylint: disable=super-init-not-called
    def __init__(self, database, port):
        vars(self).update(vars(database))
        self._port = port

    @property
    def params(self):
        return (f"host=127.0.0.1 port={self._port} dbname=postgres "
                f"user={self.user} connect_timeout=10 sslmode=disable")


def directly(database):
    return Reached(database, database.server.port)


def by_pgbouncer(release, database):
    """It ends with this process, as the database server does."""
    pooler = PgBouncer(release, [database.server],
                       users=("admin", database.user),
                       default_pool_size=SESSIONS).start()
    return Reached(database, pooler.port)


def rows():
    for caching, modules, settings in (("no cache", KEYED, ""),
                                       ("cache", CACHED, CACHING)):
        direct = f"direct, {caching}"
        for name, reach, baseline in (
                (direct, directly, None),
                *((f"pgbouncer-{version}, {caching}",
                   partial(by_pgbouncer, release), direct)
                  for version, release in RELEASES.items())):
            yield Row(name, f"200, PostgreSQL, {name}", modules, BY_KEY,
                      baseline, 200, "pgsql", good_key, settings, reach=reach)

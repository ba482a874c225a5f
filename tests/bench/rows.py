# SPDX-License-Identifier: Apache-2.0
"""What is measured: one row each, beside the row it is compared with."""

from dataclasses import dataclass
from typing import Callable, Optional

from harness import make_key

BARE = ("mpm_event", "authn_core", "authz_core", "log_config", "mime",
        "unixd")
BASIC = BARE + ("authz_user", "auth_basic", "authn_file")
KEYED = BARE + ("dbd", "uptime_keys")

BY_KEY = """
    AuthType uptime-key
    AuthName "Uptime"
    Require uptime-scope monitors:read
"""
BY_PASSWORD = """
    AuthType Basic
    AuthName "Uptime"
    AuthBasicProvider file
    AuthUserFile "${ROOT}/db/no-users"
    Require valid-user
"""


def good_key(database):
    return f"Bearer {database.create_key('monitors:read')}"


def unknown_key(_):
    return f"Bearer {make_key()}"


def forged_key(_):
    """The last digit of the checksum is another."""
    key = make_key()
    return f"Bearer {key[:-1]}{int(key[-1], 16) ^ 1:x}"


@dataclass(frozen=True)
class Row:
    """One server and one request; everything else is the same for all."""

    name: str                               # for --rows and --profile
    title: str                              # in the table
    modules: tuple                          # that httpd loads
    guard: str                              # directives before the file
    baseline: Optional[str] = None          # the row it is compared with
    status: int = 200                       # of every answer
    database: Optional[str] = None          # a driver that the harness knows
    # From the database to the value of the request's Authorization.
    authorization: Optional[Callable] = None
    settings: str = ""                      # directives of the server


ROWS = {row.name: row for row in (
    Row("open", "200, `Require all granted`, without this module",
        BARE, "    Require all granted\n"),
    Row("key", "200, key on SQLite",
        KEYED, BY_KEY, "open", 200, "sqlite3", good_key),
    Row("cached", "200, the same, `UptimeKeysCache On`",
        KEYED + ("watchdog", "socache_shmcb"), BY_KEY, "open", 200, "sqlite3",
        settings="UptimeKeysCache On\n", authorization=good_key),
    Row("401", "401, `AuthType Basic`, no password sent",
        BASIC, BY_PASSWORD, status=401),
    Row("checksum", "401, key with a wrong checksum",
        KEYED, BY_KEY, "401", 401, "sqlite3", forged_key),
    Row("unknown", "401, unknown key, SQLite asked",
        KEYED, BY_KEY, "401", 401, "sqlite3", unknown_key),
)}


def select(names):
    """These rows and those they are compared with, in the table's order."""
    wanted = set(names or ROWS)
    wanted |= {ROWS[name].baseline for name in wanted}
    return [row for row in ROWS.values() if row.name in wanted]

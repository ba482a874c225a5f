# SPDX-License-Identifier: Apache-2.0
"""The rows that are measured, and the row that each is compared with."""

import base64
import hashlib
from dataclasses import dataclass, replace
from typing import Callable, Optional

from against import Build
from harness import make_key
from ring import LONG_INTERVAL, Ring
from writer import ROWS as WRITTEN
from writer import writing

BARE = ("mpm_event", "authn_core", "authz_core", "log_config", "mime",
        "unixd")
BASIC = BARE + ("authz_user", "auth_basic", "authn_file")
KEYED = BARE + ("dbd", "uptime_keys")
CACHED = KEYED + ("watchdog", "socache_shmcb")
AUTHN_DBD = BARE + ("dbd", "authz_user", "auth_basic", "authn_dbd")

DATABASES = {"sqlite3": "SQLite", "pgsql": "PostgreSQL", "mysql": "MariaDB"}

CACHING = "UptimeKeysCache On\n"
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
BY_DBD = """
    AuthType Basic
    AuthName "Uptime"
    AuthBasicProvider {provider}
    AuthDBDUserPWQuery "SELECT password FROM users WHERE name = %s"
    {cache}
    Require {require}
"""
DBD = BY_DBD.format(provider="dbd", cache="", require="valid-user")
DBD_SOCACHE = BY_DBD.format(provider="socache dbd", require="valid-user",
                            cache="AuthnCacheProvideFor dbd")
DBD_GROUP = BY_DBD.format(
    provider="dbd", require="dbd-group readers", cache=
    'AuthzDBDQuery "SELECT team FROM users WHERE name = %s"')


def good_password(database):
    """Create a user for mod_authn_dbd and mod_authz_dbd."""
    digest = base64.b64encode(hashlib.sha1(b"secret").digest()).decode()
    database.execute("CREATE TABLE users (name VARCHAR(63) NOT NULL PRIMARY "
                     "KEY, password VARCHAR(63), team VARCHAR(63))")
    database.execute("INSERT INTO users (name, password, team) VALUES "
                     f"('olga', '{{SHA}}{digest}', 'readers')")
    return "Basic " + base64.b64encode(b"olga:secret").decode()


def good_key(database):
    return f"Bearer {database.create_key('monitors:read')}"


def one_of_many(database):
    return Ring(WRITTEN).fill(database)


def unknown_user(database):
    """A user name that is not in the table."""
    good_password(database)
    return "Basic " + base64.b64encode(b"otto:secret").decode()


def unknown_key(_):
    return f"Bearer {make_key()}"


def forged_key(_):
    """A key with a wrong last digit of its checksum."""
    key = make_key()
    return f"Bearer {key[:-1]}{int(key[-1], 16) ^ 1:x}"


@dataclass(frozen=True)
class Row:
    """One server and one request; the rest is the same for all rows."""

    name: str                               # for --rows and --profile
    title: str                              # in the table
    modules: tuple                          # to load
    guard: str                              # directives for the file
    baseline: Optional[str] = None          # the row it is compared with
    status: int = 200                       # of every answer
    database: Optional[str] = None          # a driver of the harness
    # Gets the database; returns the value of Authorization.
    authorization: Optional[Callable] = None
    settings: str = ""                      # directives of the server
    keys: Optional[Ring] = None             # that wrk uses in turn
    # Gets the database; returns a context that is active during the load.
    beside: Optional[Callable] = None
    # Gets the database; returns it as httpd reaches it.
    reach: Optional[Callable] = None
    kind: Optional[type] = None             # of server, not MeasuredHttpd
    is_counted: bool = True                 # whether to count instructions
    log: tuple = ()                         # patterns its error log may have
    build: Optional[Build] = None           # not this one, see --against


def on_every_database(name, title, modules, guard, authorization,
                      baseline="open", status=200):
    return [Row(f"{name}-{driver}", f"{status}, {title}, {database}",
                modules, guard, baseline.format(driver), status, driver,
                authorization)
            for driver, database in DATABASES.items()]


ROWS = {row.name: row for row in (
    Row("open", "200, `Require all granted`, without this module",
        BARE, "    Require all granted\n"),
    Row("cached", "200, key and scope, `UptimeKeysCache On`",
        CACHED, BY_KEY, "open", 200, "sqlite3",
        good_key, CACHING),
    Row("limited", "200, the same with `UptimeKeysRateLimit`",
        CACHED, BY_KEY, "cached", 200, "sqlite3",
        good_key, CACHING + "UptimeKeysRateLimit 1000000/1\n"),
    Row("socache", "200, mod_authn_dbd and mod_authn_socache, no scope",
        AUTHN_DBD + ("authn_socache", "socache_shmcb"), DBD_SOCACHE, "open",
        200, "sqlite3", good_password, "AuthnCacheEnable\n"),
    *on_every_database("key", "key and scope", KEYED, BY_KEY, good_key),
    *on_every_database("dbd", "mod_authn_dbd, no scope", AUTHN_DBD, DBD,
                       good_password),
    *on_every_database("group", "mod_authn_dbd and mod_authz_dbd",
                       AUTHN_DBD + ("authz_dbd",), DBD_GROUP, good_password),
    Row("401", "401, `AuthType Basic`, no password sent",
        BASIC, BY_PASSWORD, status=401),
    Row("checksum", "401, key with a wrong checksum",
        KEYED, BY_KEY, "401", 401, "sqlite3", forged_key),
    *on_every_database("unknown", "unknown key beside a known one", KEYED,
                       BY_KEY, unknown_key, "key-{}", 401),
    # mod_authn_dbd sleeps, which would take minutes under callgrind.
    Row("dbd-unknown-pgsql", "401, mod_authn_dbd, unknown user beside a known "
        "one, PostgreSQL", AUTHN_DBD, DBD, "dbd-pgsql", 401, "pgsql",
        unknown_user, is_counted=False, log=("AH01618",)),
    # The writer does not change the instructions of a request.
    Row("key-writer", "200, key and scope, SQLite, beside 100 commits a second",
        KEYED, BY_KEY, "key-sqlite3", 200, "sqlite3", one_of_many,
        LONG_INTERVAL, beside=writing, is_counted=False),
)}


def select(names):
    """These rows and their baselines, in the order of the table."""
    wanted = set(names or ROWS)
    for _ in range(2):      # a baseline may have a baseline
        wanted |= {ROWS[name].baseline for name in wanted if name}
    return [row for row in ROWS.values() if row.name in wanted]


def with_earlier(rows, build):
    """After each row with this module the same of another build, which is
    compared with it."""
    for row in rows:
        yield row
        if "uptime_keys" in row.modules:
            yield replace(row, name=f"{row.name}@{build.name}", build=build,
                          title=f"the same, commit {build.name}",
                          baseline=row.name)

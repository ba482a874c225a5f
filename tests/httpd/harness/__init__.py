# SPDX-License-Identifier: Apache-2.0
"""A private httpd with mod_uptime_keys, its database and a backend server."""

from .answers import (
    assert_ends_at,
    assert_refused,
    assert_unavailable,
    challenge,
    first_answer,
)
from .backend import Backend
from .backends import open_database
from .database import Key
from .environment import MPM, only_on
from .keys import key_digits, key_hash, make_key, seal
from .server import Httpd
from .waiting import eventually, stopped

# The log ids that tests name; any other one is UKnnnn.
UK_LOOKUP = "UK0020"        # DEBUG: the database was asked for a key
UK_BROKEN = "UK0003"        # ERR, at start: keys cannot be checked
UK_DEGRADED = "UK0004"      # WARNING, at start: a setting is bad
UK_CHECKED = "UK0005"       # INFO, at start: databases were checked
UK_ANY = r"UK\d{4}"

# mod_authz_core's lines, at level error, for a request it refused.
AUTHZ_NO_USER = "AH01629"
AUTHZ_DENIED = "AH01630"
AUTHZ_FAILED = "AH01631"

__all__ = [
    "AUTHZ_DENIED", "AUTHZ_FAILED", "AUTHZ_NO_USER", "Backend", "Httpd",
    "Key", "MPM", "UK_ANY", "UK_BROKEN", "UK_CHECKED", "UK_DEGRADED",
    "UK_LOOKUP", "assert_ends_at", "assert_refused", "assert_unavailable",
    "challenge", "eventually", "first_answer", "key_digits", "key_hash",
    "make_key", "only_on", "open_database", "seal", "stopped",
]

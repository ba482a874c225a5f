# SPDX-License-Identifier: Apache-2.0
"""Reads the fields of UptimeKeysRateLimit."""

import re
from dataclasses import dataclass

POLICY = re.compile(r'"key";q=([1-9]\d*);w=([1-9]\d*)')
QUOTA = re.compile(r'"key";r=(0|[1-9]\d*);t=(0|[1-9]\d*)')


@dataclass(frozen=True)
class Limit:
    requests: int
    seconds: int
    remaining: int
    reset: int


def limit_of(answer):
    """What an answer says, once, of the limit of its key; None: nothing."""
    policy, quota = (answer.headers.get(name)
                     for name in ("RateLimit-Policy", "RateLimit"))
    if policy is None and quota is None:
        return None
    return Limit(*map(int, POLICY.fullmatch(policy).groups()
                      + QUOTA.fullmatch(quota).groups()))


def used(answer):
    """How many requests of the limit are gone, this one included."""
    limit = limit_of(answer)
    return limit.requests - limit.remaining


def assert_limited(answer):
    """Assert a 429 that says when to come back; returns the limit."""
    limit = limit_of(answer)
    assert answer.status_code == 429
    assert limit.remaining == 0
    assert 1 <= int(answer.headers["Retry-After"]) <= limit.reset
    assert "no-store" in answer.headers["Cache-Control"]
    assert "WWW-Authenticate" not in answer.headers
    return limit

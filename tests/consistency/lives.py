# SPDX-License-Identifier: Apache-2.0
"""What happens to a key between its creation and its deletion: each act
narrows it, uses all its secrets everywhere, and mostly widens it again."""

import itertools
import time

from caching import LEASE
from doors import SQL, TOOL, name_of
from harness.database import now_ms
from history import (
    ADDRESSES,
    CHANGE,
    DISABLE,
    ENABLE,
    ENABLED,
    ENDED,
    EXPIRY,
    LEAK,
    NEVER,
    ROTATE,
    SCOPES,
    SECRET,
    End,
)

SCOPE, OTHER_SCOPE = "monitors:read", "alerts:read"
SOURCES = "127.0.0.1", "127.0.0.2"      # of requests
ELSEWHERE = ["192.0.2.0/24", "2001:db8::1"]
# Lists of addresses, and the sources that they contain.
HERE = {None: SOURCES, ("127.0.0.0/8", *ELSEWHERE): SOURCES}
NOT_ALL = {tuple(ELSEWHERE): (), ("127.0.0.2",): SOURCES[1:],
           ("127.0.0.1", *ELSEWHERE): SOURCES[:1]}
EXPIRES_IN = 0.4, 1.5       # seconds
SHORT_OVERLAP, LONG_OVERLAP = 2, 3600
# After plain SQL a key is used for so long after every server must know of it.
USED_AFTER = 0.4
# Both ends of a lease are truncated to milliseconds.
SQL_HOLDS_AFTER = LEASE + 0.002
# What happened before by plain SQL is asked for again, by a server or the tool:
# nothing changes, and yet the answer promises the same.
ASKED_AGAIN = 0.25


def holds_from(door):
    """When every server must have seen a write that ends now."""
    return time.monotonic() + (SQL_HOLDS_AFTER if door == SQL else 0)


def end_at(instant):
    """An instant of the time of day, in milliseconds, as an End."""
    earliest = time.monotonic_ns()
    left = instant * 1_000_000 - time.time_ns()
    latest = time.monotonic_ns()
    return End((earliest + left) / 1e9, (latest + left) / 1e9)


class Lives:
    """The acts of one client."""

    def __init__(self, client, rng):
        self._client = client
        self._rng = rng
        self._is_alone = False

    def live(self, key, name, is_alone):
        """Do one act; whether it is known what became of the key.  If nobody
        else writes it is done by SQL: nothing but its own triggers tells the
        servers."""
        key.is_known = True
        self._is_alone = is_alone
        getattr(self, name)(key)
        return key.is_known

    # The acts.

    def lose_scope(self, key):
        self._narrow(key, lambda door: self._change(
            door, key, "scopes", [OTHER_SCOPE], SCOPES, ENDED))
        self._widen(key, lambda door: self._change(
            door, key, "scopes", [SCOPE, OTHER_SCOPE], SCOPES, NEVER))

    def be_elsewhere(self, key):
        for several in self._rng.sample([*NOT_ALL.items()], 2):
            self._narrow(key, lambda door, of=several: self._limit(
                door, key, *of))
        several = self._rng.choice([*HERE.items()])
        self._widen(key, lambda door: self._limit(door, key, *several))

    def _limit(self, door, key, addresses, sources):
        ends = {(ADDRESSES, source): NEVER if source in sources else ENDED
                for source in SOURCES}
        self._log(CHANGE, key, door, ends, lambda: self._doors.change(
            door, key, "addresses", addresses and list(addresses)))

    def expire(self, key):
        """Soon, or, as only SQL can, in the past.  Whoever else writes does
        not let a later expiry prolong the old secret."""
        door = self._door()
        seconds = self._rng.uniform(-1 if door == SQL else EXPIRES_IN[0],
                                    EXPIRES_IN[1])
        if door == TOOL:    # which has to start first
            seconds += 0.5
        instant = now_ms() + int(seconds * 1000)
        end = end_at(instant)
        self._change(door, key, "expiresAt", instant, EXPIRY, end,
                     self._previous_until(key, end, door))
        self._use_until(key, max(end.latest, holds_from(door)) + USED_AFTER)
        self._widen(key, lambda door: self._change(
            door, key, "expiresAt", None, EXPIRY, NEVER,
            self._previous_until(key, end, door)))

    @staticmethod
    def _previous_until(key, end, door):
        if door == SQL or not key.previous:
            return {}
        key.previous_end = key.previous_end.or_at(end)
        return {(SECRET, key.previous[:15]): key.previous_end}

    def be_disabled(self, key):
        self._narrow(key, lambda door: self._log(
            DISABLE, key, door, {ENABLED: ENDED},
            lambda: self._doors.disable(door, key)))
        self._widen(key, lambda door: self._log(
            ENABLE, key, door, {ENABLED: NEVER},
            lambda: self._doors.enable(door, key)))

    def rotate_at_once(self, key):
        self._rotate(key, 0)

    def rotate_shortly(self, key):
        self._rotate(key, SHORT_OVERLAP)

    def rotate_and_end(self, key):
        """A long overlap, which ends in one of four ways."""
        self._rotate(key, LONG_OVERLAP)
        if not key.previous:
            return
        ends = [self._end_previous, self._forget_previous]
        if not self._is_alone:
            ends += [self._rotate_again, self._leak_previous]
        self._rng.choice(ends)(key)

    def be_replaced(self, key):
        """As an administrator would do it in SQL."""
        other = self._client.new_secret()
        self._log(CHANGE, key, SQL, {
            (SECRET, key.text[:15]): ENDED, (SECRET, other[:15]): NEVER},
            lambda: self._doors.replace(key, other))
        if key.is_known:
            key.replace(other)
        self._use(key, SQL)

    def leak(self, key):
        """Only a rotation enables the key again, without an overlap."""
        self._narrow(key, lambda door: self._log(
            LEAK, key, door, {ENABLED: ENDED},
            lambda: self._doors.leak(door, key, key.text)))
        if key.is_known:
            self._rotate(key, 0, {ENABLED: NEVER}, LONG_OVERLAP)

    @staticmethod
    def be_deleted(key):
        key.is_known = False

    # Their parts.

    def _rotate_again(self, key):
        self._rotate(key, LONG_OVERLAP)

    def _leak_previous(self, key):
        door = self._door()
        self._log(LEAK, key, door, self._previous_ended(key),
                  lambda: self._doors.leak(door, key, key.previous))
        self._use(key, door)

    def _end_previous(self, key):
        self._log(CHANGE, key, SQL, self._previous_ended(key),
                  lambda: self._doors.sql(
                      "UPDATE uptime_keys SET previous_ends_at = ? "
                      "WHERE id = ?", now_ms(), key.id))
        self._use(key, SQL)

    def _forget_previous(self, key):
        self._log(CHANGE, key, SQL, self._previous_ended(key),
                  lambda: self._doors.sql(
                      "UPDATE uptime_keys SET previous_hash = NULL, "
                      "previous_prefix = NULL, previous_ends_at = NULL, "
                      "previous_used_at = NULL WHERE id = ?", key.id))
        self._use(key, SQL)

    @staticmethod
    def _previous_ended(key):
        key.previous_end = ENDED
        return {(SECRET, key.previous[:15]): ENDED}

    def _rotate(self, key, overlap, more=None, asked=None):
        """More overlap than there is may be asked for, but not by SQL."""
        door = self._door()
        began = time.monotonic()
        status, text, ends = self._doors.rotate(
            door, key, overlap if door == SQL or asked is None else asked)
        held = holds_from(door)
        sets = {(SECRET, key.text[:15]): self._end_of_old(
            status, overlap, ends, began), **(more or {})}
        if key.previous:
            sets |= self._previous_ended(key)
        if text:
            sets[SECRET, text[:15]] = NEVER
            self._client.keep_secret(text)
        self._client.log(ROTATE, key.id, began, status, name_of(door),
                         sets=sets, holds_from=held)
        if status != 200:
            key.is_known = False
            return
        key.previous_end = sets[SECRET, key.text[:15]]
        key.succeed(text, is_overlapping=overlap > 0)
        self._use(key, door)
        if 0 < overlap < LONG_OVERLAP:
            self._use_until(key, max(key.previous_end.latest, held)
                            + USED_AFTER)

    @staticmethod
    def _end_of_old(status, overlap, ends, began):
        if status != 200:
            return End(began + overlap, float("inf"))
        if not overlap:
            return ENDED
        return end_at(ends) if ends else End(
            began + overlap, time.monotonic() + overlap)

    def _change(self, door, key, member, value, part, end, more=None):
        self._log(CHANGE, key, door, {part: end, **(more or {})},
                  lambda: self._doors.change(door, key, member, value))

    def _log(self, kind, key, door, sets, act):
        began = time.monotonic()
        status = act()
        self._client.log(kind, key.id, began, status, name_of(door),
                         sets=sets, holds_from=holds_from(door))
        if status != 200:
            key.is_known = False

    def _narrow(self, key, act):
        """Act, and use the key."""
        doors = [self._door()]
        if self._rng.random() < ASKED_AGAIN:
            doors.insert(0, SQL)
        for door in doors:
            act(door)
        self._use(key, doors[-1])

    def _widen(self, key, act):
        door = self._door()
        act(door)
        self._use(key, door)

    @property
    def _doors(self):
        return self._client.doors

    def _door(self):
        return SQL if self._is_alone else self._client.door()

    def _use(self, key, door=None):
        """Use all its secrets everywhere, after plain SQL for as long as the
        servers may not know of it."""
        self._client.use_everywhere([key], times=2)
        if door == SQL:
            self._use_until(key, holds_from(SQL) + USED_AFTER)

    def _use_until(self, key, then):
        while time.monotonic() < then:
            self._client.use(key)


# In the order of the first round: every kind of write is soon confirmed.
ACTS = ("be_disabled", "leak", "rotate_shortly", "lose_scope",
        "rotate_and_end", "be_elsewhere", "expire", "be_replaced",
        "rotate_at_once")
# What each of the triggers watches.
ALONE = ("lose_scope", "be_elsewhere", "expire", "be_disabled", "be_replaced",
         "rotate_and_end", "be_deleted")


def turns(rng):
    """An endless sequence of acts, and whether nobody else shall write: after
    each act was done, one in four is done in solitude."""
    acts, alone = rounds(ACTS, rng), rounds(ALONE, rng)
    for number in itertools.count():
        is_alone = number >= len(ACTS) and number % 4 == 0
        yield next(alone if is_alone else acts), is_alone


def rounds(names, rng):
    """An endless sequence with each name in each round, after the first one
    in random order."""
    yield from names
    while True:
        yield from rng.sample(names, len(names))

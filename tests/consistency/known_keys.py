# SPDX-License-Identifier: Apache-2.0
"""The keys that the clients know: which exist, and their secrets."""

import threading
import time
from dataclasses import dataclass, field

from history import ENDED, End

FEWEST = 6              # keys
OF_DELETED = 0.4        # share of the uses
LATEST = 3              # secrets of a key that are used


@dataclass
class KnownKey:
    """A key that the clients created."""

    id: str
    text: str
    team: str = None        # if it is deleted with its team
    used_until: float = float("inf")
    previous: str = None    # the secret that may still work besides
    previous_end: End = ENDED
    older: list = field(default_factory=list)   # secrets, from old to new
    is_known: bool = True   # what became of it

    def succeed(self, text, is_overlapping):
        """The key was rotated and has a new secret."""
        self.previous = self.text if is_overlapping else None
        self.replace(text)

    def replace(self, text):
        self.older.append(self.text)
        self.text = text

    def secrets(self):
        return [self.text, *self.older[:-LATEST:-1]]


class Keys:
    """The keys that the clients use, and those deleted a moment ago."""

    def __init__(self):
        self._lock = threading.Lock()
        self._active = []
        self._deleted = []

    def __len__(self):
        return len(self._active)

    def ids(self):
        """The ids of the keys that are still used."""
        now = time.monotonic()
        with self._lock:
            return {key.id for key in (*self._active, *self._deleted)
                    if key.used_until > now}

    def add(self, *keys):
        with self._lock:
            self._active += keys

    def reserve(self, rng, is_team=False):
        """Choose one key, or all of a team, to delete or change; no other
        client does so until release()."""
        with self._lock:
            several = [key for key in self._active
                       if bool(key.team) == is_team]
            if len(self._active) <= FEWEST or not several:
                return []
            one = rng.choice(several)
            taken = [key for key in several
                     if key is one or (is_team and key.team == one.team)]
            self._active = [key for key in self._active if key not in taken]
            self._deleted += taken
            return taken

    def release(self, keys):
        """Make keys that may still exist available again."""
        with self._lock:
            self._deleted = [key for key in self._deleted if key not in keys]
            self._active += keys

    def pick(self, rng):
        """A key to use, or None."""
        now = time.monotonic()
        with self._lock:
            self._deleted = [key for key in self._deleted
                             if key.used_until > now]
            either = [self._active, self._deleted]
            if rng.random() < OF_DELETED:
                either.reverse()
            keys = either[0] or either[1]
            return rng.choice(keys) if keys else None

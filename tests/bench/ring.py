# SPDX-License-Identifier: Apache-2.0
"""Many keys, which wrk uses in turn, each as often as the others."""

import random
import tempfile
from pathlib import Path

from harness import key_hash, make_key
from harness.database import now_ms

# The maximum: only the first use of a key writes last_used_at, which is not
# measured.
LONG_INTERVAL = "UptimeKeysLastUsedInterval 86400\n"


class Ring:
    def __init__(self, size):
        self.texts = [make_key() for _ in range(size)]
        with tempfile.NamedTemporaryFile("w", suffix=".keys",
                                         delete=False) as file:
            file.writelines(text + "\n" for text in self.texts)
        self._file = Path(file.name)

    def __len__(self):
        return len(self.texts)

    @property
    def authorizations(self):
        return [{"Authorization": f"Bearer {text}"} for text in self.texts]

    def fill(self, database):
        """Import all keys, as used just now; returns the Authorization header
        of the first."""
        database.import_rows(*(
            {"team": "acme", "name": "imported key", "keyHash": key_hash(text),
             "keyPrefix": text[:15], "scopes": ["monitors:read"],
             "lastUsedAt": now_ms()} for text in self.texts))
        return f"Bearer {self.texts[0]}"

    def arguments(self, first=None):
        """Arguments of wrk's script; without first it begins anywhere."""
        if first is None:
            first = random.randrange(len(self))
        return [self._file, str(first % len(self))]

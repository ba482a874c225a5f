# SPDX-License-Identifier: Apache-2.0
"""What clients saw of a key's life, and what of that must never be.

Contract, section 8.  All instants are of one monotonic clock, so of two
operations one comes after the other if it began after the other ended;
otherwise they overlap, and nothing is said of their order.
"""

import collections
from dataclasses import dataclass

CREATE, USE, DELETE = "create", "use", "delete"
NO_ANSWER = 0           # a status: it may have happened or not
TOLD_NOTHING = (200, 503, NO_ANSWER)    # not a refusal


@dataclass(frozen=True)
class Operation:
    kind: str
    key: str            # its id; None: nobody knows, nothing was created
    began: float
    ended: float
    status: int
    identity: str = None    # who the server took the client for
    where: str = ""         # which server, or the tool


@dataclass(frozen=True)
class Violation:
    rule: str
    operation: Operation
    witness: Operation = None   # what it contradicts

    def __str__(self):
        return (f"{self.rule}: {self.operation}"
                + (f", although {self.witness}" if self.witness else ""))


LIVES_ON = "a deleted key was let in"
IS_REFUSED = "a key was refused that nobody had begun to delete"
IS_ANOTHER = "a key was taken for another"


def violations(history):
    """Of any order of operations; in the order in which they ended."""
    of_key = collections.defaultdict(list)
    for operation in history:
        if operation.key is not None:
            of_key[operation.key].append(operation)
    found = [violation for operations in of_key.values()
             for violation in _of_one_key(operations)]
    return sorted(found, key=lambda violation: violation.operation.ended)


def _of_one_key(operations):
    created = _first(operations, CREATE, "ended", 201)
    gone = _first(operations, DELETE, "ended", 200)
    # Whatever came of it.
    doomed = _first(operations, DELETE, "began")
    for use in operations:
        if use.kind != USE:
            continue
        if use.status == 200:
            if gone and use.began > gone.ended:
                yield Violation(LIVES_ON, use, gone)
            if use.identity != use.key:
                yield Violation(IS_ANOTHER, use)
        elif (use.status not in TOLD_NOTHING
              and created and use.began > created.ended
              and (doomed is None or use.ended < doomed.began)):
            yield Violation(IS_REFUSED, use, created)


def _first(operations, kind, instant, status=None):
    return min((operation for operation in operations
                if operation.kind == kind
                and status in (None, operation.status)),
               key=lambda operation: getattr(operation, instant),
               default=None)

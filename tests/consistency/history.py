# SPDX-License-Identifier: Apache-2.0
"""What clients saw of a key's life, and what of that must never be.

Contract, section 8.  All instants are of one monotonic clock, so of two
operations one comes after the other if it began after the other ended;
otherwise they overlap, and nothing is said of their order.

What is written decides how uses are answered: from when it began that may be
so, and from when it holds everywhere nothing that came before may be seen.
"""

import collections
from dataclasses import dataclass

CREATE, USE, DELETE = "create", "use", "delete"
CHANGE = "change"       # what a key may do, or for how long
TROUBLE = "trouble"     # of a server or its database
NO_ANSWER = 0           # a status: it may have happened or not
LET_IN, REFUSED, UNAVAILABLE = 200, 401, 503
# Seconds that a request waits for a connection at most: a machine may be too
# busy for more.
PATIENCE = 1.0
DONE = {CREATE: 201, DELETE: 200, CHANGE: 200}
LEADS_TO = {CREATE: LET_IN, DELETE: REFUSED}


@dataclass(frozen=True)
class Operation:
    kind: str
    key: str            # its id; None: nobody knows, nothing was created
    began: float
    ended: float
    status: int
    identity: str = None    # who the server took the client for
    where: str = ""         # which server, or how else; of a trouble: "" for
                            # every server's
    leads_to: int = None    # of a change: how uses are answered then
    holds_from: float = None    # everywhere; of a trouble: the last of it

    def __str__(self):
        is_identity = self.identity not in (None, self.key)
        return (f"{self.kind} of {self.key} by {self.where}, {self.status}"
                + (f" as {self.identity}" if is_identity else "")
                + f", from {self.began:.3f} to {self.ended:.3f}")

    @property
    def holds(self):
        return self.ended if self.holds_from is None else self.holds_from

    @property
    def is_write(self):
        return self.kind in DONE

    @property
    def is_done(self):
        return self.status == DONE[self.kind]

    @property
    def answer(self):
        return LEADS_TO.get(self.kind, self.leads_to)


@dataclass(frozen=True)
class Violation:
    rule: str
    operation: Operation
    witness: Operation = None   # what it contradicts

    def __str__(self):
        return (f"{self.rule}: {self.operation}"
                + (f", although {self.witness}" if self.witness else ""))


LIVES_ON = "a deleted key was let in"
IS_STALE = "answered as nothing that was written says any more"
IS_REFUSED = "a key was refused that nobody had begun to take away"
IS_ANOTHER = "a key was taken for another"
IS_UNAVAILABLE = "a key was not looked up although nothing was wrong"


def violations(history):
    """Of any order of operations; in the order in which they ended."""
    of_key = collections.defaultdict(list)
    troubles = []
    for operation in history:
        if operation.kind == TROUBLE:
            troubles.append(operation)
        elif operation.key is not None:
            of_key[operation.key].append(operation)
    found = [violation for operations in of_key.values()
             for violation in _of_one_key(operations, troubles)]
    return sorted(found, key=lambda violation: violation.operation.ended)


def _of_one_key(operations, troubles):
    writes = [operation for operation in operations if operation.is_write]
    for use in operations:
        if use.kind != USE or use.status == NO_ANSWER:
            continue
        if use.status == UNAVAILABLE:
            if (use.ended - use.began < PATIENCE
                    and not any(_explains(trouble, use)
                                for trouble in troubles)):
                yield Violation(IS_UNAVAILABLE, use)
            continue
        if use.status not in _answers(writes, use):
            yield _judge(writes, use)
        if use.status == LET_IN and use.identity != use.key:
            yield Violation(IS_ANOTHER, use)


def _explains(trouble, use):
    return (trouble.where in ("", use.where)
            and trouble.began <= use.ended and use.began <= trouble.holds)


def _holding(writes, use):
    """Those that whoever answered a use must have seen."""
    return [write for write in writes
            if write.is_done and write.holds < use.began]


def _answers(writes, use):
    """Those that a use may have had."""
    holding = _holding(writes, use)
    # Nothing brings a deleted key back.
    if any(write.kind == DELETE for write in holding):
        return {REFUSED}
    possible = {write.answer for write in writes
                if write.began <= use.ended and not _is_over(write, holding)}
    if not holding:
        # What was before the log begins.
        is_new = any(write.kind == CREATE for write in writes)
        possible.add(REFUSED if is_new else use.status)
    return possible


def _is_over(write, holding):
    """Whether something later holds; a delete may have come after it, late."""
    return write.kind != DELETE and any(
        write.ended < later.began for later in holding)


def _judge(writes, use):
    holding = _holding(writes, use)
    gone = min((write for write in holding if write.kind == DELETE),
               key=lambda write: write.ended, default=None)
    if use.status == LET_IN and gone:
        return Violation(LIVES_ON, use, gone)
    witness = max(holding, key=lambda write: write.began, default=None)
    is_touched = any(write.kind != CREATE and write.began <= use.ended
                     for write in writes)
    return Violation(IS_STALE if is_touched else IS_REFUSED, use, witness)

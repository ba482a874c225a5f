# SPDX-License-Identifier: Apache-2.0
"""The checker: finds violations of the guarantees in the log of the clients.

The guarantees are in section 8 of the contract and in docs/CACHE.md.  All
times are of one monotonic clock.  An operation is after another if it began
after the other had ended; otherwise they overlap, and their order is unknown.

A write (create, change, delete) decides how uses are answered: it may take
effect when it began, and once it holds, no earlier write may be seen on any
server.
"""

import collections
from dataclasses import dataclass, replace

CREATE, USE, DELETE = "create", "use", "delete"
READ = "read"           # of the key itself, by the management API
CHANGE = "change"       # of the scopes or the expiry
FAULT = "fault"         # of a server or its database
NO_ANSWER = 0           # a status: the operation may have happened or not
ACCEPTED, REFUSED, FORBIDDEN, UNAVAILABLE = 200, 401, 403, 503
# A read as a use: it finds nothing, or whoever reads is refused, which is never
# right.
AS_USE = {404: REFUSED, REFUSED: None}
# Seconds that a request may wait for a connection to the database before it is
# answered 503, as the machine may be busy.
CONNECTION_TIMEOUT = 1.0
DONE = {CREATE: 201, DELETE: 200, CHANGE: 200}
LEADS_TO = {CREATE: ACCEPTED, DELETE: REFUSED}


@dataclass(frozen=True)
class Operation:
    kind: str
    key: str            # its id; None: unknown, as the creation failed
    began: float
    ended: float
    status: int
    identity: str = None    # the key id that the server accepted
    where: str = ""         # which server, "tool" or "sql"; of a fault: ""
                            # stands for all servers
    leads_to: int = None    # of a change: the status of later uses
    holds_from: float = None    # on all servers; of a fault: its end

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
    witness: Operation = None   # the write that it contradicts

    def __str__(self):
        return (f"{self.rule}: {self.operation}"
                + (f", although {self.witness}" if self.witness else ""))


IS_ACCEPTED = "a deleted key was accepted"
IS_STALE = "the answer matches no state that the key can have"
IS_REFUSED = "a key was refused that nobody had changed or deleted"
IS_CONFUSED = "a key was taken for another"
IS_UNAVAILABLE = "503 without a fault"


def violations(history):
    """The violations in the order in which their operations ended; the
    history may have any order."""
    of_key = collections.defaultdict(list)
    faults = []
    for operation in history:
        if operation.kind == FAULT:
            faults.append(operation)
        elif operation.key is not None:
            of_key[operation.key].append(operation)
    found = [violation for operations in of_key.values()
             for violation in _of_one_key(operations, faults)]
    return sorted(found, key=lambda violation: violation.operation.ended)


def _of_one_key(operations, faults):
    writes = [operation for operation in operations if operation.is_write]
    uses = [operation for operation in operations
            if operation.kind == USE and operation.status != NO_ANSWER]
    yield from _of_uses(writes, uses, faults)
    # A change leaves a key there.
    final = [write for write in writes if write.kind != CHANGE]
    reads = [replace(operation, status=AS_USE.get(operation.status,
                                                  operation.status))
             for operation in operations
             if operation.kind == READ and operation.status != NO_ANSWER]
    yield from _of_uses(final, reads, faults)


def _of_uses(writes, uses, faults):
    for use in uses:
        if use.status == UNAVAILABLE:
            if (use.ended - use.began < CONNECTION_TIMEOUT
                    and not any(_explains(fault, use)
                                for fault in faults)):
                yield Violation(IS_UNAVAILABLE, use)
            continue
        if use.status not in _answers(writes, use):
            yield _judge(writes, use)
        if use.status == ACCEPTED and use.identity != use.key:
            yield Violation(IS_CONFUSED, use)


def _explains(fault, use):
    return (fault.where in ("", use.where)
            and fault.began <= use.ended and use.began <= fault.holds)


def _holding(writes, use):
    """The writes that a use must have seen."""
    return [write for write in writes
            if write.is_done and write.holds < use.began]


def _answers(writes, use):
    """The statuses that a use may have had."""
    holding = _holding(writes, use)
    # A deletion is final.
    if any(write.kind == DELETE for write in holding):
        return {REFUSED}
    possible = {write.answer for write in writes
                if write.began <= use.ended and not _is_over(write, holding)}
    if not holding:
        # The state before the log begins.
        is_new = any(write.kind == CREATE for write in writes)
        possible.add(REFUSED if is_new else use.status)
    return possible


def _is_over(write, holding):
    """Whether a later write holds.  A deletion is never over: it may have
    happened late."""
    return write.kind != DELETE and any(
        write.ended < later.began for later in holding)


def _judge(writes, use):
    holding = _holding(writes, use)
    deleted = min((write for write in holding if write.kind == DELETE),
               key=lambda write: write.ended, default=None)
    if use.status == ACCEPTED and deleted:
        return Violation(IS_ACCEPTED, use, deleted)
    witness = max(holding, key=lambda write: write.began, default=None)
    is_touched = any(write.kind != CREATE and write.began <= use.ended
                     for write in writes)
    return Violation(IS_STALE if is_touched else IS_REFUSED, use, witness)

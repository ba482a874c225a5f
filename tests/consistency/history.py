# SPDX-License-Identifier: Apache-2.0
"""The checker: finds violations of the guarantees in the log of the clients.

The guarantees are in docs/CACHE.md.
All times are of one monotonic clock.  An operation is after another if it
began after the other had ended; otherwise they overlap, and their order is
unknown.

What decides about a use are the parts of a key: whether the key exists, the
presented secret, whether it is enabled, its expiry, its addresses and its
scopes.  Each part has an end, from which on it stands in the way; a write
gives some parts another end.  A write may take effect when it began, and once
it holds, no earlier write may be seen on any server.  Every part is judged by
itself, so that no answer is called wrong that some order of the writes
explains.
"""

import collections
from dataclasses import dataclass, field, replace

CREATE, USE, DELETE = "create", "use", "delete"
READ = "read"           # of the key itself, by the management API
CHANGE = "change"       # of the scopes, the expiry or the addresses
DISABLE, ENABLE = "disable", "enable"
ROTATE = "rotate"       # only from the secret that was current before
LEAK = "leak"
FAULT = "fault"         # of a server or its database
NO_ANSWER = 0           # a status: the operation may have happened or not
ACCEPTED, REFUSED, FORBIDDEN, UNAVAILABLE = 200, 401, 403, 503
ELSEWHERE = 1403        # 403 for the address, and FORBIDDEN for a scope
# A read as a use: it finds nothing, or whoever reads is refused, which is never
# right.
AS_USE = {404: REFUSED, REFUSED: None}
# Seconds that a request may wait for a connection to the database before it is
# answered 503, as the machine may be busy.
CONNECTION_TIMEOUT = 1.0
DONE = {CREATE: 201, DELETE: 200, CHANGE: 200, DISABLE: 200, ENABLE: 200,
        ROTATE: 200, LEAK: 200}


@dataclass(frozen=True)
class End:
    """From when on a part stands in the way: from some instant between the
    earliest and the latest, which are the same if it is known exactly."""
    earliest: float
    latest: float

    def or_at(self, other):
        """The earlier of two."""
        return End(min(self.earliest, other.earliest),
                   min(self.latest, other.latest))

    def lets_pass(self, use):
        return use.began < self.latest

    def stops(self, use):
        return self.earliest <= use.ended


NEVER = End(float("inf"), float("inf"))
ENDED = End(float("-inf"), float("-inf"))
UNKNOWN = End(float("-inf"), float("inf"))

# The parts of a key, in the order in which they are judged, and what a request
# is answered that they stand in the way of.  There is one part for each secret
# of a key, (SECRET, name), and for each address of a client.
EXISTS, SECRET, ENABLED, EXPIRY, ADDRESSES, SCOPES = (
    "exists", "secret", "enabled", "expiry", "addresses", "scopes")
ANSWERS = {EXISTS: REFUSED, SECRET: REFUSED, ENABLED: REFUSED, EXPIRY: REFUSED,
           ADDRESSES: ELSEWHERE, SCOPES: FORBIDDEN}


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
    secret: str = ""        # the name of the one that is used or created
    source: str = ""        # the address of the client
    sets: dict = field(default_factory=dict)    # of a write: the Ends of
                            # parts
    holds_from: float = None    # on all servers; of a fault: its end

    def __str__(self):
        is_identity = self.identity not in (None, self.key)
        by = f" with {self.secret}" if self.secret else ""
        by += f" from {self.source}" if self.source else ""
        return (f"{self.kind} of {self.key}{by} by {self.where}, {self.status}"
                + (f" as {self.identity}" if is_identity else "")
                + f", from {self.began:.3f} to {self.ended:.3f}")

    @property
    def holds(self):
        return self.ended if self.holds_from is None else self.holds_from

    def overlaps(self, began, ended):
        """Whether it, until it holds, was under way in this time."""
        return self.began <= ended and began <= self.holds

    @property
    def is_write(self):
        return self.kind in DONE

    @property
    def is_done(self):
        return self.status == DONE[self.kind]

    @property
    def ends(self):
        if self.kind == CREATE:
            return {EXISTS: NEVER, (SECRET, self.secret): NEVER}
        return {EXISTS: ENDED} if self.kind == DELETE else self.sets


@dataclass(frozen=True)
class Violation:
    rule: str
    operation: Operation
    witness: Operation = None   # the write that it contradicts

    def __str__(self):
        return (f"{self.rule}: {self.operation}"
                + (f", although {self.witness}" if self.witness else ""))


IS_ACCEPTED = "a deleted key was accepted"
IS_NOBODYS = "a secret was accepted that the key never had"
IS_LATE = "a key was accepted too late"
IS_EARLY = "a key was refused though nothing stands in its way"
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
    life = Life(writes)
    for operation in operations:
        if operation.kind == USE and operation.status != NO_ANSWER:
            yield from _of_use(life, operation, faults)
    # All else leaves a key there, and any secret reads as well.
    existence = Life([replace(write, secret="") for write in writes
                      if write.kind in (CREATE, DELETE)])
    for operation in operations:
        if operation.kind == READ and operation.status != NO_ANSWER:
            status = AS_USE.get(operation.status, operation.status)
            yield from _of_use(existence, replace(operation, status=status),
                               faults)


def _of_use(life, use, faults):
    if use.status == UNAVAILABLE:
        if (use.ended - use.began < CONNECTION_TIMEOUT
                and not any(_explains(fault, use) for fault in faults)):
            yield Violation(IS_UNAVAILABLE, use)
        return
    if use.status not in life.answers(use):
        yield life.judge(use)
    if use.status == ACCEPTED and use.identity != use.key:
        yield Violation(IS_CONFUSED, use)


def _explains(fault, use):
    return (fault.where in ("", use.where)
            and fault.overlaps(use.began, use.ended))


def _is_over(write, later):
    """Whether a later write that holds has taken the place of another.  What
    was not confirmed may still happen, unless it is a rotation: it is from a
    secret that was current before, and is not any more."""
    return write.ended < later.began and (
        write.is_done or write.kind == later.kind == ROTATE)


class Life:
    """The writes of one key."""

    def __init__(self, writes):
        self._writes = writes
        self._is_new = any(write.kind == CREATE for write in writes)
        self._of_part = collections.defaultdict(list)
        for write in writes:
            for part in write.ends:
                self._of_part[part].append(write)

    def answers(self, use):
        """The statuses that a use may have had."""
        possible = set()
        for part, answer in ANSWERS.items():
            ends = self._ends(_of(part, use), use)
            if any(end.stops(use) for end in ends):
                possible.add(answer)
            if not any(end.lets_pass(use) for end in ends):
                return possible
        return possible | {ACCEPTED}

    def judge(self, use):
        """The violation of a use whose answer is not possible."""
        if use.status == ACCEPTED:
            return self._judge_accepted(use)
        witness = max((write for write in self._writes
                       if write.is_done and write.holds < use.began),
                      key=lambda write: write.began, default=None)
        if not any(write.kind != CREATE and write.began <= use.ended
                   for write in self._writes):
            return Violation(IS_REFUSED, use, witness)
        is_open = self.answers(use) == {ACCEPTED}
        return Violation(IS_EARLY if is_open else IS_STALE, use, witness)

    def _judge_accepted(self, use):
        part = next(part for part in (_of(part, use) for part in ANSWERS)
                    if not any(end.lets_pass(use)
                               for end in self._ends(part, use)))
        witness = max(self._holding(part, use), default=None,
                      key=lambda write: write.began)
        if part == EXISTS:
            witness = min(filter(_is_deletion, self._holding(part, use)),
                          key=lambda write: write.ended, default=witness)
            return Violation(IS_ACCEPTED, use, witness)
        return Violation(IS_LATE if witness else IS_NOBODYS, use, witness)

    def _holding(self, part, use):
        """The writes of a part that a use must have seen."""
        return [write for write in self._of_part.get(part, ())
                if write.is_done and write.holds < use.began]

    def _ends(self, part, use):
        """The ends that a part may have had for a use."""
        holding = self._holding(part, use)
        # A deletion is final.
        if part == EXISTS and any(map(_is_deletion, holding)):
            return {ENDED}
        possible = {write.ends[part] for write in self._of_part.get(part, ())
                    if write.began <= use.ended
                    and not any(_is_over(write, later) for later in holding)}
        return possible if holding else possible | {self._initial(part)}

    def _initial(self, part):
        """The end of a part before the log begins."""
        if not self._is_new:
            return UNKNOWN
        return ENDED if part == EXISTS or part[0] == SECRET else NEVER


def _is_deletion(write):
    return write.kind == DELETE


def _of(part, use):
    """The part that matters for a use."""
    if part == SECRET:
        return SECRET, use.secret
    return (ADDRESSES, use.source) if part == ADDRESSES else part

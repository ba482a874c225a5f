# SPDX-License-Identifier: Apache-2.0
"""Trees of Require lines, as configurations and judged by rules of their own.

A line is a word of LINES.  A container is a tuple, ("all", …), ("any", …) or
("none", …), and ("not", line) is a negated line.  A section is a tuple of what
stands in a <Location>, which httpd takes for one <RequireAny>.
"""

import itertools
from dataclasses import dataclass

SCOPES = {"A": "monitors:read", "B": "alerts:read"}
TEAM = "globex"

LINES = {
    "A": "uptime-scope monitors:read",
    "B": "uptime-scope alerts:read",
    "AB": "uptime-scope monitors:read alerts:read",
    "team": "uptime-team globex",
    "key": "valid-user",
    "olga": "user olga",
    "near": "ip 127.0.0.1",
    "far": "ip 192.0.2.1",
}
OURS = {"A", "B", "AB", "team"}
# Decided before there is a user.
EARLY = {"near": True, "far": False}


@dataclass(frozen=True)
class Asker:
    """Who asks: a key, with the scopes of SCOPES that it holds; or nobody."""

    scopes: frozenset = frozenset()
    team: str = "acme"
    has_key: bool = True


@dataclass(frozen=True)
class Reason:
    """What a refusal tells: the scopes that are missing, in the order of
    their lines; that it is another team's key; or neither."""

    scopes: tuple = ()
    is_of_other_team: bool = False


# --- What httpd does (mod_authz_core, written down again) --------------------

GRANTED, DENIED, NO_USER, NEUTRAL = "granted", "denied", "no user", "neutral"


def judge_line(line, asker):
    if line in EARLY:
        return GRANTED if EARLY[line] else DENIED
    if not asker.has_key:
        return NO_USER
    holds = {"team": asker.team == TEAM, "key": True, "olga": False}.get(
        line, bool(asker.scopes & set(line)))
    return GRANTED if holds else DENIED


def negate(verdict):
    return DENIED if verdict == GRANTED else NEUTRAL


def judge_all(children, asker):
    verdict = NEUTRAL
    for child in children:
        found = judge(child, asker)
        if found == DENIED:
            return DENIED
        if found == NO_USER or (found == GRANTED and verdict == NEUTRAL):
            verdict = found
    return verdict


def judge_any(children, asker):
    found = [judge(child, asker) for child in children]
    return next((verdict for verdict in (GRANTED, NO_USER, DENIED)
                 if verdict in found), NEUTRAL)


def judge(node, asker):
    if isinstance(node, str):
        return judge_line(node, asker)
    kind, *children = node
    if kind == "all":
        return judge_all(children, asker)
    if kind == "any":
        return judge_any(children, asker)
    return negate(judge_any(children, asker))


def status(section, asker):
    """What httpd answers, our 403 in the place of its 401 to a good key."""
    early = judge_any(section, Asker(has_key=False))
    if early != NO_USER:
        return 200 if early == GRANTED else 403
    if not asker.has_key:
        return 401
    return 200 if judge_any(section, asker) == GRANTED else 403


# --- Why a key is refused ----------------------------------------------------

OTHER_TEAM = object()


def denial_of(line):
    """What a line of ours that denies says: names of scopes, OTHER_TEAM."""
    return [OTHER_TEAM] if line == "team" else [SCOPES[scope] for scope in line]


def blame(node, asker):
    """The denials of a node that denies.

    A <RequireAll> is denied by the first of its children that denies, and a
    <RequireAny> by all of them together.  What must not hold is no reason
    that a key can do anything about.
    """
    if isinstance(node, str):
        return denial_of(node) if node in OURS else []
    kind, *children = node
    if kind == "any":
        return [part for child in children for part in blame(child, asker)]
    if kind == "all":
        return next(blame(child, asker) for child in children
                    if judge(child, asker) == DENIED)
    return []


@dataclass
class Seen:
    """What the module sees of a node, as it is shown its own lines alone."""

    verdict: str
    denials: list       # that still seem to matter
    is_reached: bool    # a line of ours was evaluated
    is_shown: bool      # that the node grants follows from its last line


def see_line(line, asker):
    verdict, is_ours = judge_line(line, asker), line in OURS
    return Seen(verdict, denial_of(line) if is_ours and verdict == DENIED
                else [], is_ours, is_ours and verdict == GRANTED)


def evaluated(kind, children, asker):
    """The children that httpd looks at: until one of them decides."""
    decisive = DENIED if kind == "all" else GRANTED
    for child in children:
        yield child
        if judge(child, asker) == decisive:
            return


def see(node, asker):
    if isinstance(node, str):
        return see_line(node, asker)
    kind, *children = node
    verdict, denials, is_reached, last = judge(node, asker), [], False, None
    for child in evaluated(kind, children, asker):
        last = see(child, asker)
        if last.is_reached if kind == "all" else last.is_shown:
            denials = []
        denials = denials + last.denials
        is_reached |= last.is_reached
    if kind in ("not", "none"):
        return Seen(verdict, [], is_reached, False)
    return Seen(verdict, denials, is_reached,
                verdict == GRANTED and last.is_shown)


def reason_of(parts):
    scopes = tuple(dict.fromkeys(
        part for part in parts if part is not OTHER_TEAM))
    return Reason(scopes, not scopes and OTHER_TEAM in parts)


def reason(section, asker):
    """The reason of a refusal of a key that httpd has found a user for."""
    if judge_any(section, Asker(has_key=False)) != NO_USER:
        return Reason()
    return reason_of(blame(("any", *section), asker))


def reason_as_seen(section, asker):
    """The same, if only our lines are shown: a denial that a line of another
    module has made up for is still taken for a reason, if then another such
    line denies."""
    if judge_any(section, Asker(has_key=False)) != NO_USER:
        return Reason()
    return reason_of(see(("any", *section), asker).denials)


def every_denial(node, asker):
    """Those of all lines that httpd looks at, whether they matter or not."""
    if isinstance(node, str):
        return see_line(node, asker).denials
    kind, *children = node
    return [part for child in evaluated(kind, children, asker)
            for part in every_denial(child, asker)]


def is_telling(section, askers):
    """Whether somebody is told less than all that was denied on the way."""
    return any(
        reason_of(every_denial(("any", *section), asker))
        != reason_as_seen(section, asker)
        for asker in askers if status(section, asker) == 403)


# --- All of them -------------------------------------------------------------

def is_negative(node):
    return node[0] in ("not", "none")


def containers(nodes, lengths):
    """All that httpd accepts, of these nodes: only a <RequireAll> may have a
    negative child, and needs another one."""
    positive = [node for node in nodes if not is_negative(node)]
    for length in lengths:
        for children in itertools.product(nodes, repeat=length):
            if not all(map(is_negative, children)):
                yield ("all", *children)
        for children in itertools.product(positive, repeat=length):
            yield ("any", *children)
            yield ("none", *children)


def sections(depth, lines, lengths=(1, 2)):
    """Every section of one node, with containers of so many children in each
    other to this depth, of these lines."""
    lines = [*lines, *(("not", line) for line in lines)]
    nodes = lines
    for _ in range(depth):
        nodes = [*lines, *containers(nodes, lengths)]
    return [(node,) for node in nodes if not is_negative(node)]


def lines_of(node):
    if isinstance(node, str):
        return [node]
    return [line for child in node[1:] for line in lines_of(child)]


def is_worth_a_try(section):
    """One without a line of ours is no matter of ours; and of those that differ
    in the names of the scopes alone, the first is enough."""
    lines = [line for node in section for line in lines_of(node)]
    named = [line for line in lines if line in ("A", "B")]
    return bool(OURS & set(lines)) and (not named or named[0] == "A")


def with_lines(node, random):
    """A node of the same shape, with lines at random."""
    if isinstance(node, str):
        return random.choice(list(LINES))
    return (node[0], *(with_lines(child, random) for child in node[1:]))


def shapes(depth, random):
    """Every shape of a section of one node, once, with lines at random."""
    for section in sections(depth, ["x"]):
        filled = ()
        while not filled or not is_worth_a_try(filled):
            filled = tuple(with_lines(node, random) for node in section)
        yield filled


# --- As configurations -------------------------------------------------------

def written(node, is_wrapped=False):
    """The lines of a node; every container in an <IfModule> if it is
    wrapped."""
    if isinstance(node, str):
        return [f"Require {LINES[node]}"]
    kind, *children = node
    if kind == "not":
        return [f"Require not {LINES[children[0]]}"]
    inside = [line for child in children
              for line in written(child, is_wrapped)]
    name = f"Require{kind.capitalize()}"
    lines = [f"<{name}>", *inside, f"</{name}>"]
    return (["<IfModule authz_core_module>", *lines, "</IfModule>"]
            if is_wrapped else lines)


def location(path, section, is_wrapped=False):
    lines = [line for node in section for line in written(node, is_wrapped)]
    return "\n".join([f'<Location "{path}">', "AuthType uptime-key",
                      'AuthName "Uptime"', *lines, "</Location>", ""])

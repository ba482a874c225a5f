# SPDX-License-Identifier: Apache-2.0
"""Trees of Require lines, thousands of them: who is let in, and what a refusal
tells, compared with rules that know nothing of how the module finds it out."""

import itertools
import random

import pytest
from harness import challenge, make_key, only_on, raw
from trees import (
    SCOPES,
    Asker,
    Reason,
    is_telling,
    is_worth_a_try,
    location,
    reason,
    reason_as_seen,
    sections,
    shapes,
    status,
)

pytestmark = only_on("sqlite3", reason="authorization has no database")

# httpd goes through all locations of a host for each request, and through all
# hosts for each connection.
PER_HOST = 100
# Trees of one httpd; of each kind that is tried every day.
AT_ONCE = 6000
SOME = 100
SEED = 18

HEAD = """
LogLevel crit
MaxKeepAliveRequests 0
<VirtualHost *:${PORT}>
    ServerName 127.0.0.1
</VirtualHost>
"""
# Trees of which a refusal once told what was not so.
FOUND = [
    (("all", ("any", ("any", "team", "olga"), ("all", "AB")),
      ("none", "key")),),
    (("all", ("any", "A", ("all", "key", "B")), "olga"),),
    (("any", "A", ("any", "A", "B")),),
]

OTHER_TEAM = "The API key belongs to another team."
EXCLUDED = "The API key is not allowed here."

KEYS = [Asker(frozenset(scopes), team)
        for team in ("acme", "globex")
        for count in range(len(SCOPES) + 1)
        for scopes in itertools.combinations(SCOPES, count)]
NOBODY = Asker(has_key=False)


def host_config(number, trees):
    inside = "".join(location(f"/t/{i}/", tree, i % 2 == 1)
                     for i, tree in enumerate(trees))
    return (f"<VirtualHost *:${{PORT}}>\nServerName h{number}.example\n"
            f"{inside}</VirtualHost>\n")


def make_keys(database):
    """A key for each asker, by asker."""
    database.create_team("globex")
    return {asker: database.import_key(
        *[SCOPES[name] for name in sorted(asker.scopes)] or ["teams:read"],
        team=asker.team) for asker in KEYS}


def ask(server, number, count, key):
    """The answers of the first locations of a host to a key, or to nobody."""
    headers = [f"Host: h{number}.example"]
    if key is not None:
        server.keep_secret(key)
        headers.append(f"Authorization: Bearer {key}")
    requests = [raw.request(f"/t/{i}/", *headers, close=i == count - 1)
                .replace(b"Host: 127.0.0.1\r\n", b"", 1)
                for i in range(count)]
    return server.exchange(b"".join(requests), ["GET"] * count)


def detail_of(told):
    if told.scopes:
        return ("The API key needs one of these scopes: %s."
                if len(told.scopes) > 1 else
                "The API key needs the scope %s.") % " ".join(told.scopes)
    return OTHER_TEAM if told.is_of_other_team else EXCLUDED


def told_by(answer):
    """The reason in a challenge; the document must say the same."""
    parameters = challenge(answer)
    scopes = tuple(parameters.get("scope", "").split())
    is_lacking = parameters.get("error") == "insufficient_scope"
    told = Reason(scopes, is_lacking and not scopes)
    assert is_lacking or not scopes
    assert answer.json()["detail"] == detail_of(told)
    return told


def problem_with(answer, section, asker, error=None):
    """What is wrong with an answer; None if it is as it must be."""
    expected = status(section, asker)
    if answer.status_code != expected:
        return f"{answer.status_code} instead of {expected}"
    if expected == 200:
        return "WWW-Authenticate" in answer.headers and "a challenge" or None
    if expected == 401:
        told = challenge(answer).get("error")
        return None if told == error else f"error={told}"
    told, why = told_by(answer), reason(section, asker)
    return (None if told in (why, reason_as_seen(section, asker))
            else f"{told} instead of {why}")


def lacked_by(asker, answer):
    """Who asks with one more of the scopes that a refusal names."""
    if answer.status_code != 403:
        return
    names = {scope: name for name, scope in SCOPES.items()}
    for scope in told_by(answer).scopes:
        yield Asker(asker.scopes | {names[scope]}, asker.team)


def judge_by_other_keys(section, answers):
    """A scope that is named as missing is not held, and with it a key gets in,
    or is told something else."""
    for asker, answer in answers.items():
        for richer in lacked_by(asker, answer):
            if richer == asker:
                yield section, asker, "names what the key holds"
            elif (answers[richer].status_code == 403
                  and told_by(answers[richer]) == told_by(answer)):
                yield section, asker, "names what changes nothing"


def wrong_on_host(server, keys, number, trees):
    answers = {asker: ask(server, number, len(trees), key)
               for asker, key in keys.items()}
    strangers = {None: ask(server, number, len(trees), None),
                 "invalid_token": ask(server, number, len(trees), make_key())}
    for i, section in enumerate(trees):
        of_keys = {asker: answers[asker][i] for asker in keys}
        for asker, answer in of_keys.items():
            problem = problem_with(answer, section, asker)
            if problem:
                yield section, asker, problem
        for error, all_answers in strangers.items():
            problem = problem_with(all_answers[i], section, NOBODY, error)
            if problem:
                yield section, error or "nobody", problem
        yield from judge_by_other_keys(section, of_keys)


def wrong(new_httpd, trees):
    """What is wrong with the answers of these trees: (tree, asker, what)."""
    hosts = [trees[start:start + PER_HOST]
             for start in range(0, len(trees), PER_HOST)]
    server = new_httpd(HEAD + "".join(itertools.starmap(
        host_config, enumerate(hosts))))
    keys = make_keys(server.database)
    found = [line for number, trees in enumerate(hosts)
             for line in wrong_on_host(server, keys, number, trees)]
    server.stop()
    return found


def assert_right(new_httpd, trees):
    found = []
    for start in range(0, len(trees), AT_ONCE):
        found += wrong(new_httpd, trees[start:start + AT_ONCE])
    assert not found, "\n".join([
        f"{len(found)} of {len(trees)} trees:",
        *(f"{section} {asker}: {what}" for section, asker, what in found[:20])])


def every_line():
    """Two containers in each other, with every line in every position."""
    lines = ["A", "B", "team", "key", "olga", "near", "far"]
    return [section for section in sections(1, lines, (1, 2, 3))
            + sections(2, lines, (2,)) if is_worth_a_try(section)]


def every_shape():
    """Three containers in each other, with lines at random."""
    return list(shapes(3, random.Random(SEED)))


def sample():
    """The same every day; half of them those in which a denial does not
    matter."""
    some = random.Random(SEED)
    found = [tree for trees in (every_line(), every_shape())
             for tree in some.sample(trees, 10 * SOME)]
    telling = [tree for tree in found if is_telling(tree, KEYS)]
    return [*FOUND, *telling[:SOME], *telling[-SOME:], *found[:SOME],
            *found[-SOME:]]


@pytest.mark.slow
def test_reasons_of_some_trees(new_httpd):
    assert_right(new_httpd, sample())


@pytest.mark.slow
@pytest.mark.everywhere
@pytest.mark.parametrize("trees", [every_line, every_shape])
def test_reasons_of_all_trees(new_httpd, trees):
    assert_right(new_httpd, trees())

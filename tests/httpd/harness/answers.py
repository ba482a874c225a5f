# SPDX-License-Identifier: Apache-2.0
"""Assertions about answers: the table of "Answers" in the README."""

import re
import uuid

from .database import now_ms
from .waiting import eventually

PARAMETER = re.compile(r'([a-z_]+)="((?:[^"\\]|\\.)*)"')
CHALLENGE = re.compile(r'Bearer (?:[a-z_]+="(?:[^"\\]|\\.)*")'
                       r'(?:, [a-z_]+="(?:[^"\\]|\\.)*")*')
PROBLEM_BASE = "urn:uptime-keys:error:"
PROBLEMS = {400: "bad-request", 401: "unauthorized", 403: "forbidden",
            404: "not-found", 405: "method-not-allowed",
            408: "request-timeout", 409: "conflict",
            413: "payload-too-large", 415: "unsupported-media-type",
            429: "rate-limited",
            500: "internal", 503: "unavailable"}


def challenge(answer):
    """The parameters of a Bearer challenge, in order, as a dict."""
    value = answer.headers["WWW-Authenticate"]
    assert CHALLENGE.fullmatch(value), value
    parameters = PARAMETER.findall(value)
    assert len(parameters) == len(dict(parameters)), value
    return dict(parameters)


def assert_problem(answer, status, base=PROBLEM_BASE, name=None):
    """Assert that this is a complete problem document; returns it."""
    assert answer.status_code == status
    assert answer.headers["Content-Type"].split(";")[0] == \
        "application/problem+json"
    assert "no-store" in answer.headers["Cache-Control"]
    problem = answer.json()
    assert problem["type"] == base + (name or PROBLEMS[status])
    assert problem["status"] == status
    assert problem["title"] and isinstance(problem["title"], str)
    assert problem["detail"] and isinstance(problem["detail"], str)
    instance = problem["instance"]
    assert instance == uuid.UUID(instance.removeprefix("urn:uuid:")).urn
    return problem


def assert_refused(answer, status, error=None, realm="Uptime",
                   base=PROBLEM_BASE):
    """Assert a challenge and a problem document; returns the document."""
    parameters = challenge(answer)
    assert parameters.get("realm") == realm
    assert parameters.get("error") == error
    return assert_problem(answer, status, base)


def assert_unavailable(answer):
    """Assert a 503 without a challenge; returns the problem document."""
    problem = assert_problem(answer, 503)
    assert int(answer.headers["Retry-After"]) > 0
    assert "WWW-Authenticate" not in answer.headers
    return problem


def assert_ends_at(server, key, end, path="/t/x"):
    """Ask until the key is refused: it is accepted until that millisecond, and
    refused from it on, by the times before and after each answer.  Returns how
    often it was accepted: on a busy machine it may be over before the first."""
    accepted = 0
    while True:
        before = now_ms()
        answer = server.get(path, key)
        if answer.status_code != 200:
            break
        assert before < end, "accepted after its end"
        accepted += 1
    assert now_ms() >= end, "refused before its end"
    assert_refused(answer, 401, "invalid_token")
    return accepted


def first_answer(server, key, **options):
    """The first answer to a key that is not 503: each child finds out by itself
    that the database is back, and one of before a restart may still accept a
    connection."""
    def ask():
        answer = server.get("/t/x", key, **options)
        return answer.status_code != 503 and [answer]

    return eventually(ask)[0]

# SPDX-License-Identifier: Apache-2.0
"""UptimeKeysPreflight: a CORS preflight request carries no credentials."""

import pytest
from harness import AUTHZ_DENIED, AUTHZ_FAILED, assert_refused, eventually

CONFIG = """
<Location "/t/">
    AuthType uptime-key
    AuthName "Uptime"
    Require uptime-scope monitors:read
</Location>
<Location "/t/on">
    UptimeKeysPreflight On
</Location>
<Location "/t/off">
    UptimeKeysPreflight Off
</Location>
<Location "/t/near">
    UptimeKeysPreflight On
    <RequireAll>
        Require ip 127.0.0.1
        Require uptime-scope monitors:read
    </RequireAll>
</Location>
<Location "/t/olgas">
    UptimeKeysPreflight On
    <RequireAll>
        Require user olga
        Require uptime-scope monitors:read
    </RequireAll>
</Location>
<Location "/t/far">
    UptimeKeysPreflight On
    <RequireAll>
        Require ip 192.0.2.1
        Require uptime-scope monitors:read
    </RequireAll>
</Location>
"""

ORIGIN = {"Origin": "https://app.example"}
METHOD = {"Access-Control-Request-Method": "POST"}
PREFLIGHT = ORIGIN | METHOD


@pytest.fixture(scope="module")
def server(new_httpd):
    return new_httpd(CONFIG)


@pytest.mark.mpm
@pytest.mark.parametrize("path,method,headers,passes", [
    ("/t/on", "OPTIONS", PREFLIGHT, True),
    ("/t/near", "OPTIONS", PREFLIGHT, True),
    ("/t/off", "OPTIONS", PREFLIGHT, False),
    ("/t/default", "OPTIONS", PREFLIGHT, False),
    ("/t/on", "OPTIONS", {}, False),
    ("/t/on", "OPTIONS", ORIGIN, False),
    ("/t/on", "OPTIONS", METHOD, False),
    ("/t/on", "GET", PREFLIGHT, False),
    ("/t/on", "HEAD", PREFLIGHT, False),
    ("/t/on", "POST", PREFLIGHT, False),
    ("/t/on", "PROPFIND", PREFLIGHT, False),
    ("/t/near", "GET", PREFLIGHT, False),
])
def test_only_a_real_preflight_passes(server, path, method, headers, passes):
    answer = server.request(method, path, headers=headers)
    if passes:
        assert answer.status_code == 200
        assert "WWW-Authenticate" not in answer.headers
    elif method == "HEAD":
        assert answer.status_code == 401
    else:
        assert_refused(answer, 401)


def test_other_requirements_hold_for_a_preflight(server):
    server.expect_log(AUTHZ_DENIED, AUTHZ_FAILED)
    answer = server.request("OPTIONS", "/t/far", headers=PREFLIGHT)
    assert answer.status_code == 403


def test_preflight_that_is_refused_is_told_what_to_bring(server):
    server.expect_log(AUTHZ_FAILED)
    assert_refused(server.request("OPTIONS", "/t/olgas", headers=PREFLIGHT),
                   401)


def test_request_behind_the_preflight_needs_the_key(server):
    key = server.database.create_key("monitors:read")
    assert server.get("/t/on", key, headers=ORIGIN).status_code == 200
    assert_refused(server.get("/t/on", headers=ORIGIN), 401)
    # Below the database is away: nothing must be left to write.
    eventually(lambda: server.database.last_used(key))


def test_preflight_with_a_bad_key_passes_as_one_without(server):
    """There is no look-up for a preflight."""
    with server.database.unavailable():
        answer = server.request("OPTIONS", "/t/on", "junk",
                                headers=PREFLIGHT)
    assert answer.status_code == 200

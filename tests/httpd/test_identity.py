# SPDX-License-Identifier: Apache-2.0
"""The identity headers for a backend, which a client cannot forge."""

import socket

import pytest
from harness import environment, key_hash
from harness.database import now_ms
from harness.raw import request

GUARD = """
    AuthType uptime-key
    AuthName "Uptime"
    Require uptime-scope monitors:read
"""

CONFIG = f"""
UptimeKeysIdentityHeaders X-Uptime
SetEnvIf X-Uptime-Team (.+) CLAIMED_TEAM=$1
SetEnvIf X-Claim (.+) UPTIME_TEAM=$1 UPTIME_KEY_EXPIRES=$1 uptime_key_name=$1
ProxyPass "/guarded/" "${{BACKEND}}/"
ProxyPass "/optional/" "${{BACKEND}}/"
ProxyPass "/open/" "${{BACKEND}}/"
ProxyPass "/told/" "${{BACKEND}}/"
ProxyPass "/own-prefix/" "${{BACKEND}}/"
ProxyPass "/own-prefix-open/" "${{BACKEND}}/"
ProxyPass "/header/" "${{BACKEND}}/"
<Location "/guarded/">{GUARD}</Location>
<Location "/own-prefix/">{GUARD}
    UptimeKeysIdentityHeaders Team-Api
</Location>
<Location "/own-prefix-open/">
    UptimeKeysIdentityHeaders Team-Api
</Location>
<Location "/told/">
    RequestHeader set X-Uptime-Team nobody
</Location>
<Location "/page.shtml">{GUARD}</Location>
<Location "/optional/">
    AuthType uptime-key
    AuthName "Uptime"
    <RequireAny>
        Require method GET
        Require uptime-scope monitors:read
    </RequireAny>
</Location>
<Location "/header/">{GUARD}
    RequestHeader set X-Team-By-Admin %{{UPTIME_TEAM}}e
    RewriteEngine On
    RewriteCond %{{ENV:UPTIME_TEAM}} =acme
    RewriteRule ^ - [E=SEEN_BY_REWRITE:yes]
    RequestHeader set X-Seen-By-Rewrite %{{SEEN_BY_REWRITE}}e
</Location>
<Location "/cgi/">{GUARD}</Location>
"""


@pytest.fixture(scope="module")
def backend(new_backend):
    return new_backend()


@pytest.fixture(scope="module")
def server(new_httpd, backend):
    return new_httpd(CONFIG, defines={"BACKEND": backend.url})


@pytest.fixture(scope="module")
def key(server):
    return server.database.create_key("monitors:read", "alerts:read",
                                      name="Büro, 2. Stock")


def seen(answer, prefix="x-uptime"):
    """The identity headers that the backend received.  Names are in lower
    case, with "-" for "_", because CGI does not distinguish them.
    """
    assert answer.status_code == 200
    pairs = [(name.lower().replace("_", "-"),
              value.encode("latin-1").decode())
             for name, value in answer.json()["headers"]]
    return sorted((name, value) for name, value in pairs
                  if name.startswith(prefix.lower() + "-"))


def identity(key, prefix="x-uptime"):
    """The name is sent in UTF-8, without an encoding."""
    return sorted({f"{prefix}-key-id": key.id,
                   f"{prefix}-key-name": key.name,
                   f"{prefix}-team": key.team,
                   f"{prefix}-scopes": "monitors:read alerts:read"}.items())


def in_catalogue_order(pairs):
    """Sort the scopes, so that their order does not matter."""
    return [(name, " ".join(sorted(value.split())) if name.endswith("scopes")
             else value) for name, value in pairs]


def assert_identity(answer, key, prefix="x-uptime"):
    assert in_catalogue_order(seen(answer, prefix)) == \
        in_catalogue_order(identity(key, prefix))


@pytest.mark.mpm
def test_backend_is_told_who_calls(server, key):
    assert_identity(server.get("/guarded/x", key), key)


def test_location_may_have_its_own_prefix(server, key):
    assert_identity(server.get("/own-prefix/x", key), key, "team-api")


SPOOFS = [
    "X-Uptime-Key-Id: forged", "X-Uptime-Key-Name: forged",
    "X-Uptime-Team: forged", "X-Uptime-Scopes: teams:write",
    "x-uptime-team: forged", "X-UPTIME-TEAM: forged",
    "X_Uptime_Team: forged", "X-Uptime_Key_Id: forged",
    "x_uptime-KEY_name: forged", "X_UPTIME_SCOPES: forged",
]


@pytest.mark.mpm
@pytest.mark.parametrize("spoof", SPOOFS)
def test_forged_identity_is_replaced_by_the_real_one(server, key, spoof):
    (answer,) = server.exchange(request(
        "/guarded/x", spoof, f"Authorization: Bearer {key}", spoof))
    assert_identity(answer, key)


@pytest.mark.mpm
@pytest.mark.parametrize("path", ["/open/x", "/optional/x"])
@pytest.mark.parametrize("spoof", SPOOFS)
def test_forged_identity_is_removed_where_nobody_needs_a_key(
        server, path, spoof):
    (answer,) = server.exchange(request(path, spoof, spoof))
    assert seen(answer) == []


def test_forged_identity_under_the_own_prefix_of_a_location(server, key):
    (answer,) = server.exchange(request(
        "/own-prefix/x", "Team-Api-Team: forged", "Team_Api_Key_Id: forged",
        f"Authorization: Bearer {key}"))
    assert_identity(answer, key, "team-api")


@pytest.mark.parametrize("place", ["own-prefix", "own-prefix-open"])
def test_forged_identity_under_the_own_prefix_of_a_sub_request(
        server, key, place):
    server.write("htdocs/page.shtml",
                 f'<!--#include virtual="/{place}/x" -->')
    (answer,) = server.exchange(request(
        "/page.shtml", "Team-Api-Team: forged", "Team_Api_Key_Id: forged",
        f"Authorization: Bearer {key}"))
    assert_identity(answer, key, "team-api")


# Headers that a client could make mod_proxy remove.
NAMES = "X-Uptime-Key-Id, X-Uptime-Key-Name, X-Uptime-Team, X-Uptime-Scopes"
CONNECTIONS = [
    [f"Connection: close, {NAMES}"],
    [f"Connection: {NAMES}"],
    [f"connection: {NAMES.lower()}"],
    [f"CONNECTION: {NAMES.upper()}, close"],
    ["Connection: " + NAMES.replace(", ", ",")],
    ["Connection: " + NAMES.replace(", ", " \t,\t ")],
    ["Connection: ,, ," + NAMES.replace(",", " ,, ,") + ",,"],
    ["Connection: " + NAMES.replace(", ", " ")],
    ["Connection: " + NAMES.replace(", ", "\t")],
    ["Connection: " + NAMES.replace(", ", ";")],
    ["Connection: close X-Uptime-Team;X-Uptime-Scopes"],
    [f'Connection: "quoted, {NAMES}"'],
    ["Connection: " + NAMES.replace("-", "_") + ", X-Uptime-Team"],
    [f"Connection: {name}" for name in NAMES.split(", ")],
    [f"Connection: X-Uptime-Team{', X-Uptime-Team' * 200}"],
    [f"Proxy-Connection: close, {NAMES}"],
    ["Connection: Proxy-Connection", f"Proxy-Connection: {NAMES}"],
]


@pytest.mark.mpm
@pytest.mark.parametrize("lines", CONNECTIONS)
def test_client_cannot_have_the_identity_removed(server, key, lines):
    """By naming them in Connection, as a proxy removes such headers."""
    (answer,) = server.exchange(request(
        "/guarded/x", *lines, f"Authorization: Bearer {key}", *lines))
    assert_identity(answer, key)


def test_client_cannot_have_the_identity_of_a_location_removed(server, key):
    (answer,) = server.exchange(request(
        "/own-prefix/x", "Connection: Team-Api-Team, team-api-scopes",
        f"Authorization: Bearer {key}"))
    assert_identity(answer, key, "team-api")


def test_client_cannot_have_what_the_admin_tells_removed(server):
    """A header of the admin's, where no key is required."""
    (answer,) = server.exchange(request(
        "/told/x", "Connection: X-Uptime-Team"))
    assert seen(answer) == [("x-uptime-team", "nobody")]


def with_trailers(path, *lines, trailers):
    """The bytes of a request with trailers."""
    end = "".join(f"{line}\r\n" for line in ("0", *trailers, ""))
    return request(path, "Transfer-Encoding: chunked", *lines, method="POST",
                   body=b"5\r\nhello\r\n" + end.encode())


# The first member is down, so mod_proxy sends the headers to the second after
# it has read the body.  This happens once, as the first member is not tried
# again soon.
FAILOVER = """
LoadModule slotmem_shm_module ${MODULES}/mod_slotmem_shm.so
LoadModule proxy_balancer_module ${MODULES}/mod_proxy_balancer.so
LoadModule lbmethod_byrequests_module ${MODULES}/mod_lbmethod_byrequests.so
""" + "".join(f"""
<Proxy "balancer://{place}">
    BalancerMember "http://127.0.0.1:${{DOWN}}"
    BalancerMember "${{BACKEND}}" status=+H
</Proxy>
ProxyPass "/{place}/" "balancer://{place}/"
""" for place in ("guarded", "open"))


@pytest.fixture(scope="module")
def port_that_is_down():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@pytest.mark.mpm
@pytest.mark.parametrize("merge", ["On", "Off"])
@pytest.mark.parametrize("trailers", [SPOOFS, [f"Connection: {NAMES}"]],
                         ids=["forged", "removed"])
def test_trailers_change_no_identity(
        new_httpd, backend, port_that_is_down, merge, trailers):
    """MergeTrailers turns them into headers when the body has been read."""
    server = new_httpd(
        f"MergeTrailers {merge}\n" + FAILOVER + CONFIG,
        defines={"BACKEND": backend.url, "DOWN": port_that_is_down},
        expect_log=["AH00957", "AH00959", "AH01114"])
    key = server.database.create_key("monitors:read", "alerts:read")
    for path, lines in (("/guarded/x", [f"Authorization: Bearer {key}"]),
                        ("/open/x", [])):
        (answer,) = server.exchange(with_trailers(
            path, *lines, trailers=[*trailers, "X-Other: 1"]))
        assert in_catalogue_order(seen(answer)) == \
            in_catalogue_order(identity(key) if lines else [])
        assert ("X-Other" in dict(answer.json()["headers"])) == \
            (merge == "On")


def test_body_of_known_length_is_passed_on_as_it_comes(new_httpd):
    """It has no trailers, so the module need not read it first."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)
        server = new_httpd(CONFIG, expect_log=[r"AH\d{5}"], defines={
            "BACKEND": f"http://127.0.0.1:{listener.getsockname()[1]}"})
        with socket.create_connection(("127.0.0.1", server.port)) as client:
            client.sendall(request("/open/x", "Content-Length: 100000",
                                   method="POST", body=b"!" * 50000))
            upstream, _ = listener.accept()
            with upstream:
                upstream.settimeout(10)
                while b"!" not in upstream.recv(65536):
                    pass


def test_other_names_in_connection_are_the_clients(server, key):
    (answer,) = server.exchange(request(
        "/guarded/x", "Connection: X-Hop, X-Uptime-Team, X-Uptime-Hop",
        "X-Hop: 1", "X-Uptime-Hop: 2", f"Authorization: Bearer {key}"))
    assert_identity(answer, key)
    assert "X-Hop" not in dict(answer.json()["headers"])


def test_other_headers_of_the_client_pass(server, key):
    sent = {"X-Uptime-Trace": "1", "X-Uptimes": "2", "Team": "3"}
    answer = server.get("/guarded/x", key, headers=sent)
    arrived = dict(answer.json()["headers"])
    assert {name: arrived.get(name) for name in sent} == sent


def test_script_sees_no_forged_identity(server, key):
    (answer,) = server.exchange(request(
        "/cgi/environ.cgi", "X-Uptime-Team: forged", "X_Uptime_Team: forged",
        f"Authorization: Bearer {key}"))
    known = answer.json()["environment"]
    assert "forged" not in known.values()
    assert known["UPTIME_TEAM"] == "acme"


def test_admin_can_use_the_environment(server, key):
    answer = server.get("/header/x", key)
    arrived = dict(answer.json()["headers"])
    assert arrived["X-Team-By-Admin"] == "acme"
    assert arrived["X-Seen-By-Rewrite"] == "yes"


@pytest.mark.parametrize("name", ["a\r\nX-Evil: 1", "a\nX-Evil: 1\n",
                                  "a\x01b"])
def test_name_written_by_sql_breaks_no_header(server, backend, name):
    """Such a row may be refused or made harmless, but it
    makes no header, and no other request fails."""
    key = server.database.import_key("monitors:read")
    server.database.execute("UPDATE uptime_keys SET name = ? "
                            "WHERE key_hash = ?", name, key_hash(key.text))
    server.expect_log("UK")
    before = len(backend.requests)
    assert server.get("/guarded/x", key).status_code in (200, 401, 503)
    for _, pairs in backend.requests[before:]:
        assert "x-evil" not in {name.lower() for name, _ in pairs}
        assert all(value.isprintable() for _, value in pairs)
    assert server.get("/open/x").status_code == 200


def test_variables_that_were_made_up_are_replaced(server, key):
    answer = server.get("/cgi/environ.cgi", key, headers={"X-Claim": "forged"})
    known = answer.json()["environment"]
    assert {name: value for name, value in known.items()
            if value == "forged" and "X_CLAIM" not in name} == {}
    assert known["UPTIME_TEAM"] == "acme"
    assert known["UPTIME_KEY_NAME"] == key.name
    assert "UPTIME_KEY_EXPIRES" not in known


@pytest.mark.backend
@pytest.mark.parametrize("name", ["a|b|c", "|", "'\"\\%s"])
def test_name_is_told_as_it_is(server, name):
    key = server.database.create_key("monitors:read", "alerts:read", name=name)
    assert_identity(server.get("/guarded/x", key), key)


@pytest.mark.backend
@pytest.mark.parametrize("scopes", [
    '["monitors:read|x"]', '["monitors:read"]|', '["monitors:read"]\x1f["x:y"]',
    "|", "\x1f", ""])
def test_scopes_that_are_none_grant_nothing(server, scopes):
    key = server.database.import_key("monitors:read")
    server.database.execute("UPDATE uptime_keys SET scopes = ? "
                            "WHERE key_hash = ?", scopes, key_hash(key.text))
    server.expect_log("AH01631")
    # A row that cannot be split into columns counts as missing.
    assert server.get("/guarded/x", key).status_code == (
        401 if "\x1f" in scopes
        and not environment.BACKEND.startswith("odbc") else 403)


@pytest.mark.backend
def test_expiry_is_told_and_kept_to_whatever_else_the_row_has(server):
    """With every combination of columns that are NULL and that are not."""
    def look(**times):
        return server.get("/cgi/environ.cgi", server.database.import_key(
            "monitors:read", **times))

    now = now_ms()
    for times, expires in (({}, None), ({"lastUsedAt": now - 1000}, None),
                           ({"expiresAt": 4102444800000}, "2100-01-01"),
                           ({"expiresAt": 4102444800000,
                             "lastUsedAt": now - 1000}, "2100-01-01")):
        known = look(**times).json()["environment"]
        assert known.get("UPTIME_KEY_EXPIRES", "")[:10] == (expires or "")
    assert look(expiresAt=now - 1).status_code == 401
    assert look(expiresAt=now - 1, lastUsedAt=now).status_code == 401

# SPDX-License-Identifier: Apache-2.0
"""Every creation and deletion of a key is audited; nothing else is."""

import pytest
from harness.database import now_ms
from managed import BASIC, KEYS, Client, key_spec

PROXY = """
LoadModule remoteip_module ${MODULES}/mod_remoteip.so
RemoteIPHeader X-Forwarded-For
RemoteIPInternalProxy 127.0.0.1
"""
# Any user name is accepted.
ANYBODY = """
LoadModule authn_anon_module ${MODULES}/mod_authn_anon.so
<Location "/anybody/keys">
    SetHandler uptime-keys
    AuthType Basic
    AuthName "People"
    AuthBasicProvider anon
    Anonymous *
    Anonymous_MustGiveEmail Off
    Require valid-user
</Location>
"""
ID = "key_01jzzzzzzzzzzzzzzzzzzzzzzz"


@pytest.fixture(scope="module")
def proxied(new_managed):
    return new_managed(PROXY)


@pytest.fixture(scope="module")
def naming(new_managed):
    return new_managed(ANYBODY)


@pytest.fixture
def key(server, clean):
    return server.database.import_key("monitors:read")


def rows(server):
    """The audit rows of this server, without the tool's."""
    return server.database.rows(
        "SELECT at, actor, source, action, team_id, key_id "
        "FROM uptime_audit WHERE actor NOT LIKE 'cli:%' ORDER BY id")


def notices(server):
    return [line.text for line in server.error_log.ours("notice")]


def assert_noted(server, number, *, actor, action, key_id, team="acme",
                 source="127.0.0.1"):
    """Assert one audit row, and its line in the error log."""
    row = rows(server)[number]
    assert now_ms() - 60_000 <= row[0] <= now_ms()
    assert row[1:3] == (actor, source)
    assert action in row[3]
    assert row[4:] == (team, key_id)
    line = notices(server)[number]
    for word in (actor, action, key_id, team, source):
        assert word in line


def test_acts_of_users_are_audited(server, olga, adam):
    made = olga.make()
    assert_noted(server, 0, actor="olga", action="create", key_id=made.id)
    adam.delete(made.id)
    assert_noted(server, 1, actor="adam", action="delete", key_id=made.id)
    assert len(rows(server)) == len(notices(server)) == 2


def test_acts_of_keys_are_audited(server, holder):
    client = holder("api-keys:write", "monitors:read")
    made = client.make()
    client.delete(made.id)
    client.delete(client.key.id)
    assert_noted(server, 0, actor=client.key.id, action="create",
                 key_id=made.id)
    assert_noted(server, 1, actor=client.key.id, action="delete",
                 key_id=made.id)
    assert_noted(server, 2, actor=client.key.id, action="delete",
                 key_id=client.key.id)
    assert len(rows(server)) == len(notices(server)) == 3


def test_picked_team_is_written_down(server, sam):
    made = sam.asking("team=beta").make()
    assert_noted(server, 0, actor="sam", action="create", key_id=made.id,
                 team="beta")


@pytest.mark.parametrize("forwarded,source", [
    (None, "127.0.0.1"),
    ("203.0.113.7", "203.0.113.7"),
    ("2001:db8::7", "2001:db8::7"),
    ("198.51.100.1, 203.0.113.7", "203.0.113.7"),
])
def test_source_is_the_client_that_httpd_knows(proxied, forwarded, source):
    proxied.reset()
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    olga = Client(proxied, user="olga")
    answer = olga.call("POST", json=key_spec(), headers=headers)
    assert answer.status_code == 201
    key_id = answer.json()["data"]["apiKey"]["id"]
    olga.call("DELETE", f"/{key_id}", headers=headers)
    for number, action in enumerate(("create", "delete")):
        assert_noted(proxied, number, actor="olga", action=action,
                     key_id=key_id, source=source)


def test_source_cannot_be_pretended(server, olga):
    headers = {"X-Forwarded-For": "203.0.113.7",
               "Forwarded": "for=203.0.113.7", "X-Real-IP": "203.0.113.7"}
    answer = olga.call("POST", json=key_spec(), headers=headers)
    assert_noted(server, 0, actor="olga", action="create",
                 key_id=answer.json()["data"]["apiKey"]["id"])


def test_name_of_a_key_cannot_forge_a_line(server, olga):
    made = olga.make(name="x] [uptime_keys:notice] UK0099 deleted by bert %s")
    assert_noted(server, 0, actor="olga", action="create", key_id=made.id)
    assert len(notices(server)) == 1


@pytest.mark.parametrize("user,written", [
    ("CORP\\alice", r"CORP\\alice"),
    ('"olga"', '"olga"'),
    ("olga\n[notice] UK0040 forged", r"olga\n[notice] UK0040 forged"),
    ("olga\r\n\x1b[2J", r"olga\r\n\x1b[2J"),
])
def test_name_of_a_user_is_escaped_once(naming, user, written):
    naming.reset()
    naming.database.execute("INSERT INTO uptime_members (team_id, user_name, "
                            "role) VALUES (?, ?, ?)", "acme", user, "admin")
    answer = naming.request("POST", "/anybody/keys", json=key_spec(),
                            auth=(user, "any"))
    assert answer.status_code == 201
    naming.keep_secret(answer.json()["data"]["key"])
    assert [row[1] for row in rows(naming)] == [user]
    (line,) = notices(naming)
    assert line.endswith(f" created by {written}")


REFUSED = {
    "no field": (400, lambda server, key: Client(
        server, user="olga").create(name="")),
    "no JSON": (400, lambda server, key: Client(
        server, user="olga").post(b"{")),
    "member creates": (403, lambda server, key: Client(
        server, user="mia").create()),
    "member deletes": (403, lambda server, key: Client(
        server, user="mia").delete(key.id)),
    "outsider creates": (404, lambda server, key: Client(
        server, user="otto").create()),
    "outsider deletes": (404, lambda server, key: Client(
        server, user="otto").delete(key.id)),
    "owner of another team deletes": (404, lambda server, key: Client(
        server, user="bert").delete(key.id)),
    "unknown key": (404, lambda server, key: Client(
        server, user="olga").delete(ID)),
    "malformed id": (400, lambda server, key: Client(
        server, user="olga").delete("key_1")),
    "cross-site create": (403, lambda server, key: Client(
        server, user="olga").call(
            "POST", json=key_spec(), headers={"Origin": "null"})),
    "cross-site delete": (403, lambda server, key: Client(
        server, user="olga").call(
            "DELETE", f"/{key.id}", headers={"Origin": "null"})),
    "nobody creates": (401, lambda server, key: server.request(
        "POST", KEYS, json=key_spec())),
    "nobody deletes": (401, lambda server, key: server.request(
        "DELETE", f"{KEYS}/{key.id}")),
    "key without the scope": (403, lambda server, key: server.request(
        "DELETE", f"{KEYS}/{key.id}", key)),
    "other method": (405, lambda server, key: server.request(
        "PUT", BASIC, auth=("olga", "olga's password"))),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_is_not_written_down(server, key, case):
    status, act = REFUSED[case]
    assert act(server, key).status_code == status
    assert rows(server) == notices(server) == []


def test_reading_is_not_written_down(server, olga, key):
    for answer in (olga.list(), olga.read(key.id),
                   olga.call("GET", "/scopes"),
                   olga.call("GET", "/openapi.json")):
        assert answer.status_code == 200
    assert rows(server) == notices(server) == []


def test_key_that_the_limit_refused_is_not_written_down(server, olga):
    made = [olga.make() for _ in range(10)]
    assert olga.create().status_code == 400
    assert len(rows(server)) == len(notices(server)) == len(made)


def test_deleting_twice_is_written_down_once(server, olga, key):
    statuses = [olga.delete(key.id).status_code for _ in range(2)]
    assert statuses == [200, 404]
    assert len(rows(server)) == len(notices(server)) == 1

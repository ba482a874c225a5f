# SPDX-License-Identifier: Apache-2.0
"""Reading and deleting one key."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from harness import assert_refused, eventually
from harness.answers import assert_problem
from harness.database import now_ms
from managed import KEYS, Client, assert_invalid

pytestmark = pytest.mark.backend

UNKNOWN_ID = "key_01jzzzzzzzzzzzzzzzzzzzzzzz"


def test_key_can_be_read(server, olga):
    expiry = now_ms() + 3_600_000
    used = now_ms() - 60_000
    key = server.database.import_key(
        "monitors:read", "alerts:read", name="imported", expiresAt=expiry,
        lastUsedAt=used)
    (created,), = server.database.rows("SELECT created_at FROM uptime_keys")
    answer = olga.read(key.id)
    assert answer.status_code == 200
    body = answer.json()
    assert set(body) == {"data", "meta"}
    api_key = body["data"].pop("apiKey")
    assert body["data"] == {}
    assert sorted(api_key.pop("scopes")) == ["alerts:read", "monitors:read"]
    assert api_key == {
        "id": key.id, "name": "imported", "createdAt": created,
        "lastUsedAt": used, "expiresAt": expiry, "keyPrefix": key.prefix}
    (listed,) = olga.keys()
    del listed["scopes"]
    assert listed == api_key


def test_expired_key_can_be_read_and_deleted(server, olga):
    key = server.database.import_key("monitors:read", expiresAt=1000)
    assert olga.read(key.id).json()["data"]["apiKey"]["expiresAt"] == 1000
    assert [listed["id"] for listed in olga.keys()] == [key.id]
    assert olga.delete(key.id).status_code == 200
    assert server.slots() == []


def test_use_of_a_key_is_shown(server, olga, holder):
    """API calls with the key count as uses, those of a user do not."""
    client, other = holder("api-keys:read"), olga.make()
    began = now_ms()

    def last_used():
        keys = {key["id"]: key["lastUsedAt"] for key in olga.keys()}
        assert keys[other.id] is None
        return keys[client.key.id]

    assert last_used() is None
    assert client.list().status_code == 200
    assert began <= eventually(last_used) <= now_ms()


@pytest.mark.mpm
def test_deleted_key_is_gone(server, olga):
    key = olga.make()
    answer = olga.delete(key.id)
    assert answer.status_code == 200
    body = answer.json()
    assert body["data"] == {"deleted": True}
    assert set(body["meta"]) == {"requestId", "timestamp"}
    assert_problem(olga.delete(key.id), 404)
    assert_problem(olga.read(key.id), 404)
    assert olga.keys() == server.slots() == []


def test_other_keys_stay(server, olga):
    keys = [olga.make() for _ in range(3)]
    assert olga.delete(keys[1].id).status_code == 200
    assert {key["id"] for key in olga.keys()} == {keys[0].id, keys[2].id}
    for key, status in zip(keys, (200, 401, 200)):
        assert server.get("/t/x", key).status_code == status


@pytest.mark.mpm
def test_deleted_key_is_refused_on_the_next_request(server, olga):
    for _ in range(20):
        key = olga.make()
        assert server.get("/t/x", key).status_code == 200
        assert olga.delete(key.id).status_code == 200
        answers = [server.get("/t/x", key) for _ in range(4)]
        assert_refused(answers[0], 401, "invalid_token")
        assert {answer.status_code for answer in answers} == {401}


def test_key_deletes_itself(server, holder):
    client = holder("api-keys:read", "api-keys:write")
    answer = client.delete(client.key.id)
    assert answer.status_code == 200
    assert answer.json()["data"] == {"deleted": True}
    for answer in (client.delete(client.key.id), client.list(),
                   server.get("/t/x", client.key)):
        assert_refused(answer, 401, "invalid_token")
    assert server.slots() == []


def test_key_deletes_another(server, holder, olga):
    client = holder("api-keys:write")
    key = olga.make()
    assert client.delete(key.id).status_code == 200
    assert_refused(server.get(KEYS, key), 401, "invalid_token")
    assert client.delete(key.id).status_code == 404


def test_key_is_the_tools_to_delete_too(server, olga):
    key = olga.make()
    server.database.delete_key(key)
    assert_problem(olga.read(key.id), 404)
    assert_problem(olga.delete(key.id), 404)


def at_once(count, act):
    """The results of count threads that start at the same time."""
    barrier = threading.Barrier(count)

    def wait_and_act(number):
        barrier.wait()
        return act(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(wait_and_act, range(count)))


@pytest.mark.mpm
@pytest.mark.parametrize("count", [2, 8])
def test_of_deletes_at_once_exactly_one_succeeds(server, olga, count):
    for _ in range(10):
        key = olga.make()
        statuses = at_once(
            count, lambda _: olga.delete(key.id).status_code)
        assert Counter(statuses) == {200: 1, 404: count - 1}
    assert server.slots() == []


def test_two_keys_delete_each_other(server, holder):
    for _ in range(5):
        pair = [holder("api-keys:write") for _ in range(2)]
        statuses = at_once(2, lambda number: pair[number].delete(
            pair[1 - number].key.id).status_code)
        assert 200 in statuses
        assert set(statuses) <= {200, 401, 404}
        server.reset()


def test_unknown_key_is_not_found(olga, holder):
    for client in (olga, holder("api-keys:read", "api-keys:write")):
        assert_problem(client.read(UNKNOWN_ID), 404)
        assert_problem(client.delete(UNKNOWN_ID), 404)


MALFORMED = [
    "key_", "key_1", "key_01jzzzzzzzzzzzzzzzzzzzzzz",
    "key_01jzzzzzzzzzzzzzzzzzzzzzzzz", "key_81jzzzzzzzzzzzzzzzzzzzzzzz",
    "key_01jzzzzzzzzzzzzzzzzzzzzzzi", "key_01jzzzzzzzzzzzzzzzzzzzzzzl",
    "key_01jzzzzzzzzzzzzzzzzzzzzzzo", "key_01jzzzzzzzzzzzzzzzzzzzzzzu",
    "key_01jzzzzzzzzzzzzzzzzzzzzz-z", "key_%27%20OR%201=1%20--",
    "key_01jzzzzzzzzzzzzzzzzzzzzzz%20", "key_01jzzzzzzzzzzzzzzzzzzzzzzz%20",
    "key_01jzzzzzzzzzzzzzzzzzzzzzzz%0a", "key_01jzzzzzzzzzzzzzzzzzzzzzzz;x=1",
    "key_" + "0" * 3000, "key_%C3%A9", "key_%FF",
]


@pytest.mark.parametrize("key_id", MALFORMED)
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_malformed_id_is_a_validation_error(server, olga, method, key_id):
    server.database.import_key("monitors:read")
    assert_invalid(olga.call(method, "/" + key_id), "/id")
    assert server.slots() == [1]


def test_malformed_id_is_not_reported_to_users_without_a_role(mia, otto,
                                                              server):
    assert_problem(mia.read("key_1"), 403)
    assert_problem(otto.read("key_1"), 404)
    assert_problem(Client(server).read("key_1"), 401)

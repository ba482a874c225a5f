# SPDX-License-Identifier: Apache-2.0
"""Whoever holds one weak key, and wants more.

The weak key may manage keys. It holds few scopes, expires, and is bound to a
network.  Each attempt here must leave every key as it was, or make one that is
no stronger."""

import contextlib
import socket
import sqlite3
import threading

import pytest
from harness import assert_refused, environment, eventually, raw
from harness.answers import assert_problem
from harness.database import now_ms
from harness.keys import make_key
from managed import BASIC, COLUMNS, KEYS, Client, basic, iso, key_spec

DAY = 86_400_000
# From when the tests were collected, hours before the last of them runs.
SOON = now_ms() // 1000 * 1000 + DAY
WEAK = ["api-keys:write", "api-keys:read", "monitors:read"]
HOME = '["127.0.0.0/8","2001:db8::/32"]'


@pytest.fixture
def weak(server, clean):
    """A client with the weak key."""
    key = server.database.import_key(*WEAK, name="weak", expiresAt=SOON)
    server.set_columns(key, addresses=HOME)
    return Client(server, key=key)


@pytest.fixture
def target(server, weak):
    """target(COLUMN=…): a key that is as strong as the weak one, but for the
    columns."""

    def make(**columns):
        key = server.database.import_key(*WEAK, name="target", expiresAt=SOON)
        server.set_columns(key, **{"addresses": HOME, **columns})
        return key

    return make


STRONGER = {
    "more scopes": {"scopes": '["monitors:read","monitors:write"]'},
    "other scopes": {"scopes": '["teams:write"]'},
    "unknown scope": {"scopes": '["monitors:read","future:write"]'},
    "expires later": {"expires_at": SOON + 1},
    "never expires": {"expires_at": None},
    "anywhere": {"addresses": None},
    "empty list": {"addresses": "[]"},
    "wider network": {"addresses": '["126.0.0.0/7"]'},
    "another network": {"addresses": '["192.0.2.0/24"]'},
    "one more network": {"addresses": '["127.0.0.1","198.51.100.1"]'},
    "halves of everything": {"addresses": '["0.0.0.0/1","128.0.0.0/1"]'},
    "IPv6 around IPv4": {"addresses": '["::fffe:0:0/95"]'},
    "mapped IPv4": {"addresses": '["::ffff:127.0.0.1"]'},
    "mapped everything": {"addresses": '["::ffff:0:0/96"]'},
    "no list": {"addresses": "127.0.0.1"},
    "object": {"addresses": '{"0":"127.0.0.1"}'},
}
# All that gives or keeps a secret, or changes anything but to disable.
ACTIONS = {
    "rotate": ("POST", "/rotate", None),
    "rotate at once": ("POST", "/rotate", {"overlapSeconds": 0}),
    "name": ("PATCH", "", {"name": "mine"}),
    "enable": ("PATCH", "", {"disabled": False}),
    "same scopes": ("PATCH", "", {"scopes": ["monitors:read"]}),
    "weaken": ("PATCH", "", {"scopes": ["monitors:read"],
                             "expiresAt": iso(SOON),
                             "addresses": ["127.0.0.1"]}),
    "disable and more": ("PATCH", "", {"disabled": True, "name": "mine"}),
}


def act(client, key, action, headers=None):
    method, path, body = ACTIONS[action]
    return client.call(method, f"/{key.id}{path}", json=body, headers=headers)


@pytest.mark.parametrize("columns", STRONGER.values(), ids=STRONGER)
@pytest.mark.parametrize("action", ACTIONS)
def test_stronger_key_is_not_acted_on(server, weak, target, columns, action):
    key = target(**columns)
    server.set_columns(key, disabled_at=now_ms(), disabled_reason="manual")
    before = server.rows()
    assert_problem(act(weak, key, action), 403)
    assert server.rows() == before


@pytest.mark.parametrize("action", ["rotate", "rotate at once", "name",
                                    "weaken"])
def test_key_that_is_as_strong_may_be_acted_on(weak, target, action):
    """As is one that narrower networks make weaker."""
    for addresses in (HOME, '["127.0.0.1"]', '["2001:db8:5::/48"]'):
        assert act(weak, target(addresses=addresses),
                   action).status_code == 200


def test_stronger_key_may_be_disabled_as_it_may_be_deleted(server, weak,
                                                           target):
    key = target(expires_at=None)
    assert weak.change(key.id, disabled=True).status_code == 200
    assert_problem(weak.change(key.id, disabled=False), 403)
    assert weak.delete(key.id).status_code == 200


GAINS = {
    "scope": ({"scopes": [*WEAK, "monitors:write"]}, "monitors:write"),
    "other scope": ({"scopes": ["teams:write"]}, "teams:write"),
    "no expiry": ({"expiresAt": None}, "expiry"),
    "later expiry": ({"expiresAt": iso(SOON + 1)}, "expiry"),
    "much later expiry": ({"expiresAt": "9999-12-31T23:59:59Z"}, "expiry"),
    "anywhere": ({"addresses": None}, "address"),
    "empty list": ({"addresses": []}, "address"),
    "wider": ({"addresses": ["126.0.0.0/7"]}, "address"),
    "another": ({"addresses": ["127.0.0.1", "8.8.8.8"]}, "address"),
    "halves": ({"addresses": ["0.0.0.0/1", "128.0.0.0/1"]}, "address"),
    "IPv6 halves": ({"addresses": ["::/1", "8000::/1"]}, "address"),
    "around": ({"addresses": ["2001:db8::/31"]}, "address"),
    "IPv6 around IPv4": ({"addresses": ["::fffe:0:0/95"]}, "address"),
    "compatible IPv4": ({"addresses": ["::127.0.0.1"]}, "address"),
}
REFUSED_AS_NOTHING = {
    "mapped": {"addresses": ["::ffff:127.0.0.1"]},
    "mapped network": {"addresses": ["::ffff:0:0/96"]},
    "mapped hexadecimal": {"addresses": ["::ffff:7f00:1"]},
    "everything": {"addresses": ["127.0.0.1", "0.0.0.0/0"]},
    "every IPv6": {"addresses": ["::/0"]},
    "team": {"team": "beta"},
    "id": {"id": "key_01jzzzzzzzzzzzzzzzzzzzzzzz"},
    "hash": {"keyHash": "0" * 64},
    "previous": {"previous": {"endsAt": 9_999_999_999_999}},
}


@pytest.mark.parametrize("on_itself", [True, False])
@pytest.mark.parametrize("members,named", GAINS.values(), ids=GAINS)
def test_no_key_gains_by_a_change(server, weak, target, on_itself, members,
                                  named):
    key = weak.key if on_itself else target()
    before = server.rows()
    problem = assert_problem(weak.change(key.id, **members), 403)
    assert named in problem["detail"]
    assert server.rows() == before


@pytest.mark.parametrize("members,named", GAINS.values(), ids=GAINS)
def test_no_key_gains_by_a_child(server, weak, members, named):
    if members.get("expiresAt", ...) is None:
        pytest.skip("no expiry asked: the child inherits its maker's")
    before = server.rows()
    members = {"addresses": ["127.0.0.1"], **members}
    problem = assert_problem(weak.create(**members), 403)
    assert named in problem["detail"]
    assert server.rows() == before


@pytest.mark.parametrize("members", REFUSED_AS_NOTHING.values(),
                         ids=REFUSED_AS_NOTHING)
def test_what_is_no_member_or_value_is_refused(server, weak, members):
    before = server.rows()
    assert_problem(weak.change(weak.key.id, **members), 400,
                   name="validation-error")
    assert server.rows() == before


def test_child_without_addresses_is_refused_to_a_key_with_a_list(server, weak):
    before = server.rows()
    assert_problem(weak.create(), 403)
    assert server.rows() == before


def test_child_inherits_the_end_and_lies_within(weak):
    child = weak.make(addresses=["127.0.0.2/32", "2001:db8:1::/48"])
    shown = weak.show(child)
    assert shown["expiresAt"] == SOON
    assert shown["addresses"] == ["127.0.0.2", "2001:db8:1::/48"]


@pytest.mark.parametrize("scopes", [["monitors:read", "monitors:write"],
                                    ["teams:read", "dns-monitors:read"]])
def test_every_scope_that_is_missing_is_named(weak, scopes):
    detail = assert_problem(
        weak.change(weak.key.id, scopes=scopes), 403)["detail"]
    for scope in scopes:
        assert (scope in detail) == (scope not in WEAK)


@pytest.mark.backend
def test_own_rotation_gains_nothing(server, weak):
    before = server.rows()[weak.key.id]
    new, data = weak.renew(weak.key, overlapSeconds=2592000)
    after = server.rows()[weak.key.id]
    assert after[:11] == before[:11]
    assert data["apiKey"]["previous"]["endsAt"] == SOON
    assert_problem(weak.rotate(weak.key.id), 403)
    assert_problem(weak.change(weak.key.id, name="x"), 403)
    assert Client(server, key=new).rotate(weak.key.id).status_code == 200


def test_key_weakens_itself_for_good(server, weak):
    """It cannot take back what it gave up."""
    key_id = weak.key.id
    assert weak.change(key_id, addresses=["127.0.0.1"],
                       expiresAt=iso(SOON - 1000),
                       scopes=["api-keys:write"]).status_code == 200
    before = server.rows()
    for members in ({"addresses": ["127.0.0.0/8"]}, {"scopes": WEAK},
                    {"expiresAt": iso(SOON)}):
        assert_problem(weak.change(key_id, **members), 403)
    assert server.rows() == before


# Whoever may not, may not by a detour

@pytest.mark.parametrize("columns,status", [
    ({"scopes": '["api-keys:read","monitors:read"]'}, 403),
    ({"expires_at": 1}, 401),
    ({"disabled_at": 1, "disabled_reason": "manual"}, 401),
    ({"disabled_at": 1, "disabled_reason": "leaked"}, 401),
    ({"addresses": '["192.0.2.1"]'}, 403),
    ({"addresses": "nonsense"}, 403),
])
@pytest.mark.parametrize("action", ["rotate", "name", "enable"])
def test_key_that_may_not_act_does_not(server, weak, target, columns, status,
                                       action):
    """Least of all may it repair itself."""
    server.set_columns(weak.key, **columns)
    other = target()
    before = server.rows()
    for key in (weak.key, other):
        assert act(weak, key, action).status_code == status
    assert server.rows() == before


@pytest.mark.parametrize("action", ACTIONS)
def test_key_of_another_team_is_not_found(server, weak, action):
    key = server.database.import_key("monitors:read", team="beta",
                                     expiresAt=SOON)
    server.set_columns(key, addresses=HOME)
    before = server.rows()
    assert_problem(act(weak, key, action), 404)
    for query in ("team=beta", "team=", "team=acme&team=beta"):
        assert act(weak.asking(query), key, action).status_code == 404
    assert server.rows() == before


@pytest.mark.parametrize("headers", [
    {"If-Match": "*"}, {"Accept": "text/html"},
    {"X-HTTP-Method-Override": "GET"}, {"Sec-Fetch-Site": "same-origin"},
    {"X-Forwarded-For": "192.0.2.1"}, {"X-Uptime-Team": "beta"},
], ids=str)
@pytest.mark.parametrize("action", ["rotate", "name"])
def test_no_header_helps(server, weak, target, headers, action):
    key = target(expires_at=None)
    before = server.rows()
    assert act(weak, key, action, headers).status_code in (403, 412)
    assert server.rows() == before


@pytest.mark.parametrize("column,value", [
    ("expires_at", None), ("disabled_at", 1)])
def test_refusal_comes_before_what_the_key_is_like(server, weak, target,
                                                   column, value):
    """A prefix or a tag can be guessed at without an answer."""
    key = target(scopes='["teams:write"]', **{column: value})
    for prefix in (key.prefix, "uptime_00000000"):
        assert_problem(weak.rotate(key.id, ifPrefix=prefix), 403)
    server.set_columns(key, disabled_at=1, disabled_reason="leaked")
    assert_problem(weak.change(key.id, disabled=False), 403)


FORMS = {
    "rotate": ("/rotate", {"ifPrefix": "{prefix}", "overlap": "0"}),
    "create": ("", {"name": "x", "scope": "teams:write", "expires": "",
                    "id": "key_01jzzzzzzzzzzzzzzzzzzzzzzz"}),
}


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
@pytest.mark.parametrize("form", FORMS)
def test_form_is_no_other_door(server, weak, target, form, accept):
    key = target(expires_at=None)
    path, fields = FORMS[form]
    before = server.rows()
    answer = weak.call(
        "POST", (f"/{key.id}" if form == "rotate" else "") + path,
        data={name: value.format(prefix=key.prefix)
              for name, value in fields.items()}, headers={"Accept": accept})
    assert answer.status_code == 403
    assert server.rows() == before


# Timing

@contextlib.contextmanager
def slow(client, method, path, body):
    """A request whose last byte is sent when the context has ended; yields a
    list that contains the answer then."""
    server = client.server
    looked_up = server.error_log.count(f"looked up key {client.key.id}")
    data = raw.request(client.base + path,
                       f"Authorization: Bearer {client.key}",
                       "Content-Type: application/json",
                       f"Content-Length: {len(body)}",
                       method=method, body=body.encode())
    answers = []
    with socket.create_connection(("127.0.0.1", server.port), 30) as peer:
        peer.sendall(data[:-1])
        eventually(lambda: server.error_log.count(
            f"looked up key {client.key.id}") > looked_up)
        yield answers
        peer.sendall(data[-1:])
        answer = b"".join(iter(lambda: peer.recv(65536), b""))
        answers.append(int(answer.split()[1]))


SLOW = {
    "create": ("POST", "", '{"name":"x","scopes":["monitors:read"],'
                           '"addresses":["127.0.0.1"]}'),
    "rotate itself": ("POST", "/{id}/rotate", "{}"),
    "change itself": ("PATCH", "/{id}", '{"name":"x"}'),
}
ENDS = {
    "deleted": lambda server, key: server.database.execute(
        "DELETE FROM uptime_keys WHERE id = ?", key.id),
    "disabled": lambda server, key: server.set_columns(
        key, disabled_at=now_ms(), disabled_reason="leaked"),
    "expired": lambda server, key: server.set_columns(key, expires_at=1),
    "without the scope": lambda server, key: server.set_columns(
        key, scopes='["monitors:read"]'),
    "rotated": lambda server, key: server.set_columns(
        key, key_prefix="uptime_00000000", key_hash="0" * 64,
        previous_prefix=key.prefix, previous_ends_at=SOON),
}


@pytest.mark.backend
@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("request_", SLOW)
def test_key_that_ends_while_it_sends_gains_nothing(server, weak, request_,
                                                    end):
    method, path, body = SLOW[request_]
    with slow(weak, method, path.format(id=weak.key.id), body) as answers:
        ENDS[end](server, weak.key)
        before = server.rows()
    assert answers[0] in (401, 403)
    assert server.rows() == before


def test_key_that_ends_while_its_rotation_is_sent_stays_as_it_is(
        server, weak, target):
    key = target()
    with slow(weak, "POST", f"/{key.id}/rotate", "{}") as answers:
        server.set_columns(key, expires_at=now_ms())
        before = server.rows()
    assert answers == [409]
    assert server.rows() == before


@pytest.mark.parametrize("columns", [
    {"scopes": '["api-keys:write"]'}, {"addresses": '["127.0.0.0/9"]'},
    {"expires_at": SOON - 1}])
def test_key_that_is_narrowed_while_it_sends_gives_no_more(server, weak,
                                                           columns):
    body = ('{"name":"x","scopes":["monitors:read"],"expiresAt":"%s",'
            '"addresses":["127.200.0.1"]}' % iso(SOON))
    with slow(weak, "POST", "", body) as answers:
        server.set_columns(weak.key, **columns)
        before = server.rows()
    assert answers == [403]
    assert server.rows() == before


def test_role_that_ends_while_a_request_is_sent(server, adam):
    """The same for people."""
    body = '{"name":"x","scopes":["monitors:read"]}'
    data = raw.request(BASIC, "Authorization: " + basic("adam"),
                       "Content-Type: application/json",
                       f"Content-Length: {len(body)}", method="POST",
                       body=body.encode())
    authorized = r"Require valid-user : granted"
    with socket.create_connection(("127.0.0.1", server.port), 30) as peer:
        peer.sendall(data[:-1])
        eventually(lambda: server.error_log.count(authorized))
        server.database.execute(
            "UPDATE uptime_members SET role = 'member' "
            "WHERE user_name = 'adam'")
        peer.sendall(data[-1:])
        answer = b"".join(iter(lambda: peer.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 403 ")
    assert server.rows() == {}


# What the owner does to a key while it is acted on, or acts on itself.
OWNER = {
    "widened": (False, "expires_at = NULL"),
    "leaked": (True, "disabled_at = 1, disabled_reason = 'leaked'"),
    "expired": (True, "expires_at = 1"),
}


def changing(database, update):
    """A transaction that is committed when the context ends.  Yields a query
    that finds whoever waits for it, if there is one."""
    return {"sqlite3": changing_sqlite, "pgsql": changing_pgsql,
            "mysql": changing_mysql}[database.dialect](database, update)


@contextlib.contextmanager
def changing_sqlite(database, update):
    with contextlib.closing(sqlite3.connect(
            database.file, isolation_level=None)) as owner:
        owner.execute("BEGIN IMMEDIATE")
        owner.execute(update)
        yield None
        owner.execute("COMMIT")


@contextlib.contextmanager
def changing_pgsql(database, update):
    with contextlib.closing(database.server.connect(database.user)) as owner:
        owner.cursor().execute("BEGIN; " + update)
        yield ("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
               f"AND usename = '{database.user}'")
        owner.cursor().execute("COMMIT")


@contextlib.contextmanager
def changing_mysql(database, update):
    with contextlib.closing(database.server.connect(database.name)) as owner:
        owner.begin()
        owner.cursor().execute(update)
        yield ("SELECT 1 FROM information_schema.innodb_trx "
               "WHERE trx_state = 'LOCK WAIT'")
        owner.commit()


@pytest.mark.backend
@pytest.mark.parametrize("action", ["rotate", "name", "weaken"])
@pytest.mark.parametrize("on_itself,values", OWNER.values(), ids=OWNER)
def test_key_is_judged_as_it_is_when_it_is_written(server, weak, target,
                                                   on_itself, values, action):
    if environment.BACKEND.startswith("odbc"):
        pytest.skip("has no connection of its own here")
    key = weak.key if on_itself else target()
    before = server.rows()[key.id]
    answers = []
    thread = threading.Thread(
        target=lambda: answers.append(act(weak, key, action)))
    looked_up = server.error_log.count(f"looked up key {weak.key.id}")
    with changing(server.database, f"UPDATE uptime_keys SET {values} "
                                   f"WHERE id = '{key.id}'") as waits:
        thread.start()
        eventually(lambda: server.error_log.count(
            f"looked up key {weak.key.id}") > looked_up)
        if waits:
            # MariaDB shows nothing new while it is asked every 0.1 s.
            eventually(lambda: server.database.rows(waits), every=0.2)
        else:
            # SQLite does not say who waits; whoever does gives up in the end.
            server.expect_log("UK0011")
            thread.join(0.2)
    thread.join()
    assert answers[0].status_code in (401, 403, *([] if waits else [503]))
    changed = {"expires_at", "disabled_at", "disabled_reason"}
    for name, old, new in zip(COLUMNS, before, server.rows()[key.id]):
        assert old == new or name in changed
    assert server.rows()[key.id] != before


def test_made_up_key_learns_nothing(server, target):
    """An unknown key is told the same of every id."""
    stranger = Client(server, key=make_key(), location=KEYS)
    told = [assert_refused(act(stranger, key, "rotate"), 401, "invalid_token")
            for key in (target(), target(team_id="beta"))]
    for problem in told:
        del problem["instance"]
    assert told[0] == told[1]


def test_member_and_outsider_do_not_act(server, mia, otto, target):
    key = target()
    before = server.rows()
    for action in ACTIONS:
        assert_problem(act(mia, key, action), 403)
        assert_problem(act(otto, key, action), 404)
    assert_problem(mia.call("POST", json=key_spec()), 403)
    assert server.rows() == before

# SPDX-License-Identifier: Apache-2.0
"""Changes at the same time that meet the same row: none is answered 503."""

import contextlib

import pytest
from harness import only_on
from managed import Client, key_spec
from parallel import kind, tally, together

pytestmark = pytest.mark.backend

EACH = 6
CONFIG = "DBDMax 64\nUptimeKeysMaxPerTeam 1000\n"


@pytest.fixture(scope="module")
def server(new_managed):
    return new_managed(CONFIG)


USERS = ("olga", "bert", "zoe")


def create_and_delete(client):
    outcomes = []
    for _ in range(EACH):
        answer = client.call("POST", json=key_spec())
        outcomes.append(kind(answer))
        if answer.status_code == 201:
            key_id = answer.json()["data"]["apiKey"]["id"]
            outcomes.append(("deleted", kind(client.delete(key_id))))
    return outcomes


def all_at_once(server, callers):
    """The outcomes of so many callers."""
    clients = [Client(server, user=user) for user in USERS]
    return tally(together(
        [lambda client=client: create_and_delete(client)
         for client in clients * (callers // len(clients))]))


def all_succeed(callers):
    return {201: callers * EACH, ("deleted", 200): callers * EACH}


def test_creates_and_deletes_at_once_all_succeed(server):
    """Every delete changes the one row that counts them."""
    assert all_at_once(server, 24) == all_succeed(24)


@only_on("pgsql", "odbc-pgsql", reason="a role's own level of isolation")
def test_they_do_where_transactions_are_serializable(new_managed):
    server = new_managed(CONFIG, start=False)
    with contextlib.closing(server.database.server.connect()) as admin:
        admin.cursor().execute(
            f"ALTER ROLE {server.database.user} "
            "SET default_transaction_isolation = serializable")
    server.start()
    assert all_at_once(server, 12) == all_succeed(12)

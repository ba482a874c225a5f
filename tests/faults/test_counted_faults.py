# SPDX-License-Identifier: Apache-2.0
"""Figures during a fault: as many of each verdict as answers of each kind."""

import time
from collections import Counter

import outages
import pytest
from harness import UK_ANY, environment, eventually
from harness.figures import PLACE, await_rise, named, scrape, verdicts
from load import Load

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(environment.BACKEND not in ("pgsql", "mysql"),
                       reason="the same on every server")]

VERDICTS = {200: "ok", 503: "unavailable"}
COMPLAINTS = [UK_ANY, r"AH0062\d", r"AH0063\d", r"AH0265\d"]
FAULTS = {
    "stopped": (lambda s: s.database.unreachable(), {"connect"}, 1),
    "sessions killed": (lambda s: outages.killing(s.database), set(), 0),
    # Longer than requests wait.
    "silent": (lambda s: s.proxy.orphaned(), {"pool"}, 2),
}


@pytest.fixture(scope="module")
def server(new_httpd, proxies):
    server = new_httpd(start=False, driver=False, expect_log=COMPLAINTS)
    database = server.database
    outages.grant_tcp_access(database)
    server.proxy = proxies(database.server.port)
    server.configure(PLACE + outages.POOL + f"""
DBDriver {database.driver}
DBDParams "{outages.params(database, server.proxy.port)}"
DBDMin 1
DBDKeep 4
DBDMax 4
<Location "/t/">
    AuthType uptime-key
    AuthName "Uptime"
    Require uptime-scope monitors:read
</Location>
""")
    server.write("htdocs/t/x", "answer\n")
    return server.start()


@pytest.fixture(scope="module")
def key(server):
    return server.database.import_key("monitors:read")


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_counted_is_what_was_answered(server, key, fault):
    put, kinds, seconds = FAULTS[fault]
    before = scrape(server)
    asked = []

    def is_back():
        asked.append(server.get("/t/x", key).status_code)
        return asked[-1] == 200

    with Load(server, "/t/x", f"Bearer {key}") as load:
        eventually(lambda: len(load.answers) > 50)
        with put(server):
            time.sleep(seconds)
        eventually(is_back)
    # The last answer is a good one; some of the load waited for a session until now.
    eventually(is_back)
    answers = Counter([*asked, *(answer.status for answer in load.answers)])
    sent = {VERDICTS[status]: number for status, number in answers.items()}
    await_rise(lambda: verdicts(server),
               named(before, "uptime_keys_requests_total"), sent)
    after = scrape(server)
    errors = "uptime_keys_database_errors_total"
    risen = {kind for kind, number in named(after, errors).items()
             if number > named(before, errors)[kind]}
    assert kinds <= risen
    # Last uses are written in a thread of their own, which may have waited, too.
    eventually(lambda: is_back()
               and scrape(server)["uptime_keys_database_up",] == 1)

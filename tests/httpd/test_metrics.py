# SPDX-License-Identifier: Apache-2.0
"""SetHandler uptime-keys-metrics: what it answers, and from what."""

import re
import subprocess

import pytest
from harness import Httpd, environment, eventually
from harness.answers import assert_problem
from harness.figures import PLACE, named, parse, scrape

pytestmark = pytest.mark.skipif(environment.BACKEND != "sqlite3",
                                reason="asks no database")

CONFIG = PLACE + """
<Location "/t/">
    AuthType uptime-key
    AuthName "Uptime"
    Require uptime-scope monitors:read
</Location>
<Location "/keys">
    SetHandler uptime-keys
    AuthType uptime-key
    AuthName "Uptime"
    Require valid-user
</Location>
UptimeKeysMetricsPerKey 5
UptimeKeysCache On
"""
PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
# Of Prometheus 2.42, of 3.5, of curl, and others.
ACCEPTS = [
    (None, PROMETHEUS), ("*/*", PROMETHEUS), ("text/plain", PROMETHEUS),
    ("text/html, */*;q=0.1", PROMETHEUS),
    ("application/openmetrics-text;version=1.0.0,"
     "application/openmetrics-text;version=0.0.1;q=0.75,"
     "text/plain;version=0.0.4;q=0.5,*/*;q=0.1", OPENMETRICS),
    ("application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
     "application/openmetrics-text;version=0.0.1;q=0.4,"
     "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,"
     "text/plain;version=0.0.4;q=0.2,*/*;q=0.1", OPENMETRICS),
    ("application/openmetrics-text", OPENMETRICS),
    ("Application/OpenMetrics-Text ; Version=1.0.0", OPENMETRICS),
    ("application/openmetrics-text;version=0.0.1", PROMETHEUS),
    ("application/openmetrics-text;q=0, text/plain", PROMETHEUS),
    ("application/openmetrics-text;q=0.3, text/plain;q=0.6", PROMETHEUS),
    ("application/openmetrics-textual", PROMETHEUS),
]
LABELS = {
    "uptime_keys_requests_total": {
        "ok", "no_key", "invalid", "expired", "disabled", "rotated",
        "address", "scope", "team", "forbidden", "conflict", "limited",
        "unavailable"},
    "uptime_keys_cache_lookups_total": {"thread", "shared", "miss"},
    "uptime_keys_database_errors_total": {
        "connect", "pool", "lock", "standby", "other"},
    "uptime_keys_manage_total": {
        (action, result)
        for action in ("list", "create", "read", "update", "rotate",
                       "delete", "audit", "leak")
        for result in ("ok", "refused", "invalid", "limit", "unavailable")},
    "uptime_keys_build_info": {environment.version()},
}
PRELOADED = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <string.h>

/* There is no shared memory for mod_uptime_keys. */
int apr_shm_create(void **shm, unsigned long size, const char *file,
                   void *pool)
{
    int (*next)(void **, unsigned long, const char *, void *) =
        dlsym(RTLD_NEXT, "apr_shm_create");
    Dl_info caller;

    return dladdr(__builtin_return_address(0), &caller)
                   && strstr(caller.dli_fname, "mod_uptime_keys")
               ? 12
               : next(shm, size, file, pool);
}
"""


@pytest.fixture(scope="module")
def server(new_httpd):
    server = new_httpd(CONFIG)
    key = server.database.import_key("monitors:read")
    assert server.get("/t/x", key).status_code == 200
    eventually(lambda: scrape(server)["uptime_keys_requests_total", "ok"])
    return server


@pytest.mark.parametrize("accept,media_type", ACCEPTS)
def test_accept_chooses_the_format(server, accept, media_type):
    answer = server.get("/figures", headers={"Accept": accept})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == media_type
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Accept" in answer.headers["Vary"]
    assert answer.text.endswith("\n# EOF\n") == (media_type == OPENMETRICS)
    assert parse(answer.text)["uptime_keys_requests_total", "ok"] == 1


def test_head(server):
    answer = server.request("HEAD", "/figures")
    assert answer.status_code == 200 and not answer.content
    assert answer.headers["Content-Type"] == PROMETHEUS
    assert int(answer.headers["Content-Length"]) > 1000


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_other_methods(server, method):
    answer = server.request(method, "/figures")
    assert_problem(answer, 405)
    assert answer.headers["Allow"] == "GET, HEAD"


@pytest.mark.parametrize("name", LABELS)
def test_each_value_of_a_label_is_there_from_the_beginning(server, name):
    assert set(named(scrape(server), name)) == LABELS[name]


def test_every_figure_has_a_help_and_a_type(server):
    text = server.get("/figures").text
    helps = re.findall(r"^# HELP (\w+) .{40,}$", text, re.M)
    types = dict(re.findall(r"^# TYPE (\w+) (\w+)$", text, re.M))
    assert len(helps) == len(set(helps)) and set(helps) == set(types)
    families = {name if name in types else re.sub(
        "_(bucket|sum|count)$", "", name) for name, *_ in parse(text)}
    assert families == set(types)


def test_buckets_contain_those_before_them(server):
    figures = scrape(server)
    counts = named(figures, "uptime_keys_database_seconds_bucket")
    bounds = [float(bound) for bound in counts]
    assert bounds == sorted(bounds) and bounds[0] == 0.0001
    assert bounds[-2:] == [5.0, float("inf")]
    values = list(counts.values())
    assert values == sorted(values) and values[-1] > 0
    assert figures["uptime_keys_database_seconds_count",] == values[-1]
    assert 0 < figures["uptime_keys_database_seconds_sum",] < 60


def test_no_database_is_asked(server):
    with server.database.unavailable():
        before = scrape(server)["uptime_keys_database_seconds_count",]
        for _ in range(50):
            after = scrape(server)["uptime_keys_database_seconds_count",]
        # A last use may be written meanwhile.
        assert after - before < 50


def test_a_team_that_is_no_text_does_not_spoil_the_rest(server):
    key = server.database.import_key("monitors:read")
    with server.database.connection() as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("UPDATE uptime_keys SET team_id = ? WHERE id = ?",
                           ('a"b\\é', key.id))
    server.get("/t/x", key)
    eventually(lambda: f'{{team="a\\"b\\\\??",key="{key.id}"}} 1\n'
               in server.get("/figures").text)


class Starved(Httpd):
    """mod_uptime_keys gets no shared memory."""

    @property
    def wrapper(self):
        source = self.write("conf/starve.c", PRELOADED)
        library = source.with_suffix(".so")
        subprocess.run(["gcc", "-shared", "-fPIC", "-w", "-o", library,
                        source, "-ldl"], check=True, timeout=60)
        library.chmod(0o755)
        preload = [str(library)]
        if environment.PRELOAD:
            preload.insert(0, environment.PRELOAD)
        return ("env", "LD_PRELOAD=" + ":".join(preload))


def test_without_shared_memory_requests_go_on(new_httpd):
    server = new_httpd(CONFIG, kind=Starved, expect_log=[
        "UK0007", "UK0056", "UK0060"], start=False)
    server.start(await_checks=False)
    assert server.error_log.count("UK0060.*nothing is counted") == 1
    key = server.database.import_key("monitors:read")
    assert server.get("/t/x", key).status_code == 200
    assert server.get("/t/x").status_code == 401
    assert_problem(server.get("/figures"), 503)
    assert server.get("/keys/self", key).status_code == 200
    assert server.get("/t/x", key).status_code == 200

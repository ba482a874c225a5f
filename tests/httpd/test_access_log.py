# SPDX-License-Identifier: Apache-2.0
"""conf/examples/access-log.conf: whose key a request had, refused or not."""

import re

import pytest
from harness import AUTHZ_FAILED, environment, eventually, make_key, only_on

pytestmark = only_on("sqlite3", reason="the database does not matter")
SAMPLE = (environment.REPOSITORY / "conf" / "examples" /
          "access-log.conf").read_text("utf-8")
PLACES = """
<Location "/t/">
    AuthType uptime-key
    AuthName "Uptime"
    Require uptime-scope monitors:read
</Location>
<Location "/t/verify">
    SetHandler uptime-keys-verify
</Location>
"""
LINE = re.compile(r'127\.0\.0\.1 - (\S+) \[[^\]]*\] "(.*)" (\d+) \S+ '
                  r'"(.*)" "(.*)" key=(\S+) team=(\S+) rotated=(\S+) '
                  r'name="(.*)"')
NAME = 'Bü"ro\\ key=other'


@pytest.fixture(scope="module")
def server(new_httpd):
    assert SAMPLE.count("/var/log/apache2/") == 1
    return new_httpd(SAMPLE.replace("/var/log/apache2", "logs") + PLACES)


@pytest.fixture
def logged(server):
    """logged() waits for the line of the test's request: its user, status, key,
    team, rotated and name."""
    def lines():
        return file.read_text().splitlines() if file.exists() else []

    file = server.root / "logs" / "keys.log"
    before = len(lines())
    return lambda: parts(eventually(lambda: lines()[before:])[-1])


def parts(line):
    found = LINE.fullmatch(line)
    assert found, line
    user, _, status, _, _, *rest = found.groups()
    return [user, int(status), *rest]


@pytest.mark.parametrize("path, status", [("/t/x", 200), ("/t/verify", 204)])
def test_good_key(server, logged, path, status):
    key = server.database.import_key("monitors:read")
    assert server.get(path, key).status_code == status
    assert logged() == [key.id, status, key.id, "acme", "-", key.name]


def test_key_without_the_scope(server, logged):
    server.expect_log(AUTHZ_FAILED)
    key = server.database.import_key("alerts:read", name=NAME)
    assert server.get("/t/x", key).status_code == 403
    assert logged() == [key.id, 403, key.id, "acme", "-",
                              r'B\xc3\xbc\"ro\\ key=other']


@pytest.mark.parametrize("make", [lambda: None, lambda: "nonsense", make_key],
                         ids=["none", "nonsense", "unknown"])
def test_no_good_key(server, logged, make):
    assert server.get("/t/x", make(), headers={
        "Referer": '" key=key_forged team=a rotated=- name="'}
    ).status_code == 401
    assert logged() == ["-", 401, "-", "-", "-", "-"]


def test_old_secret_of_a_rotated_key(server, logged):
    key = server.database.create_key("monitors:read")
    new = server.database.tool("key", "rotate", key.id, "--overlap", "1h")
    server.keep_secret(new.stdout.strip())
    assert server.get("/t/x", key).status_code == 200
    assert logged()[2:5] == [key.id, "acme", "1"]

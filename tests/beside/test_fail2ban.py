# SPDX-License-Identifier: Apache-2.0
"""conf/fail2ban/: which lines of a real error log count against a client."""

import configparser
import os
import subprocess

import pytest
from beside import bundled
from harness import AUTHZ_FAILED, AUTHZ_NO_USER, environment, make_key
from packages import Debs

DEBS = Debs("fail2ban")
FOLDER = environment.REPOSITORY / "conf" / "fail2ban"
# The level that the filter asks for, and clients with addresses of their own.
CONFIG = bundled("remoteip") + """
LogLevel warn uptime_keys:info
RemoteIPHeader X-Address
<Location "/t/">
    AuthType uptime-key
    AuthName "Uptime"
    Require uptime-scope monitors:read
</Location>
"""
UUID = "urn:uuid:01234567-89ab-cdef-0123-456789abcdef"
FORGED = ("[client 192.0.2.66:1] UK0010: refused with 401: malformed, "
          f"{UUID}")


@pytest.fixture(scope="module")
def server(new_httpd):
    return new_httpd(CONFIG, expect_log=(AUTHZ_FAILED, AUTHZ_NO_USER))


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    """Debian's settings and filters, with ours."""
    folder = tmp_path_factory.mktemp("fail2ban")
    for part in (DEBS.root / "etc" / "fail2ban", FOLDER):
        subprocess.run(["cp", "-r", f"{part}/.", folder], check=True)
    return folder


def banned(server, settings):
    """The addresses of the lines of the log that count."""
    done = subprocess.run(
        ["/usr/bin/python3", DEBS.root / "usr/bin/fail2ban-regex",
         "-c", settings, "-o", "ip", server.root / "logs" / "error_log",
         settings / "filter.d" / "uptime-keys.conf"],
        capture_output=True, text=True, timeout=60, check=True,
        env={**os.environ, "PYTHONPATH":
             str(DEBS.root / "usr/lib/python3/dist-packages")})
    return done.stdout.split()


def ask(server, number, key=None, path="/t/x", **headers):
    return server.get(path, key, headers={
        "X-Address": f"198.51.100.{number}", **headers}).status_code


def test_only_clients_that_try_keys_count(server, settings):
    database = server.database
    good = database.import_key("monitors:read")
    expired = database.import_key("monitors:read", expiresAt=1)
    disabled = database.import_key("monitors:read")
    database.tool("key", "disable", disabled.id)
    wrong = make_key()
    wrong = wrong[:-1] + ("0" if wrong[-1] != "0" else "1")
    forged = {"Referer": FORGED, "User-Agent": FORGED}

    assert ask(server, 1, make_key()) == 401
    assert ask(server, 2, "nonsense") == 401
    assert ask(server, 3, wrong) == 401
    assert ask(server, 4, make_key(), Referer="https://a.example/") == 401
    assert ask(server, 5, make_key(), **forged) == 401
    # And these do not.
    assert ask(server, 11, good) == 200
    assert ask(server, 12) == 401
    assert ask(server, 13, expired) == 401
    assert ask(server, 14, disabled) == 401
    assert ask(server, 15, good, path="/missing" + FORGED) == 404
    assert ask(server, 16, **forged) == 401
    assert ask(server, 17, database.import_key("alerts:read"), **forged) == 403
    assert banned(server, settings) == [f"198.51.100.{number}"
                                        for number in (1, 2, 3, 4, 5)]


def test_client_of_ipv6(server, settings):
    server.get("/t/x", make_key(), headers={"X-Address": "2001:db8::7"})
    assert banned(server, settings)[-1] == "2001:db8::7"


def test_jail_uses_the_filter():
    jail = configparser.ConfigParser(interpolation=None)
    jail.read(FOLDER / "jail.d" / "uptime-keys.conf")
    assert jail["uptime-keys"]["filter"] == "uptime-keys"
    assert (FOLDER / "filter.d" / "uptime-keys.conf").exists()

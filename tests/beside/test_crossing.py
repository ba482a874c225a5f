# SPDX-License-Identifier: Apache-2.0
"""What applications see of a request with a key: who it is, and not the key.

The table in the page is compared with what they saw.
"""

import base64
import shutil

import pytest
from crossing import COPIES, INTERFACES, holds, listed, php_fpm, row
from harness import AUTHZ_FAILED, make_key

WAYS = ("bearer", "header", "basic")
# Without and with copies of the header from before authentication.
CONFIGS = {"plain": "", "copied": COPIES}


def parameters():
    for interface in INTERFACES:
        marks = [pytest.mark.everywhere] * (interface.name == "mod_proxy_ajp")
        for config in CONFIGS:
            yield pytest.param((interface, config), marks=marks,
                               id=f"{interface.name}-{config}")


@pytest.fixture(scope="module", params=parameters())
def site(request, new_httpd, running):
    """An httpd with one interface, and the interface."""
    interface, config = request.param
    behind = running(interface.behind()) if interface.behind else None
    server = new_httpd(kind=interface.kind, expect_log=interface.logs,
                       start=False)
    if interface.name == "PHP-FPM":
        server.write("conf/conf-available/php8.2-fpm.conf", php_fpm(behind))
    shutil.copytree(server.root / "cgi", server.root / "app")
    server.configure(CONFIGS[config] + interface.config(behind))
    yield server.start(), interface
    server.ask_to_stop()


def ask(server, place, way, key):
    """A request with a key; its encoded form is kept out of all logs too."""
    server.keep_secret(key)
    if way == "bearer":
        return server.get(f"/app/key/{place}", key)
    if way == "header":
        return server.get(f"/app/key/{place}",
                          headers={"X-API-Key": str(key)})
    pair = base64.b64encode(f"client:{key}".encode()).decode()
    server.keep_secret(pair)
    return server.get(f"/app/basic/{place}",
                      headers={"Authorization": f"Basic {pair}"})


@pytest.fixture(scope="module")
def key(site):
    return site[0].database.create_key("monitors:read")


@pytest.fixture(scope="module")
def lacking(site):
    return site[0].database.create_key("alerts:read")


@pytest.mark.parametrize("way", WAYS)
def test_application_sees_the_identity_and_no_key(site, key, way):
    server, interface = site
    answer = ask(server, "removed", way, key)
    assert answer.status_code == 200
    assert interface.identity(answer) == key.id
    assert not holds(answer.text, key), answer.text
    assert "private" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("way", WAYS)
def test_error_document_sees_no_refused_key(site, way):
    server, interface = site
    other = make_key()
    answer = ask(server, "removed", way, other)
    assert answer.status_code == 401
    assert "WWW-Authenticate" in answer.headers
    assert "no-store" in answer.headers["Cache-Control"]
    assert interface.seen(answer), answer.text
    assert not holds(answer.text, other), answer.text


@pytest.mark.parametrize("way", WAYS)
def test_error_document_sees_no_key_that_lacks_the_scope(
        site, lacking, way):
    server, interface = site
    server.expect_log(AUTHZ_FAILED)
    answer = ask(server, "removed", way, lacking)
    assert answer.status_code == 403
    assert interface.seen(answer), answer.text
    assert not holds(answer.text, lacking), answer.text


def test_status_of_an_error_document_that_states_another(site):
    server, interface = site
    status = server.get("/app/forgetful/x").status_code
    assert status == (200 if interface.states else 401)


@pytest.mark.parametrize("way", WAYS)
def test_application_is_forwarded_the_key(site, key, way):
    server, interface = site
    answer = ask(server, "forwarded", way, key)
    assert interface.identity(answer) == key.id
    name = "HTTP_X_API_KEY" if way == "header" else "HTTP_AUTHORIZATION"
    assert holds(interface.seen(answer)[name], key), answer.text


def test_row_of_the_table_is_what_was_seen(site, key):
    """The identity; the key that is removed, of a good and of a refused
    request; the key that is forwarded."""
    server, interface = site
    other = make_key()
    seen = [set(), set(), set(), set()]
    for way in WAYS:
        good, refused, forwarded = (
            ask(server, *what) for what in (
                ("removed", way, key), ("removed", way, other),
                ("forwarded", way, key)))
        for names, answer, found in zip(seen, (
                good, good, refused, forwarded), (
                lambda value: key.id in value,
                lambda value: holds(value, key),
                lambda value: holds(value, other),
                lambda value: holds(value, key))):
            names |= interface.names(answer, found)
    seen[-1] -= {"API_KEY", "CREDENTIALS", "A_PART_OF_IT", "DIGITS"}
    assert row(interface) == " | ".join(map(listed, seen))

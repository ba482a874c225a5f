# SPDX-License-Identifier: Apache-2.0
"""HTTP caches: the answer to a request with a key is served to no other."""

import itertools

import pytest
from harness import Httpd, assert_refused, eventually
from harness.server import MODULES

GUARD = """
    AuthType uptime-key
    AuthName "Uptime"
    Require uptime-scope monitors:read
"""

# The setup of a location is in its path: /QUICK-FORWARD-PRIVATE/…
SETUPS = ["-".join(words) for words in itertools.product(
    ("quick", "normal"), ("removed", "forwarded"), ("default", "private"))]


def location(setup):
    """One guarded and one open location over the same backend."""
    _, forward, private = setup.split("-")
    return f"""
<Location "/{setup}/">{GUARD}
    UptimeKeysForwardKey {"On" if forward == "forwarded" else "Off"}
    CacheStorePrivate {"On" if private == "private" else "Off"}
</Location>
"""


def virtual_host(provider, quick):
    handler = "On" if quick == "quick" else "Off"
    return f"""
<VirtualHost *:${{PORT}}>
    ServerName {provider}-{quick}.example
    CacheQuickHandler {handler}
    CacheRoot "${{ROOT}}/cache"
    CacheEnable {provider} "/"
    ProxyPass "/" "${{BACKEND}}/"
</VirtualHost>
"""


CONFIG = """
UptimeKeysHeader X-API-Key
CacheSocache shmcb
CacheLock off
<VirtualHost *:${PORT}>
    ServerName 127.0.0.1
</VirtualHost>
""" + "".join(map(location, SETUPS)) + "".join(
    virtual_host(provider, quick) for provider in ("socache", "disk")
    for quick in ("quick", "normal"))


# Headers that make an answer cacheable.
SHARED = {"Cache-Control": "public, max-age=60, s-maxage=60",
          "Last-Modified": "Sun, 01 Jan 2023 00:00:00 GMT",
          "Expires": "Fri, 01 Jan 2100 00:00:00 GMT"}


@pytest.fixture(scope="module")
def backend(new_backend):
    return new_backend(headers=SHARED)


@pytest.fixture(scope="module")
def server(new_httpd, backend):
    return new_httpd(CONFIG, defines={"BACKEND": backend.url})


@pytest.fixture(scope="module")
def keys(server):
    return [server.database.create_key("monitors:read") for _ in range(2)]


def ask(server, host, path, key=None, way="bearer"):
    headers = {"Host": host}
    if key is not None and way == "bearer":
        headers["Authorization"] = f"Bearer {key}"
    elif key is not None:
        headers["X-API-Key"] = str(key)
    return server.get(path, headers=headers)


@pytest.mark.parametrize("provider", ["socache", "disk"])
@pytest.mark.parametrize("quick", ["quick", "normal"])
def test_control_an_open_answer_is_cached(server, provider, quick):
    """Otherwise the tests below would prove nothing."""
    host = f"{provider}-{quick}.example"
    first = ask(server, host, "/open/control").json()["number"]
    eventually(lambda:
               ask(server, host, "/open/control").json()["number"] ==
               ask(server, host, "/open/control").json()["number"])
    assert first


@pytest.mark.mpm
@pytest.mark.parametrize("provider", ["socache", "disk"])
@pytest.mark.parametrize("way", ["bearer", "header"])
@pytest.mark.parametrize("setup", SETUPS)
def test_nobody_gets_the_answer_to_a_key(
        server, backend, keys, setup, way, provider):
    host = f"{provider}-{setup.split('-')[0]}.example"
    path = f"/{setup}/{way}"
    first = ask(server, host, path, keys[0], way)
    assert first.status_code == 200
    for _ in range(3):
        again = ask(server, host, path, keys[0], way)
        other = ask(server, host, path, keys[1], way)
        nobody = ask(server, host, path)
        assert_refused(nobody, 401)
        assert "number" not in nobody.text
        assert other.json()["number"] == len(backend.requests)
        assert again.json()["number"] == len(backend.requests) - 1


@pytest.mark.parametrize("way", ["bearer", "header"])
@pytest.mark.parametrize("setup", SETUPS)
def test_answers_to_a_key_are_marked_private(server, keys, setup, way):
    host = f"socache-{setup.split('-')[0]}.example"
    answer = ask(server, host, f"/{setup}/marked", keys[0], way)
    words = {word.strip() for word in
             answer.headers["Cache-Control"].lower().split(",")}
    assert "private" in words


def test_private_answer_does_not_say_public_as_well(server, keys):
    """A cache that heeds the first directive only must
    not follow the backend's."""
    answer = ask(server, "socache-quick.example",
                 "/quick-removed-default/marked", keys[0])
    assert "public" not in answer.headers["Cache-Control"].lower()
    assert "s-maxage" not in answer.headers["Cache-Control"].lower()


def test_answers_of_files_are_marked_private_too(server, keys):
    """A static file has no Cache-Control of its own."""
    setup = "normal-removed-default"
    server.write(f"htdocs/{setup}/file.txt", "file")
    answer = server.get(f"/{setup}/file.txt", keys[0])
    assert answer.text == "file"
    assert "private" in answer.headers["Cache-Control"]


def test_holder_of_a_key_can_ask_whether_a_file_has_changed(server, keys):
    setup = "normal-removed-default"
    server.write(f"htdocs/{setup}/known.txt", "file")
    first = server.get(f"/{setup}/known.txt", keys[0])
    again = server.get(f"/{setup}/known.txt", keys[0],
                       headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.text) == (304, "")
    assert "private" in again.headers["Cache-Control"]


def test_error_for_the_holder_of_a_key_is_private(server, keys):
    answer = server.get("/normal-removed-default/none.txt", keys[0])
    assert answer.status_code == 404
    assert answer.headers["Cache-Control"] == "private"


WORDS = {
    "": "private",
    'Header set Cache-Control "max-age=60"': "private, max-age=60",
    'Header set Cache-Control "private, max-age=60"': "private, max-age=60",
    'Header set Cache-Control "PUBLIC, s-maxage=9, max-age=60"':
        "private, max-age=60",
    'Header set Cache-Control "private=\\"no-store\\", max-age=60"':
        "private, max-age=60",
    'Header set Cache-Control "no-store"': "no-store",
    'Header set Cache-Control "max-age=60"\n'
    'Header add Cache-Control "no-store"': "max-age=60, no-store",
    'Header always set Cache-Control "public, max-age=60"':
        "private, max-age=60",
    'Header onsuccess set Cache-Control "no-store"\n'
    'Header always set Cache-Control "max-age=60"': "max-age=60, no-store",
}


class Negotiating(Httpd):
    modules = MODULES + ("negotiation",)


@pytest.fixture(scope="module")
def talkers(new_httpd):
    server = new_httpd("UptimeKeysHeader X-API-Key\n" + "".join(
        f"<Location /word{number}>{GUARD}{words}\n</Location>\n"
        for number, words in enumerate(WORDS)) + f"""
        <Files "index.html">{GUARD}</Files>
        <Files "chosen.html">{GUARD}</Files>
        DirectoryIndex index.html
        <Directory "${{ROOT}}/htdocs">
            Options +MultiViews
        </Directory>
    """, kind=Negotiating)
    server.key = server.database.create_key("monitors:read")
    return server


@pytest.mark.parametrize("number", range(len(WORDS)))
def test_what_a_resource_says_of_caches_ends_up_private(talkers, number):
    key = talkers.key
    talkers.write(f"htdocs/word{number}/file.txt", "file")
    answer = talkers.get(f"/word{number}/file.txt", key)
    assert answer.text == "file"
    assert answer.headers["Cache-Control"] == list(WORDS.values())[number]


def test_public_word_of_an_admin_is_not_said_of_errors(talkers):
    key = talkers.key
    number = list(WORDS).index(
        'Header always set Cache-Control "public, max-age=60"')
    answer = talkers.get(f"/word{number}/none.txt", key)
    assert answer.status_code == 404
    assert answer.headers["Cache-Control"] == "private, max-age=60"


@pytest.mark.parametrize("path", ["/dir/", "/dir/chosen"])
@pytest.mark.parametrize("way", ["Authorization", "X-API-Key"])
def test_answer_found_by_a_redirect_inside_is_private(talkers, path, way):
    """DirectoryIndex and MultiViews continue with their sub-request."""
    key = talkers.key
    for name in ("index.html", "chosen.html"):
        talkers.write(f"htdocs/dir/{name}", "file")
    value = f"Bearer {key}" if way == "Authorization" else str(key)
    answer = talkers.get(path, headers={way: value})
    assert answer.text == "file"
    assert answer.headers["Cache-Control"] == "private"
    # Logged by mod_negotiation for a variant that is forbidden.
    talkers.expect_log("AH00687")
    assert talkers.get(path).status_code in (401, 404)


def test_refusal_is_not_served_to_the_holder_of_a_key(server, keys):
    host, path = "disk-quick.example", "/quick-removed-default/after-refusal"
    for _ in range(2):
        assert ask(server, host, path).status_code == 401
        assert ask(server, host, path, keys[0]).status_code == 200

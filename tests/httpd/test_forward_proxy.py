# SPDX-License-Identifier: Apache-2.0
"""A forward proxy uses 407 and the Proxy- headers (RFC 9110 section 11.7)."""

import pytest
from harness import make_key
from harness.raw import request

CONFIG = """
ProxyRequests On
<Proxy "*">
    AuthType uptime-key
    AuthName "Uptime"
    Require uptime-scope monitors:read
</Proxy>
"""


@pytest.fixture(scope="module")
def server(new_httpd):
    return new_httpd(CONFIG)


@pytest.fixture(scope="module")
def key(server):
    return server.database.create_key("monitors:read")


@pytest.fixture(scope="module")
def url(new_backend):
    return new_backend().url + "/x"


def ask(server, url, *headers):
    (answer,) = server.exchange(request(url, *headers))
    return answer


def test_key_is_for_the_proxy_and_goes_no_further(server, key, url):
    answer = ask(server, url, f"Proxy-Authorization: Bearer {key}",
                 "Authorization: Bearer for-the-backend")
    assert answer.status_code == 200
    sent = dict(answer.json()["headers"])
    assert sent["Authorization"] == "Bearer for-the-backend"
    assert str(key) not in answer.text


@pytest.mark.parametrize("credential,error", [
    (None, ""), ("Proxy-Authorization", 'error="invalid_token"'),
    ("Authorization", "")])
def test_nobody_else_gets_through(server, url, credential, error):
    headers = [f"{credential}: Bearer {make_key()}"] if credential else []
    answer = ask(server, url, *headers)
    assert answer.status_code == 407
    assert answer.headers["Proxy-Authenticate"].startswith(
        'Bearer realm="Uptime"')
    assert error in answer.headers["Proxy-Authenticate"]
    assert "WWW-Authenticate" not in answer.headers

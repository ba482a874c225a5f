# SPDX-License-Identifier: Apache-2.0
"""A login form (mod_auth_form) that is posted to the URL of a page."""

import re
from urllib.parse import urlencode

import pytest
from harness import environment
from harness.answers import assert_problem
from managed import password

FORM = "application/x-www-form-urlencoded"
CONFIG = "".join(
    f'LoadModule {name}_module "${{MODULES}}/mod_{name}.so"\n'
    for name in ("request", "session", "session_cookie", "auth_form")) + """
<Location "/form/keys">
    SetHandler uptime-keys
    AuthType form
    AuthName "People"
    AuthFormProvider file
    AuthUserFile "${ROOT}/conf/passwords"
    AuthFormMethod httpd_method
    AuthFormMimetype httpd_mimetype
    AuthFormBody httpd_body
    Session On
    SessionCookieName session path=/
    Require valid-user
    ErrorDocument 401 "Please log in."
</Location>
<Location "/form/keys/narrow">
    AuthFormSize 200
</Location>
"""


@pytest.fixture(scope="module")
def server(new_managed):
    if not (environment.libexecdir() / "mod_auth_form.so").exists():
        pytest.skip("needs mod_auth_form")
    return new_managed(CONFIG)


def post(server, path="", cookie=None, **fields):
    headers = {"Content-Type": FORM, "Accept": "text/html"}
    if cookie:
        headers["Cookie"] = cookie
    return server.request("POST", "/form/keys" + path, headers=headers,
                          data=urlencode(fields, doseq=True))


def log_in(server, path="", sent=None, **fields):
    return post(server, path, httpd_username="olga",
                httpd_password=sent or password("olga"), **fields)


def session_of(answer):
    return answer.headers["Set-Cookie"].split(";")[0]


def test_login_shows_the_page_and_creates_nothing(server):
    answer = log_in(server)
    assert answer.status_code == 200
    assert "<h1>" in answer.text and "Create" in answer.text
    assert server.slots() == []
    again = server.get("/form/keys", headers={"Cookie": session_of(answer)})
    assert again.json()["data"]["apiKeys"] == []


def test_login_at_the_page_of_a_key_does_not_delete_it(server):
    key = server.database.import_key("monitors:read", name="the key")
    answer = log_in(server, f"/{key.id}")
    assert answer.status_code == 200
    assert "the key" in answer.text
    assert len(server.slots()) == 1


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_method_that_the_form_asks_for_is_get(server, method):
    key = server.database.import_key("monitors:read")
    answer = log_in(server, f"/{key.id}", httpd_method=method)
    assert answer.status_code == 200
    assert len(server.slots()) == 1


def test_wrong_password_shows_the_form_again(server):
    server.expect_log("AH01617", "AH01807", "AH01808")
    answer = log_in(server, sent="wrong")
    assert (answer.status_code, answer.text) == (401, "Please log in.")
    assert server.slots() == []


def test_form_of_a_logged_in_user_creates_a_key(server):
    session = session_of(log_in(server))
    page = server.get("/form/keys", headers={"Cookie": session,
                                             "Accept": "text/html"})
    form_id = re.search(r'name="id" value="(key_\w+)"', page.text)[1]
    answer = post(server, cookie=session, id=form_id, name="mine",
                  scope="monitors:read", expires="")
    assert answer.status_code == 201
    server.keep_secret(re.search(r"uptime_[0-9a-f]{64}", answer.text)[0])
    assert len(server.slots()) == 1


def test_form_that_a_login_interrupted_is_sent_on(server):
    """The login form has it in httpd_body; httpd's own way to resume."""
    form = urlencode({"name": "resumed", "scope": "monitors:read",
                      "expires": ""})
    answer = log_in(server, httpd_method="POST", httpd_mimetype=FORM,
                    httpd_body=form)
    assert answer.status_code == 201
    server.keep_secret(re.search(r"uptime_[0-9a-f]{64}", answer.text)[0])
    assert len(server.slots()) == 1


def test_limit_of_the_login_is_not_called_ours(server):
    """It is AuthFormSize, of which this module knows nothing."""
    answer = server.request(
        "POST", "/form/keys/narrow", headers={"Content-Type": FORM},
        data=urlencode({"name": "x" * 300}))
    problem = assert_problem(answer, 413)
    assert "65536" not in problem["detail"]
    assert "login" in problem["detail"]

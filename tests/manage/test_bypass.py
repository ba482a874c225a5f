# SPDX-License-Identifier: Apache-2.0
"""Attempts to bypass authentication at the management endpoints."""

import pytest
from managed import password

CONFIG = """
<Directory "${ROOT}/htdocs/site">
    AllowOverride All
    Require all granted
</Directory>
<Location "/team/refused">
    SetHandler uptime-keys
    AuthType Basic
    AuthName "settings"
    AuthUserFile "${ROOT}/conf/passwords"
    Require valid-user
    ErrorDocument 401 /team/refused
</Location>
"""


@pytest.fixture(scope="module")
def server(new_managed):
    return new_managed(CONFIG)


@pytest.mark.parametrize("line, status", [
    ("SetHandler uptime-keys", 500),
    ("AddHandler uptime-keys .txt", 200),
    ("RewriteEngine On\nRewriteRule .* - [H=uptime-keys]", 200),
])
def test_author_of_an_htaccess_file_manages_no_keys(server, line, status):
    """Whoever configures authentication can claim any user name, and so would
    own every team."""
    server.expect_log("core:alert")
    server.expect_log("AH00526")
    server.expect_log("SetHandler uptime-keys is for")
    server.write("htdocs/site/keys.txt", "a file")
    server.write("htdocs/site/passwords", server.root.joinpath(
        "conf/passwords").read_text())
    server.write("htdocs/site/.htaccess", f"""
{line}
AuthType Basic
AuthName "mine"
AuthUserFile "{server.root}/htdocs/site/passwords"
Require valid-user
""")
    answer = server.get("/site/keys.txt", auth=("olga", password("olga")))
    assert answer.status_code == status
    assert "apiKeys" not in answer.text


def test_wrong_password_is_nobody_in_an_error_document(server):
    server.expect_log("AH01617")
    answer = server.get("/team/refused", auth=("olga", "wrong"))
    assert answer.status_code == 401
    assert "apiKeys" not in answer.text


def test_right_password_identifies_a_user_at_the_same_location(server):
    answer = server.get("/team/refused", auth=("olga", password("olga")))
    assert "apiKeys" in answer.text

# SPDX-License-Identifier: Apache-2.0
"""ModSecurity and the Core Rule Set, as Debian configures them."""

import re

import pytest
from beside import BesideHttpd, load, managed
from harness import AUTHZ_FAILED, eventually, make_key
from packages import MODULE_DEBS
from page import shown

SECTION = "ModSecurity"
# The blocks in the page.
HEADERS, BODIES, METHODS, NAMES = range(4)
# It logs its version, and what it blocks or, in DetectionOnly, would.
LOGS = (r"ModSecurity: ", "AH01797")


def debian(server):
    """Debian's files, for paths of ours."""
    for folder, name in (
            ("etc/modsecurity", "modsecurity.conf-recommended"),
            ("usr/share/modsecurity-crs", "owasp-crs.load")):
        text = (MODULE_DEBS.root / folder / name).read_text().replace(
            " /tmp/", f" {server.root}/cache")
        for path in ("/etc/modsecurity/", "/usr/share/modsecurity-crs/"):
            text = text.replace(path, f"{MODULE_DEBS.root}{path}")
        text = text.replace("/var/log/apache2", str(server.root / "logs"))
        server.write(f"conf/modsecurity/{name}", text.replace(
            "unicode.mapping",
            f"{MODULE_DEBS.root}/etc/modsecurity/unicode.mapping"))


def security(*blocks, engine="On"):
    """Debian's configuration, with these blocks of the page between its own
    lines and the rules, where Debian includes /etc/modsecurity/*.conf."""
    return "\n".join([
        "LoadModule unique_id_module ${MODULES}/mod_unique_id.so",
        load("security2"),
        'Include "${ROOT}/conf/modsecurity/modsecurity.conf-recommended"',
        f"SecRuleEngine {engine}",
        *(shown(SECTION, block) for block in blocks),
        'Include "${ROOT}/conf/modsecurity/owasp-crs.load"',
        managed(BASE), PLACE])


PLACE = """
<Location "/t/">
    AuthType uptime-key
    AuthName "Uptime"
    UptimeKeysHeader X-API-Key
    Require uptime-scope monitors:read
</Location>
"""


BASE = "/settings/api-keys"
OLGA = ("olga", "secret")
KEY = re.compile(r"uptime_[0-9a-f]{64}")
# Names that the rules take for commands or SQL.
BLOCKED = ("ping monitor", "curl https://example.org/", "time for lunch",
           "1 or 1=1 -- ")


@pytest.fixture(scope="module")
def new_server(new_httpd):
    def make(*blocks, **options):
        server = new_httpd(kind=BesideHttpd, expect_log=LOGS, start=False)
        debian(server)
        server.configure(security(*blocks, **options))
        server.make_users()
        return server.start()
    return make


@pytest.fixture(scope="module")
def server(new_server):
    """With all the lines of the page."""
    return new_server(HEADERS, BODIES, METHODS, NAMES)


@pytest.fixture(scope="module")
def bare(new_server):
    """With none of them."""
    return new_server()


def audit_log(server):
    return (server.root / "logs" / "modsec_audit.log").read_text()


def create(server, name="a key", **options):
    """Create a key as JSON, and take care that it is in no log."""
    answer = server.request("POST", BASE, auth=OLGA, json={
        "name": name, "scopes": ["monitors:read"]}, **options)
    for key in KEY.findall(answer.text):
        server.keep_secret(key)
    return answer


def create_by_form(server, name):
    """The page that shows the key, which is text/html."""
    form = server.get(BASE, auth=OLGA, headers={"Accept": "text/html"}).text
    key_id = re.search(r'name="id" value="(key_\w+)"', form)[1]
    answer = server.request(
        "POST", BASE, auth=OLGA, headers={"Accept": "text/html"},
        data={"id": key_id, "name": name, "scope": "monitors:read",
              "expires": "", "date": ""})
    assert answer.status_code == 201
    return KEY.search(answer.text)[0]


@pytest.mark.parametrize("headers", [
    "Authorization: Bearer {}", "X-API-Key: {}"])
def test_good_key(server, headers):
    key = server.database.import_key("monitors:read")
    name, value = headers.format(key).split(": ")
    assert server.get("/t/x", headers={name: value}).status_code == 200


SENT = {"Authorization": "Bearer {}", "X-API-Key": "{}"}


@pytest.mark.parametrize("name", SENT)
def test_audit_log_has_the_refusal_and_no_key(server, name):
    """A key that is good, and lacks a scope."""
    server.expect_log(AUTHZ_FAILED)
    key = server.database.import_key("alerts:read")
    before = audit_log(server).count(f"\n{name}: ***")
    answer = server.get("/t/x", headers={name: SENT[name].format(key)})
    assert answer.status_code == 403
    eventually(lambda: audit_log(server).count(f"\n{name}: ***") > before)
    assert str(key) not in audit_log(server)


@pytest.mark.parametrize("name", SENT)
def test_audit_log_has_the_key_without_the_lines(bare, name):
    key = make_key()        # not one that the harness looks for in all logs
    answer = bare.get("/t/x", headers={name: SENT[name].format(key)})
    assert answer.status_code == 401
    eventually(lambda: key in audit_log(bare))


def test_password_of_a_user_is_not_in_the_audit_log_either(server):
    server.expect_log("AH01618")
    wrong = "d3Jvbmc6d3Jvbmcgb25l"
    answer = server.get(BASE, headers={"Authorization": f"Basic {wrong}"})
    assert answer.status_code == 401
    assert wrong not in audit_log(server)


def test_new_key_of_the_page_is_not_in_the_audit_log(new_server):
    """Although a rule made the whole answer one to be logged."""
    server = new_server(HEADERS, BODIES, METHODS, engine="DetectionOnly")
    key = create_by_form(server, BLOCKED[0])
    server.keep_secret(key)
    eventually(lambda: f"POST {BASE}" in audit_log(server))
    assert key not in audit_log(server)


def test_new_key_of_the_page_is_in_the_audit_log_without_the_line(new_server):
    server = new_server(HEADERS, METHODS, engine="DetectionOnly")
    key = create_by_form(server, BLOCKED[0])
    eventually(lambda: key in audit_log(server))


def test_keys_are_deleted(server):
    place = create(server).json()["data"]["apiKey"]["id"]
    assert server.request("DELETE", f"{BASE}/{place}",
                          auth=OLGA).status_code == 200


def test_keys_are_not_deleted_without_the_line(bare):
    place = create(bare).json()["data"]["apiKey"]["id"]
    assert bare.request("DELETE", f"{BASE}/{place}",
                        auth=OLGA).status_code == 403
    assert bare.error_log.count("911100")


@pytest.mark.parametrize("name", BLOCKED)
def test_names_that_the_rules_block(server, bare, name):
    answer = create(server, name)
    assert answer.status_code == 201
    key_id = answer.json()["data"]["apiKey"]["id"]
    server.database.execute("DELETE FROM uptime_keys WHERE id = ?", key_id)
    server.keep_secret(create_by_form(server, name))
    assert create(bare, name).status_code == 403


def test_other_fields_are_still_looked_at(server):
    answer = server.request("POST", f"{BASE}?team={BLOCKED[0]}", auth=OLGA)
    assert answer.status_code == 403
    assert server.error_log.count("949110")

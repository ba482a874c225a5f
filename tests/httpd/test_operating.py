# SPDX-License-Identifier: Apache-2.0
"""docs/OPERATING.md: its commands for backups and its configurations, as they
stand there."""

import json
import re
import subprocess

import pytest
from harness import (
    UK_ANY,
    environment,
    eventually,
    make_key,
    only_on,
)
from harness.authn_dbd import OLGA, OLGAS_HASH

pytestmark = pytest.mark.waits

PAGE = (environment.REPOSITORY / "mod_uptime_keys" / "docs" /
        "OPERATING.md").read_text(encoding="utf-8")
FENCE = re.compile(r"(?ms)^```(\w+)(?: (\w+))?\n(.*?)^```$")
MODULES = "".join(
    f"<IfModule !{name}_module>\n"
    f"LoadModule {name}_module ${{MODULES}}/mod_{name}.so\n</IfModule>\n"
    for name in ("authn_dbd", "authz_dbd", "headers", "rewrite", "setenvif"))
# mod_rewrite's trace has the headers that a condition reads.
SETTINGS = """
LogLevel rewrite:info
AliasMatch "^/api" "${ROOT}/htdocs/answer.txt"
"""
GUARD = """
UptimeKeysCache On
<Location "/t/">
    AuthType uptime-key
    AuthName "Uptime"
    Require uptime-scope monitors:read
</Location>
"""


def section(title):
    """The text below a heading, up to the next one of its level."""
    level = re.search(rf"(?m)^(#+) {re.escape(title)}$", PAGE)[1]
    (text,) = re.findall(
        rf"(?ms)^{level} {re.escape(title)}$(.*?)(?=^#{{2,{len(level)}}} |\Z)",
        PAGE)
    return text


def shown(title, language, kind=""):
    """The blocks of a language in a section."""
    return [text for found, what, text in FENCE.findall(section(title))
            if (found, what) == (language, kind)]


# --- Backup and restore ------------------------------------------------------

class Shell:
    """Runs blocks of the page with the database of a server."""

    def __init__(self, server):
        database = server.database
        self.folder = server.root / "backups"
        self.folder.mkdir()
        environment.give_to_ordinary_user(self.folder)
        tool = [str(environment.TOOL), "--driver", database.driver, "--params",
                f"'{database.params}'"]
        self.words = {"/var/backups": str(self.folder),
                      "uptime-keys ": " ".join(tool) + " "}
        if database.driver == "sqlite3":
            self.words["/var/lib/uptime_keys/keys.db"] = str(database.file)
        if database.driver == "pgsql":
            self.words["schema=public"] = f"schema={database.user}"
            self.words["dbname=uptime"] = database.params

    def run(self, block, **words):
        for word, value in {**self.words, **words}.items():
            block = block.replace(word, value)
        done = subprocess.run(
            environment.as_ordinary_user("sh", "-euc", block), text=True,
            capture_output=True, check=False, timeout=60,
            cwd=self.folder, env=environment.process_environment())
        assert (done.returncode, done.stderr) == (0, ""), block


@pytest.mark.backend
@only_on("sqlite3", "pgsql", reason="whose programs the tests have")
def test_a_restored_backup_brings_deleted_keys_back_until_deleted_again(
        new_httpd):
    server = new_httpd(GUARD, start=False, expect_log=[UK_ANY])
    database = server.database
    shell = Shell(server)
    blocks = shown("Backup and restore", "sh")
    backup, restore = blocks[:2] if database.driver == "sqlite3" else \
        blocks[2:4]
    note, again = blocks[4:]
    deleted, kept = (database.create_key("monitors:read", name=name)
                     for name in ("deleted", "kept"))
    shell.run(backup)
    server.start()
    later = database.create_key("monitors:read", name="later")
    assert server.get("/t/x", deleted).status_code == 200
    database.delete_key(deleted)
    assert server.get("/t/x", deleted).status_code == 401
    shell.run(note, **{"2026-11-28T02:00:00Z": "1d"})
    (event,) = json.loads((shell.folder / "key.delete.json").read_text())
    assert event["keyId"] == deleted.id

    shell.run(restore)
    database.tool("check")
    eventually(lambda: server.get("/t/x", deleted).status_code == 200)
    eventually(lambda: server.get("/t/x", later).status_code == 401)
    assert server.get("/t/x", kept).status_code == 200

    # The backup is older than the row by which the server announced itself;
    # a deletion waits only for what is there.
    def is_announced():
        # A server that no key is asked of sleeps.
        server.get("/t/x", kept)
        return database.rows("SELECT 1 FROM uptime_servers")

    eventually(is_announced)
    shell.run(again)
    assert server.get("/t/x", deleted).status_code == 401
    assert server.get("/t/x", kept).status_code == 200


# --- Moving in ---------------------------------------------------------------

@pytest.fixture(scope="module")
def server(new_httpd):
    return new_httpd(start=False)


class Moved:
    """A server with one block of the page."""

    def __init__(self, server, title, kind):
        (block,) = shown(title, "apache", kind)
        self.server = server
        server.stop()
        self.key = server.database.create_key("monitors:read", name=kind)
        keys = server.write("keys.txt", "partner-7f3a partner\n")
        server.configure(MODULES + SETTINGS + block.replace(
            "/etc/apache2/keys.txt", str(keys)).replace(
                "uptime_…", str(self.key)))
        server.start()

    def statuses(self, header, *values):
        return [self.server.get("/api", headers={header: str(value)}
                                ).status_code for value in values]

    def passwords(self, *pairs):
        return [self.server.get("/api", auth=(name, str(password))
                                ).status_code for name, password in pairs]


@pytest.fixture(scope="module")
def users(server):
    server.database.execute("CREATE TABLE users (name VARCHAR(99), "
                            "password VARCHAR(99), grp VARCHAR(99))")
    for name, group in (("olga", "readers"), ("ivan", "others")):
        server.database.execute("INSERT INTO users VALUES (?, ?, ?)", name,
                                OLGAS_HASH, group)


def test_moving_from_mod_authn_dbd(server, users):
    title = "From mod_authn_dbd and mod_authz_dbd"
    server.expect_log(UK_ANY, r"AH\d{5}")
    ivan, wrong = ("ivan", OLGA[1]), ("olga", "guessed")
    before = Moved(server, title, "before")
    # httpd refuses whom it knows with 401, too.
    assert before.passwords(OLGA, ivan, wrong) == [200, 401, 401]
    both = Moved(server, title, "both")
    assert both.passwords(OLGA, ivan, wrong) == [200, 401, 401]
    assert both.passwords(("x", both.key), ("olga", make_key())) == [200, 401]
    after = Moved(server, title, "after")
    assert after.passwords(OLGA) == [401]
    assert after.statuses("Authorization", f"Bearer {after.key}") == [200]


def test_moving_from_a_list(server):
    title = "From a list in RewriteMap or SetEnvIf"
    server.expect_log(UK_ANY, r"AH\d{5}")
    old, other = "partner-7f3a", make_key()
    before = Moved(server, title, "before")
    assert before.statuses("X-API-Key", old, "guessed", "") == [200, 403, 403]
    both = Moved(server, title, "both")
    assert both.statuses("X-API-Key", old, "partner-91c2", both.key) == \
        [200] * 3
    assert both.statuses("X-API-Key", "guessed", other, "") == [401] * 3
    after = Moved(server, title, "after")
    assert after.statuses("X-API-Key", after.key, old, "partner-91c2") == \
        [200, 401, 401]


def test_moving_from_kong(server):
    server.expect_log(UK_ANY)
    after = Moved(server, "From Kong's key-auth", "after")
    assert after.statuses("apikey", after.key, "kong-4f1d", "kong-4f1d2",
                          "") == [200, 200, 401, 401]
    assert "kong-4f1d" in shown("From Kong's key-auth", "yaml")[0]


def test_a_secret_of_the_right_form_is_taken_over(server):
    secret = "uptime_" + "0123456789abcdef" * 4
    server.database.secrets.add(secret)
    (block,) = shown("Moving in", "sh")
    Shell(server).run(f"{{\n{block}\n}} <<END\n{secret}\nEND\n")
    server.expect_log(UK_ANY)
    server.stop()
    server.configure(GUARD)
    server.start()
    assert server.get("/t/x", secret).status_code == 401
    server.stop()
    server.configure(GUARD + "UptimeKeysRequireChecksum Off\n")
    server.start()
    assert server.get("/t/x", secret).status_code == 200


def test_every_configuration_of_the_page_is_run():
    assert len(re.findall(r"(?m)^```apache", PAGE)) == 7

# SPDX-License-Identifier: Apache-2.0
"""mpm-itk forks a process for each connection: what a child has opened must
not be used by another process."""

import concurrent.futures
import os

import pytest
from harness import Httpd, assert_unavailable, environment, make_key
from harness.packages import unpacked

CONFIG = """
LoadModule mpm_itk_module "${ITK}"
<Location "/t/">
    AuthType uptime-key
    AuthName "Uptime"
    Require uptime-scope monitors:read
</Location>
<Location "/keys">
    SetHandler uptime-keys
    AuthType Basic
    AuthName "People"
    AuthUserFile "${ROOT}/conf/users"
    Require valid-user
</Location>
"""
OLGA = ("olga", "secret")

class Prefork(Httpd):
    modules = tuple(
        {f"mpm_{environment.MPM}": "mpm_prefork", "cgid": "cgi"}.get(
            name, name) for name in Httpd.modules)


class PreforkOfRoot(Prefork):
    """mpm-itk changes the user of each process that it has forked."""

    def _command(self, *arguments):
        file = self._write_main_configuration()
        with file.open("a") as more:
            more.write("User nobody\nGroup #65534\n")
        return [str(part) for part in (
            environment.httpd_binary(), "-d", self.root, "-f", file,
            *arguments)]


def needs_root(test):
    test = pytest.mark.skipif(
        os.geteuid() != 0, reason="mpm-itk needs root")(test)
    return pytest.mark.release(
        "the processes that mpm-itk forks end without a clean-up, which "
        "LeakSanitizer reports")(test)


@pytest.fixture(scope="module")
def module():
    (found,) = unpacked("libapache2-mpm-itk").rglob("mpm_itk.so")
    return found


@pytest.fixture(scope="module")
def forking(new_httpd, module):
    """A server of another module that does the same."""
    server = new_httpd(CONFIG, kind=PreforkOfRoot, start=False,
                       defines={"ITK": "conf/another.so"},
                       expect_log=["UK0008"])
    code = module.read_bytes()
    name = b"\0mpm_itk.c\0"
    assert code.count(name) == 1
    (server.root / "conf" / "another.so").write_bytes(
        code.replace(name, b"\0another.c\0"))
    server.write("conf/users", "olga:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n")
    server.database.tool("member", "set", "acme", "olga", "admin")
    return server.start()


def test_httpd_does_not_start_with_it(new_httpd, module):
    server = new_httpd(CONFIG, kind=Prefork, start=False,
                       defines={"ITK": module},
                       expect_log=["UK0001", "AH00020"])
    with pytest.raises(AssertionError, match="httpd did not start"):
        server.start()
    (line,) = server.error_log.ours("crit")
    assert line.id == "UK0001"
    assert "mpm-itk" in line.text and "mpm_event" in line.text


@needs_root
def test_httpd_starts_with_it_where_no_database_is_configured(
        new_httpd, module):
    """So that to install this module breaks nothing."""
    server = new_httpd(CONFIG, kind=PreforkOfRoot, driver=False,
                       database=False, start=False, defines={"ITK": module},
                       expect_log=["UK0006"])
    server.start(await_checks=False)
    assert server.get("/answer.txt").status_code == 200
    server.expect_log("UK0008")
    assert_unavailable(server.get("/t/x", make_key()))


@needs_root
def test_forked_process_lets_nobody_in(forking):
    key = forking.database.create_key("monitors:read")
    assert forking.get("/answer.txt").status_code == 200
    assert_unavailable(forking.get("/t/x", key))
    assert forking.get("/t/x").status_code == 401


@needs_root
def test_forked_process_manages_no_keys(forking):
    assert_unavailable(forking.get("/keys", auth=OLGA))


@needs_root
def test_no_connection_is_shared_under_load(forking):
    key = forking.database.create_key("monitors:read")
    with concurrent.futures.ThreadPoolExecutor(20) as clients:
        answers = list(clients.map(
            lambda _: forking.get("/t/x", key), range(100)))
    assert {answer.status_code for answer in answers} == {503}
    assert not forking.error_log.count("looked up")
    children = forking.error_log.path.read_text().count("UK0008")
    assert children < 64, "each child says so once"

# SPDX-License-Identifier: Apache-2.0
"""A private httpd with its own ServerRoot, port, session and logs."""

import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import requests

from . import environment, logs, raw
from .backends import open_database
from .servers import reserve_port

HERE = Path(__file__).parent
MODULES = (
    "mpm_%s" % environment.MPM,
    "authn_core", "authz_core", "authz_user", "authz_host", "auth_basic",
    "authn_file", "log_config", "mime", "headers", "alias", "actions", "dir",
    "env", "setenvif", "rewrite", "unixd", "socache_shmcb", "cache",
    "cache_socache", "cache_disk", "include",
    "cgi" if environment.MPM == "prefork" else "cgid",
    "proxy", "proxy_http", "dbd", "uptime_keys",
)


class Httpd:
    """One server: configure it, start it, send it requests."""

    # For subclasses.
    base = HERE / "base.conf"       # included before the test's configuration
    modules = MODULES               # to load
    mode = "-DFOREGROUND"           # the option that httpd is started with
    wrapper = ()                    # a command that httpd is an argument of
    module = None                   # another build's, not environment.MODULE

    def __init__(self, config="", without=(), driver=True, expect_log=(),
                 defines=()):
        self.root = Path(tempfile.mkdtemp(prefix="uk-"))
        self.port = None
        self.database = open_database(self.root / "db")
        self.error_log = logs.ErrorLog(self.root / "logs" / "error_log")
        self._without = without
        self._driver = driver
        self._defines = dict(defines)
        self._secrets = set()
        self._always_expected = list(expect_log)
        self._expected = []
        self._process = None
        self._is_stopping = False
        self._log_length = 0
        self._reservation = None
        self._make_server_root()
        self.configure(config)

    # The ServerRoot

    def _make_server_root(self):
        self.root.chmod(0o755)
        environment.give_to_ordinary_user(self.root)
        for name in ("conf", "htdocs", "cgi", "logs", "run", "db", "cache"):
            (self.root / name).mkdir()
            environment.give_to_ordinary_user(self.root / name)
        shutil.copy(self.base, self.root / "conf" / "base.conf")
        shutil.copy(HERE / "environ.cgi", self.root / "cgi")
        (self.root / "cgi" / "environ.cgi").chmod(0o755)
        self.write("htdocs/answer.txt", "answer\n")

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def configure(self, text):
        """Write the test's own directives to test.conf."""
        self.write("conf/test.conf", text)

    def _write_main_configuration(self):
        lines = [f'Define {name} "{value}"' for name, value in {
            "ROOT": self.root, "PORT": self.port or 1,
            "MODULES": environment.libexecdir(), **self._defines}.items()]
        lines += filter(None, map(self._load_module, self.modules))
        lines.append("Include conf/base.conf")
        if self._driver and "dbd" not in self._without:
            lines += [f"DBDriver {self.database.driver}",
                      f'DBDParams "{self.database.params}"']
        lines.append("Include conf/test.conf")
        return self.write("conf/httpd.conf", "\n".join(lines) + "\n")

    def _load_module(self, name):
        if name in self._without:
            return None
        if f"mod_{name}.c" in environment.built_in_modules():
            return None
        path = environment.libexecdir() / f"mod_{name}.so"
        if name == "uptime_keys":
            path = self.module or environment.MODULE
        return f'LoadModule {name}_module "{path}"'

    def another_database(self, name):
        """A second, empty database in this ServerRoot."""
        folder = self.root / name
        folder.mkdir()
        environment.give_to_ordinary_user(folder)
        return open_database(folder)

    # Start and stop

    def _command(self, *arguments):
        file = self._write_main_configuration()
        return environment.as_ordinary_user(
            *self.wrapper, environment.httpd_binary(),
            "-d", self.root, "-f", file, *arguments)

    def config_test(self, option="-t"):
        """Run httpd -t, or with -L list the directives."""
        return subprocess.run(
            self._command(option), capture_output=True, text=True, timeout=60,
            check=False,
            env=environment.process_environment(preload=True))

    def _reserve_port(self):
        """Otherwise another server could take the port before this one does,
        and answer in its place."""
        self._give_up_port()
        self._reservation = reserve_port()
        self.port = self._reservation.getsockname()[1]

    def _give_up_port(self):
        if self._reservation is not None:
            self._reservation.close()

    def start(self, await_checks=True):
        """Start httpd; if somebody has the port all the same, try another."""
        for _ in range(5):
            self._reserve_port()
            self._log_length = len(self._log_text("error_log"))
            with open(self.root / "logs" / "stderr", "ab") as stderr:
                self._process = subprocess.Popen(
                    self._command(self.mode), stdout=stderr,
                    stderr=stderr, stdin=subprocess.DEVNULL, cwd="/",
                    start_new_session=True,
                    env=environment.process_environment(preload=True))
            if self._wait_until_it_answers():
                if await_checks:
                    self._wait_until_databases_are_checked()
                return self
            if "could not bind" not in self.stderr():
                break
        raise AssertionError(f"httpd did not start:\n{self.stderr()}\n"
                             f"{self.error_log.text()[-5000:]}")

    def _wait_until_it_answers(self, seconds=60):
        deadline = time.monotonic() + seconds
        while self._process.poll() is None and time.monotonic() < deadline:
            try:
                if self._answers_once():
                    return True
            except OSError:
                time.sleep(0.01)
        return False

    def _wait_until_databases_are_checked(self, seconds=20):
        """A child checks them while it serves already, and a test must not
        change a database before that.  With another LogLevel the log does
        not show it."""
        deadline = time.monotonic() + seconds
        while (self._says_when_checked() and time.monotonic() < deadline
               and not logs.CHECKED.search(self._log_text("error_log")[
                   self._log_length:])):
            time.sleep(0.01)

    def _says_when_checked(self):
        loaded = set(self.modules) - set(self._without)
        text = (self.root / "conf" / "test.conf").read_text()
        quiet = re.search(r"^ *LogLevel (?!.*\b(?:info|debug|trace\d))", text,
                          re.M)
        return ({"uptime_keys", "dbd"} <= loaded and not quiet
                and self.base == HERE / "base.conf")

    def _answers_once(self):
        """httpd does not react to signals before a child answers.  It closes
        the connection after it has logged the request: no test finds that
        line among its own."""
        with socket.create_connection(("127.0.0.1", self.port), 60) as peer:
            peer.sendall(b"OPTIONS * HTTP/1.0\r\n\r\n")
            return raw.read_all(peer) != b""

    def ask_to_stop(self):
        """Stop gracefully: after SIGTERM the event MPM closes sockets that
        its threads still use, and prefork's children end inside a statement;
        now and then either crashes, with or without this module.  A single
        process (-X) has no graceful stop.  A second signal would make httpd
        stop at once.
        """
        if self._process is not None and not self._is_stopping:
            self._is_stopping = True
            self._process.send_signal(
                signal.SIGTERM if self.mode == "-X" else signal.SIGWINCH)

    def stop(self):
        if self._process is None:
            return
        self.ask_to_stop()
        try:
            self._process.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            raise
        finally:
            self._process = None
            self._is_stopping = False

    def restart_gracefully(self):
        """The daemon of mod_cgid may not start again, and scripts be answered
        with 503: findings/httpd-cgid-after-graceful-restarts.sh."""
        self._always_expected += ["AH0124[36]", "AH01238"]
        self._process.send_signal(signal.SIGUSR1)

    def children(self):
        """The process ids of its children."""
        parent = self._process.pid
        return [int(child) for child in Path(
            f"/proc/{parent}/task/{parent}/children").read_text(
                encoding="ascii").split()]

    def remove(self):
        self._give_up_port()
        if not environment.KEEP:
            shutil.rmtree(self.root, ignore_errors=True)

    # Requests

    def request(self, method, path, key=None, headers=None, timeout=60,
                **options):
        """Send one request on a connection of its own; key is sent as a Bearer
        token."""
        headers = dict(headers or {})
        if key is not None:
            self.keep_secret(key)
            headers["Authorization"] = f"Bearer {key}"
        with requests.Session() as session:
            session.trust_env = False
            answer = session.request(
                method, f"http://127.0.0.1:{self.port}{path}",
                headers=headers, allow_redirects=False, timeout=timeout,
                **options)
        # urllib3 2 closes the connection with the last reference to its pool.
        answer.raw = None
        return answer

    def get(self, path, key=None, **options):
        return self.request("GET", path, key, **options)

    def exchange(self, data, methods=("GET",)):
        return raw.exchange(self.port, data, methods)

    # Logs

    def expect_log(self, *patterns):
        """Allow log ids (or patterns) at level warn and above in this test."""
        self._expected += patterns

    def keep_secret(self, secret):
        """Register a string that no log may contain, nor a key's digits."""
        self._secrets.add(str(secret).removeprefix("uptime_"))

    def stderr(self):
        return self._log_text("stderr")

    def access_log(self):
        return self._log_text("access_log")

    def _log_text(self, name):
        path = self.root / "logs" / name
        return path.read_text(errors="replace") if path.exists() else ""

    def begin_test(self):
        self._expected = []
        self.error_log.start_here()

    def complaints(self):
        """What the logs of this test contain and should not."""
        found = self.error_log.unexpected(
            self._always_expected + self._expected)
        found += [line for line in self.stderr().splitlines()
                  if logs.NEVER.search(line)]
        found += [f"the error log contains the secret {secret}" for secret
                  in logs.secrets_in(self.error_log.text(),
                                     self._all_secrets())]
        return found

    def leaks(self):
        """Secrets in any file below logs/, of all tests so far."""
        return [f"{path} contains the secret {secret}"
                for path in sorted((self.root / "logs").rglob("*"))
                if path.is_file()
                for secret in logs.secrets_in(
                    path.read_text(errors="replace"), self._all_secrets())]

    def _all_secrets(self):
        return self._secrets | {text.removeprefix("uptime_")
                                for text in self.database.secrets}

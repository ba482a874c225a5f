# SPDX-License-Identifier: Apache-2.0
"""Private database servers: one of each kind for each test process.

A server is started at first use, in a folder of its own, as an ordinary user.
It ends with the process that started it, however that ends: the kernel sends
it a signal.
"""

import atexit
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from . import environment

FAST_SHUTDOWN = signal.SIGINT       # PostgreSQL's
TIMEOUT = 180                       # seconds for a start or a stop
START_TRIES = 5                     # the port may be taken meanwhile
_reserved = []


def reserve_port():
    """A socket that is bound to a port and does not listen.  While it is open
    nobody else is given this port; a server, which sets SO_REUSEADDR, may
    listen on it all the same."""
    holder = socket.socket()
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    holder.bind(("127.0.0.1", 0))
    return holder


def free_port():
    """A port that is reserved until this process ends."""
    _reserved.append(reserve_port())
    return _reserved[-1].getsockname()[1]


class Server:
    """One server.  A subclass knows how to create, run and query it."""

    name = None
    stop_signal = signal.SIGTERM
    stop_seconds = TIMEOUT      # after which it and its children are killed
    must_end = True             # before that

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix=f"uk-{self.name}-"))
        self.folder.chmod(0o755)
        environment.give_to_ordinary_user(self.folder)
        self.data = self.folder / "data"
        self.port = None
        self._process = None
        self.certificate = self.folder / "cert.pem"
        self.secret_key = self.folder / "key.pem"
        atexit.register(self.remove)
        self.certify(self.secret_key, self.certificate)
        self.make()

    def certify(self, secret_key, certificate):
        """Create a self-signed certificate."""
        self.run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                 "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                 "-subj", "/CN=127.0.0.1", "-addext",
                 "subjectAltName=IP:127.0.0.1,DNS:127.0.0.1",
                 "-keyout", secret_key, "-out", certificate)

    def make(self):
        """Initialise the data folder."""
        raise NotImplementedError

    def command(self):
        raise NotImplementedError

    def connect(self, **options):
        """A connection as the administrator."""
        raise NotImplementedError

    def _environment(self):
        """At start MariaDB removes all its temporary files in TMPDIR, those of
        other servers too."""
        return {**environment.process_environment(),
                "TMPDIR": str(self.folder)}

    def run(self, *command):
        done = subprocess.run(
            environment.as_ordinary_user(*command), text=True, check=False,
            capture_output=True, timeout=TIMEOUT, cwd=self.folder,
            env=self._environment())
        assert done.returncode == 0, done.stdout + done.stderr

    # Start and stop

    def start(self):
        for _ in range(START_TRIES):
            self.port = self.port or free_port()
            if self._start_once():
                return self
            self.port = None
        raise AssertionError(f"{self.name} did not start:\n{self.log()}")

    def _start_once(self):
        # The process sets the signal after it has become an ordinary user,
        # because a change of the user clears it.
        command = ["setpriv", "--pdeathsig",
                   signal.Signals(self.stop_signal).name.removeprefix("SIG"),
                   "--", *(str(part) for part in self.command())]
        with open(self.folder / "log", "ab") as log:
            self._process = subprocess.Popen(
                environment.as_ordinary_user(*command), stdout=log,
                stderr=log, stdin=subprocess.DEVNULL, cwd=self.folder,
                # So that a write beyond the limit of a file fails instead of
                # ending the server.
                restore_signals=False, start_new_session=True,
                env=self._environment())
        deadline = time.monotonic() + TIMEOUT
        while self._process.poll() is None and time.monotonic() < deadline:
            if self.answers():
                return True
            time.sleep(0.02)
        self.stop()
        return False

    def answers(self):
        try:
            self.connect().close()
        except Exception:       # pylint: disable=broad-except
            return False        # each module has errors of its own
        return True

    def stop(self):
        """Stop the server and wait; it keeps its port."""
        if self._process is None:
            return
        self._process.send_signal(self.stop_signal)
        try:
            self._process.wait(self.stop_seconds)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            if self.must_end:
                raise
        finally:
            self._process = None

    @contextlib.contextmanager
    def stopped(self):
        self.stop()
        try:
            yield
        finally:
            self.start()

    @property
    def pid(self):
        return self._process.pid

    def limit_files(self, size, *pids):
        """Keep files from growing beyond so many bytes, for these processes
        of the server and for their future children."""
        for pid in pids:
            subprocess.run(
                environment.as_ordinary_user(
                    "prlimit", "--pid", pid, f"--fsize={size}:"),
                check=pid == self.pid, timeout=TIMEOUT)

    def log(self):
        return (self.folder / "log").read_text(errors="replace")[-5000:]

    def remove(self):
        try:
            self.stop()
        finally:
            if not environment.KEEP:
                shutil.rmtree(self.folder, ignore_errors=True)

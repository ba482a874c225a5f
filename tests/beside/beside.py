# SPDX-License-Identifier: Apache-2.0
"""An httpd with Debian's other modules, and the servers behind it."""

import socket
import subprocess
from pathlib import Path

from harness import Httpd, environment, servers
from harness.server import MODULES
from packages import MODULE_DEBS

APPS = Path(__file__).parent / "apps"


def environment_command(debs):
    return ("env", *(f"{name}={value}"
                     for name, value in debs.environment.items()))


def load(name, file=None):
    return (f"LoadModule {name}_module "
            f"${{DEBIAN}}/usr/lib/apache2/modules/{file or f'mod_{name}'}.so")


def bundled(*names):
    return "\n".join(f"LoadModule {name}_module ${{MODULES}}/mod_{name}.so"
                     for name in names)


# htpasswd -sb users NAME secret
SECRET = "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ="


def managed(place):
    """A management place for the users of make_users(), by Basic."""
    return f"""
<Location "{place}">
    SetHandler uptime-keys
    AuthType Basic
    AuthName "settings"
    AuthUserFile "${{ROOT}}/conf/users"
    Require valid-user
</Location>
"""


class BesideHttpd(Httpd):
    """Finds Debian's files in ${DEBIAN}, and this folder's in ${APPS}."""

    def __init__(self, config="", defines=(), **options):
        super().__init__(config, defines={
            "DEBIAN": MODULE_DEBS.root, "APPS": APPS, **dict(defines)},
            **options)

    @property
    def wrapper(self):
        return environment_command(MODULE_DEBS)

    def make_users(self):
        """olga is the owner of the team, mia a member; see managed()."""
        self.write("conf/users", "".join(f"{name}:{SECRET}\n"
                                         for name in ("olga", "mia")))
        for name, role in (("olga", "owner"), ("mia", "member")):
            self.database.tool("member", "set", "acme", name, role)


class PreforkHttpd(BesideHttpd):
    """For modules that cannot be used with threads."""

    modules = ("mpm_prefork", *MODULES[1:])


class Application(servers.Server):
    """A server that httpd asks, on a port or a socket of its own."""

    debs = MODULE_DEBS
    listens_on_port = True

    @property
    def socket(self):
        return self.folder / "socket"

    def make(self):
        """Nothing."""

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), 30)

    def _environment(self):
        return {**super()._environment(),
                **{name: str(value)
                   for name, value in self.debs.environment.items()}}


class PhpFpm(Application):
    name = "php-fpm"
    listens_on_port = False

    def make(self):
        (self.folder / "fpm.conf").write_text(
            f"[global]\nerror_log = {self.folder}/fpm.log\n"
            f"[www]\nlisten = {self.socket}\n"
            "pm = static\npm.max_children = 2\n")

    def command(self):
        return [self.debs.root / "usr/sbin/php-fpm8.2", "-n", "-F",
                "-y", self.folder / "fpm.conf"]

    def connect(self):
        peer = socket.socket(socket.AF_UNIX)
        peer.connect(str(self.socket))
        return peer


class Uwsgi(Application):
    """uWSGI with a WSGI program, behind one of its protocols."""

    name = "uwsgi"

    def __init__(self, *options, protocol="socket"):
        self._options = options
        self._protocol = protocol
        super().__init__()

    def command(self):
        return [self.debs.root / "usr/bin/uwsgi-core",
                "--plugins-dir", self.debs.root / "usr/lib/uwsgi/plugins",
                "--plugin", "python311", "--master", "--die-on-term",
                f"--{self._protocol}", f"127.0.0.1:{self.port}",
                "--wsgi-file", APPS / "environ.wsgi", *self._options]


def run(server, *command, check=True, debs=None, **variables):
    """Run a client, in a folder of the server and at home there."""
    folder = server.root / "cache"
    done = subprocess.run(
        environment.as_ordinary_user(*command), capture_output=True,
        text=True, timeout=60, check=False, cwd=folder,
        stdin=subprocess.DEVNULL,
        env={**environment.process_environment(), "HOME": str(folder),
             **({name: str(value) for name, value in
                 debs.environment.items()} if debs else {}), **variables})
    assert not check or done.returncode == 0, \
        f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
    return done

# SPDX-License-Identifier: Apache-2.0
"""Debian's nginx, HAProxy and Caddy, with the samples of conf/examples/ in which
nothing but ports and files is replaced."""

import re
import socket

from harness import environment, servers
from packages import Debs

EXAMPLES = environment.REPOSITORY / "conf" / "examples"
DEBS = Debs("nginx", "haproxy", "liblua5.3-0", "libopentracing-c-wrapper0",
            "libopentracing1", "caddy")


def sample(name):
    return (EXAMPLES / name).read_text("utf-8")


def verify_conf(port):
    text, count = re.subn(r"(?m)^(Define UPTIME_KEYS_VERIFY ).*$",
                          rf"\g<1>127.0.0.1:{port}",
                          sample("verify.conf"))
    assert count == 1
    return text


class Gateway(servers.Server):
    """It asks httpd at one port, and passes on to an application."""

    files = ()                      # samples, the one that is loaded first
    values = {}                     # replaced in all of them, see of_machine()

    def __init__(self, verify, application, change=lambda text: text):
        self._verify = verify
        self._application = application
        self._change = change
        super().__init__()

    def make(self):
        self.both = self.folder / "both.pem"
        self.both.write_text(self.certificate.read_text()
                             + self.secret_key.read_text())
        environment.give_to_ordinary_user(self.both)

    def of_machine(self):
        """What stands in the place of the sample's ports and files."""
        raise NotImplementedError

    def configure(self):
        wanted = {"127.0.0.1:8089": f"127.0.0.1:{self._verify}",
                  "127.0.0.1:8000": self._application.removeprefix("http://"),
                  **self.of_machine()}
        whole = "".join(sample(name) for name in self.files)
        for old in wanted:
            assert old in whole, f"{old} is not in the sample"
        for name in self.files:
            text = sample(name)
            for old, new in wanted.items():
                text = text.replace(old, str(new))
            (self.folder / name).write_text(self._change(text), "utf-8")

    def command(self):
        self.configure()
        return self.program()

    def program(self):
        raise NotImplementedError

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), 30)

    def _environment(self):
        return {**super()._environment(), "HOME": str(self.folder),
                "LD_LIBRARY_PATH": str(DEBS.environment["LD_LIBRARY_PATH"])}

    def log(self):
        return (self.folder / "log").read_text("utf-8", "replace")


NGINX = """
daemon off;
worker_processes 1;
pid {folder}/pid;
error_log stderr;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/nginx.conf;
}}
"""


class Nginx(Gateway):
    name = "nginx"
    files = ("nginx.conf",)

    def of_machine(self):
        return {"listen 443 ssl": f"listen 127.0.0.1:{self.port} ssl",
                "/etc/ssl/certs/api.example.com.pem": self.certificate,
                "/etc/ssl/private/api.example.com.key": self.secret_key}

    def program(self):
        (self.folder / "main.conf").write_text(
            NGINX.format(folder=self.folder))
        return [DEBS.root / "usr/sbin/nginx", "-e", "stderr",
                "-p", self.folder, "-c", self.folder / "main.conf"]


class Haproxy(Gateway):
    name = "haproxy"
    files = ("haproxy.cfg", "haproxy.lua")

    def of_machine(self):
        return {"bind :443": f"bind 127.0.0.1:{self.port}",
                "/etc/haproxy/api.example.com.pem": self.both,
                "/etc/haproxy/haproxy.lua": self.folder / "haproxy.lua"}

    def program(self):
        return [DEBS.root / "usr/sbin/haproxy", "-db",
                "-f", self.folder / "haproxy.cfg"]


CADDY = """{{
    admin off
    auto_https off
}}
https://127.0.0.1:{port} {{
    tls {certificate} {secret_key}
"""


class Caddy(Gateway):
    name = "caddy"
    files = ("Caddyfile",)

    def of_machine(self):
        return {"api.example.com {\n": CADDY.format(
            port=self.port, certificate=self.certificate,
            secret_key=self.secret_key)}

    def program(self):
        return [DEBS.root / "usr/bin/caddy", "run", "--adapter", "caddyfile",
                "--config", self.folder / "Caddyfile"]


KINDS = {kind.name: kind for kind in (Nginx, Haproxy, Caddy)}

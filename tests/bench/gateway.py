# SPDX-License-Identifier: Apache-2.0
"""nginx in front, which serves the file and asks httpd for each request."""

import sys
from dataclasses import replace
from pathlib import Path

import instructions
import requests
from harness import servers
from rows import (
    AUTHN_DBD,
    BARE,
    BY_KEY,
    CACHED,
    CACHING,
    DBD_SOCACHE,
    Row,
    good_key,
    good_password,
)
from server import CONTENT, PATH, MeasuredHttpd, cores

for folder in ("gateways", "beside"):
    sys.path.append(str(Path(__file__).parents[1] / folder))
from gateways import DEBS       # noqa: E402, pylint: disable=C0413

CONF = """
daemon off;
worker_processes {cores};
pid {folder}/pid;
error_log stderr;
events {{ }}
http {{
    access_log off;
    default_type text/plain;
    keepalive_requests 100000000;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    upstream httpd {{
        server 127.0.0.1:{httpd};
        keepalive 32;
        keepalive_requests 100000000;
    }}
    server {{
        listen 127.0.0.1:{port};
        root {root};
        location / {{
            {asks}
        }}
        location = /ask {{
            internal;
            proxy_pass http://httpd{place};
            proxy_http_version 1.1;
            proxy_pass_request_body off;
            proxy_pass_request_headers off;
            proxy_set_header Connection "";
            proxy_set_header Content-Length "";
            proxy_set_header Authorization $http_authorization;
        }}
    }}
}}
"""
# What nginx asks of an httpd without this module: an empty file.
PLACE = "/empty.txt"


class Nginx(servers.Server):
    name = "nginx"

    def __init__(self, httpd):
        self.httpd = httpd
        super().__init__()

    def make(self):
        """Nothing."""

    def command(self):
        asks = not self.httpd.row.name.startswith("alone")
        (self.folder / "nginx.conf").write_text(CONF.format(
            cores=cores(), folder=self.folder, port=self.port,
            root=self.httpd.root / "htdocs", httpd=self.httpd.port,
            place=PLACE, asks="auth_request /ask;" if asks else ""))
        return [DEBS.root / "usr/sbin/nginx", "-e", "stderr",
                "-p", self.folder, "-c", self.folder / "nginx.conf"]

    def connect(self):
        return requests.get(self.url, timeout=10)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}{PATH}"

    def _environment(self):
        return {**super()._environment(), **{
            name: str(value) for name, value in DEBS.environment.items()}}


class AskedHttpd(MeasuredHttpd):
    """httpd behind nginx; the load, and its CPU time, are those of both."""

    def __init__(self, row, processes):
        super().__init__(row, processes)
        self.write("htdocs" + PLACE, "")
        self.nginx = None

    def start(self, **options):
        super().start(**options)
        self.nginx = Nginx(self).start()
        return self

    def stop(self):
        if self.nginx:
            self.nginx.remove()
        super().stop()

    @property
    def url(self):
        return self.nginx.url

    def sessions(self):
        return {*super().sessions(), self.nginx.pid}

    def assert_right(self):
        """Without a key nginx must refuse, unless it asks for none."""
        needs = bool(self.row.authorization)
        for headers, status in ((self.headers, 200),
                                ({}, 401 if needs else 200)):
            answer = requests.get(self.url, headers=headers, timeout=10)
            assert answer.status_code == status, \
                f"{self.row.name}: the answer is {answer.status_code}"
            assert status != 200 or answer.text == CONTENT
        assert not self.complaints(), "\n".join(self.complaints())


def row(name, title, *arguments, **options):
    return Row(name, title, *arguments, kind=AskedHttpd, **options)


KEY = "    SetHandler uptime-keys-verify\n" + BY_KEY
SOCACHE = AUTHN_DBD + ("authn_socache", "socache_shmcb")


def rows():
    yield row("alone", "200, nginx alone", BARE, "    Require all granted\n")
    yield row("asking", "200, `auth_request` to httpd, `Require all granted`",
              BARE, "    Require all granted\n", "alone")
    yield row("socache", "200, `auth_request` to mod_authn_dbd and "
              "mod_authn_socache", SOCACHE, DBD_SOCACHE, "alone", 200,
              "sqlite3", good_password, "AuthnCacheEnable\n")
    yield row("keys", "200, `auth_request` to `SetHandler uptime-keys-verify`, "
              "`UptimeKeysCache On`", CACHED, KEY, "alone", 200, "sqlite3",
              good_key, CACHING)
    yield row("keys-socache", "the same, beside mod_authn_socache", CACHED, KEY,
              "socache", 200, "sqlite3", good_key, CACHING)


def instructions_of_httpd():
    """A table of httpd's part, counted without nginx: what is asked in the
    place of this module's is the file of 1 KiB."""
    lines = ["| httpd's part | instructions |", "| --- | ---: |"]
    for one in rows():
        if one.name in ("asking", "socache", "keys"):
            status = 204 if one.name == "keys" else 200
            count = instructions.per_request(
                replace(one, kind=None, status=status))
            lines.append(f"| {one.title} | {count:,.0f} |")
    return "\n".join(lines) + "\n"

# SPDX-License-Identifier: Apache-2.0
"""The interfaces to applications, each with one application that answers with
all that it sees, and the search for a key in what it saw."""

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass

import page
from beside import (
    APPS,
    BesideHttpd,
    PhpFpm,
    PreforkHttpd,
    Uwsgi,
    bundled,
    load,
)
from packages import MODULE_DEBS
from page import shown, shown_all
from tomcat import Tomcat

SECTION = "What an application sees"
# Error documents are here; it is open to all.
OPEN = "/app/open"
# What administrators write to give the header to PHP; in the server's own
# configuration it comes before authentication.  mod_rewrite traces it.
COPIES = "LogLevel rewrite:info\n" + shown(SECTION, 1)


@dataclass(frozen=True)
class Interface:
    name: str                       # also its heading in the page
    load: str
    others: dict                    # see page.shown()
    kind: type = BesideHttpd
    behind: Callable = None         # makes the server behind httpd
    states: bool = True             # its program always states a status
    logs: tuple = ()                # what it logs and is of no account
    known_as: str = "UPTIME_KEY_ID"

    def config(self, behind=None):
        """What the page shows: the interface, and what ForwardKey needs."""
        others = dict(self.others)
        if behind and behind.listens_on_port:
            others["port"] = behind.port
        return "\n".join([self.load, shown_all(self.name, **others),
                          places()])

    # What its application saw.

    def seen(self, answer):
        """The variables, and the headers by the names of variables."""
        told = answer.json()
        headers = {"HTTP_" + name.upper().replace("-", "_"): value for
                   name, value in (told.get("headers") or {}).items()}
        return {**headers, **told["environment"]}

    def identity(self, answer):
        return self.seen(answer).get(self.known_as)

    def names(self, answer, found):
        """The names, as the page lists them, of values that are found()."""
        return {name for name, value in self.seen(answer).items()
                if found(str(value))}


def places():
    """The place in the page, and those that differ from it in one way."""
    key = shown(SECTION).replace(
        "</Location>", "    ErrorDocument 401 /open/error?status=401\n"
        "    ErrorDocument 403 /open/error?status=403\n</Location>")
    basic = key.replace("AuthType uptime-key",
                        "AuthType Basic\n    AuthBasicProvider uptime-key")
    return "".join(
        place.replace("/app/", f"/app/{name}/")
        + f'<Location "/app/{name}/forwarded">\n'
          "    UptimeKeysForwardKey On\n"
          # mod_proxy_fcgi traces what it sends.
          "    LogLevel debug\n</Location>\n"
        for name, place in (("key", key), ("basic", basic), (
            "forgetful", key.replace("?status=", "?forgetful=")))
    ).replace("/open/error", OPEN)


def php_fpm(behind):
    """Debian's configuration, for a socket of ours."""
    file = MODULE_DEBS.root / "etc/apache2/conf-available/php8.2-fpm.conf"
    text, count = re.subn("/run/php/php8.2-fpm.sock", str(behind.socket),
                          file.read_text())
    assert count == 2 and "SetEnvIfNoCase ^Authorization$" in text
    return text


PHP_FILE = f'AliasMatch "^/app/" "{APPS}/environ.php"\n'
APPS_OPEN = f'<Directory "{APPS}">\n    Require all granted\n</Directory>\n'
INTERFACES = [
    Interface("CGI", "", {"app": "${ROOT}/app", "program": "environ.cgi"},
              states=False),
    Interface("mod_php", APPS_OPEN + PHP_FILE + load("php", "libphp8.2"),
              {"apache": "${DEBIAN}/etc/apache2"}, kind=PreforkHttpd,
              states=False),
    Interface("PHP-FPM", APPS_OPEN + PHP_FILE + bundled("proxy_fcgi"),
              {"apache": "${ROOT}/conf"}, behind=PhpFpm, states=False),
    Interface("mod_perl", load("perl"),
              {"app": APPS, "program": "Environ"}, states=False,
              # It is asked for a Basic password where there is no AuthName.
              logs=("AH00572",)),
    Interface("mod_wsgi", APPS_OPEN + load("wsgi")
              + "\nWSGISocketPrefix ${ROOT}/run/wsgi",
              {"app": APPS, "program": "environ"}),
    Interface("mod_fcgid", APPS_OPEN + PHP_FILE + load("fcgid")
              + "\nFcgidIPCDir ${ROOT}/run"
              + "\nFcgidProcessTableFile ${ROOT}/run/fcgid",
              {"php_cgi": "${DEBIAN}/usr/bin/php-cgi8.2"}, states=False),
    Interface("mod_proxy_uwsgi", bundled("proxy_uwsgi"), {}, behind=Uwsgi),
    Interface("mod_uwsgi", load("uwsgi"), {},
              behind=lambda: Uwsgi("--cgi-mode")),
    Interface("mod_proxy_scgi", bundled("proxy_scgi"), {},
              behind=lambda: Uwsgi(protocol="scgi-socket")),
    Interface("mod_proxy_ajp", bundled("proxy_ajp"),
              {"ajp_secret": Tomcat.SECRET}, behind=Tomcat,
              known_as="HTTP_X_UPTIME_KEY_ID"),
]

# A secret as a client sends it in Basic credentials may stand anywhere in
# base64, and httpd or an application may have taken it apart.
BASE64 = re.compile(r"[A-Za-z0-9+/]{24,}")


def listed(names):
    """A cell of the page's table."""
    return ", ".join(f"`{name}`" for name in sorted(names)) or "–"


def row(interface):
    """The row of this interface in the page's table."""
    (line,) = re.findall(rf"(?m)^\| {re.escape(interface.name)} \| (.*) \|$",
                         page.PAGE.read_text("utf-8"))
    return line


def holds(text, key):
    """Whether a text contains a key or its end, plainly or in base64."""
    end = str(key)[-40:]
    return end in text or any(end in decoded(run) for run in
                              BASE64.findall(text.replace("\\/", "/")))


def decoded(run):
    run = run[:len(run) // 4 * 4]
    return base64.b64decode(run).decode("latin-1")

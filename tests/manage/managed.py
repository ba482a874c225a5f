# SPDX-License-Identifier: Apache-2.0
"""A private httpd with management endpoints, and clients of them."""

import base64
import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path

from description import Description
from harness import Httpd, Key, raw
from harness.answers import assert_problem
from harness.database import now_ms

LOCATIONS = (Path(__file__).parent / "locations.conf").read_text("utf-8")

BASIC = "/team/keys"           # AuthType Basic
KEYS = "/api/v1/keys"           # AuthType uptime-key, Require valid-user
SCOPED = "/scoped/keys"         # the same, Require uptime-scope
OPEN = "/open/keys"             # Require all granted
BROKEN = "/broken/keys"         # httpd fails before the handler runs
ESCAPED = "/set%20tings/%c3%bc%7bx%7d/keys"
FORGED = "/matched/%0d%0aX:1/keys"      # matches a LocationMatch
BASES = (BASIC, KEYS, SCOPED, OPEN, "/open/basic/keys", "/open/key/keys",
         "/pretended/keys", "/pinned/keys", "/pinned/api/keys",
         "/pinned/nowhere/keys", "/nested/a/b/keys", "/matched/one/keys",
         "/matched/two/keys", "/basic-key/keys", "/problems/keys",
         "/only-olga/keys", BROKEN, ESCAPED, FORGED)

# Team: its members and their roles.  Sam is an admin of two teams, Sue a
# member of the first and an admin of the second, Otto in no team.
TEAMS = {
    "acme": {"olga": "owner", "adam": "admin", "mia": "member",
             "sam": "admin", "sue": "member"},
    "beta": {"bert": "owner", "sam": "admin", "sue": "admin"},
    "zeta": {"zoe": "owner"},
}
USERS = ("olga", "adam", "mia", "otto", "bert", "sam", "sue", "zoe",
         "key_01jzzzzzzzzzzzzzzzzzzzzzzz")

# Of uptime_keys, without last uses.
COLUMNS = ("id", "team_id", "slot", "name", "scopes", "created_at",
           "created_by", "expires_at", "addresses", "disabled_at",
           "disabled_reason", "key_prefix", "previous_prefix",
           "previous_ends_at", "key_hash", "previous_hash")

SAFETY_HEADERS = {"Cache-Control": "no-store",
                  "X-Content-Type-Options": "nosniff",
                  "Referrer-Policy": "no-referrer"}


def password(user):
    return f"{user}'s password"


def basic(user):
    """The value of the user's Authorization header."""
    return "Basic " + base64.b64encode(
        f"{user}:{password(user)}".encode()).decode()


def key_spec(**changes):
    """The body of a request to create a key; ... leaves a field out."""
    members = {"name": "a key", "scopes": ["monitors:read"], **changes}
    return {name: value for name, value in members.items()
            if value is not ...}


def iso(milliseconds):
    return datetime.fromtimestamp(
        milliseconds / 1000, timezone.utc).isoformat()


class ManagedHttpd(Httpd):
    """Checks every answer of a management endpoint."""

    def __init__(self, config="", **options):
        super().__init__(LOCATIONS + config, **options)
        self.write("conf/passwords", "".join(map(_password_line, USERS)))
        self._description = None

    def start(self):
        super().start()
        if self._description is None:
            answer = super().request("GET", BASIC + "/openapi.json",
                                     auth=("olga", password("olga")))
            assert answer.status_code == 200, answer.text
            self._description = Description(answer.json())
        else:
            # httpd does not react to signals before a child answers.
            self.get("/t/x")
        return self

    def reset(self):
        """Remove keys and audit rows; restore the members of TEAMS."""
        database = self.database
        for table in ("keys", "members", "teams", "audit"):
            database.execute(f"DELETE FROM uptime_{table}")
        database.execute(
            "INSERT INTO uptime_teams (id, name, created_at) VALUES " +
            ", ".join(f"('{team}', '{team}', {now_ms()})" for team in TEAMS))
        database.execute(
            "INSERT INTO uptime_members (team_id, user_name, role) VALUES " +
            ", ".join(f"('{team}', '{user}', '{role}')"
                      for team, members in TEAMS.items()
                      for user, role in members.items()))

    def request(self, method, path, key=None, headers=None, **options):
        answer = super().request(method, path, key, headers, **options)
        self.judge(method, path, answer, options.get("json"))
        return answer

    def exchange(self, data, methods=("GET",), paths=()):
        """As in Httpd; the answers are checked as those of paths."""
        answers = raw.exchange(self.port, data, methods)
        for method, path, answer in zip(methods, paths, answers):
            self.judge(method, path, answer)
        return answers

    def judge(self, method, path, answer, body=None):
        base = self._base(path)
        if base is None:
            return
        for name, value in SAFETY_HEADERS.items():
            assert value in answer.headers.get(name, ""), \
                f"{answer.status_code} to {method} {path}: no {name}"
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            return      # tests/browser checks pages
        if answer.status_code in (200, 201) and method == "POST":
            self.keep_secret(answer.json()["data"]["key"])
        self._description.check(method, path[len(base):], answer, body)

    @staticmethod
    def _base(path):
        """The management location of a path, or None."""
        return next((base for base in BASES if path == base
                     or path.startswith((base + "/", base + "?"))), None)

    def rows(self):
        """Every key as it is stored, but for last uses, by its id."""
        return {row[0]: tuple(row) for row in self.database.rows(
            f"SELECT {', '.join(COLUMNS)} FROM uptime_keys")}

    def set_columns(self, key, **columns):
        """Change a key by plain SQL."""
        self.database.execute(
            "UPDATE uptime_keys SET "
            + ", ".join(f"{name} = ?" for name in columns) + " WHERE id = ?",
            *columns.values(), key.id)

    def slots(self, team="acme"):
        return [slot for slot, in self.database.rows(
            "SELECT slot FROM uptime_keys WHERE team_id = ? ORDER BY slot",
            team)]


def _password_line(user):
    digest = hashlib.sha1(password(user).encode()).digest()
    return f"{user}:{{SHA}}{base64.b64encode(digest).decode()}\n"


@dataclass(frozen=True)
class Client:
    """A user, or a program with a key, at one management location."""

    server: ManagedHttpd
    user: str = None
    key: object = None
    location: str = None
    query: str = ""

    @property
    def base(self):
        return self.location or (KEYS if self.key else BASIC)

    def at(self, location, query=""):
        return replace(self, location=location, query=query)

    def asking(self, query):
        """The same client, with a query string on every request."""
        return replace(self, query="?" + query)

    def call(self, method, path="", **options):
        if self.user:
            options["auth"] = (self.user, password(self.user))
        return self.server.request(method, self.base + path + self.query,
                                   self.key, **options)

    def list(self):
        return self.call("GET")

    def read(self, key_id):
        return self.call("GET", f"/{key_id}")

    def delete(self, key_id):
        return self.call("DELETE", f"/{key_id}")

    def create(self, **changes):
        return self.call("POST", json=key_spec(**changes))

    def change(self, key_id, headers=None, **members):
        return self.call("PATCH", f"/{key_id}", json=members, headers=headers)

    def patch(self, key_id, data, content_type="application/json"):
        """Change a key with any body."""
        return self.call("PATCH", f"/{key_id}", data=data,
                         headers={"Content-Type": content_type})

    def rotate(self, key_id, **members):
        """Without members there is no body."""
        return self.call("POST", f"/{key_id}/rotate", json=members or None)

    def renew(self, key, **members):
        """Rotate a key; returns it with its new secret, and the answer's
        data."""
        answer = self.rotate(key.id, **members)
        assert answer.status_code == 200, answer.text
        data = answer.json()["data"]
        return replace(key, text=data["key"]), data

    def show(self, key):
        """The key as the API shows it."""
        answer = self.read(key.id)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]["apiKey"]

    def post(self, data, content_type="application/json", headers=None):
        """Create with any body."""
        headers = {"Content-Type": content_type, **(headers or {})}
        return self.call("POST", data=data, headers=headers)

    def make(self, **changes):
        """Create a key; returns it."""
        answer = self.create(**changes)
        assert answer.status_code == 201, answer.text
        data = answer.json()["data"]
        api_key = data["apiKey"]
        (team,), = self.server.database.rows(
            "SELECT team_id FROM uptime_keys WHERE id = ?", api_key["id"])
        return Key(data["key"], api_key["id"], team, api_key["name"],
                   tuple(api_key["scopes"]))

    def keys(self):
        """The keys in the list."""
        answer = self.list()
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]["apiKeys"]


def pointers(problem):
    """The fields that a validation error names."""
    for error in problem["errors"]:
        assert set(error) == {"pointer", "code", "message"}
        assert all(isinstance(value, str) for value in error.values())
        assert error["code"] and error["message"]
    found = [error["pointer"] for error in problem["errors"]]
    assert len(found) == len(set(found)), found
    return set(found)


def assert_invalid(answer, *expected):
    """Assert a 400 that names exactly these fields; returns the problem."""
    problem = assert_problem(answer, 400, name="validation-error")
    assert pointers(problem) == set(expected)
    return problem

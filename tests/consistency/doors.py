# SPDX-License-Identifier: Apache-2.0
"""The doors by which clients write: the servers, the tool, and plain SQL.

A door is the number of a server, "tool" or "sql".
"""

import json
import tempfile
from datetime import datetime, timezone

from harness import environment
from harness.database import now_ms
from harness.keys import key_hash, make_key
from history import NO_ANSWER

TOOL, SQL = "tool", "sql"
MERGE_PATCH = "application/merge-patch+json"
COLUMNS = {"scopes": "scopes", "expiresAt": "expires_at",
           "addresses": "addresses"}
# As the module does it.
ROTATE = """
UPDATE uptime_keys SET previous_hash = key_hash, previous_prefix = key_prefix,
    previous_used_at = last_used_at, previous_ends_at = ?, key_hash = ?,
    key_prefix = ?, last_used_at = NULL, disabled_at = NULL,
    disabled_reason = NULL WHERE id = ?
"""


def name_of(door):
    return door if door in (TOOL, SQL) else f"server {door}"


class Doors:
    """Those of one client.  Each operation returns a status; 200 if it was
    confirmed."""

    def __init__(self, workload, connections):
        self._database = workload.pair.database
        self._admin = workload.admin
        self._connections = connections

    def sql(self, statement, *values):
        try:
            self._database.execute(statement, *values)
            return 200
        except Exception:       # pylint: disable=broad-except
            return NO_ANSWER    # each module has errors of its own

    def tool(self, *arguments):
        return self._tool(*arguments)[0]

    def _tool(self, *arguments):
        done = self._database.tool(*arguments, check=False)
        return (200 if done.returncode == 0 else NO_ANSWER), done.stdout

    def _ask(self, door, method, path, body=None, **options):
        status, _, data = self._connections.ask(
            door, method, path, self._admin,
            None if body is None else json.dumps(body), **options)
        return status, json.loads(data)["data"] if status == 200 else None

    def delete(self, door, kind, name):
        """Delete a key or a team; a team not by a server."""
        if door == TOOL:
            return self.tool(kind, "delete", name)
        if door == SQL:
            return self.sql(f"DELETE FROM uptime_{kind}s WHERE id = ?", name)
        return self._ask(door, "DELETE", f"/keys/{name}")[0]

    def change(self, door, key, member, value):
        """Give a member of K another value: an instant in milliseconds, an
        array, or None."""
        if door == SQL:
            is_array = isinstance(value, list)
            return self.sql(
                f"UPDATE uptime_keys SET {COLUMNS[member]} = ? WHERE id = ?",
                json.dumps(value) if is_array else value, key.id)
        if door == TOOL:
            return self.tool("key", "edit", key.id, *options(member, value))
        return self._patch(door, key, {member: rfc3339(value)
                                       if isinstance(value, int) else value})

    def _patch(self, door, key, body):
        return self._ask(door, "PATCH", f"/keys/{key.id}", body,
                         content_type=MERGE_PATCH)[0]

    def disable(self, door, key, reason="manual"):
        if door == SQL:
            return self.sql(
                "UPDATE uptime_keys SET disabled_at = ?, disabled_reason = ? "
                "WHERE id = ?", now_ms(), reason, key.id)
        if door == TOOL:
            return self.tool("key", "disable", key.id)
        return self._patch(door, key, {"disabled": True})

    def enable(self, door, key):
        if door == SQL:
            return self.sql(
                "UPDATE uptime_keys SET disabled_at = NULL, "
                "disabled_reason = NULL WHERE id = ?", key.id)
        if door == TOOL:
            return self.tool("key", "enable", key.id)
        return self._patch(door, key, {"disabled": None})

    def rotate(self, door, key, overlap):
        """Status, the new secret, and when the old one ends in milliseconds;
        None for what is not known."""
        if door == SQL:
            text, ends = make_key(), now_ms() + overlap * 1000
            return self.sql(ROTATE, ends, key_hash(text), text[:15],
                            key.id), text, ends
        if door == TOOL:
            status, text = self._tool(
                "key", "rotate", key.id, "--overlap", f"{overlap}s",
                "--if-prefix", key.text[:15])
            return status, text.strip() or None, None
        status, data = self._ask(
            door, "POST", f"/keys/{key.id}/rotate",
            {"overlapSeconds": overlap, "ifPrefix": key.text[:15]})
        if status != 200:
            return status, None, None
        previous = data["apiKey"].get("previous", {})
        return status, data["key"], previous.get("endsAt")

    def replace(self, key, text):
        """Give a key another secret, and none that is the previous one."""
        return self.sql(
            "UPDATE uptime_keys SET key_hash = ?, key_prefix = ? "
            "WHERE id = ?", key_hash(text), text[:15], key.id)

    def leak(self, door, key, text):
        if door == SQL:
            if text == key.text:
                return self.disable(SQL, key, "leaked")
            return self.sql("UPDATE uptime_keys SET previous_ends_at = ? "
                            "WHERE id = ?", now_ms(), key.id)
        if door == TOOL:
            return self._leak_by_tool(text)
        status, _, _ = self._connections.ask(
            door, "POST", "/leaked", self._admin,
            json.dumps({"credentials": [text]}))
        return 200 if status == 202 else status

    def _leak_by_tool(self, text):
        with tempfile.NamedTemporaryFile("w") as file:
            file.write(f"a paste with {text} in it\n")
            file.flush()
            environment.give_to_ordinary_user(file.name)
            return self.tool("key", "leaked", file.name)


def options(member, value):
    """Those of `key edit`."""
    if member == "expiresAt":
        return "--expires", "never" if value is None else rfc3339(value)
    if member == "addresses" and not value:
        return "--address", "any"
    option = "--scope" if member == "scopes" else "--address"
    return [word for one in value for word in (option, one)]


def rfc3339(instant):
    return datetime.fromtimestamp(instant // 1000, timezone.utc).strftime(
        f"%Y-%m-%dT%H:%M:%S.{instant % 1000:03}Z")

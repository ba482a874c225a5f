# SPDX-License-Identifier: Apache-2.0
"""The checksum in a key, and imported keys that have none."""

import hashlib
import re
import secrets
import zlib

import pytest
from harness import (
    UK_ANY,
    assert_refused,
    assert_unavailable,
    eventually,
    make_key,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

GUARD = """
<Location "/t/">
    AuthType uptime-key
    AuthName "Uptime"
    Require uptime-scope monitors:read
</Location>
"""


HOSTS = """
UptimeKeysRequireChecksum Off
<VirtualHost *:${PORT}>
    ServerName 127.0.0.1
    UptimeKeysMaxPerTeam 5
</VirtualHost>
<VirtualHost *:${PORT}>
    ServerName strict.example
    UptimeKeysRequireChecksum On
</VirtualHost>
"""


@pytest.fixture(scope="module")
def strict(new_httpd):
    return new_httpd(GUARD)


@pytest.fixture(scope="module")
def lenient(new_httpd):
    return new_httpd(GUARD + HOSTS)


@pytest.fixture(scope="module")
def key(strict):
    return strict.database.create_key("monitors:read")


def let_in(server, key):
    """Ask with an imported key; its use is written before a later test can keep
    that from succeeding."""
    assert server.get("/t/x", key).status_code == 200
    eventually(lambda: server.database.last_used(key))


def foreign_key():
    """A key of 64 random digits without a checksum, as Uptime itself makes
    them."""
    while True:
        text = "uptime_" + secrets.token_hex(32)
        if text[63:] != "%08x" % zlib.crc32(text[:63].encode()):
            return text


def test_tool_prints_the_key_alone_and_its_checksum_is_zlibs(strict):
    done = strict.database.tool("key", "create", "acme", "--name", "n",
                                "--scope", "monitors:read")
    assert re.fullmatch(r"uptime_[0-9a-f]{64}\n", done.stdout)
    text = done.stdout.strip()
    strict.keep_secret(text)
    assert text[63:] == "%08x" % zlib.crc32(text[:63].encode())


def test_stored_is_the_sha256_of_the_text_and_never_the_text(strict):
    key = strict.database.create_key("monitors:read")
    ((stored, prefix),) = strict.database.rows(
        "SELECT key_hash, key_prefix FROM uptime_keys WHERE id = ?", key.id)
    assert stored == hashlib.sha256(key.text.encode()).hexdigest()
    assert prefix == key.text[:15]
    assert re.fullmatch(r"key_[0-7][0-9a-hjkmnp-tv-z]{25}", key.id)
    for path in (strict.root / "db").iterdir():
        assert key.text[15:].encode() not in path.read_bytes()


@pytest.mark.mpm
def test_imported_key_without_checksum_needs_the_directive(strict, lenient):
    text = foreign_key()
    strict.database.import_key("monitors:read", text=text)
    assert strict.get("/t/x", text).status_code == 401
    let_in(lenient, lenient.database.import_key("monitors:read", text=text))


def test_virtual_host_inherits_the_directive_or_has_its_own(lenient):
    key = lenient.database.import_key("monitors:read", text=foreign_key())
    for host, status in (("127.0.0.1", 200), ("strict.example", 401)):
        answer = lenient.get("/t/x", key, headers={"Host": host})
        assert answer.status_code == status


def test_imported_key_with_checksum_works_either_way(strict, lenient):
    for server in (strict, lenient):
        let_in(server, server.database.import_key("monitors:read"))


def test_old_key_without_checksum_works_where_that_is_allowed(lenient):
    zeros = "uptime_" + 64 * "0"
    assert_refused(lenient.get("/t/x", zeros), 401, "invalid_token")
    let_in(lenient, lenient.database.import_key("monitors:read", text=zeros))


SEALED = make_key()
NOT_THE_SHAPE = {
    "63 digits": SEALED[:-1],
    "65 digits": SEALED + "0",
    "upper case": SEALED.upper(),
    "upper-case digits": "uptime_" + SEALED[7:].upper(),
    "another name": "uptimes" + SEALED[7:],
    "not a digit": SEALED[:40] + "g" + SEALED[41:],
    "digits alone": SEALED[7:],
    "junk": "junk",
}


@pytest.mark.parametrize("text", [foreign_key(), *NOT_THE_SHAPE.values()],
                         ids=["wrong checksum", *NOT_THE_SHAPE])
def test_what_cannot_be_a_key_never_asks_the_database(strict, text):
    with strict.database.unavailable():
        answer = strict.get("/t/x", text)
    assert_refused(answer, 401, "invalid_token")


@pytest.mark.parametrize("text", NOT_THE_SHAPE.values(), ids=NOT_THE_SHAPE)
def test_shape_counts_without_checksums_too(lenient, text):
    with lenient.database.unavailable():
        answer = lenient.get("/t/x", text)
    assert_refused(answer, 401, "invalid_token")


def test_without_checksums_every_shape_asks_the_database(lenient):
    lenient.expect_log(UK_ANY)
    with lenient.database.unavailable():
        assert_unavailable(lenient.get("/t/x", foreign_key()))


@settings(max_examples=60, deadline=None, derandomize=True, database=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(7, 70), digit=st.sampled_from("0123456789abcdefABCDEFg"))
def test_one_changed_character_makes_a_bad_key(strict, key, at, digit):
    """CRC-32 detects every change of a single digit."""
    changed = key.text[:at] + digit + key.text[at + 1:]
    status = strict.get("/t/x", changed).status_code
    assert status == (200 if changed == key.text else 401)

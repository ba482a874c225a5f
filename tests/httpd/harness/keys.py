# SPDX-License-Identifier: Apache-2.0
"""The format of a key, implemented again."""

import hashlib
import secrets
import zlib

PREFIX = "uptime_"


def seal(random_digits):
    """A key from its 56 random digits, with prefix and checksum."""
    body = PREFIX + random_digits
    return body + "%08x" % zlib.crc32(body.encode())


def make_key():
    """A well-formed key that is in no database."""
    return seal(secrets.token_hex(28))


def key_digits(text):
    return text[len(PREFIX):]


def key_hash(text):
    return hashlib.sha256(text.encode()).hexdigest()

# SPDX-License-Identifier: Apache-2.0
"""The wire form of a key, written again from the contract's section 2."""

import hashlib
import secrets
import zlib

PREFIX = "uptime_"


def seal(random_digits):
    """A key text: 56 digits and their checksum."""
    body = PREFIX + random_digits
    return body + "%08x" % zlib.crc32(body.encode())


def make_key():
    """A well-formed key that no database knows."""
    return seal(secrets.token_hex(28))


def key_digits(text):
    return text[len(PREFIX):]


def key_hash(text):
    return hashlib.sha256(text.encode()).hexdigest()

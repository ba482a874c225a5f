# SPDX-License-Identifier: Apache-2.0
"""JSON bodies of a request to create a key: accepted, refused, too large."""

import json

import pytest
from harness.answers import assert_problem
from managed import assert_invalid, key_spec

GOOD = json.dumps(key_spec()).encode()
LIMIT = 65536


def with_member(text):
    """A good spec and one more member, as it is written."""
    return GOOD[:-1] + b", " + text + b"}"


def nested(depth, opening=b"[", closing=b"]"):
    return opening * depth + closing * depth


def padded(size, filler=b" "):
    return GOOD + filler * (size - len(GOOD))


ACCEPTED = {
    "as it is": GOOD,
    "white space around": b" \t\r\n" + GOOD + b" \t\r\n",
    "new line behind": GOOD + b"\n",
    "escapes": rb'{"n\u0061me": "\u0061 \ud83d\udd11 \"\\\/\b"}'.replace(
        rb"\b", b"")[:-1] + b', "scopes": ["monitors\\u003aread"]}',
    "unknown member": with_member(b'"x": [1, 2.5e3, true, null, {"y": ""}]'),
    "empty name of a member": with_member(b'"": 1'),
    "nested a little": with_member(b'"x": ' + nested(10)),
    "same name at another depth": with_member(
        b'"x": {"name": "", "scopes": []}'),
    "names that differ in case": with_member(b'"Name": "", "SCOPES": 5'),
    "negative zero": with_member(b'"x": -0'),
}


@pytest.mark.parametrize("body", ACCEPTED.values(), ids=ACCEPTED)
def test_document_is_understood(server, olga, body):
    answer = olga.post(body)
    assert answer.status_code == 201, answer.text
    assert answer.json()["data"]["apiKey"]["scopes"] == ["monitors:read"]


NOT_JSON = {
    "empty": b"",
    "white space": b" \n",
    "a word": b"key",
    "cut off": GOOD[:-1],
    "cut off in a text": GOOD[:12],
    "trailing brace": GOOD + b"}",
    "trailing comma": GOOD + b",",
    "trailing word": GOOD + b" x",
    "trailing NUL": GOOD + b"\0",
    "another document": GOOD + GOOD,
    "another document on its own line": GOOD + b"\n" + GOOD,
    "trailing comment": GOOD + b"// that is all",
    "comment": with_member(b'/* c */ "x": 1'),
    "comma before the brace": GOOD[:-1] + b",}",
    "comma in a list": with_member(b'"x": [1,]'),
    "single quotes": GOOD.replace(b'"', b"'"),
    "no quotes": b"{name: 1}",
    "no colon": b'{"name" "a"}',
    "NaN": with_member(b'"x": NaN'),
    "Infinity": with_member(b'"x": Infinity'),
    "leading zero": with_member(b'"x": 01'),
    "plus": with_member(b'"x": +1'),
    "hexadecimal": with_member(b'"x": 0x10'),
    "True": with_member(b'"x": True'),
    "new line in a text": with_member(b'"x": "a\nb"'),
    "tab in a text": with_member(b'"x": "a\tb"'),
    "NUL in a text": with_member(b'"x": "a\0b"'),
    "NUL before": b"\0" + GOOD,
    "NUL in the name": rb'{"name": "a\u0000b", "scopes": ["monitors:read"]}',
    "NUL is the name": rb'{"name": "\u0000", "scopes": ["monitors:read"]}',
    "NUL behind a scope":
        rb'{"name": "a", "scopes": ["monitors:read\u0000"]}',
    "NUL behind an instant":
        with_member(rb'"expiresAt": "2030-01-01T00:00:00Z\u0000"'),
    "unknown escape": with_member(rb'"x": "\x41"'),
    "half an escape": with_member(rb'"x": "\u00"'),
    "lone high surrogate": rb'{"name":"\ud800","scopes":["monitors:read"]}',
    "lone low surrogate": rb'{"name":"\udc00","scopes":["monitors:read"]}',
    "surrogates the wrong way round":
        rb'{"name":"\udd11\ud83d","scopes":["monitors:read"]}',
    "high surrogate and a letter":
        rb'{"name":"\ud83dx","scopes":["monitors:read"]}',
    "lone surrogate in an unknown member": with_member(rb'"x": "\ud800"'),
    "name twice": with_member(b'"name": "another"'),
    "scopes twice": with_member(b'"scopes": ["alerts:read"]'),
    "the same name twice": with_member(b'"name": "a key"'),
    "name twice, escaped": with_member(rb'"n\u0061me": "another"'),
    "expiry twice": with_member(
        b'"expiresAt": "2030-01-01T00:00:00Z", "expiresAt": null'),
    "unknown member twice": with_member(b'"x": 1, "x": 1'),
    "twice inside": with_member(b'"x": {"y": 1, "y": 2}'),
    "twice inside a list": with_member(b'"x": [{"y": {}, "y": {}}]'),
    "byte above 127": GOOD.replace(b"a key", b"a \xff key"),
    "Latin-1": GOOD.replace(b"a key", "clé".encode("latin-1")),
    "cut off character": GOOD.replace(b"a key", b"a \xe2\x82"),
    "lone continuation": GOOD.replace(b"a key", b"\x80"),
    "overlong NUL": GOOD.replace(b"a key", b"a\xc0\x80"),
    "overlong slash": GOOD.replace(b"a key", b"a\xe0\x80\xaf"),
    "surrogate in UTF-8": GOOD.replace(b"a key", b"a\xed\xa0\x80"),
    "above U+10FFFF": GOOD.replace(b"a key", b"a\xf4\x90\x80\x80"),
    "bad UTF-8 in an unknown member": with_member(b'"x": "\xff"'),
    "bad UTF-8 in an unknown name": with_member(b'"\xff": 1'),
    "bad UTF-8 outside of texts": GOOD + b"\xff",
    "BOM": b"\xef\xbb\xbf" + GOOD,
    "UTF-16": GOOD.decode().encode("utf-16"),
    "UTF-16, big end first": GOOD.decode().encode("utf-16-be"),
    "UTF-32": GOOD.decode().encode("utf-32-le"),
    "form": b"name=a+key&scopes=monitors:read",
    "gzip": b"\x1f\x8b\x08\x00" + b"\0" * 16,
    "open brackets": b"[" * 60000,
    "open braces": b'{"a":' * 12000,
    "deep list": nested(30000),
    "deep member": with_member(b'"x": ' + nested(30000)),
    "deep objects": with_member(
        b'"x": ' + nested(9000, b'{"a":', b"}").replace(b":}", b":1}", 1)),
    "3000 deep": with_member(b'"x": ' + nested(3000)),
    "closing brackets": GOOD + b"]" * 60000,
}


@pytest.mark.parametrize("body", NOT_JSON.values(), ids=NOT_JSON)
def test_what_is_not_one_clean_document_is_refused(server, olga, body):
    assert_problem(olga.post(body), 400)
    assert server.slots() == []


@pytest.mark.parametrize("body", [
    b"null", b"true", b"5", b'"name"', b"[]", b"[" + GOOD + b"]", b"1e5",
])
def test_document_that_is_no_object_is_refused(server, olga, body):
    answer = olga.post(body)
    problem = answer.json()
    if problem["type"].endswith(":validation-error"):
        assert_invalid(answer, "")
    else:
        assert_problem(answer, 400)
    assert server.slots() == []


def test_empty_object_lacks_what_is_needed(olga):
    assert_invalid(olga.post(b"{}"), "/name", "/scopes")


@pytest.mark.parametrize("number", [
    b"1e999", b"-1e999", b"9" * 400, b"-" + b"9" * 400, b"1e-999",
    b"0." + b"1" * 5000, b"9223372036854775808", b"1e" + b"9" * 50,
])
def test_huge_number_does_no_harm(server, olga, number):
    answer = olga.post(with_member(b'"x": ' + number))
    if answer.status_code != 201:
        assert_problem(answer, 400)
    answer = olga.post(with_member(b'"expiresAt": ' + number))
    assert answer.status_code == 400
    assert len(server.slots()) <= 1


# Sizes

@pytest.mark.parametrize("body", [
    padded(LIMIT), padded(LIMIT, b"\n"),
    with_member(b'"x": "' + b"y" * (LIMIT - len(GOOD) - 9) + b'"'),
], ids=["spaces", "lines", "long member"])
def test_64_kilobytes_are_read(server, olga, body):
    assert len(body) == LIMIT
    assert olga.post(body).status_code == 201
    assert olga.post(iter([body[:1000], body[1000:]])).status_code == 201


@pytest.mark.parametrize("body", [
    padded(LIMIT + 1), b"x" * (LIMIT + 1), b"[" * (LIMIT + 1),
    padded(1_000_000), padded(20_000_000),
], ids=["a space more", "no JSON", "brackets", "1 MB", "20 MB"])
def test_more_than_64_kilobytes_are_refused(server, olga, body):
    assert_problem(olga.post(body), 413)
    chunks = (body[at:at + 8000] for at in range(0, len(body), 8000))
    if len(body) < 2_000_000:
        assert_problem(olga.post(chunks), 413)
    assert server.slots() == []


# Types

@pytest.mark.parametrize("content_type", [
    "application/json", "Application/JSON", "application/json; charset=utf-8",
    "application/json;charset=UTF-8", 'application/json; charset="utf-8"',
    "application/json ; x=y",
])
def test_json_is_taken(olga, content_type):
    assert olga.post(GOOD, content_type).status_code == 201


@pytest.mark.parametrize("content_type", [
    None, "", "text/plain", "text/json", "application/jsonx",
    "application/jso", "application/problem+json", "application/xml",
    "application/merge-patch+json", "multipart/form-data; boundary=x",
    "application/octet-stream", "json", "application", "*/*",
    "text/plain; application/json", "application/json, text/plain",
])
def test_other_types_are_refused(server, olga, content_type):
    headers = {"Accept": "application/json"}
    answer = olga.post(GOOD, content_type, headers)
    assert_problem(answer, 415)
    assert server.slots() == []


@pytest.mark.parametrize("charset", ["utf-16", "iso-8859-1"])
def test_other_charset_is_never_misread(server, olga, charset):
    body = json.dumps(key_spec(name="clé"),
                      ensure_ascii=False).encode(charset)
    answer = olga.post(body, f"application/json; charset={charset}")
    assert answer.status_code in (400, 415)
    assert server.slots() == []


@pytest.mark.parametrize("coding", ["gzip", "br", "deflate", "x"])
def test_content_coding_is_refused(server, olga, coding):
    answer = olga.post(GOOD, headers={"Content-Encoding": coding})
    assert_problem(answer, 415)
    assert server.slots() == []


def test_no_body_is_refused(server, olga):
    answer = olga.call("POST", headers={"Content-Type": "application/json"})
    assert_problem(answer, 400)
    answer = olga.call("POST")
    assert answer.status_code in (400, 415)
    assert server.slots() == []

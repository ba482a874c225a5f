# SPDX-License-Identifier: Apache-2.0
"""Bodies of requests: in pieces, late, incomplete, or missing."""

import json
import socket
import time

import pytest
from harness import AUTHZ_FAILED, eventually, make_key
from harness.answers import assert_problem
from harness.raw import request
from managed import BASIC, KEYS, OPEN, basic, key_spec

BODY = json.dumps(key_spec()).encode()
JSON = "Content-Type: application/json"
CHUNKED = "Transfer-Encoding: chunked"


def as_user(user):
    return "Authorization: " + basic(user)


def announced(size):
    return f"Content-Length: {size}"


def post(*headers, body=BODY, user="olga", path=BASIC, close=True):
    who = [as_user(user)] if user else []
    return request(path, JSON, *who, *headers, method="POST", body=body,
                   close=close)


def chunks(body, size, extension=b""):
    pieces = [body[at:at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x%s\r\n%s\r\n" % (len(piece), extension, piece)
                    for piece in pieces) + b"0\r\n\r\n"


class Conversation:
    """One connection, on which a test sends and receives step by step."""

    def __init__(self, server):
        # Shorter than httpd waits for a body, which is a minute.
        self._socket = socket.create_connection(
            ("127.0.0.1", server.port), 20)
        self._server = server
        self.is_last = False            # whether the connection is closed

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()

    def send(self, data):
        self._socket.sendall(data)

    def finish(self):
        self._socket.shutdown(socket.SHUT_WR)

    def receive(self):
        """The status of the next answer, and its body unless it is interim."""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            byte = self._socket.recv(1)
            assert byte, f"the connection ended after {head!r}"
            head += byte
        status = int(head.split()[1])
        lines = head.decode("latin-1").lower().split("\r\n")
        length = next((int(line.split(":")[1]) for line in lines
                       if line.startswith("content-length:")), None)
        self.is_last = "connection: close" in lines
        if status == 100:
            return status, None
        if length is not None:
            return status, self._read(length)
        if any("chunked" in line for line in lines):
            return status, self._read_chunks()
        assert self.is_last, head
        return status, b"".join(iter(lambda: self._socket.recv(4096), b""))

    def _read(self, length):
        body = b""
        while len(body) < length:
            body += self._socket.recv(length - len(body))
        return body

    def _read_chunks(self):
        body = b""
        while True:
            line = b""
            while not line.endswith(b"\r\n"):
                line += self._socket.recv(1)
            size = int(line, 16)
            body += self._read(size)
            self._read(2)
            if size == 0:
                return body

    def receive_created(self):
        status, body = self.receive()
        assert status == 201, body
        self._server.keep_secret(json.loads(body)["data"]["key"])


@pytest.mark.parametrize("data", [
    post(CHUNKED, body=chunks(BODY, 1)),
    post(CHUNKED, body=chunks(BODY, 7, b";name=value")),
    post(CHUNKED, body=chunks(BODY, 7)[:-2] + b"X-Trailer: 1\r\n\r\n"),
    post(CHUNKED, body=chunks(BODY + b" " * (65536 - len(BODY)), 100)),
    post(announced(len(BODY))),
], ids=["bytes", "extensions", "trailer", "64 KB", "announced"])
def test_body_is_read_however_it_is_cut(server, clean, data):
    (answer,) = server.exchange(data, ["POST"], [BASIC])
    assert answer.status_code == 201
    assert len(server.slots()) == 1


@pytest.mark.parametrize("size", [1, 30])
@pytest.mark.parametrize("chunked", [True, False])
def test_slow_body_is_read_to_its_end(server, clean, size, chunked):
    wire = chunks(BODY, 5) if chunked else BODY
    with Conversation(server) as peer:
        peer.send(post(CHUNKED if chunked else announced(len(BODY)), body=b""))
        for at in range(0, len(wire), size):
            peer.send(wire[at:at + size])
            time.sleep(0.005 * size)
        peer.receive_created()
    assert len(server.slots()) == 1


@pytest.mark.parametrize("data", [
    post(announced(len(BODY) + 1)),
    post(announced(len(BODY)), body=BODY[:-1]),
    post(CHUNKED, body=chunks(BODY, 7)[:-5]),
    post(CHUNKED, body=chunks(BODY, 7)[:-20]),
], ids=["a byte less", "half", "no last chunk", "half a chunk"])
def test_body_that_is_cut_off_makes_no_key(server, clean, data):
    with Conversation(server) as peer:
        peer.send(data)
        peer.finish()
        try:
            status, _ = peer.receive()
            assert 400 <= status < 500
        except (AssertionError, ConnectionError) as gone:
            assert "ended" in str(gone) or isinstance(gone, ConnectionError)
    time.sleep(0.2)
    assert server.slots() == []


def test_key_that_nobody_saw_is_listed_and_can_be_deleted(server, olga):
    with Conversation(server) as peer:
        peer.send(post(announced(len(BODY))))
    (key,) = eventually(olga.keys)
    assert key["keyPrefix"].startswith("uptime_")
    assert olga.delete(key["id"]).status_code == 200
    assert olga.keys() == []


def test_body_that_never_comes_is_not_awaited_for_ever(new_managed):
    impatient = new_managed("Timeout 1\n")
    for data in (post(announced(len(BODY)), body=BODY[:-1]),
                 post(CHUNKED, body=chunks(BODY, 7)[:-5])):
        (answer,) = impatient.exchange(data, ["POST"], [BASIC])
        problem = assert_problem(answer, 408)
        assert problem["title"] == "Request Timeout"
    assert impatient.slots() == []


@pytest.mark.parametrize("wire,status", [
    (b"zz\r\n{}\r\n0\r\n\r\n", 400),
    (b"-5\r\n{}\r\n0\r\n\r\n", 400),
    (b"ffffffffffffffffffff\r\n{}\r\n0\r\n\r\n", 413),
    (b"2\r\n{}xx\r\n0\r\n\r\n", 400),
    (b"%x\r\n%s\r\nzz\r\n" % (len(BODY), BODY), 400),
    (b"%x\r\n%s\r\n%x\r\n" % (len(BODY), BODY, 2 ** 70), 413),
])
def test_broken_chunks_are_refused(server, clean, wire, status):
    (answer,) = server.exchange(post(CHUNKED, body=wire), ["POST"], [BASIC])
    assert_problem(answer, status)
    assert server.slots() == []


@pytest.mark.parametrize("size", [65537, 10 ** 10, 2 ** 62])
def test_announced_size_is_refused_before_the_body_comes(server, clean,
                                                         size):
    with Conversation(server) as peer:
        peer.send(post(announced(size), body=b""))
        status, body = peer.receive()
    assert status == 413
    assert json.loads(body)["type"].endswith(":payload-too-large")


def test_endless_body_is_refused(server, clean):
    with Conversation(server) as peer:
        peer.send(post(CHUNKED, body=b""))
        try:
            for _ in range(40):
                peer.send(b"1000\r\n" + b" " * 4096 + b"\r\n")
        except ConnectionError:
            pass
        status, _ = peer.receive()
    assert status == 413


# Expect: 100-continue

def test_body_is_asked_for_when_it_is_expected(server, clean):
    with Conversation(server) as peer:
        peer.send(post(announced(len(BODY)), "Expect: 100-continue", body=b""))
        assert peer.receive() == (100, None)
        peer.send(BODY)
        peer.receive_created()


REFUSED_WITHOUT_BODY = [
    (BASIC, None, [], 401),
    (OPEN, None, [], 401),
    (OPEN, "olga", [], 401),
    (KEYS, None, [], 401),
    (KEYS, None, [f"Authorization: Bearer {make_key()}"], 401),
    (BASIC, "mia", [], 403),
    (BASIC, "otto", [], 404),
    (BASIC, "olga", ["Sec-Fetch-Site: cross-site"], 403),
]


@pytest.mark.parametrize("expect", [[], ["Expect: 100-continue"]],
                         ids=["", "expecting"])
@pytest.mark.parametrize("framing", [announced(1000), CHUNKED])
@pytest.mark.parametrize("path,user,headers,status", REFUSED_WITHOUT_BODY)
def test_refusal_of_the_caller_does_not_wait_for_the_body(
        server, clean, path, user, headers, status, framing, expect):
    server.expect_log(AUTHZ_FAILED)
    with Conversation(server) as peer:
        peer.send(post(*headers, framing, *expect, body=b"", user=user,
                      path=path))
        assert peer.receive()[0] == status


@pytest.mark.parametrize("header", ["Content-Type: text/plain"])
def test_refusal_of_the_type_does_not_ask_for_the_body(server, clean, header):
    with Conversation(server) as peer:
        peer.send(request(BASIC, as_user("olga"), header, announced(1000),
                         "Expect: 100-continue", method="POST"))
        assert peer.receive()[0] == 415


# One connection, many requests

def test_requests_behind_a_create_are_answered(server, clean):
    get = request(BASIC, as_user("olga"), close=False)
    data = (post(announced(len(BODY)), close=False) + get
            + post(CHUNKED, body=chunks(BODY, 9), close=False) + get
            + request(BASIC + "/scopes", as_user("olga")))
    answers = server.exchange(
        data, ["POST", "GET", "POST", "GET", "GET"],
        [BASIC, BASIC, BASIC, BASIC, BASIC + "/scopes"])
    assert [answer.status_code for answer in answers] == \
        [201, 200, 201, 200, 200]
    assert [len(answers[at].json()["data"]["apiKeys"]) for at in (1, 3)] == \
        [1, 2]


ID = "key_01jzzzzzzzzzzzzzzzzzzzzzzz"


def refused(status):
    """Requests with a body that get this status."""
    framed = announced(len(BODY))
    plain = "Content-Type: text/plain"
    yield from {
        400: [post(announced(5), body=b"{bad}", close=False),
              post(CHUNKED, body=chunks(b"{bad}", 2), close=False)],
        401: [post(framed, user=None, close=False),
              post(CHUNKED, body=chunks(BODY, 9), user=None, close=False)],
        403: [post(framed, user="mia", close=False),
              post(framed, "Origin: http://evil.example", close=False),
              post(CHUNKED, "Sec-Fetch-Site: cross-site",
                   body=chunks(BODY, 9), close=False)],
        404: [post(framed, user="otto", close=False),
              request(f"{BASIC}/{ID}", as_user("olga"), JSON, framed,
                      method="DELETE", body=BODY, close=False)],
        405: [request(BASIC, as_user("olga"), JSON, framed, method="PUT",
                      body=BODY, close=False)],
        413: [post(announced(65537), body=b"x" * 65537, close=False),
              post(CHUNKED, body=chunks(b"x" * 65537, 5000), close=False)],
        415: [request(BASIC, as_user("olga"), plain, framed, method="POST",
                      body=BODY, close=False)],
    }[status]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 413, 415])
def test_next_request_is_right_after_a_refusal(server, clean, status):
    """On the same connection, or on a new one if httpd closed it."""
    for data in refused(status):
        with Conversation(server) as peer:
            peer.send(data + request(BASIC, as_user("olga")))
            assert peer.receive()[0] == status
            if peer.is_last:
                continue
            following, body = peer.receive()
            assert following == 200
            assert json.loads(body)["data"]["apiKeys"] == []


def test_body_of_a_request_that_needs_none_is_passed_over(server, clean,
                                                          olga):
    key = olga.make()
    data = (request(BASIC, as_user("olga"), announced(len(BODY)), body=BODY,
                    close=False)
            + request(f"{BASIC}/{key.id}", as_user("olga"), announced(4),
                      method="DELETE", body=b"GET ", close=False)
            + request(BASIC, as_user("olga")))
    answers = server.exchange(data, ["GET", "DELETE", "GET"],
                              [BASIC, f"{BASIC}/{key.id}", BASIC])
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert answers[2].json()["meta"]["pagination"]["total"] == 0


def test_problem_of_a_refusal_comes_whole(server, clean):
    (answer,) = server.exchange(
        post(announced(65537), body=b"x" * 65537), ["POST"], [BASIC])
    assert_problem(answer, 413)

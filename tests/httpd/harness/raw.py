# SPDX-License-Identifier: Apache-2.0
"""A client for malformed and unusual requests."""

import http.client
import io
import json
import socket
from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    status_code: int
    headers: http.client.HTTPMessage
    content: bytes

    def json(self):
        return json.loads(self.content)

    @property
    def text(self):
        return self.content.decode()


def exchange(port, data, methods=("GET",), timeout=60):
    """Send bytes on one connection and read the answers until it is closed.

    methods has one method for each expected answer; the last request should
    have "Connection: close".
    """
    with socket.create_connection(("127.0.0.1", port), timeout) as peer:
        peer.sendall(data)
        stream = io.BytesIO(read_all(peer))
    answers = [_read_answer(stream, method) for method in methods]
    assert stream.read() == b"", "more was answered than asked for"
    return answers


def read_all(peer):
    """What a socket has until the other end closes the connection."""
    received = bytearray()
    while chunk := peer.recv(65536):
        received += chunk
    return bytes(received)


def request(path, *headers, method="GET", body=b"", close=True):
    """The bytes of a request; each header is a line, as bytes or str."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *headers]
    if close:
        lines.append("Connection: close")
    encoded = (line if isinstance(line, bytes) else line.encode("latin-1")
               for line in lines)
    return b"\r\n".join(encoded) + b"\r\n\r\n" + body


def _read_answer(stream, method):
    status_line = stream.readline().decode("latin-1")
    assert status_line.startswith("HTTP/1.1 "), repr(status_line)
    status = int(status_line.split()[1])
    headers = http.client.parse_headers(stream)
    return Answer(status, headers, _read_body(stream, method, status, headers))


def _read_body(stream, method, status, headers):
    if method == "HEAD" or status in (204, 304):
        return b""
    if headers.get("Transfer-Encoding") == "chunked":
        body = b""
        while size := int(stream.readline().split(b";")[0], 16):
            body += stream.read(size)
            stream.readline()
        stream.readline()
        return body
    if "Content-Length" in headers:
        return stream.read(int(headers["Content-Length"]))
    return stream.read()

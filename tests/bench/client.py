# SPDX-License-Identifier: Apache-2.0
"""Sends single requests, one after the other on one connection."""

import contextlib
import http.client
import time

from server import PATH


def statuses(server, requests, reconnect=0):
    """The statuses of requests with these headers, one by one."""
    client = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    with contextlib.closing(client):
        client.connect()
        client.auto_open = reconnect
        for headers in requests:
            client.request("GET", PATH, headers=headers)
            answer = client.getresponse()
            answer.read()
            yield answer.status


def ask_slowly(server, count, pause):
    """Send so many requests of the row, with a pause after each."""
    for status in statuses(server, [server.headers] * count):
        assert status == server.row.status, \
            f"{server.row.name}: the answer is {status}"
        time.sleep(pause)

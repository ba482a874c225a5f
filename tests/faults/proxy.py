# SPDX-License-Identifier: Apache-2.0
"""A TCP proxy in front of a database server, to simulate network faults."""

import contextlib
import socket
import struct
import threading
import time

RESET = struct.pack("ii", 1, 0)     # SO_LINGER: close() sends a reset
LAST_ANSWERS = 1.0                  # seconds to wait for pending answers


class Pair:
    """A client's connection, and the one to the server."""

    def __init__(self, client, server, proxy):
        self.client = client
        self.server = server        # None: none at present
        self.hello = b""            # the first bytes from the client
        self.is_asking = False      # an answer is pending
        self.is_silent = False      # nothing is forwarded
        self._proxy = proxy
        self._lock = threading.Lock()

    def pump_questions(self):
        with contextlib.suppress(OSError):
            while data := self.client.recv(65536):
                if self._proxy.is_last(data):
                    break
                if self._proxy.silences(data):
                    self.is_silent = True
                self.hello = self.hello or data
                while not self._ask(data):
                    pass
        self.abort()

    def _ask(self, data):
        self._proxy.asks.wait()
        with self._lock:
            if self.server:
                self.is_asking = True
                if not self.is_silent:
                    self.server.sendall(data)
            return self.server

    def pump_answers(self):
        server = self.server
        with contextlib.suppress(OSError):
            while data := server.recv(65536):
                if server is self.server and not self.is_silent:
                    self._proxy.answers.wait()
                    self.client.sendall(data)
                    self.is_asking = False
        if server is self.server and not self.is_silent:
            self.abort()

    def leave_server(self):
        """Close the server's side; a client without a pending answer does not
        notice."""
        with self._lock:
            server, self.server = self.server, None
        abort(server)
        if self.is_asking or not self.hello:
            abort(self.client)

    def join_server(self, server):
        with self._lock:
            self.server = server

    def abort(self):
        abort(self.client)
        abort(self.server)


class Proxy:
    def __init__(self, port):
        self._upstream = ("127.0.0.1", port)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=200)
        self.port = self._listener.getsockname()[1]
        self.asks = opened()       # set: data from clients is forwarded
        self.answers = opened()    # set: data from servers is forwarded
        self._refuses = False
        self._pairs = []
        self._last_words = None
        self._unheard_words = None
        start(self._accept)

    def is_last(self, data):
        """Whether data is to be reset, not sent."""
        if not self._last_words or self._last_words not in data:
            return False
        self._last_words = None
        return True

    def silences(self, data):
        """Whether nothing is forwarded from this data on."""
        if not self._unheard_words or self._unheard_words not in data:
            return False
        self._unheard_words = None
        return True

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                start(self._serve, self._listener.accept()[0])

    def _serve(self, client):
        if self._refuses:
            abort(client)
            return
        self.asks.wait()
        try:
            server = socket.create_connection(self._upstream)
        except OSError:
            abort(client)
            return
        pair = Pair(client, server, self)
        self._pairs.append(pair)
        start(pair.pump_answers)
        pair.pump_questions()
        self._pairs.remove(pair)

    @contextlib.contextmanager
    def cut(self):
        """A context in which connections are reset, existing and new ones."""
        self._refuses = True
        self.reset()
        try:
            yield
        finally:
            self._refuses = False

    @contextlib.contextmanager
    def black_hole(self):
        """A context in which nothing is forwarded and no error is sent."""
        self.asks.clear()
        self.answers.clear()
        try:
            yield
        finally:
            self.answers.set()
            self.asks.set()

    def reset_at(self, words):
        """Reset the next connection that sends these bytes, which are not
        forwarded."""
        self._last_words = words

    def silent_at(self, words):
        """Forward nothing more of the next connection that sends these bytes,
        nor these; it stays open."""
        self._unheard_words = words

    @property
    def has_reset(self):
        """Whether reset_at() has reset a connection."""
        return self._last_words is None

    @contextlib.contextmanager
    def orphaned(self):
        """A context in which existing connections hang; they are reset at its
        end.  New ones are served."""
        orphans = list(self._pairs)
        for pair in orphans:
            pair.is_silent = True
            abort(pair.server)
        try:
            yield
        finally:
            for pair in orphans:
                pair.abort()

    @contextlib.contextmanager
    def replacing(self, log_in):
        """A context to replace the server in.  Clients stay connected and
        their requests wait; at its end each gets a new session, in which
        log_in(SERVER, HELLO) repeats the client's login."""
        self.asks.clear()
        self._wait_for_last_answers()
        pairs = list(self._pairs)
        for pair in pairs:
            pair.leave_server()
        try:
            yield
            for pair in pairs:
                if pair in self._pairs:
                    server = socket.create_connection(self._upstream)
                    log_in(server, pair.hello)
                    pair.join_server(server)
                    start(pair.pump_answers)
        finally:
            self.asks.set()

    def _wait_for_last_answers(self):
        """Wait for pending answers; some requests get none."""
        deadline = time.monotonic() + LAST_ANSWERS
        while any(pair.is_asking for pair in list(self._pairs)) and \
                time.monotonic() < deadline:
            time.sleep(0.01)

    def reset(self):
        for pair in list(self._pairs):
            pair.abort()

    def close(self):
        self._listener.close()
        self.answers.set()
        self.asks.set()
        self.reset()


def opened():
    event = threading.Event()
    event.set()
    return event


def start(function, *arguments):
    threading.Thread(target=function, args=arguments, daemon=True).start()


def abort(peer):
    if peer:
        with contextlib.suppress(OSError):
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            peer.shutdown(socket.SHUT_RDWR)
        peer.close()

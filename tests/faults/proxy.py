# SPDX-License-Identifier: Apache-2.0
"""A TCP proxy before a database server, that can be a bad network."""

import contextlib
import socket
import struct
import threading
import time

RESET = struct.pack("ii", 1, 0)     # SO_LINGER: close() is a reset
LAST_ANSWERS = 1.0                  # seconds for them, before a server goes


class Pair:
    """A client's connection, and the one behind it."""

    def __init__(self, client, server, asks, answers, are_last):
        self.client = client
        self.server = server        # None: there is none for now
        self.hello = b""            # what the client said first
        self.is_asking = False      # and has no answer yet
        self.is_silent = False      # nothing comes through
        self._asks = asks
        self._answers = answers
        self._are_last = are_last   # words that nobody shall hear
        self._lock = threading.Lock()

    def pump_questions(self):
        with contextlib.suppress(OSError):
            while data := self.client.recv(65536):
                if self._are_last(data):
                    break
                self.hello = self.hello or data
                while not self._ask(data):
                    pass
        self.abort()

    def _ask(self, data):
        self._asks.wait()
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
                    self._answers.wait()
                    self.client.sendall(data)
                    self.is_asking = False
        if server is self.server and not self.is_silent:
            self.abort()

    def leave_server(self):
        """The client does not hear of it, if it waits for no answer."""
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
        self._asks = opened()       # what lets clients be heard
        self._answers = opened()    # and servers
        self._refuses = False
        self._pairs = []
        self._last_words = None
        start(self._accept)

    def _are_last(self, data):
        if not self._last_words or self._last_words not in data:
            return False
        self._last_words = None
        return True

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                start(self._serve, self._listener.accept()[0])

    def _serve(self, client):
        if self._refuses:
            abort(client)
            return
        self._asks.wait()
        try:
            server = socket.create_connection(self._upstream)
        except OSError:
            abort(client)
            return
        pair = Pair(client, server, self._asks, self._answers, self._are_last)
        self._pairs.append(pair)
        start(pair.pump_answers)
        pair.pump_questions()
        self._pairs.remove(pair)

    @contextlib.contextmanager
    def cut(self):
        """Every connection is reset, and new ones too while this lasts."""
        self._refuses = True
        self.reset()
        try:
            yield
        finally:
            self._refuses = False

    @contextlib.contextmanager
    def black_hole(self):
        """Nothing comes through, nobody is told."""
        self._asks.clear()
        self._answers.clear()
        try:
            yield
        finally:
            self._answers.set()
            self._asks.set()

    def reset_at(self, words):
        """The next connection that says this is reset, and nobody hears it."""
        self._last_words = words

    @property
    def has_reset(self):
        """Whether it has happened."""
        return self._last_words is None

    @contextlib.contextmanager
    def orphaned(self):
        """The clients' connections stay, with nobody behind them; they are
        reset in the end.  New ones are served."""
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
        """Time to replace the server.  The clients' connections stay, and
        what they ask waits; behind each is a new session in the end, for
        which log_in(SERVER, HELLO) says what the client had said."""
        self._asks.clear()
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
            self._asks.set()

    def _wait_for_last_answers(self):
        """What has none by then is a question that gets none."""
        deadline = time.monotonic() + LAST_ANSWERS
        while any(pair.is_asking for pair in list(self._pairs)) and \
                time.monotonic() < deadline:
            time.sleep(0.01)

    def reset(self):
        for pair in list(self._pairs):
            pair.abort()

    def close(self):
        self._listener.close()
        self._answers.set()
        self._asks.set()
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

# SPDX-License-Identifier: Apache-2.0
"""A TCP proxy before a database server, that can be a bad network."""

import contextlib
import socket
import struct
import threading

RESET = struct.pack("ii", 1, 0)     # SO_LINGER: close() is a reset


class Proxy:
    def __init__(self, port):
        self._upstream = ("127.0.0.1", port)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=200)
        self.port = self._listener.getsockname()[1]
        self._forwards = threading.Event()
        self._forwards.set()
        self._refuses = False
        self._pairs = []
        self._last_words = None
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client = self._listener.accept()[0]
                threading.Thread(target=self._open, args=(client,),
                                 daemon=True).start()

    def _open(self, client):
        if self._refuses:
            abort(client)
            return
        self._forwards.wait()
        try:
            server = socket.create_connection(self._upstream)
        except OSError:
            abort(client)
            return
        pair = {"client": client, "server": server, "is_silent": False}
        self._pairs.append(pair)
        for one, other in (("client", "server"), ("server", "client")):
            threading.Thread(target=self._pump, args=(pair, one, other),
                             daemon=True).start()

    def _pump(self, pair, one, other):
        with contextlib.suppress(OSError):
            while data := pair[one].recv(65536):
                self._forwards.wait()
                if self._last_words and self._last_words in data:
                    self._last_words = None
                    break
                if not pair["is_silent"]:
                    pair[other].sendall(data)
        if not pair["is_silent"]:
            abort(pair["client"])
            abort(pair["server"])

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
        self._forwards.clear()
        try:
            yield
        finally:
            self._forwards.set()

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
        for pair in list(self._pairs):
            pair["is_silent"] = True
            abort(pair["server"])
        try:
            yield
        finally:
            self.reset(silent=True)

    def reset(self, silent=False):
        for pair in list(self._pairs):
            if pair["is_silent"] or not silent:
                abort(pair["client"])
                abort(pair["server"])

    def close(self):
        self._listener.close()
        self._forwards.set()
        self.reset()


def abort(peer):
    with contextlib.suppress(OSError):
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        peer.shutdown(socket.SHUT_RDWR)
    peer.close()

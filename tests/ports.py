"""Ports for servers that are told theirs before they listen."""

from __future__ import annotations

import secrets
import socket

FROM, BELOW = 20_000, 32_000
"""Below what Linux and macOS give to connections and to port 0: minutes may pass before a server listens,
or between its end and its next start, and no connection of another test may take its port meanwhile."""


def free_port() -> int:
    """A port of this machine that nobody listens on, out of a range that nobody is given by chance."""
    while True:
        port = FROM + secrets.randbelow(BELOW - FROM)
        with socket.socket() as one:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                one.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port

from __future__ import annotations

import socket
from contextlib import ExitStack

from tests.ports import BELOW, FROM, free_port


def test_nobody_is_given_a_port_of_this_range_by_chance() -> None:
    """Sockets that leave the choice to the machine never get a port that a server was promised."""
    with ExitStack() as open_:
        given = [open_.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(200)]
        assert not [one for one in given if FROM <= one.getsockname()[1] < BELOW]


def test_a_promised_port_can_be_listened_on() -> None:
    """Nobody has it."""
    with socket.create_server(("127.0.0.1", free_port())):
        pass

"""A switch over the whole process that forbids calls to models that are not on this machine.

Tests throw it once, so that no test can ever spend money or send a prompt away: whatever is configured, only
an endpoint on the loopback interface is then called.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from agent.errors import ConfigurationError


@dataclass
class _Switch:
    forbidden: bool = False


_SWITCH = _Switch()


def forbid_remote_calls() -> None:
    """From now on, only endpoints on the loopback interface."""
    _SWITCH.forbidden = True


@contextmanager
def remote_calls(*, forbidden: bool) -> Iterator[None]:
    """The switch in one position for a while, then as it was."""
    before = _SWITCH.forbidden
    _SWITCH.forbidden = forbidden
    try:
        yield
    finally:
        _SWITCH.forbidden = before


def check(model: str, endpoint: str) -> None:
    """ConfigurationError when the switch forbids to call the model at this endpoint ("" for its own)."""
    if _SWITCH.forbidden and not is_loopback(endpoint):
        where = endpoint or "its provider's own endpoint"
        raise ConfigurationError(
            f"Calls to models elsewhere are forbidden in this process, so {model} was not called at {where}. "
            "Point THREATBOT_MODEL_ENDPOINT_URL at this machine."
        )


def is_loopback(endpoint: str) -> bool:
    """Whether a URL's host is this machine, by its address or as "localhost"; never asks a name server."""
    host = urlsplit(endpoint).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

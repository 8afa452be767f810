"""The state that goes to Slack and back: signed, bound to a browser, good for ten minutes and one use."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass

from agent.errors import InputError

SECONDS = 600.0
"""How long a person may look at Slack's page before they consent."""
_STATE = re.compile(r"([A-Za-z0-9_-]{16,64})\.(\d{1,12})\.([0-9a-f]{64})")


@dataclass(frozen=True)
class Ticket:
    """What a good state stands for; `Installations.spend` says whether it was used before."""

    id: str
    until: float
    """Seconds since the epoch."""


class States:
    """Makes and reads states.

    Args:
        secret: whoever has it can make states; ours is derived from the app's secrets at Slack.
    """

    def __init__(self, secret: str) -> None:
        self._key = hashlib.sha256(b"oauth state" + secret.encode()).digest()

    def make(self, nonce: str, now: float) -> tuple[str, str]:
        """A state, and what the browser that asked for it keeps as a cookie."""
        until = int(now + SECONDS)
        return f"{nonce}.{until}.{self._signed(f'{nonce}.{until}')}", self._signed(f"browser {nonce}")

    def read(self, state: str, kept: str, now: float) -> Ticket:
        """The ticket; InputError, as a sentence, for a state that is not ours, too old, or another browser's.

        Args:
            state: as it came back.
            kept: the browser's cookie.
            now: seconds since the epoch.
        """
        found = _STATE.fullmatch(state)
        if found is None or not hmac.compare_digest(found[3], self._signed(f"{found[1]}.{found[2]}")):
            raise InputError("The address that brought you here was not made by this bot, or was changed.")
        if now > float(found[2]):
            raise InputError("More than ten minutes have passed since you began.")
        if not hmac.compare_digest(kept.encode(), self._signed(f"browser {found[1]}").encode()):
            raise InputError("You began in another browser, or this one refuses cookies.")
        return Ticket(found[1], float(found[2]))

    def _signed(self, text: str) -> str:
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()

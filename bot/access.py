"""Who may do what, decided again on every action, and denied by default.

The ingress decides from the payload alone (it makes no call); the worker asks Slack who the person is.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from agent.errors import NotAllowed
from bot.intake import ORGANISATION
from bot.jobs import Actor

GUEST = (
    "Guests cannot start or change threat models here. Ask a full member of the workspace to do it, "
    "or an admin to allow guests (THREATBOT_ALLOW_GUESTS)."
)
EXTERNAL = (
    "People of other organisations cannot use the threat modeler. "
    "Ask somebody of the organisation that runs it."
)
SHARED = (
    "This channel is shared with another organisation, so I keep threat models out of it. "
    "Use a channel of your own workspace."
)
GONE = "This account is deactivated or a bot, so I did nothing."


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What the company allows beyond full members."""

    guests: bool = False
    external: bool = False


class Directory(Protocol):
    """Where the worker learns who is who: the Slack Web API's users.info and conversations.info."""

    def user(self, user: str) -> dict[str, Any]:
        """The `user` object of users.info; DeliveryError when Slack does not answer."""
        ...

    def channel(self, channel: str) -> dict[str, Any]:
        """The `channel` object of conversations.info; DeliveryError when Slack does not answer."""
        ...


class CachedDirectory:
    """A Directory that remembers answers for `seconds`, so that a click costs no call most of the time."""

    def __init__(
        self, directory: Directory, seconds: float = 300.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._directory = directory
        self._seconds = seconds
        self._clock = clock
        self._known: dict[tuple[str, str], tuple[float, dict[str, Any]]] = {}

    def user(self, user: str) -> dict[str, Any]:
        """See Directory."""
        return self._recall(("user", user), lambda: self._directory.user(user))

    def channel(self, channel: str) -> dict[str, Any]:
        """See Directory."""
        return self._recall(("channel", channel), lambda: self._directory.channel(channel))

    def _recall(self, key: tuple[str, str], ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        known = self._known.get(key)
        if known is None or self._clock() - known[0] > self._seconds:
            known = (self._clock(), ask())
            self._known[key] = known
        return known[1]


def check_payload(actor: Actor, policy: Policy, *, shared: bool = False) -> None:
    """NotAllowed when the payload itself says that the person or the channel is another organisation's."""
    if policy.external:
        return
    if is_away(actor) and (not actor.organisation or actor.team.startswith(ORGANISATION)):
        raise NotAllowed(EXTERNAL)
    if shared:
        raise NotAllowed(SHARED)


def is_away(actor: Actor) -> bool:
    """Whether the person is at home neither in the workspace nor, as Slack says it, in its organisation.

    Within Enterprise Grid their home may still be another of its workspaces: `check` finds out.
    """
    return bool(actor.team and actor.workspace) and actor.team not in {actor.workspace, actor.organisation}


def check(actor: Actor, policy: Policy, directory: Directory) -> None:
    """NotAllowed with the reason when this person may not act in this channel; fails closed."""
    check_payload(actor, policy)
    user = directory.user(actor.user)
    if user.get("deleted") or user.get("is_bot"):
        raise NotAllowed(GONE)
    if not policy.external and (user.get("is_stranger") or not _belongs(user, actor)):
        raise NotAllowed(EXTERNAL)
    if not policy.guests and (user.get("is_restricted") or user.get("is_ultra_restricted")):
        raise NotAllowed(GUEST)
    if not policy.external and directory.channel(actor.channel).get("is_ext_shared"):
        raise NotAllowed(SHARED)


def _belongs(user: dict[str, Any], actor: Actor) -> bool:
    """Whether somebody is a member of the workspace, or of the organisation that it is part of.

    Slack names the workspaces and the organisation of somebody in Enterprise Grid beside, or instead of, the
    workspace from which it happens to look.
    """
    known = user.get("enterprise_user") or {}
    homes = {user.get("team_id"), user.get("enterprise_id"), known.get("enterprise_id")}
    homes |= set(known.get("teams") or ())
    return not homes.isdisjoint({actor.workspace, actor.organisation} - {""})

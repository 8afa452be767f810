"""Whose token a delivery or a job is served with: the installation of its workspace, from a short cache."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from agent.errors import DeliveryError, NotFound
from bot.access import CachedDirectory
from bot.installations.base import Installation, Installations
from bot.installations.oauth import OAuthRefused, SlackOAuth
from bot.slack import Slack, web_client

log = logging.getLogger("threatbot.installations")

SECONDS = 60.0
"""How long what was found is not looked for again."""
UNKNOWN_SECONDS = 5.0
"""The same for a workspace without an installation: somebody may be installing it just now."""
AHEAD = 120.0
"""Seconds before a token's end at which it is renewed because somebody waits for it."""
WORKER_AHEAD = 7200.0
"""The same on the worker, where nobody does: as long as Slack keeps the last token good besides the new."""
PLACES = 10_000
"""Channels and forms whose workspace is remembered at most: a form's id never comes again."""
FORM_SECONDS = 86_400.0
"""How long a form may stay open and still be known."""
WAITS = (0.1, 0.3, 0.6)
"""Pauses in which another process that renews the same token may write it down."""


@dataclass(frozen=True)
class Desk:
    """What the worker speaks to one workspace with."""

    slack: Slack
    directory: CachedDirectory


@dataclass(frozen=True)
class _Kept:
    at: float
    installation: Installation | None


class Tenants:
    """Finds the installation of a workspace, and keeps its token fresh. Safe for several threads.

    Args:
        installations: where they are kept.
        oauth: the app at Slack.
        clock: seconds since the epoch.
        sleep: how to wait for another process.
    """

    def __init__(
        self,
        installations: Installations,
        oauth: SlackOAuth,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        places: int = PLACES,
    ) -> None:
        self.installations = installations
        self.oauth = oauth
        self._clock = clock
        self._sleep = sleep
        self._kept: dict[str, _Kept] = {}
        self._reaches: dict[tuple[str, str], tuple[float, float]] = {}
        """When somebody looked, and since when the workspace is cut off; by organisation and workspace."""
        self._places: dict[tuple[str, str], tuple[float, str]] = {}
        """When somebody looked, and the workspace; by organisation and channel or form."""
        self._desks: dict[str, tuple[str, Desk]] = {}
        self._changes: dict[str, int] = {}
        """How often something was heard of a workspace or an organisation."""
        self._most = places
        self._changing = threading.Lock()
        self._renewing = threading.Lock()
        self._not_before: dict[str, float] = {}

    def find(self, workspace: str, enterprise: str = "", *, ahead: float = AHEAD) -> Installation | None:
        """The installation that serves a workspace; None when there is none, or it was revoked.

        The workspace's own comes first. An organisation's that was installed before the workspace was taken
        out of its reach does not serve it.

        Args:
            workspace: its id.
            enterprise: the organisation's id when Slack says that the app is installed in it as a whole.
            ahead: seconds before a token's end at which it is renewed.

        DeliveryError when the installations do not answer, or the token has ended and cannot be renewed.
        """
        found = self._standing(workspace) if workspace else None
        if found is None and enterprise:
            found = self._standing(enterprise)
            if found is not None and self._cut_off(enterprise, workspace) >= found.installed:
                return None
        return self._fresh(found, ahead) if found is not None else None

    def desk(self, workspace: str, enterprise: str = "") -> Desk | None:
        """What the worker speaks to the workspace with; None and DeliveryError as `find`."""
        found = self.find(workspace, enterprise, ahead=WORKER_AHEAD)
        if found is None:
            return None
        token, desk = self._desks.get(found.key, ("", None))
        if desk is None or token != found.bot_token:
            slack = Slack(web_client(found.bot_token, self.oauth.api_url))
            desk = Desk(slack, CachedDirectory(slack))
            self._desks[found.key] = (found.bot_token, desk)
        return desk

    def forget(self, key: str) -> None:
        """Look again before the next answer about this workspace or organisation."""
        with self._changing:
            self._changes[key] = self._changes.get(key, 0) + 1
            self._kept.pop(key, None)
        for pair in [p for p in tuple(self._reaches) if key in p]:
            self._reaches.pop(pair, None)

    def revoke(self, key: str, at: float) -> bool:
        """The app was taken away at `at`; False when that is no news, or older than the installation."""
        revoked = self.installations.revoke(key, at)
        self.forget(key)
        self._desks.pop(key, None)
        return revoked

    def set_reach(self, organisation: str, workspace: str, *, reached: bool, at: float) -> bool:
        """The organisation has let its installation into one of its workspaces, or has taken it out.

        False when something later is known.
        """
        changed = self.installations.set_reach(organisation, workspace, reached=reached, at=at)
        self.forget(workspace)
        return changed

    def place(self, organisation: str, thing: str) -> str:
        """The workspace that a channel or an open form of an organisation belongs to; empty when unknown.

        DeliveryError when the installations do not answer.
        """
        kept = self._places.get((organisation, thing))
        if kept is not None and self._clock() - kept[0] < SECONDS:
            return kept[1]
        found = self.installations.place(organisation, thing)
        if found:
            self._remember(organisation, thing, found)
        return found

    def settle(self, organisation: str, channel: str, workspace: str, instead_of: str = "") -> str:
        """Say that a channel belongs to a workspace; the one that it belongs to. See Installations."""
        found = self.installations.settle(organisation, channel, workspace, instead_of=instead_of)
        self._remember(organisation, channel, found)
        return found

    def _remember(self, organisation: str, thing: str, workspace: str) -> None:
        if len(self._places) >= self._most:
            self._places.clear()
        self._places[organisation, thing] = self._clock(), workspace

    def opened(self, organisation: str, form: str, workspace: str) -> None:
        """Say that a form was opened in a workspace: Slack does not when it comes back."""
        until = self._clock() + FORM_SECONDS
        self.installations.settle(organisation, form, workspace, until=until)

    def close(self) -> None:
        """Let go of files and connections."""
        self.installations.close()

    def _standing(self, key: str) -> Installation | None:
        kept = self._kept.get(key)
        if kept is not None:
            lasts = SECONDS if kept.installation else UNKNOWN_SECONDS
            if self._clock() - kept.at < lasts:
                return kept.installation
        return self._look(key)

    def _look(self, key: str) -> Installation | None:
        changes = self._changes.get(key, 0)
        found = self.installations.find(key)
        standing = None if found is None or found.revoked else found
        self._keep(key, standing, changes)
        return standing

    def _keep(self, key: str, standing: Installation | None, changes: int) -> None:
        """Remember it, unless something was heard of it since somebody began to look."""
        with self._changing:
            if self._changes.get(key, 0) == changes:
                self._kept[key] = _Kept(self._clock(), standing)

    def _cut_off(self, organisation: str, workspace: str) -> float:
        kept = self._reaches.get((organisation, workspace))
        if kept is None or self._clock() - kept[0] >= SECONDS:
            kept = self._clock(), self.installations.cut_off(organisation, workspace)
            self._reaches[organisation, workspace] = kept
        return kept[1]

    def _fresh(self, found: Installation, ahead: float) -> Installation | None:
        if not self._due(found, ahead):
            return found
        with self._renewing:
            changes = self._changes.get(found.key, 0)
            current = self._look(found.key)  # another thread or process may have been first
            if current is None or not self._due(current, ahead):
                return current
            try:
                renewed = self._renewed(current)
            except NotFound:
                self.forget(found.key)
                return None
            self._keep(found.key, renewed, changes)
            return renewed

    def _due(self, found: Installation, ahead: float) -> bool:
        now = self._clock()
        return bool(found.refresh_token) and (
            found.expires <= now
            or (found.expires - ahead <= now and self._not_before.get(found.key, 0.0) <= now)
        )

    def _renewed(self, current: Installation) -> Installation:
        """New tokens: ours, or those of whoever was first. A token that is still good stands in for them."""
        try:
            return self.installations.rotate(current, self.oauth.refresh(current))
        except OAuthRefused as refused:
            winner = self._winner(current)
            if winner is not None:
                return winner
            error: DeliveryError = refused
        except DeliveryError as unanswered:
            error = unanswered
        if current.expires <= self._clock():
            raise error
        self._not_before[current.key] = self._clock() + SECONDS
        log.warning("the token of %s could not be renewed yet: %s", current.key, error.message)
        return current

    def _winner(self, current: Installation) -> Installation | None:
        """Slack takes a refresh token once: what the process wrote that used it before us."""
        for seconds in WAITS:
            found = self.installations.find(current.key)
            if found is None or found.revoked:
                raise NotFound(f"The app is not installed in {current.name or current.key} any more.")
            if found.refresh_token != current.refresh_token:
                return found
            self._sleep(seconds)
        return None

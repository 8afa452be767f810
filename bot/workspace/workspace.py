"""The local workspace: one object that holds its state and knows the app."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from bot.workspace import events, seed
from bot.workspace.deliver import Deliveries
from bot.workspace.faults import Faults
from bot.workspace.organisation import Organisation
from bot.workspace.people import Person
from bot.workspace.ratelimit import RateLimits
from bot.workspace.state import Clock, Store, Timing
from bot.workspace.values import Channel, Message, Notice, ResponseUrl, View

T = TypeVar("T")


class Workspace:
    """A Slack workspace of its own: people, channels, one installed app. Serve it with WorkspaceServer.

    Args:
        signing_secret: what deliveries to the app are signed with.
        bot_token: the token that the Web API takes; a Platform gives out others.
        request_url: where the app listens; can be set later as `request_url`.
        clock: seconds since the epoch, for message timestamps, triggers and rate limits.
        stamp: the clock of signatures; the app compares it with its own, so it is real by default.
        timing: how long things take and last.
        rate_limits: whether calls over Slack's rates are answered with 429.
        manifest: the app's manifest; without one the app declares what the seed says.
        team: another id, domain and name than the seed's; people and channels keep their ids.
    """

    def __init__(
        self,
        *,
        signing_secret: str,
        bot_token: str,
        request_url: str = "",
        clock: Clock = time.time,
        stamp: Clock = time.time,
        timing: Timing | None = None,
        rate_limits: bool = False,
        manifest: Mapping[str, Any] | None = None,
        team: Mapping[str, str] | None = None,
    ) -> None:
        start = seed.load(team)
        if manifest is not None:
            start = replace(start, app=start.app.declared_by(manifest))
        self.timing = timing or Timing()
        self.bot_token = bot_token
        self.tokens: dict[str, float] = {bot_token: math.inf}
        """Until when each token of the app is good, in seconds since the epoch; 0 once it was revoked."""
        self.organisation: Organisation | None = None
        """Whose workspace it is, in Enterprise Grid; a Platform sets it."""
        self.url = "http://local.invalid"
        """Where the workspace is served; WorkspaceServer sets it."""
        self.store = Store(start, clock, self.timing)
        self.faults = Faults(self.store.poke)
        self.rate_limits = RateLimits(clock) if rate_limits else None
        self.deliveries = Deliveries(signing_secret, self.timing, self.faults, stamp, self.store.poke)
        self.request_url = request_url

    @property
    def request_url(self) -> str:
        """Where the app takes deliveries; empty while there is none."""
        return self.deliveries.request_url

    @request_url.setter
    def request_url(self, url: str) -> None:
        self.deliveries.request_url = url

    @property
    def api_url(self) -> str:
        """The base_url for slack_sdk's WebClient."""
        return f"{self.url}/api/"

    def refusal(self, token: str) -> str:
        """Slack's word for why a token is not taken; empty when it is."""
        until = self.tokens.get(token)
        if until is None:
            return "invalid_auth"
        if not until:
            return "token_revoked"
        return "token_expired" if until <= self.store.clock() else ""

    def revoke_tokens(self) -> None:
        """Take the app's tokens away, as an admin may; the app hears of it."""
        with self.store.lock:
            self.tokens = dict.fromkeys(self.tokens, 0.0)
            events.tokens_revoked(self)

    def remove_app(self) -> None:
        """Take the app out of the workspace, as an admin may; the app hears of both ends."""
        with self.store.lock:
            self.revoke_tokens()
            events.app_uninstalled(self)

    def response_url(self, right: ResponseUrl) -> str:
        """The address that this right is used at."""
        return f"{self.url}/response/{right.key}"

    def person(self, key: str) -> Person:
        """A person by name or id; NotFound when there is none."""
        return Person(self, self.store.user(key))

    def channel(self, key: str) -> Channel:
        """A channel by name or id; NotFound when there is none."""
        return self.store.channel(key)

    def direct(self, person: str) -> Channel:
        """The direct messages of a person (name or id) with the app."""
        return self.store.direct(self.store.user(person).id)

    def messages(self, channel: str) -> list[Message]:
        """A channel's messages without replies, oldest first."""
        return self.store.history(self.channel(channel).id)

    def thread(self, channel: str, ts: str) -> list[Message]:
        """A root and its replies, oldest first; empty when there is no such root."""
        return self.store.thread(self.channel(channel).id, ts)

    def message(self, ts: str) -> Message:
        """The message or ephemeral with this ts as it stands now; NotFound when there is none."""
        return self.store.message(ts)

    def ephemerals(self, person: str) -> list[Message]:
        """What only this person (name or id) sees, oldest first."""
        user = self.store.user(person).id
        with self.store.lock:
            return [m for m in self.store.whispers.values() if m.only_for == user]

    def notices(self, person: str) -> list[Notice]:
        """What the workspace itself told this person, such as that the app did not answer."""
        user = self.store.user(person).id
        with self.store.lock:
            return [notice for notice in self.store.notices if notice.user == user]

    def home(self, person: str) -> View | None:
        """The Home tab that the app published for a person."""
        return self.store.homes.get(self.store.user(person).id)

    def status(self, channel: str, thread_ts: str) -> str:
        """What the app says it is doing in a thread; empty when nothing, or when that was too long ago."""
        status = self.store.statuses.get((self.channel(channel).id, thread_ts))
        return status.text if status is not None and self.store.clock() < status.until else ""

    def wait_until(self, predicate: Callable[[], T], timeout: float = 30.0) -> T:
        """What `predicate` gives once that is true; its last value when `timeout` seconds have passed.

        It is asked again at every change, under the workspace's lock: it must not wait for anything else.
        """
        return self.store.wait_until(predicate, timeout)

    def settle(self, timeout: float = 30.0) -> bool:
        """Whether every event was delivered or given up within `timeout` seconds."""
        return self.wait_until(lambda: self.deliveries.pending == 0, timeout)

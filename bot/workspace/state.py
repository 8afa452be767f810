"""The state of a workspace, in memory, behind one lock."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TypeVar

from agent.errors import NotFound
from bot.workspace.errors import Refused
from bot.workspace.seed import Seed
from bot.workspace.values import (
    Change,
    Channel,
    File,
    Json,
    Message,
    Notice,
    ResponseUrl,
    Session,
    Status,
    Trigger,
    User,
    View,
)

T = TypeVar("T")
Clock = Callable[[], float]
"""Seconds since the epoch."""

ASK_AGAIN = 0.25
"""Seconds after which a predicate is asked again although nothing has changed here."""

MAX_NOTICES = 1000
"""How many notices are kept."""


@dataclass(frozen=True)
class Timing:
    """How long things take and last, in seconds; the defaults are Slack's."""

    ack: float = 3.0
    """How long the app may take to answer a delivery."""
    trigger: float = 3.0
    """How long a trigger_id lasts."""
    retry_delays: tuple[float, ...] = (0.0, 60.0, 300.0)
    """When an event that was not acknowledged is sent again."""
    retry_scale: float = 1.0
    """What `retry_delays` are multiplied with."""
    response_url: float = 1800.0
    response_url_uses: int = 5
    status: float = 120.0
    """How long an assistant status stays without a message."""


class Store:
    """Everything that a workspace knows. Hold `lock` while reading more than one thing, or writing."""

    def __init__(self, seed: Seed, clock: Clock, timing: Timing) -> None:
        self.seed = seed
        self.app = seed.app
        self.clock = clock
        self.timing = timing
        self.lock = threading.RLock()
        self._changed = threading.Condition(self.lock)
        self.users: dict[str, User] = {user.id: user for user in seed.users}
        self.channels: dict[str, Channel] = {channel.id: channel for channel in seed.channels}
        self.messages: dict[str, dict[str, Message]] = {channel: {} for channel in self.channels}
        self.whispers: dict[str, Message] = {}
        """Ephemeral messages, by ts."""
        self.files: dict[str, File] = {}
        self.tickets: dict[str, File] = {}
        """Uploads that were announced, and whether their bytes have come, by file id."""
        self.views: dict[str, View] = {}
        self.stacks: dict[str, list[str]] = {}
        self.homes: dict[str, View] = {}
        self.triggers: dict[str, Trigger] = {}
        self.response_urls: dict[str, ResponseUrl] = {}
        self.message_state: dict[tuple[str, str], dict[str, dict[str, Json]]] = {}
        """What a person has put into the inputs of a message, by (ts, user)."""
        self.notices: deque[Notice] = deque(maxlen=MAX_NOTICES)
        self.statuses: dict[tuple[str, str], Status] = {}
        self.sessions: dict[tuple[str, str], Session] = {}
        self.prompts: dict[str, Json] = {}
        """Suggested prompts, by channel."""
        self.seq = 0
        self._counters: dict[str, int] = {}
        self._last_ts = 0
        self._watchers: list[Callable[[Change], None]] = []

    # identifiers and time

    def new_id(self, prefix: str) -> str:
        """The next identifier with this prefix: the same sequence in every workspace without a mark."""
        with self.lock:
            self._counters[prefix] = self._counters.get(prefix, 0) + 1
            return f"{prefix}{self._counters[prefix]:06d}{self.seed.mark}"

    def new_ts(self) -> str:
        """A timestamp that no message has had: the clock's, or the next microsecond."""
        with self.lock:
            self._last_ts = max(int(self.clock() * 1_000_000), self._last_ts + 1)
            return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    # watching

    def publish(self, kind: str, audience: Iterable[str], payload: Json) -> None:
        """Tell everyone who waits or watches that something changed."""
        with self._changed:
            self.seq += 1
            change = Change(self.seq, kind, frozenset(audience), payload)
            for watcher in self._watchers:
                watcher(change)
            self._changed.notify_all()

    @contextmanager
    def watching(self, watcher: Callable[[Change], None]) -> Iterator[None]:
        """Call `watcher` with every change, under the lock, for as long as the context lasts."""
        with self.lock:
            self._watchers.append(watcher)
        try:
            yield
        finally:
            with self.lock:
                self._watchers.remove(watcher)

    def wait_until(self, predicate: Callable[[], T], timeout: float) -> T:
        """What `predicate` gives once it is true, or at the end of `timeout` seconds.

        It is asked at every change, and now and then for what changes outside of the workspace.
        """
        end = time.monotonic() + timeout
        with self._changed:
            while not (found := predicate()) and (left := end - time.monotonic()) > 0:
                self._changed.wait(min(left, ASK_AGAIN))
            return found

    def poke(self) -> None:
        """Have every waiting predicate asked again, though nothing that people see has changed."""
        with self._changed:
            self._changed.notify_all()

    # looking up

    def user(self, key: str) -> User:
        """The person with this id or name; NotFound when there is none."""
        for user in self.users.values():
            if key in {user.id, user.name}:
                return user
        raise NotFound(f"There is no user {key!r} in this workspace.")

    def channel(self, key: str) -> Channel:
        """The channel with this id or name (a leading # may stand); NotFound when there is none."""
        name = key.removeprefix("#")
        for channel in self.channels.values():
            if key == channel.id or (name == channel.name and not channel.is_im):
                return channel
        raise NotFound(f"There is no channel {key!r} in this workspace.")

    def direct(self, user: str) -> Channel:
        """A person's direct messages with the app."""
        return next(channel for channel in self.channels.values() if channel.im_with == user)

    def audience(self, channel: Channel) -> frozenset[str]:
        """Who may read a channel: its members, and for a public one everybody who is no guest."""
        if channel.is_im or channel.is_private or channel.is_ext_shared:
            return channel.members
        full = {u.id for u in self.users.values() if not (u.is_restricted or u.is_stranger or u.is_bot)}
        return channel.members | full

    def message(self, ts: str) -> Message:
        """The message or ephemeral with this ts, in whatever channel; NotFound when there is none."""
        with self.lock:
            for messages in (self.whispers, *self.messages.values()):
                if ts in messages:
                    return messages[ts]
        raise NotFound(f"There is no message {ts!r} in this workspace.")

    def history(self, channel: str) -> list[Message]:
        """A channel's messages, oldest first, replies left out."""
        with self.lock:
            kept = self.messages[channel].values()
            return sorted((m for m in kept if not m.is_reply or m.subtype == "thread_broadcast"), key=by_ts)

    def thread(self, channel: str, ts: str) -> list[Message]:
        """A thread's root and replies, oldest first; empty when there is no such root."""
        with self.lock:
            found = [m for m in self.messages[channel].values() if ts in {m.ts, m.thread_ts}]
            return sorted(found, key=by_ts)

    # triggers and answers

    def new_trigger(self, user: str, *, channel: str = "", view: str = "") -> Trigger:
        """A fresh trigger for a person's action."""
        with self.lock:
            id_ = f"{self.new_id('')}.{self.seed.team['id']}.{self.new_id('t')}"
            expires = self.clock() + self.timing.trigger
            self.triggers[id_] = Trigger(id_, user, expires, channel, view)
            return self.triggers[id_]

    def use_trigger(self, id_: str) -> Trigger:
        """The trigger, spent; Refused when it is unknown, spent before or too old."""
        with self.lock:
            trigger = self.triggers.get(id_)
            if trigger is None:
                raise Refused("invalid_trigger_id")
            if trigger.used:
                raise Refused("exchanged_trigger_id")
            if self.clock() > trigger.expires:
                raise Refused("expired_trigger_id")
            self.triggers[id_] = replace(trigger, used=True)
            return trigger

    def new_response_url(
        self, user: str, channel: str, *, message_ts: str = "", thread_ts: str = ""
    ) -> ResponseUrl:
        """The right to answer an action of this person in this channel."""
        with self.lock:
            key = self.new_id("R")
            expires = self.clock() + self.timing.response_url
            self.response_urls[key] = ResponseUrl(
                key, user, channel, message_ts, thread_ts, expires, self.timing.response_url_uses
            )
            return self.response_urls[key]


def by_ts(message: Message) -> tuple[int, int]:
    """Sorts messages by their timestamps."""
    seconds, micros = message.ts.split(".")
    return int(seconds), int(micros)

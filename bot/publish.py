"""Outgoing messages, each posted once.

Every post has an idempotency key. The key is written down before Slack is called, and goes along as the
message's metadata: a worker that finds the key begun but not finished looks into the thread for it before
it posts, so a kill at any point neither loses nor doubles a message. A connection that breaks is such a point
too: the second try follows at once, in the same job.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from typing import Any

from agent.errors import DeliveryError
from bot.patience import patiently
from bot.records.base import PostState, Records
from bot.render.message import Message
from bot.slack import Slack

EVENT_TYPE = "threatbot_post"
REFUSED = "refused"
"""In place of a ts: Slack has said that it did not show this."""
RECENT = 86_400.0
"""How far back, in seconds, a channel is searched for a root message of unknown outcome."""


class Publisher:
    """Posts, updates, whispers and uploads."""

    def __init__(
        self,
        slack: Slack,
        records: Records,
        clock: Callable[[], float] = time.time,
        check: Callable[[], None] = lambda: None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._slack = slack
        self._records = records
        self._clock = clock
        self._check = check
        self._sleep = sleep

    def guarded(self, check: Callable[[], None]) -> Publisher:
        """The same, which calls `check` before whatever Slack would show; what that raises goes through."""
        return Publisher(self._slack, self._records, self._clock, check, self._sleep)

    def post(self, key: str, channel: str, thread: str | None, message: Message) -> str:
        """The ts of the message under this key, posted now unless it was before."""
        return patiently(lambda: self._post(key, channel, thread, message), sleep=self._sleep)

    def _post(self, key: str, channel: str, thread: str | None, message: Message) -> str:
        known = self._records.begin_post(key, channel)
        if known.state is PostState.DONE:
            return known.ts
        ts = self._find(key, channel, thread) if known.state is PostState.UNSURE else None
        if ts is None:
            marked = message.post() | {"metadata": {"event_type": EVENT_TYPE, "event_payload": {"key": key}}}
            answer = self._call("chat.postMessage", channel=channel, thread_ts=thread, **marked)
            ts = str(answer["ts"])
        self._records.finish_post(key, ts)
        return ts

    def update(self, channel: str, ts: str, message: Message) -> None:
        """Replace a message; one that somebody deleted is left alone."""
        try:
            self._call("chat.update", channel=channel, ts=ts, **message.update())
        except DeliveryError as error:
            if "message_not_found" not in error.message:
                raise

    def put(self, key: str, channel: str, thread: str | None, message: Message) -> str:
        """Post it under the key, or update it when it stands already."""
        known = self._records.post(key)
        if known is not None and known.state is PostState.DONE:
            self.update(channel, known.ts, message)
            return known.ts
        return self.post(key, channel, thread, message)

    def whisper(self, key: str, channel: str, user: str, thread: str | None, message: Message) -> None:
        """Show something to one person, at most once: it is not in any history that could be searched.

        What Slack has certainly not shown is tried again, here and by the next try of the same job.
        """
        patiently(
            lambda: self._whisper(key, channel, user, thread, message),
            again=lambda error: error.retryable and error.undone,
            sleep=self._sleep,
        )

    def _whisper(self, key: str, channel: str, user: str, thread: str | None, message: Message) -> None:
        known = self._records.begin_post(key, channel)
        if known.ts == REFUSED:
            self._records.finish_post(key, "")  # unsure again, from here on
        elif known.state is not PostState.NEW:
            return
        try:
            answer = self._call(
                "chat.postEphemeral", channel=channel, user=user, thread_ts=thread, **message.ephemeral()
            )
        except DeliveryError as error:
            if error.undone:
                self._records.finish_post(key, REFUSED)
            raise
        self._records.finish_post(key, str(answer.get("message_ts", "shown")))

    def upload(self, key: str, channel: str, thread: str, name: str, content: bytes, comment: str) -> None:
        """Put a file into the thread, once; its title carries the key's hash, by which it is found again."""
        patiently(lambda: self._upload(key, channel, thread, name, content, comment), sleep=self._sleep)

    def _upload(self, key: str, channel: str, thread: str, name: str, content: bytes, comment: str) -> None:
        known = self._records.begin_post(key, channel)
        if known.state is PostState.DONE:
            return
        title = f"{name} ({hashlib.sha256(key.encode()).hexdigest()[:8]})"
        if known.state is PostState.NEW or not self._has_file(channel, thread, title):
            self._check()
            self._slack.upload(name, content, channel, thread, title, comment)
        self._records.finish_post(key, "uploaded")

    def react(self, channel: str, ts: str, name: str) -> None:
        """Put a reaction on a message; one that is there already, or whose message is gone, is fine."""
        try:
            self._slack.call("reactions.add", channel=channel, timestamp=ts, name=name)
        except DeliveryError as error:
            if not any(
                code in error.message for code in ("already_reacted", "message_not_found", "missing_scope")
            ):
                raise

    def _call(self, method: str, **arguments: Any) -> dict[str, Any]:
        self._check()
        return self._slack.call(method, **arguments)

    def _find(self, key: str, channel: str, thread: str | None) -> str | None:
        if thread:
            messages = self._slack.replies(channel, thread)
        else:
            messages = self._slack.history(channel, self._clock() - RECENT)
        for message in messages:
            metadata = message.get("metadata") or {}
            if (
                metadata.get("event_type") == EVENT_TYPE
                and metadata.get("event_payload", {}).get("key") == key
            ):
                return str(message["ts"])
        return None

    def _has_file(self, channel: str, thread: str, title: str) -> bool:
        return any(
            file.get("title") == title
            for message in self._slack.replies(channel, thread)
            for file in message.get("files", [])
        )

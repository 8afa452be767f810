"""What a workspace is made of: people, channels, messages, files, views; frozen values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Json = Mapping[str, Any]
"""A JSON object as Slack writes it."""


@dataclass(frozen=True)
class User:
    """A person, or the app's bot user."""

    id: str
    name: str
    real_name: str
    team: str
    title: str = ""
    is_owner: bool = False
    is_admin: bool = False
    is_restricted: bool = False
    """A guest."""
    is_stranger: bool = False
    """From another company, met in a shared channel."""
    is_bot: bool = False


@dataclass(frozen=True)
class Channel:
    """A channel, or the direct messages between one person and the app."""

    id: str
    name: str
    members: frozenset[str]
    topic: str = ""
    is_private: bool = False
    is_ext_shared: bool = False
    """Shared with another company."""
    is_org_shared: bool = False
    """In several workspaces of one organisation."""
    im_with: str = ""
    """The person's id when this is their direct messages with the app."""

    @property
    def is_im(self) -> bool:
        """Whether these are direct messages."""
        return bool(self.im_with)

    @property
    def type(self) -> str:
        """The word that events use: "channel", "group" or "im"."""
        if self.is_im:
            return "im"
        return "group" if self.is_private else "channel"


@dataclass(frozen=True)
class File:
    """An uploaded file. `content` is None when it lies elsewhere (`external_url`)."""

    id: str
    name: str
    title: str
    user: str
    created: float
    """Seconds since the epoch."""
    mimetype: str
    content: bytes | None
    external_url: str = ""
    shares: tuple[tuple[str, str, str], ...] = ()
    """(channel, ts, thread_ts or "") of every message that carries it."""
    size: int = 0
    """Bytes."""


@dataclass(frozen=True)
class Message:
    """One message; ephemeral when `only_for` names the one person who sees it."""

    channel: str
    ts: str
    user: str
    text: str
    blocks: tuple[Json, ...] = ()
    files: tuple[str, ...] = ()
    """Ids."""
    thread_ts: str = ""
    """The root's ts when this is a reply, or a root with replies."""
    subtype: str = ""
    from_app: bool = False
    only_for: str = ""
    edited: str = ""
    """The ts of the last edit, or empty."""
    edited_by: str = ""
    metadata: Json | None = None
    reactions: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """(emoji name, ids of those who reacted), in the order they came."""
    attachments: tuple[Json, ...] = ()
    former: tuple[tuple[Json, ...], ...] = ()
    """The blocks of the versions before this one, the latest first: somebody may still have one on screen."""

    @property
    def is_reply(self) -> bool:
        """Whether this stands in a thread, not in the channel."""
        return bool(self.thread_ts) and self.thread_ts != self.ts

    @property
    def root_ts(self) -> str:
        """The ts of the thread it belongs to: its own when it is no reply."""
        return self.thread_ts or self.ts

    @property
    def plain(self) -> str:
        """Everything that a reader of this message sees, as plain text, one block a line."""
        from bot.workspace.reading import plain

        return plain(self.blocks) or self.text

    def reacted(self, name: str) -> bool:
        """Whether anybody reacted with this emoji."""
        return any(n == name for n, _ in self.reactions)


@dataclass(frozen=True)
class View:
    """A modal or a Home tab as one person sees it."""

    id: str
    type: str
    """ "modal" or "home"."""
    user: str
    hash: str
    body: Json
    """The view as the app gave it, with every block_id and action_id filled in."""
    state: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    """block_id → action_id → the value that stands in the input."""
    root: str = ""
    previous: str = ""
    channel: str = ""
    """Where the person was when it opened."""

    @property
    def blocks(self) -> Sequence[Json]:
        """Its blocks."""
        return tuple(self.body.get("blocks", ()))

    @property
    def callback_id(self) -> str:
        """The app's own name for it."""
        return str(self.body.get("callback_id", ""))

    @property
    def title(self) -> str:
        """What stands in its head."""
        return str(self.body.get("title", {}).get("text", ""))

    @property
    def plain(self) -> str:
        """Everything that its reader sees, as plain text, one block a line."""
        from bot.workspace.reading import plain

        return plain(self.blocks)


@dataclass(frozen=True)
class Trigger:
    """The right to open one view, for `trigger_seconds`, once."""

    id: str
    user: str
    expires: float
    channel: str = ""
    view: str = ""
    """The view that it came from, where views.push puts the new one on top."""
    used: bool = False


@dataclass(frozen=True)
class ResponseUrl:
    """The right to answer one interaction: five times, for half an hour."""

    key: str
    user: str
    channel: str
    message_ts: str
    thread_ts: str
    expires: float
    uses_left: int


@dataclass(frozen=True)
class Notice:
    """What the workspace itself tells one person, such as that the app did not answer."""

    user: str
    text: str
    error: str
    """ "operation_timeout", "dispatch_failed", "no_app" …"""


@dataclass(frozen=True)
class Status:
    """What the app says it is doing in a thread, until it posts or two minutes have passed."""

    channel: str
    thread_ts: str
    text: str
    until: float


@dataclass(frozen=True)
class Session:
    """The state of an agent's work in a thread: "processing" shows a Stop button."""

    channel: str
    thread_ts: str
    state: str
    title: str = ""


@dataclass(frozen=True)
class Change:
    """Something that happened, for those who watch."""

    seq: int
    kind: str
    """ "message", "message_deleted", "view", "notice", "status", "session", "channel", "home" …"""
    audience: frozenset[str]
    """Ids of the people who may see it."""
    payload: Json

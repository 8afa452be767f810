"""What a person types, as Slack keeps it: escaped text with mentions, and the rich_text block beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.workspace.state import Store
from bot.workspace.values import Json

_TOKEN = re.compile(r"@([a-z0-9][a-z0-9._-]*)|(https?://[^\s<>|]+)")
_KEPT = re.compile(
    r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>|<(https?://[^>|]+)>|(?<![a-z0-9]):([a-z0-9_+'-]*[a-z+-][a-z0-9_+'-]*):"
)


def typed(store: Store, text: str) -> str:
    """The text with &, < and > escaped, @names of this workspace as mentions, and addresses as links."""
    names = {user.name: user.id for user in store.users.values()}

    def token(match: re.Match[str]) -> str:
        name, url = match.groups()
        if url:
            return f"<{url}>"
        return f"<@{names[name]}>" if name in names else match.group(0)

    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _TOKEN.sub(token, escaped)


def rich_text(text: str, block_id: str) -> tuple[Json, ...]:
    """The block that Slack adds to a person's message of this (already escaped) text."""
    if not text:
        return ()
    section = {"type": "rich_text_section", "elements": list(_runs(text))}
    return ({"type": "rich_text", "block_id": block_id, "elements": [section]},)


def _runs(text: str) -> Iterator[Json]:
    at = 0
    for match in _KEPT.finditer(text):
        if match.start() > at:
            yield _run(text[at : match.start()])
        yield _marked(*match.groups())
        at = match.end()
    if at < len(text):
        yield _run(text[at:])


def _marked(user: str | None, url: str | None, emoji: str | None) -> Json:
    if user:
        return {"type": "user", "user_id": user}
    return {"type": "link", "url": _plain(url)} if url else {"type": "emoji", "name": emoji}


def _run(text: str) -> Json:
    return {"type": "text", "text": _plain(text)}


def _plain(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")

"""What somebody wants to post or open, checked as Slack checks it before anything is kept."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from bot.render import limits
from bot.workspace.elements import with_ids
from bot.workspace.errors import Refused, invalid
from bot.workspace.state import Store
from bot.workspace.values import Json

POST_TEXT = 40_000
"""Characters of text; a longer one is cut."""
UPDATE_TEXT = 4_000
"""Characters of text that chat.update takes."""
MAX_ATTACHMENTS = 100
MAX_METADATA = 16_000
"""Bytes of metadata as JSON; Slack refuses large ones and publishes no figure, so this one is ours."""
MAX_VIEW = 250_000
"""Bytes of a view as JSON."""
_OWN_WORD = re.compile(r"\((msg_blocks_too_long|only_one_table_allowed|view_too_large)\)$")


@dataclass(frozen=True)
class Draft:
    """A message before it is posted."""

    text: str = ""
    blocks: tuple[Json, ...] = ()
    attachments: tuple[Json, ...] = ()
    metadata: Json | None = None
    files: tuple[str, ...] = ()
    thread_ts: str = ""
    broadcast: bool = False
    """Also shown in the channel although it is a reply."""


def parsed(value: Any, refusal: str) -> Any:
    """A JSON argument, given as JSON or as text of JSON; Refused with that word when it is neither."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value) if value else None
    except ValueError:
        raise Refused(refusal) from None


def draft(store: Store, given: Mapping[str, Any], *, long_blocks: bool = False) -> Draft:
    """The message that these arguments describe; Refused when Slack would refuse it.

    `long_blocks` lifts the limit on the sum of block text, as answers through a response_url do.
    """
    text = str(given.get("text") or given.get("markdown_text") or "")
    blocks = parsed(given.get("blocks"), "invalid_blocks_format") or []
    attachments = parsed(given.get("attachments"), "invalid_attachments") or []
    if not isinstance(blocks, list):
        raise Refused("invalid_blocks_format")
    if not (text or blocks or attachments):
        raise Refused("no_text")
    if len(attachments) > MAX_ATTACHMENTS:
        raise Refused("too_many_attachments")
    _check_blocks(blocks, long_blocks=long_blocks)
    return Draft(
        text=text[:POST_TEXT],
        blocks=with_ids(blocks, lambda: store.new_id("b")),
        attachments=tuple(attachments),
        metadata=_metadata(given),
        thread_ts=str(given.get("thread_ts") or ""),
        broadcast=given.get("reply_broadcast") in {True, "true", "1"},
    )


def _check_blocks(blocks: list[Json], *, long_blocks: bool) -> None:
    if blocks:
        found = limits.problems({"text": "…", "blocks": blocks}, "message")
        _refuse([p for p in found if not (long_blocks and p.endswith("(msg_blocks_too_long)"))])


def _refuse(problems: list[str]) -> None:
    """Refused with Slack's own word where a problem names one, else invalid_blocks with the sentences."""
    own = [match.group(1) for problem in problems if (match := _OWN_WORD.search(problem))]
    if problems:
        code = own[0] if own and len(own) == len(problems) else "invalid_blocks"
        raise Refused(code, response_metadata={"messages": [f"[ERROR] {p}" for p in problems]})


def _metadata(given: Mapping[str, Any]) -> Json | None:
    metadata = parsed(given.get("metadata"), "invalid_metadata_format")
    if not metadata:
        return None
    if not isinstance(metadata, dict) or not {"event_type", "event_payload"} <= metadata.keys():
        raise Refused("invalid_metadata_format")
    if len(json.dumps(metadata).encode()) > MAX_METADATA:
        raise Refused("metadata_too_large")
    return metadata


def view_body(store: Store, given: Any, kind: Literal["modal", "home"]) -> Json:
    """The view that an app gave, with every id filled in; Refused when Slack would refuse it."""
    body = parsed(given, "invalid_arguments")
    if not isinstance(body, dict):
        raise invalid("[ERROR] missing required field: view")
    if body.get("type") != kind:
        raise invalid(f"[ERROR] the view's type must be {kind!r} here [json-pointer:/view/type]")
    if len(json.dumps(body).encode()) > MAX_VIEW:
        raise Refused("view_too_large")
    problems = limits.problems(body, kind)
    if problems:
        raise invalid(*(f"[ERROR] {problem} [json-pointer:/view]" for problem in problems))
    return {**body, "blocks": list(with_ids(body["blocks"], lambda: store.new_id("b")))}

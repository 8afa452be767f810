"""Labels as people wrote them, free of the markup that diagrams carry."""

from __future__ import annotations

import html
import re

MAX_LABEL = 300
"""Characters of a name or a label that are kept."""
_RAW_LIMIT = 4_000
_BREAK = re.compile(r"<\s*/?\s*(?:br|p|div|li|tr|h[1-6]|hr)\b[^<>]*>|\\n|\r\n?", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<!--[^<>]*-->")
_MERMAID_ENTITY = re.compile(r"#(\w{1,8});")
_SPACES = re.compile(r"[^\S\n]+")
_LINES = re.compile(r" ?\n[ \n]*")
_INVISIBLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def lines_of(text: str) -> str:
    """The text without tags, entities and doubled spaces; its lines apart, at most `MAX_LABEL` characters."""
    text = text[:_RAW_LIMIT]
    if "<" in text or "\\" in text or "\r" in text:
        text = _TAG.sub("", _BREAK.sub("\n", text))
    if "&" in text:
        text = html.unescape(text)
        text = _TAG.sub("", _BREAK.sub("\n", text)) if "<" in text else text
    text = _INVISIBLE.sub("", text)
    text = _LINES.sub("\n", _SPACES.sub(" ", text)).strip()
    return text if len(text) <= MAX_LABEL else text[: MAX_LABEL - 1].rstrip() + "…"


def name_of(text: str) -> str:
    """The text as one line, free of markup."""
    return " ".join(lines_of(text).split())


def mermaid_entities(text: str) -> str:
    """Mermaid's "#quot;" and "#9829;" as the HTML entities that they stand for."""
    return _MERMAID_ENTITY.sub(_html_entity, text) if "#" in text else text


def _html_entity(match: re.Match[str]) -> str:
    return f"&#{match[1]};" if match[1].isdigit() else f"&{match[1]};"

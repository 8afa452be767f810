"""Settings that a text writes as code: `storage_encrypted = true` states a control and names no part."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.diagrams.prose_words import load_prose_words
from agent.domain.system import Known

_SETTING = re.compile(
    r"`\s*(?P<quoted>[A-Za-z][\w.-]{1,60})\s*[:=]\s*(?P<value>[^`\s][^`]{0,60})`"
    r"|\b(?P<bare>[a-z]+(?:_[a-z]+)+)\s*=\s*(?P<flag>true|false)\b"
)
_ON = frozenset({"true", "yes", "on", "enabled", "1", "required"})
_OFF = frozenset({"false", "no", "off", "disabled", "0", "none"})


def settings(text: str) -> Iterator[tuple[str, Known]]:
    """The controls that settings of the text switch on or off, by the name of the control."""
    table = load_prose_words().settings
    for match in _SETTING.finditer(text):
        control = table.get((match["quoted"] or match["bare"]).rpartition(".")[2].lower())
        value = (match["value"] or match["flag"]).strip(" \"'").lower()
        if control is not None and value in _ON | _OFF:
            yield control, Known.YES if value in _ON else Known.NO


def without_settings(text: str) -> str:
    """The text with every setting replaced, so that its words name no part."""
    return _SETTING.sub("a setting", text)

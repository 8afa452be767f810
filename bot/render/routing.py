"""Routes: the short strings in buttons, options and modals that say what a press is about.

A route is an address, not a permission: whoever sends one back is authorised again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from typing import Any

MAX_ROUTE = 2_000
"""Characters of the longest route: what a button's value holds."""


@dataclass(frozen=True)
class Route:
    """What a press is about; members that say nothing are left empty."""

    model: str
    revision: int
    """The revision that the person saw; 0 before there is one."""
    threat: str = ""
    verdict: str = ""
    question: str = ""
    value: str = ""
    """What was picked: a severity, a status, an answer, an export's name."""


_KEYS = {
    "model": "m",
    "revision": "r",
    "threat": "t",
    "verdict": "v",
    "question": "q",
    "value": "x",
}
_NAMES = {key: name for name, key in _KEYS.items()}


def encode(route: Route) -> str:
    """The route as one short line of JSON; `decode` gives the route back."""
    said = {_KEYS[f.name]: getattr(route, f.name) for f in fields(route) if getattr(route, f.name) != ""}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def decode(text: object) -> Route | None:
    """The route that `encode` wrote, or None for anything else whatever: never raises."""
    if not isinstance(text, str) or len(text) > MAX_ROUTE:
        return None
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict) or not {"m", "r"} <= data.keys() <= _NAMES.keys():
        return None
    return Route(**{_NAMES[key]: value for key, value in data.items()}) if _sound(data) else None


def _sound(data: dict[str, Any]) -> bool:
    revision = data["r"]
    if isinstance(revision, bool) or not isinstance(revision, int) or revision < 0:
        return False
    return bool(data["m"]) and all(isinstance(v, str) for k, v in data.items() if k != "r")

"""Every limit of Slack's messages and views that is known, in one question.

Limits are those of docs.slack.dev (block kit reference, checked November 2026) and, where Slack publishes
none, the figures that others measured; where two sources differ the stricter one stands here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.render.limits.blocks import Surface
from bot.render.limits.payload import PROBLEMS

__all__ = ["Surface", "problems"]


def problems(payload: Mapping[str, Any], surface: Surface) -> list[str]:
    """What Slack would refuse, or cut: one sentence each, led by a JSON pointer; [] when it is fine.

    Args:
        payload: the arguments of chat.postMessage (of chat.update when it has a `ts`) with `blocks` as an
            array, or the view object of a modal or a home tab.
        surface: where it is to be shown.
    """
    return list(PROBLEMS[surface](payload))

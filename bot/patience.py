"""Trying a call to Slack again on the spot, before the whole job is tried again."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from agent.errors import DeliveryError

Result = TypeVar("Result")
PAUSES = (0.3, 1.5)
"""Seconds before the second and the third try: a stumble is over by then; an outage is the queue's matter."""


def patiently(
    act: Callable[[], Result],
    *,
    again: Callable[[DeliveryError], bool] = lambda error: error.retryable,
    sleep: Callable[[float], None] = time.sleep,
) -> Result:
    """What `act` gives, tried up to three times; the last DeliveryError when none of the tries succeeds.

    Args:
        act: harmless to repeat after the errors that `again` accepts.
        again: whether an error is worth another try.
        sleep: waits so many seconds.
    """
    for pause in PAUSES:
        try:
            return act()
        except DeliveryError as error:
            if not again(error):
                raise
        sleep(pause)
    return act()

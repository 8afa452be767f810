"""What `serve` and `work` do besides, unasked: forget what is old, keep the company's documents up to date.

On AWS the services and a schedule do it; see bot/retention.py and bot/lambda_documents.py.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable, Sequence

from agent.errors import ThreatbotError
from bot.documents import unnamed
from bot.retention import DAY, forget
from bot.services import Services
from bot.settings import Settings
from bot.wiring import make_documents
from knowledge.documents.base import PlaceError
from knowledge.documents.syncing import Synced, sync
from knowledge.stores.base import StoreError

log = logging.getLogger("threatbot.chores")

HOUR = 3_600.0

Over = Callable[[], bool]
"""Whether it is time to stop."""


class Chore:
    """A thread that does one thing, now and again and again.

    What goes wrong is a line of the log, and the next time tries again.

    Args:
        name: what it is called in the log.
        do: does it, stops early when it is told so, and says what was done; "" for nothing worth a line.
        every: seconds between two times.
    """

    def __init__(self, name: str, do: Callable[[Over], str], every: float) -> None:
        self._name = name
        self._do = do
        self._every = every
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """End, after what is under way."""
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            try:
                said = self._do(self._over.is_set)
            except (ThreatbotError, PlaceError, StoreError, sqlite3.Error, OSError) as error:
                log.error("%s: %s", self._name, unnamed(error))  # noqa: TRY400 - the sentence says it
            else:
                if said:
                    log.info("%s: %s", self._name, said)
            if self._over.wait(self._every):
                return


class Chores:
    """All that the settings ask for; `start` and `stop` as a worker's."""

    def __init__(self, settings: Settings, services: Services) -> None:
        self._all = chores(settings, services)

    def start(self) -> None:
        """Begin; returns at once."""
        for chore in self._all:
            chore.start()

    def stop(self) -> None:
        """End, after what is under way."""
        for chore in self._all:
            chore.stop()


def chores(settings: Settings, services: Services, hour: float = HOUR, day: float = DAY) -> Sequence[Chore]:
    """Retention every day; company documents every hour, where the settings name a place for them.

    ConfigurationError for a place of another kind than there are.
    """
    daily = Chore("retention", lambda _: _forget(settings, services), day)
    place = make_documents(settings)
    if place is None:
        return (daily,)

    def take_in(over: Over) -> str:
        return _counted(sync(services.store(), place, base=settings.documents_url, enough=over))

    return (daily, Chore("company documents", take_in, hour))


def _forget(settings: Settings, services: Services) -> str:
    counted = forget(settings, services)
    told = ", ".join(f"{count} {name}" for name, count in counted.items() if count)
    return told and f"deleted what was too old: {told}"


def _counted(done: Synced) -> str:
    """As on Lambda, the log says how many files, never which."""
    counted = {"new": done.new, "changed": done.changed, "gone": done.gone}
    if not any(counted.values()):
        return ""
    told = ", ".join(f"{count} {word}" for word, count in counted.items() if count)
    refused = f"; {len(done.refused)} refused, see `threatbot knowledge documents`" if done.refused else ""
    return told + refused

"""The company's documents on Lambda: brought up to date on a schedule, as far as one function's time goes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from agent.errors import ThreatbotError
from bot.documents import unnamed
from bot.wiring import make_documents

if TYPE_CHECKING:
    from bot.settings import Settings
    from bot.telemetry import Telemetry
    from knowledge.stores.base import KnowledgeStore

log = logging.getLogger("threatbot.documents")

EVENT = {"threatbot": "documents"}
"""What the schedule of deploy/documents/ sends."""

MARGIN = 120.0
"""Seconds before the function's end after which no further file is begun; the longest one takes less."""


class SyncedDocuments:
    """Brings the knowledge base up to date with the place that the settings name.

    Log and metrics say how many files, never which: what a company's documents are called may be a secret.
    `threatbot knowledge documents` and `threatbot doctor` name them to whoever may read them.

    Args:
        settings: the place, and the address of its files.
        store: the knowledge base.
        telemetry: where the files are counted.
    """

    def __init__(self, settings: Settings, store: Callable[[], KnowledgeStore], telemetry: Telemetry) -> None:
        self._settings = settings
        self._store = store
        self._telemetry = telemetry

    def sync(self, _: Mapping[str, Any], context: Any) -> dict[str, Any]:
        """How many files were new, changed and so on; what the time did not suffice for, the next call does.

        A place or a store that does not answer is a log line and a metric, and the next call tries again.
        """
        from knowledge.documents.base import PlaceError
        from knowledge.documents.syncing import sync
        from knowledge.stores.base import StoreError

        margin = min(MARGIN, _left(context) / 3)
        try:
            place, base = make_documents(self._settings), self._settings.documents_url
            if place is None:
                log.info("no documents: THREATBOT_DOCUMENTS names no place")
                return {}
            done = sync(self._store(), place, base=base, enough=lambda: _left(context) < margin)
        except (PlaceError, StoreError, ThreatbotError) as error:
            log.error("documents are not up to date: %s", unnamed(error))  # noqa: TRY400 - the sentence says it
            self._telemetry.count("DocumentsFailed")
            return {"failed": True}
        counts = {**asdict(done), "refused": len(done.refused)}
        log.info("documents are up to date" if not done.left else "documents go on next time", extra=counts)
        self._telemetry.count("DocumentsFailed", 0)
        for name in ("new", "changed", "gone", "refused", "left"):
            self._telemetry.count(f"Documents{name.capitalize()}", counts[name])
        return counts


def _left(context: Any) -> float:
    return float(context.get_remaining_time_in_millis()) / 1000

"""Deliveries as a network brings them: several times, out of order, too late."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from agent.errors import StorageError
from bot.records.sqlite import SqliteRecords
from bot.services import Services
from tests import fault_bench
from tests.fault_bench import CHANNEL, Thread, benched


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_each_delivery_is_done_once(tmp_path: Path, seed: int) -> None:
    """Sent one to three times, swapped, some after five minutes: each is done once, late ones never."""
    count, sent = fault_bench.deliveries(tmp_path, seed, threads=2)

    assert count.good, count
    assert count.finished == count.runs, count
    assert sent["copies"] > sent["deliveries"] / 2
    assert sent["late"] > 0
    assert sent["late taken"] == 0


class Forgetful(SqliteRecords):
    """Records that are away just when a delivery has been taken over."""

    def record_delivery(self, delivery: str) -> None:
        """See Records."""
        raise StorageError(f"The table did not keep {delivery}.", cause="unreachable")


def test_what_was_taken_over_is_not_refused(tmp_path: Path) -> None:
    """Once its job is queued a delivery counts: a person who is told to try again would do it twice."""

    def change(services: Services) -> Services:
        return replace(services, records=Forgetful(tmp_path / "records.db"))

    with benched(tmp_path, change=change) as bench:
        thread = Thread(bench, "Lockers")
        thread.open()
        thread.upload()
        thread.await_finish()
        thread.accept()

        assert len(bench.workspace.messages(CHANNEL)) == 1
        assert thread.doubled() == 0

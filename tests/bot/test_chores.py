"""What `serve` and `work` do besides: again and again, whatever goes wrong in between."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from agent.errors import ConfigurationError
from bot.artifacts.folder import FolderArtifacts
from bot.chores import Chore, chores
from bot.demo import local_settings
from bot.server import Serving
from bot.settings import Settings
from bot.wiring import make_services
from bot.workspace.workspace import Workspace
from knowledge.documents.reading import SOURCE
from knowledge.passages import Query
from knowledge.stores.base import KnowledgeStore, StoreError

SOON = 0.01
"""Seconds between two times in these tests."""


class Unwell(FolderArtifacts):
    """A folder that cannot be read, the first time."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.asked = 0
        self.well = threading.Event()

    def forget(self, days: int) -> int:
        """See FolderArtifacts."""
        self.asked += 1
        if self.asked == 1:
            raise PermissionError(13, f"not even what is {days} days old", str(self._folder))
        self.well.set()
        return super().forget(days)


@contextmanager
def at_work(*all_: Chore) -> Iterator[None]:
    """They run while this is open."""
    for chore in all_:
        chore.start()
    try:
        yield
    finally:
        for chore in all_:
            chore.stop()


def titles(store: KnowledgeStore) -> list[str]:
    """What the company's documents that are found are called."""
    hits = store.search(Query(text="doors close", sources=(SOURCE,)))
    return sorted(h.passage.title for h in hits)


def test_a_disk_that_fails_is_tried_again(workspace: Workspace, tmp_path: Path) -> None:
    """A failure is logged, and the next day comes all the same."""
    settings = local_settings(workspace, "s", tmp_path)
    artifacts = Unwell(tmp_path / "artifacts")
    with at_work(*chores(settings, replace(make_services(settings), artifacts=artifacts), day=SOON)):
        assert artifacts.well.wait(30)


def test_documents_are_kept_up_to_date_while_it_serves(workspace: Workspace, tmp_path: Path) -> None:
    """`serve` takes in what lies in the place at its start; nobody has to run a command."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "doors.md").write_text("# Doors\n\nDoors close by themselves.")
    settings = local_settings(workspace, "s", tmp_path / "data")
    settings = settings.model_copy(update={"documents": str(tmp_path / "docs"), "embedder": "none"})
    services = make_services(settings)
    with Serving(settings, services):
        assert workspace.wait_until(lambda: titles(services.store()) == ["Doors"], 30)


def test_what_is_new_and_gone_is_seen_the_next_hour(workspace: Workspace, tmp_path: Path) -> None:
    """The store follows the folder; the log counts files, and names none."""
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "doors.md").write_text("# Doors\n\nDoors close by themselves.")
    settings = Settings(data_dir=tmp_path / "data", documents=str(docs), embedder="none")
    services = make_services(settings)
    with at_work(*chores(settings, services, hour=SOON)):
        assert workspace.wait_until(lambda: titles(services.store()) == ["Doors"], 30)
        (docs / "gates.md").write_text("# Gates\n\nGates close as doors do.")
        (docs / "doors.md").unlink()
        assert workspace.wait_until(lambda: titles(services.store()) == ["Gates"], 30)


def test_the_log_counts_and_names_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """What is said of a failure holds no document's name; what was done is a line, nothing is none."""
    said = iter(["2 new", "", "company:secret/plan.md#1 is too long", "1 gone"])
    all_done = threading.Event()

    def do(_: object) -> str:
        now = next(said, "")
        if "too long" in now:
            raise StoreError(now)
        if now == "1 gone":
            all_done.set()
        return now

    with caplog.at_level(logging.INFO, "threatbot.chores"), at_work(Chore("documents", do, SOON)):
        assert all_done.wait(30)  # and what is under way is ended
    assert caplog.messages == ["documents: 2 new", "documents: a passage is too long", "documents: 1 gone"]


def test_a_place_of_no_kind_is_refused_at_the_start(tmp_path: Path) -> None:
    """A setting that nobody can follow ends the program before it serves, and names itself."""
    settings = Settings(data_dir=tmp_path, documents="ftp://handbook")
    with pytest.raises(ConfigurationError, match="THREATBOT_DOCUMENTS"):
        chores(settings, make_services(settings))

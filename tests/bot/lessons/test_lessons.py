"""What Lessons promise. Each adapter is run through all of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from agent.domain.lesson import Lesson, LessonKind, Teaching
from agent.domain.threat import Severity
from agent.errors import NotFound
from bot.intake import model_id
from bot.lessons.base import BYTES, Home, LessonCounts, Lessons
from bot.lessons.dynamodb import DynamoLessons
from bot.lessons.packing import LARGEST, pack
from bot.lessons.scoped import ScopedLessons
from bot.lessons.sqlite import SqliteLessons
from bot.records.sqlite import SqliteRecords
from bot.retention import Perishing
from tests.agent.lessons.made import NOON
from tests.aws_servers import DYNAMODB, named
from tests.fakes import Clock

DAYS, DAY = 30, 86_400
ITEM = 400 * 1024
"""Bytes that DynamoDB takes as one item."""


@dataclass
class Kept:
    """Lessons that are kept for DAYS, and time that passes for them."""

    lessons: Lessons
    clock: Clock

    def pass_days(self, days: float) -> None:
        """Time passes, and what is embedded deletes what is old, which DynamoDB does by itself."""
        self.clock.advance(days * DAY)
        if isinstance(self.lessons, Perishing):
            self.lessons.forget(DAYS)


@pytest.fixture(params=["sqlite", *DYNAMODB])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Kept]:
    """Each adapter, empty."""
    clock = Clock()
    made: Lessons
    if request.param == "sqlite":
        made = SqliteLessons(tmp_path / "records.db", clock=clock)
    else:
        server = named(request, request.param)
        made = DynamoLessons(server.aws, server.make_table(), retention_days=DAYS, clock=clock)
    yield Kept(made, clock)
    made.close()


@pytest.fixture
def lessons(kept: Kept) -> Lessons:
    """The same, where no time passes."""
    return kept.lessons


def home(minute: int = 0, *, workspace: str = "T0", channel: str = "C0", private: bool = False) -> Home:
    """A model of this workspace and channel, begun in this minute."""
    created = NOON + timedelta(minutes=minute)
    return Home(workspace=workspace, channel=channel, private=private, created=created)


def teaching(model: str = "tm-1", reason: str = "TLS ends at the mesh", many: int = 1) -> Teaching:
    """What a model taught."""
    lesson = Lesson(
        kind=LessonKind.DISMISSED,
        pattern="transport-plain",
        title="Read along",
        severity=Severity.HIGH,
        reason=reason,
        who="U0LEE",
        when=NOON,
    )
    return Teaching(model=model, title=f"Shop {model}", link="https://local/x", lessons=(lesson,) * many)


def test_what_a_model_taught_comes_back(lessons: Lessons) -> None:
    """Whole, and only in its workspace."""
    lessons.keep(home(), teaching())

    assert lessons.of("T0", "C9") == (teaching(),)
    assert lessons.of("T1", "C0") == ()
    assert lessons.of("", "C0") == ()


def test_a_model_teaches_what_it_taught_last(lessons: Lessons) -> None:
    """Kept again it takes the place of what stood; kept twice, it is there once."""
    for taught in (teaching(), teaching(), teaching(reason="no secrets")):
        lessons.keep(home(), taught)

    assert lessons.of("T0", "C0") == (teaching(reason="no secrets"),)


def test_a_model_without_lessons_teaches_nothing(lessons: Lessons) -> None:
    """Once its last verdict is taken back, nothing of it is kept; its neighbour stays."""
    lessons.keep(home(), teaching())
    lessons.keep(home(1), teaching("tm-2"))
    lessons.keep(home(), teaching(many=0))
    lessons.keep(home(), teaching(many=0))

    assert lessons.of("T0", "C0") == (teaching("tm-2"),)


def test_the_newest_models_come_first(lessons: Lessons) -> None:
    """By when they were begun, and no more than asked for."""
    for number in (3, 1, 2):
        lessons.keep(home(number), teaching(f"tm-{number}"))

    assert [t.model for t in lessons.of("T0", "C0")] == ["tm-3", "tm-2", "tm-1"]
    assert [t.model for t in lessons.of("T0", "C0", limit=2)] == ["tm-3", "tm-2"]


def test_a_private_channel_teaches_only_itself(lessons: Lessons) -> None:
    """Its models learn from each other and from open channels; nobody else hears of them."""
    lessons.keep(home(1, channel="C1", private=True), teaching("tm-1"))
    lessons.keep(home(2, channel="C2", private=True), teaching("tm-2"))
    lessons.keep(home(3), teaching("tm-3"))

    assert [t.model for t in lessons.of("T0", "C0")] == ["tm-3"]
    assert [t.model for t in lessons.of("T0", "C1", limit=2)] == ["tm-3", "tm-1"]
    assert [t.model for t in lessons.of("T0", "C2", limit=1)] == ["tm-3"]


def test_lessons_are_counted_where_they_are_at_work(lessons: Lessons) -> None:
    """Those of the channel's own models apart from those of open channels; whether its own stay in it."""
    assert lessons.counts("T0", "C1") == LessonCounts()
    lessons.keep(home(1, channel="C1", private=True), teaching("tm-1", many=3))
    lessons.keep(home(2, channel="C2", private=True), teaching("tm-2", many=2))
    lessons.keep(home(3), teaching("tm-3", many=4))

    assert lessons.counts("T0", "C1") == LessonCounts(here=3, elsewhere=4, private=True)
    assert lessons.counts("T0", "C0") == LessonCounts(here=4)
    assert lessons.counts("T0", "C9") == LessonCounts(elsewhere=4)
    assert lessons.counts("T1", "C1") == LessonCounts()


def test_a_channel_that_became_private_falls_silent(lessons: Lessons) -> None:
    """With the next verdict there."""
    lessons.keep(home(), teaching())
    lessons.keep(home(private=True), teaching())

    assert lessons.of("T0", "C1") == ()
    assert lessons.of("T0", "C0") == (teaching(),)


def test_private_models_do_not_crowd_out_others(lessons: Lessons) -> None:
    """However many newer ones may not be told, the older ones that may are found."""
    lessons.keep(home(), teaching("tm-0"))
    for number in range(1, 8):
        lessons.keep(home(number, channel="C1", private=True), teaching(f"tm-{number}"))

    assert [t.model for t in lessons.of("T0", "C0", limit=2)] == ["tm-0"]


def test_unlearning_is_of_one_workspace(lessons: Lessons) -> None:
    """All that it taught, or one of its models; how many models that were; and of nobody else."""
    for number in (1, 2, 3):
        lessons.keep(home(number), teaching(f"tm-{number}"))
    lessons.keep(home(workspace="T1"), teaching("tm-1"))

    assert lessons.unlearn("T0", "tm-2") == 1
    assert [t.model for t in lessons.of("T0", "C0")] == ["tm-3", "tm-1"]
    assert lessons.unlearn("T0") == 2
    assert lessons.unlearn("T0") == 0
    assert lessons.of("T0", "C0") == ()
    assert lessons.of("T1", "C0") == (teaching("tm-1"),)


def test_ids_with_signs_in_them_stay_apart(lessons: Lessons) -> None:
    """No id can be taken for two, nor the beginning of one for the whole."""
    lessons.keep(home(workspace="T0#T1"), teaching("tm-1"))
    lessons.keep(home(workspace="T0", channel="C#0"), teaching("tm#1"))

    assert [t.model for t in lessons.of("T0", "C0")] == ["tm#1"]
    assert [t.model for t in lessons.of("T0#T1", "C0")] == ["tm-1"]
    assert lessons.of("T", "C0") == ()


def test_an_organisations_workspaces_are_known(lessons: Lessons) -> None:
    """Those that its installation served when they taught; none for nobody's."""
    for workspace in ("T2", "T1", "T1"):
        lessons.keep(replace(home(workspace=workspace), enterprise="E0"), teaching())
    lessons.keep(home(workspace="T3"), teaching())

    assert lessons.workspaces("E0") == ("T1", "T2")
    assert lessons.workspaces("E1") == ()
    assert lessons.workspaces("") == ()


def test_lessons_go_with_their_retention(kept: Kept) -> None:
    """They are forgotten so long after they were last kept; keeping them again keeps them as long again."""
    kept.lessons.keep(home(), teaching("tm-1"))
    kept.lessons.keep(home(1), teaching("tm-2"))
    kept.pass_days(DAYS - 1)
    kept.lessons.keep(home(), teaching("tm-1"))
    kept.pass_days(2)

    assert kept.lessons.of("T0", "C0") == (teaching("tm-1"),)


def test_a_run_is_given_no_more_than_it_can_keep(lessons: Lessons) -> None:
    """The newest models that fit into the bytes; none is cut."""
    for number in range(12):
        lessons.keep(home(number), teaching(f"tm-{number:02d}", reason="x" * 300, many=30))
    found = lessons.of("T0", "C0")

    assert [t.model for t in found] == [f"tm-{11 - n:02d}" for n in range(len(found))]
    assert BYTES // LARGEST <= len(found) < 12
    assert sum(len(t.model_dump_json().encode()) for t in found) <= BYTES


def test_the_largest_fits_into_an_item(lessons: Lessons) -> None:
    """Text that cannot be compressed is kept as far as one model may teach, its most pressing first."""
    many = [teaching(reason=os.urandom(150).hex()).lessons[0] for _ in range(500)]
    large = Teaching(model="tm-1", title="Shop", lessons=tuple(many))
    lessons.keep(home(), large)
    (found,) = lessons.of("T0", "C0")

    assert len(pack(large)) < ITEM - 2_000
    assert len(large.model_dump_json()) > LARGEST >= len(found.model_dump_json())
    assert 0 < len(found.lessons) < 500
    assert found.lessons == large.lessons[: len(found.lessons)]


# one workspace's part


OWN, THEIRS = model_id("T0", "x"), model_id("T1", "x")


def test_a_guard_knows_one_workspace(lessons: Lessons) -> None:
    """Through it nothing of another workspace is read, written or deleted."""
    lessons.keep(home(workspace="T1"), teaching(THEIRS))
    scoped = ScopedLessons(lessons, "T0")
    scoped.keep(home(), teaching(OWN))

    assert scoped.of("T0", "C0") == (teaching(OWN),)
    assert scoped.of("T1", "C0") == ()
    for act in (
        lambda: scoped.keep(home(workspace="T1"), teaching(THEIRS)),
        lambda: scoped.keep(home(), teaching(THEIRS)),
        lambda: scoped.unlearn("T1"),
        lambda: scoped.unlearn("T0", THEIRS),
    ):
        with pytest.raises(NotFound):
            act()
    assert lessons.of("T1", "C0") == (teaching(THEIRS),)
    assert scoped.unlearn("T0") == 1


def test_nobodys_guard_finds_nothing(lessons: Lessons) -> None:
    """A job without a workspace reads and writes nothing."""
    lessons.keep(replace(home(), enterprise="E0"), teaching())
    scoped = ScopedLessons(lessons, "")

    assert scoped.of("", "C0") == scoped.of("T0", "C0") == ()
    assert scoped.workspaces("E0") == ()
    with pytest.raises(NotFound):
        scoped.unlearn("")


# the embedded file


def test_lessons_lie_in_the_records_file(tmp_path: Path) -> None:
    """Records and lessons open one file, in any order, and do not disturb each other."""
    path = tmp_path / "records.db"
    for _ in range(2):
        first, second = SqliteLessons(path), SqliteRecords(path)
        first.keep(home(), teaching())
        second.record_delivery("event:1")
        assert first.of("T0", "C0") == (teaching(),)
        first.close()
        second.close()


def test_what_was_unlearned_is_not_left_in_the_file(tmp_path: Path) -> None:
    """Not a byte of it can be found in the file any more."""
    made = SqliteLessons(tmp_path / "records.db")
    made.keep(home(channel="CQUOKKA"), teaching("tm-quokka"))
    made.unlearn("T0")
    made.close()

    assert not any(b"uokka" in path.read_bytes().lower() for path in tmp_path.iterdir())

"""Who learns from whom, and when it is forgotten: whole jobs, in several workspaces."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agent.domain.lesson import Teaching
from agent.domain.model import ThreatModel
from agent.domain.system import EvidenceKind
from agent.domain.threat import Severity
from agent.errors import StorageError
from bot.handlers.judge import give_verdict
from bot.intake import model_id
from bot.jobs import Actor, GiveVerdict, Judgement, OpenModel, StartRun, UndoVerdict
from bot.lessons.base import Home
from bot.lessons.sqlite import SqliteLessons
from bot.records.standing import standing
from bot.server import Serving
from tests.bot.installations.company import Company, a_company, a_grid_company

ABOUT = (
    "Customers order in the web shop. The web shop sends orders to the order API. The order API stores "
    "orders in the orders database and puts parcels on the parcel queue. The packing worker reads the "
    "parcel queue."
)
REASON = "only our own producers reach a broker"


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    """A company both of whose offices have the app."""
    with a_company(tmp_path, port=0) as made:
        made.install(made.north)
        made.install(made.south)
        with Serving(made.settings, made.services, work=False) as serving:
            for workspace in (made.north, made.south):
                workspace.request_url = f"{serving.url}/slack/events"
            yield made


def an_actor(team: str = "T0NORTH", channel: str = "C0PAYMENTS", enterprise: str = "") -> Actor:
    """Dana, who is in both offices."""
    return Actor(user="U0DANA", team=team, workspace=team, channel=channel, enterprise=enterprise)


def a_model(company: Company, name: str, who: Actor | None = None, title: str = "") -> str:
    """A model of the same system, made as people make one; its id."""
    who = who or an_actor()
    id_ = model_id(who.workspace, name)
    company.services.queue.send(
        OpenModel(id=f"open:{id_}", model=id_, actor=who, title=title or name.title(), description=ABOUT)
    )
    run(company, id_, name, who)
    return id_


def run(company: Company, model: str, name: str, who: Actor | None = None) -> None:
    """Make the next revision."""
    company.services.queue.send(StartRun(id=f"{model}/{name}", model=model, actor=who or an_actor()))
    company.work()


def judge(company: Company, model: str, after: str = "dismissed", who: Actor | None = None) -> str:
    """Say this of the model's first threat that is no graver than medium; the verdict's id."""
    threat = a_mild_one(standing(company.services.records, model))
    revision = company.services.records.model(model).revision
    said = (Judgement(threat=threat, kind="status", after=after, reason=REASON),)
    id_ = f"{model}/{after}"
    company.services.queue.send(
        GiveVerdict(id=id_, model=model, actor=who or an_actor(), revision=revision, judgements=said)
    )
    company.work()
    return f"{id_}/1"


def a_mild_one(model: ThreatModel) -> str:
    """A threat that may leave its place and has one to leave; the same in every model here."""
    mild = [t for t in model.threats[:-1] if t.severity is Severity.MEDIUM]
    return min(mild, key=lambda t: t.pattern).id


def notes(company: Company, model: str) -> list[str]:
    """What earlier models say in it."""
    found = company.services.records.revision(model).threats
    return [e.quote for t in found for e in t.evidence if e.kind is EvidenceKind.LESSON]


def test_the_third_model_learns_of_two(company: Company) -> None:
    """Two dismissals, and the third model says so, ranks the threat last and tells it once in its summary."""
    for name in ("one", "two"):
        judge(company, a_model(company, name))
    third = company.services.records.revision(a_model(company, "three"))

    assert notes(company, third.id) == [f"Dismissed in 2 earlier models here, last in “Two”: “{REASON}”"]
    assert EvidenceKind.LESSON in {e.kind for e in third.threats[-1].evidence}
    assert "1 threat was moved back by earlier verdicts of this workspace." in third.summary.notes


def test_a_verdict_taken_back_is_unlearned(company: Company) -> None:
    """Undone, it was never said: the next revision of the third model knows of one dismissal alone."""
    first = a_model(company, "one")
    verdict = judge(company, first)
    judge(company, a_model(company, "two"))
    undo = UndoVerdict(
        id="undo", model=first, actor=an_actor(), revision=1, threat="T-001", verdicts=(verdict,)
    )
    company.services.queue.send(undo)
    company.work()
    third = a_model(company, "three")

    assert notes(company, third) == [f"Dismissed in an earlier model here, “Two”: “{REASON}”"]
    assert not [n for n in company.services.records.revision(third).summary.notes if "moved" in n]


def test_a_model_keeps_its_verdicts_and_learns_nothing_from_them(company: Company) -> None:
    """Run again, it has its verdicts and no note of them."""
    first = a_model(company, "one")
    judge(company, first)
    run(company, first, "again")

    assert company.services.records.model(first).revision == 2
    assert "dismissed" in {t.status for t in standing(company.services.records, first).threats}
    assert notes(company, first) == []


def test_another_workspace_learns_nothing(company: Company) -> None:
    """Whatever the northern office decides, the southern one's model is byte for byte as without it."""
    south = an_actor("T0SOUTH")
    before = company.services.records.revision(a_model(company, "same", south, "Shop"))
    for name in ("one", "two", "three"):
        judge(company, a_model(company, name))
    after = company.services.records.revision(a_model(company, "other", south, "Shop"))

    assert notes(company, after.id) == []
    assert [t.dump() for t in after.threats] == [t.dump() for t in before.threats]
    assert after.summary == before.summary


def test_what_is_said_in_a_private_channel_stays_there(company: Company) -> None:
    """Models of other channels hear nothing of it, not even that there was something."""
    secret = an_actor(channel="C0SECURITY")
    for name in ("one", "two"):
        judge(company, a_model(company, name, secret), who=secret)

    assert notes(company, a_model(company, "open")) == []
    assert len(notes(company, a_model(company, "secret", secret))) == 1


def test_a_job_done_again_teaches_the_same(company: Company) -> None:
    """A run that was killed before it had learned learns when it is done again."""
    first = a_model(company, "one")
    judge(company, first)
    services = company.services
    before = services.lessons.of("T0NORTH", "C0PAYMENTS")
    services.lessons.unlearn("T0NORTH")
    run(company, first, "again")

    assert services.lessons.of("T0NORTH", "C0PAYMENTS") == before
    assert len(before) == 1


class Stumbling(SqliteLessons):
    """Lessons that cannot be kept the first time."""

    stumbled = False

    def keep(self, home: Home, teaching: Teaching) -> None:
        """See Lessons."""
        if not self.stumbled:
            self.stumbled = True
            raise StorageError("The table is away.", cause="unreachable")
        super().keep(home, teaching)


def test_a_verdict_whose_lesson_was_lost_is_learned_by_its_job(company: Company, tmp_path: Path) -> None:
    """Kept, and then the worker died: done again, the job keeps the verdict once and learns it."""
    model = a_model(company, "one")
    stumbling = Stumbling(tmp_path / "records.db")
    own = replace(company.services, lessons=stumbling).of(an_actor())
    assert own is not None
    threat = a_mild_one(standing(company.services.records, model))
    said = (Judgement(threat=threat, kind="status", after="dismissed", reason=REASON),)
    job = GiveVerdict(id="v", model=model, actor=an_actor(), revision=1, judgements=said)
    with pytest.raises(StorageError):
        give_verdict(own, job)
    assert stumbling.of("T0NORTH", "C0PAYMENTS") == ()
    give_verdict(own, job)

    assert len(company.services.records.verdicts(model)) == 1
    assert len(stumbling.of("T0NORTH", "C0PAYMENTS")) == 1
    stumbling.close()


def test_a_secret_in_a_reason_is_not_passed_on(company: Company) -> None:
    """It stays in the verdict where somebody typed it; other models get it masked."""
    first, key = a_model(company, "one"), "AKIA" + "IOSFODNN7QUOKKAA"
    threat = a_mild_one(standing(company.services.records, first))
    said = (Judgement(threat=threat, kind="status", after="dismissed", reason=f"the key is {key}"),)
    company.services.queue.send(
        GiveVerdict(id="v", model=first, actor=an_actor(), revision=1, judgements=said)
    )
    company.work()
    (note,) = notes(company, a_model(company, "two"))

    assert key not in note
    assert "masked" in note


def test_lessons_go_with_the_app(company: Company) -> None:
    """Where it is removed, what was taught is deleted; elsewhere it stays."""
    south = an_actor("T0SOUTH")
    judge(company, a_model(company, "one"))
    judge(company, a_model(company, "one", south), who=south)
    company.north.remove_app()
    assert company.north.settle()
    company.work()

    assert company.services.lessons.of("T0NORTH", "C0PAYMENTS") == ()
    assert len(company.services.lessons.of("T0SOUTH", "C0PAYMENTS")) == 1


def test_a_removal_that_is_no_news_forgets_nothing(company: Company) -> None:
    """Slack's late word about an installation before, and one that was mended before the worker came."""
    judge(company, a_model(company, "one"))
    late = {
        "type": "event_callback",
        "team_id": "T0NORTH",
        "event_id": "E1",
        "event": {"type": "app_uninstalled"},
    }
    assert company.deliver(late | {"event_time": 1_000_000_000}).status == 200
    company.north.remove_app()
    assert company.north.settle()
    company.install(company.north)
    company.work()

    assert len(company.services.lessons.of("T0NORTH", "C0PAYMENTS")) == 1


def test_an_organisation_takes_its_lessons_along(tmp_path: Path) -> None:
    """Taken out of one workspace they go there; removed as a whole, wherever nothing else serves."""
    with a_grid_company(tmp_path, port=0) as company:
        company.install_whole()
        with Serving(company.settings, company.services, work=False) as serving:
            for workspace in company.platform.workspaces:
                workspace.request_url = f"{serving.url}/slack/events"
            whole = {
                team: an_actor(team, channel, "E0ALL")
                for team, channel in (("T0NORTH", "C0PAYMENTS"), ("T0SOUTH", "C0PAYMENTSS"))
            }
            for team, who in whole.items():
                judge(company, a_model(company, f"one {team}", who), who=who)

            def taught() -> set[str]:
                of = company.services.lessons.of
                return {team for team, who in whole.items() if of(team, who.channel)}

            assert taught() == {"T0NORTH", "T0SOUTH"}
            company.platform.take_out("T0SOUTH")
            assert company.north.settle()
            company.work()
            assert taught() == {"T0NORTH"}
            company.platform.remove_whole()
            assert company.north.settle()
            company.work()
            assert taught() == set()

"""What /threatmodel answers at once, and what it asks the worker to do."""

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from slack_bolt import App

from agent.domain.request import Request
from agent.domain.states import RunState, ThreatStatus
from agent.domain.verdict import Verdict, VerdictKind
from bot.app import make_app
from bot.ingress import handle
from bot.jobs import Ask, Export, Job
from bot.listeners.naming import addressed, fitting
from bot.local import threat_model
from bot.records.base import ModelEntry, RunEntry
from bot.render import actions
from bot.render.limits import problems
from bot.services import Services
from bot.settings import Settings
from bot.wiring import make_services
from tests.bot.render import reader

SECRET = "a signing secret"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MADE = threat_model(
    [("shop.mmd", b"flowchart LR\n  user([User]) -->|HTTP| shop[Shop]\n  shop --> db[(Orders)]\n")]
)
_numbers = count(1)


@dataclass
class Desk:
    """The ingress, and who types commands into it."""

    app: App
    services: Services
    titles: dict[str, str] = field(default_factory=dict)
    """The models' ids by title."""

    def keep(self, title: str, *, made: bool = True, channel: str = "C0", workspace: str = "T0") -> str:
        """A model, later than those before; with a revision unless said otherwise."""
        number = next(_numbers)
        id_ = f"tm-{workspace}-{number:016x}"
        entry = ModelEntry(
            id=id_,
            workspace=workspace,
            channel=channel,
            thread=f"17.{number}",
            link=f"https://acme.slack.com/archives/{channel}/p{number}",
            owner="U1",
            created=NOON + timedelta(minutes=number),
            request=Request(title=title),
        )
        self.services.records.add_model(entry)
        if made:
            revision = MADE.model_copy(update={"id": id_, "title": title})
            self.services.records.save_revision(revision)
        self.titles[title] = id_
        return id_

    def type(self, text: str, channel: str = "C0") -> str:
        """What somebody reads who types it; the answer passes every limit and is for them alone."""
        shown = self.answer(text, channel)
        return reader.text(shown.get("blocks", ())) or str(shown["text"])

    def answer(self, text: str, channel: str = "C0") -> dict[str, Any]:
        """The whole answer."""
        about = {"team_id": "T0", "user_id": "U1", "channel_id": channel}
        body = urlencode({"command": "/threatmodel", "text": text, "trigger_id": next(_numbers), **about})
        said = handle(self.app, self.services, signed(body), body.encode())
        assert said.status == 200
        shown: dict[str, Any] = json.loads(said.body)
        assert shown["response_type"] == "ephemeral"
        given = {"text": shown["text"], **({"blocks": shown["blocks"]} if "blocks" in shown else {})}
        assert problems(given, "message") == []
        return shown

    def job(self) -> Job | None:
        """The next job on the queue, done with."""
        claim = self.services.queue.claim()
        if claim is None:
            return None
        self.services.queue.complete(claim)
        return claim.job


def signed(body: str) -> dict[str, str]:
    """Slack's headers for a form that is sent now."""
    stamp = str(int(time.time()))
    made = hmac.new(SECRET.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    kind = "application/x-www-form-urlencoded"
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={made}", "Content-Type": kind}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """An ingress whose Slack is away: it must not need it."""
    given = Settings.model_validate(
        {
            "slack_signing_secret": SECRET,
            "slack_bot_token": "xoxb-1",
            "slack_api_url": "http://127.0.0.1:1/api/",
            "data_dir": tmp_path,
        }
    )
    services = make_services(given)
    yield Desk(make_app(given.ingress, services), services)
    services.records.close()


def test_lists_are_of_the_channel(desk: Desk) -> None:
    """The latest first, with what waits; nothing of another channel or workspace, whatever is asked."""
    desk.keep("Till")
    id_ = desk.keep("Shop")
    desk.keep("Vault", channel="C1")
    desk.keep("Mint", workspace="T1")
    accepted = Verdict(
        id="a",
        who="U1",
        when=NOON,
        model=id_,
        revision=1,
        threat=MADE.threats[0].id,
        kind=VerdictKind.STATUS,
        after=ThreatStatus.ACCEPTED,
    )
    desk.services.records.add_verdicts((accepted,))
    number = len(MADE.threats)
    led, shop, till = desk.type("list").splitlines()

    assert led == "2 threat models, the latest first"
    assert shop.startswith(f"• Shop · revision 1, {number} threats, {number - 1} to review")
    assert till.startswith(f"• Till · revision 1, {number} threats, {number} to review")
    assert f"{2 * number} proposed, 1 accepted" in desk.type("stats")


def test_status_tells_of_runs_and_of_what_waits(desk: Desk) -> None:
    """A run that goes on with its stage; a model to review with the severities of what waits."""
    desk.keep("Shop")
    id_ = desk.keep("Till", made=False)
    run = RunEntry(id="run:a", model=id_, revision=1, by="U2", created=NOON, request=Request(title="Till"))
    desk.services.records.start_run(run)
    desk.services.records.set_run(run.id, RunState.RUNNING)
    desk.services.records.set_stage(run.id, "review", 3)
    said = desk.type("status")

    assert "• Till, revision 1: checking the coverage · 3 threats so far · since 12:00 UTC by @U2" in said
    assert f"• Shop, revision 1: all {len(MADE.threats)} threats · " in said


@pytest.mark.parametrize(
    ("typed", "title", "format_"),
    [
        ("export Shop", "Shop", "markdown"),
        ("export shop json", "Shop", "json"),
        ("EXPORT 1 Threat-Composer", "Shop floor", "threat-composer"),
        ("export #2 csv", "Shop", "csv"),
        ("export csv Shop", "Shop", "csv"),
        ("export floor", "Shop floor", "markdown"),
        ("export  Shop   floor  otm", "Shop floor", "otm"),
    ],
)
def test_an_export_is_asked_for_by_name_or_number(desk: Desk, typed: str, title: str, format_: str) -> None:
    """A title, a part that fits no other, or the number in the list; then the format, else Markdown."""
    desk.keep("Shop")
    desk.keep("Shop floor")
    said, job = desk.answer(typed), desk.job()

    assert isinstance(job, Export)
    assert (job.model, job.name, job.asked) == (desk.titles[title], format_, "command")
    assert job.actor.channel == "C0"
    assert said["text"].startswith(f"{title}, revision 1, as ")
    assert reader.links(said["blocks"])[0].startswith("https://acme.slack.com/")
    assert desk.job() is None


def test_the_only_model_needs_no_name(desk: Desk) -> None:
    """Where one model of the channel has a revision, a bare export is of that one."""
    desk.keep("Shop")
    desk.keep("Till", made=False)
    desk.type("export csv")
    job = desk.job()

    assert isinstance(job, Export)
    assert (job.model, job.name) == (desk.titles["Shop"], "csv")


def test_several_models_are_offered(desk: Desk) -> None:
    """Without a name there is a menu of those with a revision, numbered as in the list; nothing is queued."""
    for title in ("Shop", "Till", "Desk"):
        desk.keep(title, made=title != "Till")
    shown = desk.answer("export json")
    (menu,) = reader.controls(shown["blocks"])

    assert menu["action_id"] == actions.EXPORT_OF
    assert [o["text"]["text"] for o in menu["options"]] == ["1. Desk · rev. 1", "3. Shop · rev. 1"]
    assert desk.type("export json").startswith(
        "There are 2 threat models to export: 1. Desk, 3. Shop. "
        "Pick one, or type its number: /threatmodel export 1"
    )
    assert desk.job() is None


def test_a_name_that_fits_several_is_asked_about(desk: Desk) -> None:
    """Two models of one title: which they are, and how to say which; with a menu of these two."""
    for title in ("Shop", "Till", "shop"):
        desk.keep(title)
    shown = desk.answer("export SHOP")

    assert "“SHOP” fits 2 threat models: 1. shop, 3. Shop." in reader.text(shown["blocks"])
    assert len(reader.controls(shown["blocks"])[0]["options"]) == 2
    assert desk.type("ask 4: why?").startswith(
        "There is no threat model “4” in this channel. There are: 1. shop"
    )
    assert desk.type("ask shop: why?").endswith("/threatmodel ask 1: your question")
    assert desk.job() is None


def test_a_name_that_fits_none_is_said_with_those_there_are(desk: Desk) -> None:
    """What was typed, what there is, and the formats: the typo may be in either."""
    desk.keep("Shop")
    said = desk.type("export pdf")

    assert said.startswith("There is no threat model “pdf” in this channel. There are: 1. Shop.")
    assert said.endswith("Formats: markdown, threat-composer, otm, json, csv.")
    assert desk.job() is None


@pytest.mark.parametrize("typed", ["export", "ask why?", "export Shop", "ask Shop: why?"])
def test_a_model_without_a_revision_cannot_be_asked(desk: Desk, typed: str) -> None:
    """What is missing and what to do; nothing is queued."""
    desk.keep("Shop", made=False)

    assert "Drop a" in desk.type(typed)
    assert desk.job() is None


@pytest.mark.parametrize("typed", ["list", "status", "export", "export Shop", "ask why?", "ask 1: why?"])
def test_an_empty_channel_says_how_to_begin(desk: Desk, typed: str) -> None:
    """A channel without threat models, as every other channel looks from here."""
    desk.keep("Shop", channel="C1")

    assert "/threatmodel new" in desk.type(typed)
    assert "Shop ·" not in desk.type(typed)
    assert desk.job() is None


@pytest.mark.parametrize(
    ("typed", "title", "question"),
    [
        ("ask who may read &lt;all&gt; orders?", "Till", "who may read <all> orders?"),
        ("ask shop: who may?", "Shop", "who may?"),
        ("ask 2: who may?", "Shop", "who may?"),
        ("ask #1 : WHO may?", "Till", "WHO may?"),
        ("ask what about: the till?", "Till", "what about: the till?"),
    ],
)
def test_a_question_is_about_the_latest_or_the_named(
    desk: Desk, typed: str, title: str, question: str
) -> None:
    """The latest with a revision, unless a title or number and a colon come first; Slack's escapes undone."""
    for made in ("Shop", "Till"):
        desk.keep(made)
    said, job = desk.type(typed), desk.job()

    assert isinstance(job, Ask)
    assert (job.model, job.text, job.asked, job.message_ts) == (desk.titles[title], question, "command", "")
    assert said.splitlines() == [f"{title}, revision 1: the answer goes into its thread.", question]


def test_a_latest_model_without_a_revision_is_passed_over(desk: Desk) -> None:
    """A question without a name goes to the latest that can answer."""
    desk.keep("Shop")
    desk.keep("Till", made=False)
    desk.type("ask why?")
    job = desk.job()

    assert isinstance(job, Ask)
    assert job.model == desk.titles["Shop"]


@pytest.mark.parametrize("typed", ["ask", "ask Shop:", "ask 1:  "])
def test_an_empty_question_is_explained(desk: Desk, typed: str) -> None:
    """How to ask, with an example; nothing is queued."""
    desk.keep("Shop")

    assert desk.type(typed).startswith("Ask something: /threatmodel ask ")
    assert desk.job() is None


def test_a_title_with_a_format_in_it_is_a_title(desk: Desk) -> None:
    """The whole of what was typed counts first."""
    desk.keep("Import JSON")
    desk.keep("Import")
    desk.type("export import json")
    job = desk.job()

    assert isinstance(job, Export)
    assert (job.model, job.name) == (desk.titles["Import JSON"], "markdown")


def test_a_part_of_a_title_names_it(desk: Desk) -> None:
    """Where only one title has it; else what was typed is all of the question."""
    desk.keep("Laundry rooms")
    desk.keep("Guest rooms")
    desk.type("ask laundry: who opens the door?")
    named = desk.job()
    desk.type("ask rooms: who opens the door?")
    unnamed = desk.job()

    assert isinstance(named, Ask)
    assert (named.model, named.text) == (desk.titles["Laundry rooms"], "who opens the door?")
    assert isinstance(unnamed, Ask)
    assert (unnamed.model, unnamed.text) == (desk.titles["Guest rooms"], "rooms: who opens the door?")


words = st.text(st.sampled_from("ab: #12\n<&“é"), max_size=12)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(titles=st.lists(words.filter(str.strip), max_size=4), typed=words)
@pytest.mark.parametrize(
    "make", [lambda t: f"export {t}", lambda t: f"ask {t}", lambda t: f"export {t} json"]
)
def test_whatever_is_typed_is_answered(
    desk: Desk, make: Callable[[str], str], titles: list[str], typed: str
) -> None:
    """Any words for any titles: an answer within every limit, and at most one job, of this channel."""
    channel = f"C{next(_numbers)}"
    desk.keep("zebra")
    ids = {desk.keep(title[:150], channel=channel) for title in titles}
    said = desk.answer(make(typed), channel)
    job = desk.job()

    assert "zebra" not in json.dumps(said)

    assert job is None or job.model in ids
    assert desk.job() is None


@settings(max_examples=100, deadline=None)
@given(typed=words)
def test_names_in_an_empty_channel_fit_nothing(typed: str) -> None:
    """And nothing is raised."""
    assert fitting((), typed) == []
    named = addressed((), typed)
    assert named is None or fitting((), named[0]) == []

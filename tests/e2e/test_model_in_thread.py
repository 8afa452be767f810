"""The thread with a language model, through the front door; the model is a double that speaks Bedrock."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from agent.analysts.filled.aliases import Aliases
from agent.domain.model import ThreatModel
from agent.domain.threat import Origin
from agent.export import export
from bot.demo import LocalBot, local_settings
from bot.records.standing import standing
from bot.render import actions, forms
from bot.render.formats import EXPORTS
from bot.server import Serving
from bot.wiring import make_services
from bot.workspace.server import WorkspaceServer
from bot.workspace.state import Timing
from bot.workspace.values import Message
from bot.workspace.workspace import Workspace
from tests.bedrock.clock import ScaledClock
from tests.bedrock.double import BedrockDouble, Latency
from tests.bedrock.records import Recorded
from tests.bedrock.replies import Output, Replier
from tests.pictures import png

if TYPE_CHECKING:
    from tests.e2e.conftest import Thread

Opened = Callable[..., "Thread"]
PATIENT = Timing(ack=30, trigger=30)
AT_ONCE = Latency(first_token=0, tokens_per_second=1e9, thinking={})
SHOP = b"""flowchart LR
  buyer([Buyer]) -->|HTTPS| web[Web shop]
  clerk([Clerk]) -->|HTTPS| desk[Clerk desk]
  web -->|REST, JWT| api[Orders API]
  desk -->|REST| api
  api -->|SQL| db[(Orders DB)]
  payer([Payment provider]) -->|webhook| api
"""
SEEN = {
    "elements": [
        {"id": "N1", "name": "Shop API", "kind": "process", "seen_in": "I1", "zone": "VPC"},
        {"id": "N2", "name": "Orders", "kind": "data_store", "seen_in": "I1", "zone": "VPC"},
        {"id": "N3", "name": "Buyer", "kind": "external_entity", "seen_in": "I1"},
    ],
    "flows": [
        {"source": "N3", "target": "N1", "label": "HTTPS", "seen_in": "I1"},
        {"source": "N1", "target": "N2", "label": "SQL", "seen_in": "I1"},
    ],
}
OWN: dict[str, Any] = {
    "title": "Orders held back by a clerk who left",
    "on": ["E3"],
    "stride": ["tampering"],
    "does": "hold back orders with a login that nobody closed",
    "leads_to": "goods that never leave",
    "harm": "money",
    "control": "authorization",
}


def replies(talk: Callable[[Recorded], Output | str] | None = None, **forced: dict[str, Any]) -> Replier:
    """Answers by the forced tool, empty forms where none is given; a conversation goes to `talk`."""

    def reply(request: Recorded) -> Output | dict[str, Any] | str:
        if "propose_fact" in request.tools:
            return talk(request) if talk else "I do not know."
        return forced.get(request.tool, {})

    return reply


@pytest.fixture
def scale() -> float:
    """Real seconds that one of the model's seconds takes; 0: it never waits."""
    return 0.0


@pytest.fixture
def more() -> dict[str, Any]:
    """Settings beyond those that point at the double."""
    return {}


@pytest.fixture
def bedrock(scale: float) -> Iterator[BedrockDouble]:
    """A model that has nothing to add, until a test says otherwise."""
    with BedrockDouble(clock=ScaledClock(scale), latency=AT_ONCE if scale else None) as double:
        double.replying(replies())
        yield double


@pytest.fixture
def bot(tmp_path: Path, bedrock: BedrockDouble, more: dict[str, Any]) -> Iterator[LocalBot]:
    """A bot with the model analyst in a workspace of its own."""
    workspace = Workspace(signing_secret="s", bot_token="xoxb-1", timing=PATIENT)
    with WorkspaceServer(workspace) as served:
        models = bedrock.settings(model_attempts=1)
        settings = local_settings(workspace, "s", tmp_path, progress_seconds=0).model_copy(
            update={**{name: getattr(models, name) for name in type(models).model_fields}, **more}
        )
        services = make_services(settings)
        with Serving(settings, services) as serving:
            workspace.request_url = f"{serving.url}/slack/events"
            yield LocalBot(workspace, services, served.url)


@pytest.fixture
def analyst() -> str:
    """Who proposes."""
    return "model"


@pytest.fixture(autouse=True)
def _model_analyst(more: dict[str, Any], analyst: str) -> None:
    more.setdefault("analyst", analyst)


def model_of(thread: Thread, revision: int | None = None) -> ThreatModel:
    """The thread's model as it stands."""
    records = thread.bot.services.records
    id_ = records.find_thread("T0LOCAL", thread.bot.workspace.channel(thread.channel).id, thread.ts)
    assert id_ is not None
    return standing(records, id_, revision)


def holding(thread: Thread, words: str) -> Message | None:
    """The thread's message that has these words."""
    return next((m for m in thread.messages if words in m.plain), None)


def page_of(thread: Thread, threat: str) -> Message | None:
    """The page on which the threat stands; None when it is beyond what is shown."""
    return next(
        (m for m in thread.messages if f"{threat} · " in m.plain and "Why it applies" in m.plain), None
    )


def shop(opened: Opened) -> Thread:
    """A thread with the shop's first revision."""
    thread = opened("Shop")
    thread.drop(("shop.mmd", SHOP))
    thread.await_model()
    return thread


def press(thread: Thread, action: str, place: int = 0) -> Message:
    """Press the button with this action; the message that holds it."""
    message, block, _ = thread.buttons(action)[place]
    assert thread.person.click(message.ts, (block, action)).ok
    return message


# a picture


def test_a_picture_becomes_a_model_that_can_be_corrected(opened: Opened, bedrock: BedrockDouble) -> None:
    """What was seen is shown as Mermaid; corrected in the form, the next revision has the corrected names."""
    bedrock.replying(replies(report_system=SEEN))
    thread = opened("Shop")
    thread.drop(("plan.png", png()))
    thread.await_model()
    shown = holding(thread, "What I saw in plan.png")
    assert shown is not None
    assert "Shop API" in shown.plain
    _, block, _ = thread.buttons(actions.CORRECT)[0]
    view = thread.person.click(shown.ts, (block, actions.CORRECT)).view
    assert view is not None
    text = str(view.body["blocks"][0]["element"]["initial_value"])
    assert thread.person.submit(view.id, {forms.DRAWING: text.replace("Shop API", "Parcel API")}).ok
    thread.await_model(2)

    assert {e.name for e in model_of(thread).system.elements} == {"Parcel API", "Orders", "Buyer"}
    assert sum(len(r.images) for r in bedrock.log) == 1
    after = thread.bot.workspace.message(shown.ts).plain
    assert "corrected by" in after
    assert "Parcel API" in after
    assert not [m for m, _, _ in thread.buttons(actions.CORRECT) if m.ts == shown.ts]


def test_what_is_no_flowchart_stays_in_the_form(opened: Opened, bedrock: BedrockDouble) -> None:
    """A text that is no Mermaid is refused with a sentence and nothing runs; mended there, it is taken."""
    bedrock.replying(replies(report_system=SEEN))
    thread = opened("Shop")
    thread.drop(("plan.png", png()))
    thread.await_model()
    shown, block, _ = thread.buttons(actions.CORRECT)[0]
    view = thread.person.click(shown.ts, (block, actions.CORRECT)).view
    assert view is not None

    for text, why in (
        ("The API talks to the database.", "no Mermaid flowchart"),
        ("flowchart LR", "no nodes"),
    ):
        sent = thread.person.submit(view.id, {forms.DRAWING: text})
        assert why in str(sent.errors)
    assert thread.person.submit(view.id, {forms.DRAWING: SHOP.decode()}).ok
    thread.await_model(2)
    assert model_of(thread).revision == 2


def test_a_long_drawing_comes_as_a_file_that_can_be_sent_back(opened: Opened, bedrock: BedrockDouble) -> None:
    """What the form cannot hold is uploaded under the name that takes the picture's place."""
    elements = [
        {
            "id": f"N{i}",
            "name": f"Store number {i} of orders, refunds and returns of one region",
            "kind": "data_store",
            "seen_in": "I1",
        }
        for i in range(1, 55)
    ]
    bedrock.replying(replies(report_system={"elements": elements, "flows": []}))
    thread = opened("Shop")
    thread.drop(("plan.png", png()))
    thread.await_model()
    names = [thread.bot.workspace.store.files[f].name for m in thread.messages if m.from_app for f in m.files]

    assert names == ["plan.png.mmd"]
    assert "takes the picture's place" in thread.text()
    assert not thread.buttons(actions.CORRECT)
    thread.drop(("plan.png.mmd", SHOP))
    thread.await_model(2)
    assert "Web shop" in {e.name for e in model_of(thread).system.elements}


# a run


def test_the_rules_speak_first_and_the_model_joins(opened: Opened, bedrock: BedrockDouble) -> None:
    """The progress message shows the rules' threats while the model looks; its own are in the list later."""
    bedrock.replying(replies(report_findings={"threats": [OWN]}))
    seen: list[str] = []
    thread = opened("Shop")
    thread.drop(("shop.mmd", SHOP))

    def noted() -> bool:
        seen.extend(m.plain for m in thread.messages if "First found by the rules" in m.plain)
        return bool(seen)

    thread.wait(noted)
    thread.await_model()
    origins = {t.origin for t in model_of(thread).threats}

    assert "High · " in seen[0] or "Critical · " in seen[0]
    assert origins == {Origin.RULES, Origin.MODEL}
    assert OWN["title"] in thread.text()
    assert "The language model took" in thread.text()


@pytest.mark.parametrize("scale", [1.0])
def test_stop_stops_while_the_model_thinks(opened: Opened, bedrock: BedrockDouble) -> None:
    """Stop does not wait for the reply; what the rules found stands."""
    bedrock.latency = Latency(thinking=dict.fromkeys(("low", "medium", "high"), 300))
    thread = opened("Shop")
    thread.drop(("shop.mmd", SHOP))
    thread.wait(lambda: holding(thread, "First found by the rules"))
    thread.wait(lambda: len(bedrock.log))
    press(thread, actions.STOP)
    thread.await_model()

    model = model_of(thread)
    assert model.partial
    assert {t.origin for t in model.threats} == {Origin.RULES}
    assert "Stopped in" in thread.text()


GONE: dict[str, tuple[Callable[[BedrockDouble], None], dict[str, Any], str]] = {
    "denied": (
        lambda d: d.refuse("AccessDeniedException", "You don't have access to the model.", 403, times=99),
        {},
        "bedrock:InvokeModel|THREATBOT_MODEL|access",
    ),
    "throttled": (lambda d: d.throttle(500), {}, "THREATBOT_MODEL_"),
    "nonsense": (lambda d: d.replying(lambda _: "I would rather not."), {}, "THREATBOT_MODEL_|schema"),
    "no credentials": (
        lambda _: None,
        {"model_aws_access_key_id": "AKIAUNKNOWN"},
        "THREATBOT_MODEL_AWS|credentials",
    ),
}


@pytest.mark.parametrize(("trouble", "more"), [(name, dict(entry[1])) for name, entry in GONE.items()])
def test_without_the_model_the_rules_stand_and_the_thread_says_why(
    opened: Opened, bedrock: BedrockDouble, trouble: str, more: dict[str, Any]
) -> None:
    """Taken away, the model costs its own threats; what is missing and what mends it is in the summary."""
    take, _, mended_by = GONE[trouble]
    thread = opened("Shop")
    take(bedrock)
    thread.drop(("shop.mmd", SHOP))
    thread.await_model()
    thread.person.say("payments", "what happens if someone forges the webhook?", thread.ts)
    told = "It names no source" if trouble == "nonsense" else "The language model could not answer"
    thread.wait(lambda: holding(thread, told))

    threats = model_of(thread).threats
    assert threats
    assert {t.origin for t in threats} == {Origin.RULES}
    assert "language model" in thread.text()
    assert re.search(mended_by, thread.text()), thread.text()
    answer = holding(thread, told)
    assert answer is not None
    assert ("T-0" in answer.plain) is (trouble != "nonsense")


# questions


@pytest.mark.parametrize("scale", [1.0])
def test_an_answer_streams_and_ends_with_its_sources(opened: Opened, bedrock: BedrockDouble) -> None:
    """One message grows while the model speaks; in the end it has sources, and is still one."""
    said = "Whoever forges the webhook books orders that nobody has paid for [T-001]. "
    bedrock.replying(replies(lambda _: said * 8))
    thread = shop(opened)
    bedrock.latency = Latency(first_token=0.5, tokens_per_second=30, thinking={})
    before = len(thread.messages)
    thread.person.say("payments", "what happens if someone forges the webhook?", thread.ts)
    forms_seen: list[str] = []

    def ended() -> bool:
        for m in thread.messages[before + 1 :]:
            if m.plain not in forms_seen:
                forms_seen.append(m.plain)
        return bool(forms_seen) and "Sources:" in forms_seen[-1]

    thread.wait(ended)
    assert len(thread.messages) == before + 2
    assert len(forms_seen) >= 4, forms_seen
    lengths = [len(f) for f in forms_seen[:-1]]
    assert lengths == sorted(lengths)
    assert "Sources: T-001" in forms_seen[-1]
    assert "Answered by a language model" in forms_seen[-1]
    assert "answering" not in forms_seen[-1]


def test_the_model_hears_what_was_said_before(opened: Opened, bedrock: BedrockDouble) -> None:
    """People's earlier messages of the thread come along, the bot's own and the question itself do not."""
    heard: list[str] = []

    def talk(request: Recorded) -> str:
        heard.append(request.text)
        return "So it is [T-001]."

    bedrock.replying(replies(talk))
    thread = shop(opened)
    for question in ("who can reach the <desk>?", "and the other one?"):
        thread.person.say("payments", question, thread.ts)
        answered = len([m for m in thread.messages if "Sources:" in m.plain])
        thread.wait(lambda n=answered: len([m for m in thread.messages if "Sources:" in m.plain]) > n)  # type: ignore[misc]

    assert heard[1].count("who can reach the <desk>?") == 1
    assert heard[1].count("and the other one?") == 1
    assert "earlier messages" not in heard[0]


def mtls(thread: Thread) -> Callable[[Recorded], Output | str]:
    """A model that proposes to note mTLS on the flow between the provider and the API."""
    model = model_of(thread)
    flow = next(f.id for f in model.system.flows if f.source == "payment-provider")
    alias = next(a for i, a in Aliases(model.system).of.items() if i == flow)

    def talk(request: Recorded) -> Output | str:
        if "waits for a person" in str(request.body["messages"][-1]):
            return "It is waiting for you [T-001]."
        if "mTLS" not in request.text:
            return "The provider can [T-001]."
        given = {"on": alias, "control": "mutual_tls", "state": "present"}
        return Output(text="Let me see.", uses=(("propose_fact", given),))

    return talk


@pytest.mark.parametrize("analyst", ["model", "rules"])
def test_we_already_use_mtls_there_becomes_a_proposal(
    opened: Opened, bedrock: BedrockDouble, analyst: str
) -> None:
    """Talk proposes, Confirm changes: severity and page at once, and the next run knows; once only."""
    thread = shop(opened)
    if analyst == "model":
        bedrock.replying(replies(mtls(thread)))
    thread.person.say("payments", "who can reach the Orders API from the Payment provider?", thread.ts)
    thread.wait(lambda: len([m for m in thread.messages if "Sources:" in m.plain]) == 1)
    thread.person.say("payments", "we already use mTLS there", thread.ts)
    thread.wait(lambda: thread.buttons(actions.CONFIRM))
    before = model_of(thread)
    proposal = holding(thread, "Shall I note that mutual TLS is there on Payment provider → Orders API?")
    assert proposal is not None
    moved = re.findall(r"(T-\d+) would go from (\w+) to (\w+)", proposal.plain)
    id_, old, new = next(m for m in moved if page_of(thread, m[0]) is not None)
    assert before.threat(id_).effective_severity.value == old.lower()
    _, block, _ = thread.buttons(actions.CONFIRM)[0]
    thread.person.click(proposal.ts, (block, actions.CONFIRM))

    thread.wait(lambda: "confirmed by" in thread.bot.workspace.message(proposal.ts).plain)
    assert model_of(thread).threat(id_).effective_severity.value == new.lower()
    assert f"{id_} {old} → {new}" in thread.bot.workspace.message(proposal.ts).plain
    page = page_of(thread, id_)
    assert page is not None
    assert f"severity {old} → {new}" in page.plain
    assert not thread.buttons(actions.CONFIRM)

    answers = thread.bot.services.records.model(before.id).request.answers
    assert [a.value for a in answers] == ["yes"]
    press(thread, actions.RERUN)
    thread.await_model(2)
    assert model_of(thread).threat(id_).severity.value == new.lower()
    assert model_of(thread).threat(id_).override is None


def test_what_the_rules_cannot_place_is_said_as_before(opened: Opened, more: dict[str, Any]) -> None:
    """Where nothing says what “there” is, nothing is proposed, and the answer says how to be heard."""
    thread = shop(opened)
    thread.person.say("payments", "we already use mTLS there", thread.ts)
    thread.wait(
        lambda: holding(thread, "A sentence here does not change the model") or holding(thread, "know")
    )

    assert not thread.buttons(actions.CONFIRM)


def proposing(name: str, given: dict[str, Any]) -> Callable[[Recorded], Output | str]:
    """A model that proposes this and then says so."""

    def talk(request: Recorded) -> Output | str:
        if "waits for a person" in str(request.body["messages"][-1]):
            return "It waits for you."
        return Output(uses=((name, given),))

    return talk


def proposed(thread: Thread, bedrock: BedrockDouble, name: str, given: dict[str, Any]) -> Message:
    """Ask, and wait for the proposal's message."""
    bedrock.replying(replies(proposing(name, given)))
    thread.person.say("payments", "please do that", thread.ts)
    thread.wait(lambda: thread.buttons(actions.CONFIRM))
    return thread.buttons(actions.CONFIRM)[0][0]


def test_a_threat_by_talk_is_one_of_the_list(opened: Opened, bedrock: BedrockDouble) -> None:
    """Confirmed, it stands in the thread, takes buttons, is exported, and survives a re-run under its id."""
    thread = shop(opened)
    pages = {m.ts: m.plain for m in thread.messages if thread_page(m)}
    message = proposed(thread, bedrock, "propose_threat", OWN)
    before = model_of(thread)
    press(thread, actions.CONFIRM)
    thread.wait(lambda: "was added" in thread.bot.workspace.message(message.ts).plain)
    model = model_of(thread)
    (mine,) = model.added

    assert mine.title == OWN["title"]
    assert mine.origin is Origin.ENGINEER
    assert mine.id not in {t.id for t in before.threats}
    assert {m.ts: m.plain for m in thread.messages if m.ts in pages} == pages
    added = holding(thread, "Added by engineers")
    assert added is not None
    assert mine.title in added.plain
    assert (
        f"{len(model.threats)} threats"
        in next(m for m in thread.messages if "Most pressing" in m.plain).plain
    )

    for name in EXPORTS:
        assert mine.title in export(model, name)[1].decode()

    dismiss = next(b for b in thread.buttons(actions.DISMISS) if b[0].ts == added.ts)
    view = thread.person.click(added.ts, (dismiss[1], actions.DISMISS)).view
    assert view is not None
    assert thread.person.submit(view.id, {forms.REASON: "we close logins"}).ok
    thread.wait(lambda: "we close logins" in thread.bot.workspace.message(added.ts).plain)

    bedrock.replying(replies(report_findings={"threats": [OWN | {"title": "Another one of the model"}]}))
    press(thread, actions.RERUN)
    thread.await_model(2)
    again = model_of(thread).threat(mine.id)
    assert (again.title, again.status.value, again.status_reason) == (
        mine.title,
        "dismissed",
        "we close logins",
    )
    others = [t for t in model_of(thread).threats if t.id != mine.id]
    assert len({t.id for t in others}) == len(others)
    assert any(t.origin is Origin.MODEL for t in others)
    assert any("Added by engineers" in m.plain and "revision 2" in m.plain for m in thread.messages)


def thread_page(message: Message) -> bool:
    """Whether it is a page of threats."""
    return message.plain.startswith("Threat")


@pytest.mark.parametrize(
    ("name", "given", "effect"),
    [
        ("propose_dismissal", {"id": "T-002", "reason": "the gateway does that"}, "the gateway does that"),
        ("propose_mitigation", {"id": "T-002", "text": "ask the gateway team"}, "ask the gateway team"),
    ],
)
def test_verdicts_by_talk_are_those_of_the_buttons(
    opened: Opened, bedrock: BedrockDouble, name: str, given: dict[str, Any], effect: str
) -> None:
    """A dismissal or a mitigation that was confirmed is on the page, and Undo takes it back."""
    thread = shop(opened)
    proposed(thread, bedrock, name, given)
    press(thread, actions.CONFIRM)
    page = next(m for m in thread.messages if "T-002 · " in m.plain and thread_page(m))
    thread.wait(lambda: effect in thread.bot.workspace.message(page.ts).plain)
    thread.wait(lambda: thread.bot.workspace.ephemerals("dana"))
    assert thread.person.click(thread.bot.workspace.ephemerals("dana")[-1].ts, actions.UNDO).ok

    thread.wait(lambda: effect not in thread.bot.workspace.message(page.ts).plain)


def test_no_changes_nothing_and_is_said(opened: Opened, bedrock: BedrockDouble) -> None:
    """After No the message says who declined, and the model is as before."""
    thread = shop(opened)
    message = proposed(thread, bedrock, "propose_dismissal", {"id": "T-002", "reason": "we like it"})
    before = model_of(thread)
    press(thread, actions.DECLINE)
    thread.wait(lambda: "declined by" in thread.bot.workspace.message(message.ts).plain)

    assert "nothing was changed" in thread.bot.workspace.message(message.ts).plain
    assert model_of(thread) == before
    assert not thread.buttons(actions.CONFIRM)


def test_a_second_decision_is_told_who_was_first(opened: Opened, bedrock: BedrockDouble) -> None:
    """The same proposal in two messages is done once; the later press learns by whom and when."""
    thread = shop(opened)
    given = {"id": "T-002", "reason": "the gateway does that"}
    first = proposed(thread, bedrock, "propose_dismissal", given)
    thread.person.say("payments", "do it, I said", thread.ts)
    thread.wait(lambda: len(thread.buttons(actions.CONFIRM)) == 2)
    (_, one, _), (second, two, _) = thread.buttons(actions.CONFIRM)
    lee = thread.bot.workspace.person("lee")
    thread.person.click(first.ts, (one, actions.CONFIRM))
    thread.wait(lambda: "confirmed by" in thread.bot.workspace.message(first.ts).plain)
    lee.click(second.ts, (two, actions.DECLINE))
    thread.wait(lambda: thread.bot.workspace.ephemerals("lee"))

    told = thread.bot.workspace.ephemerals("lee")[-1].plain
    assert "confirmed already by @U0DANA" in told
    assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", told)
    assert model_of(thread).threat("T-002").status.value == "dismissed"
    thread.wait(lambda: "confirmed by" in thread.bot.workspace.message(second.ts).plain)


def test_a_guest_confirms_nothing(opened: Opened, bedrock: BedrockDouble) -> None:
    """Who may not judge may not confirm either, and a proposal of an old revision is too late."""
    thread = shop(opened)
    message = proposed(thread, bedrock, "propose_dismissal", {"id": "T-002", "reason": "we like it"})
    _, block, _ = thread.buttons(actions.CONFIRM)[0]
    thread.bot.workspace.person("gil").click(message.ts, (block, actions.CONFIRM))
    thread.wait(lambda: any("Guests cannot" in m.plain for m in thread.bot.workspace.ephemerals("gil")))
    bedrock.replying(replies())
    press(thread, actions.RERUN)
    thread.await_model(2)
    thread.person.click(message.ts, (block, actions.CONFIRM))
    thread.wait(lambda: any("revision 2" in m.plain for m in thread.bot.workspace.ephemerals("dana")))

    assert model_of(thread).threat("T-002").status.value == "proposed"

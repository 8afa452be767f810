"""Questions over one small threat model of our own: a parcel-locker service."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.conversation import Reply, ReplyKind, answer, is_courtesy
from agent.domain.model import Coverage, CoverageCell, FailedArea, ThreatModel
from agent.domain.system import (
    Asset,
    Assumption,
    Boundary,
    Classification,
    Control,
    Element,
    ElementKind,
    Evidence,
    EvidenceKind,
    Flow,
    Known,
    Option,
    Outcome,
    Question,
    System,
)
from agent.domain.threat import (
    Effort,
    Factor,
    Mitigation,
    MitigationStatus,
    Rating,
    Reference,
    Severity,
    SeverityOverride,
    Statement,
    Stride,
    Threat,
    ThreatStatus,
)
from knowledge.passages import Hit, Passage, Query
from knowledge.stores.base import StoreError
from knowledge.stores.sqlite import SqliteStore


def _drawn(quote: str) -> Evidence:
    return Evidence(kind=EvidenceKind.DIAGRAM, quote=quote, source="lockers.mmd")


def _element(id_: str, name: str, kind: ElementKind, *technologies: str, **more: object) -> Element:
    fields = {
        "id": id_,
        "name": name,
        "kind": kind,
        "technologies": technologies,
        "source": _drawn(name),
        **more,
    }
    return Element.model_validate(fields)


def _flow(source: str, target: str, label: str, **more: object) -> Flow:
    fields = {"source": source, "target": target, "label": label, "evidence": _drawn(label), **more}
    return Flow.model_validate({"id": f"{source}--{target}", **fields})


SYSTEM = System(
    name="Parcel lockers",
    elements=(
        _element("courier", "Courier", ElementKind.EXTERNAL_ENTITY),
        _element("carrier", "Carrier platform", ElementKind.EXTERNAL_ENTITY),
        _element("hub", "Locker hub", ElementKind.PROCESS, zone="Cloud", assumed=True),
        _element("events", "Event queue", ElementKind.DATA_STORE, "queue", zone="Cloud"),
        _element("opener", "Door opener", ElementKind.PROCESS, zone="Cloud"),
        _element(
            "codes",
            "Codes DB",
            ElementKind.DATA_STORE,
            "database",
            zone="Cloud",
            assets=("a-codes",),
            controls=(
                Control(
                    name="encryption_at_rest",
                    state=Known.YES,
                    evidence=Evidence(kind=EvidenceKind.DESCRIPTION, quote="Codes are encrypted at rest."),
                ),
            ),
        ),
        _element("archive", "Cold archive", ElementKind.DATA_STORE),
    ),
    flows=(
        _flow("courier", "hub", "drop-off, HTTPS", protocol="https", encrypted="yes"),
        _flow("carrier", "hub", "webhook: parcel arrived"),
        _flow("hub", "events", "AMQP", protocol="amqp"),
        _flow("events", "opener", "open door"),
        _flow("opener", "codes", "SQL", protocol="sql", encrypted="no", assets=("a-codes",)),
    ),
    boundaries=(Boundary(id="cloud", name="Cloud", members=("hub", "events", "opener", "codes")),),
    assets=(
        Asset(id="a-codes", name="Door codes", classification=Classification.RESTRICTED, tag="credentials"),
    ),
    assumptions=(Assumption(id="as-1", text="the Event queue is a managed queue", targets=("events",)),),
    warnings=("lockers.mmd: line 9 was not understood",),
)


def _threat(number: int, title: str, severity: Severity, targets: tuple[str, ...], **more: object) -> Threat:
    statement = {"source": "somebody", "action": "do harm", "impact": "trouble", "goal": ["integrity"]}
    fields: dict[str, object] = {
        "id": f"T-{number:03}",
        "key": f"k{number}",
        "title": title,
        "statement": statement,
        "stride": [Stride.TAMPERING],
        "targets": targets,
        "likelihood": Rating(score=3, base=3),
        "impact": Rating(score=3, base=3),
        "severity": severity,
    }
    return Threat.model_validate({**fields, **more})


FORGED = _threat(
    1,
    "Forged arrival of a parcel",
    Severity.CRITICAL,
    ("carrier--hub",),
    statement=Statement(
        source="anyone who learns the webhook's address",
        action="post an arrival of their own making",
        impact="a door being opened for a parcel that is not there",
        goal=("integrity",),
        assets=("Door codes",),
    ),
    stride=(Stride.SPOOFING, Stride.TAMPERING),
    evidence=(
        _drawn("webhook: parcel arrived"),
        Evidence(
            kind=EvidenceKind.ABSENCE, quote="nothing on Carrier platform → Locker hub names a signature"
        ),
    ),
    likelihood=Rating(
        score=5,
        base=4,
        factors=(
            Factor(name="exposure", points=1, reason="reachable from the internet"),
            Factor(name="control: a signature", points=0, reason="nothing names a signature"),
        ),
    ),
    impact=Rating(score=4, base=4, factors=(Factor(name="harm", points=0, reason="parcels gone"),)),
    references=(
        Reference(id="CWE-345"),
        Reference(id="CAPEC-148", title="Content spoofing", url="https://x.y/z"),
    ),
    mitigations=(
        Mitigation(id="M-1", text="Keep a register of arrivals", effort=Effort.LARGE),
        Mitigation(id="M-2", text="Verify the carrier's signature over the raw body", effort=Effort.SMALL),
        Mitigation(
            id="M-3", text="Fax the carrier back", effort=Effort.SMALL, status=MitigationStatus.REJECTED
        ),
    ),
)
FLOODED = _threat(
    2,
    "Event queue filled faster than it is emptied",
    Severity.HIGH,
    ("events",),
    statement=Statement(
        source="a courier with a script", action="flood the Event queue", impact="doors that stay shut"
    ),
    stride=(Stride.DENIAL_OF_SERVICE,),
    mitigations=(Mitigation(id="M-1", text="Limit messages per courier"),),
)
STOLEN = _threat(
    3,
    "Stolen door codes open every locker",
    Severity.HIGH,
    ("codes", "opener--codes"),
    statement=Statement(
        source="an intruder on the network",
        action="read door codes on their way to the Codes DB",
        impact="lockers emptied",
    ),
    stride=(Stride.INFORMATION_DISCLOSURE,),
    mitigations=(Mitigation(id="M-1", text="Encrypt SQL with TLS"),),
)
DENIED = _threat(
    4,
    "No record of who opened a door",
    Severity.MEDIUM,
    ("opener",),
    stride=(Stride.REPUDIATION,),
    status=ThreatStatus.DISMISSED,
    status_reason="the lock keeps a log of its own",
    decided_by="lee",
    override=SeverityOverride(
        severity=Severity.LOW, who="dana", when=datetime(2026, 1, 2, tzinfo=UTC), reason="the lock logs"
    ),
)
SIGNED = Question(
    id="q-1",
    text="Does Locker hub verify a signature on the webhook?",
    about="carrier--hub",
    fact="control:signature",
    options=(
        Option(
            label="Yes",
            value="yes",
            outcomes=(Outcome(threat="T-001", severity="low", reason="the webhook is signed"),),
        ),
        Option(label="No", value="no"),
    ),
    decides=("T-001",),
    weight=3,
)
MODEL = ThreatModel(
    id="m-1",
    revision=1,
    title="Parcel lockers",
    system=SYSTEM,
    threats=(FORGED, FLOODED, STOLEN, DENIED),
    questions=(SIGNED,),
    coverage=Coverage(
        cells=(
            CoverageCell(element="hub", stride=Stride.SPOOFING, threats=("T-001",)),
            CoverageCell(element="archive", stride=Stride.TAMPERING, reason="no flow to or from it is drawn"),
            CoverageCell(element="opener", stride=Stride.SPOOFING),
        ),
        not_looked_at=("backups", "how the code is built"),
    ),
    failed=(FailedArea(area="Edge", reason="the analyst gave up"),),
)
BARE = ThreatModel(id="m-2", revision=1, title="Bare", system=System(name="Bare"))

PASSAGES = (
    Passage(
        id="CWE-345",
        source="cwe",
        title="Insufficient verification of data authenticity",
        text="A message is acted on without proof of its sender.",
        url="https://cwe.mitre.org/data/definitions/345.html",
    ),
    Passage(
        id="LLM01:2025",
        source="owasp",
        title="Prompt injection",
        text="An assistant follows hidden instructions in a document.",
        url="https://genai.owasp.org/llmrisk/llm01-prompt-injection/",
    ),
    Passage(id="mark", source="starter", title="", text=""),
)


@pytest.fixture(scope="module")
def store() -> Iterator[SqliteStore]:
    """A knowledge store with two passages and a mark."""
    with closing(SqliteStore()) as made:
        made.upsert(PASSAGES)
        yield made


def told(reply: Reply) -> str:
    """All paragraphs as one text."""
    return "\n".join(reply.paragraphs)


def test_why_a_severity(store: SqliteStore) -> None:
    """It says the factors, what would lower it and the cheapest change that nobody has rejected."""
    reply = answer("Why is T-001 critical?", MODEL, store)
    text = told(reply)
    assert "T-001 is Critical: Forged arrival of a parcel." in text
    assert (
        "likelihood 5 (reachable from the internet; nothing names a signature) × impact 4 (parcels gone)"
        in text
    )
    assert "Low if a signature were in place" in text
    assert "Cheapest change: Verify the carrier's signature over the raw body (small, hours)." in text
    assert [c.id for c in reply.citations] == ["T-001", "CWE-345", "CAPEC-148"]
    assert reply.citations[1].title == "CWE-345 · Insufficient verification of data authenticity"
    assert reply.citations[2].url == "https://x.y/z"
    assert reply.threats == ("T-001",)


def test_a_wrong_severity_is_put_right(store: SqliteStore) -> None:
    """A question that takes the severity for another one is told so."""
    assert "T-002 is High, not Critical" in told(answer("why is T-2 critical", MODEL, store))


def test_an_overridden_severity_is_explained(store: SqliteStore) -> None:
    """The engineer's severity, the reason given, the status, and what was computed."""
    text = told(answer("how did you rate threat 4?", MODEL, store))
    assert "T-004 is Low" in text
    assert "It was set to Low (the lock logs)." in text
    assert "It is dismissed: the lock keeps a log of its own." in text
    assert "Computed it is Medium" in text


def test_why_without_a_threat_asks_which(store: SqliteStore) -> None:
    """When no threat is named, those of that severity are offered."""
    assert told(answer("Why is it critical?", MODEL, store)).startswith("Which one do you mean?\nT-001")


@pytest.mark.parametrize(
    "question", ["what about the queue?", "tell me about the Event queue", "Event queue"]
)
def test_about_a_part(store: SqliteStore, question: str) -> None:
    """A part by its name or by what it is: what it is, its flows, what threatens it."""
    reply = answer(question, MODEL, store)
    assert "T-002" in told(reply)
    assert "flood the Event queue" in told(reply)
    assert "events" in {c.id for c in reply.citations}


def test_about_says_what_a_part_is(store: SqliteStore) -> None:
    """Kind, zone, technology, flows with what is known of them."""
    text = told(answer("what about the queue?", MODEL, store))
    assert "Event queue is a data store" in text
    assert "in Cloud" in text
    assert "Locker hub → Event queue (“AMQP”, encrypted: unknown, authenticated: unknown)" in text


def test_what_happens_if(store: SqliteStore) -> None:
    """A question in the person's own words finds the threat that says it, with its story and sources."""
    reply = answer("What happens if someone gets hold of door codes?", MODEL, store)
    assert reply.threats[0] == "T-003"
    assert (
        "An intruder on the network can read door codes on their way to the Codes DB" in reply.paragraphs[0]
    )
    assert "Cheapest change: Encrypt SQL with TLS (medium, days)." in reply.paragraphs[0]
    assert reply.how == (
        "Found by matching the words of your question with 4 threats, 12 parts of the system and 2 passages;"
        " no language model was used."
    )


def test_words_that_stand_for_each_other(store: SqliteStore) -> None:
    """A question finds a threat that says the same with another word."""
    assert answer("can somebody fake an arrival?", MODEL, store).threats[0] == "T-001"


def test_what_first(store: SqliteStore) -> None:
    """The open threats that press most, each with its cheapest change, and the question to answer first."""
    reply = answer("What should we do first?", MODEL, store)
    assert reply.threats == ("T-001", "T-002", "T-003")
    assert reply.paragraphs[0].endswith("Verify the carrier's signature over the raw body (small, hours).")
    assert reply.paragraphs[-1] == f"Answer first: {SIGNED.text} It decides T-001."


def test_what_was_not_looked_at(store: SqliteStore) -> None:
    """What the input does not show, empty cells, failed areas and what the readers could not take over."""
    text = told(answer("what did you not look at?", MODEL, store))
    assert "backups; how the code is built" in text
    assert "2 of 3 cells" in text
    assert "Spoofing of Door opener" in text
    assert "Edge: The analyst gave up." in text
    assert "line 9 was not understood" in text


def test_which_threats_touch(store: SqliteStore) -> None:
    """Threats on a part apart from those next to it."""
    reply = answer("Which threats touch the Locker hub?", MODEL, store)
    assert reply.paragraphs[0].splitlines() == [
        "None on Locker hub itself; next to it:",
        "T-001 · Forged arrival of a parcel · Critical · on Carrier platform → Locker hub",
    ]
    reply = answer("what threatens the Codes DB?", MODEL, store)
    assert reply.paragraphs[0].startswith("1 threat on Codes DB:\nT-003")


def test_no_threat_says_why(store: SqliteStore) -> None:
    """A part without threats: that, and the reason of its cells."""
    text = told(answer("which threats touch the Cold archive?", MODEL, store))
    assert "No threat of this model stands on Cold archive" in text
    assert "Tampering: No flow to or from it is drawn." in text


def test_is_it_encrypted(store: SqliteStore) -> None:
    """What is stated, denied and unknown, place by place, with the quote."""
    text = told(answer("Is the Codes DB encrypted?", MODEL, store))
    assert "Door opener → Codes DB: not encrypted." in text
    assert "Codes DB: encryption at rest is stated (“Codes are encrypted at rest.”)." in text
    text = told(answer("is the traffic between the hub and the queue encrypted?", MODEL, store))
    assert text.startswith("Locker hub → Event queue: the input does not say whether it is encrypted.")


def test_a_control_that_nobody_named(store: SqliteStore) -> None:
    """Nothing names it: the open question and the threats that hang on it."""
    reply = answer("is the webhook signed?", MODEL, store)
    assert "Carrier platform → Locker hub: nothing in the input names a signature." in told(reply)
    assert f"Open question: {SIGNED.text} It decides T-001." in told(reply)
    assert reply.threats == ("T-001",)
    assert "Nothing in the input names a rate limit." in told(answer("is there rate limiting?", MODEL, store))


def test_who_can_reach(store: SqliteStore) -> None:
    """Who sends to it, and the shortest way from outside."""
    text = told(answer("who can reach the Codes DB?", MODEL, store))
    assert "Drawn as sending to Codes DB: Door opener → Codes DB" in text
    assert (
        "The shortest way from outside: Courier → Locker hub → Event queue → Door opener → Codes DB." in text
    )
    assert "Nothing is drawn as sending to Cold archive." in told(
        answer("who can reach the archive", MODEL, store)
    )
    assert "2 ways in from outside:" in told(answer("what is our attack surface?", MODEL, store))


def test_where_data_lies(store: SqliteStore) -> None:
    """A kind of data, where it is held and where it moves; and what a part holds."""
    text = told(answer("where are credentials stored?", MODEL, store))
    assert "Door codes (restricted): held or handled by Codes DB; moves on Door opener → Codes DB." in text
    assert "it holds or handles Door codes (restricted)" in told(
        answer("what data does the Codes DB hold?", MODEL, store)
    )
    assert "names no health data" in told(answer("where are the medical records kept?", MODEL, store))


def test_how_to_fix(store: SqliteStore) -> None:
    """What can still be done, the cheapest first."""
    reply = answer("How do we fix T-001?", MODEL, store)
    assert reply.paragraphs[0].splitlines()[1:] == [
        "• Verify the carrier's signature over the raw body (small, hours).",
        "• Keep a register of arrivals (large, weeks).",
    ]


def test_lists(store: SqliteStore) -> None:
    """By severity, by category, by place, or all of them."""
    assert told(answer("which ones are high?", MODEL, store)).startswith("2 of 4 threats, high:\nT-002")
    assert answer("list all denial of service threats", MODEL, store).threats == ("T-002",)
    assert told(answer("how many threats are there?", MODEL, store)).startswith(
        "4 threats, 1 critical, 2 high, 1 low:"
    )
    assert "No threat is medium" in told(answer("list the medium ones", MODEL, store))


def test_decisions(store: SqliteStore) -> None:
    """Who decided what, with the reason; and what is still open."""
    text = told(answer("what was dismissed?", MODEL, store))
    assert text == (
        "T-004 · No record of who opened a door · Low · on Door opener · dismissed by lee:"
        " the lock keeps a log of its own · severity set by dana"
    )
    assert answer("which are still open?", MODEL, store).threats == ("T-001", "T-002", "T-003")
    assert "No threat is accepted" in told(answer("what was accepted?", MODEL, store))


def test_questions_and_assumptions(store: SqliteStore) -> None:
    """The open questions with what they decide; what was assumed or guessed."""
    assert SIGNED.text in told(answer("what do you need to know from us?", MODEL, store))
    text = told(answer("what did you assume?", MODEL, store))
    assert "• The Event queue is a managed queue." in text
    assert "Guessed, in that it exists or what kind it is: Locker hub." in text


def test_an_identifier(store: SqliteStore) -> None:
    """The passage itself and the threats that cite it; one that is not there is named."""
    reply = answer("what is cwe-345?", MODEL, store)
    assert "A message is acted on without proof of its sender." in told(reply)
    assert "T-001 · Forged arrival" in told(reply)
    assert reply.citations[0].url == "https://cwe.mitre.org/data/definitions/345.html"
    reply = answer("CAPEC-999", MODEL, store)
    assert reply.kind is ReplyKind.UNKNOWN
    assert "no passage for CAPEC-999" in told(reply)


def test_a_statement_that_answers_a_question(store: SqliteStore) -> None:
    """What it would change and by how much, and that talk alone does not change it."""
    reply = answer("We already verify the signature of the webhook", MODEL, store)
    assert reply.kind is ReplyKind.CHANGE
    text = told(reply)
    assert "A sentence here does not change the model." in text
    assert (
        "T-001 · Forged arrival of a parcel · Critical · on Carrier platform → Locker hub · it would be Low"
        in text
    )
    assert f"answer “{SIGNED.text}” with the buttons above" in text
    assert reply.threats == ("T-001",)


def test_a_statement_that_a_mitigation_waits_for(store: SqliteStore) -> None:
    """Without an open question the threats near the parts whose mitigations name the control are affected."""
    reply = answer("we use TLS between the Door opener and the Codes DB", MODEL, store)
    assert reply.kind is ReplyKind.CHANGE
    assert reply.threats == ("T-003",)
    assert "dismiss T-003 with your sentence as the reason" in told(reply)


def test_a_statement_that_touches_nothing(store: SqliteStore) -> None:
    """It is understood, nothing hangs on it, and the way to have it heard is said."""
    reply = answer("We have a WAF in front of the archive", MODEL, store)
    assert reply.kind is ReplyKind.CHANGE
    assert reply.threats == ()
    assert "press Re-run" in told(reply)


@pytest.mark.parametrize(
    ("said", "missing"),
    [
        ("Add a threat", "what somebody does"),
        ("Add a threat that somebody paints the tea kitchen", "which part of the system is meant"),
        ("Add a threat that somebody paints the event queue", "what kind of threat that is"),
    ],
)
def test_a_threat_that_cannot_be_added(said: str, missing: str, store: SqliteStore) -> None:
    """What the sentence does not say is named, with the nearest threats and a sentence that would do."""
    reply = answer(said, MODEL, store)
    assert reply.kind is ReplyKind.CHANGE
    assert reply.paragraphs[0] == f"I cannot tell {missing}, so there is nothing to confirm."
    assert "“add a threat (tampering) that somebody changes … in Locker hub”" in told(reply)


def test_a_category_is_no_part(store: SqliteStore) -> None:
    """The word "service" of "denial of service" is not the name of a part; other names are known."""
    ids = [t.id for t in MODEL.threats if Stride.DENIAL_OF_SERVICE in t.stride]
    assert ids
    for question in (
        "which threats are about denial of service?",
        "what DoS threats are there",
        "list denial-of-service",
    ):
        reply = answer(question, MODEL, store)
        assert list(reply.threats) == ids
        assert "denial of service" in reply.paragraphs[0]


def test_threats_of_a_category_on_a_part(store: SqliteStore) -> None:
    """Both are heard."""
    reply = answer("which spoofing threats are on the Locker hub?", MODEL, store)
    assert reply.threats
    for id_ in reply.threats:
        assert Stride.SPOOFING in next(t for t in MODEL.threats if t.id == id_).stride


def test_who_reads_data(store: SqliteStore) -> None:
    """Who is drawn as reading or writing the stores that hold a kind of data is named with them."""
    reply = answer("who can read the access codes?", MODEL, store)
    stores = {
        e.id
        for e in MODEL.system.elements
        if e.kind is ElementKind.DATA_STORE and set(e.assets) & {a.id for a in MODEL.system.assets}
    }
    callers = {f.source for f in MODEL.system.flows if f.target in stores} - stores
    assert callers
    for caller in callers:
        assert MODEL.system.name_of(caller) in told(reply)


@pytest.mark.parametrize(
    "text",
    ["thanks!", "Thank you", "ok", "LGTM :tada:", "👍", "+1", "sounds good.", ":+1:", "Got it, thanks"],
)
def test_courtesies(text: str) -> None:
    """What people say to be kind wants no answer."""
    assert is_courtesy(text)


@pytest.mark.parametrize(
    "text", ["", "?", "???", "?!?!", "1", "ok, but who reads the Codes DB?", "no", "help", "T-001"]
)
def test_what_is_no_courtesy(text: str) -> None:
    """Anything that asks or says something is answered."""
    assert not is_courtesy(text)


def test_what_has_changed(store: SqliteStore) -> None:
    """The revision before is held beside this one; asked only then."""
    first, *rest = MODEL.threats
    lowered = rest[0].model_copy(update={"severity": Severity.LOW})
    extra = rest[1].model_copy(update={"id": "T-099", "key": "other", "title": "Lockers painted over"})
    before = MODEL.model_copy(update={"revision": 1, "threats": (lowered, *rest[1:], extra)})
    after = MODEL.model_copy(update={"revision": 2})

    reply = answer("what changed since the last revision?", after, store, lambda: before)

    assert reply.paragraphs[0].startswith("Revision 2 beside revision 1: 1 threat new, 1 gone, 1 changed")
    assert f"New:\n{first.id} · {first.title}" in told(reply)
    assert "Gone:\nT-099 · Lockers painted over" in told(reply)
    assert f"severity low → {rest[0].effective_severity.value}" in told(reply)
    assert reply.threats == (first.id, rest[0].id)


def test_nothing_to_compare_with(store: SqliteStore) -> None:
    """The first revision says so."""
    assert answer("what has changed?", MODEL, store).paragraphs == (
        "This is the first revision: there is none before it to compare with.",
    )


def test_general_knowledge_is_called_so(store: SqliteStore) -> None:
    """When only the knowledge base has something, it is given as general and not as part of the model."""
    reply = answer("what about hidden instructions for the assistant?", MODEL, store)
    assert reply.paragraphs[0].startswith("Nothing in this threat model fits your words.")
    assert "LLM01:2025 (Prompt injection): An assistant follows hidden instructions" in told(reply)
    assert reply.citations[0].url.startswith("https://genai.owasp.org/")


@pytest.mark.parametrize("question", ["what is the meaning of life?", "kangaroo giraffe", "???"])
def test_what_it_does_not_know(store: SqliteStore, question: str) -> None:
    """Nothing fits: it says so, or what can be asked, and names no threat as an answer."""
    reply = answer(question, MODEL, store)
    assert reply.threats == ()
    assert "You can ask, for example: what should we do first?" in told(reply)


def test_a_threat_that_does_not_exist(store: SqliteStore) -> None:
    """The range of those that exist is said."""
    reply = answer("why is T-099 high?", MODEL, store)
    assert reply.kind is ReplyKind.UNKNOWN
    assert "This model has no threat T-099; it has T-001 to T-004." in told(reply)


@pytest.mark.parametrize("question", ["", "  ", "help", "hello", "what can you do?"])
def test_help(store: SqliteStore, question: str) -> None:
    """It offers questions that this very model answers, and they are answered."""
    text = told(answer(question, MODEL, store))
    assert "why is T-001 Critical?" in text
    for offered in re.split(" · |example: ", text)[1:]:
        assert answer(offered, MODEL, store).kind is not ReplyKind.UNKNOWN or "steals" in offered


class _Broken:
    """A knowledge store that is away."""

    def upsert(self, passages: object) -> int:
        """See KnowledgeStore."""
        raise StoreError(f"the index is away: {passages!r}")

    def delete_source(self, source: str) -> int:
        """See KnowledgeStore."""
        raise StoreError(f"the index is away: {source}")

    def delete(self, ids: Iterable[str]) -> int:
        """See KnowledgeStore."""
        raise StoreError(f"the index is away ({len(list(ids))} ids to delete)")

    def ids(self, source: str) -> tuple[str, ...]:
        """See KnowledgeStore."""
        raise StoreError(f"the index is away, with the ids of {source}")

    def get(self, ids: Iterable[str]) -> tuple[Passage, ...]:
        """See KnowledgeStore."""
        raise StoreError(f"the index is away ({len(list(ids))} ids)")

    def search(self, query: Query) -> tuple[Hit, ...]:
        """See KnowledgeStore."""
        raise StoreError(f"the index is away: {query.limit}")

    def counts(self) -> dict[str, int]:
        """See KnowledgeStore."""
        raise StoreError("the index is away")

    def close(self) -> None:
        """See KnowledgeStore."""


def test_the_answer_goes_on_without_the_store() -> None:
    """A store that fails costs its passages only, and is named."""
    reply = answer("what happens if someone gets hold of door codes?", MODEL, _Broken())
    assert reply.threats[0] == "T-003"
    assert reply.how.endswith("The knowledge base did not answer: the index is away")


@pytest.mark.parametrize(
    "question",
    ["what should we do first?", "what did you assume?", "who can reach the database?", "why is T-001 high?",
     "what did you not look at?", "list all threats", "is it encrypted?", "we use mTLS", "open questions?"],
)  # fmt: skip
def test_an_empty_model_is_answered_for(store: SqliteStore, question: str) -> None:
    """A model with nothing in it gets an answer that says so, and cites nothing."""
    reply = answer(question, BARE, store)
    assert told(reply)
    assert reply.citations == ()


def test_names_of_the_input_stay_plain(store: SqliteStore) -> None:
    """A label with line breaks or mark-up comes out as one line, as it is."""
    evil = SYSTEM.elements[3].model_copy(update={"name": "Queue\n\n<!channel> *bold*"})
    system = SYSTEM.model_copy(update={"elements": (*SYSTEM.elements[:3], evil, *SYSTEM.elements[4:])})
    reply = answer("what about the queue?", MODEL.model_copy(update={"system": system}), store)
    assert "Queue <!channel> *bold* is a data store" in told(reply)


WORDS = (
    "why", "is", "T-001", "T-9", "critical", "the", "queue", "Codes", "DB", "hub", "who", "what", "where",
    "can", "reach", "add", "a", "threat", "we", "use", "mTLS", "encrypted", "?", "first", "not", "looked",
    "if", "stolen", "CWE-345", "between", "and", "list", "high", "dismissed",
)  # fmt: skip


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    question=st.one_of(
        st.text(max_size=200),
        st.lists(
            st.sampled_from(WORDS),
            max_size=9,
        ).map(" ".join),
    )
)
def test_any_question_is_answered(store: SqliteStore, question: str) -> None:
    """Whatever is typed: some text, known threats and unique sources only, and the same answer again."""
    reply = answer(question, MODEL, store)
    assert all(p.strip() for p in reply.paragraphs)
    assert reply.paragraphs
    assert set(reply.threats) <= {t.id for t in MODEL.threats}
    assert len({(c.kind, c.id) for c in reply.citations}) == len(reply.citations) <= 12
    assert "no language model was used" in reply.how
    assert reply == answer(question, MODEL, store)


@pytest.fixture
def fresh() -> Iterator[SqliteStore]:
    """A store of one test's own, empty."""
    with closing(SqliteStore()) as made:
        yield made


def test_a_company_document_stands_beside_the_threats(fresh: SqliteStore) -> None:
    """A document that has nearly all words of the question is quoted and cited too; any other is not."""
    question = "what happens if someone gets hold of door codes?"
    house = Passage(
        id="company:rules/doors.md#2",
        source="company",
        kind="document",
        title="House rules · Doors",
        text="If someone gets hold of door codes, this happens: all codes are drawn anew within the hour.",
        url="https://wiki.example.com/rules/doors.md",
    )
    before = answer(question, MODEL, fresh)
    fresh.upsert([house, house.model_copy(update={"id": "company:menu.md#1", "text": "Soup with codes."})])
    reply = answer(question, MODEL, fresh)
    assert reply.threats == before.threats
    assert "The company's own documents say: company:rules/doors.md#2 (House rules · Doors):" in told(reply)
    (cited,) = [c for c in reply.citations if c.id.startswith("company:")]
    assert (cited.kind, cited.url) == ("passage", house.url)
    assert not any(c.id.startswith("company:") for c in answer("who may open it?", MODEL, fresh).citations)


def test_a_long_document_is_quoted_where_it_answers(fresh: SqliteStore) -> None:
    """Of a long passage the sentences with most of the question's words are quoted; it says so."""
    filler = "Nobody reads this sentence about the cafeteria and its chairs. " * 12
    rule = "Yaks graze beside the flagpole on Sundays only."
    whole = Passage(id="company:yaks.md#1", source="company", kind="document", title="Yaks", text="")
    fresh.upsert([whole.model_copy(update={"text": f"{filler}{rule} {filler}".strip()})])
    text = told(answer("when do yaks graze beside the flagpole?", MODEL, fresh))
    quoted = next(line for line in text.splitlines() if "company:yaks.md#1" in line)
    assert rule in quoted
    assert quoted.startswith("company:yaks.md#1 (Yaks): … ")
    assert quoted.endswith(" …")
    assert len(quoted) < 800
    short = whole.model_copy(update={"text": rule})
    fresh.upsert([short])
    assert f"company:yaks.md#1 (Yaks): {rule}" in told(answer("do yaks graze on Sundays?", MODEL, fresh))

"""Follow-up questions as people type them: short, pointing back, asking for the whole, deciding, wishing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing

import pytest

from agent.analysts.filled.proposals import ProposalKind
from agent.conversation import Reply, ReplyKind, answer, is_courtesy
from agent.conversation.asked import understand
from agent.conversation.proposing import described, noted
from agent.conversation.speech import Form, load_speech
from agent.domain.model import Coverage, CoverageCell, ThreatModel
from agent.domain.request import Request
from agent.domain.system import (
    Asset,
    Classification,
    Element,
    ElementKind,
    Evidence,
    EvidenceKind,
    Flow,
    Option,
    Outcome,
    Question,
    System,
)
from agent.domain.threat import (
    Effort,
    Factor,
    Mitigation,
    Rating,
    Reference,
    Severity,
    Statement,
    Stride,
    Threat,
)
from knowledge.passages import Passage
from knowledge.stores.sqlite import SqliteStore

DESCRIPTION = (
    "Members lend bicycles at stations. Ride records are kept for nine months. Mechanics see the address of"
    " every member in the workshop console. Stations publish to the broker without authentication."
)


def drawn(quote: str) -> Evidence:
    """What a label of the drawing says."""
    return Evidence(kind=EvidenceKind.DIAGRAM, quote=quote, source="bikes.mmd")


def element(id_: str, name: str, kind: ElementKind, *technologies: str, **more: object) -> Element:
    """A part of the system."""
    fields = {"id": id_, "name": name, "kind": kind, "technologies": technologies, "source": drawn(name)}
    return Element.model_validate({**fields, **more})


def flow(source: str, target: str, label: str, **more: object) -> Flow:
    """A connection."""
    fields = {"source": source, "target": target, "label": label, "evidence": drawn(label)}
    return Flow.model_validate({"id": f"{source}--{target}", **fields, **more})


SYSTEM = System(
    name="Bicycles",
    elements=(
        element("member", "Member", ElementKind.EXTERNAL_ENTITY),
        element("mechanic", "Mechanic", ElementKind.EXTERNAL_ENTITY, "staff"),
        element("rides", "Ride service", ElementKind.PROCESS),
        element("workshop", "Workshop console", ElementKind.PROCESS, "admin-console"),
        element("broker", "Station broker", ElementKind.DATA_STORE, "queue"),
        element("ridesdb", "Rides DB", ElementKind.DATA_STORE, "database", assets=("addresses",)),
        element("maps", "Map provider", ElementKind.EXTERNAL_ENTITY, "provider"),
    ),
    flows=(
        flow("member", "rides", "HTTPS"),
        flow("mechanic", "workshop", "HTTPS"),
        flow("workshop", "rides", "REST"),
        flow("rides", "ridesdb", "SQL", assets=("addresses",)),
        flow("broker", "rides", "Kafka, positions"),
        flow("rides", "maps", "coordinates"),
    ),
    assets=(
        Asset(
            id="addresses",
            name="Addresses",
            tag="personal",
            classification=Classification.CONFIDENTIAL,
        ),
    ),
)


def threat(
    number: int,
    title: str,
    action: str,
    target: str,
    stride: Stride,
    *,
    score: tuple[int, int] = (3, 4),
    severity: Severity = Severity.HIGH,
    control: str = "",
    cites: Sequence[str] = (),
    efforts: Sequence[Effort] = (Effort.SMALL,),
) -> Threat:
    """A threat with a mitigation of each effort."""
    factors = [
        Factor(name="exposure", points=1, reason="reachable from the internet (Member → Ride service)")
    ]
    if control:
        factors.append(Factor(name=f"control: {control}", points=0, reason=f"nothing names {control}"))
    return Threat(
        id=f"T-{number:03}",
        key=f"k{number}",
        pattern=f"p{number}",
        title=title,
        statement=Statement(
            source="a stranger",
            prerequisites="with a script",
            action=action,
            impact="damage",
            goal=("integrity",),
            assets=("rides",),
        ),
        stride=(stride,),
        targets=(target,),
        evidence=(Evidence(kind=EvidenceKind.ABSENCE, quote=f"nothing at {target} names a guard"),),
        likelihood=Rating(score=score[0], base=2, factors=tuple(factors)),
        impact=Rating(score=score[1], base=score[1]),
        severity=severity,
        references=tuple(Reference(id=id_) for id_ in cites),
        mitigations=tuple(
            Mitigation(id=f"M-{n}", text=f"do {effort.value} thing {number}", effort=effort)
            for n, effort in enumerate(efforts, start=1)
        ),
        confidence=0.9,
    )


THREATS = (
    threat(
        1,
        "Rides of others read",
        "read rides of other members",
        "rides",
        Stride.INFORMATION_DISCLOSURE,
        score=(5, 4),
        severity=Severity.CRITICAL,
        control="a check of who may see or do what",
        cites=("CWE-639", "API1:2023"),
    ),
    threat(
        2,
        "Workshop console opened with one stolen login",
        "sign in with a stolen password",
        "workshop",
        Stride.SPOOFING,
        control="a second factor",
        efforts=(Effort.MEDIUM, Effort.LARGE),
        cites=("CWE-308",),
    ),
    threat(
        3, "Positions forged", "put forged positions on it", "broker", Stride.TAMPERING, control="a signature"
    ),
    threat(
        4,
        "Queries changed by what a member types",
        "exploit an SQL injection vulnerability",
        "rides",
        Stride.TAMPERING,
        cites=("CWE-89", "A05:2025"),
    ),
    threat(
        5,
        "Ride service hangs while the maps are away",
        "keep requests waiting",
        "rides--maps",
        Stride.DENIAL_OF_SERVICE,
        score=(2, 3),
        severity=Severity.MEDIUM,
    ),
    threat(
        6,
        "Addresses copied from Rides DB",
        "copy all of it",
        "ridesdb",
        Stride.INFORMATION_DISCLOSURE,
        score=(2, 4),
        severity=Severity.MEDIUM,
        efforts=(),
    ),
)
ASK = Question(
    id="q",
    text="Is a second factor required at Workshop console?",
    fact="control:mfa",
    about="workshop",
    options=(
        Option(value="yes", label="Yes", outcomes=(Outcome(threat="T-002", severity="low", reason="r"),)),
    ),
    decides=("T-002",),
)
MODEL = ThreatModel(
    id="m-1",
    revision=1,
    title="Bicycles",
    system=SYSTEM,
    threats=THREATS,
    questions=(ASK,),
    coverage=Coverage(
        cells=(
            CoverageCell(element="broker", stride=Stride.TAMPERING, threats=("T-003",)),
            CoverageCell(element="broker", stride=Stride.REPUDIATION),
        ),
        not_looked_at=("backups",),
    ),
)
REQUEST = Request(title="Bicycles", description=DESCRIPTION)


@pytest.fixture(scope="module")
def store() -> Iterator[SqliteStore]:
    """A knowledge store with one passage."""
    with closing(SqliteStore()) as made:
        made.upsert([Passage(id="CWE-639", source="cwe", title="Authorization bypass", text="By a key.")])
        yield made


class Talk:
    """One thread: what was said before stands behind each question."""

    def __init__(self, store: SqliteStore) -> None:
        self._store = store
        self._said: list[str] = []
        self.looked = 0

    def _earlier(self) -> tuple[str, ...]:
        self.looked += 1
        return tuple(self._said)

    def ask(self, question: str) -> Reply:
        """The answer, as the rules give it."""
        reply = answer(question, MODEL, self._store, earlier=self._earlier, said=DESCRIPTION)
        self._said.append(question)
        return reply


@pytest.fixture
def talk(store: SqliteStore) -> Talk:
    """A new thread."""
    return Talk(store)


def told(reply: Reply) -> str:
    """All paragraphs as one text."""
    return "\n".join(reply.paragraphs)


# what a question points to


@pytest.mark.parametrize(
    ("first", "then", "threats", "words"),
    [
        ("what should we fix first?", "why?", ("T-001",), "T-001 is Critical"),
        ("what should we fix first?", "how do we fix that", ("T-001",), "do small thing 1"),
        ("why is T-002 high?", "and how do we fix it", ("T-002",), "do medium thing 2"),
        ("what about the broker?", "how do we fix it?", ("T-003",), "do small thing 3"),
        ("why is T-002 high?", "ok so what do we do about it", ("T-002",), "do medium thing 2"),
        ("what should we fix first?", "why is the second one so high", ("T-002",), "T-002 is High"),
        ("list all threats", "who's the attacker in the third one", ("T-003",), "a stranger with a script"),
        ("ok what first?", "why the second one", ("T-002",), "T-002 is High"),
        (
            "what about T-003?",
            "what evidence do you have for that",
            ("T-003",),
            "nothing at broker names a guard",
        ),
    ],
)
def test_it_means_what_was_spoken_of(
    talk: Talk, first: str, then: str, threats: tuple[str, ...], words: str
) -> None:
    """A question that names nothing is about the threat or the part of the message before."""
    talk.ask(first)
    reply = talk.ask(then)

    assert reply.threats == threats
    assert words.lower() in told(reply).lower()


def test_what_was_said_further_back_is_found(talk: Talk) -> None:
    """Thanks and a chain of such questions lie between; each points on."""
    talk.ask("what about the broker?")
    talk.ask("why is that?")
    talk.ask("thanks!")

    assert talk.ask("how do we fix it").threats == ("T-003",)


def test_the_thread_is_read_only_where_it_matters(talk: Talk) -> None:
    """A question that names what it is about does not look at the messages before."""
    for question in ("why is T-001 critical?", "what about the broker?", "what should we do first?", "hi"):
        talk.ask(question)
    assert talk.looked == 0
    talk.ask("why?")
    assert talk.looked == 1


def test_more_goes_on_where_the_list_ended(talk: Talk) -> None:
    """The next threats, then those behind them, then that there are none."""
    assert talk.ask("what should we do first?").threats == ("T-001", "T-002", "T-003")
    assert talk.ask("more").threats == ("T-004", "T-005", "T-006")
    assert "That was all of it" in told(talk.ask("next"))


def test_a_first_message_may_point_to_nothing(talk: Talk) -> None:
    """Where nothing was said before, the gravest are offered, or it says that it does not know."""
    assert told(talk.ask("why?")).startswith("Which one do you mean?\nT-001")
    assert talk.ask("is it?").paragraphs


# the whole of it


@pytest.mark.parametrize(
    "question", ["summarise it for my manager", "tl;dr", "give me an overview", "in short?"]
)
def test_a_summary(talk: Talk, question: str) -> None:
    """How many by severity, the three gravest with what to do, what is open and what was not looked at."""
    reply = talk.ask(question)
    text = told(reply)

    assert "6 open threats (1 critical, 3 high, 2 medium)" in text
    assert reply.threats == ("T-001", "T-002", "T-003")
    assert "do small thing 1 (small, hours)" in text
    assert ASK.text in text
    assert "Not looked at: backups." in text


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("give me the STRIDE breakdown", "• Tampering: 2 (2 high), first T-003"),
        ("how much work is it to fix everything", "4 small (hours each), 1 medium (days each)"),
        ("which threats have no mitigation?", "1 open threat without a mitigation left to do:\nT-006"),
        ("any quick wins?", "• T-001 (Critical): do small thing 1 (small, hours)."),
        ("how many highs are there", "3 of 6 threats, high:"),
        ("why is everything high", "3 of 6 threats (1 critical, 3 high, 2 medium) are high"),
        ("who should fix T-002", "The model names no owner for T-002. It stands on Workshop console"),
        ("is there a jira ticket for this", "keeps no owners, dates or tickets"),
        ("what's missing from the diagram?", "Not looked at, because the input does not show it: backups"),
        ("is the broker in scope?", "nothing was found or ruled out for repudiation"),
        ("whats the worst thing here", "T-001 · Rides of others read"),
        ("what does STRIDE mean?", "Elevation of privilege".lower()),
        ("what is severity", "Likelihood (1 to 5) times impact (1 to 5)"),
        ("morning! where do we stand", "6 open threats (1 critical, 3 high, 2 medium)"),
        ("ok and which two would you do before go live", "T-001 · Rides of others read"),
        ("cheapest thing we can do today", "• T-001 (Critical): do small thing 1 (small, hours)."),
        ("what are you unsure about", ASK.text),
        ("what's left", "6 of 6 threats:"),
        ("whats scariest about the broker", "T-003 · Positions forged"),
        ("which ones are about the DB", "1 threat on Rides DB"),
        ("what would the works council care about", "I do not know"),
    ],
)
def test_questions_about_all_of_it(talk: Talk, question: str, words: str) -> None:
    """Counts, work, owners, gaps and words are answered from the model."""
    assert words in told(talk.ask(question))


@pytest.mark.parametrize(
    "question",
    ["compare T-003 and T-004", "is T-003 a duplicate of T-004?", "whats the diff between T-003 and T-004"],
)
def test_two_threats_side_by_side(talk: Talk, question: str) -> None:
    """Both with who does what, what they share, and which presses more."""
    reply = talk.ask(question)

    assert reply.threats == ("T-003", "T-004")
    assert "Both are tampering. They are two threats" in told(reply)
    assert told(reply).endswith("Both are High.")


def test_a_threat_is_told_once(talk: Talk) -> None:
    """Its title stands in one line, what suffers is left out, and the severity is explained."""
    text = told(talk.ask("T-001?"))

    assert text.count("Rides of others read") == 1
    assert "resulting in reduced" not in text
    assert "Computed: likelihood 5" in text


# the description


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("how long are ride records kept?", "Ride records are kept for nine months."),
        ("what about kafka auth on the broker", "Stations publish to the broker without authentication."),
        ("who can see the address of a member", "Mechanics see the address of every member"),
        ("who knows the address of a member", "Mechanics see the address of every member"),
    ],
)
def test_the_description_answers(talk: Talk, question: str, sentence: str) -> None:
    """A sentence of it that has nearly all words of the question is quoted."""
    assert f"The description says: “{sentence}" in told(talk.ask(question))


def test_the_description_is_quoted_for_little_else(talk: Talk) -> None:
    """One word in common is no answer."""
    assert "The description says" not in told(talk.ask("can a member ride a horse?"))


# laws and standards


def test_what_a_law_is_about(talk: Talk) -> None:
    """The data, where it lies, the threats on it, and that nothing is judged."""
    reply = talk.ask("anything about GDPR?")

    assert "Data that GDPR is about: Addresses (confidential), held or handled by Rides DB." in told(reply)
    assert "I do not judge" in told(reply)
    assert reply.threats == ("T-006",)


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("is this PCI relevant", "names no data that PCI DSS is about"),
        ("is it covered by the owasp api top 10", "• API1:2023: 1, first T-001"),
        ("which owasp top 10 entries?", "• A05:2025: 1, first T-004"),
        ("do we need a pentest", "I do not judge whether a penetration test is needed"),
        ("what should I tell the auditor", "I do not judge whether an audit would be passed"),
    ],
)
def test_other_laws_and_standards(talk: Talk, question: str, words: str) -> None:
    """What cites a standard is counted; what is not to be judged is said not to be."""
    assert words in told(talk.ask(question))


# what is found by words


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("did you consider SQL injection?", "T-004"),
        ("what if the map provider is down", "T-005"),
        ("can a member read the ride of someone else", "T-001"),
        ("can someone impersonate a mechanic at the workshop", "T-002"),
    ],
)
def test_what_the_question_is_after_comes_first(talk: Talk, question: str, first: str) -> None:
    """Words that stand together, and the kind of harm that is asked about, decide."""
    assert talk.ask(question).threats[0] == first


# what is done elsewhere


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("export this", "Export as …"),
        ("rerun please", "Press Re-run"),
        ("undo that", "Undo stands in the message"),
        ("can you finalise it", "Nothing has to be closed"),
        ("no", "Nothing was changed"),
        ("no it isn't", "Nothing was changed"),
    ],
)
def test_what_is_done_by_a_button(talk: Talk, said: str, words: str) -> None:
    """It says which."""
    assert words in told(talk.ask(said))


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ("Wer kann die Adressen lesen?", "German"),
        ("qué pasa si roban el token?", "Spanish"),
        ("qui peut lire les adresses ?", "French"),
    ],
)
def test_another_language_is_named(talk: Talk, said: str, language: str) -> None:
    """Without a language model only English is understood; an id is understood in any."""
    reply = talk.ask(said)

    assert f"That looks like {language}" in told(reply)
    assert reply.kind is ReplyKind.UNKNOWN
    assert talk.ask("warum ist T-001 kritisch?").threats == ("T-001",)


@pytest.mark.parametrize("text", ["lol ok", "ok great thanks", "haha nice one", "yes thanks a lot"])
def test_several_courtesies_are_one(text: str) -> None:
    """Said one after the other they want no answer either."""
    assert is_courtesy(text)


# what is said, decided and wished


@pytest.mark.parametrize(
    ("said", "kind", "after", "reason"),
    [
        ("dismiss T-003 because the broker is inside", ProposalKind.DISMISS, "", "the broker is inside"),
        ("T-003 is nonsense, we validate that", ProposalKind.DISMISS, "", "we validate that"),
        ("accept T-001", ProposalKind.STATUS, "accepted", ""),
        ("we accept the risk of T-005", ProposalKind.STATUS, "risk_accepted", ""),
        ("T-004 is already fixed", ProposalKind.STATUS, "mitigated", ""),
        ("set T-002 to low", ProposalKind.SEVERITY, "low", ""),
    ],
)
def test_a_decision_is_proposed(said: str, kind: ProposalKind, after: str, reason: str) -> None:
    """What an engineer decides by a sentence waits for a Confirm, with the reason as it was said."""
    found = noted(said, MODEL, REQUEST)

    assert found is not None
    (proposal,) = found.proposals
    assert (proposal.kind, proposal.after, proposal.reason) == (kind, after, reason)
    assert proposal.threat in said


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("dismiss T-003", "With which reason?"),
        ("change the severity of T-003", "To which severity?"),
        ("T-003 seems exaggerated", "T-003 is High: Positions forged. Computed: likelihood 3"),
    ],
)
def test_a_decision_that_lacks_something(talk: Talk, said: str, words: str) -> None:
    """It asks for it and proposes nothing."""
    assert noted(said, MODEL, REQUEST) is None
    reply = talk.ask(said)
    assert reply.kind is ReplyKind.CHANGE
    assert words in told(reply)


@pytest.mark.parametrize(
    "said", ["don't dismiss T-003", "should we dismiss T-003?", "why was T-003 dismissed?"]
)
def test_what_decides_nothing(said: str) -> None:
    """A no, a question and a look back propose nothing."""
    found = noted(said, MODEL, REQUEST)
    assert found is None or not found.proposals


def test_what_would_change_is_told_and_not_noted() -> None:
    """“What if we had …” says what the severities would be and proposes nothing."""
    found = noted("what would change if we had rate limiting on the ride service?", MODEL, REQUEST)

    assert found is not None
    assert found.proposals == ()
    assert "Nothing is noted by that." in found.reply.paragraphs[-1]


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("would a second factor help against T-002?", "T-002 hangs on that"),
        ("is T-001 really possible if we have a WAF", "T-001 does not hang on a web application firewall"),
    ],
)
def test_whether_a_protection_helps_against_a_threat(talk: Talk, question: str, words: str) -> None:
    """What its severity hangs on, and what would lower it."""
    text = told(talk.ask(question))
    assert words in text
    assert "What would lower it: " in text


def test_where_no_such_threat_is_listed_that_is_said(talk: Talk) -> None:
    """A question after an outage of a part that has no threat of it is told so before what there is."""
    text = told(talk.ask("what if the station broker is down?"))

    nothing = "No threat of denial of service is listed for Station broker;"
    assert nothing in text.partition("T-003")[0]
    assert "T-003" in text


def test_the_age_of_what_was_spoken_of(talk: Talk) -> None:
    """“How long are they kept” is answered from the sentence that names the part that is meant."""
    talk.ask("what about the broker?")

    assert "Stations publish to the broker" in told(talk.ask("how long does it keep them"))


def test_of_two_controls_the_one_that_brings_the_other() -> None:
    """“TLS with client certificates” is mutual TLS, and one fact."""
    found = noted("the ride service and Rides DB use TLS with client certs", MODEL, REQUEST)

    assert found is not None
    assert [p.control for p in found.proposals] == ["mutual_tls"]


def test_an_own_threat_stands_where_it_happens() -> None:
    """Of “… from the workshop console” the console, not the flow on which its user comes to it."""
    found = noted(
        "add a threat that the mechanic copies all addresses from the workshop console", MODEL, REQUEST
    )

    assert found is not None
    assert found.proposals[0].draft is not None
    assert found.proposals[0].draft.targets == ("workshop",)


def test_a_correction_is_heard_as_a_statement(talk: Talk) -> None:
    """“No, that is wrong, …” says how it is; which ratings rest on the contrary is told."""
    reply = talk.ask("no that's wrong, the station broker is internal")

    assert reply.kind is ReplyKind.CHANGE
    assert "Station broker is not open to the internet" in told(reply)
    assert reply.threats == ("T-003",)


def test_a_statement_may_join_the_description(talk: Talk) -> None:
    """Where no one fact can be noted, the sentence itself is proposed; a question never is."""
    said = "the workshop console runs in a locked room"
    reply = talk.ask(said)
    proposal = described(said, MODEL)

    assert reply.kind is ReplyKind.CHANGE
    assert "What it changes I cannot tell" in told(reply)
    assert proposal is not None
    assert (proposal.kind, proposal.reason) == (ProposalKind.NOTE, said)
    assert described("does the workshop console run in a locked room?", MODEL) is None
    assert described("summarise it", MODEL) is None


def test_an_exporting_insider_can_be_added() -> None:
    """Everyday verbs tell the category."""
    found = noted("add a threat that a mechanic exports all addresses from Rides DB", MODEL, REQUEST)

    assert found is not None
    (proposal,) = found.proposals
    assert proposal.draft is not None
    assert proposal.draft.stride == (Stride.INFORMATION_DISCLOSURE,)


def test_every_form_of_the_table_is_answered(store: SqliteStore) -> None:
    """No phrase of the table leads to a form without an answer, and every lone word is of its form."""
    for text, form in load_speech().alone.items():
        assert understand(text, MODEL).form is form, text
        assert answer(text, MODEL, store).paragraphs
    assert Form.MORE in load_speech().alone.values()


def test_data_that_begins_like_a_part_names_no_part() -> None:
    """A question about "Member notes" is not about the member; one that names both is."""
    asset = Asset(
        id="asset-notes", name="Member notes", classification=Classification.RESTRICTED, tag="personal"
    )
    system = MODEL.system.model_copy(update={"assets": (*MODEL.system.assets, asset)})
    model = MODEL.model_copy(update={"system": system})
    asked = understand("what should we fix first, and who can see member notes?", model)
    assert (asked.form, asked.elements) == (Form.FIRST, ())
    assert [e.name for e in understand("can a member see the Member notes?", model).elements] == ["Member"]

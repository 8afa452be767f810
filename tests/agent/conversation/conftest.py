"""A threat model of our own to talk about: tickets and cabins of a ferry line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing

import pytest

from agent import risk
from agent.conversation import Reply, answer
from agent.domain.model import Coverage, CoverageCell, ThreatModel
from agent.domain.request import Request
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
    Question,
    System,
)
from agent.domain.threat import Effort, Factor, Mitigation, Rating, Reference, Statement, Stride, Threat
from knowledge.passages import Passage
from knowledge.stores.sqlite import SqliteStore

SAID = (
    "Passengers book cabins and pay at the desk. Boarding passes are valid for two days. "
    "The cabin queue has no password. There is a firewall between the shore and the ship. "
    "Nobody checks the photos that passengers upload. The bookings database is backed up every night. "
    "Every release is reviewed by one colleague."
)
OUTSIDE, PROCESS, STORE = ElementKind.EXTERNAL_ENTITY, ElementKind.PROCESS, ElementKind.DATA_STORE


def _drawn(quote: str, kind: EvidenceKind = EvidenceKind.DIAGRAM) -> Evidence:
    return Evidence(kind=kind, quote=quote, source="ferry.mmd")


def _element(id_: str, name: str, kind: ElementKind, *technologies: str, **more: object) -> Element:
    fields = {"id": id_, "name": name, "kind": kind, "technologies": technologies, "source": _drawn(name)}
    return Element.model_validate({**fields, **more})


def _flow(source: str, target: str, label: str, **more: object) -> Flow:
    fields = {"id": f"{source}--{target}", "source": source, "target": target, "label": label}
    return Flow.model_validate({**fields, "evidence": _drawn(label), **more})


def _control(name: str, quote: str) -> Control:
    return Control(name=name, state=Known.YES, evidence=_drawn(quote, EvidenceKind.DESCRIPTION))


SYSTEM = System(
    name="Ferry",
    elements=(
        _element("passenger", "Passenger", OUTSIDE),
        _element("agency", "Travel agency", OUTSIDE),
        _element("desk", "Booking desk", PROCESS, zone="Shore"),
        _element("auth", "Crew auth service", PROCESS, zone="Shore"),
        _element("queue", "Cabin queue", STORE, "queue", zone="Ship"),
        _element("locks", "Lock controller", PROCESS, zone="Ship"),
        _element(
            "bookings",
            "Bookings database",
            STORE,
            "database",
            zone="Shore",
            assets=("names",),
            controls=(_control("backup", "The bookings database is backed up every night."),),
        ),
        _element("photos", "Photo folder", STORE, zone="Shore", assets=("photos",)),
    ),
    flows=(
        _flow("passenger", "desk", "HTTPS", encrypted="yes", protocol="https"),
        _flow("agency", "desk", "CSV by mail"),
        _flow("desk", "bookings", "SQL", assets=("names",)),
        _flow("desk", "queue", "AMQP, cabin numbers"),
        _flow("queue", "locks", "AMQP"),
        _flow("locks", "auth", "check a badge"),
        _flow("desk", "photos", "photo"),
    ),
    boundaries=(
        Boundary(id="shore", name="Shore", members=("desk", "auth", "bookings", "photos")),
        Boundary(id="ship", name="Ship", members=("queue", "locks")),
    ),
    assets=(
        Asset(id="names", name="Names", tag="personal", classification=Classification.CONFIDENTIAL),
        Asset(id="photos", name="Photos", tag="documents", classification=Classification.INTERNAL),
    ),
    assumptions=(Assumption(id="a", text="the Booking desk runs in one place", targets=("desk",)),),
)


_HARM = Factor(name="harm", points=0, reason="safety on board")


def _threat(
    number: int,
    title: str,
    action: str,
    targets: tuple[str, ...],
    stride: Stride,
    scores: tuple[int, int],
    waits: str = "",
    fixes: Sequence[tuple[str, Effort]] = (),
    **more: object,
) -> Threat:
    factors = [Factor(name="skill", points=0, reason="takes known tools")]
    if waits:
        factors.append(Factor(name=f"control: {waits}", points=0, reason=f"nothing names {waits}"))
    fields: dict[str, object] = {
        "id": f"T-{number:03}",
        "key": f"k{number}",
        "pattern": f"p{number}",
        "title": title,
        "statement": Statement(source="a stowaway", action=action, impact="a ship that sails late"),
        "stride": (stride,),
        "targets": targets,
        "evidence": (_drawn(f"nothing there names {waits}", EvidenceKind.ABSENCE),),
        "likelihood": Rating(score=scores[0], base=scores[0], factors=tuple(factors)),
        "impact": Rating(
            score=scores[1],
            base=scores[1],
            factors=(Factor(name="harm", points=0, reason="safety on board"),),
        ),
        "severity": risk.severity_of(*scores),
        "mitigations": tuple(
            Mitigation(id=f"M-{n}", text=text, effort=effort) for n, (text, effort) in enumerate(fixes, 1)
        ),
    }
    return Threat.model_validate({**fields, **more})


SMALL, LARGE = Effort.SMALL, Effort.LARGE
THREATS = (
    _threat(
        1,
        "Bookings of others read at Booking desk",
        "read bookings of other passengers by counting up their numbers",
        ("desk",),
        Stride.INFORMATION_DISCLOSURE,
        (5, 4),
        "a check of who may see or do what",
        [("load each booking with its owner's id", SMALL)],
        references=(Reference(id="CWE-639"),),
    ),
    _threat(
        2,
        "Forged messages open cabins",
        "put forged messages on Cabin queue",
        ("queue", "queue--locks"),
        Stride.SPOOFING,
        (4, 4),
        "mutual TLS",
        [("require mutual TLS on Cabin queue", SMALL), ("sign each message", LARGE)],
        evidence=(
            _drawn("The cabin queue has no password.", EvidenceKind.DESCRIPTION),
            _drawn("nothing there names mutual TLS", EvidenceKind.ABSENCE),
        ),
    ),
    _threat(
        3,
        "Queries changed by what a passenger types",
        "exploit an SQL injection vulnerability",
        ("desk",),
        Stride.TAMPERING,
        (3, 4),
        "parameterised queries",
        [("send parameterised queries only", SMALL)],
    ),
    _threat(
        4,
        "Malware in an uploaded photo",
        "upload a photo with malware in it",
        ("photos",),
        Stride.TAMPERING,
        (3, 3),
        "a malware scan",
        [("scan each photo", LARGE)],
    ),
    _threat(5, "Badges guessed", "guess badge numbers", ("auth",), Stride.SPOOFING, (2, 2), "a rate limit"),
)
MODEL = ThreatModel(
    id="m-ferry",
    revision=1,
    title="Ferry",
    system=SYSTEM,
    threats=THREATS,
    questions=(
        Question(
            id="q",
            text="Does Cabin queue ask for certificates?",
            fact="control:mutual_tls",
            about="queue",
            options=(Option(value="yes", label="Yes"), Option(value="no", label="No")),
            decides=("T-002",),
        ),
    ),
    coverage=Coverage(
        cells=(CoverageCell(element="desk", stride=Stride.TAMPERING, threats=("T-003",)),),
        not_looked_at=("backups",),
    ),
)


@pytest.fixture(scope="session")
def model() -> ThreatModel:
    """The threat model that is talked about."""
    return MODEL


@pytest.fixture(scope="session")
def request_of() -> Request:
    """What it was made from."""
    return Request(title="Ferry", description=SAID)


Ask = Callable[..., Reply]


@pytest.fixture(scope="session")
def ask() -> Iterator[Ask]:
    """Asks a question in a thread of its own; what was said before may stand behind it."""
    with closing(SqliteStore()) as store:
        store.upsert([Passage(id="CWE-639", source="cwe", title="Authorization bypass", text="By a key.")])

        def asked(question: str, *earlier: str) -> Reply:
            return answer(question, MODEL, store, earlier=lambda: earlier, said=SAID)

        yield asked


@pytest.fixture(scope="session")
def told(ask: Ask) -> Callable[..., str]:
    """All paragraphs of the answer as one text."""
    return lambda question, *earlier: "\n".join(ask(question, *earlier).paragraphs)

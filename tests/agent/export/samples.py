"""A threat model of a parcel-locker service, small and whole; and hostile ones of any shape."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import strategies as st

from agent.domain.model import (
    Coverage,
    CoverageCell,
    FailedArea,
    Summary,
    ThreatModel,
)
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
    Exposure,
    Flow,
    Known,
    Option,
    Question,
    System,
)
from agent.domain.threat import (
    Effort,
    Factor,
    Mitigation,
    MitigationStatus,
    Origin,
    Rating,
    Reference,
    Severity,
    SeverityOverride,
    Statement,
    Stride,
    Threat,
    ThreatStatus,
)

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
LIMITED = Control(
    name="rate_limit",
    state=Known.YES,
    evidence=Evidence(
        kind=EvidenceKind.DESCRIPTION, quote="Codes can be tried ten times an hour.", source="description"
    ),
)
SEEN = Evidence(kind=EvidenceKind.DIAGRAM, quote="Locker API", source="lockers.mmd")


def _element(id_: str, name: str, kind: ElementKind, zone: str = "", **more: object) -> Element:
    return Element.model_validate(
        {"id": id_, "name": name, "kind": kind, "zone": zone, "source": SEEN} | more
    )


def _flow(source: str, target: str, label: str, protocol: str = "", **more: object) -> Flow:
    return Flow.model_validate(
        {
            "id": f"{source}--{target}",
            "source": source,
            "target": target,
            "label": label,
            "protocol": protocol,
            "evidence": Evidence(kind=EvidenceKind.DIAGRAM, quote=label, source="lockers.mmd"),
        }
        | more
    )


SYSTEM = System(
    name="Parcel lockers",
    elements=(
        _element("recipient", "Recipient", ElementKind.EXTERNAL_ENTITY, exposure=Exposure.INTERNET),
        _element("locker", "Locker controller", ElementKind.PROCESS, "Street", technologies=("iot-device",)),
        _element("api", "Locker API", ElementKind.PROCESS, "Cloud", controls=(LIMITED,)),
        _element("db", "Parcels DB", ElementKind.DATA_STORE, "Cloud", technologies=("postgresql",)),
    ),
    flows=(
        _flow("recipient", "api", "pick-up code", "https", encrypted=Known.YES),
        _flow("api", "locker", "open command", "mqtt"),
        _flow("api", "db", "parcels", "sql", data=("names", "addresses")),
    ),
    boundaries=(
        Boundary(id="street", name="Street", members=("locker",)),
        Boundary(id="cloud", name="Cloud", members=("api", "db")),
    ),
    assets=(
        Asset(
            id="names", name="names and addresses", classification=Classification.CONFIDENTIAL, tag="personal"
        ),
    ),
    assumptions=(Assumption(id="a1", text="The API checks who a pick-up code belongs to."),),
    warnings=("lockers.mmd: line 9 is no edge, so I left it out.",),
)


def threat(number: int = 1, **more: object) -> Threat:
    """A threat with everything on it; `more` replaces fields."""
    made = Threat(
        id=f"T-{number:03}",
        key=f"key{number}",
        pattern="unauthenticated-command",
        title="Locker opened by a forged command",
        statement=Statement(
            source="someone on the locker's network",
            prerequisites="who can reach its message broker",
            action="send the Locker controller an open command of their own",
            impact="any compartment opens without a pick-up code",
            goal=("integrity",),
            assets=("parcels",),
        ),
        stride=(Stride.SPOOFING, Stride.TAMPERING),
        targets=("api--locker", "locker"),
        evidence=(
            Evidence(kind=EvidenceKind.DIAGRAM, quote="open command", source="lockers.mmd"),
            Evidence(kind=EvidenceKind.TOPOLOGY, quote="Locker API → Locker controller leaves the Cloud"),
            Evidence(kind=EvidenceKind.ABSENCE, quote="nothing names a signature on the command"),
        ),
        likelihood=Rating(
            score=4,
            base=2,
            factors=(
                Factor(name="exposure", points=1, reason="the locker stands in the street"),
                Factor(name="control", points=1, reason="no signature seen"),
            ),
        ),
        impact=Rating(
            score=4, base=3, factors=(Factor(name="safety", points=1, reason="parcels of others"),)
        ),
        severity=Severity.HIGH,
        confidence=0.8,
        references=(
            Reference(
                id="CWE-306",
                title="Missing authentication for a critical function",
                url="https://cwe.mitre.org/data/definitions/306.html",
            ),
            Reference(id="CAPEC-115", url="https://capec.mitre.org/data/definitions/115.html"),
        ),
        mitigations=(
            Mitigation(
                id="M-1", text="Sign each open command for one locker and one minute", effort=Effort.SMALL
            ),
            Mitigation(
                id="M-2",
                text="Give every locker its own client certificate",
                effort=Effort.LARGE,
                status=MitigationStatus.DONE,
            ),
        ),
    )
    return made.model_copy(update=more)


def model(many: int = 7, /, **more: object) -> ThreatModel:
    """The threat model with so many threats; `more` replaces fields."""
    made = ThreatModel(
        id="tm-lockers",
        revision=2,
        title="Parcel lockers",
        created=NOON,
        system=SYSTEM,
        threats=tuple(threat(n) for n in range(1, many + 1)),
        questions=(
            Question(
                id="q-1",
                text="Does the locker check a signature on the open command?",
                about="api--locker",
                fact="control:signature",
                options=(
                    Option(label="Yes", value="yes"),
                    Option(label="No", value="no"),
                    Option(label="Don't know", value="unknown"),
                ),
                decides=("T-001", "T-002"),
                weight=3,
            ),
        ),
        coverage=Coverage(
            cells=(
                CoverageCell(element="api", stride=Stride.SPOOFING, threats=("T-001",)),
                CoverageCell(element="api", stride=Stride.DENIAL_OF_SERVICE, reason="a rate limit is stated"),
                CoverageCell(element="db", stride=Stride.REPUDIATION),
            ),
            not_looked_at=("firmware updates", "backups"),
        ),
        summary=Summary(
            headline="Commands to lockers are trusted too easily.",
            pressing=("forged open commands", "codes that can be guessed"),
            notes=("One label looked like an instruction; it was treated as data.",),
        ),
        failed=(FailedArea(area="Street", reason="the analyst ran out of time"),),
    )
    return made.model_copy(update=more)


_TRICKS = st.sampled_from(
    [
        "",
        " \n\t ",
        "<!channel> <@U12345678> <https://evil.example|click> & <b>",
        "*bold* _it_ `code` [link](https://evil.example) ![x](https://evil.example/x.png) | # 1. - >",
        "\u202etxet desrever\u202c",
        "مرحبا بالعالم",
        "🔐" * 400,
        "long label " * 300,
        "x" * 2_500,
        "</script><script>alert(1)</script>",
        "line one\nline two\r\n\r\n\r\nline three",
        "\x00\x07\x1b[31m",
        "&" * 900,
    ]
)
_PRINTABLE = st.text(st.characters(codec="utf-8"), max_size=60)
TEXTS = st.one_of(_TRICKS, _PRINTABLE, st.tuples(_PRINTABLE, _TRICKS).map("".join))
_IDS = st.from_regex(r"[a-zA-Z0-9_-]{1,24}", fullmatch=True)
_WHO = st.one_of(st.sampled_from(["U0123ABCD", "W99", "", "dana"]), TEXTS)
_URLS = st.one_of(
    st.just(""),
    st.just("https://cwe.mitre.org/data/definitions/79.html"),
    st.sampled_from(["https://evil.example/", "javascript:alert(1)", "https://cwe.mitre.org@evil.example/"]),
    TEXTS,
)
_DATES = st.just(NOON)
_EVIDENCE = st.builds(Evidence, kind=st.sampled_from(EvidenceKind), quote=TEXTS, source=TEXTS)
_RATINGS = st.builds(
    Rating,
    score=st.integers(1, 5),
    base=st.integers(1, 5),
    factors=st.lists(st.builds(Factor, name=TEXTS, points=st.integers(-3, 3), reason=TEXTS), max_size=4).map(
        tuple
    ),
)
_MITIGATIONS = st.builds(
    Mitigation,
    id=st.one_of(_IDS, TEXTS),
    text=TEXTS,
    effort=st.sampled_from(Effort),
    status=st.sampled_from(MitigationStatus),
)
_SHORT = st.lists(TEXTS, max_size=3).map(tuple)
_STATEMENTS = st.builds(
    Statement, source=TEXTS, prerequisites=TEXTS, action=TEXTS, impact=TEXTS, goal=_SHORT, assets=_SHORT
)
THREATS = st.builds(
    Threat,
    id=st.one_of(_IDS, TEXTS),
    key=_IDS,
    pattern=TEXTS,
    title=TEXTS,
    statement=_STATEMENTS,
    stride=st.lists(st.sampled_from(Stride), max_size=6, unique=True).map(tuple),
    targets=st.lists(st.one_of(st.sampled_from(["api", "locker", "api--db"]), TEXTS), max_size=4).map(tuple),
    evidence=st.lists(_EVIDENCE, max_size=5).map(tuple),
    likelihood=_RATINGS,
    impact=_RATINGS,
    severity=st.sampled_from(Severity),
    override=st.none()
    | st.builds(SeverityOverride, severity=st.sampled_from(Severity), who=_WHO, when=_DATES, reason=TEXTS),
    confidence=st.floats(0, 1),
    references=st.lists(st.builds(Reference, id=TEXTS, title=TEXTS, url=_URLS), max_size=9).map(tuple),
    mitigations=st.lists(_MITIGATIONS, max_size=6).map(tuple),
    status=st.sampled_from(ThreatStatus),
    status_reason=TEXTS,
    decided_by=_WHO,
    decided_at=st.none() | _DATES,
    origin=st.sampled_from(Origin),
    merged=st.lists(_IDS, max_size=2).map(tuple),
)
_QUESTIONS = st.builds(
    Question,
    id=st.one_of(_IDS, TEXTS),
    text=TEXTS,
    about=TEXTS,
    fact=TEXTS,
    options=st.lists(st.builds(Option, label=TEXTS, value=TEXTS), max_size=7).map(tuple),
    decides=st.lists(TEXTS, max_size=7).map(tuple),
    weight=st.floats(0, 9),
)
_ELEMENTS = st.builds(
    Element,
    id=_IDS,
    name=TEXTS,
    kind=st.sampled_from(ElementKind),
    technologies=_SHORT,
    zone=TEXTS,
    source=_EVIDENCE,
    controls=st.lists(
        st.builds(Control, name=TEXTS, state=st.sampled_from(Known), evidence=_EVIDENCE), max_size=2
    ).map(tuple),
)
_ENDS = st.from_regex(r"[a-z0-9]{1,12}", fullmatch=True)
_FLOWS = st.builds(
    Flow,
    id=st.tuples(_ENDS, _ENDS).map("--".join),  # as readers make them: never the id of an element
    source=_ENDS,
    target=_ENDS,
    label=TEXTS,
    protocol=TEXTS,
    data=_SHORT,
    evidence=_EVIDENCE,
    encrypted=st.sampled_from(Known),
)
_SYSTEMS = st.builds(
    System,
    name=TEXTS,
    elements=st.lists(_ELEMENTS, max_size=4).map(tuple),
    flows=st.lists(_FLOWS, max_size=3).map(tuple),
    boundaries=st.lists(
        st.builds(Boundary, id=_IDS, name=TEXTS, members=st.lists(_IDS, max_size=3).map(tuple)), max_size=3
    ).map(tuple),
    assets=st.lists(st.builds(Asset, id=_IDS, name=TEXTS, tag=TEXTS), max_size=2).map(tuple),
    assumptions=st.lists(st.builds(Assumption, id=_IDS, text=TEXTS), max_size=8).map(tuple),
    warnings=st.lists(TEXTS, max_size=8).map(tuple),
)
MODELS = st.builds(
    ThreatModel,
    id=st.one_of(_IDS, TEXTS),
    revision=st.integers(1, 99),
    title=TEXTS,
    created=st.none() | _DATES,
    system=_SYSTEMS,
    threats=st.lists(THREATS, max_size=6).map(tuple),
    budget=st.integers(0, 6),
    questions=st.lists(_QUESTIONS, max_size=4).map(tuple),
    coverage=st.builds(
        Coverage,
        cells=st.lists(
            st.builds(
                CoverageCell, element=TEXTS, stride=st.sampled_from(Stride), threats=_SHORT, reason=TEXTS
            ),
            max_size=5,
        ).map(tuple),
        not_looked_at=st.lists(TEXTS, max_size=10).map(tuple),
    ),
    summary=st.builds(
        Summary, headline=TEXTS, pressing=_SHORT, notes=st.lists(TEXTS, max_size=10).map(tuple)
    ),
    failed=st.lists(st.builds(FailedArea, area=TEXTS, reason=TEXTS), max_size=3).map(tuple),
    partial=st.booleans(),
)
"""Threat models that nobody would want to be sent."""

"""Systems, threats and verdicts in a line each, for the tests of lessons."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from agent.domain.lesson import Lesson, LessonKind, Place, Teaching, lessons
from agent.domain.model import ThreatModel
from agent.domain.system import Element, ElementKind, Evidence, EvidenceKind, Flow, System
from agent.domain.threat import Mitigation, Origin, Rating, Statement, Stride, Threat
from agent.domain.verdict import Verdict, VerdictKind, fold
from agent.risk import severity_of

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DRAWN = Evidence(kind=EvidenceKind.DIAGRAM, quote="drawn")
MESH = "TLS ends at the mesh"


def a_system(*, store: tuple[str, ...] = ("postgresql",), api: tuple[str, ...] = ("api",)) -> System:
    """An API and a store, and the flow from the one to the other."""
    kinds = (("api", ElementKind.PROCESS, api), ("store", ElementKind.DATA_STORE, store))
    return System(
        name="Shop",
        elements=tuple(
            Element(id=id_, name=id_.title(), kind=kind, technologies=made, source=DRAWN)
            for id_, kind, made in kinds
        ),
        flows=(Flow(id="flow", source="api", target="store", evidence=DRAWN),),
    )


def a_threat(
    pattern: str = "transport-plain",
    *targets: str,
    id_: str = "T-001",
    score: tuple[int, int] = (3, 3),
    title: str = "",
    origin: Origin = Origin.RULES,
) -> Threat:
    """A threat of a pattern, medium unless said otherwise; by its title where there is no pattern."""
    return Threat(
        id=id_,
        key=f"{pattern or title} {id_}",
        pattern=pattern,
        title=title or f"What {pattern} says",
        statement=Statement(source="somebody", action="read along", impact="harm"),
        stride=(Stride.TAMPERING,),
        targets=targets or ("flow",),
        evidence=(DRAWN,),
        likelihood=Rating(score=score[0], base=score[0]),
        impact=Rating(score=score[1], base=score[1]),
        severity=severity_of(*score),
        mitigations=(Mitigation(id="M-1", text="Encrypt the way."),),
        origin=origin,
    )


def a_model(*threats: Threat, id_: str = "tm-1", title: str = "Checkout", **more: object) -> ThreatModel:
    """A revision with these threats, or with one."""
    fields = {"system": a_system(), "created": NOON, "revision": 1, **more}
    return ThreatModel.model_validate(
        {"id": id_, "title": title, "threats": threats or (a_threat(),), **fields}
    )


def said(after: str, *, id_: str = "v", minute: int = 0, kind: str = "status", **more: str) -> Verdict:
    """A verdict of Lee's on T-001, unless said otherwise."""
    fields = {"threat": "T-001", "who": "U0LEE", "model": "tm-1", "reason": "", **more}
    return Verdict(
        id=id_,
        when=NOON + timedelta(minutes=minute),
        revision=1,
        kind=VerdictKind(kind),
        after=after,
        **fields,
    )


def taught(model: ThreatModel, *verdicts: Verdict) -> Teaching:
    """What the model teaches once these were said."""
    own = [v.model_copy(update={"model": model.id}) for v in verdicts]
    return Teaching(model=model.id, title=model.title, lessons=lessons(fold(model, own)))


def dismissal(model: str = "tm-1", reason: str = MESH, title: str = "Checkout", **more: object) -> Teaching:
    """A model whose one threat was dismissed."""
    lesson: dict[str, object] = {
        "kind": LessonKind.DISMISSED,
        "pattern": "transport-plain",
        "title": "What transport-plain says",
        "places": (Place(kind="flow", technologies=("postgresql",)),),
        "severity": "critical",
        "reason": reason,
        "who": "U0LEE",
        "when": NOON,
        **more,
    }
    return Teaching(model=model, title=title, lessons=(Lesson.model_validate(lesson),))

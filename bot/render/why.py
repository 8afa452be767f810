"""Why a threat applies and why it is rated as it is, as leaves of rich text."""

from __future__ import annotations

from agent.domain.system import Evidence, EvidenceKind
from agent.domain.threat import Rating, Severity, Threat
from bot.render.rich import Json, joined, permalink, person, said
from bot.render.text import line

_QUOTED = (EvidenceKind.DIAGRAM, EvidenceKind.DESCRIPTION, EvidenceKind.PASSAGE)
_NOTES = 2
SOURCE = 60
"""Characters of a file's name, or of a passage's id."""


def evidence(piece: Evidence, limit: int) -> list[Json]:
    """One piece: what others wrote in quotes with where it stands, what we saw ourselves without."""
    quote = line(piece.quote, limit, "(empty)")
    if piece.kind is EvidenceKind.ANSWER:
        return [said(f"answered “{quote}” by "), person(line(piece.source, SOURCE, ""))]
    if piece.kind not in _QUOTED:
        return [said(quote)]
    where = line(piece.source, SOURCE, "")
    return [said(f"“{quote}”" + (f" ({where})" if where else ""))]


def earlier(pieces: tuple[Evidence, ...], limit: int) -> list[Json]:
    """What was decided in earlier models, without who: a message that names a person calls for them."""
    return joined([[said(line(p.quote, limit, "(empty)")), *_where(p)] for p in lessons(pieces)], "; ")


def lesson(piece: Evidence, limit: int) -> list[Json]:
    """The same of one piece with who decided last, for a view, which calls for nobody."""
    by = [said(", by "), person(piece.source)] if piece.source else []
    return [said(line(piece.quote, limit, "(empty)")), *by, *_where(piece)]


def _where(piece: Evidence) -> list[Json]:
    """A link to the thread that taught it, where its address is one of Slack's."""
    link = permalink("its thread", piece.link)
    return [said(" ("), link, said(")")] if link else []


def lessons(pieces: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    """The pieces that earlier models have taught, at most two."""
    return tuple(p for p in pieces if p.kind is EvidenceKind.LESSON)[:_NOTES]


def found(pieces: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    """The pieces that are of this system."""
    return tuple(p for p in pieces if p.kind is not EvidenceKind.LESSON)


def all_evidence(pieces: tuple[Evidence, ...], most: int, limit: int) -> list[Json]:
    """At most so many pieces, separated by semicolons, with how many are left."""
    groups = [evidence(piece, limit) for piece in pieces[:most]]
    left = len(pieces) - len(groups)
    return joined(groups + ([[said(f"{left} more")]] if left else []), "; ")


def rating(value: Rating, most: int, limit: int) -> str:
    """Such as "5 (reachable from the internet, no skill needed)"; the factors that weigh most come first."""
    weighed = sorted((f for f in value.factors if f.points), key=lambda f: -abs(f.points))
    shown = [line(f.reason, limit, line(f.name, limit)) for f in weighed[:most]]
    left = len(weighed) - len(shown)
    reasons = ", ".join([*shown, f"{left} more"] if left else shown)
    return f"{value.score} ({reasons})" if reasons else str(value.score)


def severity(threat: Threat, most: int, limit: int) -> list[Json]:
    """Such as "Why Critical: likelihood 5 (…) × impact 4 (…)"; an overridden one names what was computed."""
    found = name(threat.severity)
    led = f"Computed {found}: " if threat.override else f"Why {found}: "
    likelihood = rating(threat.likelihood, most, limit)
    impact = rating(threat.impact, most, limit)
    return [said(led, "italic"), said(f"likelihood {likelihood} × impact {impact}")]


def name(value: Severity) -> str:
    """The severity as people read it: "High"."""
    return value.value.capitalize()

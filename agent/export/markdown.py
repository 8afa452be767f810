"""A threat model as a document that a person files: Markdown with tables."""

from __future__ import annotations

from collections import Counter

from agent.domain.model import ThreatModel
from agent.domain.threat import Severity, Stride
from agent.export.markdown_system import system_chapter
from agent.export.markdown_threats import reference_index, threat_chapter
from agent.export.markup import bullets, heading, part, table, text


def to_markdown(model: ThreatModel) -> str:
    """The whole document: system, assumptions, questions, threats, coverage, and what was not looked at."""
    lines = [
        *heading(1, text(model.title)),
        *_front(model),
        *part("Summary", _summary(model)),
        *part("Threats at a glance", _glance(model)),
        *part("System", system_chapter(model.system)),
        *part("Assumptions", bullets(text(a.text) for a in model.system.assumptions)),
        *part("Open questions", _questions(model)),
        *part("Threats", [line for threat in model.threats for line in threat_chapter(model, threat)]),
        *part("Coverage", _coverage(model)),
        *part("Not looked at", bullets(text(item) for item in model.coverage.not_looked_at)),
        *part("Notes", bullets([*_notes(model)])),
        *part("References", reference_index(model)),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _front(model: ThreatModel) -> list[str]:
    made = f", made {model.created:%Y-%m-%d %H:%M %Z}" if model.created else ""
    partial = " The run was stopped before its end." if model.partial else ""
    return [f"Threat model {text(model.id)}, revision {model.revision}{made}.{partial}", ""]


def _summary(model: ThreatModel) -> list[str]:
    found = Counter(t.effective_severity for t in model.threats)
    counts = ", ".join(f"{found[s]} {s.value}" for s in reversed(Severity) if found[s])
    states = Counter(t.status.value.replace("_", " ") for t in model.threats)
    said = ", ".join(f"{number} {state}" for state, number in sorted(states.items()))
    lead = f"{len(model.threats)} threats: {counts} ({said})." if model.threats else "No threats were found."
    headline = [text(model.summary.headline), ""] if model.summary.headline else []
    pressing = bullets(text(p) for p in model.summary.pressing)
    return [lead, "", *headline, *(["Most pressing:", "", *pressing] if pressing else [])]


def _glance(model: ThreatModel) -> list[str]:
    rows = [
        (
            text(t.id),
            text(t.title),
            ", ".join(t.kinds),
            t.effective_severity.value.capitalize(),
            t.status.value.replace("_", " "),
            text(", ".join(model.system.name_of(target) for target in t.targets)),
        )
        for t in model.threats
    ]
    return table(("Id", "Threat", text(model.coverage.methodology), "Severity", "Status", "On"), rows)


def _questions(model: ThreatModel) -> list[str]:
    return bullets(
        text(q.text) + (f" (decides {text(', '.join(q.decides))})" if q.decides else "")
        for q in model.questions
    )


def _coverage(model: ThreatModel) -> list[str]:
    """Elements × categories: ids of threats, or the number of the reason why there is none, or "gap"."""
    cells = {(c.element, c.label): c for c in model.coverage.cells}
    reasons = list(dict.fromkeys(c.reason for c in cells.values() if c.reason and not c.threats))
    numbers = {reason: f"({number})" for number, reason in enumerate(reasons, start=1)}
    own = dict.fromkeys(c.category for c in model.coverage.cells if c.category)
    labels = list(own) or [s.label for s in Stride]
    rows = []
    for element in dict.fromkeys(c.element for c in model.coverage.cells):
        found = [cells.get((element, label)) for label in labels]
        said = [
            "" if c is None else text(", ".join(c.threats), numbers.get(c.reason, "**gap**")) for c in found
        ]
        rows.append((text(model.system.name_of(element)), *said))
    legend = [f"{number}. {text(reason)}" for number, reason in enumerate(reasons, start=1)]
    return [*table(("Element", *map(text, labels)), rows), *([*legend, ""] if legend else [])]


def _notes(model: ThreatModel) -> list[str]:
    failed = [f"{text(f.area)} could not be looked at: {text(f.reason)}" for f in model.failed]
    return [*map(text, model.summary.notes), *failed, *map(text, model.system.warnings)]

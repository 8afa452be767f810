"""A threat model for the terminal: coloured there, plain text when it is piped."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

import click

from agent.difference import Difference
from agent.domain.model import ThreatModel
from agent.domain.system import ElementKind
from agent.domain.threat import Severity, Threat
from agent.risk import explain

WIDTH = 100
_COLOURS = {
    Severity.CRITICAL: "bright_red",
    Severity.HIGH: "red",
    Severity.MEDIUM: "yellow",
    Severity.LOW: "green",
}
_KINDS = {
    ElementKind.EXTERNAL_ENTITY: "outside",
    ElementKind.PROCESS: "processes",
    ElementKind.DATA_STORE: "data stores",
}


def report(model: ThreatModel) -> str:
    """The whole model within its output budget, as lines of at most 100 characters."""
    parts = (
        _head(model),
        _system(model),
        _questions(model),
        *(_threat(model, t) for t in model.shown),
        _foot(model),
    )
    return "\n".join(line for part in parts for line in part) + "\n"


def compared(found: Difference) -> str:
    """What changed between two models, as lines of at most 100 characters."""
    rows = [
        *(("+", "green", t, ()) for t in found.new),
        *(("-", "red", t, ()) for t in found.gone),
        *(("~", "yellow", c.after, c.what) for c in found.changed),
    ]
    elements = (("elements new", found.elements_new), ("elements gone", found.elements_gone))
    lines = [f"{label}: {', '.join(names)}" for label, names in elements if names]
    for mark, colour, threat, what in rows:
        note = f" ({', '.join(what)})" if what else ""
        text = f"{mark} {threat.effective_severity.value:<8} {threat.title}{note}"
        lines += [click.style(line, fg=colour) for line in _wrapped(text)]
    counts = (len(found.new), len(found.gone), len(found.changed), len(found.kept))
    lines.append("{} new, {} gone, {} changed, {} kept".format(*counts))
    return "\n".join(lines) + "\n"


def _head(model: ThreatModel) -> Iterator[str]:
    yield click.style(model.title, bold=True)
    yield f"{model.summary.headline}."
    yield from _wrapped(
        f"Most pressing: {'; '.join(model.summary.pressing)}." if model.summary.pressing else ""
    )
    yield ""


def _system(model: ThreatModel) -> Iterator[str]:
    system = model.system
    yield click.style("How I read it", bold=True)
    for kind, label in _KINDS.items():
        names = [e.name for e in system.elements if e.kind is kind]
        if names:
            yield from _wrapped(f"{label}: {', '.join(names)}", indent=2)
    yield f"  {len(system.flows)} flow{'' if len(system.flows) == 1 else 's'}"
    for boundary in system.boundaries:
        yield from _wrapped(
            f"boundary {boundary.name}: {', '.join(map(system.name_of, boundary.members))}", indent=2
        )
    for assumption in system.assumptions:
        yield from _wrapped(f"assumed: {assumption.text}", indent=2)
    yield ""


def _questions(model: ThreatModel) -> Iterator[str]:
    if not model.questions:
        return
    yield click.style("Answers that would change this most", bold=True)
    for number, question in enumerate(model.questions, start=1):
        yield from _wrapped(f"{number}. {question.text} (decides {', '.join(question.decides)})", indent=2)
    yield ""


def _threat(model: ThreatModel, threat: Threat) -> Iterator[str]:
    severity = threat.effective_severity
    led = f"{threat.id} {severity.value.capitalize()}"
    first, *more = _wrapped(f"{led} · {threat.title}")
    marked = click.style(severity.value.capitalize(), fg=_COLOURS[severity], bold=True)
    yield first.replace(led, f"{click.style(threat.id, bold=True)} {marked}", 1)
    yield from more
    kinds = ", ".join(threat.kinds)
    yield from _wrapped(f"{kinds} on {', '.join(map(model.system.name_of, threat.targets))}", indent=2)
    yield from _wrapped(threat.statement.text(), indent=2)
    for evidence in threat.evidence:
        where = f" ({evidence.source})" if evidence.source else ""
        yield from _wrapped(f"because: {evidence.quote}{where}", indent=4)
    yield from _wrapped(f"why {severity.value}: {explain(threat)}", indent=4)
    for mitigation in threat.mitigations:
        yield from _wrapped(f"do: {mitigation.text} ({mitigation.effort.value})", indent=4)
    references = " · ".join(r.id for r in threat.references)
    if references:
        yield from _wrapped(references, indent=4)
    yield ""


def _foot(model: ThreatModel) -> Iterator[str]:
    cells = model.coverage.cells
    covered = sum(c.covered for c in cells)
    yield click.style("Coverage", bold=True)
    asked = model.coverage.methodology
    yield f"  {covered} of {len(cells)} element × {asked} cells have a threat or a reason"
    if model.coverage.not_looked_at:
        yield from _wrapped(f"not looked at: {', '.join(model.coverage.not_looked_at)}", indent=2)
    for note in model.summary.notes:
        yield from _wrapped(note, indent=2)


def _wrapped(text: str, indent: int = 0) -> list[str]:
    clean = "".join(c if c.isprintable() else " " for c in text)
    return textwrap.wrap(
        clean, WIDTH, initial_indent=" " * indent, subsequent_indent=" " * (indent + 2 if indent else 0)
    )

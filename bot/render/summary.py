"""The summary: what was found, how bad it is, what was covered and what was not looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from agent.domain.model import ThreatModel
from agent.domain.threat import Severity, ThreatStatus
from bot.render import actions as act
from bot.render.blocks import actions, button, context, header, routed, select
from bot.render.formats import EXPORTS
from bot.render.message import Message
from bot.render.rich import Json, block, bullets, said, section
from bot.render.routing import Route
from bot.render.text import count, fallback, line, listed

_NOTES = 8
_NOTE = 300
_PRESSING = 5
_GAPS = 4


def summary(model: ThreatModel, exports: Mapping[str, str] = EXPORTS, *, rest: bool = True) -> Message:
    """The summary message of one revision as its engineers have left it.

    Args:
        model: the threat model, verdicts folded in.
        exports: names of exports to offer, and their labels.
        rest: whether the threats beyond the budget are still to be shown on request.
    """
    told = [
        section(said(f"Revision {model.revision} · ", "bold"), said(counts(model))),
        *_paragraph("Most pressing: ", _pressing(model)),
        *_paragraph("Reviewed: ", _reviewed(model)),
        *_paragraph("Covered: ", _covered(model)),
        *_paragraph("Open cells: ", _gaps(model)),
        *_paragraph("Not looked at: ", listed(model.coverage.not_looked_at, 8, 80)),
        *bullets([said(note)] for note in _notes(model)),
    ]
    blocks = [header(model.title), block(*told), *_hidden(model, rest), *_buttons(model, exports, rest)]
    return Message(fallback(f"{model.title} · revision {model.revision} · {counts(model)}"), tuple(blocks))


def counts(model: ThreatModel) -> str:
    """Such as "14 threats: 2 critical, 5 high, 6 medium, 1 low", by the severity that holds now."""
    found = Counter(threat.effective_severity for threat in model.threats)
    levels = [f"{found[level]} {level.value}" for level in reversed(Severity) if found[level]]
    total = count(len(model.threats), "threat")
    return f"{total}: {', '.join(levels)}" if levels else "no threats found"


def _paragraph(led: str, text: str) -> list[Json]:
    return [section(said(led, "bold"), said(text))] if text else []


def _pressing(model: ThreatModel) -> str:
    """As the run has put it; once engineers have closed or rated threats, the gravest that are open."""
    named = model.summary.pressing or tuple(t.title for t in model.shown[:3])
    if any(t.override or t.status in _CLOSED for t in model.shown):
        left = [t for t in model.shown if t.status not in _CLOSED]
        left.sort(key=lambda t: -t.effective_severity.rank)
        named = tuple(t.title for t in left[:3])
    return "; ".join(line(phrase, 140) for phrase in named[:_PRESSING])


def _reviewed(model: ThreatModel) -> str:
    found = Counter(threat.status for threat in model.threats)
    waiting = found.pop(ThreatStatus.PROPOSED, 0)
    if not found:
        return ""
    said_so_far = [f"{found[s]} {s.value.replace('_', ' ')}" for s in ThreatStatus if found[s]]
    return ", ".join([*said_so_far, f"{waiting} to go"])


def _covered(model: ThreatModel) -> str:
    cells = model.coverage.cells
    if not cells:
        return ""
    covered = [cell for cell in cells if cell.covered]
    elements, seen = {cell.element for cell in cells}, {cell.element for cell in covered}
    return (
        f"{len(seen)} of {count(len(elements), 'element')}, {len(covered)} of {len(cells)} "
        f"element × {line(model.coverage.methodology, 40)} cells have a threat or a reason."
    )


def _gaps(model: ThreatModel) -> str:
    names = [
        f"{model.system.name_of(cell.element)} × {cell.label}"
        for cell in model.coverage.cells
        if not cell.covered
    ]
    return listed(names, _GAPS, 80)


_CLOSED = frozenset({ThreatStatus.DISMISSED, ThreatStatus.MITIGATED, ThreatStatus.RISK_ACCEPTED})
_KEPT = "threats of lesser weight are kept and can be shown."
"""How the note ends that says the same as what stands above the buttons."""


def _notes(model: ThreatModel) -> list[str]:
    stopped = "The run was stopped before its end: what was found until then stands."
    found = [
        *([stopped] if model.partial else []),
        *(line(note, _NOTE) for note in model.summary.notes if not note.endswith(_KEPT)),
    ]
    left = len(found) - _NOTES
    return [*found[:_NOTES], f"{count(left, 'more note')} in the export."] if left > 0 else found


def _hidden(model: ThreatModel, rest: bool) -> list[Json]:  # noqa: FBT001 - handed through from `summary`
    left = len(model.threats) - len(model.shown)
    if not left or not rest:
        return []
    return [context(f"The {len(model.shown)} most pressing are shown below; {left} more are kept.")]


def _buttons(model: ThreatModel, exports: Mapping[str, str], rest: bool) -> list[Json]:  # noqa: FBT001 - as above
    route = Route(model.id, model.revision)
    left = len(model.threats) - len(model.shown)
    options = [o for n, text in exports.items() if (o := routed(text, route, n))]
    return actions(
        *([button(f"Show the other {left}", act.REST, route)] if left and rest else []),
        button("Re-run", act.RERUN, route),
        *([select(act.EXPORT, options, "Export as …")] if options else []),
    )

"""The modals about one threat: all about it, and its mitigations."""

from __future__ import annotations

from agent.domain.model import Drawing, ThreatModel
from agent.domain.threat import MitigationStatus, Threat
from bot.render import actions as act
from bot.render import why
from bot.render.blocks import field, modal, option, select
from bot.render.drawing import LONGEST
from bot.render.forms import DRAWING, OWN, mitigation_field
from bot.render.intake import intake as intake  # noqa: PLC0414 - one place for all modals
from bot.render.rich import Json, block, bullets, said, section
from bot.render.routing import MAX_ROUTE, Route, encode
from bot.render.text import line
from bot.render.threat import change, label, mitigation, references, verdict

STATEMENT_LIMIT = 3_000
OWN_LIMIT = 500
_MITIGATIONS = 90
_LABEL = 400
_EVIDENCE = 20
_DETAIL = 600
_STATUSES = {
    MitigationStatus.PROPOSED: "To decide",
    MitigationStatus.ACCEPTED: "To do",
    MitigationStatus.DONE: "Done",
    MitigationStatus.REJECTED: "Not to be done",
}


def mitigations(model: ThreatModel, threat: Threat) -> Json:
    """A choice for each mitigation, and room for one of one's own."""
    addressed = [m for m in threat.mitigations if mitigation_field(m.id)]
    unique = list({mitigation_field(m.id): m for m in addressed}.values())[:_MITIGATIONS]
    options = {status: option(text, status.value) for status, text in _STATUSES.items()}
    choices = [
        field(
            mitigation_field(m.id),
            f"{line(m.text, _LABEL, '(no text)')} ({m.effort.value})",
            select("", list(options.values()), "Status", options[m.status]),
        )
        for m in unique
    ]
    left = len(threat.mitigations) - len(unique)
    more = [block(section(said(f"{left} more are not shown here.", "italic")))] if left else []
    prose = {"type": "plain_text_input", "multiline": True, "max_length": OWN_LIMIT}
    own = field(OWN, "Add your own", prose, optional=True, hint="Name the place and the setting.")
    blocks = [block(_led(threat)), *choices, *more, own]
    return _about(model, threat, act.MITIGATIONS_VIEW, "Mitigations", blocks, submit="Save")


def drawing(model: ThreatModel, number: int, seen: Drawing) -> Json:
    """What was seen in a picture, the revision's drawing of this number, to be corrected."""
    prose = {
        "type": "plain_text_input",
        "multiline": True,
        "max_length": LONGEST,
        "initial_value": seen.mermaid,
        "focus_on_load": True,
    }
    told = field(
        DRAWING,
        f"What {line(seen.source, 200)} shows, as a Mermaid flowchart",
        prose,
        hint="Nodes are elements, arrows flows, subgraphs trust boundaries. The next revision reads this "
        "text in the picture's place.",
    )
    route = encode(Route(model.id, model.revision, value=str(number)))
    more = {"close": "Cancel", "submit": "Read it again", "private_metadata": route}
    return modal(act.DRAWING_VIEW, "Correct the drawing", [told], more)


def details(model: ThreatModel, threat: Threat) -> Json:
    """Everything there is of one threat, to read."""
    names = [[said(line(model.system.name_of(t), 200))] for t in threat.targets[:_EVIDENCE]]
    kinds = ", ".join(threat.kinds)
    blocks = [
        block(_led(threat), section(said(f"{kinds} · {why.name(threat.effective_severity)}"))),
        block(section(said(line(threat.statement.text(), STATEMENT_LIMIT)))),
        *_part("Verdicts", [leaves for leaves in (_decided(threat), change(threat, _DETAIL)) if leaves]),
        *_part("On", names),
        *_part("Why it applies", [why.evidence(e, _DETAIL) for e in why.found(threat.evidence)[:_EVIDENCE]]),
        *_part("In earlier models", [why.lesson(e, _DETAIL) for e in why.lessons(threat.evidence)]),
        *_part(f"Likelihood {threat.likelihood.score} of 5", _factors(threat, "likelihood")),
        *_part(f"Impact {threat.impact.score} of 5", _factors(threat, "impact")),
        *_part("What to do", [mitigation(m, _DETAIL) for m in threat.mitigations[:_EVIDENCE]]),
        *_part("References", _references(threat)),
        *_part("Where it comes from", [[said(_origin(threat))]]),
    ]
    return _about(model, threat, act.DETAILS_VIEW, "Threat", blocks)


def _about(
    model: ThreatModel, threat: Threat, callback: str, title: str, blocks: list[Json], submit: str = ""
) -> Json:
    route = encode(Route(model.id, model.revision, threat.id))
    more = {"close": "Cancel" if submit else "Close", "submit": submit}
    metadata = {"private_metadata": route} if len(route) <= MAX_ROUTE else {}
    return modal(callback, f"{title}: {label(threat)}", blocks, more | metadata)


def _led(threat: Threat) -> Json:
    return section(said(f"{label(threat)} · {line(threat.title, 300)}", "bold"))


def _part(led: str, entries: list[list[Json]]) -> list[Json]:
    return [block(section(said(led, "bold")), *bullets(entries))] if entries else []


def _decided(threat: Threat) -> list[Json]:
    told = verdict(threat, _DETAIL)
    when = f" ({threat.decided_at:%Y-%m-%d %H:%M %Z})" if threat.decided_at and told else ""
    return [*told, said(when)] if told else []


def _factors(threat: Threat, which: str) -> list[list[Json]]:
    rating = threat.likelihood if which == "likelihood" else threat.impact
    base = [[said(f"{rating.base}: to begin with")]] if rating.factors else []
    return base + [
        [said(f"{f.points:+d}: {line(f.reason, 300, '(no reason)')} ({line(f.name, 60)})")]
        for f in rating.factors[:_EVIDENCE]
    ]


def _references(threat: Threat) -> list[list[Json]]:
    found = []
    for ref in threat.references[:_EVIDENCE]:
        alone = threat.model_copy(update={"references": (ref,)})
        title = line(ref.title, 200, "")
        found.append([*references(alone, 1), said(f" {title}" if title else "")])
    return found


def _origin(threat: Threat) -> str:
    pattern = f", pattern {line(threat.pattern, 100)}" if threat.pattern else ""
    also = f", standing for {len(threat.merged)} more of the same" if threat.merged else ""
    return f"Proposed by {threat.origin.value}{pattern}{also}; confidence {threat.confidence:.0%}."

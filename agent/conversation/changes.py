"""What somebody says that would change the model: it is not changed by talk, and that is said."""

from __future__ import annotations

from collections.abc import Sequence

from agent.catalog.control_words import load_control_words
from agent.conversation import telling
from agent.conversation.adding import lacking
from agent.conversation.context import NAMED, Context, Draft
from agent.conversation.reply import Citation, ReplyKind, listed, of_part, of_threat, one_line
from agent.conversation.search import FITS, nearness, threats_about
from agent.domain.system import ElementKind, Known, Option, Question
from agent.domain.threat import Severity, Threat

_TO_BE_HEARD = (
    "A sentence here does not change the model: add it to the description and press Re-run to have it heard."
)


def statement(context: Context) -> Draft:
    """“We already use mTLS there”: which threats it would touch, and how to have it heard."""
    asked, model = context.asked, context.model
    settled = [q for q in model.questions if _settles(q, context)]
    affected = _affected(context, settled)
    name = listed(_labels(context))
    heard = f"I understand that as {name}" if name else "I understand that as a statement about the system"
    heard += (
        f" on {listed(one_line(model.system.name_of(p)) for p in asked.parts[:3])}." if asked.parts else "."
    )
    if not affected:
        return Draft(
            [f"{heard} I find no threat of this model that it would change.", _TO_BE_HEARD],
            [of_part(model, p) for p in asked.parts],
            kind=ReplyKind.CHANGE,
            searched=True,
        )
    lines = "\n".join(_effect(context, t, settled) for t in affected[:NAMED])
    told = [f"{heard} A sentence here does not change the model. It would touch:\n{lines}"]
    told.append(_what_to_do(affected, settled))
    cited: list[Citation] = [*(of_part(model, p) for p in asked.parts), *map(of_threat, affected[:NAMED])]
    return Draft(told, cited, affected, ReplyKind.CHANGE, searched=not settled)


def addition(context: Context) -> Draft:
    """“Add a threat that …”: what the model has that comes near, and how to have it added."""
    model = context.model
    near = [t for t, score in threats_about(context.asked, model) if score >= FITS][:3]
    missing = lacking(context.asked) or "enough"
    told = [f"I cannot tell {missing}, so there is nothing to confirm."]
    if near:
        lines = "\n".join(telling.headline(model, t) for t in near)
        told.append(f"The nearest that the model has:\n{lines}")
    inner = [e.name for e in model.system.elements if e.kind is not ElementKind.EXTERNAL_ENTITY]
    part = one_line(inner[0]) if inner else "the API"
    told.append(
        "If none of them says it, say it again with the parts' names as they are drawn, and the kind in"
        f" brackets if you know it: “add a threat (tampering) that somebody changes … in {part}”."
    )
    return Draft(told, [of_threat(t) for t in near], near, ReplyKind.CHANGE, searched=True)


def _settles(question: Question, context: Context) -> bool:
    """Whether the statement answers this open question."""
    facts = set()
    for said in context.asked.controls:
        if said.control is not None:
            facts |= {f"control:{said.control.name.value}", said.control.sets, *said.control.implies}
    if question.fact not in facts:
        return False
    named = set(context.asked.parts)
    if not named:
        return True
    around = {f.id for f in context.model.system.flows if {f.source, f.target} & named}
    return question.about in named | around


def _affected(context: Context, settled: Sequence[Question]) -> list[Threat]:
    """Threats that the settled questions decide; else those on the named parts that the words fit."""
    decided = {t for q in settled for t in q.decides}
    chosen = [t for t in context.model.threats if t.id in decided]
    if chosen:
        return chosen
    if context.asked.threats:
        return list(context.asked.threats)
    near = nearness(context.asked, context.model)
    fitting = [t for t, score in threats_about(context.asked, context.model) if score >= FITS]
    labels = _labels(context)
    around = [t for t in context.model.threats if t.id in near]
    rated = [t for t in around if any(label in f.name for f in t.likelihood.factors for label in labels)]
    helped = [
        t for t in around if any(label.lower() in m.text.lower() for m in t.mitigations for label in labels)
    ]
    return rated or helped or [t for t in fitting if not near or t.id in near]


def _labels(context: Context) -> list[str]:
    """What the protections that were named are called."""
    words = load_control_words()
    said = (s.control for s in context.asked.controls)
    return list(dict.fromkeys(words[c.name].label for c in said if c is not None))


def _effect(context: Context, threat: Threat, settled: Sequence[Question]) -> str:
    line = telling.headline(context.model, threat)
    after = _severity_after(threat, context, settled)
    return f"{line} · it would be {after.value.capitalize()}" if after else line


def _severity_after(threat: Threat, context: Context, settled: Sequence[Question]) -> Severity | None:
    """The severity that the matching answer of a settled question gives, where it differs."""
    present = all(s.present for s in context.asked.controls if s.control is not None)
    for question in settled:
        for option in question.options:
            if option.value == (Known.YES if present else Known.NO).value:
                after = _outcome(option, threat)
                if after is not None and after is not threat.effective_severity:
                    return after
    return None


def _outcome(option: Option, threat: Threat) -> Severity | None:
    return next((Severity(o.severity) for o in option.outcomes if o.threat == threat.id), None)


def _what_to_do(affected: Sequence[Threat], settled: Sequence[Question]) -> str:
    ids = listed(t.id for t in affected[:NAMED])
    if settled:
        asked = listed(f"“{one_line(q.text)}”" for q in settled[:2])
        return (
            f"To have it counted, answer {asked} with the buttons above, or dismiss {ids} with your sentence"
            " as the reason. To have the whole model made again with it, add the sentence to the description"
            " and press Re-run."
        )
    return (
        f"To have it counted, dismiss {ids} with your sentence as the reason, or add the sentence to the"
        " description and press Re-run."
    )

"""What somebody says that would change the model: it is not changed by talk, and that is said."""

from __future__ import annotations

from collections.abc import Sequence

from agent import risk
from agent.catalog.control_words import load_control_words
from agent.conversation import telling
from agent.conversation.adding import lacking
from agent.conversation.asked import strongest
from agent.conversation.context import NAMED, TOLD, Context, Draft
from agent.conversation.reply import Citation, ReplyKind, listed, of_part, of_threat, one_line
from agent.conversation.search import FITS, nearest, nearness, threats_about
from agent.conversation.speech import Decision
from agent.domain.system import ElementKind, Exposure, Known, Option, Question
from agent.domain.threat import Severity, Threat

_TO_BE_HEARD = (
    "A sentence here does not change the model by itself: once confirmed it joins the description, which is"
    " read when you press Re-run."
)


def statement(context: Context) -> Draft:
    """“We already use mTLS there”: which threats it would touch, and how to have it heard."""
    asked, model = context.asked, context.model
    settled = [q for q in model.questions if _settles(q, context)]
    affected = _affected(context, settled)
    heard = _understood(context)
    if not (asked.controls or asked.exposures or asked.threats or settled):
        return _unweighed(context, heard)
    if not affected:
        return Draft(
            [f"{heard} {_nothing(context)}", _TO_BE_HEARD],
            [of_part(model, p) for p in asked.parts],
            kind=ReplyKind.CHANGE,
            searched=True,
        )
    lines = "\n".join(_effect(context, t, settled) for t in affected[:NAMED])
    more = f"\n… and {len(affected) - NAMED} more." if len(affected) > NAMED else ""
    told = [f"{heard} A sentence here does not change the model. It would touch:\n{lines}{more}"]
    told.append(_what_to_do(affected, settled))
    cited: list[Citation] = [*(of_part(model, p) for p in asked.parts), *map(of_threat, affected[:NAMED])]
    return Draft(told, cited, affected, ReplyKind.CHANGE, searched=not settled)


def _unweighed(context: Context, heard: str) -> Draft:
    """A statement that names no protection: which threats it stands beside; what it changes, a run says."""
    model = context.model
    chosen = nearest(context.asked, model)[:3]
    told = [f"{heard} What it changes I cannot tell from the sentence alone."]
    if chosen:
        lines = [telling.headline(model, t) for t in chosen]
        told.append(
            "\n".join(["If it answers one of these, dismiss that one with it as the reason:", *lines])
        )
    told.append(_TO_BE_HEARD)
    cited = [*(of_part(model, p) for p in context.asked.parts), *map(of_threat, chosen)]
    return Draft(told, cited, chosen, ReplyKind.CHANGE)


def _understood(context: Context) -> str:
    """What was heard and of what, as a sentence."""
    asked, model = context.asked, context.model
    place = listed(one_line(model.system.name_of(p)) for p in asked.parts[:3])
    name = listed(_labels(context))
    if name:
        return f"I understand that as {name}{f' on {place}' if place else ''}."
    if asked.exposures and place:
        return f"I understand that as: {place} is {_OPEN[asked.exposures[0]]}."
    return (
        f"I take that as said of {place}." if place else "I understand that as a statement about the system."
    )


_OPEN = {
    Exposure.INTERNAL: "not open to the internet",
    Exposure.LOCAL: "not open to the network",
    Exposure.INTERNET: "open to the internet",
    Exposure.UNKNOWN: "open to nobody knows whom",
}


def _nothing(context: Context) -> str:
    if context.asked.exposures and Exposure.INTERNET not in context.asked.exposures:
        return (
            "No rating there rests on its being reachable from the internet: those threats are an insider's"
            " or of somebody who has got hold of a neighbouring part."
        )
    return "I find no threat of this model that it would change."


def decision(context: Context) -> Draft:
    """“Dismiss T-005”: what is still missing to do so."""
    asked = context.asked
    first = asked.threats[0]
    if asked.decision is Decision.SEVERITY:
        told = (
            f"{telling.explained(first)}\nTo which severity? Say “set {first.id} to low”, or choose it on the"
            " threat's page; if one of these facts is wrong, say what is so."
        )
    else:
        told = (
            f"With which reason? A dismissal is shown with it and teaches the next models here: say “dismiss"
            f" {first.id} because …”, or press Dismiss on its page."
        )
    return Draft([told], [of_threat(t) for t in asked.threats], asked.threats, ReplyKind.CHANGE)


def hypothesis(context: Context) -> Draft:
    """“Would that help against T-004?”: what its severity hangs on."""
    asked, model = context.asked, context.model
    labels = _labels(context)
    chosen = list(asked.threats) or [t for t, _ in threats_about(asked, model)][:TOLD]
    name = listed(labels) or "that"
    told = []
    for threat in chosen[:TOLD]:
        hangs = [
            f.name.removeprefix(_CONTROL) for f in threat.likelihood.factors if f.name.startswith(_CONTROL)
        ]
        lower = risk.lowering_facts(threat)
        if any(label in hang for label in labels for hang in hangs):
            first = (
                f"{threat.id} hangs on that: it is {telling.severity(threat)} because nothing names {name}."
            )
        elif risk.is_answered(threat):
            first = f"{threat.id} is {telling.severity(threat)} already: a control is stated to be there."
        else:
            first = f"{threat.id} does not hang on {name}: it stays {telling.severity(threat)}."
        told.append(
            " ".join([first, f"What would lower it: {'; '.join(lower[:3])}." if lower else ""]).strip()
        )
    drawn = [
        e
        for e in asked.elements
        if e.kind is ElementKind.PROCESS
        and set(e.technologies) & {s.control.name.value for s in asked.controls if s.control}
    ]
    if drawn:
        told.append(f"Drawn already, and counted where it stands in the way: {telling.names(drawn)}.")
    if not told:
        told = [f"I cannot tell where {name} would be. Say it with the part: “what if we had {name} on …”."]
    cited = [*map(of_threat, chosen[:TOLD]), *(of_part(model, e.id) for e in drawn)]
    return Draft(told, cited, chosen[:TOLD], ReplyKind.CHANGE)


_CONTROL = "control: "


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
    """Threats that the settled questions decide; else those on the named parts that wait for the control."""
    decided = {t for q in settled for t in q.decides}
    chosen = [t for t in context.model.threats if t.id in decided]
    if chosen:
        return chosen
    if context.asked.threats:
        return list(context.asked.threats)
    near = nearness(context.asked, context.model)
    if context.asked.exposures and not _labels(context):
        open_ = [t for t in context.model.threats if t.id in near and _is_exposed(t)]
        return open_ if Exposure.INTERNET not in context.asked.exposures else []
    words = load_control_words()
    labels = [words[s.control.name].label for s in context.asked.controls if s.control is not None]
    around = [t for t in context.model.threats if t.id in near or not context.asked.parts]
    rated = [t for t in around if any(label in f.name for f in t.likelihood.factors for label in labels)]
    helped = [
        t for t in around if any(label.lower() in m.text.lower() for m in t.mitigations for label in labels)
    ]
    return rated or helped


def _is_exposed(threat: Threat) -> bool:
    return any(f.name == "exposure" and f.points > 0 for f in threat.likelihood.factors)


def _labels(context: Context) -> list[str]:
    """What the protections that were named are called."""
    words = load_control_words()
    return list(dict.fromkeys(words[kind.name].label for kind, _ in strongest(context.asked)))


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
            " as the reason. To have the whole model made again with it, have the sentence join the"
            " description and press Re-run."
        )
    return (
        f"To have it counted, dismiss {ids} with your sentence as the reason, or have the sentence join the"
        " description and press Re-run."
    )

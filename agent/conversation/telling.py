"""Sentences about threats and parts of the system, made of what the model says and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from agent import risk
from agent.catalog.technologies import load_technologies
from agent.conversation.reply import listed, one_line
from agent.domain.model import ThreatModel
from agent.domain.system import Element, ElementKind, Evidence, EvidenceKind, Flow, Known
from agent.domain.threat import Effort, Mitigation, MitigationStatus, Severity, Threat, ThreatStatus

_COSTS = {Effort.SMALL: "small, hours", Effort.MEDIUM: "medium, days", Effort.LARGE: "large, weeks"}
_KINDS = {
    ElementKind.EXTERNAL_ENTITY: "an external entity",
    ElementKind.PROCESS: "a process",
    ElementKind.DATA_STORE: "a data store",
}
_SHOWN = {
    EvidenceKind.DIAGRAM: "The diagram says “{quote}”.",
    EvidenceKind.DESCRIPTION: "The description says “{quote}”.",
    EvidenceKind.ANSWER: "An answer says “{quote}”.",
}
_LONGEST_QUOTE = 240
LONGEST = 720
"""Characters of a paragraph about one threat, as far as its statement allows."""
NAMED = 2
"""How many targets of a threat are named before the rest is counted."""


def severity(threat: Threat) -> str:
    """The severity that counts, as a word: “Critical”."""
    return threat.effective_severity.value.capitalize()


def places(model: ThreatModel, threat: Threat) -> str:
    """The names of what the threat stands on."""
    names = list(dict.fromkeys(one_line(model.system.name_of(t)) for t in threat.targets))
    if len(names) > NAMED + 1:
        names[NAMED:] = [f"{len(names) - NAMED} more"]
    return listed(names)


def headline(model: ThreatModel, threat: Threat) -> str:
    """“T-003 · Forged event · Critical · on A → B”; without the places where the title names them all."""
    title = one_line(threat.title)
    line = f"{threat.id} · {title} · {severity(threat)}"
    if threat.targets and one_line(model.system.name_of(threat.targets[0])) not in title:
        line += f" · on {places(model, threat)}"
    if threat.status is not ThreatStatus.PROPOSED:
        line += f" · {threat.status.value.replace('_', ' ')}"
    return line


def brief(threat: Threat) -> str:
    """Who can do what with which consequence, without the properties that suffer."""
    plain = threat.statement.model_copy(update={"goal": (), "assets": ()})
    return one_line(plain.text())


def story(model: ThreatModel, threat: Threat) -> str:
    """What happens, why it applies here as far as there is room, where it stands, the cheapest change."""
    lead = f"{threat.id} ({severity(threat)}, on {places(model, threat)}): {brief(threat)}"
    return f"{lead} {_rest(threat, len(lead))}".rstrip()


def happens(threat: Threat) -> str:
    """What happens, why it applies here, where it stands and the cheapest change, without its headline."""
    said = brief(threat)
    return f"{said} {_rest(threat, len(said))}".rstrip()


def told(model: ThreatModel, threat: Threat) -> str:
    """The same below its headline, with how the severity comes about."""
    lead = f"{headline(model, threat)}\n{brief(threat)}"
    return f"{lead} {_rest(threat, len(lead))}\n{rated(threat)}".rstrip()


def _rest(threat: Threat, taken: int) -> str:
    """The first reason why it applies here, its standing and the cheapest change."""
    end = " ".join(part for part in (standing(threat), cheapest(threat)) if part)
    first = next(iter(evidence(threat)), "")
    return f"{first} {end}".strip() if taken + len(first) + len(end) < LONGEST else end


def evidence(threat: Threat) -> list[str]:
    """Why it applies here, as sentences: what was answered and what is missing come first."""
    order = (EvidenceKind.ANSWER, EvidenceKind.ABSENCE, EvidenceKind.DESCRIPTION, EvidenceKind.TOPOLOGY)
    ranked = sorted(
        (e for e in threat.evidence if e.kind is not EvidenceKind.PASSAGE),
        key=lambda e: order.index(e.kind) if e.kind in order else len(order),
    )
    return [_shown(e) for e in ranked]


def _shown(evidence: Evidence) -> str:
    quote = one_line(evidence.quote)
    if len(quote) > _LONGEST_QUOTE:
        quote = quote[: _LONGEST_QUOTE - 1].rstrip() + "…"
    if evidence.kind in _SHOWN:
        return _SHOWN[evidence.kind].format(quote=quote)
    return sentence(quote)


def sentence(clause: str) -> str:
    """The clause with a capital and a full stop."""
    text = one_line(clause)
    return (
        f"{text[:1].upper()}{text[1:]}" + ("" if text.endswith((".", "!", "?", "…")) else ".") if text else ""
    )


def standing(threat: Threat) -> str:
    """What has been decided about it, or nothing."""
    said = []
    if threat.override:
        reason = one_line(threat.override.reason)
        because = f" ({reason.rstrip('.')})" if reason else ""
        said.append(f"It was set to {severity(threat)}{because}.")
    if threat.status is not ThreatStatus.PROPOSED:
        reason = one_line(threat.status_reason).rstrip(".")
        said.append(f"It is {threat.status.value.replace('_', ' ')}{f': {reason}' if reason else ''}.")
    return " ".join(said)


def remedies(threat: Threat) -> list[Mitigation]:
    """What can still be done, the cheapest first."""
    open_ = [
        m for m in threat.mitigations if m.status not in {MitigationStatus.REJECTED, MitigationStatus.DONE}
    ]
    return sorted(open_, key=lambda m: list(Effort).index(m.effort))


def cheapest(threat: Threat) -> str:
    """“Cheapest change: … (small, hours).”; nothing when there is none left."""
    left = remedies(threat)
    return f"Cheapest change: {remedy(left[0])}" if left else ""


def remedy(mitigation: Mitigation) -> str:
    """“verify the signature (small, hours).”."""
    return f"{one_line(mitigation.text).rstrip('.')} ({_COSTS[mitigation.effort]})."


def explained(threat: Threat, supposed: Sequence[Severity] = ()) -> str:
    """How the severity comes about, and what would make it less.

    Args:
        threat: the threat.
        supposed: the severities that the question took it to have.
    """
    wrong = supposed and threat.effective_severity not in supposed
    instead = f", not {listed(s.value.capitalize() for s in supposed)}" if wrong else ""
    said = [f"{threat.id} is {severity(threat)}{instead}: {one_line(threat.title)}."]
    if threat.override:
        said += [standing(threat)]
    return " ".join([*said, rated(threat)])


def rated(threat: Threat) -> str:
    """How the computed severity comes about, and what would make it less."""
    computed = threat.severity.value.capitalize()
    said = [f"{f'Computed it is {computed}' if threat.override else 'Computed'}: {risk.explain(threat)}."]
    lower = risk.lowering_facts(threat)
    if lower:
        said.append(f"What would lower it: {'; '.join(lower[:3])}.")
    return " ".join(said)


def flow_line(model: ThreatModel, flow: Flow) -> str:
    """“A → B (“orders”, https, encrypted: yes, authenticated: unknown)”."""
    said = [f"“{one_line(flow.label)}”"] if flow.label else []
    if flow.protocol and flow.protocol not in flow.label.lower():
        said.append(flow.protocol)
    said += [f"encrypted: {flow.encrypted.value}", f"authenticated: {flow.authenticated.value}"]
    return f"{one_line(model.system.name_of(flow.id))} ({', '.join(said)})"


def element_line(model: ThreatModel, element: Element) -> str:
    """What the model takes the element for, in one sentence."""
    names = {t.id: t.name for t in load_technologies()}
    made_of = [names.get(t, t) for t in element.technologies]
    said = f"{one_line(element.name)} is {_KINDS[element.kind]}"
    said += f" ({listed(made_of)})" if made_of else ""
    said += f" in {one_line(element.zone)}" if element.zone else ""
    held = _holds(model, element.assets)
    said += f"; it holds or handles {held}" if held else ""
    stated = [c.name.replace("_", " ") for c in element.controls if c.state is Known.YES]
    said += f"; stated controls: {listed(stated)}" if stated else ""
    return f"{said}." + (" That it exists, or what it is, is assumed." if element.assumed else "")


def _holds(model: ThreatModel, assets: Sequence[str]) -> str:
    names = {a.id: f"{one_line(a.name)} ({a.classification.value})" for a in model.system.assets}
    return listed(names[a] for a in assets if a in names)


def flows_of(model: ThreatModel, element: Element) -> tuple[list[Flow], list[Flow]]:
    """The flows into the element, and those out of it."""
    flows = model.system.flows
    return [f for f in flows if f.target == element.id], [f for f in flows if f.source == element.id]


def way_in(model: ThreatModel, element: Element) -> tuple[Element, ...]:
    """The shortest way to the element from an external entity; empty when none is drawn."""
    kinds = {e.id: e.kind for e in model.system.elements}
    back: dict[str, list[str]] = {}
    for flow in model.system.flows:
        back.setdefault(flow.target, []).append(flow.source)
    paths: list[tuple[str, ...]] = [(element.id,)]
    seen = {element.id}
    for path in paths:
        for source in back.get(path[0], ()):
            if source in seen:
                continue
            seen.add(source)
            longer = (source, *path)
            if kinds.get(source) is ElementKind.EXTERNAL_ENTITY:
                return tuple(model.system.element(id_) for id_ in longer)
            paths.append(longer)
    return ()


def names(elements: Iterable[Element]) -> str:
    """Their names in a list."""
    return listed(one_line(e.name) for e in elements)

"""A system in few words for a model: one line an element or flow, ids of our own, names as data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from agent.analysts.filled.aliases import Aliases
from agent.analysts.filled.plain import shortened
from agent.analysts.topology import Topology
from agent.domain.model import Area
from agent.domain.system import Control, Element, Evidence, Flow, Known
from agent.domain.text import one_line
from agent.domain.threat import Threat

NAME = 80
"""Characters of a name or label that a model is shown."""
QUOTE = 160
PASSAGE = 700


def system_lines(aliases: Aliases, topology: Topology) -> str:
    """The whole system: elements, then flows, then boundaries."""
    system = aliases.system
    lines = [_element(aliases, topology, e) for e in system.elements]
    lines += [_flow(aliases, topology, f) for f in system.flows]
    lines += [
        f"boundary “{_name(b.name)}”: {' '.join(aliases.of[m] for m in b.members if m in aliases.of)}"
        for b in system.boundaries
    ]
    lines += [f"assumed: {_name(a.text, QUOTE)}" for a in system.assumptions]
    return "\n".join(lines)


def area_lines(aliases: Aliases, area: Area) -> str:
    """The area by aliases, and the flows that touch it from outside: no word from outside."""
    inside = {*area.elements, *area.flows}
    beside = [
        f.id
        for f in aliases.system.flows
        if f.id not in inside and (f.source in area.elements or f.target in area.elements)
    ]
    return (
        f"Look at: {_listed(aliases, area.elements)} and the flows {_listed(aliases, area.flows)}.\n"
        f"Neighbouring flows: {_listed(aliases, beside)}."
    )


def candidate_lines(aliases: Aliases, candidates: Sequence[Threat]) -> str:
    """C1, C2, …: what the rules analyst proposes here."""
    return "\n".join(f"C{i} {_candidate(aliases, t)}" for i, t in enumerate(candidates, 1))


def passage_lines(passages: Sequence[Evidence]) -> str:
    """P1, P2, …: the retrieved passages, each with its identifier."""
    return "\n".join(
        f"P{i} [{_name(p.source)}] {shortened(one_line(p.quote), PASSAGE)}" for i, p in enumerate(passages, 1)
    )


def threat_lines(aliases: Aliases, threats: Iterable[Threat]) -> str:
    """The threats of a model, by id."""
    return "\n".join(
        f"{t.id} {'/'.join(s.value for s in t.stride)} on {_targets(aliases, t)}: {_name(t.title, 120)}"
        for t in threats
    )


def _element(aliases: Aliases, topology: Topology, element: Element) -> str:
    said = [f"{aliases.of[element.id]} {element.kind.value} “{_name(element.name)}”"]
    said += [f"is {'+'.join(element.technologies[:3])}"] if element.technologies else []
    said += [f"in “{_name(element.zone)}”"] if element.zone else []
    said += ["reached from the internet"] if element.id in topology.exposed else []
    said += [f"holds {_held(topology, element)}"] if element.assets else []
    said += [f"note “{_name(element.description, QUOTE)}”"] if element.description else []
    return "; ".join([*said, *_controls(element.controls), *(["assumed"] if element.assumed else [])])


def _flow(aliases: Aliases, topology: Topology, flow: Flow) -> str:
    ends = f"{aliases.of.get(flow.source, '?')}→{aliases.of.get(flow.target, '?')}"
    said = [f"{aliases.of[flow.id]} {ends} “{_name(flow.label)}”"]
    said += [flow.protocol[:20]] if flow.protocol else []
    said += [f"data “{_name(', '.join(flow.data))}”"] if flow.data else []
    said += [f"carries {_held(topology, flow)}"] if flow.assets else []
    for word, state in (
        ("encrypted", topology.encrypted(flow)),
        ("authenticated", topology.authenticated(flow)),
    ):
        said += [f"{word}: {state.value}"] if state is not Known.UNKNOWN else []
    return "; ".join([*said, *_controls(flow.controls)])


def _held(topology: Topology, part: Element | Flow) -> str:
    known = (topology.assets[a] for a in part.assets if a in topology.assets)
    return ", ".join(f"“{_name(a.name)}” ({a.classification.value})" for a in known)


def _controls(controls: Iterable[Control]) -> list[str]:
    return [f"{c.name} {c.state.value}: “{_name(c.evidence.quote, QUOTE)}”" for c in controls]


def _candidate(aliases: Aliases, threat: Threat) -> str:
    stride = "/".join(s.value for s in threat.stride)
    open_ = "; ".join(f.reason for f in threat.likelihood.factors if f.name.startswith("control"))
    line = f"{stride} on {_targets(aliases, threat)}: {_name(threat.title, 140)}"
    return f"{line} — {_name(threat.statement.action, 200)}" + (f" ({_name(open_, 120)})" if open_ else "")


def _targets(aliases: Aliases, threat: Threat) -> str:
    return ",".join(aliases.of[t] for t in threat.targets[:6] if t in aliases.of)


def _listed(aliases: Aliases, ids: Iterable[str]) -> str:
    return " ".join(aliases.of[i] for i in ids if i in aliases.of) or "none"


def _name(text: str, limit: int = NAME) -> str:
    return shortened(one_line(text), limit)

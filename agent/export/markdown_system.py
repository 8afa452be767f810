"""The system of a threat model, in tables and lists of Markdown."""

from __future__ import annotations

from agent.domain.system import Control, Element, Flow, System
from agent.export.markup import bullets, part, table, text


def system_chapter(system: System) -> list[str]:
    """Elements, flows, boundaries, data and stated controls."""
    return [
        *elements_table(system),
        *part("Flows", flows_table(system), 3),
        *part("Trust boundaries", boundary_list(system), 3),
        *part("Data", bullets(_assets(system)), 3),
        *part("Controls stated", bullets(_controls(system)), 3),
    ]


def elements_table(system: System) -> list[str]:
    """Each element with its kind, place and technologies."""
    return table(
        ("Element", "Kind", "Inside", "Technologies", "Reachable from"), map(_element, system.elements)
    )


def flows_table(system: System) -> list[str]:
    """Each flow with its ends, what it carries and how it is protected."""
    head = ("From", "To", "What", "Protocol", "Encrypted", "Authenticated")
    return table(head, _flows(system))


def _element(element: Element) -> tuple[str, ...]:
    assumed = " (assumed)" if element.assumed else ""
    return (
        text(element.name),
        element.kind.value.replace("_", " ") + assumed,
        text(element.zone),
        text(", ".join(element.technologies)),
        element.exposure.value,
    )


def _flows(system: System) -> list[tuple[str, ...]]:
    names = {e.id: e.name for e in system.elements}
    return [
        (
            text(names.get(flow.source, flow.source)),
            text(names.get(flow.target, flow.target)),
            text(_carried(flow)) + (" (assumed)" if flow.assumed else ""),
            text(flow.protocol),
            flow.encrypted.value,
            flow.authenticated.value,
        )
        for flow in system.flows
    ]


def _carried(flow: Flow) -> str:
    return "; ".join(dict.fromkeys([flow.label, *flow.data])) if flow.label else ", ".join(flow.data)


def boundary_list(system: System) -> list[str]:
    """Each trust boundary with what is inside."""
    names = {e.id: e.name for e in system.elements}
    outer = {b.id: b.name for b in system.boundaries}
    found = []
    for boundary in system.boundaries:
        inside = f" (inside {text(outer[boundary.parent])})" if boundary.parent in outer else ""
        members = text(", ".join(names.get(m, m) for m in boundary.members), "nothing")
        found.append(f"**{text(boundary.name)}**{inside}: {members}")
    return bullets(found)


def _assets(system: System) -> list[str]:
    return [
        f"{text(a.name)}: {a.classification.value}" + (f" ({text(a.tag)})" if a.tag else "")
        for a in system.assets
    ]


def _controls(system: System) -> list[str]:
    holders: list[tuple[str, tuple[Control, ...]]] = [(e.name, e.controls) for e in system.elements]
    holders += [(system.name_of(f.id), f.controls) for f in system.flows if f.controls]
    return [
        f"{text(name)}: {text(control.name.replace('_', ' '))} – {control.state.value}, "
        f"“{text(control.evidence.quote)}”"
        for name, controls in holders
        for control in controls
    ]

"""Which controls stand, are denied, or are not spoken of, at an element or on a flow."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from agent.analysts.questions import Answers, fact_of
from agent.analysts.topology import Topology
from agent.catalog.control_words import load_control_words
from agent.catalog.controls import Reach, load_controls
from agent.catalog.vocabulary import ControlName
from agent.domain.request import Answer
from agent.domain.system import Element, ElementKind, Evidence, EvidenceKind, Flow, Known


@dataclass(frozen=True)
class Standing:
    """What is known of one control at one place."""

    state: Known
    control: ControlName
    evidence: Evidence | None = None
    """What says so; None where nothing does."""

    @property
    def answered(self) -> bool:
        """Whether an engineer's answer says so."""
        return self.evidence is not None and self.evidence.kind is EvidenceKind.ANSWER


@dataclass
class Protection:
    """Control states over one topology and the answers given so far."""

    topology: Topology
    answers: Answers
    _known: dict[tuple[str, ControlName], Standing] = field(default_factory=dict)
    _whole: dict[ControlName, Standing] = field(default_factory=dict)

    def of(self, subject: Element | Flow, control: ControlName) -> Standing:
        """What is known of the control there: by answers first, then as stated, then by the topology."""
        key = (subject.id, control)
        if key not in self._known:
            self._known[key] = self._look(subject, control)
        return self._known[key]

    def worst_of(self, subjects: Iterable[Element | Flow], control: ControlName) -> Standing:
        """The control over several places that each can carry it: there if anywhere, denied if denied."""
        found = [self.of(s, control) for s in subjects]
        for wanted in (Known.YES, Known.NO):
            for standing in found:
                if standing.state is wanted:
                    return standing
        return found[0] if found else Standing(Known.UNKNOWN, control)

    def anywhere(self, control: ControlName) -> bool:
        """Whether the control is stated to stand anywhere, if only in a sentence that names no part."""
        if any(control.value in r.controls for r in self.topology.system.remarks):
            return True
        return any(c.name == control.value and c.state is Known.YES for p in self._places for c in p.controls)

    def _look(self, subject: Element | Flow, control: ControlName) -> Standing:
        answer = self.answers.get(subject.id, fact_of(control, flow=isinstance(subject, Flow)))
        if answer is not None and answer.value in {Known.YES.value, Known.NO.value}:
            return Standing(Known(answer.value), control, _quoted(answer))
        for stated in subject.controls:
            if stated.name == control.value and stated.state is not Known.UNKNOWN:
                return Standing(stated.state, control, stated.evidence)
        if load_controls().kinds[control].reach is Reach.WHOLE:
            return self._somewhere(control)
        if isinstance(subject, Flow):
            return self._on_flow(subject, control)
        found = self._at_element(subject, control)
        return found if found.state is not Known.UNKNOWN else self._said_of_all(subject, control)

    def _said_of_all(self, element: Element, control: ControlName) -> Standing:
        """A control of services that a sentence states and names no part for: it stands at each service."""
        if load_controls().kinds[control].reach is Reach.PROCESSES and element.kind is ElementKind.PROCESS:
            for remark in self.topology.system.remarks:
                if control.value in remark.controls and not remark.about:
                    said = Evidence(kind=EvidenceKind.DESCRIPTION, quote=remark.quote, source=remark.source)
                    return Standing(Known.YES, control, said)
        return Standing(Known.UNKNOWN, control)

    def _somewhere(self, control: ControlName) -> Standing:
        """A control of the whole system, as stated of any part; unclear where the parts disagree."""
        if control not in self._whole:
            said = [c for p in self._places for c in p.controls if c.name == control.value]
            states = {c.state for c in said} - {Known.UNKNOWN}
            state = states.pop() if len(states) == 1 else Known.UNKNOWN
            first = next((c.evidence for c in said if c.state is state), None)
            self._whole[control] = Standing(state, control, first)
        return self._whole[control]

    @cached_property
    def _places(self) -> tuple[Element | Flow, ...]:
        return (*self.topology.system.elements, *self.topology.system.flows)

    def _on_flow(self, flow: Flow, control: ControlName) -> Standing:
        topology = self.topology
        if control is ControlName.TRANSPORT_ENCRYPTION:
            return Standing(topology.encrypted(flow), control, flow.evidence)
        if control is ControlName.AUTHENTICATION:
            return Standing(topology.authenticated(flow), control, flow.evidence)
        if control is ControlName.MFA and flow.source in topology.parties:
            return self._said_of_person(flow.source, control)
        return Standing(Known.UNKNOWN, control)

    def _said_of_person(self, person: str, control: ControlName) -> Standing:
        """How a person signs in, as said together with a thing that no diagram draws: "with a smart card"."""
        for flow in self.topology.outgoing[person]:
            if flow.assumed and self.topology.elements[flow.target].assumed:
                for stated in flow.controls:
                    if stated.name == control.value and stated.state is not Known.UNKNOWN:
                        return Standing(stated.state, control, stated.evidence)
        return Standing(Known.UNKNOWN, control)

    def _at_element(self, element: Element, control: ControlName) -> Standing:
        words = load_control_words()[control]
        if words.beside:
            for neighbour in self._neighbours(element.id):
                if not words.beside.isdisjoint(self.topology.traits[neighbour.id]):
                    return Standing(Known.YES, control, _place(f"{element.name} ↔ {neighbour.name}"))
        if control is ControlName.AUTHENTICATION and self._all_callers_known(element.id):
            return Standing(Known.YES, control, self.topology.incoming[element.id][0].evidence)
        if control is ControlName.TRANSPORT_ENCRYPTION and self._all_encrypted(element.id):
            return Standing(Known.YES, control, self._flows_of(element.id)[0].evidence)
        if words.along:
            return self._upstream(element, control)
        return Standing(Known.UNKNOWN, control)

    def _neighbours(self, element: str) -> list[Element]:
        topology = self.topology
        ids = [f.source for f in topology.incoming[element]] + [f.target for f in topology.outgoing[element]]
        return [topology.elements[i] for i in dict.fromkeys(ids)]

    def _all_callers_known(self, element: str) -> bool:
        flows = self.topology.incoming[element]
        return bool(flows) and all(self.topology.authenticated(f) is Known.YES for f in flows)

    def _flows_of(self, element: str) -> list[Flow]:
        return [*self.topology.incoming[element], *self.topology.outgoing[element]]

    def _all_encrypted(self, element: str) -> bool:
        flows = self._flows_of(element)
        return bool(flows) and all(self.topology.encrypted(f) is Known.YES for f in flows)

    def _upstream(self, element: Element, control: ControlName) -> Standing:
        """Whether something on the shortest way in carries the control."""
        path = self.topology.entry_path(element.id)
        for before in path[:-1]:
            if before in self.topology.parties:
                continue
            if self._stands_at(before, control):
                names = " → ".join(self.topology.elements[p].name for p in path)
                return Standing(Known.YES, control, _place(names))
        return Standing(Known.UNKNOWN, control)

    def _stands_at(self, element: str, control: ControlName) -> bool:
        stated = self.topology.elements[element].controls
        if any(c.name == control.value and c.state is Known.YES for c in stated):
            return True
        return not load_control_words()[control].beside.isdisjoint(self.topology.traits[element])


def _place(quote: str) -> Evidence:
    return Evidence(kind=EvidenceKind.TOPOLOGY, quote=quote)


def _quoted(answer: Answer) -> Evidence:
    return Evidence(
        kind=EvidenceKind.ANSWER, quote=f"{answer.value}, {answer.when:%Y-%m-%d %H:%M}", source=answer.who
    )

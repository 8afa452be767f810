"""Where a pattern fits a system: the subjects, what was captured, and how its controls stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from agent.analysts.protection import Standing
from agent.analysts.sight import Sight
from agent.analysts.topology import Party
from agent.catalog.conditions import Captures, Subject
from agent.catalog.patterns import Pattern
from agent.catalog.vocabulary import ControlName
from agent.domain.system import Element, Flow, Known


@dataclass(frozen=True)
class Match:
    """One place where a pattern fits."""

    pattern: Pattern
    subject: Subject
    captures: Captures
    answer: Standing | None
    """The control that answers the threat; None while none does."""
    denied: Standing | None
    """A control that is stated to be missing."""
    eased: Standing | None
    """A control that makes it harder."""

    @property
    def ends(self) -> tuple[str, ...]:
        """The ids of the elements at the place: the element, or the flow's source and target."""
        if isinstance(self.subject, Flow):
            return (self.subject.source, self.subject.target)
        return (self.subject.id,)


def matches(sight: Sight, pattern: Pattern) -> Iterator[Match]:
    """Every place where the pattern fits and the threat is not answered, in the order of the system."""
    drawn = sight.topology.drawn
    subjects: Iterable[Subject] = drawn.elements if pattern.on == "element" else drawn.flows
    for subject in subjects:
        if pattern.when.holds(sight, subject):
            found = _match(sight, pattern, subject)
            if found is not None:
                yield found


def _match(sight: Sight, pattern: Pattern, subject: Subject) -> Match | None:
    places = _places(sight, subject)
    standings = [_standing(sight, places, c) for c in pattern.answered_by]
    answer = next((s for s in standings if s.state is Known.YES), None)
    if answer is not None and pattern.answered == "drop" and not answer.answered:
        return None
    eased = (_standing(sight, places, c) for c in pattern.eased_by)
    return Match(
        pattern=pattern,
        subject=subject,
        captures=pattern.when.captures(sight, subject),
        answer=answer,
        denied=next((s for s in standings if s.state is Known.NO), None),
        eased=next((s for s in eased if s.state is Known.YES), None),
    )


def _places(sight: Sight, subject: Subject) -> tuple[Subject, ...]:
    """Where a control may be stated: the place itself, a flow's ends, an element's incoming flows."""
    elements = sight.topology.elements
    if isinstance(subject, Element):
        return (subject,)
    return (subject, elements[subject.target], elements[subject.source])


def _standing(sight: Sight, places: tuple[Subject, ...], control: ControlName) -> Standing:
    standing = sight.protection.worst_of(places, control)
    if standing.state is Known.UNKNOWN and isinstance(places[0], Element):
        return _on_incoming(sight, places[0], control) or standing
    return standing


def _on_incoming(sight: Sight, element: Element, control: ControlName) -> Standing | None:
    """The control as stated on a flow into the element, such as a limit drawn on the way in.

    A second factor protects an element only where all people who come in have one.
    """
    ways = _ways_of_people(sight, element)
    if control is ControlName.MFA and ways:
        return _on_all(sight, ways, control)
    for flow in sight.topology.incoming[element.id]:
        for stated in flow.controls:
            if stated.name == control.value and stated.state is not Known.UNKNOWN:
                return Standing(stated.state, control, stated.evidence)
    return None


def _ways_of_people(sight: Sight, element: Element) -> list[Flow]:
    parties = sight.topology.parties
    return [f for f in sight.topology.incoming[element.id] if parties.get(f.source) in _PEOPLE]


def _on_all(sight: Sight, ways: list[Flow], control: ControlName) -> Standing | None:
    """The control as it stands on every one of the ways; None where one of them is silent."""
    found = [sight.protection.of(f, control) for f in ways]
    missing = next((s for s in found if s.state is Known.NO), None)
    silent = any(s.state is Known.UNKNOWN for s in found)
    return missing or (None if silent else found[0])


_PEOPLE = frozenset({Party.USER, Party.STAFF})

"""Likelihood and impact out of the factors that a model states, as far as the input bears them out."""

from __future__ import annotations

from typing import Any

from agent import risk
from agent.analysts.filled.checking import Check
from agent.analysts.filled.stated import stated
from agent.analysts.filled.tables import load_harms
from agent.analysts.stakes import data_nouns, worst_class
from agent.analysts.topology import Party, Topology
from agent.analysts.values import flow_name, way
from agent.catalog.control_words import load_control_words
from agent.catalog.vocabulary import ControlName
from agent.domain.system import Classification, Element, Evidence, Flow, Known, System
from agent.domain.threat import Factor, Rating

LIKELIHOOD = 2
"""The base of a model's own threat: what needs a way in and no more; the catalog's most common one."""


def part_of(system: System, id_: str) -> Element | Flow:
    """The element or the flow with this id."""
    found = next((e for e in system.elements if e.id == id_), None)
    return found if found is not None else system.flow(id_)


def likelihood(check: Check, said: Any, target: str) -> tuple[Rating, Evidence | None, Known]:
    """The rating, the evidence for the control's state, and that state.

    How near the internet a part is, the drawing decides; the model's word counts only where the drawing shows
    no way in. A control is there, or missing, only when the quoted sentence says so.
    """
    factors = [exposure(check.topology, target, said.exposure), risk.skill(said.skill)]
    if said.control == "none":
        return risk.rate(LIKELIHOOD, factors), None, Known.UNKNOWN
    state, evidence = control_state(check, said.control, said.control_state, said.control_quote)
    factors.append(control_factor(said.control, state))
    return risk.rate(LIKELIHOOD, factors), evidence, state


def impact(topology: Topology, said: Any, target: str) -> Rating:
    """The harm's base, and the class of the data: what the system says of it, else the model's word."""
    harm = load_harms()[said.harm]
    factors = [risk.harm(harm.noun)]
    part = part_of(topology.system, target)
    nouns = data_nouns(topology, (part,))
    if nouns:
        factors.append(risk.data_class(worst_class(topology, (part,)), nouns[0]))
    elif said.data not in {"unknown", "public"}:
        factors.append(risk.data_class(Classification(said.data), "data"))
    return risk.rate(harm.base, factors)


def control_state(check: Check, control: str, claimed: str, quote: str) -> tuple[Known, Evidence | None]:
    """What is known of the control, and where it stands; unknown unless the quote bears the claim out."""
    wanted = {"present": Known.YES, "absent": Known.NO}.get(claimed, Known.UNKNOWN)
    if wanted is Known.UNKNOWN:
        return Known.UNKNOWN, None
    evidence = check.quote(quote)
    if stated(control, evidence) is not wanted:
        check.count("controls_unproven")
        return Known.UNKNOWN, None
    return wanted, evidence


def control_factor(control: str, state: Known) -> Factor:
    """The factor of a control in this state."""
    label = load_control_words()[ControlName(control)].label
    if state is Known.YES:
        return risk.control_stands(label)
    return risk.control_denied(label) if state is Known.NO else risk.control_unknown(label)


def exposure(topology: Topology, target: str, said: str) -> Factor:
    """How near the internet the part is."""
    part = part_of(topology.system, target)
    at = part.target if isinstance(part, Flow) else part.id
    path = topology.entry_path(at)
    exposed = at in topology.exposed
    place = topology.elements[at].name
    if isinstance(part, Flow):
        ends = {topology.parties.get(e) for e in (part.source, part.target)}
        exposed = bool(ends & {Party.USER, Party.PARTNER}) and not topology.over_private_network(part)
        place = flow_name(topology, part)
    if not path and said in {"internet", "inside"}:
        return Factor(name="exposure", points=0, reason=f"a way to {place} is taken as given, none is drawn")
    return risk.exposure(exposed=exposed, reachable=bool(path), way=way(topology, path), place=place)

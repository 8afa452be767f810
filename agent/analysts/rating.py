"""Likelihood and impact of a pattern at one place, from the facts of the system."""

from __future__ import annotations

from agent import risk
from agent.analysts.matching import Match
from agent.analysts.protection import Standing
from agent.analysts.stakes import at_stake, data_nouns, worst_class
from agent.analysts.topology import Party, Topology
from agent.analysts.values import flow_name, way
from agent.catalog.control_words import load_control_words
from agent.catalog.grams import listed
from agent.domain.system import Element, EvidenceKind, Flow
from agent.domain.threat import Factor, Rating, Severity


def ratings(topology: Topology, match: Match) -> tuple[Rating, Rating]:
    """Likelihood and impact, each with its factors."""
    return _likelihood(topology, match), _impact(topology, match)


def graveness(topology: Topology, match: Match) -> tuple[Severity, int]:
    """How bad it is at this place, to find the worst of a group."""
    likelihood, impact = ratings(topology, match)
    return risk.severity_of(likelihood.score, impact.score), likelihood.score * impact.score


def labels_of(match: Match) -> str:
    """The pattern's controls in words: "a rate limit or a lock-out"."""
    table = load_control_words()
    return listed([table[c].label for c in match.pattern.answered_by], last="or")


def _likelihood(topology: Topology, match: Match) -> Rating:
    factors: list[Factor] = []
    if match.pattern.exposure:
        factors.append(_exposure(topology, match))
    factors.append(risk.skill(match.pattern.skill))
    factors += _controls(match)
    return risk.rate(match.pattern.likelihood, factors)


def _exposure(topology: Topology, match: Match) -> Factor:
    subject = match.subject
    at = subject.target if isinstance(subject, Flow) else subject.id
    ends = match.ends
    path = topology.entry_path(at)
    exposed = at in topology.exposed
    if isinstance(subject, Flow):
        public = any(topology.parties.get(e) in {Party.USER, Party.PARTNER} for e in ends)
        exposed = public and not topology.over_private_network(subject)
        place = flow_name(topology, subject)
        return risk.exposure(
            exposed=exposed, reachable=bool(path), way=way(topology, path) or place, place=place
        )
    name = topology.elements[at].name
    return risk.exposure(exposed=exposed, reachable=bool(path), way=way(topology, path), place=name)


def _controls(match: Match) -> list[Factor]:
    table = load_control_words()
    found: list[Factor] = []
    if match.answer is not None:
        found.append(risk.control_stands(table[match.answer.control].label))
    elif match.denied is not None:
        found.append(risk.control_denied(table[match.denied.control].label))
    elif match.pattern.answered_by:
        found.append(risk.control_unknown(labels_of(match)))
    if match.eased is not None:
        found.append(_eased(match.eased, table[match.eased.control].label))
    return found


def _eased(standing: Standing, label: str) -> Factor:
    """That a control makes it harder, with the sentence of the description that says so."""
    factor = risk.control_eases(label)
    said = standing.evidence
    if said is None or said.kind is not EvidenceKind.DESCRIPTION or len(said.quote) > _LONGEST_QUOTE:
        return factor
    return factor.model_copy(update={"reason": f"{factor.reason}: “{said.quote.rstrip('.')}”"})


_LONGEST_QUOTE = 120
"""Characters of a sentence that is quoted beside a factor."""


def _impact(topology: Topology, match: Match) -> Rating:
    factors = [risk.harm(match.pattern.harm)]
    if match.pattern.data_class:
        stakes = at_stake(topology, match)
        nouns = data_nouns(topology, stakes)
        if nouns:
            factors.append(risk.data_class(worst_class(topology, stakes), nouns[0]))
    if isinstance(match.subject, Element) and match.pattern.group == "single-point":
        count = topology.gates.get(match.subject.id, 0)
        if count:
            depend = "1 other depends" if count == 1 else f"{count} others depend"
            factors.append(Factor(name="single point", points=min(1, count // 4), reason=f"{depend} on it"))
    return risk.rate(match.pattern.impact, factors)

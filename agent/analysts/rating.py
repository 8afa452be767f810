"""Likelihood and impact of a pattern at one place, from the facts of the system."""

from __future__ import annotations

from agent import risk
from agent.analysts.data_words import CLASSES
from agent.analysts.matching import Match
from agent.analysts.topology import Party, Topology
from agent.analysts.values import at_stake, data_nouns, flow_name, way
from agent.catalog.control_words import load_control_words
from agent.catalog.grams import listed
from agent.domain.system import Element, Flow
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
        found.append(risk.control_eases(table[match.eased.control].label))
    return found


def _impact(topology: Topology, match: Match) -> Rating:
    factors = [risk.harm(match.pattern.harm)]
    if match.pattern.data_class:
        stakes = at_stake(topology, match)
        nouns = data_nouns(topology, stakes)
        if nouns:
            worst = max((topology.classification(s) for s in stakes), key=CLASSES.index)
            factors.append(risk.data_class(worst, nouns[0]))
    if isinstance(match.subject, Element) and match.pattern.group == "single-point":
        count = topology.gates.get(match.subject.id, 0)
        factors.append(
            Factor(name="single point", points=min(1, count // 4), reason=f"{count} others depend on it")
        )
    return risk.rate(match.pattern.impact, factors)

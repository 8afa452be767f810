"""Two threats side by side: what they share, and what is different."""

from __future__ import annotations

from agent.conversation import telling
from agent.conversation.context import Context, Draft
from agent.conversation.reply import listed, of_threat, one_line
from agent.domain.model import ThreatModel
from agent.domain.threat import Threat

_MOST = 3


def compare(context: Context) -> Draft:
    """Who does what where in each, then what both have and which presses more."""
    model, chosen = context.model, context.asked.threats[:_MOST]
    told = [f"{telling.headline(model, t)}\n{telling.brief(t)} {_scores(t)}" for t in chosen]
    told.append(_together(model, chosen[0], chosen[1]))
    return Draft(told, [*map(of_threat, chosen)], chosen)


def _scores(threat: Threat) -> str:
    return f"Likelihood {threat.likelihood.score} × impact {threat.impact.score}."


def _together(model: ThreatModel, one: Threat, other: Threat) -> str:
    """What both share, whether one would do for both, and which comes first."""
    places = [_places(model, one), _places(model, other)]
    parts = [t for t in places[0] if t in places[1]]
    kinds = [kind.lower() for kind in one.kinds if kind in other.kinds]
    cited = [r.id for r in one.references if r.id in {o.id for o in other.references}]
    fixes = [m.text for m in one.mitigations if m.text in {o.text for o in other.mitigations}]
    said = []
    if parts:
        said.append(f"both stand on {listed(one_line(model.system.name_of(p)) for p in parts[:3])}")
    if kinds:
        said.append(f"both are {listed(kinds)}")
    if cited:
        said.append(f"both cite {listed(cited[:3])}")
    if fixes:
        said.append(f"“{one_line(fixes[0])}” helps against both")
    shared = f"{telling.sentence('; '.join(said))}" if said else "They share no part, category or weakness."
    verdict = "They are two threats: what helps against one is not taken to help against the other."
    if one.pattern and one.pattern == other.pattern and parts:
        verdict = "They are of the same kind on the same part: one may be dismissed for the other."
    return f"{shared} {verdict} {_order(one, other)}"


def _places(model: ThreatModel, threat: Threat) -> list[str]:
    """What it stands on, and the ends of the flows that it stands on."""
    ends = {f.id: (f.source, f.target) for f in model.system.flows}
    return list(dict.fromkeys([*threat.targets, *(e for t in threat.targets for e in ends.get(t, ()))]))


def _order(one: Threat, other: Threat) -> str:
    by = one.effective_severity.rank - other.effective_severity.rank
    if not by:
        return f"Both are {telling.severity(one)}."
    worse, less = (one, other) if by > 0 else (other, one)
    return f"{worse.id} presses more: {telling.severity(worse)} beside {telling.severity(less)}."

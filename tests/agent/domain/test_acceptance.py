"""What is counted of engineers' decisions."""

from __future__ import annotations

from agent.domain.acceptance import acceptance
from agent.domain.model import ThreatModel
from agent.domain.tally import tally
from agent.domain.threat import Origin, Threat, ThreatStatus
from bot.local import threat_model

DIAGRAM = b"flowchart LR\n  kiosk([Kiosk]) -->|HTTP| hub[Reading API]\n  hub -->|SQL| store[(Readings DB)]\n"


def judged(*said: tuple[Origin, ThreatStatus], prompts: str = "") -> ThreatModel:
    """A threat model whose threats are of these origins, and stand like this."""
    made = threat_model([("meter.mmd", DIAGRAM)])
    threats: list[Threat] = [
        t.model_copy(update={"origin": origin, "status": status})
        for t, (origin, status) in zip(made.threats, said, strict=False)
    ]
    return made.model_copy(update={"threats": tuple(threats), "prompts": prompts})


def test_acceptance_is_told_by_proposer_and_prompts() -> None:
    """Rules and each version of the prompts stand apart; what nobody judged is in no rate."""
    rules, model = Origin.RULES, Origin.MODEL
    first = judged(
        (rules, ThreatStatus.ACCEPTED),
        (rules, ThreatStatus.DISMISSED),
        (rules, ThreatStatus.PROPOSED),
        (model, ThreatStatus.MITIGATED),
        (Origin.ENGINEER, ThreatStatus.ACCEPTED),
        prompts="1",
    )
    second = judged((model, ThreatStatus.DISMISSED), (model, ThreatStatus.PROPOSED), prompts="2")
    found = acceptance([tally(first), tally(second)])

    assert [(a.origin, a.prompts) for a in found] == [(rules, ""), (model, "1"), (model, "2")]
    assert [(a.proposed, a.accepted, a.dismissed) for a in found] == [(3, 1, 1), (1, 1, 0), (2, 0, 1)]
    assert [a.rate for a in found] == [0.5, 1.0, 0.0]


def test_nothing_judged_has_no_rate() -> None:
    """A rate over nothing would be a made-up number."""
    (only,) = acceptance([tally(judged((Origin.RULES, ThreatStatus.PROPOSED)))])

    assert only.rate is None
    assert acceptance([]) == ()

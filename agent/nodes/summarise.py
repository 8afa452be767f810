"""summarise: the few sentences that lead a threat model."""

from __future__ import annotations

from collections.abc import Iterator

from agent.domain.model import Summary, ThreatModel
from agent.domain.threat import Severity

PRESSING = 3


def summarise(model: ThreatModel, *, trouble: str = "") -> ThreatModel:
    """The model with its summary.

    Args:
        model: everything but the summary.
        trouble: what the knowledge base failed with; empty when it did not.
    """
    counts = {s: sum(t.severity is s for t in model.threats) for s in reversed(Severity)}
    worded = ", ".join(f"{n} {s.value}" for s, n in counts.items() if n)
    threats = "1 threat" if len(model.threats) == 1 else f"{len(model.threats)} threats"
    summary = Summary(
        headline=f"{threats}: {worded}" if worded else "No threat was found",
        pressing=tuple(t.title for t in model.threats[:PRESSING]),
        notes=tuple(_notes(model, trouble)),
    )
    return model.model_copy(update={"summary": summary})


def _notes(model: ThreatModel, trouble: str) -> Iterator[str]:
    if trouble:
        yield f"The knowledge base did not answer, so no passages were looked up: {trouble}"
    for failed in model.failed:
        yield f"{failed.area} was not finished: {failed.reason} Press Re-run to look at it again."
    hidden = len(model.threats) - len(model.shown)
    if hidden > 0:
        yield f"{hidden} threats of lesser weight are kept and can be shown."

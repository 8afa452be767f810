"""summarise: the few sentences that lead a threat model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agent.domain.model import Summary, ThreatModel
from agent.domain.text import counted
from agent.domain.threat import Severity

PRESSING = 3
NAMED = 4


def summarise(
    model: ThreatModel, *, trouble: str = "", unasked: Sequence[str] = (), learned: Sequence[str] = ()
) -> ThreatModel:
    """The model with its summary.

    Args:
        model: everything but the summary.
        trouble: what the knowledge base failed with; empty when it did not.
        unasked: why the language model did not do something beyond the areas that failed.
        learned: what verdicts on earlier models have changed, and what they make us ask.
    """
    counts = {s: sum(t.severity is s for t in model.threats) for s in reversed(Severity)}
    worded = ", ".join(f"{n} {s.value}" for s, n in counts.items() if n)
    threats = counted(len(model.threats), "threat")
    summary = Summary(
        headline=f"{threats}: {worded}" if worded else "No threat was found",
        pressing=tuple(t.title for t in model.threats[:PRESSING]),
        notes=tuple(_notes(model, trouble, unasked, learned)),
    )
    return model.model_copy(update={"summary": summary})


def _notes(model: ThreatModel, trouble: str, unasked: Sequence[str], learned: Sequence[str]) -> Iterator[str]:
    if trouble:
        missing = "some passages are missing" if model.passages else "no passages were looked up"
        yield f"The knowledge base did not answer, so {missing}: {trouble}"
    yield from _failures(model, unasked)
    hidden = len(model.threats) - len(model.shown)
    if hidden > 0:
        yield f"{hidden} threats of lesser weight are kept and can be shown."
    yield from learned
    if model.usage.calls:
        yield _taken(model)


def _failures(model: ThreatModel, unasked: Sequence[str]) -> Iterator[str]:
    """Each reason once, with everything that it cost."""
    by_reason: dict[str, list[str]] = {}
    for text in unasked:
        branch, _, reason = text.partition(": ")
        by_reason.setdefault(reason, []).append(branch)
    for failed in model.failed:
        by_reason.setdefault(failed.reason, []).append(failed.area)
    for reason, what in by_reason.items():
        places = ", ".join(what[:NAMED]) + (f" and {len(what) - NAMED} more" if len(what) > NAMED else "")
        was = "was" if len(what) == 1 else "were"
        yield (
            f"{places} {was} not finished by the language model, so there what the rules found stands: "
            f"{reason} Press Re-run to look again."
        )


def _taken(model: ThreatModel) -> str:
    used = model.usage
    cost = "at a price not known" if used.cost is None else f"about ${used.cost:.2f} at list prices"
    took = f"{counted(used.calls, 'call')}, {used.tokens:,} tokens, {cost}"
    return f"The language model took {took} (prompts version {model.prompts})."

"""What a list is worth to a reviewer before and after earlier models were judged.

Two, or all other, of the examples are judged by a scripted reviewer, for
whom one family of patterns is of no use in this company, and who accepts everything else. Then another
example is ranked without and with what they taught. Precision is the share of the list shown that is not of
the family.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path

from agent.analysts.rules import RulesAnalyst
from agent.artifacts import MemoryArtifacts
from agent.domain.lesson import Teaching, lessons
from agent.domain.model import ThreatModel
from agent.domain.request import Attachment, Request
from agent.domain.threat import Severity, Threat, ThreatStatus
from agent.domain.verdict import Verdict, VerdictKind, fold
from agent.graph import Agent, Task
from agent.lessons.applying import applied

EXAMPLES = Path(__file__).parents[1] / "examples"
FAMILIES = {
    "transport": ("transport-", "callers-unproven"),
    "stores": ("store-", "bucket-", "bulk-export"),
    "queues": ("queue-", "message-", "backlog-", "worker-lends"),
    "denial": ("staff-deny", "partner-denies", "deal-denied", "sign-ins-unlogged", "changes-unlogged"),
}
"""Beginnings of patterns' ids, by what a company may have settled once for all of its systems."""
REASON = "settled once for all of the company's systems"
BUDGET = 25
ROW = "{:<10} {:>7} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8}"
COLUMNS = ("family", "judged", "P", "P", "P", "mild", "mild", "grave", "grave")
UNDER = ("", "models", "before", "after", "at best", "before", "after", "before", "after")


@dataclass(frozen=True)
class Outcome:
    """One list before and after."""

    before: float
    after: float
    best: float
    """If every threat of the family but the grave ones stood behind all others."""
    mild: tuple[int, int]
    """Medium and low threats of the family within the list shown, before and after."""
    grave: tuple[int, int]
    """High and critical ones."""


def main(_: Path | None = None) -> None:
    """Print a row for each family and number of judged models, as means over all choices of examples."""
    names = sorted(p.parent.name for p in EXAMPLES.glob("*/*.mmd"))
    plain = {name: modelled(name) for name in names}
    print(ROW.format(*COLUMNS))
    print(ROW.format(*UNDER))
    for family in FAMILIES:
        for many in (2, len(names) - 1):
            found = list(outcomes(plain, family, many))
            cells = [
                f"{mean(n):.2f}" for n in zip(*((o.before, o.after, o.best) for o in found), strict=True)
            ]
            cells += [f"{mean(o.mild[n] for o in found):.1f}" for n in (0, 1)]
            cells += [f"{mean(o.grave[n] for o in found):.1f}" for n in (0, 1)]
            print(ROW.format(family, many, *cells))


def outcomes(plain: dict[str, ThreatModel], family: str, many: int) -> Iterator[Outcome]:
    """Every example after every choice of so many others was judged."""
    for name, model in plain.items():
        for others in combinations([n for n in plain if n != name], many):
            taught = tuple(judged(plain[n], family) for n in others)
            moved = applied(model.threats, model.system, taught, BUDGET).threats
            before, after = model.threats[:BUDGET], moved[:BUDGET]
            best = sorted(model.threats, key=lambda t: is_of(t, family) and not is_grave(t))
            yield Outcome(
                before=precision(before, family),
                after=precision(after, family),
                best=precision(best[:BUDGET], family),
                mild=(count(before, family, grave=False), count(after, family, grave=False)),
                grave=(count(before, family, grave=True), count(after, family, grave=True)),
            )


def modelled(name: str) -> ThreatModel:
    """An example's threat model by the rules."""
    folder, artifacts = EXAMPLES / name, MemoryArtifacts()
    drawing = next(folder.glob("*.mmd"))
    content = drawing.read_bytes()
    key = hashlib.sha256(content).hexdigest()
    artifacts.put(key, content)
    request = Request(
        title=name,
        description=(folder / "description.md").read_text("utf-8"),
        attachments=(Attachment(name=drawing.name, key=key, sha256=key, size=len(content)),),
    )
    agent = Agent(artifacts=artifacts, analysts=(RulesAnalyst(),), store=None)
    return agent.run(Task(run=name, model=name, revision=1, request=request))


def judged(model: ThreatModel, family: str) -> Teaching:
    """What the model teaches once the reviewer has gone through it."""
    verdicts = [
        Verdict(
            id=t.id,
            who="U0REVIEWER",
            when=datetime(2026, 1, 1, tzinfo=UTC),
            model=model.id,
            revision=1,
            threat=t.id,
            kind=VerdictKind.STATUS,
            after=(ThreatStatus.DISMISSED if is_of(t, family) else ThreatStatus.ACCEPTED).value,
            reason=REASON if is_of(t, family) else "",
        )
        for t in model.threats
    ]
    return Teaching(model=model.id, title=model.title, lessons=lessons(fold(model, verdicts)))


def precision(threats: Sequence[Threat], family: str) -> float:
    """The share that is not of the family; 1 for an empty list."""
    return 1 - sum(is_of(t, family) for t in threats) / len(threats) if threats else 1.0


def count(threats: Iterable[Threat], family: str, *, grave: bool) -> int:
    """How many of the family are high or critical, or are not."""
    return sum(is_of(t, family) and is_grave(t) is grave for t in threats)


def is_grave(threat: Threat) -> bool:
    """Whether it is high or critical."""
    return threat.severity.rank >= Severity.HIGH.rank


def is_of(threat: Threat, family: str) -> bool:
    """Whether it is of the family."""
    return threat.pattern.startswith(FAMILIES[family])


def mean(values: Iterable[float]) -> float:
    """The mean; 0 of nothing."""
    found = list(values)
    return sum(found) / len(found) if found else 0.0


if __name__ == "__main__":
    main()

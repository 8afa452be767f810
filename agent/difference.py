"""What changed between two threat models: threats that are new, gone, kept or changed."""

from __future__ import annotations

from agent.domain.base import Value
from agent.domain.model import ThreatModel
from agent.domain.threat import Threat


class Change(Value):
    """A threat that both have, and what is different about it."""

    before: Threat
    after: Threat
    what: tuple[str, ...]
    """Such as "severity high → low", "evidence", "status proposed → accepted"."""


class Difference(Value):
    """Two threat models compared; each threat of either stands in exactly one list."""

    new: tuple[Threat, ...] = ()
    gone: tuple[Threat, ...] = ()
    kept: tuple[Threat, ...] = ()
    changed: tuple[Change, ...] = ()
    elements_new: tuple[str, ...] = ()
    """Names of elements."""
    elements_gone: tuple[str, ...] = ()


def difference(before: ThreatModel, after: ThreatModel) -> Difference:
    """What the later model says that the earlier did not, and the other way round, in the models' own order.

    A threat is the same when its key is, or when one stands for the other's key among its near-duplicates.
    """
    earlier = {key: t for t in before.threats for key in (*t.merged, t.key)}
    pairs = [(_same(earlier, t), t) for t in after.threats]
    matched = {b.key for b, _ in pairs if b is not None}
    changes = [Change(before=b, after=a, what=_what(b, a)) for b, a in pairs if b is not None]
    names = [{e.name for e in m.system.elements} for m in (before, after)]
    return Difference(
        new=tuple(a for b, a in pairs if b is None),
        gone=tuple(t for t in before.threats if t.key not in matched),
        kept=tuple(c.after for c in changes if not c.what),
        changed=tuple(c for c in changes if c.what),
        elements_new=tuple(e.name for e in after.system.elements if e.name not in names[0]),
        elements_gone=tuple(e.name for e in before.system.elements if e.name not in names[1]),
    )


def _same(earlier: dict[str, Threat], threat: Threat) -> Threat | None:
    return next((earlier[key] for key in (threat.key, *threat.merged) if key in earlier), None)


def _what(before: Threat, after: Threat) -> tuple[str, ...]:
    found = []
    if before.effective_severity is not after.effective_severity:
        found.append(f"severity {before.effective_severity.value} → {after.effective_severity.value}")
    if before.status is not after.status:
        found.append(f"status {before.status.value} → {after.status.value}")
    if set(before.targets) != set(after.targets):
        found.append("targets")
    if {e.quote for e in before.evidence} != {e.quote for e in after.evidence}:
        found.append("evidence")
    if {m.text for m in before.mitigations} != {m.text for m in after.mitigations}:
        found.append("mitigations")
    return tuple(found)

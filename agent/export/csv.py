"""The threats as a table for a spreadsheet: RFC 4180, one row a threat."""

from __future__ import annotations

import csv
import io

from agent.domain.model import ThreatModel
from agent.domain.text import one_line
from agent.domain.threat import Mitigation, Threat

_FORMULA = ("=", "+", "-", "@")


def to_csv(model: ThreatModel) -> str:
    """A header and a row for each threat, in rank order; several values of a cell are separated by "; ".

    A cell that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    rows = [_row(model, threat) for threat in model.threats]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([_safe(cell) for cell in row] for row in rows)
    return out.getvalue()


COLUMNS = (
    "id",
    "title",
    "severity",
    "status",
    "stride",
    "targets",
    "statement",
    "likelihood",
    "impact",
    "evidence",
    "mitigations",
    "references",
    "decided_by",
    "decided_at",
    "reason",
    "origin",
    "confidence",
)


def _row(model: ThreatModel, threat: Threat) -> tuple[str, ...]:
    return (
        threat.id,
        threat.title,
        threat.effective_severity.value,
        threat.status.value,
        "; ".join(threat.kinds),
        "; ".join(model.system.name_of(target) for target in threat.targets),
        threat.statement.text(),
        str(threat.likelihood.score),
        str(threat.impact.score),
        "; ".join(piece.quote for piece in threat.evidence),
        "; ".join(map(_mitigation, threat.mitigations)),
        "; ".join(reference.id for reference in threat.references),
        threat.decided_by,
        threat.decided_at.isoformat() if threat.decided_at else "",
        threat.status_reason,
        threat.origin.value,
        f"{threat.confidence:.2f}",
    )


def _mitigation(item: Mitigation) -> str:
    return f"{item.text} ({item.effort.value}, {item.status.value})"


def _safe(cell: str) -> str:
    plain = one_line(cell)
    return "'" + plain if plain.startswith(_FORMULA) else plain

"""The threats as a table."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import HealthCheck, given, settings

from agent.domain.model import ThreatModel
from agent.export import to_csv
from agent.export.csv import COLUMNS
from tests.agent.export import samples


def _rows(model: ThreatModel) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(to_csv(model), newline="")))


def test_a_row_says_everything_of_a_threat() -> None:
    """Names instead of ids, several values in one cell, in rank order."""
    first, second = _rows(samples.model(2))
    assert (first["id"], second["id"]) == ("T-001", "T-002")
    assert first["targets"] == "Locker API → Locker controller; Locker controller"
    assert first["stride"] == "Spoofing; Tampering"
    assert first["references"] == "CWE-306; CAPEC-115"
    assert first["mitigations"].startswith(
        "Sign each open command for one locker and one minute (small, proposed); "
    )
    assert first["confidence"] == "0.80"


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_no_cell_is_a_formula(start: str) -> None:
    """A cell that a spreadsheet would compute begins with an apostrophe instead."""
    (row,) = _rows(samples.model(0, threats=(samples.threat(title=f"{start}HYPERLINK(1)"),)))
    assert row["title"] == f"'{start}HYPERLINK(1)"


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(model=samples.MODELS)
def test_every_model_is_a_table(model: ThreatModel) -> None:
    """One row a threat, every cell on one line, none of them a formula."""
    rows = _rows(model)
    assert len(rows) == len(model.threats)
    for row in rows:
        assert tuple(row) == COLUMNS
        assert not any(
            cell.startswith(("=", "+", "-", "@", "\t", "\r")) or "\n" in cell for cell in row.values()
        )

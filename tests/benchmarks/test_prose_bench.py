"""The benchmark of prose reading."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.prose import compare, main


def test_compare_counts_each_thing_as_often_as_it_stands() -> None:
    """Precision and recall of what was read against what is there."""
    score = compare(["a", "a", "b"], ["a", "b", "c"])
    assert (score.precision, score.recall) == (2 / 3, 2 / 3)
    assert (compare([], []).precision, compare([], []).recall) == (1.0, 1.0)


def test_the_table_names_every_system(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder with a text and a diagram is a row; a folder without is skipped."""
    folder = tmp_path / "kiosk"
    folder.mkdir()
    (folder / "system.md").write_text(
        "## Components\n\n- **Kiosk** (process)\n- **Seats** (store)\n\n- Kiosk -> Seats\n"
    )
    nodes = [{"id": "1", "name": "Kiosk"}, {"id": "2", "name": "Seats"}]
    diagram = {"nodes": nodes, "flows": [{"source": "1", "target": "2"}], "boundaries": []}
    (folder / "dfd.json").write_text(json.dumps(diagram))
    (tmp_path / "empty").mkdir()
    main(tmp_path)
    row = capsys.readouterr().out.splitlines()[1].split()
    assert row[:7] == ["kiosk", "2", "1.00", "1.00", "1", "1.00", "1.00"]


def test_a_missing_directory_is_skipped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without the data, or without a folder, the benchmark says so."""
    for folder in (tmp_path / "nowhere", None):
        main(folder)
        assert "left out" in capsys.readouterr().out

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from agent.errors import ConfigurationError, InputError
from agent.evaluation.report import Report
from bot.evaluate import evaluate_folder, write
from knowledge.embedders.base import EmbedderError
from tests.agent.evaluation.made import reference, write_system
from tests.fakes import WordsEmbedder

_DIAGRAM = """\
flowchart LR
  gardener([Gardener]) -->|HTTP| api[Watering API]
  api -->|SQL| plants[(Plant store)]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One drawn system and one that is only described."""
    write_system(tmp_path / "systems", "garden", [reference("G1", "It floods.")], diagram=_DIAGRAM)
    words = "# Pump house\n\nA web app writes orders to a PostgreSQL database. Customers use it over HTTP."
    write_system(tmp_path / "systems", "pumps", [reference("P1", "It runs dry.")], description=words)
    return tmp_path


def test_our_own_threat_models_are_measured(folder: Path) -> None:
    """Diagram or words alone: each system gets threats, and they are held against the references."""
    report = evaluate_folder(folder, WordsEmbedder())
    assert [s.failed for s in report.systems] == ["", ""]
    read = {q.system: q.produced for q in report.qualities if q.list == report.lists[0]}
    assert all(read[name] > 0 for name in ("garden", "pumps"))
    assert evaluate_folder(folder / "systems", WordsEmbedder()) == report


class _Unloaded(WordsEmbedder):
    """An embedder whose weights are not there."""

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """See Embedder."""
        raise EmbedderError(f"no weights for {len(texts)} texts")


def test_an_embedder_that_cannot_be_used_is_a_matter_of_configuration(folder: Path) -> None:
    """The sentence of the embedder reaches the person."""
    with pytest.raises(ConfigurationError, match="no weights"):
        evaluate_folder(folder, _Unloaded())


def test_tables_pairs_and_json_are_written(folder: Path) -> None:
    """Three files, the JSON among them the whole report."""
    report = evaluate_folder(folder, WordsEmbedder())
    paths = write(report, folder / "made" / "out")
    assert [p.name for p in paths] == ["accuracy.md", "pairs.md", "accuracy.json"]
    assert Report.load(json.loads(paths[2].read_text(encoding="utf-8"))) == report
    assert paths[0].read_text(encoding="utf-8") == report.markdown()


def test_a_folder_that_cannot_be_written_is_said(folder: Path) -> None:
    """A file stands where the folder should be."""
    report = evaluate_folder(folder, WordsEmbedder())
    with pytest.raises(InputError, match="could not write"):
        write(report, folder / "systems" / "garden" / "system.md")


def test_runs_are_told_apart_and_together(folder: Path) -> None:
    """Several runs of one analyst give a list each, and their mean and minimum."""
    report = evaluate_folder(folder, WordsEmbedder(), calls=(None, None))

    assert report.runs == ("threatbot", "threatbot, run 2")
    assert "### 2 runs, at 20 threats" in report.markdown()
    assert "### What must hold of every threat" in report.markdown()
    assert {s.list for s in report.scores} == set(report.lists)

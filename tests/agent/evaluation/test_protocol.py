from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from agent.domain.model import ThreatModel
from agent.domain.threat import Severity, Stride
from agent.errors import InputError, NothingToRead
from agent.evaluation.baselines import naive
from agent.evaluation.protocol import NAIVE, PRODUCT, evaluate
from agent.evaluation.report import Report, Score
from tests.agent.evaluation.made import model, reference, threat, write_system
from tests.fakes import WordsEmbedder
from tests.sketching import sketch

_GARDEN = sketch("""
(Gardener)
[Watering API]
{Plant store}
Gardener -> Watering API: schedule
Watering API -> Plant store: SQL
""")
_SHIP = sketch("""
(Captain)
[Helm]
Captain -> Helm: course
""")


def _target(name: str) -> str:
    return next(e.id for e in (*_GARDEN.elements, *_SHIP.elements) if e.name == name)


def _produce(title: str, files: Sequence[tuple[str, bytes]], description: str) -> ThreatModel:
    """Three threats for the garden, of which two are in the references; one for the ship, with no match."""
    if "ship" in description:
        assert files == ()
        return model(_SHIP, threat(1, "swap the chart", _target("Helm"), Stride.TAMPERING))
    assert title == "Garden"
    return model(
        _GARDEN,
        threat(1, "read the plant store", _target("Plant store"), Stride.INFORMATION_DISCLOSURE),
        threat(2, "sing in the rain", _target("Gardener"), Stride.SPOOFING),
        threat(
            3, "flood the watering api", _target("Watering API"), Stride.DENIAL_OF_SERVICE, Severity.CRITICAL
        ),
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A garden with four references, two of them found, and a ship with one."""
    garden = [
        reference("G1", "Anyone can read the plant store.", "Information Disclosure", "Plant store", "Low"),
        reference("G2", "Anyone can flood the watering api.", "Denial of Service", "schedule", "High"),
        reference("G3", "A gardener denies having watered.", "Repudiation", "Gardener"),
        reference("G4", "Roots grow into pipes."),
    ]
    write_system(
        tmp_path, "garden", garden, description="# Garden\n\nA garden.", diagram="flowchart LR\n a-->b"
    )
    write_system(tmp_path, "ship", [reference("S1", "The crew mutinies.")], description="A ship.")
    return tmp_path


@pytest.fixture
def report(folder: Path) -> Report:
    """What the protocol finds there."""
    return evaluate(folder, _produce, WordsEmbedder())


def _score(
    report: Report, system: str, list_: str = PRODUCT, *, gated: bool = False, cut: float = 0.6
) -> Score:
    (found,) = (
        s
        for s in report.scores
        if (s.list, s.system, s.gated, s.cut, s.budget) == (list_, system, gated, cut, 20)
    )
    return found


def test_recall_and_precision_are_shares_of_matched_pairs(report: Report) -> None:
    """Two of four references by two of three threats."""
    score = _score(report, "garden")
    assert (score.matched, score.produced) == (2, 3)
    assert score.recall == pytest.approx(2 / 4)
    assert score.precision == pytest.approx(2 / 3)


def test_gates_hold_at_a_flow_by_either_end(report: Report) -> None:
    """A threat on an element meets a reference on a flow that ends there."""
    pairs = {(p.rank, p.reference) for p in report.pairs if p.gated and p.system == "garden"}
    assert pairs == {(1, "G1"), (3, "G2")}


def test_chance_is_the_same_list_against_wrong_references(folder: Path) -> None:
    """A threat that a wrong system's reference repeats counts as chance, and lift takes it away."""
    write_system(
        folder, "zoo", [reference("Z1", "Anyone can sing in the rain.")], description="A ship of animals."
    )
    report = evaluate(folder, _produce, WordsEmbedder())
    score = _score(report, "garden")
    assert score.chance_recall == pytest.approx((0 + 1) / 2)
    assert score.chance_precision == pytest.approx((0 + 1 / 3) / 2)
    macro = report.macro(PRODUCT, gated=False, cut=0.6, budget=20)
    assert macro.lift == pytest.approx(macro.recall - macro.chance_recall)


def test_macro_counts_every_system_the_same(report: Report) -> None:
    """The average is over systems, not over threats."""
    macro = report.macro(PRODUCT, gated=False, cut=0.6, budget=20)
    assert macro.systems == 2
    assert macro.recall == pytest.approx((0.5 + 0) / 2)
    one = report.macro(PRODUCT, gated=False, cut=0.6, budget=20, among=lambda s: s.name == "garden")
    assert one.systems == 1
    assert one.recall == pytest.approx(0.5)
    none = report.macro(PRODUCT, gated=False, cut=0.6, budget=20, among=lambda s: s.listed)
    assert none.systems == 0
    assert none.recall == 0.0


def test_severities_agree_on_the_references_scale(report: Report) -> None:
    """Critical agrees with high where the references know nothing above; medium is not low."""
    (quality,) = (q for q in report.qualities if (q.list, q.system) == (PRODUCT, "garden"))
    assert (quality.severities, quality.agreed) == (2, 1)


def test_a_threat_that_names_nothing_of_the_system_is_counted(report: Report) -> None:
    """Of the garden's three threats one names no element."""
    (quality,) = (q for q in report.qualities if (q.list, q.system) == (PRODUCT, "garden"))
    assert (quality.produced, quality.nameless, quality.repeated) == (3, 1, 0)


def test_missed_references_come_with_what_was_nearest(report: Report) -> None:
    """Every reference is either in a pair or missed."""
    assert [(m.reference, m.rank is None) for m in report.missed if m.system == "garden"] == [
        ("G3", False),
        ("G4", False),
    ]


def test_a_system_that_cannot_be_modelled_counts_as_one_without_threats(folder: Path) -> None:
    """The others go on, and the reason is told."""

    def refuse(title: str, files: Sequence[tuple[str, bytes]], description: str) -> ThreatModel:
        if "ship" in description:
            raise NothingToRead("Nothing of the ship could be read.")
        return _produce(title, files, description)

    report = evaluate(folder, refuse, WordsEmbedder())
    assert [s.failed for s in report.systems] == ["", "Nothing of the ship could be read."]
    assert _score(report, "ship").recall == 0.0
    assert "ship could not be modelled: Nothing of the ship could be read." in report.markdown()


def test_a_folder_without_systems_is_refused(tmp_path: Path) -> None:
    """Nothing to measure is an error, not a table of zeros."""
    with pytest.raises(InputError):
        evaluate(tmp_path, _produce, WordsEmbedder())


def test_the_same_folder_gives_the_same_report(folder: Path, report: Report) -> None:
    """No chance is left in the report, and it round-trips through JSON."""
    assert evaluate(folder, _produce, WordsEmbedder()).json_text() == report.json_text()
    assert Report.model_validate_json(report.json_text()) == report


def test_another_seed_draws_another_naive_list(folder: Path) -> None:
    """The seed decides the draw, and only the naive list hangs on it."""
    one, other = (evaluate(folder, _produce, WordsEmbedder(), seed=s) for s in ("1", "2"))
    assert [s for s in one.scores if s.list == PRODUCT] == [s for s in other.scores if s.list == PRODUCT]
    assert {s.produced for s in one.scores if (s.list, s.system, s.budget) == (NAIVE, "garden", 20)} == {18}


def test_the_naive_list_says_each_applying_category_of_each_place() -> None:
    """Categories by kind as in STRIDE per element; the budget draws some, never one twice."""
    every = naive(_GARDEN, 100, "any")
    said = [c.statement for c in every]
    assert "Spoofing of Gardener" in said
    assert "Tampering of Gardener" not in said
    assert "Denial of service of Gardener → Watering API" in said
    assert len(set(said)) == len(said) == 2 + 6 + 4 + 2 * 3
    assert len({c.statement for c in naive(_GARDEN, 5, "any")}) == 5
    assert naive(_GARDEN, 5, "any") == naive(_GARDEN, 5, "any") != naive(_GARDEN, 5, "other")


def test_tables_show_figures_and_mark_machine_written_systems(folder: Path) -> None:
    """Recall, precision, chance and lift by list; systems whose references a machine wrote are marked."""
    write_system(
        folder, "tf_ecommerce", [reference("E1", "Anyone can swap the chart.")], description="A ship shop."
    )
    text = evaluate(folder, _produce, WordsEmbedder()).markdown()
    assert "| rule | references | list | recall | precision | chance | chance precision | lift |" in text
    assert "| text only, 0.60 | written by people (2) | threatbot | 0.250 |" in text
    assert "| tf_ecommerce * | threatbot | 1 | 1 | 1 | 1.000 | 1.000 |" in text
    assert "| garden | threatbot | 4 | 3 | 2 | 0.500 | 0.667 |" in text


def test_pairs_are_published_by_id_and_never_in_the_references_words(report: Report) -> None:
    """Our title, the reference's id and the cosine; the sentence of the reference stays where it is."""
    text = report.pairs_markdown()
    assert "| 1 | Read the plant store | G1 | 1.000 |" in text
    assert "| G4 |" in text
    assert "Roots grow" not in text
    assert "Roots grow" not in report.markdown() + report.json_text()

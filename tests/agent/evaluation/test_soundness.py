"""What is counted of every threat, whatever its references say."""

from __future__ import annotations

import pytest

from agent.domain.model import ThreatModel
from agent.domain.system import Control, Evidence, EvidenceKind, Known
from agent.domain.threat import Origin, Reference, Severity, Threat
from agent.evaluation.soundness import Soundness, soundness, total
from bot.local import threat_model

DIAGRAM = "flowchart LR\n  kiosk([Kiosk]) -->|HTTP| hub[Reading API]\n  hub -->|SQL| store[(Readings DB)]\n"
WORDS = "The Reading API answers kiosks of every town. Nobody signs the readings."


@pytest.fixture(scope="module")
def model() -> ThreatModel:
    """A threat model by the rules."""
    return threat_model([("meter.mmd", DIAGRAM.encode())], description=WORDS, title="Meters")


def counted(model: ThreatModel) -> Soundness:
    """Its counts."""
    return soundness("ours", "meters", model, (DIAGRAM, WORDS, "Meters"))


def with_first(model: ThreatModel, **change: object) -> ThreatModel:
    """The model with its first threat changed."""
    first = Threat.model_validate({**dict(model.threats[0]), **change})
    return model.model_copy(update={"threats": (first, *model.threats[1:])})


def test_the_rules_quote_word_for_word_and_cite_what_exists(model: ThreatModel) -> None:
    """Every quote stands in the input, every identifier in the table, no stated control is overlooked."""
    found = counted(model)

    assert found.quotes > 0
    assert found.verbatim == found.quotes
    assert found.existing == found.references > 0
    assert found.unexplained == 0
    assert found.own == found.later == 0


def test_an_invented_quote_is_found_out(model: ThreatModel) -> None:
    """One quote that stands nowhere is one less."""
    quote = Evidence(kind=EvidenceKind.DESCRIPTION, quote="Nobody reads the readings.", source="description")
    found = counted(with_first(model, evidence=(quote,)))

    assert found.verbatim == found.quotes - 1


def test_an_invented_identifier_is_found_out(model: ThreatModel) -> None:
    """One reference that no table has is one less."""
    found = counted(with_first(model, references=(Reference(id="CWE-99999"),)))

    assert found.existing == found.references - 1


def test_a_grave_threat_beside_its_stated_control_is_unexplained(model: ThreatModel) -> None:
    """A control on each place of a threat answers it: then it is low, or says why not."""
    said = Evidence(kind=EvidenceKind.DESCRIPTION, quote=WORDS, source="description")
    from agent.catalog.patterns import load_patterns

    answers = {p.id: p.answered_by for p in load_patterns()}
    threat = next(t for t in model.threats if answers.get(t.pattern) and t.severity is not Severity.LOW)
    control = Control(name=answers[threat.pattern][0].value, state=Known.YES, evidence=said)
    system = model.system.model_copy(
        update={
            "elements": tuple(e.model_copy(update={"controls": (control,)}) for e in model.system.elements),
            "flows": tuple(f.model_copy(update={"controls": (control,)}) for f in model.system.flows),
        }
    )
    beside = model.model_copy(update={"system": system, "threats": (threat,)})
    explained = beside.model_copy(
        update={"threats": (threat.model_copy(update={"status_reason": "It is off at night."}),)}
    )

    assert (counted(beside).answered, counted(beside).unexplained) == (1, 1)
    assert (counted(explained).answered, counted(explained).unexplained) == (1, 0)


def test_totals_are_sums_of_one_list(model: ThreatModel) -> None:
    """Other lists do not count."""
    mine = counted(with_first(model, origin=Origin.MODEL))
    other = mine.model_copy(update={"list": "theirs"})

    assert total("ours", [mine, mine, other]).threats == 2 * mine.threats
    assert total("ours", [mine, other]).own == 1

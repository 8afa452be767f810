"""Privacy by LINDDUN: what ordinary systems are asked, what a description answers, and STRIDE left alone."""

from __future__ import annotations

import pytest

from agent.analysts.areas import split
from agent.analysts.base import Brief, Findings
from agent.analysts.rules import RulesAnalyst
from agent.catalog.methodologies import load_methods
from agent.catalog.patterns import load_patterns
from agent.diagrams.base import SourceFile
from agent.diagrams.prose import read_prose
from agent.diagrams.registry import read_file
from agent.domain.request import Methodology, Options, Request
from agent.domain.system import System
from agent.domain.threat import Threat
from agent.merge import merge
from agent.understanding.understand import understand

STUDIO = b"""flowchart LR
    guest([Guest]) -->|HTTPS| site[Booking page]
    site -->|REST| bookings[Booking service]
    site -->|page views| counter([Google Analytics])
    bookings -->|SQL| courses[(Course database)]
    bookings -->|HTTPS, guest data| letters([Letter provider])
    chat[Chat service] -->|SQL| talks[(Chat transcripts)]
    site -->|messages| chat
    chat -->|prompts| model([OpenAI])
    bookings --> bus[[Event stream]]
    bus --> lake[(Data warehouse)]
    bookings --> health[(Health questionnaires)]
    bookings --> score[Credit scoring]
    bookings -->|SMTP, reminders| mail([Mail provider])
    staging[(Staging database)]
    bookings -->|nightly copy| staging
"""
WORDS = "Guests of our yoga studio in Germany book courses. The course database keeps customer data."


def studio(*sentences: str) -> System:
    """A studio that takes bookings, with what more its description says."""
    fragment = read_file(SourceFile(name="studio.mmd", content=STUDIO))
    return understand("Studio", [fragment], read_prose(" ".join((WORDS, *sentences))))


def found(system: System, methodology: Methodology = Methodology.LINDDUN) -> dict[str, Threat]:
    """The whole list for the system, by pattern."""
    request = Request(title="Studio", options=Options(methodology=methodology))
    analyst = RulesAnalyst()
    parts = [analyst.find(Brief(request=request, system=system, area=a)) for a in split(system)]
    threats, _ = merge(
        [Findings(area=p.area, threats=p.threats, questions=p.questions) for p in parts], system
    )
    return {t.pattern: t for t in threats}


def test_an_ordinary_system_is_asked_for_every_type_of_threat() -> None:
    """None of the seven is left to messengers and tracing apps, and disclosure is not most of the list."""
    said = [c for t in found(studio()).values() for c in t.categories]
    assert set(said) == {c.label for c in load_methods()[Methodology.LINDDUN].categories}
    assert said.count("Data disclosure") < len(said) / 2


def test_stride_knows_nothing_of_them() -> None:
    """A list by STRIDE is the same with and without the patterns of privacy alone."""
    assert not [p for p in found(studio(), Methodology.STRIDE) if p.startswith("privacy-")]
    assert all(
        set(p.categories) == {Methodology.LINDDUN} for p in load_patterns() if p.id.startswith("privacy-")
    )


ANSWERS = [
    ("We ask for consent before page views are counted.", "privacy-tracked-by-provider"),
    ("Guests can see, correct and delete their data.", "privacy-no-rights"),
    ("Guests are told who receives their data.", "privacy-recipients-unknown"),
    ("The privacy notice says that a model answers.", "privacy-model-unknown"),
    ("We have data processing agreements with all providers.", "privacy-processor-unbound"),
    ("All data stays in the EU.", "privacy-other-region"),
    ("People in the data warehouse are known by pseudonyms.", "privacy-warehouse-joins"),
    ("The staging database holds synthetic data.", "privacy-real-data-in-tests"),
]


@pytest.mark.parametrize(("sentence", "pattern"), ANSWERS)
def test_what_a_description_answers_is_no_longer_asked(sentence: str, pattern: str) -> None:
    """The threat is there without the sentence and gone with it."""
    assert pattern in found(studio())
    assert pattern not in found(studio(sentence))


@pytest.mark.parametrize(
    ("sentence", "pattern"),
    [
        ("Guests can delete their account and all data.", "privacy-erasure-incomplete"),
        ("The privacy notice names the credit scoring.", "privacy-decided-by-machine"),
    ],
)
def test_what_only_helps_makes_it_less_likely_and_is_quoted(sentence: str, pattern: str) -> None:
    """The threat stays, less likely, and the sentence is the reason given for that."""
    before, after = found(studio())[pattern], found(studio(sentence))[pattern]
    assert after.likelihood.score < before.likelihood.score
    (eased,) = (f.reason for f in after.likelihood.factors if f.name == "eased")
    assert sentence.rstrip(".") in eased


def test_what_is_denied_is_quoted() -> None:
    """A missing agreement that the description admits is the reason given."""
    said = "There is no data processing agreement with the letter provider."
    threat = found(studio(said))["privacy-processor-unbound"]
    assert said in {e.quote for e in threat.evidence}


@pytest.mark.parametrize(
    "sentence",
    [
        "We plan to sign a DPA with all providers next year.",
        "Should we ask for consent?",
        "Administrators can delete accounts.",
        "Guests agree on a date.",
    ],
)
def test_a_plan_or_a_like_sounding_sentence_answers_nothing(sentence: str) -> None:
    """The list is the one without the sentence."""
    privacy = {p for p in found(studio()) if p.startswith("privacy-")}
    assert privacy <= set(found(studio(sentence)))

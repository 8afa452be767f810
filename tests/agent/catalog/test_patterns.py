"""The catalog as a whole: loaded, checked, and refused when it breaks its grammar."""

from __future__ import annotations

import copy
from collections import Counter
from typing import Any

import pytest
import yaml

from agent.catalog.control_words import load_control_words
from agent.catalog.patterns import cited_references, load_patterns, parse_patterns
from agent.catalog.references import load_references, url_of
from agent.catalog.vocabulary import ControlName
from agent.domain.threat import Stride
from agent.errors import CatalogError

GOOD: dict[str, Any] = {
    "id": "made-up",
    "title": "Something at {element}",
    "stride": ["tampering"],
    "when": {"kind": "process", "linked": {"as": "others"}},
    "threat": {
        "source": "somebody",
        "action": "change {element}",
        "impact": "harm to {others}",
        "goal": ["integrity"],
    },
    "why": "{element} is there",
    "likelihood": 2,
    "impact": 3,
    "harm": "harm",
    "mitigations": [{"small": "watch {element}"}],
    "references": ["CWE-20"],
}


def with_change(**change: Any) -> str:
    """The good pattern with some fields set; None takes a field away."""
    raw = copy.deepcopy(GOOD) | change
    return yaml.safe_dump([{k: v for k, v in raw.items() if v is not None}])


def test_the_catalog_loads_and_covers_stride() -> None:
    """At least a hundred patterns, and none of the six categories with fewer than eight."""
    patterns = load_patterns()
    counts = Counter(s for p in patterns for s in p.stride)
    assert len(patterns) >= 100
    assert min(counts[s] for s in Stride) >= 8


def test_mitigations_name_a_place() -> None:
    """Each pattern's mitigations name a place of the system at least once."""
    for pattern in load_patterns():
        assert any(remedy.text.names for remedy in pattern.remedies), pattern.id


def test_every_cited_identifier_is_in_the_table_and_none_stands_there_unused() -> None:
    """References and their table agree, and each has an address."""
    table = load_references()
    assert set(cited_references()) == set(table)
    assert all(reference.url.startswith("https://") for reference in table.values())


def test_an_identifier_of_no_source_has_no_address() -> None:
    """The form of an identifier decides its address; an unknown form is refused."""
    with pytest.raises(CatalogError, match="no known source"):
        url_of("XYZ-1")


@pytest.mark.parametrize(
    ("id_", "url"),
    [
        ("CWE-79", "https://cwe.mitre.org/data/definitions/79.html"),
        ("CAPEC-62", "https://capec.mitre.org/data/definitions/62.html"),
        ("T1078.004", "https://attack.mitre.org/techniques/T1078/004/"),
        ("AML.T0051", "https://atlas.mitre.org/techniques/AML.T0051"),
        ("A01:2025", "https://owasp.org/Top10/2025/A01_2025/"),
    ],
)
def test_an_identifier_has_the_address_of_its_source(id_: str, url: str) -> None:
    """The publishers' own addresses, from the identifier alone."""
    assert url_of(id_) == url


def test_every_control_has_words() -> None:
    """Each control of the vocabulary has a label and three questions of its own, none left to the default."""
    words = load_control_words()
    assert set(words) == set(ControlName)
    for control in words.values():
        assert control.label != control.name.value or control.name == "authentication"
        assert control.ask_element.endswith("?")
        assert "{name}" in control.ask_flow


def test_a_good_pattern_is_read() -> None:
    """The smallest pattern that says everything needed."""
    (pattern,) = parse_patterns({"some.yaml": with_change()})
    assert pattern.title.fill({"element": ("Shop",)}) == "Something at Shop"


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"title": None}, "title is missing"),
        ({"title": "At {nowhere}"}, "nowhere: no such placeholder here"),
        ({"title": "At {element"}, "a brace that opens or closes no placeholder"),
        ({"colour": "red"}, "colour: no such field"),
        ({"stride": ["theft"]}, "'theft' is not a valid Stride"),
        ({"of": "boundary"}, "none of element, flow"),
        ({"spread": "source"}, "an element has neither source nor target"),
        ({"spread": "wide"}, "none of system, match, source, target"),
        ({"likelihood": 6}, "expected 1 to 5"),
        ({"skill": "wizard"}, "none of none, some, expert"),
        ({"answered_by": ["luck"]}, "'luck' is not a valid ControlName"),
        ({"references": ["CWE-999999"]}, "CWE-999999: not in references.yaml"),
        ({"references": []}, "none: not in references.yaml"),
        ({"mitigations": [{"tiny": "do"}]}, "'tiny' is not a valid Effort"),
        ({"mitigations": ["do"]}, "expected one effort: text"),
        ({"threat": {"who": "me"}}, "threat: expected"),
        ({"threat": GOOD["threat"] | {"goal": ["fun"]}}, "fun: none of"),
        ({"when": {"kind": "proces"}}, "when.kind: proces is no ElementKind"),
    ],
)
def test_a_broken_pattern_is_refused_with_file_pattern_and_place(
    change: dict[str, Any], complaint: str
) -> None:
    """Whatever is wrong, the message names the file and the pattern, and says what."""
    with pytest.raises(CatalogError) as refused:
        parse_patterns({"some.yaml": with_change(**change)})
    assert refused.value.message.startswith("some.yaml: made-up")
    assert complaint in refused.value.message


def test_two_patterns_with_one_id_are_refused() -> None:
    """An id stands once in the whole catalog."""
    with pytest.raises(CatalogError, match=r"b\.yaml: made-up: there is another"):
        parse_patterns({"a.yaml": with_change(), "b.yaml": with_change()})


@pytest.mark.parametrize("text", ["- id: [", "just words", "- title: no id"])
def test_a_file_that_holds_no_patterns_is_refused_by_name(text: str) -> None:
    """Broken YAML, a text or an entry without an id: the file is named."""
    with pytest.raises(CatalogError, match=r"some\.yaml"):
        parse_patterns({"some.yaml": text})


@pytest.mark.parametrize("said", ["linddun", "linddun.spoofing", "stride.spoofing", "maestro."])
def test_a_category_that_the_methodology_lacks_is_refused(said: str) -> None:
    """STRIDE's stand in a field of their own; of the others each is named, and the known ones are told."""
    with pytest.raises(CatalogError, match="is none of stride"):
        parse_patterns({"some.yaml": with_change(methodology=[said])})

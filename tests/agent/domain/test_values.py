"""What the domain's values promise."""

from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from agent.domain.base import SCHEMA_VERSION, slug
from agent.domain.model import ThreatModel
from agent.domain.system import Boundary, Element, ElementKind, Evidence, EvidenceKind, Flow, Known, System
from agent.domain.threat import Rating, Severity, Statement, Stride, Threat, threat_key

texts = st.text(max_size=30)
ids = st.text(alphabet="abcdefghij-", min_size=1, max_size=12)
evidence = st.builds(Evidence, kind=st.sampled_from(EvidenceKind), quote=texts, source=texts)
elements = st.builds(Element, id=ids, name=texts, kind=st.sampled_from(ElementKind), source=evidence)
flows = st.builds(
    Flow, id=ids, source=ids, target=ids, label=texts, encrypted=st.sampled_from(Known), evidence=evidence
)
systems = st.builds(
    System,
    name=texts,
    elements=st.lists(elements, max_size=4).map(tuple),
    flows=st.lists(flows, max_size=4).map(tuple),
    boundaries=st.lists(st.builds(Boundary, id=ids, name=texts), max_size=2).map(tuple),
)
ratings = st.builds(Rating, score=st.integers(1, 5), base=st.integers(1, 5))
threats = st.builds(
    Threat,
    id=st.from_regex(r"T-[0-9]{3}", fullmatch=True),
    key=ids,
    title=texts,
    statement=st.builds(Statement, source=texts, action=texts, impact=texts),
    stride=st.lists(st.sampled_from(Stride), min_size=1, max_size=3, unique=True).map(tuple),
    targets=st.lists(ids, max_size=3).map(tuple),
    evidence=st.lists(evidence, max_size=3).map(tuple),
    likelihood=ratings,
    impact=ratings,
    severity=st.sampled_from(Severity),
)
models = st.builds(
    ThreatModel,
    id=ids,
    revision=st.integers(1, 9),
    title=texts,
    system=systems,
    threats=st.lists(threats, max_size=4).map(tuple),
    created=st.one_of(st.none(), st.datetimes(timezones=st.just(UTC))),
    schema_version=st.just(SCHEMA_VERSION),
)


@given(models)
def test_a_threat_model_survives_its_json(model: ThreatModel) -> None:
    """A threat model read from its own JSON, or from its plain data, is equal to what was written."""
    assert ThreatModel.model_validate_json(model.model_dump_json()) == model
    assert ThreatModel.load(model.dump()) == model


def test_a_newer_schema_is_refused() -> None:
    """JSON of a schema version that this program does not know is refused, not half read."""
    newer = ThreatModel(id="m", revision=1, title="t", system=System(name="s")).dump()
    newer["schema_version"] = SCHEMA_VERSION + 1

    with pytest.raises(ValidationError):
        ThreatModel.load(newer)


def test_values_are_frozen_and_closed() -> None:
    """A value cannot be changed in place, and an unknown field is refused."""
    system = System(name="Shop")

    with pytest.raises(ValidationError):
        system.name = "Other"  # type: ignore[misc]
    with pytest.raises(ValidationError):
        System.load({"name": "Shop", "colour": "red"})


@given(st.text())
def test_slugs_are_never_empty_and_never_long(text: str) -> None:
    """Any text gives an identifier of 1 to 60 lower-case ASCII characters, the same each time."""
    made = slug(text)

    assert 1 <= len(made) <= 60
    assert made == slug(text)
    assert set(made) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


def test_threat_keys_know_targets_not_their_order() -> None:
    """The same pattern on the same targets is the same threat, in whatever order they are named."""
    assert threat_key("forged-webhook", ("a", "b")) == threat_key("forged-webhook", ("b", "a"))
    assert threat_key("forged-webhook", ("a",)) != threat_key("forged-webhook", ("b",))


def test_a_statement_reads_as_one_sentence() -> None:
    """A statement is written in the Threat Composer grammar, ended by a full stop."""
    statement = Statement(
        source="a courier",
        prerequisites="with a stolen phone",
        action="open any locker",
        impact="stolen parcels",
        goal=("confidentiality", "integrity"),
        assets=("parcels",),
    )

    assert statement.text() == (
        "A courier with a stolen phone can open any locker, which leads to stolen parcels, "
        "resulting in reduced confidentiality and integrity of parcels."
    )


def test_names_of_flows_are_their_ends() -> None:
    """A flow is called by the names of its ends; an unknown id by itself."""
    there = Evidence(kind=EvidenceKind.DIAGRAM, quote="x")
    system = System(
        name="Shop",
        elements=(
            Element(id="web", name="Web app", kind=ElementKind.PROCESS, source=there),
            Element(id="db", name="Orders", kind=ElementKind.DATA_STORE, source=there),
        ),
        flows=(Flow(id="web--db", source="web", target="db", evidence=there),),
    )

    assert system.name_of("web--db") == "Web app → Orders"
    assert system.name_of("gone") == "gone"

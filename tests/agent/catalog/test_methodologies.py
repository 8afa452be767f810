"""The methodologies: what each asks, of what, and that a table that is wrong is refused by name."""

from __future__ import annotations

from importlib import resources

import pytest

from agent.analysts.base import Brief
from agent.analysts.rules import RulesAnalyst
from agent.catalog.methodologies import FILE, load_methods, parse_methods
from agent.catalog.patterns import load_patterns
from agent.coverage import coverage
from agent.domain.model import Area, Coverage
from agent.domain.request import Methodology, Options, Request
from agent.domain.system import ElementKind
from agent.domain.threat import Stride, Threat
from agent.errors import CatalogError
from agent.merge import merge
from tests.sketching import sketch, traits_of

CLINIC = """
(Patient: end_user)
[Portal: web_frontend]
[Visits: service]
{Diagnoses: sql | data: health}
[Build: ci_cd]
{Packages: registry}
Patient -> Portal: HTTPS
Portal -> Visits
Visits -> Diagnoses
Build -> Packages
"""
ASSISTANT = """
(Member: end_user)
[Helper: llm agent]
[Refund: agent_tool]
{Notes: vector_store}
Member -> Helper: HTTPS
Helper -> Refund
Helper -> Notes
"""


def modelled(text: str, methodology: Methodology) -> tuple[tuple[Threat, ...], Coverage]:
    """What the rules find in a sketch, and the coverage."""
    system = sketch(text)
    request = Request(title="It", options=Options(methodology=methodology))
    everything = Area(
        id="all",
        name="all",
        elements=tuple(e.id for e in system.elements),
        flows=tuple(f.id for f in system.flows),
    )
    found = RulesAnalyst(traits_of=traits_of).find(Brief(request=request, system=system, area=everything))
    threats, _ = merge([found], system)
    return tuple(threats), coverage(system, threats, traits_of, methodology=methodology)


def test_stride_is_its_six_categories() -> None:
    """In the order of the domain, under the same labels; per element as published."""
    categories = load_methods()[Methodology.STRIDE].categories
    assert [(c.id, c.label) for c in categories] == [(s.value, s.label) for s in Stride]
    of = {k: "".join(c.label[0] for c in categories if k in c.kinds) for k in ElementKind}
    assert of == {
        ElementKind.EXTERNAL_ENTITY: "SR",
        ElementKind.PROCESS: "STRIDE",
        ElementKind.DATA_STORE: "TRID",
    }


@pytest.mark.parametrize("methodology", [Methodology.LINDDUN, Methodology.MAESTRO])
def test_every_category_is_asked_by_patterns(methodology: Methodology) -> None:
    """No column of the matrix stays empty for want of a pattern."""
    labels = {label for p in load_patterns() for label in p.categories.get(methodology, ())}
    assert labels == {c.label for c in load_methods()[methodology].categories}


@pytest.mark.parametrize(
    ("text", "methodology"), [(CLINIC, Methodology.LINDDUN), (ASSISTANT, Methodology.MAESTRO)]
)
def test_threats_and_coverage_speak_the_methodology(text: str, methodology: Methodology) -> None:
    """Each threat has categories of it, and stands in the cells of these at its elements."""
    threats, found = modelled(text, methodology)
    method = load_methods()[methodology]
    labels = {c.label for c in method.categories}
    assert found.methodology == method.title
    assert [c.label for c in found.cells[: len(labels)]] == [c.label for c in method.categories]
    assert threats
    for threat in threats:
        assert threat.categories
        assert set(threat.kinds) <= labels
        assert {c.label for c in found.cells if (threat.id or threat.key) in c.threats} == set(threat.kinds)


def test_what_is_not_about_people_has_that_as_its_reason() -> None:
    """LINDDUN asks nothing of a build that sees no data about anybody."""
    _, found = modelled(CLINIC, Methodology.LINDDUN)
    assert {c.reason for c in found.cells if c.element == "packages"} <= {
        "no data about people is seen here",
        "Unawareness does not apply to a data store",
    }
    assert any(c.threats for c in found.cells if c.element == "diagnoses")


def test_a_threat_where_nobody_is_concerned_is_left_out() -> None:
    """A bucket of pictures of the moon is no privacy threat, whoever can list it; one of scans is."""
    text = "(Visitor: end_user)\n[Site: service]\n{Moon: object_storage}\nVisitor -> Site\nSite -> Moon"
    open_to_all = [t.pattern for t in modelled(text, Methodology.STRIDE)[0]]
    assert "bucket-public" in open_to_all
    assert "bucket-public" not in [t.pattern for t in modelled(text, Methodology.LINDDUN)[0]]
    scans = text.replace("{Moon: object_storage}", "{Moon: object_storage | data: health}")
    assert "bucket-public" in [t.pattern for t in modelled(scans, Methodology.LINDDUN)[0]]


def test_a_layer_is_asked_of_what_belongs_to_it() -> None:
    """MAESTRO's foundation models are no question to a vector store."""
    _, found = modelled(ASSISTANT, Methodology.MAESTRO)
    cells = {(c.element, c.label): c for c in found.cells}
    assert (
        cells["notes", "Foundation models"].reason == "Foundation models: nothing of that layer is seen here"
    )
    assert cells["helper", "Foundation models"].threats


def test_under_stride_nothing_else_is_named() -> None:
    """Threats keep the six alone, and cells say which of them they are."""
    threats, found = modelled(CLINIC, Methodology.STRIDE)
    assert not any(t.categories for t in threats)
    assert all(c.stride and not c.category for c in found.cells)
    assert found.methodology == "STRIDE"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("stride:", "strides:", "expected stride, linddun, maestro"),
        ("  title: STRIDE", "  name: STRIDE", "stride: expected title and categories"),
        ("      label: Linking", "      name: Linking", "linddun: linking: expected a label"),
        ("flows: authenticated", "flows: signed", "flows is encrypted or authenticated"),
        ("holds: personal", "holds: public", "holds is personal"),
        ("kinds: [process]", "kinds: [robot]", "'robot' is not a valid ElementKind"),
        ("traits: [llm,", "traits: [oracle,", "'oracle' is not a valid Trait"),
        ("title: STRIDE", "title: [", FILE),
    ],
)
def test_a_table_that_is_wrong_is_refused_by_name(old: str, new: str, said: str) -> None:
    """The file, the methodology and the category are named."""
    text = (resources.files("agent.catalog") / FILE).read_text("utf-8")
    assert old in text
    with pytest.raises(CatalogError) as refused:
        parse_methods(text.replace(old, new, 1))
    assert said in str(refused.value)

"""Coverage: each cell has a threat, a reason, or is a gap; and what was not looked at is named."""

from __future__ import annotations

from agent.analysts.areas import split
from agent.analysts.base import Brief
from agent.analysts.rules import RulesAnalyst
from agent.coverage import coverage
from agent.domain.model import Coverage
from agent.domain.request import Request
from agent.domain.threat import Stride
from agent.merge import merge
from tests.sketching import sketch, traits_of

SHOP = """
(Buyer: end_user)
[Shop: api]
{Orders kept: sql}
[Lonely: service]
Buyer -> Shop: HTTPS
Shop -> Orders kept
"""


def covered(text: str) -> Coverage:
    """The coverage of what the rules find in a sketch."""
    system = sketch(text)
    analyst = RulesAnalyst(traits_of=traits_of)
    briefs = (Brief(request=Request(title="Shop"), system=system, area=a) for a in split(system))
    threats, _ = merge([analyst.find(b) for b in briefs], system)
    return coverage(system, threats, traits_of)


def reason(found: Coverage, element: str, stride: Stride) -> str:
    """Why the cell is empty."""
    return next(c.reason for c in found.cells if c.element == element and c.stride is stride)


def test_every_element_has_its_six_cells_in_order() -> None:
    """One cell a category for each element, in the order of the system."""
    system = sketch(SHOP)
    assert [(c.element, c.stride) for c in covered(SHOP).cells] == [
        (e.id, s) for e in system.elements for s in Stride
    ]


def test_a_cell_names_the_threats_that_stand_there() -> None:
    """A threat on a flow stands at both its ends."""
    plain = covered(SHOP.replace("HTTPS", "HTTP"))
    cells = {(c.element, c.stride): c for c in plain.cells}
    at_shop = cells["shop", Stride.INFORMATION_DISCLOSURE]
    assert at_shop.threats
    assert at_shop.covered
    assert set(cells["buyer", Stride.INFORMATION_DISCLOSURE].threats) & set(at_shop.threats)


def test_a_category_that_cannot_befall_the_kind_is_a_reason() -> None:
    """A store has no privileges of its own to raise."""
    expected = "Elevation of privilege does not apply to a data store"
    assert reason(covered(SHOP), "orders-kept", Stride.ELEVATION_OF_PRIVILEGE) == expected


def test_an_element_without_flows_says_so() -> None:
    """What nothing is known to reach has that as its reason."""
    found = covered(SHOP)
    empty = [c for c in found.cells if c.element == "lonely" and not c.threats]
    assert empty
    assert {c.reason for c in empty} == {"no flow to or from it is drawn"}


def test_a_stated_control_is_a_reason() -> None:
    """Where the input names the control against a category, the cell says which."""
    found = covered(SHOP.replace("{Orders kept: sql}", "{Orders kept: sql | yes: audit_log}"))
    assert reason(found, "orders-kept", Stride.REPUDIATION) == "stated: an audit log"


def test_what_is_neither_is_a_gap() -> None:
    """A cell with neither threat nor reason is not covered."""
    system = sketch(SHOP)
    bare = coverage(system, (), traits_of)
    assert [c.stride for c in bare.cells if c.element == "shop" and not c.covered] == [
        Stride.SPOOFING,
        Stride.TAMPERING,
        Stride.REPUDIATION,
        Stride.INFORMATION_DISCLOSURE,
        Stride.DENIAL_OF_SERVICE,
        Stride.ELEVATION_OF_PRIVILEGE,
    ]


def test_what_the_input_does_not_show_is_named() -> None:
    """A shop without pipeline, backups, logs and boundaries hears so; what is shown is not listed."""
    missing = " ".join(covered(SHOP).not_looked_at)
    for topic in (
        "built and deployed",
        "backups",
        "logs",
        "sign in",
        "secrets",
        "trust boundaries",
        "Lonely",
    ):
        assert topic in missing
    shown = SHOP + "{Copies: backup}\nShop -> Copies\n[Build: ci_cd | in: Cloud]\nBuild -> Shop"
    still = " ".join(covered(shown).not_looked_at)
    for topic in ("built and deployed", "backups", "trust boundaries"):
        assert topic not in still


def test_nothing_drawn_is_nothing_missed() -> None:
    """An empty system has an empty coverage."""
    assert covered("") == Coverage()

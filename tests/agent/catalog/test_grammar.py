"""The condition language: what it says, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from agent.analysts.protection import Protection
from agent.analysts.questions import Answers
from agent.analysts.sight import Sight
from agent.analysts.topology import Topology
from agent.catalog.grammar import controls_in, is_specific, names_in, parse, phrases_in
from agent.catalog.vocabulary import ControlName
from agent.errors import CatalogError
from tests.sketching import sketch, traits_of

SHOP = """
(Buyer: end_user)
(Clerk: admin_person)
[Front: gateway | in: DMZ]
[Orders: api | in: Inner | yes: rate_limit]
[Packing: worker | in: Inner]
{Queue of work: queue | in: Inner}
{Customers: sql | in: Inner | data: personal | no: backup}
(Card firm: payment)
Buyer -> Front: HTTPS
Clerk -> Orders: HTTP over VPN
Front -> Orders: REST | authenticated: yes
Orders -> Customers: SQL
Orders -> Queue of work: customer data
Queue of work -> Packing
Packing -> Card firm: charge
> Orders are kept for ninety days.
> Packing does not open parcels.
"""


def sight() -> Sight:
    """The shop as conditions see it."""
    topology = Topology(sketch(SHOP), traits_of)
    return Sight(topology, Protection(topology, Answers.of(())))


def elements(condition: str) -> set[str]:
    """The names of the elements of which the condition holds."""
    look, asked = sight(), parse(yaml.safe_load(condition), "element", "here")
    return {e.name for e in look.topology.drawn.elements if asked.holds(look, e)}


def flows(condition: str) -> set[str]:
    """The ends of the flows of which the condition holds."""
    look, asked = sight(), parse(yaml.safe_load(condition), "flow", "here")
    return {f"{f.source} {f.target}" for f in look.topology.drawn.flows if asked.holds(look, f)}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("{kind: data_store}", {"Queue of work", "Customers"}),
        ("{trait: [api, worker]}", {"Orders", "Packing"}),
        ("{kind: data_store, no_trait: queue}", {"Customers"}),
        ("{named: customer}", {"Customers"}),
        ("{named: custom}", set()),
        ("{party: user}", {"Buyer"}),
        ("{party: [staff, partner]}", {"Clerk", "Card firm"}),
        ("{outside: false, exposed: true}", {"Front"}),
        ("{kind: data_store, reachable: true}", {"Queue of work", "Customers"}),
        ("{hops: 1, outside: false}", {"Front"}),
        ("{kind: data_store, holds: personal}", {"Queue of work", "Customers"}),
        ("{kind: data_store, holds_class: restricted}", set()),
        ("{trait: [gateway, api], has: rate_limit}", {"Orders"}),
        ("{kind: process, lacks: rate_limit}", {"Front"}),
        ("{denies: backup}", {"Customers"}),
        ("{gates: 3}", {"Orders"}),
        ("{kind: process, in_boundary: false}", set()),
        ("{receives: {from: {party: staff}}}", {"Orders"}),
        ("{sends: {to: {kind: data_store}, at_least: 2}}", {"Orders"}),
        ("{kind: process, linked: {at_least: 1, at_most: 2}}", {"Front", "Packing"}),
        ("{kind: process, receives: {flow: {label: rest}}}", {"Orders"}),
        ("{path_from: {start: {party: user}, within: 2}}", {"Front", "Orders"}),
        ("{path_from: {start: {party: user}, avoiding: {trait: queue}}, trait: worker}", set()),
        ("{trait: worker, path_from: {start: {party: user}}}", {"Packing"}),
        ("{trait: worker, exists: {element: {trait: sql}}}", {"Packing"}),
        ("{trait: worker, none: {element: {trait: sql}}}", set()),
        ("{trait: worker, exists: {flow: {label: vpn}, at_least: 2}}", set()),
        ("{any: [{trait: worker}, {trait: sql}]}", {"Packing", "Customers"}),
        ("{all: [{kind: process}, {not: {trait: [api, gateway]}}]}", {"Packing"}),
        ("{trait: worker, stated: rate_limit}", {"Packing"}),
        ("{trait: worker, unstated: rate_limit}", set()),
        ("{described: [kept & ninety day]}", {"Orders"}),
        ("{described: [open parcel]}", set()),
        ("{described: [not open]}", {"Packing"}),
        ("{described: [card firm]}", {"Card firm"}),
        ("{trait: worker, told: [ninety day]}", {"Packing"}),
        ("{trait: worker, told: [ninety & parcel]}", set()),
    ],
)
def test_a_condition_holds_of_the_elements_it_names(condition: str, expected: set[str]) -> None:
    """Each word about elements finds the elements that a reader would say it means."""
    assert elements(condition) == expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("{from: {party: user}}", {"buyer front"}),
        ("{to: {kind: data_store, trait: sql}}", {"orders customers"}),
        ("{label: vpn}", {"clerk orders"}),
        ("{crosses: in}", {"buyer front", "clerk orders", "front orders"}),
        ("{crosses: out}", {"packing card-firm"}),
        ('{encrypted: "yes"}', {"buyer front"}),
        ('{encrypted: "no"}', {"clerk orders"}),
        ('{authenticated: "yes"}', {"front orders"}),
        ("{private: true}", {"clerk orders"}),
        ("{carries: personal, to: {trait: queue}}", {"orders queue-of-work"}),
        ("{not_label: [rest, sql, https, customer, vpn], from: {kind: process}}", {"packing card-firm"}),
    ],
)
def test_a_condition_holds_of_the_flows_it_names(condition: str, expected: set[str]) -> None:
    """Each word about flows finds the flows that a reader would say it means."""
    assert flows(condition) == expected


@pytest.mark.parametrize(
    ("raw", "complaint"),
    [
        ({"colour": "red"}, "'colour' cannot be asked of an element"),
        ({"trait": "databse"}, "databse is no Trait"),
        ({"has": ["locks"]}, "locks is no ControlName"),
        ({"holds": "gold"}, "gold is no DataTag"),
        ({"kind": []}, "nothing is no ElementKind"),
        ({"named": "one two three four"}, "not a phrase of one to three words"),
        ({"described": "a & one two three four"}, "not a phrase of one to three words"),
        ({"told": []}, "a phrase"),
        ({"outside": "maybe"}, "neither true nor false"),
        ({"gates": -1}, "not a whole number"),
        ({}, "an empty condition holds of everything"),
        ([], "expected a mapping"),
        ({"any": {}}, "expected a list of conditions"),
        ({"receives": {"to": {"kind": "process"}}}, "to: not a word here"),
        ({"exists": {"at_least": 1}}, "expected either element or flow"),
        ({"sends": {"to": {"trait": "api"}, "at_least": "two"}}, "not a whole number"),
        ({"path_from": {"within": 2}}, "expected a mapping"),
    ],
)
def test_what_the_language_does_not_know_is_refused_with_its_place(raw: Any, complaint: str) -> None:
    """A wrong word, trait, control or shape is refused when it is read, and the place is named."""
    with pytest.raises(CatalogError, match="here") as refused:
        parse(raw, "element", "here")
    assert complaint in refused.value.message


def test_the_words_that_are_asked_for_are_known() -> None:
    """What a condition wants described or told is listed, without what must not hold."""
    asked = parse(
        {"described": "a & b", "any": [{"told": "c"}], "not": {"described": "d"}}, "element", "here"
    )
    assert phrases_in(asked) == (frozenset({frozenset({"a", "b"})}), frozenset({frozenset({"c"})}))
    assert is_specific(asked)
    assert not is_specific(parse({"kind": "process", "not": {"named": "x"}}, "element", "here"))


def test_words_of_elements_are_refused_on_flows() -> None:
    """What can be asked of an element only is not taken for a flow."""
    with pytest.raises(CatalogError, match="cannot be asked of a flow"):
        parse({"exposed": True}, "flow", "here")


def test_a_condition_tells_what_it_captured() -> None:
    """Elements found under a name come back under it, ways as the whole way."""
    raw = {
        "trait": "worker",
        "receives": {"from": {"trait": "queue"}, "as": "work"},
        "path_from": {"start": {"party": "user"}, "as": "path_in"},
    }
    look, asked = sight(), parse(raw, "element", "here")
    packing = next(e for e in look.topology.drawn.elements if e.name == "Packing")
    assert names_in(asked) == {"work", "path_in"}
    assert asked.captures(look, packing) == {
        "work": ("queue-of-work",),
        "path_in": ("buyer", "front", "orders", "queue-of-work", "packing"),
    }


def test_the_controls_of_a_condition_are_known() -> None:
    """Every control that decides a condition is named, inner ones and a flow's own properties too."""
    raw = {"lacks": "mfa", "receives": {"flow": {"encrypted": "no"}, "from": {"not": {"has": "waf"}}}}
    assert controls_in(parse(raw, "element", "here")) == {
        ControlName.MFA,
        ControlName.TRANSPORT_ENCRYPTION,
        ControlName.WAF,
    }

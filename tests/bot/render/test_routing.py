"""Routes survive the way through Slack, and nothing else passes for one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agent.domain.threat import Severity
from bot.render.routing import Route, decode, encode

ROUTES = st.builds(
    Route,
    model=st.text(min_size=1, max_size=60),
    revision=st.integers(0, 10_000),
    threat=st.text(max_size=30),
    verdict=st.text(max_size=60),
    question=st.text(max_size=30),
    value=st.text(max_size=60),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from("mrtvqxz"), inner),
)


@given(ROUTES)
def test_a_route_comes_back_as_it_went(route: Route) -> None:
    """Decoding what was encoded gives the same route."""
    assert decode(encode(route)) == route


@given(st.text() | st.none() | st.integers() | st.binary())
@example("")
@example("{}")
@example("[" * 1_999)
@example('{"m":' * 300)
@example('{"m":"a","r":1,"z":"b"}')
@example('{"m":"a"}')
@example('{"m":"a","r":true}')
@example('{"m":"a","r":-1}')
@example('{"m":"","r":1}')
@example('{"m":["a"],"r":1}')
@example('{"m":"a","r":1,"t":null}')
@example('{"m":"' + "a" * 2_000 + '","r":1}')
def test_garbage_is_no_route(text: object) -> None:
    """Anything that encode did not write is None, and never an error."""
    assert decode(text) is None


@given(JSON)
def test_other_json_is_no_route_or_a_whole_one(data: Any) -> None:
    """JSON from a stranger is either refused or a route whose every member has its type."""
    route = decode(json.dumps(data))
    if route is not None:
        assert decode(encode(route)) == route
        assert route.model


@pytest.mark.parametrize("severity", Severity)
def test_routes_of_our_own_ids_fit_into_an_option(severity: Severity) -> None:
    """An option's value holds 150 characters: enough for a UUID, a threat and a word."""
    route = Route("3f0e3a52-7c1b-4a55-9d0a-0123456789ab", 9_999, "T-9999", value=severity.value)
    assert len(encode(route)) <= 150

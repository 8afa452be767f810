"""Where a pattern fits, and which controls of the ways in answer it."""

from __future__ import annotations

import pytest

from agent.analysts.matching import matches
from agent.analysts.protection import Protection
from agent.analysts.questions import Answers
from agent.analysts.sight import Sight
from agent.analysts.topology import Topology
from agent.catalog.patterns import load_patterns
from tests.sketching import sketch, traits_of

PASSWORDS = next(p for p in load_patterns() if p.id == "guessed-passwords")

PORTAL = """
(Member: end_user)
(Clerk: admin_person)
[Portal: web_frontend]
Member -> Portal: HTTPS{member}
Clerk -> Portal: HTTPS{clerk}
"""


@pytest.mark.parametrize(
    ("member", "clerk", "places"),
    [
        ("", "", 1),
        ("", " | yes: mfa", 1),
        (" | yes: mfa", " | yes: mfa", 0),
    ],
)
def test_a_second_factor_of_some_protects_only_them(member: str, clerk: str, places: int) -> None:
    """What a second factor answers stays open while others come in without one."""
    topology = Topology(sketch(PORTAL.format(member=member, clerk=clerk)), traits_of)
    sight = Sight(topology, Protection(topology, Answers.of(())))
    assert len(list(matches(sight, PASSWORDS))) == places

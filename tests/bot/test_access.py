"""Who may do what."""

from dataclasses import replace

import pytest

from agent.errors import NotAllowed
from bot.access import CachedDirectory, Policy, check, check_payload
from bot.jobs import Actor
from tests.fakes import Clock, People

MEMBER = Actor(user="U1", team="T0", workspace="T0", channel="C0")
CLOSED = Policy()


def test_a_full_member_may() -> None:
    """A full member of the workspace passes."""
    check(MEMBER, CLOSED, People({"U1": {"team_id": "T0"}}))


@pytest.mark.parametrize(
    "user",
    [
        {"is_restricted": True},
        {"is_ultra_restricted": True},
        {"is_stranger": True},
        {"team_id": "T9"},
        {"deleted": True},
        {"is_bot": True},
    ],
    ids=lambda user: next(iter(user)),
)
def test_everybody_else_may_not_and_learns_why(user: dict[str, object]) -> None:
    """Guests, strangers, other teams, deactivated accounts and bots are refused with a sentence."""
    with pytest.raises(NotAllowed, match=r"\.$|\)\.$"):
        check(MEMBER, CLOSED, People({"U1": {"team_id": "T0", **user}}))


def test_people_of_an_organisation_are_members_of_several_workspaces() -> None:
    """Whom Slack names as a member of this workspace passes, whichever of theirs it looks from."""
    named = {"team_id": "T9", "enterprise_user": {"id": "U1", "enterprise_id": "E0", "teams": ["T9", "T0"]}}
    check(MEMBER, CLOSED, People({"U1": named}))

    for other in ({**named, "enterprise_user": {"teams": ["T9"]}}, {**named, "is_stranger": True}):
        with pytest.raises(NotAllowed):
            check(MEMBER, CLOSED, People({"U1": other}))


def test_shared_channels_are_refused() -> None:
    """A channel that another organisation shares is refused even for a full member."""
    people = People({"U1": {"team_id": "T0"}}, {"C0": {"is_ext_shared": True}})

    with pytest.raises(NotAllowed, match="shared"):
        check(MEMBER, CLOSED, people)


def test_the_company_may_open_up() -> None:
    """Settings let guests, or people of other organisations, in."""
    guest = People({"U1": {"team_id": "T0", "is_restricted": True}})
    stranger = People({"U1": {"team_id": "T9", "is_stranger": True}}, {"C0": {"is_ext_shared": True}})

    check(MEMBER, Policy(guests=True), guest)
    check(MEMBER, Policy(external=True), stranger)


def test_the_payload_alone_betrays_another_organisation() -> None:
    """The ingress refuses a person of another team without asking anybody."""
    with pytest.raises(NotAllowed):
        check_payload(replace(MEMBER, team="T9"), CLOSED)
    with pytest.raises(NotAllowed):
        check_payload(MEMBER, CLOSED, shared=True)
    check_payload(MEMBER, CLOSED)


def test_answers_are_remembered_for_a_while() -> None:
    """A second click within the time asks nobody; a later one asks again."""
    clock = Clock()
    people = People({"U1": {"team_id": "T0"}})
    cached = CachedDirectory(people, seconds=300, clock=clock)
    for _ in range(3):
        cached.user("U1")
    assert people.asked == ["U1"]
    clock.advance(301)
    cached.user("U1")

    assert people.asked == ["U1", "U1"]

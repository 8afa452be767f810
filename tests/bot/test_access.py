"""Who may do what."""

from dataclasses import replace

import pytest

from agent.errors import NotAllowed
from bot.access import EXTERNAL, GUEST, CachedDirectory, Policy, check, check_payload, is_away
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


ELSEWHERE = replace(MEMBER, team="T9", organisation="E0")
"""Somebody whose home is another workspace, in one of an organisation."""


@pytest.mark.parametrize(
    "named",
    [
        {"team_id": "T9", "enterprise_user": {"enterprise_id": "E0", "teams": ["T9"]}},
        {"enterprise_user": {"enterprise_id": "E0", "teams": ["T9", "T0"]}},
        {"team_id": "E0"},
        {"team_id": "T9", "enterprise_id": "E0"},
    ],
    ids=["another workspace", "no workspace", "the organisation", "beside"],
)
def test_who_is_of_the_same_organisation_may(named: dict[str, object]) -> None:
    """Whatever Slack names as their home, people of the organisation are members in all of its workspaces."""
    check(ELSEWHERE, CLOSED, People({"U1": named}))
    check(replace(ELSEWHERE, team="E0"), CLOSED, People({"U1": named}))


@pytest.mark.parametrize(
    ("named", "why"),
    [
        ({"team_id": "T9"}, EXTERNAL),
        ({"team_id": "T9", "enterprise_user": {"enterprise_id": "E9", "teams": ["T9"]}}, EXTERNAL),
        ({"team_id": "T9", "enterprise_id": "E0", "is_stranger": True}, EXTERNAL),
        ({"team_id": "T9", "enterprise_id": "E0", "is_restricted": True}, GUEST),
        ({"team_id": "T9", "enterprise_id": "E0", "is_ultra_restricted": True}, GUEST),
        ({}, EXTERNAL),
    ],
    ids=["nobody knows", "another organisation", "stranger", "guest", "guest of one channel", "nameless"],
)
def test_others_may_not_in_an_organisation_either(named: dict[str, object], why: str) -> None:
    """Guests, people of other organisations and whom Slack says nothing of are refused with their reason."""
    with pytest.raises(NotAllowed) as refusal:
        check(ELSEWHERE, CLOSED, People({"U1": named}))
    assert refusal.value.message == why


def test_nobody_is_taken_for_a_member_by_silence() -> None:
    """A person of whom Slack names no workspace is no member, outside of organisations too."""
    with pytest.raises(NotAllowed):
        check(MEMBER, CLOSED, People({"U1": {}}))


def test_a_payload_leaves_open_whose_another_home_is() -> None:
    """Within an organisation another workspace may be its own: Slack is asked. Of others it is clear."""
    check_payload(ELSEWHERE, CLOSED)
    check_payload(replace(ELSEWHERE, team="E0"), CLOSED)
    with pytest.raises(NotAllowed):
        check_payload(replace(ELSEWHERE, team="E9"), CLOSED)

    assert is_away(ELSEWHERE)
    assert not is_away(replace(ELSEWHERE, team="E0"))
    assert not is_away(MEMBER)


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

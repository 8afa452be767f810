"""When what was decided elsewhere counts here."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.domain.lesson import Kinds, LessonKind, Place, Teaching
from agent.domain.threat import Severity, Threat
from agent.lessons.likeness import Surroundings, kin, touches
from agent.lessons.past import Earlier, Past, is_local
from tests.agent.lessons.made import MESH, a_model, a_system, a_threat, dismissal, said, taught

OURS = "we already have this, it is our firewall"


def past(*teachings: Teaching, threat: Threat | None = None, **system: tuple[str, ...]) -> Past:
    """What is known of a threat on the flow to the store."""
    one = threat or a_threat()
    return Earlier(teachings).of(one, Kinds(a_system(**system)).of(one.targets))


def test_two_models_make_a_doubt() -> None:
    """Dismissed in two models it is doubted, in one it is not; the newest stands first."""
    one, two = dismissal("tm-1"), dismissal("tm-2", "no secrets there")
    assert not past(one).is_doubted
    assert past(two, one).is_doubted
    assert [s.teaching.model for s in past(two, one).dismissed] == ["tm-2", "tm-1"]


def test_one_model_counts_once() -> None:
    """Two dismissals of one pattern in one model are one word."""
    one = dismissal()
    both = one.model_copy(update={"lessons": one.lessons * 2})
    assert len(past(both).dismissed) == 1
    assert not past(both).is_doubted


def test_an_acceptance_ends_the_doubt() -> None:
    """Accepted anywhere, in whatever model, it is not doubted, however often it was dismissed."""
    yes = taught(a_model(id_="tm-3"), said("accepted"))
    found = past(dismissal("tm-1"), dismissal("tm-2"), dismissal("tm-4"), yes)

    assert not found.is_doubted
    assert not found.is_known
    assert past(yes).is_known


@pytest.mark.parametrize(
    "reason",
    [
        OURS,
        "Already mitigated by the WAF.",
        "this service is not live yet",
        "Handled by the API gateway",
        "The drawing is wrong",
        "",
        "   ",
    ],
)
def test_some_reasons_are_of_their_system(reason: str) -> None:
    """What a system has, or how it is drawn, says little of another one."""
    assert is_local(reason)


@pytest.mark.parametrize(
    "reason",
    [MESH, "we accept this inside the VPC", "Not a threat: the data is public", "cannot happen with S3"],
)
def test_other_reasons_hold_beyond(reason: str) -> None:
    """What is said of a kind of thing holds for the next one."""
    assert not is_local(reason)


def test_reasons_of_their_system_weigh_half() -> None:
    """Two are not enough, four are; and two models that give the very same reason speak of more than one."""
    local = [dismissal(f"tm-{n}", f"{OURS} no. {n}") for n in range(4)]
    assert not past(*local[:2]).is_doubted
    assert not past(*local[:3]).is_doubted
    assert past(*local).is_doubted
    assert past(*local[:2], dismissal("tm-8")).is_doubted
    assert past(dismissal("tm-1", OURS), dismissal("tm-2", OURS.upper())).is_doubted
    assert not past(dismissal("tm-1", ""), dismissal("tm-2", "")).is_doubted


def test_another_product_is_another_thing() -> None:
    """A dismissal of a way into PostgreSQL says nothing of a way into MySQL; of some database, it does."""
    both = dismissal("tm-1"), dismissal("tm-2")
    assert not past(*both, store=("mysql",)).dismissed
    assert past(*both, store=("database",)).is_doubted
    assert past(*both, store=()).is_doubted


def test_another_kind_is_another_thing() -> None:
    """What was said of a flow says nothing of an element."""
    assert past(dismissal("tm-1"), dismissal("tm-2"), threat=a_threat("transport-plain", "api")) == Past()


def test_a_dismissal_has_to_be_of_all_of_it() -> None:
    """A threat on more than was judged is not doubted; an acceptance of any part of it counts."""
    wide = a_threat("transport-plain", "flow", "api")
    both = dismissal("tm-1"), dismissal("tm-2")
    assert not past(*both, threat=wide).dismissed
    yes = taught(a_model(id_="tm-3"), said("accepted"))
    assert past(yes, threat=wide).is_known


def test_a_graver_threat_is_another() -> None:
    """What was dismissed as medium is no doubt of the same pattern where the facts make it critical."""
    mild = [dismissal(f"tm-{n}", severity=Severity.MEDIUM) for n in range(3)]
    assert past(*mild).is_doubted
    assert not past(*mild, threat=a_threat(score=(5, 5))).dismissed


def test_a_threat_without_a_pattern_is_known_by_its_title() -> None:
    """A language model's threat is the same where its title is."""
    own = [
        taught(a_model(a_threat("", title="Held orders"), id_=f"tm-{n}"), said("dismissed", reason=MESH))
        for n in range(2)
    ]
    assert past(*own, threat=a_threat("", title="Held  orders!")).is_doubted
    assert not past(*own, threat=a_threat("", title="Lost orders")).dismissed


def test_corrected_severities_are_told_when_two_agree() -> None:
    """The same severity in two models, where it is not what is computed anyway."""

    def set_to(severity: str, model: str) -> Teaching:
        return taught(a_model(id_=model), said(severity, kind="severity"))

    assert past(set_to("low", "tm-1")).corrected == ()
    assert past(set_to("low", "tm-1"), set_to("high", "tm-2")).corrected == ()
    found = past(set_to("low", "tm-1"), set_to("high", "tm-2"), set_to("low", "tm-3")).corrected
    assert [s.lesson.kind for s in found] == [LessonKind.SEVERITY] * 2
    low = a_threat(score=(1, 1))
    assert past(set_to("low", "tm-1"), set_to("low", "tm-3"), threat=low).corrected == ()


ids = st.sampled_from(["postgresql", "mysql", "database", "queue", "amazon-sqs", "api"])
somewhere = st.builds(
    Place,
    kind=st.sampled_from(["data_store", "process", "flow"]),
    technologies=st.lists(ids, max_size=2, unique=True).map(tuple),
)


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(somewhere, max_size=6), st.lists(somewhere, max_size=4))
def test_many_places_at_once_are_looked_at_as_one_by_one(here: list[Place], there: list[Place]) -> None:
    """What is worked out for a whole area is what comparing each pair gives."""
    around = Surroundings(here)

    assert around.touched(there) is touches(there, here)
    assert around.kin(there) == max((kin(there, place) for place in here), default=0)

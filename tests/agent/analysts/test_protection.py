"""Where a control stands: answered, stated, or shown by the topology."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from agent.analysts.protection import Protection
from agent.analysts.questions import Answers
from agent.analysts.topology import Topology
from agent.catalog.vocabulary import ControlName
from agent.domain.request import Answer
from agent.domain.system import EvidenceKind, Known, question_id, question_parts
from tests.sketching import sketch, traits_of

SHOP = """
(Guest: end_user)
[Front: gateway | yes: rate_limit]
[Orders: api | no: audit_log]
[Firewall: waf]
{Notes: sql}
{Keys: key_management}
[Sign-in: identity_provider]
Guest -> Firewall
Firewall -> Front
Front -> Orders: REST
Orders -> Notes: SQL
Notes -> Keys
Orders -> Sign-in
"""


def answer(about: str, fact: str, value: str, day: int = 1) -> Answer:
    """What somebody answered on a day of May."""
    when = datetime(2026, 5, day, 12, tzinfo=UTC)
    return Answer(question=question_id(about, fact), value=value, who="dana", when=when)


def protection(*answers: Answer) -> Protection:
    """The shop's controls, given the answers."""
    return Protection(Topology(sketch(SHOP), traits_of), Answers.of(answers))


@pytest.mark.parametrize(
    ("element", "control", "state"),
    [
        ("front", ControlName.RATE_LIMIT, Known.YES),
        ("orders", ControlName.RATE_LIMIT, Known.YES),
        ("orders", ControlName.WAF, Known.YES),
        ("orders", ControlName.AUDIT_LOG, Known.NO),
        ("orders", ControlName.AUTHENTICATION, Known.YES),
        ("notes", ControlName.ENCRYPTION_AT_REST, Known.YES),
        ("orders", ControlName.MFA, Known.UNKNOWN),
        ("firewall", ControlName.RATE_LIMIT, Known.UNKNOWN),
    ],
)
def test_a_control_is_known_from_what_is_stated_and_drawn(
    element: str, control: ControlName, state: Known
) -> None:
    """Stated at the place, on the way in before it, or by what stands beside it."""
    shop = protection()
    assert shop.of(shop.topology.elements[element], control).state is state


def test_an_answer_outweighs_everything_and_is_named() -> None:
    """What an engineer answered counts first, with who and when as evidence."""
    shop = protection(answer("orders", "control:audit_log", "yes"))
    standing = shop.of(shop.topology.elements["orders"], ControlName.AUDIT_LOG)
    assert standing.state is Known.YES
    assert standing.answered
    assert standing.evidence is not None
    assert standing.evidence.kind is EvidenceKind.ANSWER
    assert standing.evidence.source == "dana"


def test_the_latest_answer_counts_and_one_about_all_stands_for_each() -> None:
    """A second answer replaces the first; an answer about the whole system reaches every place."""
    shop = protection(
        answer("", "encrypted", "no", day=1),
        answer("", "encrypted", "yes", day=2),
    )
    for flow in shop.topology.drawn.flows:
        assert shop.of(flow, ControlName.TRANSPORT_ENCRYPTION).state is Known.YES


def test_an_answer_that_does_not_know_changes_nothing() -> None:
    """Don't know is no news."""
    shop = protection(answer("orders", "control:audit_log", "unknown"))
    assert shop.of(shop.topology.elements["orders"], ControlName.AUDIT_LOG).state is Known.NO


def test_a_questions_id_tells_what_it_is_about() -> None:
    """The id is made of the place and the fact, and gives both back."""
    assert question_parts(question_id("f1-a-b", "control:mfa")) == ("f1-a-b", "control:mfa")


def test_a_control_named_anywhere_is_known_of() -> None:
    """Whether the input speaks of a control at all, and says that it is there."""
    assert protection().anywhere(ControlName.RATE_LIMIT)
    assert not protection().anywhere(ControlName.AUDIT_LOG)


def test_a_control_that_a_sentence_states_of_no_part_is_known_of() -> None:
    """A sentence that names no part says that the control stands somewhere, and one of services, at each."""
    system = sketch("[Orders: api]\n[Stock: service]\n{Notes: sql}\n> Who changed what is recorded.")
    said = system.remarks[0].model_copy(update={"controls": ("audit_log", "change_review")})
    told = Protection(Topology(system.model_copy(update={"remarks": (said,)}), traits_of), Answers.of(()))
    elements = told.topology.elements
    assert told.anywhere(ControlName.CHANGE_REVIEW)
    assert told.of(elements["orders"], ControlName.CHANGE_REVIEW).state is Known.UNKNOWN
    standing = told.of(elements["stock"], ControlName.AUDIT_LOG)
    assert standing.state is Known.YES
    assert standing.evidence is not None
    assert standing.evidence.quote == "Who changed what is recorded."
    assert told.of(elements["notes"], ControlName.AUDIT_LOG).state is Known.UNKNOWN


def test_how_a_person_signs_in_holds_where_they_come_in() -> None:
    """What is said of a person and a card that nobody drew holds at the console that is drawn."""
    system = sketch(
        "(Officer: admin_person)\n[Console: admin_console]\n{Card}\n"
        "Officer -> Console\nOfficer -> Card: signs in | yes: mfa"
    )
    elements = tuple(e.model_copy(update={"assumed": e.id == "card"}) for e in system.elements)
    flows = tuple(f.model_copy(update={"assumed": f.target == "card"}) for f in system.flows)
    prose = system.model_copy(update={"elements": elements, "flows": flows})
    told = Protection(Topology(prose, traits_of), Answers.of(()))
    assert told.of(prose.flows[0], ControlName.MFA).state is Known.YES
    drawn = Protection(Topology(system, traits_of), Answers.of(()))
    assert drawn.of(system.flows[0], ControlName.MFA).state is Known.UNKNOWN

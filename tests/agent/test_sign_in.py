"""Sign-in that the description hands to a managed provider: heard, quoted, and easing what it eases."""

from __future__ import annotations

import pytest

from agent.analysts.areas import split
from agent.analysts.base import Brief
from agent.analysts.rules import RulesAnalyst
from agent.diagrams.base import SourceFile
from agent.diagrams.prose import read_prose
from agent.diagrams.registry import read_file
from agent.domain.request import Request
from agent.domain.system import Question, System
from agent.domain.threat import Threat
from agent.merge import merge
from agent.understanding.understand import understand

ANGLERS = b"""flowchart LR
    angler([Angler]) -->|HTTPS| site[Permit site]
    warden([Warden]) -->|HTTPS| desk[Warden desk]
    site --> api[Permit API]
    desk --> api
    api -->|SQL| permits[(Permits database)]
"""
PHONES = b"""flowchart LR
    angler([Angler]) --> app[Mobile app]
    app -->|HTTPS| api[Permit API]
    api -->|SQL| permits[(Permits database)]
"""
FACT = "delegated_sign_in"


def system_of(said: str, diagram: bytes = ANGLERS) -> System:
    """The system that the diagram and the description make."""
    drawn = read_file(SourceFile(name="permits.mmd", content=diagram))
    return understand("Permits", [drawn], read_prose(said, "description"))


def stated_on(system: System) -> set[str]:
    """The ways into what is ours on which a managed provider signs people in."""
    found = {system.name_of(f.id) for f in system.flows if any(c.name == FACT for c in f.controls)}
    return {name for name in found if "Permit" in name or "desk" in name}


def review(system: System) -> tuple[tuple[Threat, ...], tuple[Question, ...]]:
    """The merged list and the questions."""
    request = Request(title="Permits")
    analyst = RulesAnalyst()
    return merge([analyst.find(Brief(request=request, system=system, area=a)) for a in split(system)], system)


def guessing(system: System) -> Threat:
    """The threat of guessed passwords."""
    return next(t for t in review(system)[0] if t.pattern == "guessed-passwords")


@pytest.mark.parametrize(
    "said",
    [
        "We use Cognito for anglers.",
        "Anglers sign in through Auth0.",
        "Anglers log in with Okta, wardens have a list of their own.",
        "Anglers sign in with Google.",
        "Anglers log in with Google.",
        "Anglers authenticate with Azure AD B2C.",
        "Anglers sign in by single sign-on.",
    ],
)
def test_a_managed_provider_for_named_people_is_heard(said: str) -> None:
    """The sentence is brought to the way in of the people that it names, and of nobody else."""
    assert stated_on(system_of(said)) == {"Angler → Permit site"}


@pytest.mark.parametrize(
    "said",
    [
        "Anglers sign in with a password that we store hashed.",
        "Anglers log in with Okta or with a password of their own.",
        "Anglers do not sign in with Cognito.",
        "Cognito for anglers is planned for next year.",
        "Anglers authenticate with Keycloak, which we run ourselves.",
        "The permits are copied to Okta each night.",
        "An attacker could sign in with Okta.",
    ],
)
def test_what_is_no_managed_sign_in_is_not_heard(said: str) -> None:
    """Passwords of our own, a provider that we run, plans and denials ease nothing."""
    assert stated_on(system_of(said)) == set()


def test_guessing_is_eased_and_the_sentence_is_quoted() -> None:
    """Likelihood falls by one, for the sentence that is quoted, and the threat stays."""
    plain = guessing(system_of("Anglers buy permits."))
    eased = guessing(system_of("Anglers buy permits. We use Cognito for anglers."))
    assert eased.likelihood.score == plain.likelihood.score - 1
    reason = next(f.reason for f in eased.likelihood.factors if "managed identity provider" in f.reason)
    assert "“We use Cognito for anglers”" in reason


def test_a_second_factor_is_still_asked_for() -> None:
    """What the provider does not settle by itself stays a question, and the lock-out is not asked again."""
    _, questions = review(system_of("We use Cognito for anglers. Wardens come over the VPN."))
    asked = [q.text for q in questions if "sign in" in q.text]
    assert any("second factor" in text for text in asked)
    assert not any("slowed down" in text for text in asked)


def test_people_come_through_the_app_in_their_hands() -> None:
    """Where people hold an app, the sign-in stands where the app calls us."""
    system = system_of("Anglers sign in with Auth0.", PHONES)
    assert "Mobile app → Permit API" in stated_on(system)


def test_the_provider_is_not_called_left_out() -> None:
    """What was heard is listed as an assumption, and not among the names that no diagram shows."""
    texts = [a.text for a in system_of("We use Cognito for anglers.").assumptions]
    assert not any("Cognito" in t and "left" in t for t in texts)
    assert any("Cognito" in t and "Angler" in t for t in texts)

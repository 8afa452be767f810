"""Parts that a sentence names and says what they are: "Parkade is our identity provider"."""

from __future__ import annotations

import pytest

from agent.catalog.technologies import load_technologies
from agent.catalog.vocabulary import Trait
from agent.diagrams.prose import read_prose
from agent.domain.system import ElementKind, SystemFragment

PROCESS, STORE, OUTSIDE = ElementKind.PROCESS, ElementKind.DATA_STORE, ElementKind.EXTERNAL_ENTITY


def kinds(fragment: SystemFragment) -> dict[str, ElementKind]:
    """What each element is, by name."""
    return {e.name: e.kind for e in fragment.elements}


class TestRoles:
    """What counts as such a sentence."""

    @pytest.mark.parametrize(
        ("text", "part"),
        [
            ("Parkade is our identity provider.", ("Parkade", PROCESS)),
            ("Mooring acts as the API gateway.", ("Mooring", PROCESS)),
            ("Mooring serves as a message broker for the harbour app.", ("Mooring", STORE)),
            ("We use Kelpie as our message queue.", ("Kelpie", STORE)),
            ("Grey Quay is the certificate authority of the port.", ("Grey Quay", OUTSIDE)),
            ("Acme Payments is our payment provider.", ("Acme Payments", OUTSIDE)),
            ("The Lamplighter is our job scheduler.", ("Lamplighter", PROCESS)),
        ],
    )
    def test_the_name_is_an_element_of_the_kind_of_the_noun(
        self, text: str, part: tuple[str, ElementKind]
    ) -> None:
        """The name becomes the element, and the noun says what it is."""
        assert part in kinds(read_prose(text)).items()

    def test_an_openid_provider(self) -> None:
        """Who is said to be an OpenID Provider signs people in."""
        read = read_prose("Parkade is the OpenID Provider of our town. Residents sign in with Parkade.")
        parkade = next(e for e in read.elements if e.name == "Parkade")
        assert Trait.IDENTITY_PROVIDER in load_technologies().traits_of(parkade.technologies)
        assert [e.name for e in read.elements] == ["Parkade", "Residents"]
        assert len(read.flows) == 1

    def test_the_noun_means_the_named_part(self) -> None:
        """After "X is our Y", "the Y" is X."""
        read = read_prose(
            "Parkade is our identity provider. The kiosk app sends users to the identity provider."
        )
        assert set(kinds(read)) == {"Parkade", "kiosk app"}

    def test_what_one_of_many_is_does_not_take_their_name(self) -> None:
        """After "X is a database" other databases are none of X."""
        read = read_prose("Kelpie is a database. The kiosk app stores fares in the fare database.")
        assert "fare database" in kinds(read)

    @pytest.mark.parametrize(
        "text",
        [
            "Authentication is our gateway to trust.",
            "Access is a service of the town.",
            "TLS is the standard.",
            "Speed is the key.",
            "Parkade will be our identity provider next year.",
            "Parkade is not our identity provider.",
            "This is our identity provider.",
            "Parkade is the goal.",
        ],
    )
    def test_other_sentences_name_nothing(self, text: str) -> None:
        """Nouns of the language, plans and denials name no part."""
        assert not {"Authentication", "Access", "TLS", "Speed", "Parkade", "This"} & set(
            kinds(read_prose(text))
        )

"""Sign-in that a text hands to a managed identity provider: "We use Cognito for patients"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

from agent.catalog.phrases import PhraseBook, tokens
from agent.catalog.technologies import load_technologies
from agent.catalog.vocabulary import ControlName, Trait
from agent.domain.system import Control, Element, Fact, Flow, Known
from agent.errors import CatalogError
from agent.understanding.canvas import Canvas, listing

FILE = "sign_in.yaml"
DELEGATED = f"control:{ControlName.DELEGATED_SIGN_IN.value}"
"""The fact that somebody else signs these people in."""
_SIGNED_IN = f"control:{ControlName.AUTHENTICATION.value}"
_PARTS = re.compile(r"[,;:.()]|\b(?:with|through|via|by|using|uses?|to|at|for)\b")
_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


@dataclass(frozen=True)
class SignIn:
    """How sentences name a managed identity provider; `sign_in.yaml` says what each part is for."""

    products: frozenset[str]
    say: PhraseBook[str]
    unless: frozenset[str]

    def names(self, sentence: str) -> bool:
        """Whether the sentence names a managed provider, and not passwords of our own beside it."""
        found = tokens(sentence)
        if any(t.stem in self.unless for t in found):
            return False
        if self.say.all(found):
            return True
        parts = _PARTS.split(sentence)
        return any(t.id in self.products for part in parts for t in load_technologies().recognise(part))

    def is_provider(self, element: Element) -> bool:
        """Whether the element is such a provider."""
        return not self.products.isdisjoint(element.technologies)


@cache
def load_sign_in() -> SignIn:
    """The words of the package; CatalogError when a part is missing or another is there."""
    raw = yaml.load(
        resources.files("agent.understanding").joinpath(FILE).read_text(encoding="utf-8"),
        Loader=_LOADER,  # noqa: S506 - builds nothing but text, lists and maps
    )
    try:
        book = PhraseBook(((phrase, phrase) for phrase in raw["say"]), FILE)
        return SignIn(frozenset(raw["products"]), book, frozenset(raw["unless"]))
    except (KeyError, TypeError) as error:
        raise CatalogError(f"{FILE}: {error}.") from error


def delegated(facts: Iterable[Fact]) -> Iterator[Fact]:
    """For each statement that people sign in, naming a managed provider: that this provider signs them in.

    "Customers -> Okta" is about the customers.
    """
    for fact in facts:
        if fact.fact == _SIGNED_IN and fact.value == Known.YES and load_sign_in().names(fact.evidence.quote):
            about = fact.about.partition(" -> ")[0]
            yield fact.model_copy(update={"fact": DELEGATED, "about": about})


def heard(element: Element, facts: Iterable[Fact]) -> bool:
    """Whether the element is a provider that a statement of these facts hands the sign-in to."""
    if not load_sign_in().is_provider(element):
        return False
    return any(element.name in fact.evidence.quote for fact in delegated(facts))


def settle(canvas: Canvas) -> None:
    """Brings the sign-in of people through the apps in their hands to where these call us, and says it."""
    people: dict[str, list[str]] = {}
    for flow in list(canvas.flows.values()):
        stated = _stated(flow)
        if stated is None:
            continue
        people.setdefault(stated.evidence.quote, []).append(flow.source)
        if _CLIENTS & canvas.traits(flow.target):
            for onward in canvas.touching(flow.target):
                if onward.source == flow.target and not canvas.is_outside(onward.target):
                    canvas.control(onward.id, stated.name, stated.state, stated.evidence)
    for quote, ids in people.items():
        who = listing(canvas.elements[i].name for i in ids)
        signs = "signs" if len(set(ids)) == 1 else "sign"
        canvas.assume(
            f'I took "{quote}" to mean that {who} {signs} in at a managed identity provider.',
            dict.fromkeys(ids),
        )


_CLIENTS = frozenset({Trait.MOBILE_APP, Trait.DESKTOP_APP, Trait.BROWSER})


def _stated(flow: Flow) -> Control | None:
    """The delegated sign-in that is stated on the flow."""
    name = ControlName.DELEGATED_SIGN_IN.value
    return next((c for c in flow.controls if c.name == name and c.state is Known.YES), None)

"""What has been read so far: names become elements once, whoever names them, and at the end a fragment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from agent.catalog.technologies import load_technologies
from agent.catalog.vocabulary import Trait
from agent.diagrams.prose_anchors import is_bare_role, recognised
from agent.diagrams.prose_drafted import (
    DraftBoundary,
    DraftElement,
    DraftFlow,
    flow_id,
    is_apart,
    made_element,
    made_flow,
    speaks_of_models,
    uniquely,
    without_agents,
    zone_key,
)
from agent.diagrams.prose_mentions import Mention, kind_of
from agent.diagrams.prose_words import load_prose_words
from agent.domain.base import digest, slug
from agent.domain.system import (
    Asset,
    Assumption,
    Boundary,
    Classification,
    ElementKind,
    Evidence,
    EvidenceKind,
    Fact,
    SystemFragment,
)
from agent.naming import NameIndex, core, is_plural, key, words

FORMAT = "prose"
MAX_ELEMENTS = 500
MAX_FLOWS = 2000
"""What one text gives at most; a text with more is no description."""
_VAGUE = frozenset({Trait.SERVICE, Trait.THIRD_PARTY})
"""What so much is that only the same word means the same thing."""
_TELLING = 2
"""Words of a name that single out a longer one."""
_SEVERAL = 4
"""Elements that one word for several means at most."""
_LONGEST_QUOTE = 500
_COMPARED = 20
"""Flows between the same two ends that a new one is compared with."""


class Draft:
    """Collects what a text says.

    Args:
        source: what evidence names as its source.
        known: names that diagrams give; a mention of one takes its name.
    """

    def __init__(self, source: str, known: Sequence[str] = ()) -> None:
        self.source = source
        self.elements: dict[str, DraftElement] = {}
        self.flows: list[DraftFlow] = []
        self.boundaries: dict[str, DraftBoundary] = {}
        self.facts: dict[tuple[str, str, str, str], Fact] = {}
        self._by_last: dict[tuple[str, ...], list[str]] = {}
        """Keys of elements by the last word of their names."""
        self._by_ends: dict[tuple[str, str], list[DraftFlow]] = {}
        self.assets: dict[tuple[str, str], Asset] = {}
        self.assumptions: dict[str, Assumption] = {}
        self.warnings: list[str] = []
        self.closed = False
        """Whether a list names the components, so that sentences speak of those."""
        self._known = {key(name): name for name in known}
        self._index = NameIndex((k, name) for k, name in self._known.items())
        self._indexed = set(self._known)

    def evidence(self, quote: str) -> Evidence:
        """The sentence as evidence, shortened when it is very long."""
        text = quote if len(quote) <= _LONGEST_QUOTE else quote[:_LONGEST_QUOTE].rsplit(" ", 1)[0] + " …"
        return Evidence(kind=EvidenceKind.DESCRIPTION, quote=text, source=self.source)

    def alias(self, short: str, full: str) -> str:
        """The name of what a short name and a long one both mean: an element's, or else the short one."""
        own = next(iter(self._index.exact(full)), "") or key(short)
        if own not in self._indexed:
            self._known.setdefault(own, short)
            self._index.add(own, short)
            self._indexed.add(own)
        for spelling in (short, full):
            if key(spelling) != own:
                self._index.alias(own, spelling)
        return self.name_of(own)

    def find(self, name: str) -> str:
        """The key of the one element so far that the name means; empty when none or unclear."""
        found = self._index.find(name)
        return found[0] if len(found) == 1 else ""

    def means(self, mention: Mention) -> str:
        """The key of the one element that a mention means; empty when none or unclear.

        A proper name that no table knows must end as the element's name does: "Custom" is no "Custom Lambda".
        """
        own = self.find(mention.name) or (self._by_role(mention) if mention.definite else "")
        own = own or self._by_words(mention) or self._by_trade(mention) or self._by_model(mention)
        if own and mention.person and not self._may_be_person(own):
            return ""
        if own and (self._is_another_thing(mention, own) or self._is_in_front(mention, own)):
            return ""
        if own and not mention.known and own in self.elements and is_apart(mention, self.elements[own]):
            return ""
        if own and mention.proper and words(mention.name)[-1:] != words(self.name_of(own))[-1:]:
            return ""
        return own

    def _may_be_person(self, own: str) -> bool:
        """Whether what has this key may be people: "administrators" are no "Admin console"."""
        element = self.elements.get(own)
        kind = (element.kind if element else None) or kind_of(self.name_of(own))
        return kind in {None, ElementKind.EXTERNAL_ENTITY}

    def _is_in_front(self, mention: Mention, own: str) -> bool:
        """Whether a bare outsider only begins the name of what serves it: "clients", "Client-Server API"."""
        outside = mention.kind is ElementKind.EXTERNAL_ENTITY and not mention.known
        element = self.elements.get(own)
        kind = (element.kind if element else None) or kind_of(self.name_of(own))
        if not outside or kind in {None, ElementKind.EXTERNAL_ENTITY} or not is_bare_role(mention.name):
            return False
        return words(mention.name)[-1:] != words(self.name_of(own))[-1:]

    def has_such(self, mention: Mention) -> bool:
        """Whether some element is called by more words than this bare one: "the server" of two servers."""
        own = words(mention.name)
        if len(own) != 1 or not is_bare_role(mention.name):
            return False
        return own in self._by_last

    def _is_another_thing(self, mention: Mention, own: str) -> bool:
        """Whether only a word such as "API" joins two things: "API server" and the store "Secrets API"."""
        element = self.elements.get(own)
        if mention.known or mention.kind is None or element is None or len(words(mention.name)) < _TELLING:
            return False
        kind = element.kind or kind_of(element.name)
        generic = is_bare_role(" ".join(core(mention.name))) and key(mention.name) != key(element.name)
        return generic and kind is not None and kind is not mention.kind

    def several(self, mention: Mention) -> list[str]:
        """The keys of the listed elements that a bare word for several means: "the operators"."""
        last = words(mention.name)[-1:]
        if not is_plural(mention.name) or not is_bare_role(mention.name) or self.find(mention.name):
            return []
        fits = [k for k in self._by_last.get(last, ()) if self.elements[k].listed]
        return fits if 1 < len(fits) <= _SEVERAL else []

    def _by_words(self, mention: Mention) -> str:
        """The one listed element whose name has all the words: "AWS controller" of "AWS Node Controller"."""
        said = words(mention.name)
        if len(said) < _TELLING:
            return ""
        fits = [
            k
            for k in self._by_last.get(said[-1:], ())
            if self.elements[k].listed and set(said) <= set(words(self.elements[k].name))
        ]
        return fits[0] if len(fits) == 1 else ""

    def _by_trade(self, mention: Mention) -> str:
        """The one listed element that is an identity provider, for "the identity provider"."""
        traits = load_technologies().traits_of(t.id for t in recognised(mention.name).technologies)
        if not mention.definite or mention.known or Trait.IDENTITY_PROVIDER not in traits:
            return ""
        fits = [k for k in self.of_trait(Trait.IDENTITY_PROVIDER) if self.elements[k].listed]
        return fits[0] if len(fits) == 1 else ""

    def _by_model(self, mention: Mention) -> str:
        """The one element that is a language model, for "the model"."""
        if not mention.definite or mention.known or words(mention.name) not in {("model",), ("llm",)}:
            return ""
        fits = [k for k in self.of_trait(Trait.LLM) if Trait.AGENT not in self._traits(k)]
        return fits[0] if len(fits) == 1 else ""

    def _by_role(self, mention: Mention) -> str:
        """The one element that "the database" or "the queue" means, when one alone is such a thing."""
        read = recognised(mention.name).technologies
        if (
            not is_bare_role(mention.name)
            or mention.technologies
            or not read
            or not all(t.is_role for t in read)
        ):
            return ""
        outside = mention.kind is ElementKind.EXTERNAL_ENTITY
        if outside and not set(words(mention.name)) <= load_prose_words().anybody:
            return ""  # "the vendor" is no "roaming partner", and "the clerks" are no "drivers"
        wanted = read[0].traits
        fits = [k for k in self.elements if wanted and wanted <= self._traits(k)]
        if wanted <= _VAGUE:
            fits = [k for k in fits if read[0] in recognised(self.elements[k].name).technologies]
        return fits[0] if len(fits) == 1 else ""

    def _traits(self, own: str) -> frozenset[Trait]:
        element = self.elements[own]
        table = load_technologies()
        return table.traits_of(
            (*element.technologies, *(t.id for t in recognised(element.name).technologies))
        )

    def of_trait(self, trait: Trait) -> list[str]:
        """The keys of the elements that are such a thing."""
        return [k for k in self.elements if trait in self._traits(k)]

    def is_known(self, name: str) -> bool:
        """Whether a diagram or a list gives this very name."""
        own = key(name)
        return own in self._known or (own in self.elements and self.elements[own].listed)

    def add(
        self,
        name: str,
        quote: str,
        *,
        kind: ElementKind | None = None,
        listed: bool = False,
        technologies: Iterable[str] = (),
        description: str = "",
        exact: bool = False,
    ) -> str:
        """The key of the element with this name, which is new or one named before.

        Args:
            name: as written.
            quote: the sentence that names it.
            kind: what the text says it is, when it says so.
            listed: named by a list and not by a sentence.
            technologies: products named with it.
            description: what the text says about it.
            exact: take no other element than one of the same spelling.
        """
        own = key(name) or name.strip().lower()
        found = own if own in self.elements or exact else (self._like(name, listed=listed) or own)
        if kind is ElementKind.EXTERNAL_ENTITY and found != own and not self._may_be_person(found):
            found = own
        element = self.elements.get(found)
        if element is None:
            if len(self.elements) >= MAX_ELEMENTS:
                return ""
            element = DraftElement(self._known.get(found, name.strip()), quote, listed=listed)
            self.elements[found] = element
            self._by_last.setdefault(words(element.name)[-1:], []).append(found)
            if found not in self._indexed:
                self._index.add(found, element.name)
                self._indexed.add(found)
        element.listed = element.listed or listed
        element.kind = element.kind or kind
        element.technologies += [t for t in technologies if t not in element.technologies]
        if description and description not in element.description:
            element.description = f"{element.description} {description}".strip()
        return found

    def _like(self, name: str, *, listed: bool) -> str:
        """An element that the name means; a list names no less than the whole name."""
        if not listed:
            return self.find(name)
        found = self._index.inside(name)
        return found[0] if len(found) == 1 else ""

    def add_flow(self, flow: DraftFlow) -> None:
        """One more flow; one that says no more than another of the same ends is dropped."""
        if not flow.source or not flow.target or flow.source == flow.target or len(self.flows) >= MAX_FLOWS:
            return
        same = self._by_ends.setdefault((flow.source, flow.target), [])
        for other in same[:_COMPARED]:
            if key(other.label) == key(flow.label) or not flow.label:
                other.protocol = other.protocol or flow.protocol
                return
        same.append(flow)
        self.flows.append(flow)

    def add_boundary(self, name: str, members: Iterable[str]) -> None:
        """A boundary with these element keys, joined with one of the same name."""
        boundary = self.boundaries.setdefault(zone_key(name), DraftBoundary(name))
        boundary.members += [m for m in members if m and m not in boundary.members]

    def add_fact(self, about: str, fact: str, value: str, quote: str) -> None:
        """A fact about a name, "A -> B", or the whole system."""
        said = Fact(about=about, fact=fact, value=value, evidence=self.evidence(quote))
        self.facts.setdefault((about, fact, value, quote), said)

    def add_asset(self, name: str, tag: str, classification: Classification, quote: str) -> None:
        """Something worth protecting that the text names."""
        id_ = f"asset-{slug(name)}"
        self.assets.setdefault(
            (key(name), tag),
            Asset(id=id_, name=name, classification=classification, tag=tag, evidence=self.evidence(quote)),
        )

    def assume(self, text: str) -> None:
        """Something that the text takes for granted."""
        self.assumptions.setdefault(key(text), Assumption(id=f"a-{digest(key(text))}", text=text))

    def name_of(self, element: str) -> str:
        """The name behind a key."""
        return self.elements[element].name if element in self.elements else self._known.get(element, element)

    def fragment(self, text: str) -> SystemFragment:
        """What was read, with identifiers made from names."""
        ids = uniquely((k, slug(e.name)) for k, e in self.elements.items())
        agents = speaks_of_models(" ".join([text, *self._known.values()]))
        elements = tuple(
            made if agents else without_agents(made)
            for made in (made_element(ids[k], e, self.evidence(e.quote)) for k, e in self.elements.items())
        )
        flow_ids = uniquely((str(n), flow_id(ids, f)) for n, f in enumerate(self.flows))
        flows = tuple(
            made_flow(flow_ids[str(n)], ids, f, self.evidence(f.quote)) for n, f in enumerate(self.flows)
        )
        asset_ids = uniquely((str(n), a.id) for n, a in enumerate(self.assets.values()))
        assets = tuple(
            a.model_copy(update={"id": asset_ids[str(n)]}) for n, a in enumerate(self.assets.values())
        )
        return SystemFragment(
            source=self.source,
            format=FORMAT,
            elements=elements,
            flows=flows,
            boundaries=tuple(self._boundaries(ids)),
            assets=assets,
            assumptions=tuple(self.assumptions.values()),
            facts=tuple(self.facts.values()),
            warnings=tuple(self.warnings),
            text=text,
        )

    def _boundaries(self, ids: dict[str, str]) -> Iterable[Boundary]:
        for own, boundary in self.boundaries.items():
            members = tuple(ids[m] for m in boundary.members if m in ids)
            if members:
                yield Boundary(id=f"b-{slug(own)}", name=boundary.name, members=members)

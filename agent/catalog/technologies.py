"""The technology table: from labels, icons and stereotypes to what an element is.

The table is `technologies.yaml` beside this module; its head explains the columns. A label is read word by
word: the longest known phrase wins, whole words only, and a word such as "user" or "queue" counts only where
it ends a phrase, so that "User service" is a service and "Queue worker" a worker.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

import yaml

from agent.catalog.reading import read_yaml
from agent.catalog.spelling import mended
from agent.catalog.vocabulary import Trait
from agent.catalog.words import Word, icon_label, phrase_of, singular, words_of
from agent.domain.system import ElementKind
from agent.errors import CatalogError

FILE = "technologies.yaml"
ROLES = "roles"
"""The provider of entries that say what something does, and name no product."""

_LONGEST_LABEL = 300
"""Characters of a label that are looked at; a longer text is prose, not a name."""
_SHORTEST_JOINED = 7
"""Letters that a phrase written in one word must have to be heard so."""
_COLUMNS = frozenset({"name", "kind", "traits", "aliases", "icons", "place", "rules", "unless"})
_PEOPLE = frozenset({Trait.END_USER, Trait.ADMIN_PERSON})
_MACHINES = frozenset({Trait.VIRTUAL_MACHINE, Trait.CONTAINER, Trait.KUBERNETES})


@dataclass(frozen=True, slots=True)
class Technology:
    """One entry of the table."""

    id: str
    name: str
    kind: ElementKind
    """The DFD kind that it implies."""
    traits: frozenset[Trait]
    provider: str
    """The group that it stands in: "aws", "databases", …; "roles" for words that name no product."""
    ends: bool = False
    """Whether it is heard only at the end of a phrase."""
    rules: bool = False
    """Whether it decides the kind even beside a product's name."""
    unless: frozenset[str] = frozenset()

    @property
    def is_role(self) -> bool:
        """Whether it says what something does ("queue") rather than which product it is ("Amazon SQS")."""
        return self.provider == ROLES


@dataclass(frozen=True, slots=True)
class Recognition:
    """What a label, its icons and its stereotypes say together."""

    technologies: tuple[Technology, ...] = ()
    """The ones that agree with `kind` first, then the most specific first."""
    kind: ElementKind | None = None
    """None when nothing was recognised."""
    ruled: bool = False
    """Whether a word that rules over the kind ends the label."""


@dataclass(frozen=True, slots=True)
class _Match:
    technology: Technology
    start: int
    length: int
    """Words of the alias."""
    word: Word
    """The last word of it."""

    @property
    def decides(self) -> bool:
        """Whether it rules over the kind: a ruling entry that ends its phrase."""
        return self.technology.rules and self.word.ends


class Technologies:
    """The table, indexed by the first word of each alias."""

    def __init__(self) -> None:
        self._by_id: dict[str, Technology] = {}
        self._index: dict[str, dict[tuple[str, ...], Technology]] = {}
        self._icons: dict[str, Technology] = {}
        self._known: set[str] = set()

    def add(self, technology: Technology, phrases: Iterable[tuple[str, ...]], icons: Iterable[str]) -> None:
        """Take up an entry with its aliases (as words) and icon names; ValueError when one is taken."""
        if technology.id in self._by_id:
            raise ValueError("the identifier stands twice")
        self._by_id[technology.id] = technology
        for phrase in phrases:
            taken = self._index.setdefault(phrase[0], {}).setdefault(phrase, technology)
            if taken is not technology:
                raise ValueError(f'the alias "{" ".join(phrase)}" belongs to {taken.id} already')
            self._known.update(phrase)
        for icon in icons:
            self._icons[icon.lower()] = technology

    def close(self) -> None:
        """Hear phrases written in one word, too ("loadbalancer"), where no entry claims that word."""
        for phrases in list(self._index.values()):
            for phrase, technology in phrases.items():
                joined = "".join(phrase)
                if len(phrase) > 1 and len(joined) >= _SHORTEST_JOINED and joined not in self._known:
                    self._index.setdefault(joined, {})[joined,] = technology
                    self._known.add(joined)

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[Technology]:
        return iter(self._by_id.values())

    def get(self, id_: str) -> Technology:
        """The entry with this identifier; KeyError when there is none."""
        return self._by_id[id_]

    def traits_of(self, ids: Iterable[str]) -> frozenset[Trait]:
        """What these technologies are together; identifiers that the table lacks say nothing."""
        known = (self._by_id[i] for i in ids if i in self._by_id)
        return frozenset(trait for technology in known for trait in technology.traits)

    def recognise(
        self, label: str, icons: Sequence[str] = (), stereotypes: Sequence[str] = ()
    ) -> tuple[Technology, ...]:
        """The technologies that a label, its icons and its stereotypes name, the most telling first."""
        return self.read(label, icons, stereotypes).technologies

    def read(self, label: str, icons: Sequence[str] = (), stereotypes: Sequence[str] = ()) -> Recognition:
        """What label, icons and stereotypes say together about technologies and kind.

        An icon or a stereotype was put there on purpose and so outweighs the label; only a label that ends in
        a ruling word ("Orders DB") outweighs the icon of a mere machine under it (EC2, a container).
        """
        said = self._read_label(label)
        declared = [t for icon in icons for t in self._read_icon(icon)]
        declared += [t for name in stereotypes for t in self._read_label(name).technologies]
        if not declared:
            return said
        kind = declared[0].kind
        if said.kind is not None and said.ruled and declared[0].traits & _MACHINES:
            together = sorted([*declared, *said.technologies], key=lambda t: t.is_role)
            return Recognition(_unique(together), said.kind, ruled=True)
        together = [*declared, *said.technologies]
        return Recognition(_unique(t for t in together if t.kind is kind or t in declared), kind)

    def _read_icon(self, icon: str) -> tuple[Technology, ...]:
        exact = self._icons.get(icon.lower())
        if exact is not None:
            return (exact,)
        for name in icon_label(icon):
            found = self._read_label(name).technologies
            if found:
                return found[:1]
        return ()

    def _read_label(self, label: str) -> Recognition:
        words = words_of(mended(label[:_LONGEST_LABEL]), self._known)
        matches = _without_kept_people(self._matches(words), len(words))
        kind = _kind(matches)
        agreed = [m for m in matches if m.technology.kind is kind]
        agreed.sort(key=lambda m: (m.technology.is_role, -m.length, m.start))
        return Recognition(_unique(m.technology for m in agreed), kind, any(m.decides for m in agreed))

    def _matches(self, words: tuple[Word, ...]) -> list[_Match]:
        texts = frozenset(w.text for w in words)
        found: list[_Match] = []
        at = 0
        while at < len(words):
            match = self._longest(words, at, texts)
            if match is not None:
                found.append(match)
            at += match.length if match else 1
        return found

    def _longest(self, words: tuple[Word, ...], at: int, texts: frozenset[str]) -> _Match | None:
        best: _Match | None = None
        first = words[at].text
        for start in {first, singular(first)}:
            for phrase, technology in self._index.get(start, {}).items():
                if best is not None and len(phrase) <= best.length:
                    continue
                if _fits(phrase, words, at) and _allowed(technology, words[at + len(phrase) - 1], texts):
                    best = _Match(technology, at, len(phrase), words[at + len(phrase) - 1])
        return best


def _fits(phrase: tuple[str, ...], words: tuple[Word, ...], at: int) -> bool:
    if at + len(phrase) > len(words) or words[at + len(phrase) - 1].phrase != words[at].phrase:
        return False
    return all(
        part in {words[at + n].text, singular(words[at + n].text)} for n, part in enumerate(phrase) if n
    )


def _allowed(technology: Technology, last: Word, texts: frozenset[str]) -> bool:
    if technology.ends and (not last.ends or last.linked):
        return False
    return not (technology.unless and technology.unless & texts)


def _kind(matches: Sequence[_Match]) -> ElementKind | None:
    """The kind that the first phrase with a match decides."""
    if not matches:
        return None
    main = [m for m in matches if m.word.phrase == matches[0].word.phrase]
    ruling = [m for m in main if m.decides and not m.word.linked]
    marked = [m for m in main if m.technology.rules and m.technology.kind is ElementKind.EXTERNAL_ENTITY]
    if ruling and (ruling[-1].technology.kind is not ElementKind.PROCESS or not marked):
        return ruling[-1].technology.kind
    if marked:
        return ElementKind.EXTERNAL_ENTITY
    rest = [m for m in main if m.technology.rules] or _products(main) or _renamed(main, matches) or main
    ending = [m for m in rest if m.technology.ends and not m.word.linked]
    return (ending or rest)[-1].technology.kind


def _without_kept_people(matches: list[_Match], size: int) -> list[_Match]:
    """Without the people whose data a store's product keeps: "PostgreSQL users and meetings"."""
    store = next((m for m in matches if m.technology.kind is ElementKind.DATA_STORE), None)
    if store is None or store.technology.is_role:
        return matches
    return [
        m
        for m in matches
        if m.start <= store.start or not m.technology.traits <= _PEOPLE or m.start + m.length == size
    ]


def _products(matches: Sequence[_Match]) -> list[_Match]:
    return [m for m in matches if not m.technology.is_role]


def _renamed(main: Sequence[_Match], matches: Sequence[_Match]) -> list[_Match]:
    """Products of later phrases that do what the main phrase says: Auth0 in "Login service (Auth0)"."""
    traits = frozenset(t for m in main for t in m.technology.traits)
    later = matches[len(main) :]
    return [m for m in _products(later) if m.technology.traits & traits]


def _unique(technologies: Iterable[Technology]) -> tuple[Technology, ...]:
    return tuple(dict.fromkeys(technologies))


@lru_cache(maxsize=1)
def load_technologies() -> Technologies:
    """The table of the package, read once; CatalogError names file and entry when it breaks its grammar."""
    return parse_technologies(resources.files("agent.catalog").joinpath(FILE).read_text("utf-8"))


def parse_technologies(text: str, file: str = FILE) -> Technologies:
    """A table from YAML text; CatalogError names `file` and the entry when it breaks its grammar."""
    try:
        groups = read_yaml(text)
    except yaml.YAMLError as error:
        raise CatalogError(f"{file} is not YAML: {error}.") from None
    if not isinstance(groups, dict):
        raise CatalogError(f"{file} must map each provider to its technologies.")
    table = Technologies()
    for provider, group in groups.items():
        _add_group(table, str(provider), group, file)
    table.close()
    return table


def _add_group(table: Technologies, provider: str, group: object, file: str) -> None:
    if not isinstance(group, dict) or not isinstance(group.get("technologies"), dict):
        raise CatalogError(f"{file}, {provider}: a provider needs a map of technologies.")
    prefixes = [phrase_of(p) for p in _listed(group.get("prefixes", ""))]
    for id_, row in group["technologies"].items():
        try:
            technology = _technology(str(id_), provider, row)
            table.add(technology, _phrases(row, prefixes), _listed(row.get("icons", "")))
        except (TypeError, ValueError, KeyError) as error:
            raise CatalogError(f"{file}, {provider}, {id_}: {error}.") from None


def _technology(id_: str, provider: str, row: Mapping[str, Any]) -> Technology:
    if not isinstance(row, dict):
        raise TypeError("an entry must be a map of columns")
    strange = row.keys() - _COLUMNS
    if strange:
        raise ValueError(f"there is no column {min(strange)}")
    if row.get("place", "anywhere") not in {"anywhere", "end"}:
        raise ValueError(f'place is "anywhere" or "end", not {row["place"]}')
    return Technology(
        id=id_,
        name=str(row["name"]),
        kind=ElementKind(row["kind"]),
        traits=frozenset(Trait(t) for t in _listed(row["traits"])),
        provider=provider,
        ends=row.get("place") == "end",
        rules=bool(row.get("rules", False)),
        unless=frozenset(u.lower() for u in _listed(row.get("unless", ""))),
    )


def _phrases(row: Mapping[str, Any], prefixes: Sequence[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """The name and the aliases as words; for a provider with prefixes also with each of these in front."""
    for alias in (str(row["name"]), *_listed(row.get("aliases", ""))):
        phrase = phrase_of(alias)
        if not phrase:
            raise ValueError(f'the alias "{alias}" has no word')
        yield phrase
        bare = next((phrase[len(p) :] for p in prefixes if phrase[: len(p)] == p), phrase)
        if bare:
            yield from ((*p, *bare) for p in prefixes)


def _listed(line: object) -> list[str]:
    if not isinstance(line, str):
        raise TypeError(f"a list is one line with commas, not {line!r}")
    return [part.strip() for part in line.split(",") if part.strip()]

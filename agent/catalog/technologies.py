"""The technology table: from labels, icons and stereotypes to what an element is.

The table is `technologies.yaml` beside this module; its head explains the columns. A label is read word by
word: the longest known phrase wins, whole words only, and a word such as "user" or "queue" counts only where
it ends a phrase, so that "User service" is a service and "Queue worker" a worker.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources
from itertools import chain, pairwise
from threading import RLock
from typing import Any

from agent.catalog.spelling import mended
from agent.catalog.technology import ROLES, Entry, Family, Guard, Technology
from agent.catalog.technology_matches import Match, deciding_kind, is_ours, without_kept_people
from agent.catalog.technology_rows import members, read_rows
from agent.catalog.vocabulary import Trait
from agent.catalog.words import Word, fills_its_phrase, icon_label, opening_words, singular, words_of
from agent.domain.system import ElementKind
from agent.errors import CatalogError

__all__ = ["ROLES", "Recognition", "Technologies", "Technology", "load_technologies", "parse_technologies"]

FILE = "technologies.yaml"

_LONGEST_LABEL = 300
"""Characters of a label that are looked at; a longer text is prose, not a name."""
_SHORTEST_JOINED = 7
"""Letters that a phrase written in one word must have to be heard so."""
_MACHINES = frozenset({Trait.VIRTUAL_MACHINE, Trait.CONTAINER, Trait.KUBERNETES})


@dataclass(frozen=True, slots=True)
class Recognition:
    """What a label, its icons and its stereotypes say together."""

    technologies: tuple[Technology, ...] = ()
    """The ones that agree with `kind` first, then the most specific first."""
    kind: ElementKind | None = None
    """None when nothing was recognised."""
    ruled: bool = False
    """Whether a word that rules over the kind ends the label."""


_Index = defaultdict[str, dict[tuple[str, ...], Technology]]
_Everyday = defaultdict[str, dict[tuple[str, ...], tuple[Technology, Guard]]]


class _Copies(defaultdict[str, dict[tuple[str, ...], Any]]):
    """Copies of those parts of an index that are asked for."""

    def __init__(self, index: Mapping[str, dict[tuple[str, ...], Any]]) -> None:
        super().__init__()
        self._index = index

    def __missing__(self, key: str) -> dict[tuple[str, ...], Any]:
        self[key] = dict(self._index.get(key, {}))
        return self[key]


class Technologies:
    """The table, indexed by the first word of each alias.

    Families are opened when a label has a word that one of their names begins with. Threads may share a
    table: what they read is replaced and never changed.
    """

    def __init__(self) -> None:
        self._by_id: dict[str, Technology] = {}
        self._rows: list[list[Technology]] = []
        self._index: _Index = defaultdict(dict)
        self._everyday: _Everyday = defaultdict(dict)
        self._icons: dict[str, Technology] = {}
        self._known: set[str] = set()
        self._closed: dict[str, list[tuple[Family, list[Technology]]]] = {}
        self._lock = RLock()

    def add(self, entry: Entry) -> None:
        """Take up an entry; CatalogError when its identifier or a name is taken."""
        self._rows.append([])
        self._take(entry, self._rows[-1], self._index, self._everyday)
        for icon in entry.icons:
            self._icons[icon.lower()] = entry.technology

    def add_family(self, family: Family) -> None:
        """Take up a family, unread."""
        self._rows.append([])
        opening, known = opening_words(family.each)
        self._known |= known
        for word in opening:
            self._closed.setdefault(word, []).append((family, self._rows[-1]))

    def close(self) -> None:
        """Hear phrases written in one word, too ("loadbalancer"), where no entry claims that word."""
        for phrases in list(self._index.values()):
            for phrase, technology in phrases.items():
                joined = "".join(phrase)
                if len(phrase) > 1 and len(joined) >= _SHORTEST_JOINED and joined not in self._known:
                    self._index[joined][joined,] = technology
                    self._known.add(joined)

    def open_all(self) -> None:
        """Read every family; CatalogError when one breaks the grammar."""
        for word in list(self._closed):
            self._open(word)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __iter__(self) -> Iterator[Technology]:
        self.open_all()
        return chain.from_iterable(self._rows)

    def roles(self) -> Iterator[Technology]:
        """The entries that name no product."""
        return (t for t in self._by_id.copy().values() if t.is_role)

    def get(self, id_: str) -> Technology:
        """The entry with this identifier; KeyError when there is none."""
        if id_ not in self._by_id:
            self.open_all()
        return self._by_id[id_]

    def traits_of(self, ids: Iterable[str]) -> frozenset[Trait]:
        """What these technologies are together; identifiers that the table lacks say nothing."""
        asked = tuple(ids)
        if any(i not in self._by_id for i in asked):
            self.open_all()
        known = (self._by_id[i] for i in asked if i in self._by_id)
        return frozenset(trait for technology in known for trait in technology.traits)

    def is_everyday(self, word: str) -> bool:
        """Whether a product is called by this word, which means something else as well."""
        self._open(word)
        return (word,) in self._everyday.get(word, {})

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

    def _take(self, entry: Entry, row: list[Technology], index: _Index, everyday: _Everyday) -> None:
        technology = entry.technology
        if technology.id in self._by_id:
            raise CatalogError(f"{entry.where}: the identifier {technology.id} stands twice.")
        self._by_id[technology.id] = technology
        row.append(technology)
        for phrase in (*entry.phrases, *entry.branded):
            guard = entry.guards.get(phrase)
            if guard is None:
                taken = index[phrase[0]].setdefault(phrase, technology)
            else:
                taken, _ = everyday[phrase[0]].setdefault(phrase, (technology, guard))
            if taken is not technology:
                said = " ".join(phrase)
                raise CatalogError(f'{entry.where}: the alias "{said}" belongs to {taken.id} already.')
        self._known.update(chain.from_iterable(entry.phrases))

    def _open(self, word: str) -> None:
        """Read the families with a name that begins with this word."""
        if word not in self._closed:
            return
        with self._lock:
            index, everyday = _Copies(self._index), _Copies(self._everyday)
            for family, row in self._closed.get(word, ()):
                if not row:
                    try:
                        for entry in members(family):
                            self._take(entry, row, index, everyday)
                    except ValueError as error:
                        raise CatalogError(f"{family.where}: {error}.") from None
            self._index.update(index)
            self._everyday.update(everyday)
            self._closed.pop(word, None)

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
        matches = without_kept_people(self._with_ours(self._matches(words)), len(words))
        kind = deciding_kind(matches)
        agreed = [m for m in matches if m.technology.kind is kind]
        agreed.sort(key=lambda m: (m.technology.is_role, -m.length, m.start))
        return Recognition(_unique(m.technology for m in agreed), kind, any(m.decides for m in agreed))

    def _matches(self, words: tuple[Word, ...]) -> list[Match]:
        found: list[Match] = []
        at = 0
        while at < len(words):
            match = self._longest(words, at)
            if match is not None:
                found.append(match)
            at += match.length if match else 1
        return found

    def _longest(self, words: tuple[Word, ...], at: int) -> Match | None:
        best: tuple[Technology, int] | None = None
        first = words[at].text
        for start in dict.fromkeys((first, singular(first))):
            self._open(start)
            for phrase, (technology, guard) in self._everyday.get(start, {}).items():
                size = len(phrase)
                if (
                    (best is None or size > best[1])
                    and _fits(phrase, words, at)
                    and _is_named(guard, words, at, size)
                ):
                    best = (technology, size)
            for phrase, technology in self._index.get(start, {}).items():
                size = len(phrase)
                if (
                    (best is None or size > best[1])
                    and _fits(phrase, words, at)
                    and _allowed(technology, words, at + size - 1)
                ):
                    best = (technology, size)
        if best is None:
            return None
        technology, size = best
        return Match(technology, at, size, words[at + size - 1], fills_its_phrase(words, at, size))

    def _with_ours(self, matches: list[Match]) -> list[Match]:
        """The matches; "client" and the like right after a product's name are the part that we run."""
        found = matches[:1]
        for before, match in pairwise(matches):
            if is_ours(match, before):
                stands_for = match.technology.stands_for
                technology = self._by_id[stands_for] if stands_for else match.technology
                found.append(replace(match, technology=technology, ours=True))
            else:
                found.append(match)
        return found


def _fits(phrase: tuple[str, ...], words: tuple[Word, ...], at: int) -> bool:
    if at + len(phrase) > len(words) or words[at + len(phrase) - 1].phrase != words[at].phrase:
        return False
    return all(
        part in {words[at + n].text, singular(words[at + n].text)} for n, part in enumerate(phrase) if n
    )


def _allowed(technology: Technology, words: tuple[Word, ...], last: int) -> bool:
    if technology.ends and (not words[last].ends or words[last].linked):
        return False
    return not (technology.unless and any(w.text in technology.unless for w in words))


def _is_named(guard: Guard, words: tuple[Word, ...], at: int, size: int) -> bool:
    """Whether an everyday word names the product here: alone in its phrase, or beside a word that fits."""
    fills = fills_its_phrase(words, at, size)
    if fills and guard.alone and any(w.capital for w in words[at : at + size]):
        return True
    own = range(at, at + size)
    near = (i for i in range(len(words)) if i not in own and (fills or i in {at - 1, at + size}))
    return any({words[i].text, singular(words[i].text)} & guard.fits for i in near)


def _unique(technologies: Iterable[Technology]) -> tuple[Technology, ...]:
    return tuple(dict.fromkeys(technologies))


@lru_cache(maxsize=1)
def load_technologies() -> Technologies:
    """The table of the package, read once; CatalogError names file and row when it breaks its grammar."""
    return _read(resources.files("agent.catalog").joinpath(FILE).read_text("utf-8"), FILE)


def parse_technologies(text: str, file: str = FILE) -> Technologies:
    """A table from YAML text; CatalogError names `file` and the entry when it breaks its grammar."""
    table = _read(text, file)
    table.open_all()
    return table


def _read(text: str, file: str) -> Technologies:
    table = Technologies()
    for row in read_rows(text, file):
        if isinstance(row, Family):
            table.add_family(row)
        else:
            table.add(row)
    table.close()
    return table

"""The rows of `technologies.yaml` as entries; the file's head explains the columns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import yaml

from agent.catalog.reading import read_yaml
from agent.catalog.technology import ROLES, Entry, Family, Guard, Technology
from agent.catalog.vocabulary import Trait
from agent.catalog.words import phrase_of
from agent.domain.system import ElementKind
from agent.errors import CatalogError

_COLUMNS = frozenset(
    {"name", "each", "kind", "traits", "aliases", "alone", "beside", "fits", "icons", "place", "rules"}
    | {"unless", "after", "as"}
)
_PLACES = frozenset({"anywhere", "end"})
_NO_GUARDS: Mapping[tuple[str, ...], Guard] = MappingProxyType({})
_NOT_IN_IDS = re.compile(r"[^a-z0-9]+")


def read_rows(text: str, file: str) -> Iterator[Entry | Family]:
    """The rows of a table in YAML; CatalogError names `file` and the row that breaks the grammar."""
    try:
        groups = read_yaml(text, plain=True)
    except yaml.YAMLError as error:
        raise CatalogError(f"{file} is not YAML: {error}.") from None
    if not isinstance(groups, dict):
        raise CatalogError(f"{file} must map each provider to its technologies.")
    for provider, group in groups.items():
        yield from _group(str(provider), group, file)


def members(family: Family) -> Iterator[Entry]:
    """The entries of a family; ValueError when a name has no word, or a guard guards none of them."""
    left = set(family.guards)
    for said in _listed(family.each):
        names = [name.strip() for name in said.split("=")]
        spoken = _spoken(names)
        own = {phrase: family.guards[phrase] for phrase in spoken if phrase in left} if left else {}
        left.difference_update(own)
        technology = Technology(_id_of(names[0]), names[0], *family.technology[2:])
        yield Entry(family.where, technology, spoken, guards=own)
    if left:
        raise ValueError(f'"{" ".join(min(left))}" stands in alone or beside, and not in each')


def _group(provider: str, group: object, file: str) -> Iterator[Entry | Family]:
    if not isinstance(group, dict) or not isinstance(group.get("technologies"), dict):
        raise CatalogError(f"{file}, {provider}: a provider needs a map of technologies.")
    prefixes = [phrase_of(p) for p in _listed(group.get("prefixes", ""))]
    for id_, row in group["technologies"].items():
        where = f"{file}, {provider}, {id_}"
        try:
            yield _row(where, str(id_), provider, row, prefixes)
        except (TypeError, ValueError, KeyError) as error:
            raise CatalogError(f"{where}: {error}.") from None


def _row(
    where: str, id_: str, provider: str, row: object, prefixes: Sequence[tuple[str, ...]]
) -> Entry | Family:
    if not isinstance(row, dict):
        raise TypeError("an entry must be a map of columns")
    strange = row.keys() - _COLUMNS
    if strange:
        raise ValueError(f"there is no column {min(strange)}")
    guards = _guards(row)
    if "each" in row:
        if not row.keys().isdisjoint({"name", "aliases", "icons"}) or prefixes or provider == ROLES:
            raise ValueError("each is for products, and stands in the place of name, aliases and prefixes")
        return Family(where, _technology(id_, id_, provider, row), str(row["each"]), guards)
    names = (str(row["name"]), *_listed(row.get("aliases", "")))
    spoken = [*_spoken(names), *guards]
    return Entry(
        where,
        _technology(id_, names[0], provider, row),
        spoken,
        _branded(spoken, prefixes),
        _listed(row.get("icons", "")),
        guards,
    )


def _id_of(name: str) -> str:
    return _NOT_IN_IDS.sub("-", name.lower()).strip("-")


def _guards(row: Mapping[str, Any]) -> Mapping[tuple[str, ...], Guard]:
    if "alone" not in row and "beside" not in row:
        return _NO_GUARDS
    fits = frozenset(word.lower() for word in _listed(row.get("fits", "")))
    guards = {phrase_of(name): Guard(fits, alone=True) for name in _listed(row.get("alone", ""))}
    guards |= {phrase_of(name): Guard(fits, alone=False) for name in _listed(row.get("beside", ""))}
    if "beside" in row and not fits:
        raise ValueError("beside needs fits")
    return guards


def _technology(id_: str, name: str, provider: str, row: Mapping[str, Any]) -> Technology:
    if row.get("place", "anywhere") not in _PLACES:
        raise ValueError(f'place is "anywhere" or "end", not {row["place"]}')
    return Technology(
        id=id_,
        name=name,
        kind=ElementKind(row["kind"]),
        traits=frozenset(Trait(t) for t in _listed(row["traits"])),
        provider=provider,
        ends=row.get("place") == "end",
        rules=row.get("rules") == "true",
        unless=frozenset(u.lower() for u in _listed(row.get("unless", ""))),
        after=frozenset(ElementKind(k) for k in _listed(row.get("after", ""))),
        stands_for=str(row.get("as", "")),
    )


def _spoken(names: Iterable[str]) -> list[tuple[str, ...]]:
    """The names as words."""
    spoken = []
    for name in names:
        phrase = phrase_of(name)
        if not phrase:
            raise ValueError(f'the alias "{name}" has no word')
        spoken.append(phrase)
    return spoken


def _branded(
    spoken: Sequence[tuple[str, ...]], prefixes: Sequence[tuple[str, ...]]
) -> Sequence[tuple[str, ...]]:
    """For a provider with prefixes, the names with each of these in front."""
    if not prefixes:
        return ()
    bare = [next((s[len(p) :] for p in prefixes if s[: len(p)] == p), s) for s in spoken]
    return [(*prefix, *phrase) for prefix in prefixes for phrase in bare if phrase]


def _listed(line: object) -> list[str]:
    if line == "":
        return []
    if not isinstance(line, str):
        raise TypeError(f"a list is one line with commas, not {line!r}")
    return [part.strip() for part in line.split(",") if part.strip()]

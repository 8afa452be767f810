"""From what people say of a design to what the catalogues call it.

People describe components, catalogues name weaknesses, so a description rarely shares a word with the
passage that it needs. The bridge looks the description up among plain phrases (`bridge.yaml`) and our own
passages (the starter pack), and says in identifiers and names what lies nearest: sub-queries that any store
understands. A language model can write better ones; it passes them in the query, and they come first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from knowledge.corpora import starter
from knowledge.embedders.base import Embedder
from knowledge.passages import Passage, Query
from knowledge.stores.sqlite import SqliteStore

LIMIT = 8
"""Sub-queries that the bridge adds."""

NEAR = 12
"""Concepts and passages near the text whose names are taken."""

_WIDE = 50
"""Phrases that are looked at for them: one concept has several."""

_LATER = 0.25
"""How much less a concept's later names count: 1 / (1 + _LATER × place)."""

KINDS = ("weakness", "attack_pattern", "technique", "risk", "requirement")
"""The kinds of our passages, in the order in which they fill places."""

_CONCEPT = "concept"


class Bridge:
    """An index of plain phrases, and what they are called. Safe for several threads.

    Args:
        embedder: when given, phrases are found by meaning as well as by words, which finds far more.
        path: a file to keep the index in, so that an embedder works once and not in each process.
    """

    def __init__(self, *, embedder: Embedder | None = None, path: Path | str = ":memory:") -> None:
        raw: dict[str, Any] = yaml.load(
            files("knowledge").joinpath("bridge.yaml").read_bytes(),
            Loader=starter.LOADER,  # noqa: S506 - safe, see LOADER
        )
        self._concepts: list[tuple[str, ...]] = [tuple(c["ids"]) for c in raw["concepts"]]
        self._kinds: Mapping[str, frozenset[str]] = {
            kind: frozenset(starter.STRIDE[letter] for letter in letters)
            for kind, letters in raw["kinds"].items()
        }
        self._pack = {p.id: p for p in starter.load()}
        says = [
            Passage(id=f"{_CONCEPT} {place} {turn}", source=_CONCEPT, title="", text=phrase.strip())
            for place, concept in enumerate(raw["concepts"])
            for turn, phrase in enumerate(concept["says"].split(";"))
        ]
        self._store = SqliteStore(path, embedder=embedder)
        self._store.upsert([*says, *self._pack.values()])

    def sub_queries(
        self,
        text: str,
        *,
        kind: str = "",
        technologies: Iterable[str] = (),
        stride: Iterable[str] = (),
        sources: Iterable[str] = (),
        limit: int = LIMIT,
    ) -> tuple[str, ...]:
        """At most `limit` sub-queries such as "CWE-89 SQL Injection", the nearest first.

        Args:
            text: the description, in anybody's words; may be empty.
            kind: "external_entity", "process", "data_store" or "flow": which categories to ask when `stride`
                is empty.
            technologies: traits of what is described; with them, the passages labelled so fill a quarter of
                the places, and more when the text says little.
            stride: only these categories fill places.
            sources: only identifiers of these corpora; all when empty.
            limit: how many.
        """
        wanted = frozenset(sources)
        named = self._named(text, wanted)
        filled = self._filled(
            frozenset(technologies), frozenset(stride) or self._kinds.get(kind, frozenset()), wanted
        )
        fresh = [id_ for id_ in filled if id_ not in named]
        kept = named[: max(limit - len(fresh), limit - limit // 4)]
        chosen = [*kept, *fresh][:limit]
        return tuple(f"{id_} {self._pack[id_].title}" for id_ in chosen)

    def _named(self, text: str, sources: frozenset[str]) -> list[str]:
        """The identifiers behind the nearest phrases and passages, the nearest first."""
        wanted = (_CONCEPT, *sources) if sources else ()
        near: dict[tuple[str, ...], float] = {}
        for hit in self._store.search(Query(text=text, sources=wanted, limit=_WIDE)):
            near.setdefault(self._behind(hit.passage), hit.score)
        scores: dict[str, float] = {}
        for names, score in list(near.items())[:NEAR]:
            for later, id_ in enumerate(names):
                if not sources or self._pack[id_].source in sources:
                    scores[id_] = scores.get(id_, 0.0) + score / (1 + _LATER * later)
        return sorted(scores, key=lambda id_: (-scores[id_], id_))

    def _behind(self, passage: Passage) -> tuple[str, ...]:
        if passage.source != _CONCEPT:
            return (passage.id,)
        return self._concepts[int(passage.id.split()[1])]

    def close(self) -> None:
        """Let go of the index."""
        self._store.close()

    def _filled(
        self, technologies: frozenset[str], stride: frozenset[str], sources: frozenset[str]
    ) -> list[str]:
        """Passages about the technologies and categories, those that are about little else first."""
        if not technologies:
            return []
        fitting = [
            p
            for p in self._pack.values()
            if technologies & set(p.technologies)
            and (not stride or stride & set(p.stride))
            and (not sources or p.source in sources)
        ]
        about = {p.id: len(technologies & set(p.technologies)) / len(p.technologies) for p in fitting}
        return sorted(about, key=lambda id_: (-about[id_], KINDS.index(self._pack[id_].kind), id_))


@cache
def bridge() -> Bridge:
    """The bridge of this process, by words alone."""
    return Bridge()


def rewrite(
    query: Query,
    *,
    across: Bridge | None = None,
    kind: str = "",
    technologies: Iterable[str] = (),
    stride: Iterable[str] = (),
    limit: int = LIMIT,
) -> Query:
    """The query with a bridge's sub-queries behind its own; see Bridge.sub_queries for the hints.

    Args:
        query: what is asked.
        across: the bridge; that of this process, by words alone, when None.
        kind: see Bridge.sub_queries, also for the rest.
        technologies: traits.
        stride: categories; those of the query when empty.
        limit: how many are added.
    """
    added = (across or bridge()).sub_queries(
        query.text,
        kind=kind,
        technologies=technologies,
        stride=stride or query.stride,
        sources=query.sources,
        limit=limit,
    )
    together = tuple(dict.fromkeys((*query.sub_queries, *added)))
    return query.model_copy(update={"sub_queries": together})

"""From what people say of a design to what the catalogues call it.

People describe components, catalogues name weaknesses, so a description rarely shares a word with the
passage that it needs. The bridge looks the description up among plain phrases (`bridge.yaml`) and our own
passages (the starter pack), and says in identifiers and names what lies nearest: sub-queries that any store
understands. A language model can write better ones; it passes them in the query, and they come first.

Few people use the words of a phrase, so words are looked up with the classes that they belong to as well
(`wording.yaml`), in each phrase and in all phrases of a concept together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from knowledge.corpora import starter
from knowledge.embedders.base import Embedder
from knowledge.passages import Passage, Query
from knowledge.phrases import Phrases
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

WORDS_WEIGHT = 2.0
"""What the words themselves count beside their classes: those find what is said in other words, and would
alone drown the rare word that decides."""

MEANING_WEIGHT = 3.0
"""What an embedder's ranking counts beside the same."""

_CONCEPT = "concept"


class Bridge:
    """An index of plain phrases, and what they are called. Safe for several threads.

    Args:
        embedder: when given, phrases are found by meaning as well as by words, which finds far more.
        path: a file to keep its vectors in, so that an embedder works once and not in each process.
        also: more phrases, each with the identifiers behind it, the most fitting first; unknown ones are
            left out.
    """

    def __init__(
        self,
        *,
        embedder: Embedder | None = None,
        path: Path | str = ":memory:",
        also: Iterable[tuple[str, Sequence[str]]] = (),
    ) -> None:
        raw: dict[str, Any] = yaml.load(
            files("knowledge").joinpath("bridge.yaml").read_bytes(),
            Loader=starter.LOADER,  # noqa: S506 - safe, see LOADER
        )
        pack = tuple(starter.load())
        self._pack = {p.id: p for p in pack}
        self._kinds: Mapping[str, frozenset[str]] = {
            kind: frozenset(starter.STRIDE[letter] for letter in letters)
            for kind, letters in raw["kinds"].items()
        }
        known = ((says, [id_ for id_ in names if id_ in self._pack]) for says, names in also)
        concepts = [*((c["says"], c["ids"]) for c in raw["concepts"]), *((s, n) for s, n in known if n)]
        self._concepts = [tuple(names) for _, names in concepts]
        said = [
            Passage(id=f"{_CONCEPT} {place} {turn}", source=_CONCEPT, title="", text=phrase.strip())
            for place, (says, _) in enumerate(concepts)
            for turn, phrase in enumerate(dict.fromkeys((*says.split(";"), says)))
        ]
        self._words = Phrases(said, pack)
        self._meaning = SqliteStore(path, embedder=embedder) if embedder else None
        if self._meaning:
            self._meaning.upsert([*said, *pack])

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
        named = self._with_direct(self._named(text, wanted), text, wanted, limit)
        filled = self._filled(
            frozenset(technologies), frozenset(stride) or self._kinds.get(kind, frozenset()), wanted
        )
        fresh = [id_ for id_ in filled if id_ not in named]
        kept = named[: max(limit - len(fresh), limit - limit // 4)]
        chosen = [*kept, *fresh][:limit]
        return tuple(f"{id_} {self._pack[id_].title}" for id_ in chosen)

    def _with_direct(self, named: list[str], text: str, sources: frozenset[str], limit: int) -> list[str]:
        """A quarter of the places for our passages that hold the very words: phrases would crowd them out."""
        wanted = sorted(sources) or sorted({p.source for p in self._pack.values()})
        direct = [id_ for id_, _ in self._words.near(text, wanted, limit // 4)]
        return list(dict.fromkeys((*named[: limit - limit // 4], *direct, *named)))

    def _named(self, text: str, sources: frozenset[str]) -> list[str]:
        """The identifiers behind the nearest phrases and passages, the nearest first."""
        wanted = (_CONCEPT, *sorted(sources)) if sources else ()
        near: dict[tuple[str, ...], float] = {}
        for weight, found in self._looked_up(text, wanted):
            for names, score in self._nearest(found).items():
                near[names] = near.get(names, 0.0) + weight * score
        scores: dict[str, float] = {}
        for names, score in sorted(near.items(), key=lambda item: (-item[1], item[0]))[:NEAR]:
            for later, id_ in enumerate(names):
                if not sources or self._pack[id_].source in sources:
                    scores[id_] = scores.get(id_, 0.0) + score / (1 + _LATER * later)
        return sorted(scores, key=lambda id_: (-scores[id_], id_))

    def _looked_up(
        self, text: str, sources: Sequence[str]
    ) -> Iterator[tuple[float, list[tuple[str, float]]]]:
        """Each way of looking with its weight and what it found."""
        yield WORDS_WEIGHT, self._words.near(text, sources, _WIDE)
        yield 1.0, self._words.near(text, sources, _WIDE, by_class=True)
        if self._meaning:
            hits = self._meaning.search(Query(text=text, sources=tuple(sources), limit=_WIDE))
            yield MEANING_WEIGHT, [(h.passage.id, h.score) for h in hits]

    def _nearest(self, found: Iterable[tuple[str, float]]) -> dict[tuple[str, ...], float]:
        """The names behind the passages, and how near the nearest passage behind which they stand is."""
        near: dict[tuple[str, ...], float] = {}
        for id_, score in found:
            names = self._concepts[int(id_.split()[1])] if id_ not in self._pack else (id_,)
            near.setdefault(names, score)
        return near

    def close(self) -> None:
        """Let go of the index."""
        self._words.close()
        if self._meaning:
            self._meaning.close()

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

"""The knowledge base as a conversation uses it: it may fail, and the answer goes on without it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from agent.bridging import bridge
from agent.conversation.asked import Asked
from agent.conversation.reply import Citation, of_passage, one_line
from agent.conversation.search import coverage, mentions
from agent.domain.threat import Threat
from knowledge.bridge import rewrite
from knowledge.passages import Passage, Query
from knowledge.retrieve import retrieve
from knowledge.stores.base import KnowledgeStore, StoreError

CLOSE = 0.6
"""The part of a question's words that a passage must have to be shown."""

TWO = 2
"""Words of a question that a passage of a catalogue must have at least, where it has so many."""

VERY_CLOSE = 0.8
"""The same for a passage that is shown beside threats that fit: it must be about the very question."""

COMPANY = "company"
"""The source of what the company has written itself."""

CITED = 3
"""References of a threat that an answer names."""

_HIDDEN = frozenset({"starter", "loaded", "documents"})
"""Sources that hold marks and no texts."""


class Knowing:
    """A KnowledgeStore whose failure is remembered and not raised."""

    def __init__(self, store: KnowledgeStore) -> None:
        self._store = store
        self.trouble = ""
        """What the store failed with; empty while it answers."""

    def passages(self, ids: Iterable[str]) -> tuple[Passage, ...]:
        """The passages with these ids; none when the store fails."""
        try:
            return self._store.get(ids)
        except StoreError as error:
            self.trouble = str(error)
            return ()

    def about(self, asked: Asked) -> list[Passage]:
        """Passages that have most of the question's words, those with most first, then as retrieved."""
        text = " ".join(word for group in asked.groups for word in group[:1])
        try:
            asking = rewrite(Query(text=asked.text, sub_queries=(text,), limit=20), across=bridge())
            hits = retrieve(self._store, asking)
        except StoreError as error:
            self.trouble = str(error)
            return []
        found = [h.passage for h in hits]
        scores = coverage(asked.groups, found)
        least = min(TWO, len(asked.groups))
        close = [
            p
            for p in found
            if scores.get(p.id, 0.0) >= CLOSE and (p.source == COMPANY or _having(p, asked) >= least)
        ]
        return sorted(close, key=lambda p: -scores[p.id])

    def of_company(self, asked: Asked) -> list[Passage]:
        """Passages of the company's documents that have nearly all of the question's words, best first."""
        try:
            hits = self._store.search(Query(text=asked.text, sources=(COMPANY,), limit=10))
        except StoreError as error:
            self.trouble = str(error)
            return []
        found = [h.passage for h in hits]
        scores = coverage(asked.groups, found)
        close = [p for p in found if scores.get(p.id, 0.0) >= VERY_CLOSE]
        return sorted(close, key=lambda p: -scores[p.id])

    def count(self) -> int:
        """How many passages there are to look through."""
        try:
            return sum(n for source, n in self._store.counts().items() if source not in _HIDDEN)
        except StoreError as error:
            self.trouble = str(error)
            return 0

    def references(self, threats: Sequence[Threat]) -> list[Citation]:
        """What the threats cite first, with the titles and addresses of the passages where there are any."""
        cited = {r.id: r for t in threats for r in t.references[:CITED]}
        passages = {p.id: p for p in self.passages(cited)}
        found = []
        for id_, reference in cited.items():
            if id_ in passages:
                found.append(of_passage(passages[id_]))
            else:
                title = f"{id_} · {one_line(reference.title)}" if reference.title else id_
                found.append(Citation(kind="reference", id=id_, title=title, url=reference.url))
        return found


def _having(passage: Passage, asked: Asked) -> int:
    """How many of the question's words the passage has."""
    text = f"{passage.id} {passage.title}. {passage.text}"
    return sum(mentions(text, group) for group in asked.groups)

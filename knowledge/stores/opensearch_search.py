"""A query in OpenSearch's words: one search by words and one by meaning for each text that is asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from knowledge.fusion import DEPTH
from knowledge.passages import Query
from knowledge.stores.base import StoreError
from knowledge.stores.opensearch_client import reason
from knowledge.stores.opensearch_layout import Document
from knowledge.words import terms

IDENTIFIER = 0.3
"""What a word counts for when it is in the identifier, beside what it counts for anywhere: together about as
much as the weight 4 of the embedded store's column, which BM25 saturates."""

Ranking = list[tuple[str, float]]


class Moved(Exception):
    """The alias has moved to another index."""


def by_words(text: str, query: Query, depth: int = DEPTH) -> Document:
    """The search for the text's words, each of them as a plain word and never as query syntax."""
    wanted = terms(text)
    plain = [term for term in wanted if term.isalnum()]
    joined = [term for term in wanted if not term.isalnum()]
    should: list[Document] = []
    for field, boost in (("words", 1.0), ("id.words", IDENTIFIER)):
        should += [{"match_phrase": {field: {"query": term, "boost": boost}}} for term in joined]
        if plain:
            should.append({"match": {field: {"query": " ".join(plain), "boost": boost}}})
    if not should:
        return _ranked({"match_none": {}}, depth)
    wanted_any = {"should": should, "minimum_should_match": 1, "filter": _filters(query)}
    return _ranked({"bool": wanted_any}, depth)


def by_meaning(field: str, vector: Sequence[float], query: Query, depth: int = DEPTH) -> Document:
    """The search for the nearest vectors among those that the filters let through."""
    near: Document = {"vector": [round(v, 7) for v in vector], "k": depth}
    if filters := _filters(query):
        near["filter"] = {"bool": {"filter": filters}}
    return _ranked({"knn": {field: near}}, depth)


def _filters(query: Query) -> list[Document]:
    """One condition for each filter; several must all hold."""
    wanted = {
        "source": query.sources,
        "kind": query.kinds,
        "technologies": query.technologies,
        "stride": query.stride,
    }
    return [{"terms": {name: list(values)}} for name, values in wanted.items() if values]


def _ranked(query: Document, depth: int) -> Document:
    order = [{"_score": "desc"}, {"id": "asc"}]
    return {"query": query, "size": depth, "_source": False, "track_total_hits": False, "sort": order}


def ranking(answer: Document, index: str) -> Ranking:
    """Ids and scores, best first; Moved when another index has answered, StoreError when none has."""
    if "error" in answer:
        if answer["error"].get("type") == "index_not_found_exception":
            raise Moved
        raise StoreError(f"OpenSearch could not search {index}: {reason(answer['error'])}.")
    hits: list[dict[str, Any]] = answer["hits"]["hits"]
    if any(hit["_index"] != index for hit in hits):
        raise Moved
    found: dict[str, float] = {}
    for hit in hits:
        score, id_ = hit["sort"]
        found.setdefault(id_, float(score))
    return list(found.items())

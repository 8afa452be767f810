"""How passages lie in OpenSearch: names of indices, their template, documents."""

from __future__ import annotations

import hashlib
import json
import re
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

from pydantic import ValidationError

from knowledge.embedders.base import Embedder
from knowledge.passages import Passage
from knowledge.stores.base import StoreError
from knowledge.stores.sqlite_rows import meant
from knowledge.stores.vectors import packed

SCHEMA = 1
"""The version of opensearch_template.json and of `document`. Later versions only add fields or tune the
search, so that programs of two versions can work on one index while it is being replaced."""

FIELDS = tuple(Passage.model_fields)

LONGEST_KEY = 512
"""How many bytes a document's _id may have."""

TOGETHER = 256
"""How many texts an embedder is given at once."""

_BIG_ENDIAN = array("H", [1]).tobytes() == b"\x00\x01"

Document = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """What a service can do."""

    keyed: bool = True
    """Documents may be given ids of ours."""
    whole: bool = True
    """It knows refreshes, write blocks, point-in-time order: everything that an own cluster does."""
    method: Mapping[str, Any] = field(
        default_factory=lambda: {"engine": "lucene", "space_type": "cosinesimil"}
    )
    """The engine and distance of the vector index. Vectors are of unit length, so that the inner product is
    the cosine."""


CLUSTER = Dialect()
"""A cluster of one's own and Amazon OpenSearch Service."""

COLLECTION = Dialect(keyed=False, whole=False, method={"engine": "faiss", "space_type": "innerproduct"})
"""Amazon OpenSearch Serverless, collections of the type VECTORSEARCH: no ids of ours, no refresh, no Lucene
vectors (developer guide, "Supported operations and plugins in Amazon OpenSearch Serverless")."""


@dataclass(frozen=True)
class Live:
    """The index behind the alias."""

    index: str
    embedder: str
    """The name of the embedder whose vectors it can search; empty for none."""


@dataclass(frozen=True)
class Layout:
    """The names and bodies for one embedder, or none.

    Args:
        prefix: the alias, and what every index' name begins with.
        embedder: whose vectors are kept.
        dialect: what the service can do.
    """

    prefix: str
    embedder: Embedder | None
    dialect: Dialect = CLUSTER

    @property
    def name(self) -> str:
        """The embedder's name; empty for none."""
        return self.embedder.name if self.embedder else ""

    @property
    def index(self) -> str:
        """The index for this schema and embedder: prefix, schema, embedder, dimension."""
        made = f"{self.prefix}-v{SCHEMA}"
        if not self.embedder:
            return f"{made}-words"
        return f"{made}-{_slug(self.name)}-{self.embedder.dimension}"

    @property
    def vector(self) -> str:
        """The field of this embedder's vectors. Each has its own, so that two are never compared."""
        return f"vector_{digest(self.name)[:12]}" if self.embedder else ""

    def template(self) -> Document:
        """The index template: what the indices of every embedder have in common."""
        body = json.loads(files("knowledge.stores").joinpath("opensearch_template.json").read_text("utf-8"))
        if self.dialect.whole:  # one shard, so that scores are comparable and ties go by id
            body["settings"]["index"] |= {"number_of_shards": 1, "auto_expand_replicas": "0-1"}
        return {"index_patterns": [f"{self.prefix}-v{SCHEMA}-*"], "template": body}

    def creation(self) -> Document:
        """What this embedder's index adds to the template."""
        mappings: Document = {"_meta": {"threatbot": "passages", "schema": SCHEMA, "embedder": self.name}}
        if self.embedder:
            method = {"name": "hnsw", "parameters": {"m": 16, "ef_construction": 128}, **self.dialect.method}
            of = {"type": "knn_vector", "dimension": self.embedder.dimension, "method": method}
            mappings["properties"] = {self.vector: of}
        return {"mappings": mappings}

    def document(
        self, passage: Passage, vector: array[float] | None, before: Document | None = None
    ) -> Document:
        """The passage as it is kept.

        Args:
            passage: what to keep.
            vector: this embedder's vector of its title and text, if there is one.
            before: the document that it replaces; vectors of the same title and text are taken over.
        """
        # a title counts twice, as in the embedded store
        made: Document = {**passage.model_dump(mode="json"), "again": passage.title}
        made |= {"digest": fingerprint(passage), "meant": digest(said(passage)), "embedders": []}
        if before and before.get("meant") == made["meant"]:
            made |= {k: v for k, v in before.items() if k == "embedders" or k.startswith("vector_")}
        if vector is not None:
            made |= {"embedders": sorted({*made["embedders"], self.name}), self.vector: vector}
        return made

    def lacks_vector(self, passage: Passage, document: Document | None) -> bool:
        """Whether this embedder has something to embed that the document does not hold."""
        text = said(passage)
        if not self.embedder or not text:
            return False
        return not document or document.get("meant") != digest(text) or self.name not in document["embedders"]


def said(passage: Passage) -> str:
    """What is embedded of a passage, the same as in the embedded store."""
    return meant(passage.title, passage.text)


def fingerprint(passage: Passage) -> str:
    """Alike for equal passages only."""
    return digest(passage.model_dump_json())


def _slug(name: str) -> str:
    """The name with what an index may have in its name; unlike for unlike names."""
    slug = re.sub(r"[^a-z0-9._-]+", "-", name)[:80]
    return slug if slug == name else f"{slug}-{digest(name)[:6]}"


def digest(text: str) -> str:
    """A short fingerprint."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def key(id_: str) -> str:
    """The _id for a passage's id."""
    return id_ if len(id_.encode("utf-8", "surrogatepass")) <= LONGEST_KEY else f"sha256-{digest(id_)}"


def live(index: str, mappings: Mapping[str, Any]) -> Live:
    """What an index says of itself; StoreError when it is not one of ours."""
    meta = mappings.get("_meta", {})
    if meta.get("threatbot") != "passages":
        raise StoreError(f"The index {index} is not a knowledge store: choose another prefix.")
    return Live(index, str(meta.get("embedder", "")))


def passage(source: Mapping[str, Any]) -> Passage:
    """The passage inside a document; StoreError when there is none."""
    try:
        return Passage.model_validate({name: source[name] for name in FIELDS if name in source})
    except ValidationError as e:
        raise StoreError(f"The document {source.get('id')!r} in OpenSearch is not a passage.") from e


def compact(source: Mapping[str, Any]) -> Document:
    """A document as it came, its vectors in a tenth of the memory."""
    return {k: array("f", v) if k.startswith("vector_") else v for k, v in source.items()}


def vectors(embedder: Embedder, texts: Sequence[str]) -> list[array[float]]:
    """The texts' vectors; StoreError when the embedder breaks its promise."""
    made: list[array[float]] = []
    for start in range(0, len(texts), TOGETHER):
        for value in packed(embedder, texts[start : start + TOGETHER]):
            made.append(array("f", value))
            if _BIG_ENDIAN:
                made[-1].byteswap()
    return made


def line(value: object) -> str:
    """JSON of a document; vectors with the seven digits that a float32 has."""
    return json.dumps(value, ensure_ascii=False, default=lambda v: [round(n, 7) for n in v])

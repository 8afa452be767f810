"""Passage, Query, Hit: what knowledge is made of, how it is asked for, and what comes back."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Passage(_Value):
    """One retrievable piece of knowledge."""

    id: str = Field(min_length=1)
    """Unique over all sources: an identifier such as "CWE-345", or "<source>:<slug>"."""
    source: str
    """The corpus: "cwe", "capec", "attack", "atlas", "owasp", "asvs", "starter", "company", "lessons" …"""
    kind: str = ""
    """What it is: "weakness", "attack_pattern", "technique", "requirement", "mitigation", "document" …"""
    title: str
    text: str
    url: str = ""
    licence: str = ""
    stride: tuple[str, ...] = ()
    technologies: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    """Ids of passages that it points to."""


class Query(_Value):
    """What is asked."""

    text: str
    sub_queries: tuple[str, ...] = ()
    """The same need in the catalogues' own vocabulary; ranked together with `text`."""
    sources: tuple[str, ...] = ()
    """Only these corpora; empty means all."""
    kinds: tuple[str, ...] = ()
    technologies: tuple[str, ...] = ()
    stride: tuple[str, ...] = ()
    limit: int = Field(default=10, ge=1, le=200)


class Hit(_Value):
    """One passage that answers a query."""

    passage: Passage
    score: float
    """Higher is better; comparable within one answer only."""
    found_by: tuple[str, ...] = ()
    """Which ways found it: "words", "meaning", "relation"."""

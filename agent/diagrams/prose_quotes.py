"""Quotes of a text that stand in it: reading puts some lines into other words first."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from agent.diagrams.prose_blocks import Block, plain, sentences
from agent.domain.system import Asset, Control, Element, Evidence, Fact, Flow, SystemFragment


def verbatim(fragment: SystemFragment, blocks: Sequence[Block]) -> SystemFragment:
    """The fragment, with a quote that does not stand in the text as the sentence that it was made of.

    Args:
        fragment: what was read of a text.
        blocks: the text's own, before any was put into other words.
    """
    given = _flat(fragment.text)

    @cache
    def told() -> list[tuple[str, frozenset[str]]]:
        said = [s for b in blocks for s in sentences(plain(b.text))]
        said += [line.strip(" \t-*•") for line in fragment.text.splitlines()]
        return [(s, frozenset(flat.split())) for s in said if (flat := _flat(s)) in given]

    @cache
    def meant(quote: str) -> str:
        flat = _flat(quote)
        if flat in given:
            return quote
        own = frozenset(flat.split())
        best = max(told(), key=lambda s: len(own & s[1]), default=(quote, own))
        return best[0] if own & best[1] else quote

    def evidence(found: Evidence) -> Evidence:
        quote = meant(found.quote)
        return found if quote == found.quote else found.model_copy(update={"quote": quote})

    def controls(found: tuple[Control, ...]) -> tuple[Control, ...]:
        return tuple(c.model_copy(update={"evidence": evidence(c.evidence)}) for c in found)

    def element(found: Element) -> Element:
        return found.model_copy(
            update={"source": evidence(found.source), "controls": controls(found.controls)}
        )

    def flow(found: Flow) -> Flow:
        return found.model_copy(
            update={"evidence": evidence(found.evidence), "controls": controls(found.controls)}
        )

    def fact(found: Fact) -> Fact:
        return found.model_copy(update={"evidence": evidence(found.evidence)})

    def asset(found: Asset) -> Asset:
        quoted = found.evidence
        return found if quoted is None else found.model_copy(update={"evidence": evidence(quoted)})

    return fragment.model_copy(
        update={
            "elements": tuple(map(element, fragment.elements)),
            "flows": tuple(map(flow, fragment.flows)),
            "facts": tuple(map(fact, fragment.facts)),
            "assets": tuple(map(asset, fragment.assets)),
        }
    )


def _flat(text: str) -> str:
    return " ".join(re.sub(r"\W+", " ", text).casefold().split())

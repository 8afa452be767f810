"""Which STRIDE categories can befall which kind of thing."""

from __future__ import annotations

from agent.domain.system import ElementKind
from agent.domain.threat import Stride

_S, _T, _R, _I, _D, _E = Stride

PER_KIND: dict[ElementKind, frozenset[Stride]] = {
    ElementKind.EXTERNAL_ENTITY: frozenset({_S, _R}),
    ElementKind.PROCESS: frozenset(Stride),
    ElementKind.DATA_STORE: frozenset({_T, _R, _I, _D}),
}
"""STRIDE per element (Hernan, Lambert, Ostwald and Shostack, 2006)."""

PER_FLOW: frozenset[Stride] = frozenset({_T, _I, _D})
"""The same for a flow."""


def applies(kind: ElementKind, stride: Stride) -> bool:
    """Whether the category can befall an element of the kind."""
    return stride in PER_KIND[kind]

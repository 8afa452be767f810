"""Which mentions are parts of the system, and which element each one means."""

from __future__ import annotations

from collections.abc import Sequence

from agent.catalog.technologies import load_technologies
from agent.diagrams.prose_anchors import is_bare_role
from agent.diagrams.prose_draft import Draft
from agent.diagrams.prose_lines import Line
from agent.diagrams.prose_mentions import Mention
from agent.diagrams.prose_names import Names
from agent.diagrams.prose_parts import is_distinct, is_vague
from agent.diagrams.prose_said import Said
from agent.diagrams.prose_terms import Term
from agent.domain.system import ElementKind
from agent.naming import is_plural

_OUTSIDE = ElementKind.EXTERNAL_ENTITY


class Counted:
    """Tells parts from figures of speech.

    Args:
        draft: what lists have said already.
        known: names that diagrams give.
        short: whether every part that a sentence names counts, or only those that flows join.
        listed: whether lists name the components, so that sentences need not name new ones.
        terms: short names that the text introduces.
        title: the first heading.
    """

    def __init__(
        self,
        draft: Draft,
        known: Sequence[str],
        *,
        short: bool,
        listed: bool,
        terms: Sequence[Term],
        title: str,
    ) -> None:
        self.draft = draft
        self.short = short
        self.listed = listed
        self.names = Names(draft, known, terms, title)

    def _counts(self, said: Said) -> bool:
        """Whether both ends are parts of the system and not figures of speech."""
        ends = (said.source, said.target)
        sure = [self._sure(m) for m in ends]
        if all(sure):
            return True
        if self.listed:
            return any(self._named(m) for m in ends) and all(self._named(m) or is_distinct(m) for m in ends)
        return any(sure) and all(s or self._likely(m) for s, m in zip(sure, ends, strict=True))

    def _is_sure(self, said: Said) -> bool:
        """Whether a flow whose source is not said joins parts, and no "server" in passing."""
        ends = (said.source, said.target)
        if any(m.definite and not self._named(m) and self.draft.has_such(m) for m in ends):
            return False
        return all(self._sure(m) for m in ends)

    def _named(self, mention: Mention) -> bool:
        return mention.known or bool(self.draft.means(mention) or self.draft.several(mention))

    def _sure(self, mention: Mention) -> bool:
        if self._named(mention) or self._is_beside(mention):
            return True
        return (
            not self.listed
            and mention.kind is not None
            and not mention.weak
            and not self._says_nothing(mention)
        )

    def _is_beside(self, mention: Mention) -> bool:
        """Whether a short text names a store or a service of others by its product, beside its list."""
        if not self.short or not mention.technologies or is_plural(mention.name):
            return False
        apart = mention.kind is _OUTSIDE or mention.kind is ElementKind.DATA_STORE
        return apart and not mention.weak and not is_bare_role(mention.name) and not mention.owner

    def _says_nothing(self, mention: Mention) -> bool:
        """Whether a long text only says "the server" of some server."""
        told = self.short or mention.person or mention.technologies or mention.kind is not ElementKind.PROCESS
        return not told and is_vague(mention)

    def _likely(self, mention: Mention) -> bool:
        """A proper name, a weak one with a word before it ("leader node"), or in short texts any noun."""
        if mention.guess:
            return self.short
        return mention.proper or (mention.weak and mention.end - mention.start > 1)

    def _elements(self, mention: Mention, line: Line) -> list[str]:
        """The keys of what a mention means: several listed elements, or one that may be new."""
        own = [] if mention.known else self.draft.several(mention)
        return own or [k for k in (self._element(mention, line),) if k]

    def _element(self, mention: Mention, line: Line) -> str:
        kind = mention.kind
        own = self.draft.means(mention)
        name = self.draft.name_of(own) if own else mention.name
        technologies = mention.technologies
        term = self.names.terms.get(name)
        if term is not None:
            technologies = tuple(t.id for t in load_technologies().read(term.full).technologies)
        return self.draft.add(
            name,
            line.quote,
            kind=kind,
            technologies=technologies,
            description=term.full if term is not None and term.full != name else "",
            exact=True,
        )

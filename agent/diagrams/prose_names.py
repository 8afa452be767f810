"""The names by which one text speaks of its parts: drawn, listed, abbreviated and introduced ones."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from agent.diagrams.prose_anchors import Lexicon, is_bare_role, make_lexicon, recognised
from agent.diagrams.prose_draft import Draft
from agent.diagrams.prose_mentions import kind_of
from agent.diagrams.prose_roles import Role, read_roles
from agent.diagrams.prose_terms import Term
from agent.diagrams.prose_terse import initials
from agent.diagrams.prose_words import load_prose_words
from agent.domain.system import ElementKind
from agent.naming import key, words

_CODE_WORD = re.compile(r"`([A-Za-z][A-Za-z0-9]{2,30})`")


class Names:
    """Collects the names of one text and gives its lexicon.

    Args:
        draft: what lists have said already; it learns which names mean the same.
        drawn: names that diagrams give.
        terms: short names that the text introduces.
        title: the text's first heading.
    """

    def __init__(self, draft: Draft, drawn: Iterable[str], terms: Sequence[Term], title: str) -> None:
        self.draft = draft
        self.title = title
        self.terms: dict[str, Term] = {}
        """What the names of parts stand for."""
        self.ends: dict[str, str] = {}
        """The last words of introduced names, by which the text means them."""
        self.whole = ""
        """The name of the program that the title names, when a sentence says what it is."""
        self._roles: dict[str, str] = {}
        """What names of introduced parts are called in the draft."""
        self._spellings: dict[str, str] = {}
        self._names: dict[str, ElementKind | None] = dict.fromkeys(drawn)
        self._names.update({e.name: e.kind for e in draft.elements.values() if e.listed})
        for term in terms:
            name = draft.alias(term.short, term.full)
            self.terms[name] = term
            self._names.setdefault(name, term.kind)
            self._spellings |= {term.short: name, term.full: name}

    def lexicon(self, heard: Sequence[str], texts: Sequence[str], quotes: Iterable[str]) -> Lexicon:
        """The lexicon of the text.

        Args:
            heard: sentences that may introduce a part.
            texts: all sentences, for their capital letters.
            quotes: the same as written, for what is written as code.
        """
        for role in read_roles(heard, self.title):
            self._introduce(role)
            if key(role.name) and set(words(role.name)) <= set(words(self.title)):
                self.whole = self.whole or self._roles.get(role.name, role.name)
        for short, name in _shortened(self._names, self.title).items():
            self._spellings.setdefault(short, name)
        last = Counter(words(t.full)[-1] for t in self.terms.values())
        self.ends = {words(t.full)[-1]: n for n, t in self.terms.items() if last[words(t.full)[-1]] == 1}
        self._whole(texts)
        for short, name in initials(self._names, texts).items():
            self._spellings.setdefault(short, name)
        return make_lexicon(self._names, texts, _codes(quotes), self._spellings)

    def meet(self, nouns: Mapping[str, str]) -> bool:
        """Takes nouns of no table for names of parts, where the text has none such; whether any is new.

        Args:
            nouns: what the text calls a part somewhere, with the name that it means.
        """
        taken = {key(n) for n in (*self._names, *self._spellings)}
        new = {noun: name for noun, name in nouns.items() if key(noun) and key(noun) not in taken}
        for noun, name in new.items():
            self._names.setdefault(name, kind_of(name) or ElementKind.PROCESS)
            self._spellings.setdefault(noun, name)
        return bool(new)

    def introduced(self, text: str) -> list[str]:
        """The names of the parts that this sentence introduces."""
        roles = read_roles([text], self.title) if self._roles else ()
        return [self._roles[r.name] for r in roles if r.name in self._roles]

    def _introduce(self, role: Role) -> None:
        if key(role.name) in {key(n) for n in self._names}:
            return
        name = self.draft.alias(role.name, role.noun) if role.only else role.name
        self._roles[role.name] = name
        self.terms.setdefault(name, Term(role.name, role.noun, role.kind))
        self._names.setdefault(name, role.kind)
        self._spellings |= {role.name: name, **({role.noun: name} if role.only else {})}

    def _whole(self, texts: Sequence[str]) -> None:
        """What the text calls "Knot device" or "the device" is the whole "Harbour Knot" of its title."""
        said = " ".join(texts).lower()
        for name in self._roles.values():
            short = name.rpartition(" ")[2]
            for noun in load_prose_words().whole_parts if self.terms[name].full == name else ():
                if f"{short.lower()} {noun}" in said:
                    self._spellings.setdefault(f"{short} {noun}", name)
                    self.ends.setdefault(noun, name)


def _codes(quotes: Iterable[str]) -> frozenset[str]:
    """Words that the text writes as code at least twice, as it does with programs, or that name a program."""
    counted = Counter(m.group(1).lower() for quote in quotes for m in _CODE_WORD.finditer(quote))
    return frozenset(w for w, times in counted.items() if times > 1 or recognised(w).technologies)


def _shortened(names: Iterable[str], title: str) -> dict[str, str]:
    """Names without a last word such as "server", where a product or an abbreviation is left: "Quay CA"."""
    found: dict[str, list[str]] = {}
    for name in names:
        left, _, last = name.rpartition(" ")
        telling = bool(recognised(left).technologies) or any(w.isupper() for w in left.split()[1:])
        if telling and last.lower() in load_prose_words().dropped and not is_bare_role(left):
            found.setdefault(left, []).append(name)
    taken = {key(name) for name in (*names, title)}
    return {left: own[0] for left, own in found.items() if len(own) == 1 and key(left) not in taken}

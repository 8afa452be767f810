"""CAPEC as its publisher's XML."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring

from knowledge.corpora.clean import joined
from knowledge.corpora.cwe import SCOPES
from knowledge.corpora.starter import address
from knowledge.passages import Passage

_NS = "{http://capec.mitre.org/capec-3}"
_GONE = frozenset({"Deprecated", "Obsolete"})


def read(files: Mapping[str, bytes]) -> Iterator[Passage]:
    """A passage for each attack pattern that is not deprecated. Examples and execution flows stay out."""
    for path in sorted(files):
        root: Element = fromstring(files[path], forbid_dtd=True)
        for entry in root.iter(f"{_NS}Attack_Pattern"):
            if entry.get("Status") not in _GONE:
                yield _passage(entry)


def _passage(entry: Element) -> Passage:
    id_ = f"CAPEC-{entry.get('ID')}"
    terms = "; ".join(_text(t) for t in entry.iter(f"{_NS}Term"))
    scopes = [_text(s) for s in entry.iter(f"{_NS}Scope")]
    return Passage(
        id=id_,
        source="capec",
        kind="attack_pattern",
        title=entry.get("Name", id_),
        text=joined(
            _text(entry.find(f"{_NS}Description")),
            _text(entry.find(f"{_NS}Extended_Description")),
            f"Also called: {terms}." if terms else "",
        ),
        url=address("capec", id_),
        stride=tuple(dict.fromkeys(SCOPES[s] for s in scopes if s in SCOPES)),
        related=tuple(dict.fromkeys(_related(entry))),
    )


def _related(entry: Element) -> Iterator[str]:
    for pattern in entry.iter(f"{_NS}Related_Attack_Pattern"):
        yield f"CAPEC-{pattern.get('CAPEC_ID')}"
    for weakness in entry.iter(f"{_NS}Related_Weakness"):
        yield f"CWE-{weakness.get('CWE_ID')}"
    for mapping in entry.iter(f"{_NS}Taxonomy_Mapping"):
        if mapping.get("Taxonomy_Name") == "ATTACK":
            yield f"T{_text(mapping.find(f'{_NS}Entry_ID'))}"


def _text(element: Element | None) -> str:
    return " ".join("".join(element.itertext()).split()) if element is not None else ""

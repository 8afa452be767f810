"""Whatever is sent: a fragment or one of our errors, and no input that makes a reader hang."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.diagrams.base import SourceFile
from agent.diagrams.registry import read_file
from agent.domain.system import SystemFragment
from agent.errors import UnreadableFile
from tests.agent.diagrams.drawn import arrow, cell, model, packed
from tests.agent.diagrams.test_dot import MILL
from tests.agent.diagrams.test_drawio_image import DIAGRAM, png
from tests.agent.diagrams.test_mermaid_flowchart import SHOP
from tests.agent.diagrams.test_mermaid_others import C4, TALK, YARD
from tests.agent.diagrams.test_otm import FERRY
from tests.agent.diagrams.test_plantuml import PRESS
from tests.agent.diagrams.test_threat_dragon import LIFT, saved

FLEET = model(
    cell("v", "Garage", (0, 0, 900, 400), "swimlane;"),
    cell("a", "Fleet API", (30, 40, 100, 60), parent="v"),
    cell("d", "Trips", (350, 100, 80, 80), "shape=cylinder3;", parent="v"),
    arrow("e", "a", "d", "SQL"),
)
SAMPLES = {
    "flowchart": SHOP.encode(),
    "architecture": YARD.encode(),
    "c4": C4.encode(),
    "sequence": TALK.encode(),
    "drawio": f"<mxfile><diagram>{FLEET}</diagram></mxfile>".encode(),
    "compressed": f"<mxfile><diagram>{packed(FLEET)}</diagram></mxfile>".encode(),
    "png": png((b"tEXt", b"mxfile\0" + DIAGRAM.encode())),
    "svg": b"<svg content='&lt;mxGraphModel/&gt;'><g/></svg>",
    "dragon": saved(LIFT).encode(),
    "otm": FERRY.encode(),
    "plantuml": PRESS.encode(),
    "dot": MILL.encode(),
    "markdown": f"# Shop\n\n```mermaid\n{SHOP.split('---')[-1]}\n```\n```dot\n{MILL}\n```\n".encode(),
}
SAMPLE = st.sampled_from(sorted(SAMPLES)).map(SAMPLES.__getitem__)
LONG = 100_000


def survives(content: bytes) -> None:
    """Read the bytes: what comes back is sound, or the refusal is a sentence that names the file."""
    try:
        fragment = read_file(SourceFile("sent", content))
    except UnreadableFile as error:
        refusal = error.message
    else:
        refusal = "I could not read sent: sound" if sound(fragment) else ""
    assert refusal.startswith("I could not read sent: ")


def sound(fragment: SystemFragment) -> bool:
    """Whether identifiers are unique and everything refers to what is there."""
    elements = {e.id for e in fragment.elements}
    ids = [e.id for e in fragment.elements]
    ids.extend(f.id for f in fragment.flows)
    ids.extend(b.id for b in fragment.boundaries)
    ends = {end for f in fragment.flows for end in (f.source, f.target)}
    members = {m for b in fragment.boundaries for m in b.members}
    parents = {b.parent for b in fragment.boundaries if b.parent}
    return (
        len(set(ids)) == len(ids)
        and ends <= elements
        and members <= elements
        and parents <= {b.id for b in fragment.boundaries}
        and all(f.source != f.target for f in fragment.flows)
        and all(e.name.strip() for e in fragment.elements)
        and SystemFragment.load(fragment.dump()) == fragment
    )


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_the_samples_are_sound(name: str) -> None:
    """Each sample reads, and what it gives is sound and the same every time."""
    first = read_file(SourceFile(name, SAMPLES[name]))
    assert sound(first)
    assert read_file(SourceFile(name, SAMPLES[name])) == first


@given(SAMPLE, st.floats(0, 1))
@settings(max_examples=300)
def test_files_that_break_off(sample: bytes, share: float) -> None:
    """A file cut anywhere is read as far as it goes, or refused."""
    survives(sample[: int(len(sample) * share)])


@given(SAMPLE, st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=6)), max_size=4))
@settings(max_examples=300)
def test_files_with_bytes_changed(sample: bytes, changes: list[tuple[float, bytes]]) -> None:
    """Bytes overwritten at random break nothing but the file."""
    for share, put in changes:
        at = int(len(sample) * share)
        sample = sample[:at] + put + sample[at + len(put) :]
    survives(sample)


@given(SAMPLE, st.data())
@settings(max_examples=200)
def test_files_with_lines_shuffled(sample: bytes, data: st.DataObject) -> None:
    """Lines in any order break nothing but the file."""
    lines = sample.split(b"\n")
    survives(b"\n".join(data.draw(st.permutations(lines))))


WORDS = st.sampled_from(
    [
        "A",
        "B[x]",
        "-->",
        "---",
        "--",
        "|",
        "&",
        ";",
        "\n",
        '"',
        "[(",
        ")]",
        "{{",
        "@{",
        "}",
        "e@-->",
        "%%",
        ":::",
        "x--x",
        "<-->",
        "~~~",
        "{",
        "(",
        "[",
        "]",
        "->",
        "as",
        "<<s>>",
        ":",
        "=",
        ",",
        "==",
        "\\",
        "->>",
        "end",
        "actor",
        "database",
        "Person(",
        "Rel(",
        "group t",
        "subgraph s",
        "service a",
        "participant P",
        "junction j",
    ]
)


@given(
    st.sampled_from(
        [
            "flowchart LR\n",
            "architecture-beta\n",
            "sequenceDiagram\n",
            "C4Context\n",
            "@startuml\n",
            "digraph {\n",
        ]
    ),
    st.lists(WORDS, max_size=40),
)
@settings(max_examples=500)
def test_salads_of_each_language(head: str, words: list[str]) -> None:
    """Words of the languages in any order break nothing."""
    survives((head + " ".join(words)).encode())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["id", "name", "data", "type", "source", "target", "cells", "position", "x", "parent", "size"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@given(st.lists(JSON, max_size=5), st.booleans())
def test_trees_of_any_shape(things: list[object], dragon: bool) -> None:  # noqa: FBT001 - drawn by hypothesis
    """JSON of the right outline with anything in it breaks nothing."""
    tree: dict[str, object] = (
        {"summary": {"title": "x"}, "detail": {"diagrams": [{"cells": things}, *things]}}
        if dragon
        else {
            "otmVersion": "1",
            "components": things,
            "trustZones": things,
            "dataflows": things,
            "assets": things,
        }
    )
    survives(json.dumps(tree).encode())


REPEATED: list[tuple[str, str]] = []
REPEATED += [
    ("flowchart LR\n", unit)
    for unit in (
        "A[",
        "A(",
        "A -- ",
        "A -. b;",
        'A["',
        "A-->",
        "A & ",
        "A@{ ",
        "A-->|",
        "A&",
        "-",
        "o",
        "accDescr{",
    )
]
REPEATED += [
    ("flowchart LR\nA-->B\n", "class A,A,A x;"),
    ("", "%%{"),
    ("---\n", "a: b\n"),
    ("", "---\n"),
    ("", "<"),
]
REPEATED += [("sequenceDiagram\n", unit) for unit in ("A->>B: x\n", "a ", "participant a@{", "box a\n", "-")]
REPEATED += [
    ("C4Context\n", unit) for unit in ("Person(a\n", "Person(", 'Person("', "a;", "System_Boundary(a) {\n")
]
REPEATED += [("architecture-beta\n", unit) for unit in ("-", "a", "service a[", "a:L -- R:b\n")]
REPEATED += [("digraph {", unit) for unit in ("{", "a->", "a[b=c]", "/* ", '+"b"', "a<", "{a b}->{c d};")]
REPEATED += [("", "#"), ("", "/* "), ("", "// "), ("digraph { a[label=<", "<"), ("digraph ", "a")]
REPEATED += [
    ("@startuml\n", unit)
    for unit in ("-", "a....b ", "[", "[a\n", ":a", '"', "A ", "F(a\n", "/' ", "graph\n")
]
REPEATED += [("@startuml\ncomponent ", "[["), ("@startuml\nA --> B : ", "<$a"), ("", "@startuml\n")]
REPEATED += [("<mxfile>", "<a>"), ("<mxfile>", "<a/>"), ("<svg ", "<svg "), ("<?xml ", " "), ("", "<!-- ")]
REPEATED += [("otmVersion: 1\na: ", unit) for unit in ("[", "- ", "&a ", "? ", "{a: ")]
REPEATED += [
    ('{"summary": {}, "diagrams": 1, "a": ', "["),
    ('{"summary":{},"diagrams":', "9"),
    ("", "`"),
    ("", " "),
]


@pytest.mark.parametrize(("head", "unit"), REPEATED)
def test_nothing_repeated_hangs_a_reader(head: str, unit: str) -> None:
    """The beginnings of a construct, over and over and never ended, are read or refused, and not for long."""
    survives((head + unit * (LONG // len(unit))).encode())

"""Mermaid flowcharts: every shape, every arrow, subgraphs, styling, and what cannot be read."""

from __future__ import annotations

import pytest

from agent.domain.system import Evidence, EvidenceKind, Known
from agent.errors import TooLarge, UnreadableFile, UnsupportedFormat
from tests.agent.diagrams.drawn import arrows, element, flow, inside, kinds, read

SHOP = """---
title: Corner shop
---
%%{init: {"theme": "dark"}}%%
flowchart LR
  %% who comes
  shopper([Shopper]) -->|HTTPS| till[Web till]
  subgraph cloud ["Our <b>cloud</b>"]
    direction TB
    subgraph core
      till ==>|gRPC, mTLS| stock(Stock service)
      stock --> goods[(Goods)]
    end
    stock -. "restock <br/>orders" .-> wholesale[[Order queue]]
  end
  wholesale --> supplier{{Supplier}}
  classDef hot fill:#f00,stroke:#333;
  class till hot
  style goods fill:#ff0
  linkStyle 0 stroke:#0f0
  click till "https://example.org" "open it; now"
"""


def test_a_whole_flowchart() -> None:
    """Elements with kinds, flows with labels, nested boundaries with members, the title."""
    shop = read(SHOP)
    assert (shop.format, shop.title, shop.warnings) == ("mermaid", "Corner shop", ())
    assert kinds(shop) == {
        "Shopper": "external_entity",
        "Web till": "process",
        "Stock service": "process",
        "Goods": "data_store",
        "Order queue": "data_store",
        "Supplier": "external_entity",
    }
    assert arrows(shop) == [
        "Shopper -> Web till: HTTPS",
        "Web till -> Stock service: gRPC, mTLS",
        "Stock service -> Goods",
        "Stock service -> Order queue: restock orders",
        "Order queue -> Supplier",
    ]
    assert inside(shop) == {
        "Our cloud": {"Web till", "Stock service", "Goods", "Order queue"},
        "core": {"Web till", "Stock service", "Goods"},
    }
    assert [b.parent for b in shop.boundaries] == [None, "our-cloud"]
    assert element(shop, "Goods").zone == "core"


def test_labels_tell_the_wire() -> None:
    """Protocol, encryption and authentication come from the arrow's label, which is quoted."""
    call = flow(read(SHOP), "gRPC, mTLS")
    assert (call.protocol, call.encrypted, call.authenticated) == ("grpc", Known.YES, Known.YES)
    assert call.evidence == Evidence(kind=EvidenceKind.DIAGRAM, quote="gRPC, mTLS", source="a.txt")


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("A --> B", ["A -> B"]),
        ("A---B", ["A -> B"]),
        ("A -.-> B", ["A -> B"]),
        ("A -.- B", ["A -> B"]),
        ("A ==> B", ["A -> B"]),
        ("A === B", ["A -> B"]),
        ("A ----> B", ["A -> B"]),
        ("A -...-> B", ["A -> B"]),
        ("A ====> B", ["A -> B"]),
        ("A --o B", ["A -> B"]),
        ("A --x B", ["A -> B"]),
        ("A <--> B", ["A -> B", "B -> A"]),
        ("A <==> B", ["A -> B", "B -> A"]),
        ("A <-.-> B", ["A -> B", "B -> A"]),
        ("A o--o B", ["A -> B", "B -> A"]),
        ("A x--x B", ["A -> B", "B -> A"]),
        ("A <-- text --- B", ["B -> A: text"]),
        ("A ~~~ B", []),
        ("A -->|text| B", ["A -> B: text"]),
        ('A -->|"a | b"| B', ["A -> B: a | b"]),
        ("A -- text --> B", ["A -> B: text"]),
        ("A -- text --- B", ["A -> B: text"]),
        ('A -- "to -> fro" --> B', ["A -> B: to -> fro"]),
        ("A == text ==> B", ["A -> B: text"]),
        ("A -. text .-> B", ["A -> B: text"]),
        ("A-->B-->C", ["A -> B", "B -> C"]),
        ("A --> B & C", ["A -> B", "A -> C"]),
        ("A & B --> C & D", ["A -> C", "A -> D", "B -> C", "B -> D"]),
        ("A e1@--> B", ["A -> B"]),
        ("A e1@==> B\n e1@{ animate: true }", ["A -> B"]),
        ("A --> B; B --> C;", ["A -> B", "B -> C"]),
        ("A\n  --> B\n  --> C", ["A -> B", "B -> C"]),
        ("A -->\n  B", ["A -> B"]),
        ("a-b --> c.d", ["a-b -> c.d"]),
        ("A:::hot --> B:::cold,wet", ["A -> B"]),
        ("A --> B.", ["A -> B"]),
        ("Grüße --> 倉庫", ["Grüße -> 倉庫"]),
    ],
)
def test_every_form_of_arrow(line: str, shown: list[str]) -> None:
    """Each documented way to draw an arrow is read, in chains and fans, with and without text."""
    fragment = read(f"graph TD\n  {line}\n")
    assert arrows(fragment) == shown
    assert fragment.warnings == ()


def test_signing_in_is_not_being_signed_in() -> None:
    """OIDC on the way to an identity provider authenticates nobody yet; elsewhere it does."""
    login, call = read(
        "graph LR\n shop[Web shop] -->|OIDC| idp[Keycloak]\n shop -->|OAuth2| api[Order API]"
    ).flows
    assert (login.protocol, login.authenticated) == ("oidc", Known.UNKNOWN)
    assert call.authenticated is Known.YES


def test_a_plain_line_is_a_guess() -> None:
    """A line without a head is taken to flow as it is written, and says that it was assumed."""
    plain, pointed = read("graph LR\n A --- B\n B --> C").flows
    assert (plain.assumed, pointed.assumed) == (True, False)


@pytest.mark.parametrize(
    ("drawn", "name"),
    [
        ("N[Text]", "Text"),
        ("N(Text)", "Text"),
        ("N([Text])", "Text"),
        ("N[[Text]]", "Text"),
        ("N[(Text)]", "Text"),
        ("N((Text))", "Text"),
        ("N(((Text)))", "Text"),
        ("N>Text]", "Text"),
        ("N{Text}", "Text"),
        ("N{{Text}}", "Text"),
        ("N[/Text/]", "Text"),
        ("N[\\Text\\]", "Text"),
        ("N[/Text\\]", "Text"),
        ("N[\\Text/]", "Text"),
        ("N(-Text-)", "Text"),
        ('N@{ shape: cyl, label: "Text" }', "Text"),
        ("N@{ shape: rect, label: 'Text' }", "Text"),
        ("N@{\n  shape: rounded\n  label: Text\n}", "Text"),
        ('N["Text (with [brackets] and {braces})"]', "Text (with [brackets] and {braces})"),
        ("N[Text (in brackets)]", "Text (in brackets)"),
        ("N(Text (again))", "Text (again)"),
        ("N[/api/v1]", "/api/v1"),
        ('N["two<br/>lines"]', "two lines"),
        ('N["two\nlines"]', "two lines"),
        ('N["`**bold** and _slanted_`"]', "bold and slanted"),
        ('N["#quot;quoted#quot; #9829;"]', '"quoted" ♥'),
        ('N["a &amp; b"]', "a & b"),
        ("N[fa:fa-truck Lorry]", "Lorry"),
        ("N", "N"),
    ],
)
def test_every_shape(drawn: str, name: str) -> None:
    """Each bracket form and the attribute form give an element with its text as name."""
    fragment = read(f"flowchart TB\n  {drawn}\n")
    assert [e.name for e in fragment.elements] == [name]
    assert fragment.warnings == ()


@pytest.mark.parametrize(
    ("drawn", "kind", "assumed"),
    [
        ("N[(Acme)]", "data_store", False),
        ("N@{ shape: database }", "data_store", False),
        ("N((Acme))", "process", False),
        ("N(Acme)", "process", False),
        ("N[Acme]", "process", True),
        ("N([Acme])", "process", True),
        ("N[[Acme]]", "process", True),
        ("N[[Customer]]", "external_entity", False),
        ("N(Customer)", "external_entity", False),
        ("N[[Order queue]]", "data_store", False),
        ("N[Order service]", "process", False),
        ("N[fa:fa-user Acme]", "external_entity", False),
        ("N[Acme]:::database", "data_store", False),
    ],
)
def test_what_decides_the_kind(drawn: str, kind: str, assumed: bool) -> None:  # noqa: FBT001 - a column
    """A cylinder is a store; otherwise the label decides, then a style class; a plain box is a guess."""
    (found,) = read(f"flowchart TB\n  {drawn}\n").elements
    assert (found.kind.value, found.assumed) == (kind, assumed)


def test_an_app_that_only_sends_is_outside() -> None:
    """A phone app that nothing calls is a client out there; one that is called may be ours."""
    sends = read("graph LR\n app[Mobile app] --> api[API]")
    called = read("graph LR\n u[User] --> app[Mobile app] --> api[API]")
    assert element(sends, "Mobile app").kind.value == "external_entity"
    assert element(sends, "Mobile app").assumed
    assert element(called, "Mobile app").kind.value == "process"


def test_a_person_in_the_name_of_an_origin() -> None:
    """A box named for a person that only sends is outside, as an assumption; one that receives is not."""
    origin = read("graph LR\n x[Customer side thing] --> api[API]")
    assert (origin.elements[0].kind.value, origin.elements[0].assumed) == ("external_entity", True)
    middle = read("graph LR\n api[API] --> x[Customer side thing] --> api")
    assert kinds(middle)["Customer side thing"] == "process"


def test_a_node_belongs_to_the_subgraph_that_mentions_it_first() -> None:
    """Mermaid's own rule: the first subgraph to close that mentions a node has it."""
    fragment = read(
        "graph LR\n outside --> a\n subgraph one\n  a --> b\n  subgraph inner\n   b --> c\n  end\n end\n"
        " subgraph two\n  a\n  d\n end"
    )
    assert inside(fragment) == {"one": {"a", "b", "c"}, "inner": {"b", "c"}, "two": {"d"}}


def test_a_subgraph_named_inside_another_is_its_child() -> None:
    """Naming a subgraph in another one nests it there, wherever it was declared."""
    fragment = read("graph LR\n subgraph in1 [Inner]\n  a\n end\n subgraph out1 [Outer]\n  in1\n  b\n end")
    assert inside(fragment) == {"Inner": {"a"}, "Outer": {"a", "b"}}
    assert {b.name: b.parent for b in fragment.boundaries} == {"Inner": "outer", "Outer": None}


def test_an_arrow_to_a_subgraph_means_its_one_process() -> None:
    """An arrow that ends at a frame goes to the only process in it, and says so."""
    fragment = read("graph LR\n u[User] --> vpc\n subgraph vpc [VPC]\n  api[API] --> db[(DB)]\n end")
    assert arrows(fragment) == ["User -> API", "API -> DB"]
    assert any('frame "VPC"' in w for w in fragment.warnings)


def test_an_arrow_to_a_subgraph_of_many_means_the_whole() -> None:
    """A frame with several processes gets an element that stands for it, and says so."""
    fragment = read("graph LR\n u[User] --> vpc\n subgraph vpc [VPC]\n  a[Order API] --> b[Tax API]\n end")
    assert "User -> VPC" in arrows(fragment)
    assert inside(fragment) == {"VPC": {"Order API", "Tax API", "VPC"}}
    assert any('frame "VPC"' in w for w in fragment.warnings)


def test_the_same_label_twice_stays_twice() -> None:
    """Two nodes with one label are two elements, numbered in reading order."""
    fragment = read("graph LR\n a[Cache] --> b[Cache]\n b --> c[Cache]")
    assert [e.id for e in fragment.elements] == ["cache", "cache-2", "cache-3"]
    assert [f.id for f in fragment.flows] == ["cache--cache-2", "cache-2--cache-3"]


def test_flow_ids_tell_ends_and_label() -> None:
    """A flow's id is made of its ends and its label; the second of the same is numbered."""
    fragment = read("graph LR\n A -->|Get it| B\n A -->|Get it| B\n A --> B")
    assert [f.id for f in fragment.flows] == ["a--b--get-it", "a--b--get-it-2", "a--b"]


def test_a_later_label_names_a_node() -> None:
    """A node may be used first and described later."""
    assert kinds(read("graph LR\n x --> y\n x[Shopper]\n y[(Orders)]")) == {
        "Shopper": "external_entity",
        "Orders": "data_store",
    }


def test_an_arrow_to_itself_is_left_out() -> None:
    """A self-loop moves no data between elements; it is named and left out."""
    fragment = read("graph LR\n A --> A\n A --> B")
    assert arrows(fragment) == ["A -> B"]
    assert "to itself" in fragment.warnings[0]


def test_remarks_are_no_elements() -> None:
    """Comment shapes and text blocks hold remarks; they become text."""
    fragment = read('graph LR\n A --> B\n N@{ shape: braces, label: "only at night" }')
    assert kinds(fragment) == {"A": "process", "B": "process"}
    assert "only at night" in fragment.text


def test_one_bad_line_costs_one_line() -> None:
    """What is no statement is named with its line and left out; the rest stands."""
    fragment = read("graph LR\n A --> B\n A -- oops\n ?? [[ \n B --> C")
    assert arrows(fragment) == ["A -> B", "B -> C"]
    assert any("line 3" in w for w in fragment.warnings)


def test_an_unclosed_subgraph_is_closed_at_the_end() -> None:
    """A missing end costs nothing."""
    assert inside(read("graph LR\n subgraph vpc\n a --> b")) == {"vpc": {"a", "b"}}


def test_the_direction_may_share_its_line() -> None:
    """`graph TD; A-->B;` on one line is read."""
    assert arrows(read("graph TD;A-->B;B-->C;")) == ["A -> B", "B -> C"]


@pytest.mark.parametrize(
    "text", ['pie title Pets\n  "Dogs" : 3', "gantt\n title A", "classDiagram\n A <|-- B"]
)
def test_other_diagrams_of_mermaid_are_refused(text: str) -> None:
    """A Mermaid diagram that shows no data flows is refused with what to send instead."""
    with pytest.raises(UnsupportedFormat) as caught:
        read(text)
    assert "Mermaid" in caught.value.message
    assert "flowchart" in caught.value.instead


def test_prose_that_starts_with_a_keyword_is_prose() -> None:
    """A sentence such as "graph databases are slow" is no diagram."""
    for text in (
        "graph databases are slow",
        "pie in the sky is nice\nto have",
        "flowchart of our system below",
    ):
        assert read(text).format == "document"


def test_too_many_of_anything() -> None:
    """Elements, arrows and levels have limits; each is named."""
    for text, what in (
        ("".join(f"n{i}\n" for i in range(5_001)), "elements"),
        (
            " & ".join(f"a{i}" for i in range(150)) + " --> " + " & ".join(f"b{i}" for i in range(150)),
            "arrows",
        ),
        ("subgraph a\n" * 101, "levels"),
    ):
        with pytest.raises(TooLarge) as caught:
            read("graph LR\n" + text)
        assert what in caught.value.reason


def test_nonsense_is_given_up() -> None:
    """A file of nothing but unreadable statements is refused instead of drowning in warnings."""
    with pytest.raises(UnreadableFile):
        read("graph LR\n" + "A -- \n\n" * 300)

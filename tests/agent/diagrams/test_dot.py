"""Graphviz DOT: the grammar, clusters, records, defaults, and what breaks it."""

from __future__ import annotations

import pytest

from agent.errors import TooLarge, UnreadableFile
from tests.agent.diagrams.drawn import arrows, element, flow, inside, kinds, read

MILL = """/* the mill */ strict digraph "Paper mill" { // a comment
  rankdir=LR; label="Paper mill"; node [shape=box]; edge [color=red]
  # another comment
  buyer [label="Customer" shape=ellipse];
  subgraph cluster_site {
    label="Mill site"; color=blue
    api [label="Order\\nAPI"];
    db [shape=cylinder, label=<<b>Orders</b><br/>DB>];
    subgraph cluster_hall { label="Hall"; plc [label="Dryer PLC"]; }
    { rank=same; api; jobs [label="{Job queue|{<p>size|age}}" shape=record]; }
  }
  buyer -> api [label="HTTPS"];
  api:p:n -> {db jobs} -> "Back" + "up" [label=sync];
  api -> plc [dir=both, label="Modbus"];
  plc -> db [dir=back]; jobs -> buyer [dir=none]
  ghost [style=invis]; ghost -> api; api -> db [style=invis];
}
"""


def test_a_whole_graph() -> None:
    """Nodes, chains, groups, clusters, defaults and HTML labels are read; what is invisible is not."""
    mill = read(MILL, "mill.gv")
    assert (mill.format, mill.title, mill.warnings) == ("dot", "Paper mill", ())
    assert kinds(mill) == {
        "Customer": "external_entity",
        "Order API": "process",
        "Orders DB": "data_store",
        "Dryer PLC": "process",
        "Job queue": "data_store",
        "Backup": "data_store",
    }
    assert arrows(mill) == [
        "Customer -> Order API: HTTPS",
        "Order API -> Orders DB: sync",
        "Order API -> Job queue: sync",
        "Orders DB -> Backup: sync",
        "Job queue -> Backup: sync",
        "Order API -> Dryer PLC: Modbus",
        "Dryer PLC -> Order API: Modbus",
        "Orders DB -> Dryer PLC",
        "Job queue -> Customer",
    ]
    assert inside(mill) == {
        "Mill site": {"Order API", "Orders DB", "Dryer PLC", "Job queue"},
        "Hall": {"Dryer PLC"},
    }
    assert mill.flows[-1].assumed


def test_undirected_graphs_are_guesses() -> None:
    """An edge of an undirected graph flows as it is written, as an assumption."""
    for text in ("graph { a -- b -- c }", "graph\n{\n a -- b -- c }", "strict graph G{a--b--c}"):
        fragment = read(text)
        assert fragment.format == "dot"
        assert arrows(fragment) == ["a -> b", "b -> c"]
        assert all(f.assumed for f in fragment.flows)


def test_defaults_hold_in_their_braces() -> None:
    """Node defaults reach into inner braces and not out of them."""
    fragment = read("digraph { { node [shape=cylinder]; x } y -> x }")
    assert kinds(fragment) == {"x": "data_store", "y": "process"}


def test_records_are_taken_apart() -> None:
    """A record's first field names it; stereotypes, technologies and other lines are told apart."""
    fragment = read(
        'digraph { a [shape=record label="{Service: till|--entrypoint--\\nDatabase: MySQL\\nPort: 80}"];'
        ' b [label="Printer\\n«iot device»"]; a -> b [label="--encrypted--\\nreceipts"] }'
    )
    till = element(fragment, "till")
    assert till.exposure.value == "internet"
    assert till.technologies == ("mysql",)
    assert "Port: 80" in till.description
    assert element(fragment, "Printer").technologies[0] == "iot-device"
    assert flow(fragment, "receipts").encrypted.value == "yes"


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("External Entity: reader", "external_entity"),
        ("Process: print", "process"),
        ("Data store: pages", "data_store"),
        ("Actor: editor", "external_entity"),
    ],
)
def test_prefixes_say_the_kind(label: str, kind: str) -> None:
    """The words that data-flow diagrams put before a name decide the kind and leave the name."""
    assert kinds(read(f'digraph {{ a [label="{label}"] }}')) == {label.split(": ")[1]: kind}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("digraph {\n a -> ;\n}", "line 2"),
        ("digraph {\n a [label=];\n}", "line 2"),
        ("digraph {\n\n a -> [x];\n}", "line 3"),
        ('digraph {\n a [label="x]\n}', "line 2"),
        ("digraph {\n a ? b\n}", "line 2"),
    ],
)
def test_broken_graphs_are_refused_with_the_line(text: str, line: str) -> None:
    """What breaks the grammar is named by its line."""
    with pytest.raises(UnreadableFile) as caught:
        read(text)
    assert line in caught.value.reason


def test_a_graph_that_breaks_off_is_read_as_far_as_it_goes() -> None:
    """A missing brace at the end costs nothing."""
    assert arrows(read("digraph { subgraph cluster_a { a -> b")) == ["a -> b"]


@pytest.mark.parametrize(
    "text",
    [
        "digraph {" + "{" * 200,
        "digraph { {"
        + " ".join(f"a{n}" for n in range(300))
        + "} -> {"
        + " ".join(f"b{n}" for n in range(300)),
        "digraph {" + ";".join(f"n{n}" for n in range(5_001)),
    ],
)
def test_graphs_out_of_bounds(text: str) -> None:
    """Depth, arrows and nodes have limits."""
    with pytest.raises(TooLarge):
        read(text)

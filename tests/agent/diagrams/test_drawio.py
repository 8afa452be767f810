"""draw.io files: pages plain and compressed, frames by parent and by place, loose arrows, icons, layers."""

from __future__ import annotations

import pytest

from agent.errors import TooLarge, UnreadableFile
from tests.agent.diagrams.drawn import arrow, arrows, cell, element, flow, inside, kinds, model, packed, read

PERSON = "shape=umlActor;html=1;"
STORE = "shape=cylinder3;html=1;"
TEXT = "text;html=1;strokeColor=none;fillColor=none;"
ICON = "sketch=0;outlineConnect=0;shape=mxgraph.aws4.resourceIcon;resIcon=mxgraph.aws4."
GROUP = "container=1;shape=mxgraph.aws4.group;grIcon=mxgraph.aws4.group_vpc;"


def simple(*more: str) -> str:
    """Driver → Fleet API → Trips."""
    return model(
        cell("p", "Driver", (0, 0, 40, 80), PERSON),
        cell("api", "Fleet API", (200, 0, 100, 60)),
        cell("db", "Trips", (400, 0, 80, 80), STORE),
        arrow("e1", "p", "api", "HTTPS"),
        arrow("e2", "api", "db", "SQL"),
        *more,
    )


EXPECTED = {"Driver": "external_entity", "Fleet API": "process", "Trips": "data_store"}


@pytest.mark.parametrize(
    "text",
    [
        simple(),
        f'<?xml version="1.0"?>\n<!-- ours -->\n{simple()}',
        f'<mxfile><diagram name="Page-1">{simple()}</diagram></mxfile>',
        f'<mxfile host="x"><diagram name="Page-1">{packed(simple())}</diagram></mxfile>',
        f"<diagram>{packed(simple())}</diagram>",
    ],
    ids=["bare model", "prolog", "plain file", "compressed file", "one diagram"],
)
def test_every_way_a_file_is_saved(text: str) -> None:
    """Bare models, plain and compressed files give the same system."""
    fragment = read(text, "fleet.drawio")
    assert fragment.format == "drawio"
    assert kinds(fragment) == EXPECTED
    assert arrows(fragment) == ["Driver -> Fleet API: HTTPS", "Fleet API -> Trips: SQL"]
    assert (fragment.boundaries, fragment.warnings) == ((), ())


def test_pages_are_one_system() -> None:
    """What bears the same name on two pages is one element, and an arrow drawn twice counts once."""
    second = model(
        cell("a", "Fleet API", (0, 0, 100, 60)),
        cell("b", "Trips", (300, 0, 80, 80), STORE),
        cell("c", "Map provider", (0, 300, 100, 60)),
        arrow("e1", "a", "b", "SQL"),
        arrow("e2", "a", "c"),
    )
    pages = f'<diagram name="Overview">{simple()}</diagram><diagram name="2">{packed(second)}</diagram>'
    fragment = read(f"<mxfile>{pages}</mxfile>")
    assert fragment.title == "Overview"
    assert kinds(fragment) == {**EXPECTED, "Map provider": "external_entity"}
    assert arrows(fragment) == [
        "Driver -> Fleet API: HTTPS",
        "Fleet API -> Trips: SQL",
        "Fleet API -> Map provider",
    ]


def test_containers_are_boundaries() -> None:
    """A box with children is a boundary; places inside it are relative to it."""
    fragment = read(
        model(
            cell("v", "VPC", (100, 100, 500, 400), GROUP),
            cell("s", "Private subnet", (20, 20, 300, 300), "swimlane;", parent="v"),
            cell("a", "Fleet API", (30, 40, 100, 60), parent="s"),
            cell("d", "Trips", (350, 100, 80, 80), STORE, parent="v"),
            cell("o", "Driver", (0, 0, 40, 60), PERSON),
        )
    )
    assert inside(fragment) == {"VPC": {"Fleet API", "Trips"}, "Private subnet": {"Fleet API"}}
    assert [b.parent for b in fragment.boundaries] == [None, "vpc"]
    assert element(fragment, "Driver").zone == ""


def test_a_box_around_others_is_a_boundary() -> None:
    """A rectangle that encloses boxes without being their parent is a boundary, too, at any nesting."""
    fragment = read(
        model(
            cell("z", "Field", (0, 0, 300, 300), "rounded=0;dashed=1;fillColor=none;"),
            cell("y", "Van", (10, 10, 200, 200), "rounded=0;dashed=1;"),
            cell("a", "Tracker", (20, 20, 80, 60)),
            cell("b", "Tablet app", (220, 220, 70, 60)),
            cell("c", "Fleet API", (500, 20, 80, 60)),
            arrow("e", "a", "c"),
        )
    )
    assert inside(fragment) == {"Field": {"Tracker", "Tablet app"}, "Van": {"Tracker"}}


def test_labels_of_arrows_may_be_cells_of_their_own() -> None:
    """A label dragged along its arrow is a child cell; both texts belong to the arrow."""
    label = '<mxCell id="l" value="bearer token" style="edgeLabel;html=1;" vertex="1" parent="e1"/>'
    fragment = read(simple(label))
    assert flow(fragment, "HTTPS, bearer token").authenticated.value == "yes"


def test_loose_ends_snap_to_the_nearest_box() -> None:
    """An arrow that is tied to nothing means the boxes that its ends touch."""
    loose = (
        '<mxCell id="e9" value="positions" edge="1" parent="1" target="api"><mxGeometry as="geometry">'
        '<mxPoint x="408" y="40" as="sourcePoint"/></mxGeometry></mxCell>'
    )
    assert "Trips -> Fleet API: positions" in arrows(read(simple(loose)))


def test_an_arrow_into_the_void_is_named() -> None:
    """An end that touches nothing is said, with the arrow's label."""
    void = (
        '<mxCell id="e9" value="alarms" edge="1" parent="1" source="api"><mxGeometry as="geometry">'
        '<mxPoint x="4000" y="4000" as="targetPoint"/></mxGeometry></mxCell>'
    )
    fragment = read(simple(void), "fleet.drawio")
    assert len(fragment.flows) == 2
    assert any("fleet.drawio" in w and '"alarms"' in w for w in fragment.warnings)


@pytest.mark.parametrize(
    ("style", "shown"),
    [
        ("html=1;", ["Fleet API -> Trips"]),
        ("endArrow=block;", ["Fleet API -> Trips"]),
        ("endArrow=none;startArrow=classic;", ["Trips -> Fleet API"]),
        ("endArrow=classic;startArrow=classic;", ["Fleet API -> Trips", "Trips -> Fleet API"]),
        ("endArrow=none;", ["Fleet API -> Trips"]),
    ],
)
def test_heads_give_the_direction(style: str, shown: list[str]) -> None:
    """The arrow heads of the style decide which way data flow; without a head it is a guess."""
    fragment = read(
        model(
            cell("api", "Fleet API", (0, 0, 100, 60)),
            cell("db", "Trips", (300, 0, 80, 80), STORE),
            arrow("e", "api", "db", style=style),
        )
    )
    assert arrows(fragment) == shown
    assert [f.assumed for f in fragment.flows] == [style == "endArrow=none;"] * len(shown)


def test_icons_are_technologies() -> None:
    """The icon of a shape library says what an element is."""
    fragment = read(
        model(
            cell("q", "Positions", (0, 0, 78, 78), ICON + "sqs;"),
            cell("k", "Ingest", (200, 0, 78, 78), "shape=mxgraph.kubernetes.icon;prIcon=pod;"),
            cell("c", "Trips", (400, 0, 60, 60), "image;image=img/lib/azure2/databases/Azure_Cosmos_DB.svg;"),
            arrow("e", "q", "k"),
        )
    )
    assert element(fragment, "Positions").technologies == ("aws-sqs",)
    assert element(fragment, "Ingest").technologies[0] == "kubernetes-pod"
    assert element(fragment, "Trips").technologies == ("azure-cosmos-db",)
    assert kinds(fragment) == {"Positions": "data_store", "Ingest": "process", "Trips": "data_store"}


def test_a_text_under_an_icon_is_its_name() -> None:
    """A nameless icon takes the text beside it; a text elsewhere stays text."""
    fragment = read(
        model(
            cell("i", "", (0, 0, 78, 78), ICON + "lambda;"),
            cell("t", "Route planner", (0, 84, 90, 20), TEXT),
            cell("n", "Drawn in spring", (900, 900, 90, 20), TEXT),
            cell("api", "Fleet API", (300, 0, 100, 60)),
            arrow("e", "api", "i"),
        )
    )
    assert arrows(fragment) == ["Fleet API -> Route planner"]
    assert element(fragment, "Route planner").technologies[0] == "aws-lambda"
    assert fragment.text == "Drawn in spring"


def test_an_icon_inside_a_box_is_part_of_it() -> None:
    """A nameless icon that decorates a named box gives it its technology and is no element."""
    fragment = read(
        model(
            cell("b", "Receipts", (0, 0, 200, 100)),
            cell("i", "", (10, 10, 40, 40), ICON + "s3;"),
            cell("api", "Fleet API", (400, 0, 100, 60)),
            arrow("e", "api", "i"),
        )
    )
    assert arrows(fragment) == ["Fleet API -> Receipts"]
    assert element(fragment, "Receipts").technologies == ("aws-s3",)


def test_a_group_of_icon_and_text_is_one_element() -> None:
    """A bare group of the editor is no boundary; the text in it names the icon."""
    fragment = read(
        model(
            cell("g", "", (0, 0, 120, 120), "group"),
            cell("i", "", (0, 0, 78, 78), ICON + "dynamodb;", parent="g"),
            cell("t", "Trips", (0, 90, 78, 20), TEXT, parent="g"),
            cell("api", "Fleet API", (300, 0, 100, 60)),
            arrow("e", "api", "g"),
        )
    )
    assert arrows(fragment) == ["Fleet API -> Trips"]
    assert fragment.boundaries == ()


def test_hidden_layers_are_not_read() -> None:
    """What stands on a hidden layer is not part of the diagram."""
    hidden = '<mxCell id="h" parent="0" visible="0" value="old"/>' + cell(
        "x", "Old API", (0, 500, 80, 60), parent="h"
    )
    assert kinds(read(simple(hidden))) == EXPECTED


def test_objects_with_data() -> None:
    """A cell wrapped in an object has its label there; C4 shapes bring kind, technology and description."""
    wrapped = (
        '<UserObject id="w" label="Billing&lt;br&gt;service"><mxCell vertex="1" parent="1">'
        '<mxGeometry x="0" y="300" width="100" height="60" as="geometry"/></mxCell></UserObject>'
        '<object id="c" placeholders="1" c4Name="Dispatcher" c4Type="Person" c4Description="Plans tours" '
        'label="&lt;b&gt;%c4Name%&lt;/b&gt;"><mxCell vertex="1" parent="1">'
        '<mxGeometry x="300" y="300" width="100" height="60" as="geometry"/></mxCell></object>'
        '<object id="d" placeholders="1" c4Name="Planner" c4Type="Container" c4Technology="Python, FastAPI" '
        'label="%c4Name%"><mxCell vertex="1" parent="1">'
        '<mxGeometry x="600" y="300" width="100" height="60" as="geometry"/></mxCell></object>'
        '<object id="r" placeholders="1" c4Type="Relationship" c4Description="plans" c4Technology="HTTPS" '
        'label="x"><mxCell edge="1" parent="1" source="c" target="d"/></object>'
    )
    fragment = read(simple(wrapped))
    assert {"Billing service": "process", "Dispatcher": "external_entity"}.items() <= kinds(fragment).items()
    assert element(fragment, "Dispatcher").description == "Plans tours"
    assert "fastapi" in element(fragment, "Planner").technologies
    assert "Dispatcher -> Planner: plans (HTTPS)" in arrows(fragment)


def test_html_in_labels_is_text() -> None:
    """Markup in a label is dropped, its text kept; what looks like a tag to a person survives."""
    label = (
        "&lt;div&gt;Fleet&amp;nbsp;&lt;font color=&quot;red&quot;&gt;API&lt;/font&gt;&lt;/div&gt;5 &amp;lt; 6"
    )
    assert list(kinds(read(model(cell("a", label, (0, 0, 9, 9)))))) == ["Fleet API 5 < 6"]


def test_drawn_trust_lines_are_named() -> None:
    """A dashed line without ends or heads is no flow; its name is mentioned."""
    line = '<mxCell id="b" value="Trust line" style="dashed=1;endArrow=none;" edge="1" parent="1"/>'
    fragment = read(simple(line))
    assert len(fragment.flows) == 2
    assert any("Trust line" in w for w in fragment.warnings)


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ('<!DOCTYPE mxfile [<!ENTITY a "b">]><mxfile>&a;</mxfile>', UnreadableFile, "DTD"),
        ("<!DOCTYPE mxfile><mxfile/>", UnreadableFile, "DTD"),
        ("<mxfile><diagram>", UnreadableFile, "broken"),
        ("<mxfile></mxfile>", UnreadableFile, "without a page"),
        ("<mxfile><diagram>%%%%</diagram></mxfile>", UnreadableFile, "compressed"),
        ("<mxfile><diagram>QUJD</diagram></mxfile>", UnreadableFile, "breaks off"),
        ("<mxfile>" + "<a>" * 300, TooLarge, "nest"),
        (f"<mxfile><diagram>{packed('a' * 11_000_000)}</diagram></mxfile>", TooLarge, "unpack"),
        ("<mxfile>" + "<a/>" * 200_001 + "</mxfile>", TooLarge, "tags"),
    ],
)
def test_bad_files_are_refused(text: str, error: type[UnreadableFile], said: str) -> None:
    """Broken, hostile and oversized files are refused with the reason."""
    with pytest.raises(error) as caught:
        read(text, "bad.drawio")
    assert said in caught.value.reason
    assert caught.value.name == "bad.drawio"


def test_parents_that_go_in_circles() -> None:
    """Cells that are each other's parents do not hang the reader."""
    fragment = read(
        model(
            cell("a", "A", (0, 0, 9, 9), parent="b"),
            cell("b", "B", (0, 0, 9, 9), parent="a"),
            cell("c", "C", (0, 0, 9, 9), parent="a"),
            arrow("e", "c", "b"),
        )
    )
    assert "C" in kinds(fragment)

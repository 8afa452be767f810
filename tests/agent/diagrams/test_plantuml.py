"""PlantUML: declarations, frames, arrows, C4, icon libraries, sequences, DOT inside."""

from __future__ import annotations

import pytest

from agent.errors import UnreadableFile, UnsupportedFormat
from tests.agent.diagrams.drawn import arrows, element, flow, inside, kinds, read

PRESS = """@startuml press
' who reads
/' a longer
   remark -> here '/
skinparam component {
  BackgroundColor red
}
left to right direction
title Printing press
actor "Editor in chief" as ed
cloud "Our cloud" as cloud {
  node "Cluster" as k8s <<Kubernetes>> {
    [Layout tool] as layout #lightblue
    component "Order\\nservice" as orders <<Spring Boot>>
    component pay [
      Payment
      adapter
    ]
  }
  database "Orders DB" as db <<PostgreSQL>>
  queue Jobs
  storage "Plates" as plates
}
ed --> layout : HTTPS
layout -down-> orders : REST, JWT
orders -[#red,dashed]-> db : **SQL**
orders ..> Jobs : jobs
[Print worker] <-left- Jobs
pay -> "Stripe API" : HTTPS
plates -- pay
layout <--> "Spell checker"
note right of layout : this -> that
note left
  a --> b
end note
legend
  x --> y
endlegend
@enduml
"""


def test_component_and_deployment_diagrams() -> None:
    """Declarations give kinds, frames boundaries, arrows of all forms flows; notes and styles nothing."""
    press = read(PRESS)
    assert (press.format, press.title, press.warnings) == ("plantuml", "Printing press", ())
    assert kinds(press) == {
        "Editor in chief": "external_entity",
        "Layout tool": "process",
        "Order service": "process",
        "Payment adapter": "process",
        "Orders DB": "data_store",
        "Jobs": "data_store",
        "Plates": "data_store",
        "Print worker": "process",
        "Stripe API": "external_entity",
        "Spell checker": "process",
    }
    assert arrows(press) == [
        "Editor in chief -> Layout tool: HTTPS",
        "Layout tool -> Order service: REST, JWT",
        "Order service -> Orders DB: SQL",
        "Order service -> Jobs: jobs",
        "Jobs -> Print worker",
        "Payment adapter -> Stripe API: HTTPS",
        "Plates -> Payment adapter",
        "Layout tool -> Spell checker",
        "Spell checker -> Layout tool",
    ]
    assert inside(press) == {
        "Our cloud": {"Layout tool", "Order service", "Payment adapter", "Orders DB", "Jobs", "Plates"},
        "Cluster": {"Layout tool", "Order service", "Payment adapter"},
    }


def test_stereotypes_name_technologies() -> None:
    """What stands in guillemets says what an element is."""
    press = read(PRESS)
    assert element(press, "Order service").technologies[0] == "spring-boot"
    assert element(press, "Orders DB").technologies[0] == "postgresql"


def test_stereotypes_state_protections() -> None:
    """Stereotypes of the table state controls, exposure and what is known of a flow."""
    fragment = read(
        "@startuml\ncomponent Shop <<entrypoint>> <<circuit_breaker>> <<csrf_disabled>>\n"
        "database Orders <<plaintext_credentials>>\nShop --> Orders <<encrypted>> : SQL\n@enduml"
    )
    shop = element(fragment, "Shop")
    assert shop.exposure.value == "internet"
    assert {c.name: c.state.value for c in shop.controls} == {
        "circuit_breaker": "yes",
        "csrf_protection": "no",
    }
    assert flow(fragment, "SQL").encrypted.value == "yes"
    assert [(f.about, f.fact) for f in fragment.facts] == [("Orders", "data:credentials")]


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("A --> B", ["A -> B"]),
        ("A -> B", ["A -> B"]),
        ("A->B", ["A -> B"]),
        ("A ..> B", ["A -> B"]),
        ("A..>B", ["A -> B"]),
        ("A -up-> B", ["A -> B"]),
        ("A -r-> B", ["A -> B"]),
        ("A -[#blue,bold]-> B", ["A -> B"]),
        ("A <-- B", ["B -> A"]),
        ("A <--> B", ["A -> B", "B -> A"]),
        ("A --* B", ["A -> B"]),
        ("A o-- B", ["A -> B"]),
        ("A ~~> B", ["A -> B"]),
        ("A ==> B", ["A -> B"]),
        ("A --orders", ["A -> orders"]),
        ("[A] --> [B] : x", ["A -> B: x"]),
        (":A: --> (B)", ["A -> B"]),
        ('"A" --> "B"', ["A -> B"]),
        ('A "1" --> "many" B', ["A -> B"]),
        ('() "A" --> B', ["A -> B"]),
        ("A --> B : <<encrypted>> SQL", ["A -> B: SQL"]),
    ],
)
def test_arrows(line: str, shown: list[str]) -> None:
    """Arrow forms of component diagrams give flows in the direction of their heads."""
    assert arrows(read(f"@startuml\n{line}\n@enduml")) == shown


@pytest.mark.parametrize(
    ("line", "name", "kind"),
    [
        ("actor Reader", "Reader", "external_entity"),
        ('actor "Night reader" as r', "Night reader", "external_entity"),
        ('actor r as "Night reader"', "Night reader", "external_entity"),
        (":Reader: as r", "Reader", "external_entity"),
        ("[Press]", "Press", "process"),
        ("[Press hall] as p", "Press hall", "process"),
        ("component [Press hall] as p", "Press hall", "process"),
        ("(Print it) as p", "Print it", "process"),
        ("usecase (Print it) as p", "Print it", "process"),
        ('() "Paper feed" as p', "Paper feed", "process"),
        ("database Plates", "Plates", "data_store"),
        ("storage Plates #red", "Plates", "data_store"),
        ("queue Jobs", "Jobs", "data_store"),
        ('file "Plates" as p [[http://example.org link]]', "Plates", "data_store"),
        ("rectangle Customer", "Customer", "external_entity"),
        ('node "Press {"', "Press {", "process"),
        ("frame Empty {\n}", "Empty", "process"),
    ],
)
def test_declarations(line: str, name: str, kind: str) -> None:
    """Every way to declare something gives one element with its label and kind."""
    assert kinds(read(f"@startuml\n{line}\n@enduml")) == {name: kind}


def test_c4_macros() -> None:
    """C4-PlantUML is read by its macros, over several lines and with named arguments."""
    fragment = read(
        "@startuml\n!include https://example.org/C4_Container.puml\nLAYOUT_WITH_LEGEND()\n"
        'Person(ed, "Editor", "Writes, and (sometimes) reads")\n'
        'System_Boundary(p, "Press") {\n  Container(web, "Layout", "React", $descr="Lays out")\n'
        '  ContainerDb(db, "Pages",\n     $techn="MongoDB")\n}\n'
        'System_Ext(mill, "Paper mill")\nRel(ed, web, "Uses", "HTTPS")\nRel_D(web, db, "Stores")\n'
        'BiRel(web, mill, "Orders")\nLay_R(web, mill)\nSHOW_LEGEND()\n@enduml'
    )
    assert arrows(fragment) == [
        "Editor -> Layout: Uses (HTTPS)",
        "Layout -> Pages: Stores",
        "Layout -> Paper mill: Orders",
        "Paper mill -> Layout: Orders",
    ]
    assert kinds(fragment) == {
        "Editor": "external_entity",
        "Layout": "process",
        "Pages": "data_store",
        "Paper mill": "external_entity",
    }
    assert element(fragment, "Layout").description == "Lays out"
    assert inside(fragment) == {"Press": {"Layout", "Pages"}}


def test_icon_libraries() -> None:
    """Macros of icon libraries are elements named for their icon; their groups are boundaries."""
    fragment = read(
        '@startuml\n!include <awslib/AWSCommon>\nAWSCloudGroup(cloud, "Press account") {\n'
        '  LambdaLambdaFunction(fn, "Thumbnails", "Python")\n  SimpleStorageService(b, "Pages", "")\n}\n'
        'Users(u, "Readers", "")\nu --> fn\nfn --> b\n@enduml'
    )
    assert inside(fragment) == {"Press account": {"Thumbnails", "Pages"}}
    assert element(fragment, "Thumbnails").technologies[0] == "aws-lambda"
    assert element(fragment, "Pages").technologies == ("aws-s3",)
    assert kinds(fragment)["Readers"] == "external_entity"


def test_sequence_diagrams() -> None:
    """Messages are flows, boxes boundaries, answers part of their calls."""
    fragment = read(
        '@startuml\nactor Editor\nparticipant "Layout tool" as web\nbox "Backend" #LightBlue\n'
        "participant API\ndatabase Pages\nend box\nautonumber\nEditor -> web : save page\nactivate web\n"
        "web -> API: PUT /page (HTTPS)\nalt ok\nAPI -> Pages: UPDATE\nPages --> API: done\nelse\n"
        "API --> web: 409\nend\nweb -> web: redraws\nweb --> Editor: saved\n== night ==\n[-> API: cron\n"
        "Mill ->> API: webhook\n@enduml"
    )
    assert arrows(fragment) == [
        "Editor -> Layout tool: save page",
        "Layout tool -> API: PUT /page (HTTPS)",
        "API -> Pages: UPDATE",
        "Mill -> API: webhook",
    ]
    assert inside(fragment) == {"Backend": {"API", "Pages"}}


def test_dot_inside() -> None:
    """A Graphviz graph between the marks is read as one, with the stereotypes of its records."""
    fragment = read(
        "@startuml\nskinparam monochrome true\n\ndigraph flows {\n node[shape=record]\n"
        ' press [label = "{Service: press | --infrastructural--\\n--circuit_breaker--\\n'
        "Web Server: nginx\\nEndpoints: ['/', '/pages']\\n}\"];\n"
        ' reader [label = "{External Entity: reader | --user_stereotype--\\n}"];\n'
        ' reader -> press [label = " --restful_http--\\n--authenticated--\\nProtocol: HTTPS\\n"]\n}\n'
        "@enduml\n"
    )
    assert kinds(fragment) == {"press": "process", "reader": "external_entity"}
    assert element(fragment, "press").technologies[0] == "nginx"
    call = flow(fragment, "HTTPS")
    assert (call.protocol, call.encrypted.value, call.authenticated.value) == ("https", "yes", "yes")


def test_slashes_in_quotes_start_no_comment() -> None:
    """A path in quotes looks like the start of a block comment and is none."""
    assert arrows(read("@startuml\n[A] --> [B] : GET '/'\n[B] --> [C] : GET '/pages'\n@enduml")) == [
        "A -> B: GET '/'",
        "B -> C: GET '/pages'",
    ]


def test_credentials_in_labels_are_not_repeated() -> None:
    """A password that somebody wrote into a label does not leave the file."""
    fragment = read(
        '@startuml\ndigraph g {\n a [label = "{Service: a | Username: root\\nPassword: hunter2\\n}"];\n'
        " b -> a [label = \" --jdbc--\\n'Password': hunter2\\n\"]\n}\n@enduml"
    )
    assert "hunter2" not in fragment.model_dump_json()


def test_several_diagrams_in_one_file() -> None:
    """Diagrams of one file are one system; the same name is the same element."""
    fragment = read("@startuml\n[A] --> [B]\n@enduml\ntext\n@startuml\n[B] --> [C]\n@enduml")
    assert arrows(fragment) == ["A -> B", "B -> C"]


@pytest.mark.parametrize(
    "text",
    [
        "@startmindmap\n* a\n@endmindmap",
        "@startuml\nclass Page {\n  +print()\n}\nenum Size\n@enduml",
        "@startuml\n[*] --> Printing\nstate Printing\n@enduml",
        "@startuml\nstart\n:print page;\nstop\n@enduml",
    ],
)
def test_other_diagrams_are_refused(text: str) -> None:
    """Mind maps, classes, states and activities show no data flows, and the refusal says so."""
    with pytest.raises(UnsupportedFormat) as caught:
        read(text)
    assert "diagram" in caught.value.instead


def test_lines_that_are_no_plantuml_are_named() -> None:
    """What is not understood is named, and the rest is read."""
    fragment = read("@startuml\n[A] --> [B]\nwho knows what this is\n@enduml")
    assert arrows(fragment) == ["A -> B"]
    assert any("who knows" in w for w in fragment.warnings)


def test_a_graph_that_breaks_off_in_its_mark() -> None:
    """A broken graph inside is refused like a broken graph."""
    with pytest.raises(UnreadableFile):
        read("@startuml\ndigraph g {\n a -> [\n}\n@enduml")

"""What attributes in brackets and stereotypes say about an element or a flow."""

from __future__ import annotations

from agent.catalog.technologies import load_technologies
from agent.diagrams.prose_blocks import Block
from agent.diagrams.prose_drafted import DraftFlow
from agent.diagrams.prose_lists import Attributes, Hop
from agent.diagrams.prose_words import load_prose_words
from agent.diagrams.wire import read_wire
from agent.domain.system import Known

TRUE = frozenset({"true", "yes", "1", "y", "on"})
FALSE = frozenset({"false", "no", "0", "n", "off"})


def facts_of(attributes: Attributes) -> tuple[list[str], list[tuple[str, str]]]:
    """The technologies and facts that attributes and stereotypes state."""
    table = load_prose_words()
    technologies: list[str] = []
    facts: list[tuple[str, str]] = []
    for name, value in attributes.values.items():
        own = name.lower().replace(" ", "")
        meaning = table.texts.get(name.lower()) or table.texts.get(own)
        fact = table.attributes.get(name.lower()) or table.attributes.get(own)
        if fact and value.lower() in TRUE | FALSE:
            facts.append((fact, "yes" if value.lower() in TRUE else "no"))
        elif meaning == "secret":
            facts.append(("control:secrets_management", "no"))
        elif meaning in {"technology", "type"} or meaning is None:
            technologies += [t.id for t in load_technologies().recognise(value) if value]
    for stereotype in attributes.stereotypes:
        said = table.stereotypes.get(stereotype.lower(), {})
        facts += [
            (f"exposure:{value}" if fact == "exposure" else fact, "yes" if fact == "exposure" else value)
            for fact, value in said.items()
            if fact != "protocol"
        ]
    return technologies, list(dict.fromkeys(facts))


def flow_of(source: str, target: str, hop: Hop, block: Block) -> DraftFlow:
    """The flow of one arrow; what attributes say outweighs the label, and that the description."""
    table = load_prose_words()
    wire, more = read_wire(hop.label), read_wire(hop.description)
    protocol = wire.protocol or more.protocol
    stated: dict[str, Known] = {"encrypted": wire.encrypted, "authenticated": wire.authenticated}
    for attribute, value in hop.attributes.values.items():
        fact = table.attributes.get(attribute.lower().replace(" ", ""))
        if fact in stated and value.lower() in TRUE | FALSE:
            stated[fact] = Known.YES if value.lower() in TRUE else Known.NO
        elif table.texts.get(attribute.lower()) == "protocol":
            protocol = read_wire(value).protocol or value.lower()
            stated["encrypted"] = _first_known(stated["encrypted"], read_wire(value).encrypted)
    for stereotype in hop.attributes.stereotypes:
        for fact, value in table.stereotypes.get(stereotype.lower(), {}).items():
            protocol = protocol or (value if fact == "protocol" else "")
            if fact in stated:
                stated[fact] = Known(value)
    return DraftFlow(
        source,
        target,
        hop.label,
        block.quote,
        protocol=protocol,
        encrypted=stated["encrypted"],
        authenticated=stated["authenticated"],
        data=wire.data,
    )


def _first_known(one: Known, other: Known) -> Known:
    return other if one is Known.UNKNOWN else one

"""What the placeholders of a pattern stand for at the places where it fits."""

from __future__ import annotations

from collections.abc import Sequence

from agent.analysts.matching import Match
from agent.analysts.stakes import at_stake, nouns_of
from agent.analysts.topology import Topology
from agent.catalog.grams import listed, words
from agent.domain.system import Element, Flow
from agent.naming import spoken

_WIRES = frozenset(
    {
        "http",
        "https",
        "rest",
        "json",
        "grpc",
        "tcp",
        "udp",
        "tls",
        "mtls",
        "ssl",
        "sql",
        "jdbc",
        "odbc",
        "amqp",
    }
    | {
        "mqtt",
        "wss",
        "websocket",
        "rpc",
        "api",
        "soap",
        "graphql",
        "xml",
        "smtp",
        "imap",
        "sftp",
        "ssh",
        "jwt",
    }
    | {"call", "request", "response", "data", "flow", "use", "read", "write", "send", "get", "put", "query"}
    | {
        "over",
        "vpn",
        "via",
        "and",
        "async",
        "sync",
        "internal",
        "external",
        "connection",
        "outbound",
        "inbound",
        "only",
        "traffic",
    }
)
"""Words of a label that say how, not what."""


def called(element: Element) -> str:
    """The element's name in a sentence; a bare lower-case word that is no product's name is quoted."""
    name = " ".join(element.name.split())
    product = any(name in technology for technology in element.technologies)
    return f"“{name}”" if name.isalpha() and name.islower() and not product else name


def flow_name(topology: Topology, flow: Flow) -> str:
    """The flow by its two ends, such as "Shop → Bank"."""
    return f"{called(topology.elements[flow.source])} → {called(topology.elements[flow.target])}"


def way(topology: Topology, path: Sequence[str]) -> str:
    """The path in names, such as "customer → Web shop → Orders"."""
    return " → ".join(called(topology.elements[e]) for e in path)


def what_moves(flow: Flow) -> str:
    """What the flow carries, quoted from the input where it says more than a protocol; else "message"."""
    if flow.data and not set(words(", ".join(flow.data))) < set(words(flow.label)):
        return f"“{', '.join(flow.data[:3])}”"
    said = [w for w in words(flow.label) if w not in _WIRES]
    return f"“{' '.join(flow.label.split())}”" if said else "message"


def values_of(topology: Topology, group: Sequence[Match]) -> dict[str, tuple[str, ...]]:
    """Each placeholder's names over all places of the group; the first place decides where only one fits."""
    lead = group[0]
    found = _captured(topology, group)
    found["system"] = (spoken(topology.system.name),)
    at = lead.subject.target if isinstance(lead.subject, Flow) else lead.subject.id
    path = topology.entry_path(at)
    found["path"] = (way(topology, path) or called(topology.elements[at]),)
    found["entry"] = (_entry(topology, lead, path),)
    found["zone"] = (topology.elements[at].zone or "the system",)
    stakes = list(dict.fromkeys(s for m in group[:_WEIGHED] for s in at_stake(topology, m)))
    nouns = nouns_of(topology, group[:_WEIGHED])
    if isinstance(lead.subject, Element):
        found |= _of_elements(topology, [m.subject for m in group if isinstance(m.subject, Element)])
        found["data"] = tuple(nouns) or ("data",)
        places = [called(s) for s in stakes if isinstance(s, Element)]
        found["stake"] = tuple(nouns) or (f"the data in {listed(places)}",)
        return found
    found |= _of_flows(topology, [m.subject for m in group if isinstance(m.subject, Flow)])
    found["stake"] = tuple(nouns) or (f"the data on {flow_name(topology, lead.subject)}",)
    found["data"] = found["stake"]
    return found


_SHOWN = 2
_WEIGHED = 5
"""How many places of a group are asked what is at stake there."""


def _entry(topology: Topology, lead: Match, path: Sequence[str]) -> str:
    """Who stands at the outer end of the way that the pattern found, or else of the shortest way in."""
    ways = [ids for name, ids in lead.captures.items() if name.startswith("path") and ids]
    chosen = ways[0] if ways else path
    return called(topology.elements[chosen[0]]) if chosen else "the outside"


def _of_elements(topology: Topology, elements: Sequence[Element]) -> dict[str, tuple[str, ...]]:
    callers = [f.source for e in elements for f in topology.incoming[e.id]]
    return {
        "element": tuple(called(e) for e in elements),
        "callers": tuple(called(topology.elements[c]) for c in callers) or ("whoever calls it",),
    }


def _of_flows(topology: Topology, flows: Sequence[Flow]) -> dict[str, tuple[str, ...]]:
    lead = flows[0]
    sources = tuple(called(topology.elements[f.source]) for f in flows)
    targets = tuple(called(topology.elements[f.target]) for f in flows)
    return {
        "flow": _few(tuple(flow_name(topology, f) for f in flows)),
        "source": sources[:1],
        "target": targets[:1],
        "sources": sources,
        "targets": targets,
        "what": (what_moves(lead),),
        "label": (_labelled(lead),),
    }


def _labelled(flow: Flow) -> str:
    """The flow's label, quoted, else its protocol's name."""
    said = " ".join(flow.label.split()) or flow.protocol
    return f"“{said}”" if said else "a call without a label"


def _few(names: tuple[str, ...]) -> tuple[str, ...]:
    """At most two, and how many more: names of flows are long."""
    unique = tuple(dict.fromkeys(names))
    return unique if len(unique) <= _SHOWN else (*unique[:1], f"{len(unique) - 1} more flows")


def _captured(topology: Topology, group: Sequence[Match]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for match in group:
        for name, ids in match.captures.items():
            names = tuple(called(topology.elements[i]) for i in ids)
            if name.startswith("path"):
                found.setdefault(name, (" → ".join(names),))
            else:
                found[name] = tuple(dict.fromkeys((*found.get(name, ()), *names)))
    return found

"""What the placeholders of a pattern stand for at the places where it fits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from agent.analysts.data_words import CLASSES, kind_of
from agent.analysts.matching import Match
from agent.analysts.topology import Topology
from agent.catalog.grams import listed, words
from agent.catalog.vocabulary import DataTag
from agent.domain.system import Asset, Element, ElementKind, Flow
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


def what_moves(topology: Topology, flow: Flow) -> str:
    """What the flow carries, in the input's words where it says more than a protocol, else in ours."""
    if flow.data:
        return ", ".join(flow.data[:3])
    said = [w for w in words(flow.label) if w not in _WIRES]
    if said:
        return " ".join(flow.label.split())
    nouns = data_nouns(topology, (flow,))
    return nouns[0] if nouns else "what it carries"


def data_nouns(topology: Topology, subjects: Iterable[Element | Flow]) -> list[str]:
    """What is at stake at the places, worst first: named assets, else kinds of data."""
    named: dict[str, int] = {}
    tags: set[DataTag] = set()
    for subject in subjects:
        for id_ in subject.assets:
            asset = topology.assets.get(id_)
            if asset is not None:
                named[_plain(asset)] = CLASSES.index(asset.classification)
        tags |= (topology.own_tags if isinstance(subject, Element) else topology.flow_tags)[subject.id]
    if named:
        return _distinct(sorted(named, key=lambda n: -named[n]))[:3]
    wanted = tags - _MEANS or tags
    ordered = sorted(
        wanted, key=lambda t: (-CLASSES.index(kind_of(t).classification), list(DataTag).index(t))
    )
    return [kind_of(t).name.lower() for t in ordered[:3]]


def _distinct(names: Sequence[str]) -> list[str]:
    """The names without those that only repeat another's words: "credentials" beside "user credentials"."""
    kept: list[str] = []
    for name in names:
        mine = set(words(name))
        if not any(mine <= set(words(k)) or set(words(k)) <= mine for k in kept):
            kept.append(name)
    return kept


def _plain(asset: Asset) -> str:
    """The asset's name as it stands within sentences.

    One that only says its kind begins small, and one that its evidence writes small: "card numbers".
    """
    known = asset.tag in set(DataTag) and kind_of(DataTag(asset.tag)).name == asset.name
    if known:
        return asset.name.lower()
    small = asset.name[:1].lower() + asset.name[1:]
    return small if asset.evidence is not None and small in asset.evidence.quote else asset.name


def at_stake(topology: Topology, match: Match) -> tuple[Element | Flow, ...]:
    """Where the data lies that the threat is about.

    The stores that the condition captured; else, for a process, the stores beside it; else the place itself.
    For a flow that says nothing of its data: what its ends hold, the side that is ours first.
    """
    stores = tuple(topology.elements[i] for i in _captured_stores(topology, (match,)))
    subject = match.subject
    if isinstance(subject, Element):
        return stores or _holding(topology, subject)
    if data_nouns(topology, (subject,)):
        return (subject,)
    ends = sorted((subject.target, subject.source), key=lambda e: e in topology.parties)
    held = (_holding(topology, topology.elements[e]) for e in ends)
    return stores or next((h for h in held if data_nouns(topology, h)), (subject,))


def _holding(topology: Topology, element: Element) -> tuple[Element, ...]:
    beside = [topology.elements[e] for e in _neighbours(topology, element.id)]
    stores = tuple(e for e in beside if e.kind is ElementKind.DATA_STORE)
    if element.kind is ElementKind.PROCESS and data_nouns(topology, stores):
        return stores
    return (element,)


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
    nouns = data_nouns(topology, stakes)
    if isinstance(lead.subject, Element):
        found |= _of_elements(topology, [m.subject for m in group if isinstance(m.subject, Element)])
        found["data"] = tuple(nouns) or ("data",)
        places = [called(s) for s in stakes if isinstance(s, Element)]
        found["stake"] = tuple(nouns) or (f"the data in {listed(places)}",)
        return found
    found |= _of_flows(topology, [m.subject for m in group if isinstance(m.subject, Flow)])
    found["data"] = tuple(nouns) or found["what"]
    found["stake"] = tuple(nouns) or (f"the data on {flow_name(topology, lead.subject)}",)
    return found


_SHOWN = 2
_WEIGHED = 5
"""How many places of a group are asked what is at stake there."""

_MEANS = frozenset({DataTag.TOKENS, DataTag.LOGS, DataTag.TELEMETRY})
"""Data that is seldom what an attacker wants, where there is other."""


def _entry(topology: Topology, lead: Match, path: Sequence[str]) -> str:
    """Who stands at the outer end of the way that the pattern found, or else of the shortest way in."""
    ways = [ids for name, ids in lead.captures.items() if name.startswith("path") and ids]
    chosen = ways[0] if ways else path
    return called(topology.elements[chosen[0]]) if chosen else "the outside"


def _captured_stores(topology: Topology, group: Sequence[Match]) -> list[str]:
    found = (
        i
        for match in group
        for name, ids in match.captures.items()
        if not name.startswith("path")
        for i in ids
        if topology.elements[i].kind is ElementKind.DATA_STORE
    )
    return list(dict.fromkeys(found))


def _of_elements(topology: Topology, elements: Sequence[Element]) -> dict[str, tuple[str, ...]]:
    callers = [f.source for e in elements for f in topology.incoming[e.id]]
    return {
        "element": tuple(called(e) for e in elements),
        "callers": tuple(called(topology.elements[c]) for c in callers) or ("its callers",),
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
        "what": (what_moves(topology, lead),),
        "label": (" ".join(lead.label.split()) or lead.protocol or "unlabelled flow",),
    }


def _few(names: tuple[str, ...]) -> tuple[str, ...]:
    """At most two, and how many more: names of flows are long."""
    unique = tuple(dict.fromkeys(names))
    return unique if len(unique) <= _SHOWN else (*unique[:1], f"{len(unique) - 1} more flows")


def _neighbours(topology: Topology, element: str) -> list[str]:
    ids = [f.target for f in topology.outgoing[element]] + [f.source for f in topology.incoming[element]]
    return list(dict.fromkeys(ids))


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

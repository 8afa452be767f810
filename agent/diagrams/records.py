"""Labels that hold more than a name: DFD prefixes, stereotypes, "Key: value" lines."""

from __future__ import annotations

import re
from dataclasses import dataclass

from agent.catalog.technologies import load_technologies
from agent.diagrams.labels import lines_of
from agent.diagrams.sketch import Shape

_STEREOTYPE = re.compile(
    r"--\s*(?P<dashed>\w[\w ]{0,60}?)\s*--"
    r"|«\s*(?P<quoted>[^«»\n]{1,60})»"
    r"|<<\s*(?P<angled>[^<>\n]{1,60})>>"
)
_PARTED = "\x1d"
_LONGEST = 4_000
_PREFIX = re.compile(
    r"\s*(?P<kind>external (?:entity|interactor)|external|actor|service|process|data ?store|store|database)"
    r"\s*:\s+",
    re.IGNORECASE,
)
_PAIR = re.compile(r"\s*['\"]?(?P<key>[A-Za-z][\w .-]{0,40}?)['\"]?\s*:\s*(?P<value>\S.*)")
_NAME = re.compile(r"[\w .+#-]{2,40}")
_SECRETS = frozenset({"password", "username", "user name", "secret", "token", "passphrase", "key"})
_SHAPES = {
    "external entity": Shape.OUTSIDE,
    "external interactor": Shape.OUTSIDE,
    "external": Shape.OUTSIDE,
    "actor": Shape.OUTSIDE,
    "service": Shape.ROUND,
    "process": Shape.PROCESS,
}


@dataclass(frozen=True)
class Record:
    """A label taken apart."""

    name: str
    """The first line that is neither stereotype nor pair, without a prefix such as "Service:"."""
    shape: Shape | None = None
    """What the prefix says about the kind."""
    stereotypes: tuple[str, ...] = ()
    technologies: tuple[str, ...] = ()
    """Values of pairs whose key is a role: "Kafka" in "Message Broker: Kafka"."""
    rest: str = ""
    """What else it says, without credentials that somebody wrote down."""


def read_record(label: str, more: str = "") -> Record:
    """The parts of a label; `more` is what stands beside the name in a record of several fields.

    Plain lines make up the name together, until a stereotype or a pair follows.
    """
    label, more = label[:_LONGEST], more[:_LONGEST]
    marked = _STEREOTYPE.finditer(f"{label}\n{more}")
    stereotypes = tuple(" ".join((m["dashed"] or m["quoted"] or m["angled"]).split()) for m in marked)
    shape, label = _prefixed(label)
    head, _, after = _STEREOTYPE.sub(_PARTED, label).partition(_PARTED)
    name, told = _named(_lines(head))
    rest, technologies = _told([*told, *_lines(after), *_lines(more)])
    name = name or (rest.pop(0) if rest else "")
    return Record(name, shape, stereotypes, tuple(technologies), "\n".join(rest))


def _prefixed(label: str) -> tuple[Shape | None, str]:
    """What a prefix such as "External Entity:" says, and the label without it."""
    prefix = _PREFIX.match(label)
    if prefix is None:
        return None, label
    return _SHAPES.get(prefix["kind"].lower(), Shape.STORE), label[prefix.end() :]


def _lines(text: str) -> list[str]:
    return [line for line in lines_of(_STEREOTYPE.sub("\n", text.replace(_PARTED, "\n"))).split("\n") if line]


def _named(lines: list[str]) -> tuple[str, list[str]]:
    """The plain lines at the start as the name, and the others."""
    plain = next((n for n, line in enumerate(lines) if _PAIR.match(line)), len(lines))
    return " ".join(lines[:plain]), lines[plain:]


def _told(lines: list[str]) -> tuple[list[str], list[str]]:
    """What the lines say besides the name, and the technologies that they name; no credentials."""
    rest, technologies = list[str](), list[str]()
    for line in lines:
        pair = _PAIR.match(line)
        key = " ".join(pair["key"].lower().replace("_", " ").split()) if pair else ""
        if key in _SECRETS:
            continue
        if pair and _NAME.fullmatch(pair["value"]) and load_technologies().recognise(key):
            technologies.append(pair["value"])
        rest.append(pair["value"] if pair and key == "protocol" else line)
    return rest, technologies

"""The system: elements, flows, trust boundaries, assets, assumptions and open questions."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from agent.domain.base import Value
from agent.domain.text import counted


class ElementKind(StrEnum):
    """The kinds of a data-flow diagram."""

    EXTERNAL_ENTITY = "external_entity"
    PROCESS = "process"
    DATA_STORE = "data_store"


class Known(StrEnum):
    """What is known of a property. Unknown raises a question, never a silent worst case."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class EvidenceKind(StrEnum):
    """Where a piece of evidence stands."""

    DIAGRAM = "diagram"
    """A label, shape, icon or line of a diagram, quoted."""
    DESCRIPTION = "description"
    """A sentence of the description or of a document, quoted verbatim."""
    TOPOLOGY = "topology"
    """A path or a place in the system, in the system's own names."""
    ABSENCE = "absence"
    """What was looked for and not found, and where."""
    ANSWER = "answer"
    """What an engineer answered to an open question."""
    PASSAGE = "passage"
    """A passage of the knowledge base, quoted, with its id as source."""
    LESSON = "lesson"
    """What engineers decided about the like in earlier models, as a sentence; its source is who did."""


class Evidence(Value):
    """What in the input makes something so, quoted."""

    kind: EvidenceKind
    quote: str
    source: str = ""
    """The file's name, "description", a passage's id, or who answered."""
    link: str = Field(default="", exclude_if=lambda link: not link)
    """For a lesson: the permalink of the thread that taught it."""


class Exposure(StrEnum):
    """Who can reach an element."""

    INTERNET = "internet"
    INTERNAL = "internal"
    LOCAL = "local"
    UNKNOWN = "unknown"


class Control(Value):
    """A protection that is stated to be there, or stated to be missing."""

    name: str
    """An identifier of the control vocabulary, such as "rate_limit" or "signature"."""
    state: Known
    evidence: Evidence


class Classification(StrEnum):
    """How bad it is when data of this class gets out, from harmless to worst."""

    PUBLIC = "public"
    INTERNAL = "internal"
    CONFIDENTIAL = "confidential"
    RESTRICTED = "restricted"


class Asset(Value):
    """Something worth protecting, with its class."""

    id: str
    name: str
    classification: Classification = Classification.INTERNAL
    tag: str = ""
    """What kind of data it is, from the data vocabulary: "credentials", "health", "payment" …"""
    evidence: Evidence | None = None


class Element(Value):
    """An external entity, a process or a data store."""

    id: str
    name: str
    kind: ElementKind
    technologies: tuple[str, ...] = ()
    """Identifiers of the technology table, most specific first."""
    zone: str = ""
    """The name of the innermost trust boundary, or empty."""
    description: str = ""
    source: Evidence
    assumed: bool = False
    """True when prose or a guess, not a drawn shape, says that it exists or what kind it is."""
    exposure: Exposure = Exposure.UNKNOWN
    """Who can reach it, where the input says so; otherwise the topology decides."""
    controls: tuple[Control, ...] = ()
    assets: tuple[str, ...] = ()
    """Ids of the assets that it holds or handles."""


class Flow(Value):
    """A directed movement of data between two elements."""

    id: str
    source: str
    """The id of the element that sends."""
    target: str
    """The id of the element that receives."""
    label: str = ""
    protocol: str = ""
    """Lower-case identifier such as "https", "sql", "amqp"; empty when not stated."""
    data: tuple[str, ...] = ()
    """What moves, as named in the input."""
    encrypted: Known = Known.UNKNOWN
    authenticated: Known = Known.UNKNOWN
    evidence: Evidence
    assumed: bool = False
    controls: tuple[Control, ...] = ()
    assets: tuple[str, ...] = ()


class Boundary(Value):
    """A trust boundary: a named set of elements."""

    id: str
    name: str
    members: tuple[str, ...] = ()
    """Ids of the elements inside, those of inner boundaries included."""
    parent: str | None = None
    """The id of the boundary around this one."""


class Assumption(Value):
    """Something taken as true that nobody said."""

    id: str
    text: str
    targets: tuple[str, ...] = ()


class Outcome(Value):
    """What one answer would do to one threat."""

    threat: str
    """The threat's id."""
    severity: str
    """The Severity that it would have."""
    reason: str = ""
    """Why, as a sentence."""


class Option(Value):
    """One answer that can be picked."""

    label: str
    value: str
    outcomes: tuple[Outcome, ...] = ()
    """What it would change; empty where it would change nothing."""


class Question(Value):
    """Something the input leaves open, whose answer would change the threat model."""

    id: str
    """Stable: made from `about` and `fact`."""
    text: str
    about: str
    """The id of the element or flow that it asks about."""
    fact: str
    """What an answer sets: "encrypted", "authenticated", or "control:<name>"."""
    options: tuple[Option, ...]
    decides: tuple[str, ...] = ()
    """Ids of the threats whose severity or presence hangs on it."""
    weight: float = 0.0
    """How much an answer would change, in severity points over all threats it decides."""


def question_id(about: str, fact: str) -> str:
    """The id of the question whether `fact` holds of `about` (an element, a flow, or "" for all).

    The same in every revision; `question_parts` takes it apart again.
    """
    return f"{fact}@{about}"


def question_parts(id_: str) -> tuple[str, str]:
    """The `about` and the `fact` of a question's id."""
    fact, _, about = id_.partition("@")
    return about, fact


class Remark(Value):
    """A sentence of a text, with the elements that it speaks of."""

    quote: str
    source: str
    """The document's name, or "description"."""
    about: tuple[str, ...] = ()
    """Ids of elements; empty when it names none."""
    controls: tuple[str, ...] = ()
    """Names of the controls that it states to be there: what they answer, it does not speak for."""


class System(Value):
    """The system model."""

    name: str
    elements: tuple[Element, ...] = ()
    flows: tuple[Flow, ...] = ()
    boundaries: tuple[Boundary, ...] = ()
    assets: tuple[Asset, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    warnings: tuple[str, ...] = ()
    """What the readers could not take over, one sentence each, naming the file."""
    remarks: tuple[Remark, ...] = Field(default=(), repr=False)
    """What the texts say, sentence by sentence, so that patterns can ask what an element is said to do."""

    @property
    def size(self) -> str:
        """Such as "10 elements, 10 flows, 1 boundary"."""
        return ", ".join(
            (
                counted(len(self.elements), "element"),
                counted(len(self.flows), "flow"),
                counted(len(self.boundaries), "boundary", "boundaries"),
            )
        )

    def element(self, id_: str) -> Element:
        """The element with this id; KeyError when there is none."""
        for element in self.elements:
            if element.id == id_:
                return element
        raise KeyError(id_)

    def flow(self, id_: str) -> Flow:
        """The flow with this id; KeyError when there is none."""
        for flow in self.flows:
            if flow.id == id_:
                return flow
        raise KeyError(id_)

    def name_of(self, id_: str) -> str:
        """How a person would name the element or flow with this id; the id itself when unknown."""
        names = {e.id: e.name for e in self.elements}
        if id_ in names:
            return names[id_]
        for flow in self.flows:
            if flow.id == id_:
                return f"{names.get(flow.source, flow.source)} → {names.get(flow.target, flow.target)}"
        return id_


class Fact(Value):
    """One thing that a text says about something that may be drawn elsewhere."""

    about: str = ""
    """The name of an element, or "A -> B" for the flow between two; empty for the whole system."""
    fact: str
    """ "encrypted", "authenticated", "control:<name>", "data:<tag>", "exposure": agent.catalog.vocabulary."""
    value: str = Known.YES.value
    """ "yes", "no", "unknown"; for "exposure": "internet", "internal" or "local"."""
    evidence: Evidence


UNREADABLE = "unreadable"
"""The format of a fragment whose file no reader took; its warning says why."""


class SystemFragment(Value):
    """What one reader found in one file or text; `agent.nodes.understand` joins fragments to a system."""

    source: str
    """The file's name, or "description"."""
    format: str
    """The reader's name, such as "mermaid"."""
    title: str = ""
    elements: tuple[Element, ...] = ()
    flows: tuple[Flow, ...] = ()
    boundaries: tuple[Boundary, ...] = ()
    assets: tuple[Asset, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    facts: tuple[Fact, ...] = ()
    """What the text says about controls, data and exposure; resolved when fragments are joined."""
    warnings: tuple[str, ...] = ()
    text: str = Field(default="", repr=False)
    """Prose that the file holds (a document's text, notes), for evidence and retrieval."""

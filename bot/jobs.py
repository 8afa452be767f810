"""Jobs: what the ingress asks the worker to do, their form on a queue, and the JobQueue port.

Plain dataclasses: the ingress makes and writes jobs, and it starts without pydantic. What comes off a queue
is checked by `decode`, on the worker.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from agent.domain.states import Methodology
from agent.errors import InputError

if TYPE_CHECKING:
    from pydantic import TypeAdapter


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who asked, and where they stand in Slack."""

    user: str
    team: str
    """Where the person is at home, a workspace or an organisation: not where they act, in Enterprise Grid."""
    workspace: str
    """The workspace that this happens in, and that all which is kept of it belongs to."""
    channel: str
    enterprise: str = ""
    """The organisation that has installed the app as a whole; empty when the workspace itself has."""
    organisation: str = ""
    """The organisation that the workspace is part of; empty outside Enterprise Grid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackFile:
    """A file as an event or a modal names it."""

    id: str
    name: str = ""
    size: int = 0
    mode: str = ""
    url: str = ""


Place: TypeAlias = Literal["thread", "command", "list"]
"""Where somebody asked: in the thread; by the slash command, which has said where it goes; or from a list of
the channel's models. What is for them alone is shown where they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    id: str
    """The delivery that caused it: sent twice, it is done once."""
    model: str
    """The threat model's id; jobs of one model are done one at a time and in order."""
    actor: Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenModel(_Job):
    """Open a thread for a new threat model."""

    kind: Literal["open_model"] = "open_model"
    title: str
    description: str = ""
    files: tuple[SlackFile, ...] = ()
    methodology: Methodology = Methodology.STRIDE


@dataclass(frozen=True, slots=True, kw_only=True)
class AddFiles(_Job):
    """Take files that were dropped into the thread, and run."""

    kind: Literal["add_files"] = "add_files"
    message_ts: str
    files: tuple[SlackFile, ...]
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StartRun(_Job):
    """Make the next revision of what is there."""

    kind: Literal["start_run"] = "start_run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What a button or a modal says about a threat, before it becomes a verdict."""

    threat: str
    kind: Literal["status", "severity", "mitigation", "add_mitigation"]
    after: str
    mitigation: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveVerdict(_Job):
    """Keep what an engineer said, and show it."""

    kind: Literal["give_verdict"] = "give_verdict"
    revision: int
    judgements: tuple[Judgement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoVerdict(_Job):
    """Take back verdicts."""

    kind: Literal["undo_verdict"] = "undo_verdict"
    revision: int
    threat: str
    verdicts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerQuestion(_Job):
    """Set what an open question asked about."""

    kind: Literal["answer_question"] = "answer_question"
    revision: int
    question: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmProposal(_Job):
    """Do what a conversation proposed, or note that nobody wants it."""

    kind: Literal["confirm_proposal"] = "confirm_proposal"
    revision: int
    proposal: str
    message_ts: str
    """The message whose button was pressed."""
    confirmed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectDrawing(_Job):
    """Take a person's text in place of a picture, and run."""

    kind: Literal["correct_drawing"] = "correct_drawing"
    revision: int
    drawing: int
    """Which drawing of the revision, from 1."""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask(_Job):
    """Answer a follow-up question in the thread."""

    kind: Literal["ask"] = "ask"
    message_ts: str
    """The message that asks; empty where none does."""
    text: str
    asked: Place = "thread"


@dataclass(frozen=True, slots=True, kw_only=True)
class Export(_Job):
    """Put an export into the thread."""

    kind: Literal["export"] = "export"
    name: str = "markdown"
    """One of agent.export's names."""
    asked: Place = "thread"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuse(_Job):
    """Tell somebody why nothing happened."""

    kind: Literal["refuse"] = "refuse"
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowRest(_Job):
    """Publish the threats over the output budget."""

    kind: Literal["show_rest"] = "show_rest"
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlearn(_Job):
    """Delete what verdicts taught where the app was removed; without a workspace, in an organisation."""

    kind: Literal["unlearn"] = "unlearn"


Job: TypeAlias = (
    OpenModel
    | AddFiles
    | StartRun
    | GiveVerdict
    | UndoVerdict
    | AnswerQuestion
    | ConfirmProposal
    | CorrectDrawing
    | Ask
    | Export
    | Refuse
    | ShowRest
    | Unlearn
)


def encode(job: Job) -> str:
    """The job as JSON, one object; `decode` gives it back."""
    return json.dumps(asdict(job), ensure_ascii=False, separators=(",", ":"))


def decode(text: str | bytes) -> Job:
    """The job that `encode` wrote; InputError when it is none that this version knows, with what is wrong."""
    from pydantic import ValidationError

    try:
        return _adapter().validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the whole"
        raise InputError(
            f"A job on the queue cannot be read: {place}: {first['msg']}. Another version of threatbot "
            "wrote it; run that version, or press the button again."
        ) from error


@cache
def _adapter() -> TypeAdapter[Job]:
    """Made on the worker, where pydantic is loaded anyway."""
    from typing import Annotated

    from pydantic import ConfigDict, Field, TypeAdapter

    return TypeAdapter(
        Annotated[Job, Field(discriminator="kind")], config=ConfigDict(extra="forbid", strict=True)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A job that this worker holds until it completes, fails or lets the lease run out."""

    job: Job
    receipt: str
    """Changes with every claim: a worker that lost its lease cannot complete the job any more."""
    attempt: int
    """1 for the first try."""
    last: bool
    """Whether a failure now sends the job to the dead letters."""
    spent: bool = False
    """Whether all its tries were begun before and none ended, as when the job stops its worker each time: it
    is to be explained and buried, not to be tried again."""


def pause_after(attempt: int, first: float) -> float:
    """Seconds between a failed try (from 1) and the next one: fivefold each time, and never over 60.

    Four tries that begin with three seconds outlive a service that is away for a minute: 3, 15 and 60.
    """
    return min(60.0, float(first * 5 ** (attempt - 1)))


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A job that failed for good."""

    job: Job
    error: str


class JobQueue(Protocol):
    """A durable queue: in order and one at a time within a model, several models at once, at least once."""

    def send(self, job: Job) -> bool:
        """Keep the job; False when a job with this id was sent before (it is not kept again)."""
        ...

    def claim(self) -> Claim | None:
        """The next job that may be done now, leased to the caller; None when there is none."""
        ...

    def extend(self, claim: Claim) -> bool:
        """Lease it for another term; False when the lease was lost."""
        ...

    def holds(self, claim: Claim) -> bool:
        """Whether the lease is still the caller's; as far as can be told without asking over a network."""
        ...

    def complete(self, claim: Claim) -> bool:
        """It is done; False when the lease was lost."""
        ...

    def fail(self, claim: Claim, error: str) -> None:
        """It failed: again after a pause (`pause_after`), or to the dead letters when it was the last try."""
        ...

    def dead_letters(self) -> tuple[DeadLetter, ...]:
        """Jobs that failed for good, the oldest first."""
        ...

    def redrive(self) -> int:
        """Put every dead letter back at the end of the queue; how many."""
        ...

    def depth(self) -> int:
        """Jobs that are not done and not dead."""
        ...

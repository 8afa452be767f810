"""Jobs: what the ingress asks the worker to do, and the JobQueue port."""

from __future__ import annotations

from typing import Annotated, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Actor(_Value):
    """Who asked, and where they stand in Slack."""

    user: str
    team: str
    """The team of the person, which in a shared channel is not the workspace's."""
    workspace: str
    """The team that the app is installed in."""
    channel: str


class SlackFile(_Value):
    """A file as an event or a modal names it."""

    id: str
    name: str = ""
    size: int = 0
    mode: str = ""
    url: str = ""


class _Job(_Value):
    id: str
    """The delivery that caused it: sent twice, it is done once."""
    model: str
    """The threat model's id; jobs of one model are done one at a time and in order."""
    actor: Actor


class OpenModel(_Job):
    """Open a thread for a new threat model."""

    kind: Literal["open_model"] = "open_model"
    title: str
    description: str = ""
    files: tuple[SlackFile, ...] = ()


class AddFiles(_Job):
    """Take files that were dropped into the thread, and run."""

    kind: Literal["add_files"] = "add_files"
    message_ts: str
    files: tuple[SlackFile, ...]
    text: str = ""


class StartRun(_Job):
    """Make the next revision of what is there."""

    kind: Literal["start_run"] = "start_run"


class Judgement(_Value):
    """What a button or a modal says about a threat, before it becomes a verdict."""

    threat: str
    kind: Literal["status", "severity", "mitigation", "add_mitigation"]
    after: str
    mitigation: str = ""
    reason: str = ""


class GiveVerdict(_Job):
    """Keep what an engineer said, and show it."""

    kind: Literal["give_verdict"] = "give_verdict"
    revision: int
    judgements: tuple[Judgement, ...]


class UndoVerdict(_Job):
    """Take back verdicts."""

    kind: Literal["undo_verdict"] = "undo_verdict"
    revision: int
    threat: str
    verdicts: tuple[str, ...]


class AnswerQuestion(_Job):
    """Set what an open question asked about."""

    kind: Literal["answer_question"] = "answer_question"
    revision: int
    question: str
    value: str


class Ask(_Job):
    """Answer a follow-up question in the thread."""

    kind: Literal["ask"] = "ask"
    message_ts: str
    text: str


class Export(_Job):
    """Put an export into the thread."""

    kind: Literal["export"] = "export"
    name: str = "markdown"
    """One of agent.export's names."""


class Refuse(_Job):
    """Tell somebody why nothing happened."""

    kind: Literal["refuse"] = "refuse"
    reason: str


class ShowRest(_Job):
    """Publish the threats over the output budget."""

    kind: Literal["show_rest"] = "show_rest"
    revision: int


Job = Annotated[
    OpenModel
    | AddFiles
    | StartRun
    | GiveVerdict
    | UndoVerdict
    | AnswerQuestion
    | Ask
    | Export
    | Refuse
    | ShowRest,
    Field(discriminator="kind"),
]
JOB: TypeAdapter[Job] = TypeAdapter(Job, config=ConfigDict(defer_build=True))


class Claim(_Value):
    """A job that this worker holds until it completes, fails or lets the lease run out."""

    job: Job
    receipt: str
    """Changes with every claim: a worker that lost its lease cannot complete the job any more."""
    attempt: int
    """1 for the first try."""
    last: bool
    """Whether a failure now sends the job to the dead letters."""


class DeadLetter(_Value):
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

    def complete(self, claim: Claim) -> bool:
        """It is done; False when the lease was lost."""
        ...

    def fail(self, claim: Claim, error: str) -> None:
        """It failed: again after a pause that grows, or to the dead letters when it was the last try."""
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

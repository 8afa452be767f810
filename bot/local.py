"""One threat model in this process: no Slack, no records, no network; the same input gives the same model."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import PurePath

from agent.analysts.chat.base import ChatCalls
from agent.artifacts import MemoryArtifacts
from agent.domain.base import digest
from agent.domain.model import Progress, ThreatModel
from agent.domain.request import Attachment, Options, Request
from agent.domain.usage import Usage
from agent.errors import NothingToRead
from agent.graph import Task
from bot.wiring import make_agent, make_store


def threat_model(
    files: Sequence[tuple[str, bytes]],
    *,
    description: str = "",
    title: str = "",
    assumptions: tuple[str, ...] = (),
    options: Options | None = None,
    on_progress: Callable[[Progress], None] = lambda _: None,
    calls: Callable[[str, Usage], ChatCalls] | None = None,
) -> ThreatModel:
    """A threat model of the files (name, content) and the description.

    A file that cannot be read becomes a warning of the system, the others go on; InputError when nothing
    at all can be made of what was given. With `calls`, a language model joins the rules.
    """
    if not files and not description.strip():
        raise NothingToRead("There is nothing to model. Give a diagram, or a description with --description.")
    artifacts = MemoryArtifacts()
    attachments = tuple(_keep(artifacts, name, content) for name, content in files)
    named = title or (
        PurePath(files[0][0]).stem.replace("_", " ").replace("-", " ") if files else "Threat model"
    )
    request = Request(
        title=named[:150],
        description=description[:50_000],
        attachments=attachments,
        assumptions=assumptions,
        options=options or Options(),
    )
    id_ = "tm-" + digest(request.model_dump_json())
    with closing(make_store(":memory:")) as store:
        agent = make_agent(artifacts, store, checkpoints=None, calls=calls)
        for event in agent.stream(Task(run=id_, model=id_, revision=1, request=request)):
            if isinstance(event, ThreatModel):
                return event
            on_progress(event)
    raise AssertionError("a run that nobody stops ends with a model")


def _keep(artifacts: MemoryArtifacts, name: str, content: bytes) -> Attachment:
    sha256 = hashlib.sha256(content).hexdigest()
    artifacts.put(sha256, content)
    return Attachment(name=name, key=sha256, sha256=sha256, size=len(content))

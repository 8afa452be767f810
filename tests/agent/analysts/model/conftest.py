"""What the tests of the model analyst share."""

from __future__ import annotations

import pytest

from agent.analysts.areas import split
from agent.analysts.base import Brief
from agent.analysts.rules import RulesAnalyst
from agent.artifacts import MemoryArtifacts
from agent.domain.model import ThreatModel
from agent.domain.request import Attachment, Request
from agent.graph import Agent, Task
from bot.wiring import make_store
from knowledge.stores.base import KnowledgeStore
from tests.agent.analysts.model.scripted import DESCRIPTION, LIBRARY, Case, system_of


@pytest.fixture
def library() -> Case:
    """The library's inner area."""
    system = system_of()
    request = Request(title="Library", description=DESCRIPTION)
    area = next(a for a in split(system) if a.name == "Library network")
    found = RulesAnalyst().find(Brief(request=request, system=system, area=area))
    return Case(system, request, area, found.threats)


@pytest.fixture(scope="session")
def store() -> KnowledgeStore:
    """The starter pack in memory."""
    return make_store(":memory:")


@pytest.fixture(scope="session")
def modelled() -> ThreatModel:
    """The library's threat model, by the rules alone."""
    artifacts = MemoryArtifacts()
    artifacts.put("library", LIBRARY.encode())
    drawn = Attachment(name="library.mmd", key="library", sha256="0", size=len(LIBRARY))
    request = Request(title="Library", description=DESCRIPTION, attachments=(drawn,))
    agent = Agent(artifacts=artifacts, analysts=(RulesAnalyst(),), store=None)
    return agent.run(Task(run="r", model="tm-1", revision=1, request=request))

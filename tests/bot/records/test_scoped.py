"""What the guard before the records promises: another workspace's model does not exist."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from agent.artifacts import MemoryArtifacts
from agent.domain.model import RunState, ThreatModel
from agent.domain.request import Request
from agent.domain.system import System
from agent.domain.verdict import Verdict, VerdictKind
from agent.errors import NotFound
from bot.intake import model_id
from bot.records.base import ModelEntry, Records, RunEntry
from bot.records.scoped import ScopedArtifacts, ScopedRecords
from bot.records.sqlite import SqliteRecords

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NEW, OLD = model_id("T0B", "x"), "tm-0123456789abcdef"
"""Models of T0B: one whose id says so, and one of an earlier version."""


def an_entry(id_: str, workspace: str) -> ModelEntry:
    """A model in channel C0."""
    return ModelEntry(
        id=id_,
        workspace=workspace,
        channel="C0",
        thread="1.1",
        owner="U0",
        created=NOON,
        request=Request(title="Shop"),
    )


def a_run(model: str, id_: str = "run:1") -> RunEntry:
    """A run."""
    return RunEntry(id=id_, model=model, revision=1, by="U0", created=NOON, request=Request(title="Shop"))


def a_revision(model: str) -> ThreatModel:
    """An empty revision."""
    return ThreatModel(id=model, revision=1, title="Shop", system=System(name="Shop"), created=NOON)


def a_verdict(model: str) -> Verdict:
    """A dismissal."""
    return Verdict(
        id="a/1",
        who="U0",
        when=NOON,
        model=model,
        revision=1,
        threat="T-001",
        kind=VerdictKind.STATUS,
        before="proposed",
        after="dismissed",
    )


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    """Everybody's, with both models and a run of each."""
    made = SqliteRecords(tmp_path / "records.db")
    for model in (NEW, OLD):
        made.add_model(an_entry(model, "T0B"))
        made.start_run(a_run(model, f"run:{model}"))
    yield made
    made.close()


CALLS: dict[str, Callable[[ScopedRecords, str], Any]] = {
    "add_model": lambda r, m: r.add_model(an_entry(m, "T0A")),
    "add_model as theirs": lambda r, m: r.add_model(an_entry(m, "T0B")),
    "model": lambda r, m: r.model(m),
    "set_thread": lambda r, m: r.set_thread(m, "9.9", ""),
    "set_request": lambda r, m: r.set_request(m, Request(title="Mine")),
    "start_run": lambda r, m: r.start_run(a_run(m)),
    "run": lambda r, m: r.run(f"run:{m}"),
    "set_run": lambda r, m: r.set_run(f"run:{m}", RunState.FAILED),
    "set_stage": lambda r, m: r.set_stage(f"run:{m}", "find", 3),
    "stop_run": lambda r, m: r.stop_run(m, 1, "U1"),
    "save_revision": lambda r, m: r.save_revision(a_revision(m)),
    "revision": lambda r, m: r.revision(m),
    "verdicts": lambda r, m: r.verdicts(m),
    "add_verdicts": lambda r, m: r.add_verdicts((a_verdict(m),)),
    "begin_post": lambda r, m: r.begin_post(f"{m}/root", "C0"),
    "finish_post": lambda r, m: r.finish_post(f"{m}/root", "1.1"),
    "post": lambda r, m: r.post(f"{m}/root"),
}


OPEN = {"find_thread", "models", "delivered", "record_delivery", "close"}
"""Methods that name no model: the first two are tried below, the others are about no one's."""


def test_every_method_is_guarded() -> None:
    """A method that Records get later is tried here, or fails here."""
    methods = {name for name in vars(Records) if not name.startswith("_")}

    assert {name.partition(" ")[0] for name in CALLS} | OPEN == methods


@pytest.mark.parametrize("model", [NEW, OLD], ids=["named by its id", "of an earlier version"])
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
@pytest.mark.parametrize("whose", ["T0A", ""], ids=["another's", "nobody's"])
def test_what_is_another_workspaces_does_not_exist(
    records: Records, call: Callable[[ScopedRecords, str], Any], model: str, whose: str
) -> None:
    """Every method that names it raises NotFound, in words that do not tell it from an unknown one."""
    scoped = ScopedRecords(records, lambda: whose)
    with pytest.raises(NotFound) as refused:
        call(scoped, model)
    with pytest.raises(NotFound) as unknown:
        scoped.model("tm-nobody")

    assert refused.value.message == unknown.value.message
    assert records.model(model).request.title == "Shop"
    assert records.run(f"run:{model}").state is RunState.QUEUED


def test_searches_find_nothing_of_another_workspace(records: Records) -> None:
    """Threads and channels of another workspace have no models, whatever ids are asked with."""
    scoped = ScopedRecords(records, lambda: "T0A")

    assert scoped.find_thread("T0B", "C0", "1.1") is None
    assert scoped.models("T0B", "C0") == ()
    assert scoped.models("T0A", "C0") == ()


@pytest.mark.parametrize("model", [NEW, OLD])
def test_its_own_workspace_has_all_of_it(records: Records, model: str) -> None:
    """For the workspace itself nothing is in the way."""
    scoped = ScopedRecords(records, lambda: "T0B")
    scoped.save_revision(a_revision(model))
    scoped.add_verdicts((a_verdict(model),))
    scoped.set_run(f"run:{model}", RunState.DONE)
    scoped.begin_post(f"{model}/root", "C0")
    scoped.finish_post(f"{model}/root", "1.1")
    post = scoped.post(f"{model}/root")

    assert scoped.model(model).revision == 1
    assert scoped.revision(model).id == model
    assert [v.id for v in scoped.verdicts(model)] == ["a/1"]
    assert scoped.run(f"run:{model}").state is RunState.DONE
    assert post is not None
    assert post.ts == "1.1"
    assert scoped.find_thread("T0B", "C0", "1.1") in {NEW, OLD}
    assert len(scoped.models("T0B", "C0")) == 2


def test_files_go_with_their_model(records: Records) -> None:
    """Artifacts under another workspace's model can be neither read nor written nor deleted."""
    artifacts = MemoryArtifacts()
    artifacts.put(f"{NEW}/files/1", b"plan")
    theirs = ScopedArtifacts(artifacts, ScopedRecords(records, lambda: "T0B"))
    ours = ScopedArtifacts(artifacts, ScopedRecords(records, lambda: "T0A"))

    assert theirs.get(f"{NEW}/files/1") == b"plan"
    with pytest.raises(NotFound):
        ours.get(f"{NEW}/files/1")
    with pytest.raises(NotFound):
        ours.put(f"{NEW}/files/1", b"other")
    with pytest.raises(NotFound):
        ours.delete(NEW)
    assert theirs.delete(f"{NEW}/") == 1

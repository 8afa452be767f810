"""Nothing that one workspace sends reads, changes or shows what is another's: every listener, every job."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import listeners
from bot.intake import model_id, owner_of
from bot.jobs import Actor, Job, Judgement, OpenModel, Place, SlackFile, StartRun
from bot.records.base import ModelEntry
from bot.render import actions, forms
from bot.render.routing import Route, encode
from bot.workspace.workspace import Workspace
from tests.bot.installations.company import Company, a_company, a_grid_company

CHANNEL = "C0PAYMENTS"
ORGANISATION = "E0ALL"
WHOLE = {"team": None, "enterprise": {"id": ORGANISATION, "name": "All"}, "is_enterprise_install": True}
"""What Slack says in an interaction that an organisation's installation hears of."""
MARK = re.compile("quokka|numbat", re.IGNORECASE)
"""What only the southern office speaks of."""
LONGEST_KEY = 200
OFTEN = settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@dataclass(frozen=True)
class Theirs:
    """What a spy of the northern office may know: every id of the southern office's model."""

    model: str
    thread: str
    progress: str
    verdicts: tuple[str, ...]
    questions: tuple[str, ...]
    files: tuple[SlackFile, ...]


@dataclass(frozen=True)
class World:
    """Both offices with a model each."""

    company: Company
    folder: Path
    ours: ModelEntry
    theirs: Theirs


def an_actor(workspace: Workspace) -> Actor:
    """Dana, whose id is the same in both offices."""
    team, whole = workspace.store.seed.team["id"], ORGANISATION if workspace.organisation else ""
    return Actor(
        user="U0DANA",
        team=team,
        workspace=team,
        channel=channel_of(workspace),
        enterprise=whole,
        organisation=whole,
    )


def channel_of(workspace: Workspace) -> str:
    """Where its models are: the same id in both offices, unless they are of one organisation."""
    return CHANNEL + workspace.store.seed.mark


def a_model(company: Company, workspace: Workspace, thing: str, store: str) -> ModelEntry:
    """A model with threats, made as people make one."""
    team = workspace.store.seed.team["id"]
    id_ = model_id(team, "first")
    company.services.queue.send(
        OpenModel(
            id=f"trigger:{team}:open",
            model=id_,
            actor=an_actor(workspace),
            title=f"{thing} shop",
            description=f"The {thing} web app stores orders in the {store} database. "
            f"Users call the {thing} web app.",
        )
    )
    company.services.queue.send(StartRun(id=f"trigger:{team}:run", model=id_, actor=an_actor(workspace)))
    assert company.work() == 2
    made = company.services.records.model(id_)
    assert made.revision == 1
    return made


@contextmanager
def two_workspaces(folder: Path) -> Iterator[Company]:
    """Each has installed the bot for itself."""
    with a_company(folder) as company:
        company.install(company.north)
        company.install(company.south)
        yield company


@contextmanager
def one_organisation(folder: Path) -> Iterator[Company]:
    """It has installed the bot as a whole: one token, and Slack seldom says which workspace it is about."""
    with a_grid_company(folder) as company:
        company.install_whole()
        for office in (company.north, company.south):
            company.tenants.settle(ORGANISATION, channel_of(office), office.store.seed.team["id"])
        yield company


@pytest.fixture(scope="module", params=[two_workspaces, one_organisation], ids=lambda made: made.__name__)
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One world for all examples: whatever was tried before must not help later."""
    folder = tmp_path_factory.mktemp("company")
    with request.param(folder) as company:
        ours = a_model(company, company.north, "Badger", "Stoat")
        entry = a_model(company, company.south, "Quokka", "Numbat")
        records = company.services.records
        revision = records.revision(entry.id)
        accept(company, company.south, entry.id)
        file = company.south.person("dana").stage(
            "quokka.mmd", b"flowchart LR\n quokka[Quokka] --> numbat[Numbat]"
        )
        company.south.person("dana").share("payments", [file], "the numbat plan", entry.thread)
        progress = records.post(f"{entry.id}/r1/page/1")
        assert progress is not None
        theirs = Theirs(
            entry.id,
            entry.thread,
            progress.ts,
            tuple(v.id for v in records.verdicts(entry.id)),
            tuple(q.id for q in revision.questions),
            (
                SlackFile(
                    id=file, name="plan.mmd", url=f"{company.south.url}/files-pri/T0SOUTH-{file}/plan.mmd"
                ),
            ),
        )
        assert theirs.verdicts
        assert theirs.questions
        yield World(company, folder, ours, theirs)


def accept(company: Company, workspace: Workspace, model: str) -> None:
    """Somebody of this workspace presses Accept on the model's first threat."""
    route = encode(Route(model, 1, "T-001"))
    company.deliver(a_press(workspace, actions.ACCEPT, route, "1.1"))
    company.work()


def a_press(workspace: Workspace, name: str, value: str, ts: str) -> dict[str, Any]:
    """Dana presses a button, or picks from a menu, in the message at `ts`."""
    about = a_payload(workspace, "block_actions")
    return about | {
        "channel": {"id": channel_of(workspace)},
        "container": {"type": "message", "message_ts": ts, "channel_id": channel_of(workspace)},
        "actions": [{"type": "button", "action_id": name, "block_id": "b", "value": value}],
    }


def a_payload(workspace: Workspace, kind: str) -> dict[str, Any]:
    """What Slack says itself of an interaction in a workspace: nobody can choose it."""
    team = workspace.store.seed.team["id"]
    channel = channel_of(workspace)
    return {
        "type": kind,
        "team": {"id": team},
        "user": {"id": "U0DANA", "team_id": team},
        "trigger_id": workspace.store.new_trigger("U0DANA", channel=channel).id,
        "response_url": workspace.response_url(workspace.store.new_response_url("U0DANA", channel)),
        **(WHOLE if workspace.organisation else {}),
    }


class Registered:
    """Stands in for Bolt's App while listeners register, and keeps what they listen to."""

    def __init__(self) -> None:
        self.found: dict[str, list[Any]] = {}

    def __getattr__(self, kind: str) -> Callable[[Any], Callable[[Any], None]]:
        def register(constraint: Any) -> Callable[[Any], None]:
            self.found.setdefault(kind, []).append(constraint)
            return lambda _: None

        return register


def registered(world: World) -> dict[str, list[Any]]:
    """Everything that the bot listens to, by kind of delivery."""
    seen = Registered()
    listeners.register(seen, world.company.services)  # type: ignore[arg-type]
    return seen.found


KINDS = {"action", "view", "command", "event", "shortcut"}
"""Kinds of listeners that are tried below."""

values = st.sampled_from(
    ["", "1", "critical", "accepted", "dismissed", "details", "markdown", "json", "mermaid", "abc", "2"]
)


def routes(theirs: Theirs, ours: str) -> st.SearchStrategy[Route]:
    """Routes to the other office's model, or to the own one with the other's ids in it."""
    return st.builds(
        Route,
        model=st.sampled_from([theirs.model, theirs.model, ours]),
        revision=st.sampled_from([0, 1, 2]),
        threat=st.sampled_from(["", "T-001", "T-002", "T-999"]),
        verdict=st.sampled_from(["", *theirs.verdicts]),
        question=st.sampled_from(["", *theirs.questions]),
        value=values,
    )


def press(world: World, draw: st.DrawFn) -> dict[str, Any]:
    """Any button of ours."""
    name = draw(st.sampled_from(registered(world)["action"]))
    id_ = name if isinstance(name, str) else draw(st.from_regex(name, fullmatch=True))
    route = draw(routes(world.theirs, world.ours.id))
    ts = draw(st.sampled_from([world.theirs.thread, world.theirs.progress, world.ours.thread]))
    body = a_press(world.company.north, id_, encode(route), ts)
    if draw(st.booleans()):
        body["actions"][0]["selected_option"] = {"value": encode(route)}
    return body


def submit(world: World, draw: st.DrawFn) -> dict[str, Any]:
    """Any form of ours, whose hidden field somebody has changed."""
    north, theirs = world.company.north, world.theirs
    about = encode(draw(routes(theirs, world.ours.id)))
    texts = {
        forms.TITLE: "Weasel desk",
        forms.DESCRIPTION: "A weasel service calls a ferret service.",
        forms.REASON: "not ours",
        forms.OWN: "rotate the keys",
        forms.DRAWING: "flowchart LR\n a[Weasel] --> b[Ferret]",
    }
    state: dict[str, Any] = {name: {name: {"value": text}} for name, text in texts.items()}
    named = [{"id": f.id, "name": "plan.mmd", "url_private_download": f.url} for f in theirs.files]
    state[forms.FILES] = {forms.FILES: {"files": draw(st.sampled_from([[], named]))}}
    state["mitigation:M-1"] = {"mitigation:M-1": {"selected_option": {"value": "done"}}}
    view = {
        "id": north.store.new_id("V"),
        "type": "modal",
        "hash": north.store.new_id("h"),
        "callback_id": draw(st.sampled_from(registered(world)["view"])),
        "private_metadata": draw(st.sampled_from([about, CHANNEL, theirs.thread, theirs.model])),
        "state": {"values": state},
        "blocks": [{"type": "input", "block_id": name} for name in texts],
    }
    return a_payload(north, "view_submission") | {"view": view}


def command(world: World, draw: st.DrawFn) -> dict[str, Any]:
    """Any command of ours."""
    north, theirs = world.company.north, world.theirs
    word = draw(st.sampled_from(["", "help", "list", "new Weasel", "status", "stats", "export", "ask"]))
    rest = draw(
        st.sampled_from(
            ["", theirs.model, theirs.thread, f"{theirs.model} T-001", "quok", "1 json", "1: why?", "2: why?"]
        )
    )
    payload = a_payload(north, "")
    about = {"team_id": "T0NORTH", "user_id": "U0DANA", "channel_id": channel_of(north)}
    about |= {name: payload[name] for name in ("trigger_id", "response_url")}
    name = draw(st.sampled_from(registered(world)["command"]))
    return about | {"command": name, "text": f"{word} {rest}".strip()}


def event(world: World, draw: st.DrawFn) -> dict[str, Any]:
    """Any event of ours, in the other office's thread."""
    north, theirs = world.company.north, world.theirs
    kind = draw(st.sampled_from(registered(world)["event"]))
    files = [{"id": f.id, "name": "plan.mmd", "url_private_download": f.url} for f in theirs.files]
    inner: dict[str, Any] = {
        "type": kind if isinstance(kind, str) else kind["type"],
        "channel": channel_of(north),
        "user": "U0DANA",
        "ts": north.store.new_ts(),
        "thread_ts": draw(st.sampled_from([theirs.thread, theirs.progress, world.ours.thread])),
        "text": draw(st.sampled_from(["why is this high?", "add this", f"show {theirs.model}", ""])),
    }
    if draw(st.booleans()):
        inner |= {"files": files, "subtype": "file_share"}
    return {
        "type": "event_callback",
        "team_id": "T0NORTH",
        "event_id": north.store.new_id("Ev"),
        "event": inner,
        "authorizations": [{"team_id": "T0NORTH", "user_id": "U0THREATBOT", "is_bot": True}],
    }


def shortcut(world: World, draw: st.DrawFn) -> dict[str, Any]:
    """Any shortcut of ours; a press while there is none."""
    known = registered(world).get("shortcut")
    if not known:
        return press(world, draw)
    theirs = world.theirs
    message = {"ts": theirs.thread, "thread_ts": theirs.thread, "text": "plan", "user": "U0DANA"}
    body = a_payload(world.company.north, draw(st.sampled_from(["message_action", "shortcut"])))
    return body | {
        "callback_id": draw(st.sampled_from(known)),
        "channel": {"id": channel_of(world.company.north)},
        "message": message,
        "message_ts": theirs.thread,
    }


@st.composite
def deliveries(draw: st.DrawFn, world: World) -> dict[str, Any]:
    """A delivery of the northern office, with the southern office's ids wherever one can put them."""
    made: dict[str, Any] = draw(st.sampled_from([press, submit, command, event, shortcut]))(world, draw)
    return of_whole(world, draw, made) if world.company.north.organisation else made


def of_whole(world: World, draw: st.DrawFn, body: dict[str, Any]) -> dict[str, Any]:
    """The same as an organisation's installation hears of it: the spy may be at home in the other office."""
    home = draw(st.sampled_from(["T0NORTH", "T0SOUTH", ORGANISATION]))
    if "command" in body:
        return body | {"enterprise_id": ORGANISATION, "is_enterprise_install": "true"}
    if "event" in body:
        seen = {"enterprise_id": ORGANISATION, "is_enterprise_install": True, "user_id": "U0THREATBOT"}
        seen["team_id"] = draw(st.sampled_from(["T0NORTH", "T0SOUTH", ORGANISATION, None]))
        place = draw(st.sampled_from(["T0NORTH", ORGANISATION]))
        about = {"team_id": place, "context_team_id": place, "enterprise_id": ORGANISATION}
        return body | about | {"event": body["event"] | {"team": home}, "authorizations": [seen]}
    body["user"] = {"id": "U0DANA", "team_id": home}
    if "view" in body:
        body["view"] |= {"app_installed_team_id": ORGANISATION, "team_id": home}
        if draw(st.booleans()):
            world.company.tenants.opened(ORGANISATION, body["view"]["id"], "T0NORTH")
    return body


@st.composite
def jobs(draw: st.DrawFn, world: World) -> Job:
    """A job of any kind by the northern office with the southern office's ids, as if a listener failed."""
    theirs = world.theirs
    number = world.company.north.store.new_id("j")
    judgement = Judgement(threat="T-001", kind="status", after="dismissed", reason="not ours")
    known: dict[str, st.SearchStrategy[Any]] = {
        "id": st.just(f"trigger:T0NORTH:{number}"),
        "model": st.sampled_from([theirs.model, theirs.model, world.ours.id]),
        "actor": st.just(an_actor(world.company.north)),
        "title": st.just("Weasel"),
        "description": st.just("A weasel service."),
        "files": st.sampled_from([(), theirs.files]),
        "message_ts": st.sampled_from([theirs.thread, theirs.progress]),
        "text": st.sampled_from(["why?", "flowchart LR\n a[Weasel] --> b[Ferret]"]),
        "revision": st.sampled_from([0, 1]),
        "judgements": st.just((judgement,)),
        "threat": st.sampled_from(["T-001", "T-002"]),
        "verdicts": st.just(theirs.verdicts),
        "question": st.sampled_from(theirs.questions),
        "value": values,
        "proposal": st.just("abc"),
        "confirmed": st.booleans(),
        "drawing": st.just(1),
        "name": st.sampled_from(["markdown", "json"]),
        "asked": st.sampled_from(get_args(Place)),
        "reason": st.just("no"),
    }
    kind = draw(st.sampled_from(get_args(Job)))
    wanted = [f for f in fields(kind) if f.name != "kind" and (f.name in known or f.default is MISSING)]
    made: Job = kind(**{f.name: draw(known[f.name]) for f in wanted})
    return made


def kept_of_theirs(world: World) -> tuple[object, ...]:
    """Every byte that is kept of the southern office, and all that it sees in Slack."""
    rows = []
    for name in ("records.db", "checkpoints.db"):
        with sqlite3.connect(world.folder / name) as db:
            tables = [t for (t,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            rows += [(t, row) for t in tables for row in db.execute(f"SELECT * FROM {t}") if _theirs(t, row)]  # noqa: S608 - its own names
        db.close()
    files = sorted(
        (str(path), path.read_bytes())
        for path in (world.folder / "artifacts").rglob("*")
        if path.is_file() and "T0SOUTH" in str(path)
    )
    store = world.company.south.store
    seen = repr((store.messages, store.whispers, store.views, store.homes, list(store.notices), store.files))
    return (*rows, *files, seen)


def _theirs(table: str, row: tuple[object, ...]) -> bool:
    """Whether a row is about the southern office. The northern one may post to any channel, in vain."""
    if table == "posts" and "T0NORTH" in str(row[0]):
        return False
    keys = " ".join(key for key in row[:3] if isinstance(key, str) and len(key) < LONGEST_KEY)
    if "T0NORTH" in keys and "T0SOUTH" not in keys:  # its own, in which it may have written whatever it likes
        return False
    texts = (value if isinstance(value, bytes) else str(value).encode() for value in row)
    return any(b"T0SOUTH" in text for text in texts)


def seen_of_ours(world: World, answer: str) -> str:
    """All that the northern office was sent."""
    store = world.company.north.store
    views = list(store.views.values())
    return answer + repr(
        (store.messages, store.whispers, views, store.homes, list(store.notices), store.files)
    )


def test_every_kind_of_listener_is_tried(world: World) -> None:
    """A listener for a kind of delivery that is not tried below fails here, and has to be added."""
    assert set(registered(world)) <= KINDS


def test_a_model_names_its_workspace(world: World) -> None:
    """Everything that hangs on a model's id is told apart by its key already."""
    assert owner_of(world.ours.id) == "T0NORTH"
    assert owner_of(world.theirs.model) == "T0SOUTH"


def test_the_other_office_itself_is_served(world: World) -> None:
    """The same press that is tried below does what it says when it comes from the model's own workspace."""
    company, before = world.company, kept_of_theirs(world)
    accept(company, company.south, world.theirs.model)

    assert kept_of_theirs(world) != before
    assert MARK.search(kept_text(world))


def kept_text(world: World) -> str:
    """What the southern office keeps and sees, as text."""
    return repr(kept_of_theirs(world))


@OFTEN
@given(data=st.data())
def test_no_delivery_reaches_another_workspace(world: World, data: st.DataObject) -> None:
    """Whatever one office sends, the other's records stay as they are, and nothing of its text comes back."""
    before = kept_of_theirs(world)
    answer = world.company.deliver(data.draw(deliveries(world)))
    world.company.work()

    assert answer.status in {200, 404}
    assert kept_of_theirs(world) == before
    assert MARK.search(seen_of_ours(world, answer.body)) is None


@OFTEN
@given(data=st.data())
def test_no_delivery_stands_in_another_workspaces_queue(world: World, data: st.DataObject) -> None:
    """What the northern office sends is never queued among the jobs of the other's model, to hold them up."""
    world.company.deliver(data.draw(deliveries(world)))
    claim = world.company.services.queue.claim()
    if claim is not None:
        world.company.services.queue.complete(claim)
        assert claim.job.actor.workspace == "T0NORTH"
        assert owner_of(claim.job.model) in {"", "T0NORTH"}


@settings(OFTEN, max_examples=60)
@given(data=st.data())
def test_no_job_reaches_another_workspace(world: World, data: st.DataObject) -> None:
    """The same holds for every kind of job that names the other workspace's ids."""
    before = kept_of_theirs(world)
    assert world.company.services.queue.send(data.draw(jobs(world)))
    world.company.work()

    assert kept_of_theirs(world) == before
    assert MARK.search(seen_of_ours(world, "")) is None

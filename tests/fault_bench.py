"""A bot with a FaultProxy before every service, people who work with it, and the count of what came of it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from agent.domain.states import RunState
from agent.errors import NotFound, ThreatbotError
from bot.demo import example, local_settings
from bot.publish import EVENT_TYPE
from bot.queues.sqlite import SqliteQueue
from bot.queues.sqs import SqsQueue
from bot.records.standing import standing
from bot.render import actions, forms
from bot.render.pages import added_pages, shown_pages
from bot.render.routing import decode
from bot.server import Serving
from bot.wiring import make_aws, make_services
from bot.workspace.server import WorkspaceServer
from bot.workspace.state import Timing
from bot.workspace.values import Message
from bot.workspace.workspace import Workspace
from tests.fault_proxy import DeliveryProxy, Down, FaultProxy, Plan

if TYPE_CHECKING:
    from bot.records.base import RunEntry
    from bot.services import Services
    from bot.settings import Settings
    from tests.aws_double import AwsDouble

SECRET = "a signing secret"
CHANNEL = "payments"
PATIENT = Timing(ack=30, trigger=30, retry_delays=(0.5, 4.0, 15.0))
"""Slack's patience; what it tries again after a minute and after five comes in seconds."""
PAUSE = 0.2
"""Seconds before a job's second try; in production, fifteen times as many."""
SECONDS = 90.0
"""How long anything may take before it counts as lost."""


@dataclass(frozen=True)
class Bench:
    """What runs, and where it can be broken."""

    workspace: Workspace
    settings: Settings
    """The bot's, whose addresses are the proxies'."""
    services: Services
    """Straight to the services, for looking."""
    slack: FaultProxy
    aws: FaultProxy | None = None


@contextmanager
def benched(
    folder: Path,
    *,
    aws: AwsDouble | None = None,
    work: bool = True,
    pause: float = PAUSE,
    change: Callable[[Services], Services] = lambda services: services,
    **more: Any,
) -> Iterator[Bench]:
    """A bot on embedded parts, or with `aws` on those; `more` are settings.

    With `work`, the worker runs in this process; `change` gives it other services. The dummy credentials of
    the AWS double must be in the environment.
    """
    workspace = Workspace(signing_secret=SECRET, bot_token="xoxb-1", timing=PATIENT)
    with ExitStack() as stack:
        served = stack.enter_context(WorkspaceServer(workspace))
        slack = stack.enter_context(FaultProxy(served.url))
        workspace.url = slack.url
        straight = local_settings(workspace, SECRET, folder, progress_seconds=0).model_copy(update=more)
        proxy = None
        if aws is not None:
            proxy = stack.enter_context(FaultProxy(str(aws.aws.endpoint_url)))
            straight = straight.model_copy(update=_places(aws, straight))
        settings = straight
        if proxy is not None:
            settings = straight.model_copy(update={"aws_endpoint_url": proxy.url})
        services = change(paced(settings, pause))
        serving = stack.enter_context(Serving(settings, services, work=work))
        workspace.request_url = f"{serving.url}/slack/events"
        observer = make_services(straight.model_copy(update={"slack_api_url": f"{served.url}/api/"}))
        yield Bench(workspace, settings, observer, slack, proxy)


def _places(aws: AwsDouble, settings: Settings) -> dict[str, object]:
    lease = int(settings.lease_seconds)
    return {
        "queue_url": aws.make_queue(attempts=settings.attempts + 4, lease=lease),
        "table": aws.make_table(),
        "bucket": aws.make_bucket(),
        "aws_region": aws.aws.region,
        "aws_endpoint_url": aws.aws.endpoint_url,
    }


def paced(settings: Settings, pause: float) -> Services:
    """The services of the settings, with another pause after a failure: SQS knows whole seconds only."""
    services = make_services(settings)
    kept: Mapping[str, Any] = {
        "lease": settings.lease_seconds, "attempts": settings.attempts, "pause": pause,
    }  # fmt: skip
    if settings.queue_url:
        return replace(services, queue=SqsQueue(make_aws(settings), settings.queue_url, wait=1, **kept))
    return replace(services, queue=SqliteQueue(settings.data_dir / "queue.db", **kept))


def dumped(settings: Settings) -> dict[str, Any]:
    """The settings as JSON, secrets included, for a process of ours."""
    plain = settings.model_dump(mode="json")
    secrets = {n: v.get_secret_value() for n, v in settings if isinstance(v, SecretStr)}
    return plain | secrets


@dataclass
class Thread:
    """One threat model's thread, and what was asked of the bot in it."""

    bench: Bench
    title: str
    ts: str = ""
    runs: list[str] = field(default_factory=list)
    """The ids of the runs that were started."""
    pressed: list[str] = field(default_factory=list)
    """The threats that were accepted, each by a press that was taken over."""
    asked: int = 0
    exported: int = 0

    @property
    def messages(self) -> list[Message]:
        """What stands in it."""
        return self.bench.workspace.thread(CHANNEL, self.ts)

    @property
    def model(self) -> str | None:
        """The threat model's id."""
        place = self.bench.workspace.channel(CHANNEL).id
        return self.bench.services.records.find_thread("T0LOCAL", place, self.ts)

    def text(self) -> str:
        """Everything that can be read in it."""
        return "\n".join(m.plain for m in self.messages)

    def open(self) -> None:
        """Type the command and send the form, again when the bot could not take it; wait for the thread."""
        dana, workspace = self.bench.workspace.person("dana"), self.bench.workspace

        def sent() -> bool:
            view = dana.command("/threatmodel", f"new {self.title}", channel=CHANNEL).view
            return view is not None and dana.submit(view.id, {forms.DESCRIPTION: example()[0][:3000]}).ok

        until(sent)
        named = workspace.wait_until(
            lambda: [m for m in workspace.messages(CHANNEL) if self.title in m.plain], SECONDS
        )
        assert named, f"{self.title}: no thread"
        self.ts = named[0].ts
        until(lambda: self.model is not None)

    def upload(self) -> None:
        """Drop the example's diagram: a run begins."""
        message = self.bench.workspace.person("dana").upload(CHANNEL, self.ts, example()[1])
        place = self.bench.workspace.channel(CHANNEL).id
        self.runs.append(f"run:message:T0LOCAL:{place}:{message.ts}")

    def under_way(self) -> bool:
        """Whether the progress message stands."""
        return any("/progress" in key for key in keys(self.messages))

    def run(self, number: int = -1) -> RunEntry | None:
        """A run as it is kept."""
        try:
            return self.bench.services.records.run(self.runs[number])
        except NotFound:
            return None

    def finished(self) -> bool:
        """Whether every message of the latest revision stands."""
        records, model, run = self.bench.services.records, self.model, self.run()
        if model is None or run is None or run.state is not RunState.DONE:
            return False
        made = standing(records, model, run.revision)
        pages = (*range(1, shown_pages(made) + 1), *added_pages(made))
        wanted = {f"{model}/r{run.revision}/{part}" for part in ("reading", "summary")}
        wanted |= {f"{model}/r{run.revision}/page/{n}" for n in pages}
        return wanted <= set(keys(self.messages))

    def explained(self) -> bool:
        """Whether the run has ended otherwise, and the thread says so."""
        run = self.run()
        ended = run is None or run.state in {RunState.FAILED, RunState.STOPPED}
        return ended and any(k.endswith("/failed") for k in keys(self.messages)) | ("Failed" in self.text())

    def await_end(self) -> bool:
        """Whether the run ends, in one way or the other."""
        return bool(until(lambda: self.finished() or self.explained(), fail=False))

    def await_finish(self) -> None:
        """Until the model stands."""
        assert until(self.finished, fail=False), f"{self.title}: no model\n{self.text()}"

    def accept(self) -> None:
        """Press the first Accept, again when the bot could not take the press over."""
        message, block, value = until(self._accepting)
        route = decode(value)
        assert route is not None
        dana = self.bench.workspace.person("dana")
        until(lambda: dana.click(message.ts, (block, actions.ACCEPT)).ok)
        self.pressed.append(route.threat)

    def _accepting(self) -> tuple[Message, str, str] | None:
        for message in self.messages:
            for block in message.blocks:
                for element in block.get("elements", ()):
                    if isinstance(element, dict) and element.get("action_id") == actions.ACCEPT:
                        route = decode(element["value"])
                        if route is not None and route.threat not in self.pressed:
                            return message, str(block["block_id"]), str(element["value"])
        return None

    def kept(self) -> int:
        """How many of the verdicts are kept, once."""
        model = self.model
        given = self.bench.services.records.verdicts(model) if model else ()
        once = Counter(v.threat for v in given)
        return sum(once[threat] == 1 for threat in self.pressed)

    def shows_verdicts(self) -> bool:
        """Whether each page says who accepted."""
        return self.text().count("→ accepted by") == len(self.pressed)

    def ask(self) -> None:
        """A follow-up question."""
        text = f"what happens if someone forges the payment webhook ({self.asked})?"
        self.bench.workspace.person("lee").say(CHANNEL, text, self.ts)
        self.asked += 1

    def answered(self) -> int:
        """How many answers stand."""
        return sum(key.endswith("/answer") for key in keys(self.messages))

    def export(self) -> None:
        """Take the export."""
        for message in self.messages:
            for block in message.blocks:
                for element in block.get("elements", ()):
                    if isinstance(element, dict) and element.get("action_id") == actions.EXPORT:
                        option = element["options"][0]["value"]
                        self._take(message.ts, (str(block["block_id"]), actions.EXPORT), option)
                        return
        raise AssertionError("there is no export menu")

    def _take(self, ts: str, address: tuple[str, str], option: str) -> None:
        dana = self.bench.workspace.person("dana")
        until(lambda: dana.click(ts, address, option).ok)
        self.exported += 1

    def files(self) -> int:
        """How many files the bot has put here."""
        return sum(len(m.files) for m in self.messages if m.from_app)

    def missing(self) -> int:
        """Answers and exports that do not stand."""
        return max(0, self.asked - self.answered()) + max(0, self.exported - self.files())

    def doubled(self) -> int:
        """Messages and files that stand once too often."""
        counted = keys(self.messages)
        files = max(0, self.files() - self.exported)
        return sum(count - 1 for count in counted.values()) + files


def keys(messages: list[Message]) -> Counter[str]:
    """How often each idempotency key was posted."""
    return Counter(
        m.metadata["event_payload"]["key"]
        for m in messages
        if m.metadata and m.metadata.get("event_type") == EVENT_TYPE
    )


def until(done: Callable[[], Any], seconds: float = SECONDS, *, fail: bool = True) -> Any:
    """What `done` gives once that is true; asked again and again, for services that cannot be watched."""
    deadline = time.monotonic() + seconds
    while not (found := _tried(done)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert found or not fail, f"it never was: {done}"
    return found


def _tried(done: Callable[[], Any]) -> Any:
    try:
        return done()
    except ThreatbotError:
        return None


@dataclass(frozen=True)
class Count:
    """What came of a scenario."""

    name: str
    runs: int
    finished: int
    explained: int
    sent: int
    kept: int
    doubled: int
    missing: int = 0
    """Answers and exports that were asked for and never came."""
    dead: int = 0
    struck: int = 0
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        """Whether nothing was lost and nothing doubled."""
        ended = self.runs == self.finished + self.explained
        return ended and self.sent == self.kept and not self.doubled and not self.missing


def counted(name: str, threads: list[Thread], began: float) -> Count:
    """Count a scenario's threads; `began` is time.monotonic() at its start."""
    bench = threads[0].bench
    roots = Counter(key for key in keys(bench.workspace.messages(CHANNEL)).elements() if "/root" in key)
    strokes = sum(bench.slack.struck.values()) + (sum(bench.aws.struck.values()) if bench.aws else 0)
    return Count(
        name,
        runs=sum(len(t.runs) for t in threads),
        finished=sum(t.finished() for t in threads),
        explained=sum(not t.finished() and t.explained() for t in threads),
        sent=sum(len(t.pressed) for t in threads),
        kept=sum(t.kept() for t in threads),
        doubled=sum(t.doubled() for t in threads) + sum(n - 1 for n in roots.values()),
        missing=sum(t.missing() for t in threads),
        dead=len(bench.services.queue.dead_letters()),
        struck=strokes,
        seconds=time.monotonic() - began,
    )


def opened(bench: Bench, count: int, name: str = "Model") -> list[Thread]:
    """So many threads, open and known to the bot."""
    threads = [Thread(bench, f"{name} {number}") for number in range(count)]
    for thread in threads:
        thread.open()
    return threads


def outage(
    name: str,
    bench: Bench,
    strike: Callable[[], None],
    *,
    threads: int = 3,
    again: bool = True,
) -> Count:
    """A service is away in the middle of runs, and `again` while verdicts are given; the count of it all."""
    began = time.monotonic()
    held = opened(bench, threads)
    for thread in held:
        thread.upload()
    until(held[0].under_way)
    strike()
    ended = [thread.await_end() for thread in held]
    if all(ended) and all(thread.finished() for thread in held):
        if again:
            strike()
        for thread in held:
            thread.accept()
        for thread in held:
            until(partial(shown, thread), fail=False)
    return counted(name, held, began)


def shown(thread: Thread) -> bool:
    """Whether every verdict of the thread is kept and shown."""
    return thread.kept() == len(thread.pressed) and thread.shows_verdicts()


def session(name: str, threads: list[Thread]) -> Count:
    """Upload, verdict, question and export in each of these open threads; the count of it all."""
    began = time.monotonic()
    for thread in threads:
        thread.upload()
    for thread in threads:
        if thread.await_end() and thread.finished():
            thread.accept()
            thread.ask()
            thread.export()
    for thread in threads:
        until(partial(settled, thread), fail=False)
    return counted(name, threads, began)


def settled(thread: Thread) -> bool:
    """Whether all that was asked for in the thread stands."""
    answered = thread.answered() == thread.asked and thread.files() >= thread.exported
    return answered and shown(thread) and thread.bench.services.queue.depth() == 0


MINUTE = 5.0
"""A minute, on the scale of PAUSE: longer than all that one try of a job tries again by itself."""


def slack_away(folder: Path, how: Down, threads: int = 3) -> Count:
    """Slack away: no message, no file, no name can be had."""
    with benched(folder, lease_seconds=4.0) as bench:
        return outage(f"Slack: {how}", bench, lambda: bench.slack.down(MINUTE, how), threads=threads)


def aws_away(
    folder: Path, aws: AwsDouble, service: str, how: Down, threads: int = 3, *, again: bool = True
) -> Count:
    """One of AWS's services away, or all when none is named: botocore itself tries for seven seconds."""
    with benched(folder, aws=aws, lease_seconds=4.0, pause=1.0) as bench:
        proxy = bench.aws
        assert proxy is not None
        name = f"{service or 'SQS, DynamoDB and S3'}: {how}"
        return outage(
            name, bench, lambda: proxy.down(1.6 * MINUTE, how, service), threads=threads, again=again
        )


def model_away(folder: Path, proxy: FaultProxy, how: Down, threads: int = 3) -> Count:
    """The language model away, from before a run's first call on."""
    settings: dict[str, Any] = {
        "analyst": "model",
        "model_region": "eu-central-1",
        "model_endpoint_url": proxy.url,
        "model_attempts": 2,
        "model_aws_access_key_id": SecretStr("AKIADOUBLE"),
        "model_aws_secret_access_key": SecretStr("not-a-secret"),
    }
    with benched(folder, lease_seconds=4.0, **settings) as bench:
        began = time.monotonic()
        (first, *others) = opened(bench, threads)
        first.upload()
        until(lambda: proxy.passed > 0)
        proxy.down(MINUTE, how)
        for thread in others:
            thread.upload()
        for thread in (first, *others):
            if thread.await_end() and thread.finished():
                thread.accept()
        for thread in (first, *others):
            until(partial(shown, thread), fail=False)
        count = counted(f"Bedrock: {how}", [first, *others], began)
        return replace(count, struck=sum(proxy.struck.values()))


def knowledge_away(folder: Path, proxy: FaultProxy, how: Down, threads: int = 3) -> Count:
    """OpenSearch away while runs look things up."""
    with benched(folder, lease_seconds=4.0, knowledge_url=proxy.url) as bench:
        bench.services.store()  # puts the starter pack there
        count = outage(f"OpenSearch: {how}", bench, lambda: proxy.down(MINUTE, how), threads=threads)
        return replace(count, struck=sum(proxy.struck.values()))


def stumbling(folder: Path, seed: int, threads: int = 2) -> Count:
    """Slack answers late, not at all, after the fact, with 503 or for its rate, now and then all the time."""
    plan = Plan(
        seed=seed,
        latency=(0, 0.02),
        reset_before=0.03,
        reset_after=0.05,
        unavailable=0.03,
        throttle=0.03,
        retry_after=0,
    )
    with benched(folder, lease_seconds=4.0) as bench:
        held = opened(bench, threads)
        bench.slack.plan = plan
        return session("Slack: all of it, now and then", held)


def deliveries(folder: Path, seed: int, threads: int = 3) -> tuple[Count, Counter[str]]:
    """Each delivery comes one to three times, out of order, some too late; the count, and what was sent."""
    with ExitStack() as stack:
        bench = stack.enter_context(benched(folder, lease_seconds=4.0))
        bot = bench.workspace.request_url.removesuffix("/slack/events")
        proxy = stack.enter_context(DeliveryProxy(bot, SECRET, seed))
        bench.workspace.request_url = f"{proxy.url}/slack/events"
        held = opened(bench, threads)
        count = session("deliveries doubled, swapped, late", held)
        until(lambda: proxy.idle)
        until(lambda: bench.services.queue.depth() == 0)
        doubled = sum(thread.doubled() for thread in held)
        return replace(count, doubled=doubled, struck=proxy.sent["copies"] + proxy.sent["late"]), proxy.sent

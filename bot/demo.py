"""`threatbot demo`: the local workspace, the bot and its worker, and one short session by the front door.

Nothing is staged: the person's steps go through the same signed deliveries as a click in the page, and every
step counts as seen only when the workspace shows its effect.
"""

from __future__ import annotations

import json
import secrets
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import click

from agent.domain.threat import Severity
from bot.render import actions, forms
from bot.render.routing import Route, encode
from bot.server import Serving
from bot.services import Services
from bot.settings import Settings
from bot.wiring import make_services
from bot.workspace.people import Person
from bot.workspace.server import WorkspaceServer
from bot.workspace.state import Timing
from bot.workspace.values import Message
from bot.workspace.workspace import Workspace

NOT_SEEN = 4
CHANNEL = "payments"
FIRST_ANSWER = actions.answer(1)
EXAMPLE = "ev-charging"
TITLE = "EV charging"
QUESTION = "what happens if someone forges the payment webhook?"
REASON = "accepted in last quarter's review of the stations"
WIDTH = 150
"""How much of a line is printed."""
SECONDS = 60.0
"""How long one step may take."""


@dataclass(frozen=True)
class LocalBot:
    """A local workspace with the bot installed in it, both served over HTTP."""

    workspace: Workspace
    services: Services
    url: str
    """The page's address."""


@contextmanager
def local_bot(
    data_dir: Path, *, port: int = 0, progress_seconds: float = 3.0, timing: Timing | None = None
) -> Iterator[LocalBot]:
    """Start both; the workspace lives in memory, the bot's files in `data_dir`."""
    secret = secrets.token_hex(16)
    workspace = Workspace(signing_secret=secret, bot_token=f"xoxb-{secrets.token_hex(12)}", timing=timing)
    with WorkspaceServer(workspace, port=port) as served:
        settings = local_settings(workspace, secret, data_dir, progress_seconds=progress_seconds)
        services = make_services(settings)
        with Serving(settings, services) as bot:
            workspace.request_url = f"{bot.url}/slack/events"
            yield LocalBot(workspace, services, served.url)


def local_settings(
    workspace: Workspace, secret: str, data_dir: Path, *, progress_seconds: float = 3.0
) -> Settings:
    """Settings for a bot that talks to this workspace, on a free port."""
    return Settings.model_validate(
        {
            "slack_signing_secret": secret,
            "slack_bot_token": workspace.bot_token,
            "slack_api_url": workspace.api_url,
            "slack_file_origins": (workspace.url,),
            "data_dir": data_dir,
            "port": 0,
            "progress_seconds": progress_seconds,
        }
    )


def play(*, once: bool, port: int) -> int:
    """Play the session and print it; the exit code. Unless `once`, serve the page until Ctrl-C."""
    with (
        tempfile.TemporaryDirectory(prefix="threatbot-demo-") as folder,
        local_bot(Path(folder), port=port) as bot,
    ):
        click.echo(f"Local workspace: {click.style(bot.url, bold=True)}\n")
        session = Session(bot)
        seen = session.run()
        if once or not seen:
            return 0 if seen else NOT_SEEN
        click.echo(f"\nThe workspace goes on at {click.style(bot.url, bold=True)} until Ctrl-C.")
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            click.echo()
    return 0


def example(name: str = EXAMPLE) -> tuple[str, list[tuple[str, bytes]]]:
    """An example's description as a person would type it, and its diagrams as (name, content)."""
    here = Path(__file__).resolve().parent
    folder = next(f / name for f in (here / "examples", here.parent / "examples") if (f / name).is_dir())
    diagrams = sorted(folder.glob("*.mmd")) or sorted(folder.glob("*.drawio"))
    written = (folder / "description.md").read_text(encoding="utf-8").split("\n\n")
    typed = "\n\n".join(" ".join(p.split("\n")).strip() for p in written if not p.startswith("# "))
    return typed, [(p.name, p.read_bytes()) for p in diagrams[:1]]


def knows_thread(bot: LocalBot, channel: str, thread: str) -> bool:
    """Whether the bot has learnt its thread's address; it does so just after the root message is seen.

    A person takes longer to read that message, a program does not.
    """
    place = bot.workspace.channel(channel).id
    team = str(bot.workspace.store.seed.team["id"])
    deadline = time.monotonic() + SECONDS
    while bot.services.records.find_thread(team, place, thread) is None:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


@dataclass
class Session:
    """Dana's session: from the slash command to an answered question."""

    bot: LocalBot
    thread: str = ""
    _printed: dict[str, list[str]] = field(default_factory=dict)

    def run(self) -> bool:
        """Whether every step was seen."""
        steps = (
            ("Dana types /threatmodel new and fills in the form", self._open),
            ("the thread opens", self._opened),
            ("Dana drops the diagram into the thread", self._upload),
            ("the threat model stands", self._modelled),
            ("Dana accepts one threat and lowers another", self._judge),
            ("Dana dismisses a third with a reason", self._dismiss),
            ("Dana answers an open question", self._answer),
            ("Lee asks a follow-up question", self._ask),
            ("Dana takes the export", self._export),
        )
        return all(self._step(name, step) for name, step in steps)

    def _step(self, name: str, step: Callable[[], bool]) -> bool:
        began = time.monotonic()
        seen = step()
        mark = click.style("✓", fg="green") if seen else click.style("✗ not seen:", fg="red")
        click.echo(f"{mark} {name} ({time.monotonic() - began:.1f} s)")
        self._print_news()
        return seen

    @property
    def workspace(self) -> Workspace:
        """Where it happens."""
        return self.bot.workspace

    @property
    def dana(self) -> Person:
        """The person whose session it is."""
        return self.workspace.person("dana")

    def _open(self) -> bool:
        view = self.dana.command("/threatmodel", f"new {TITLE}", channel=CHANNEL).view
        if view is None:
            return False
        description, _ = example()
        return self.dana.submit(view.id, {forms.DESCRIPTION: description[:3000]}).ok

    def _opened(self) -> bool:
        root = self._wait(lambda: next((m for m in self._messages() if TITLE in m.plain), None))
        self.thread = root.ts if root else ""
        return bool(root) and knows_thread(self.bot, CHANNEL, self.thread)

    def _upload(self) -> bool:
        _, diagrams = example()
        message = self.dana.upload(CHANNEL, self.thread, diagrams)
        return bool(self._wait(lambda: self.workspace.message(message.ts).reacted("eyes")))

    def _modelled(self) -> bool:
        return bool(self._wait(lambda: self._holding(actions.ACCEPT) and self._holding(actions.RERUN)))

    def _judge(self) -> bool:
        accepted = self._press(self._buttons(actions.ACCEPT)[0], "→ accepted by")
        page, route = self._buttons(actions.ACCEPT)[0]  # the page is drawn anew, and the first has gone
        lower = encode(Route(route.model, route.revision, route.threat, value=Severity.LOW.value))
        clicked = self.dana.click(page.ts, self._address(page, actions.SEVERITY, route.threat), lower).ok
        return accepted and clicked and self._reads(page.ts, "→ Low")

    def _dismiss(self) -> bool:
        page, route = self._buttons(actions.DISMISS)[2]
        view = self.dana.click(page.ts, self._address(page, actions.DISMISS, route.threat)).view
        if view is None or not self.dana.submit(view.id, {forms.REASON: REASON}).ok:
            return False
        return self._reads(page.ts, REASON)

    def _answer(self) -> bool:
        reading = self._wait(lambda: self._holding(FIRST_ANSWER))
        if reading is None:
            return False
        block = next(b for b in reading.blocks if any(_id(e) == FIRST_ANSWER for e in b.get("elements", ())))
        question = block["elements"][0]
        clicked = self.dana.click(reading.ts, (block["block_id"], question["action_id"]))
        return clicked.ok and bool(self._wait(lambda: any("Yes." in m.plain for m in self._thread())))

    def _ask(self) -> bool:
        asked = self.workspace.person("lee").say(CHANNEL, QUESTION, self.thread)
        return bool(
            self._wait(
                lambda: any(m.from_app and m.ts > asked.ts and "Sources:" in m.plain for m in self._thread())
            )
        )

    def _export(self) -> bool:
        summary = self._holding(actions.EXPORT)
        if summary is None:
            return False
        block, element = next(
            (b, e) for b in summary.blocks for e in b.get("elements", ()) if _id(e) == actions.EXPORT
        )
        option = element["options"][0]["value"]
        clicked = self.dana.click(summary.ts, (block["block_id"], actions.EXPORT), option)
        return clicked.ok and bool(self._wait(lambda: any(m.from_app and m.files for m in self._thread())))

    def _press(self, where: tuple[Message, Route], effect: str) -> bool:
        page, route = where
        clicked = self.dana.click(page.ts, self._address(page, actions.ACCEPT, route.threat))
        return clicked.ok and self._reads(page.ts, effect)

    def _reads(self, ts: str, text: str) -> bool:
        return bool(self._wait(lambda: text in self.workspace.message(ts).plain))

    def _buttons(self, action: str) -> list[tuple[Message, Route]]:
        found = []
        for message in self._thread():
            for block in message.blocks:
                for element in block.get("elements", ()):
                    if _id(element) == action:
                        value = json.loads(element["value"])
                        found.append((message, Route(value["m"], value["r"], value["t"])))
        return found

    def _address(self, page: Message, action: str, threat: str) -> tuple[str, str]:
        """The block of the page in which this threat's element stands."""
        for block in page.blocks:
            elements = block.get("elements", ())
            if any(_id(e) == action for e in elements) and f'"{threat}"' in json.dumps(elements).replace(
                "\\", ""
            ):
                return str(block["block_id"]), action
        return "", action

    def _holding(self, action: str) -> Message | None:
        for message in self._thread():
            if any(_id(e) == action for b in message.blocks for e in b.get("elements", ())):
                return message
        return None

    def _thread(self) -> list[Message]:
        return self.workspace.thread(CHANNEL, self.thread)

    def _messages(self) -> list[Message]:
        return self.workspace.messages(CHANNEL)

    def _wait(self, predicate: Callable[[], Message | bool | None]) -> Message | None:
        return self.workspace.wait_until(predicate, SECONDS) or None  # type: ignore[return-value]

    def _print_news(self) -> None:
        """What is new in the channel and the thread; of a message that changed, the lines that did."""
        for message in [*self._messages(), *(self._thread()[1:] if self.thread else [])]:
            lines = [*self._named(message.plain).splitlines(), *(f"[file] {f}" for f in self._files(message))]
            before = self._printed.get(message.ts)
            self._printed[message.ts] = lines
            if before == lines:
                continue
            shown = lines if before is None else [line for line in lines if line not in before]
            who = self.workspace.store.users[message.user].name
            indent = "    " if message.is_reply else "  "
            click.echo(indent + click.style(who, bold=True) + ("" if before is None else " (changed)"))
            for line in filter(str.strip, shown):
                click.echo(f"{indent}│ {line if len(line) <= WIDTH else line[: WIDTH - 1] + '…'}")

    def _named(self, text: str) -> str:
        for user in self.workspace.store.users.values():
            text = text.replace(f"@{user.id}", f"@{user.name}")
        return text

    def _files(self, message: Message) -> list[str]:
        return [self.workspace.store.files[f].name for f in message.files]


def _id(element: object) -> str:
    return str(element.get("action_id", "")) if isinstance(element, dict) else ""

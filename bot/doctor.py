"""`threatbot doctor`: what is configured, what answers, what is missing and how to mend it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from agent.catalog.patterns import load_patterns
from agent.catalog.technologies import load_technologies
from agent.errors import DeliveryError, ThreatbotError
from bot.secret_settings import with_secret
from bot.settings import Settings
from bot.slack import Slack, web_client
from bot.wiring import make_documents, make_services

if TYPE_CHECKING:
    from knowledge.stores.base import Tended


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    what: str
    good: bool | None
    """None: not needed for what works without it."""
    seen: str
    mend: str = ""


def examine(settings: Settings) -> tuple[Finding, ...]:
    """Every finding, in the order a newcomer would mend them. Makes the data folder, changes nothing else."""
    first, known, secret = _read(settings)
    return (
        *first,
        *_signing(known, secret),
        *_token(known, secret),
        *(f for look in _LOOKS for f in look(known)),
    )


@dataclass(frozen=True)
class _Secret:
    """What came of looking for the values that the settings only refer to."""

    names: tuple[str, ...] = ()
    unread: bool = False

    def seen(self, name: str) -> str:
        """Where a value that is set was found."""
        return "set, from the secret" if name in self.names else "set"

    @property
    def unset(self) -> str:
        """Why a value is not set."""
        return (
            "not known: the secret could not be read"
            if self.unread
            else "not set; `model` and `demo` work without it"
        )


def _read(settings: Settings) -> tuple[tuple[Finding, ...], Settings, _Secret]:
    """What there is to say of the secret, the settings with its values, and which ones they are."""
    if not settings.secret:
        return (), settings, _Secret()
    try:
        known, names = with_secret(settings)
    except ThreatbotError as error:  # the sentence says what to do
        return (Finding("Secret", good=False, seen=error.message),), settings, _Secret(unread=True)
    has = ", ".join(names) or "nothing"
    return (Finding("Secret", good=True, seen=f"{settings.secret} has {has}"),), known, _Secret(names)


def _signing(settings: Settings, secret: _Secret) -> Iterator[Finding]:
    if settings.slack_signing_secret.get_secret_value():
        yield Finding("Slack signing secret", good=True, seen=secret.seen("slack_signing_secret"))
    else:
        yield Finding(
            "Slack signing secret",
            good=None,
            seen=secret.unset,
            mend="For `serve`: THREATBOT_SLACK_SIGNING_SECRET, from Slack app → Basic Information.",
        )


def _token(settings: Settings, secret: _Secret) -> Iterator[Finding]:
    token = settings.slack_bot_token.get_secret_value()
    if settings.slack_client_id:
        yield Finding("Slack bot token", good=True, seen="not needed: workspaces install the app themselves")
    elif not token:
        yield Finding(
            "Slack bot token",
            good=None,
            seen=secret.unset,
            mend="For `serve`: THREATBOT_SLACK_BOT_TOKEN, from Slack app → OAuth & Permissions.",
        )
    elif not token.startswith("xoxb-"):
        yield Finding(
            "Slack bot token",
            good=False,
            seen="set, but it is not a bot token",
            mend="Use the Bot User OAuth Token, which begins with xoxb-.",
        )
    else:
        yield Finding("Slack bot token", good=True, seen=secret.seen("slack_bot_token"))


def _slack(settings: Settings) -> Iterator[Finding]:
    token = settings.slack_bot_token.get_secret_value()
    if not token:
        return
    try:
        answer = Slack(web_client(token, settings.slack_api_url)).call("auth.test")
    except DeliveryError as error:
        yield Finding("Slack", good=False, seen=error.message, mend=f"Asked {settings.slack_api_url}.")
    else:
        yield Finding("Slack", good=True, seen=f"{answer.get('team')} as @{answer.get('user')}")


def _data(settings: Settings) -> Iterator[Finding]:
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        probe = settings.data_dir / ".probe"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        yield Finding(
            "Data folder",
            good=False,
            seen=f"{settings.data_dir}: {error.strerror}",
            mend="Set THREATBOT_DATA_DIR to a folder that this user may write to.",
        )
    else:
        yield Finding("Data folder", good=True, seen=str(settings.data_dir))


def _catalog(_: Settings) -> Iterator[Finding]:
    yield _counted("Threat patterns", lambda: len(load_patterns()))
    yield _counted("Technologies", lambda: len(load_technologies()))


def _counted(what: str, count: Callable[[], int]) -> Finding:
    try:
        return Finding(what, good=True, seen=f"{count()} loaded")
    except ThreatbotError as error:
        return Finding(
            what, good=False, seen=error.message, mend="Install threatbot again; its data files are damaged."
        )


def _knowledge(settings: Settings) -> Iterator[Finding]:
    from knowledge.stores.base import StoreError

    try:
        store = make_services(settings).store()
        counts, described = store.counts(), cast("Tended", store).describe()
    except (StoreError, ThreatbotError, sqlite3.Error, OSError) as error:
        mend = (
            f"Check THREATBOT_KNOWLEDGE_URL ({settings.knowledge_url}) and that this machine may reach it."
            if settings.knowledge_url
            else "Move knowledge.db out of the data folder."
        )
        yield Finding("Knowledge", good=False, seen=str(error), mend=mend)
    else:
        sources = ", ".join(f"{name} {n}" for name, n in sorted(counts.items()))
        mend = "`threatbot knowledge reindex` gives them theirs." if "without a vector" in described else ""
        yield Finding("Knowledge", good=True, seen=f"{described} ({sources})", mend=mend)


def _documents(settings: Settings) -> Iterator[Finding]:
    """The company's own documents: the place is listed, nothing is read or loaded."""
    from knowledge.documents.base import PlaceError
    from knowledge.documents.manifest import read_manifest
    from knowledge.documents.reading import refusal
    from knowledge.stores.base import StoreError

    what = "Company documents"
    try:
        place, base = make_documents(settings), settings.documents_url
        if place is None:
            mend = "To let the bot quote them: THREATBOT_DOCUMENTS, a folder or s3://bucket/prefix."
            yield Finding(what, good=None, seen="none", mend=mend)
            return
        files = [file for file in place.files() if not refusal(file)]
        known = read_manifest(make_services(settings).store())
    except (PlaceError, StoreError, ThreatbotError, sqlite3.Error, OSError) as error:
        yield Finding(what, good=False, seen=str(error), mend="Runs go on with what was loaded before.")
        return
    todo = sum(not known.holds(file, base) for file in files) + len(known.gone(files))
    seen = f"{place.name}: {len(files)} files to take in"
    seen += f", {todo} of them new, changed, unreadable or gone" if todo else ", all of them loaded"
    mend = "`threatbot knowledge documents` takes them in, or says why it cannot." if todo else ""
    yield Finding(what, good=True, seen=seen, mend=mend)


def _model(settings: Settings) -> Iterator[Finding]:
    """The language model as far as it can be told without asking it."""
    if settings.analyst == "rules":
        mend = "To let a language model join the rules: THREATBOT_ANALYST=model."
        yield Finding("Language model", good=None, seen="none: the rules work alone", mend=mend)
        return
    from agent.analysts.chat.base import Role
    from agent.analysts.chat.models import ChatModels

    try:
        place = ChatModels(settings.models).model(Role.THINKING).place
    except ThreatbotError as error:
        yield Finding("Language model", good=False, seen=error.message, mend="The rules work without it.")
        return
    where = place.endpoint or place.region
    yield Finding(
        "Language model", good=True, seen=f"{place.model}{f' at {where}' if where else ''}, not asked yet"
    )


def _queue(settings: Settings) -> Iterator[Finding]:
    try:
        queue = make_services(settings).queue
        waiting, dead = queue.depth(), len(queue.dead_letters())
    except (ThreatbotError, sqlite3.Error, OSError) as error:
        yield Finding("Queue", good=False, seen=str(error), mend="Move queue.db out of the data folder.")
        return
    yield Finding(
        "Queue",
        good=not dead,
        seen=f"{waiting} waiting, {dead} dead letters",
        mend="The log says why they failed; after mending, `threatbot redrive`." if dead else "",
    )


_LOOKS = (_slack, _data, _catalog, _knowledge, _documents, _model, _queue)

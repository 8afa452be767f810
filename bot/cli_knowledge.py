"""`threatbot knowledge …`: what the bot knows, and where that came from."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, cast

import click

from agent.errors import ConfigurationError

if TYPE_CHECKING:
    from knowledge.documents.syncing import Synced
    from knowledge.stores.base import Tended

INPUT, MISSING = 1, 3
REFUSED = 20
"""Refused files that are named."""
HERE = "corpora"
"""The folder below the data folder where fetched files lie."""


class _Commands(click.Group):
    """Commands that end with a sentence when a setting is wrong."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the one that is asked for."""
        try:
            return super().invoke(ctx)
        except ConfigurationError as error:
            _fail(error.message, MISSING)


@click.group(cls=_Commands)
def knowledge() -> None:
    """The knowledge base: published catalogues from their publishers' files, and the company's documents."""


@knowledge.command()
@click.argument("names", nargs=-1)
@click.option(
    "--to", "folder", type=click.Path(path_type=Path, file_okay=False), help="Where to keep the files."
)
def fetch(names: tuple[str, ...], folder: Path | None) -> None:
    """Fetch the publishers' files of these sources (all by default); goes on where it broke off."""
    from bot.settings import read_settings
    from knowledge.corpora.fetching import fetch as get
    from knowledge.corpora.sources import CorpusError

    place = folder or read_settings().data_dir / HERE
    try:
        count = get(place, names, progress=_bar)
    except CorpusError as error:
        _fail(str(error))
    click.echo(f"{count} files fetched into {place}.")


@knowledge.command()
@click.argument("names", nargs=-1)
@click.option(
    "--from", "folder", type=click.Path(path_type=Path, file_okay=False), help="Local copies to load."
)
def load(names: tuple[str, ...], folder: Path | None) -> None:
    """Load these sources (all by default) from local files, each checked against its known checksum."""
    from bot.settings import read_settings
    from bot.wiring import make_services
    from knowledge.corpora.loading import load as read
    from knowledge.corpora.sources import CorpusError
    from knowledge.stores.base import StoreError

    settings = read_settings()
    try:
        loaded = read(
            make_services(settings).store(), folder or settings.data_dir / HERE, names, progress=_bar
        )
    except (CorpusError, StoreError) as error:
        _fail(str(error))
    for entry in loaded:
        note = "" if entry.written else " (was there)"
        click.echo(f"{entry.source.title} {entry.source.version}: {entry.passages} passages{note}")


@knowledge.command()
@click.argument("words", nargs=-1, required=True)
@click.option("--limit", default=10, show_default=True, type=click.IntRange(1, 200))
@click.option("--source", "sources", multiple=True, help="Only from these, such as cwe.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON to standard output.")
def search(words: tuple[str, ...], limit: int, sources: tuple[str, ...], as_json: bool) -> None:  # noqa: FBT001 - click passes it by name
    """Look up passages, as the agent does."""
    from bot.settings import read_settings
    from bot.wiring import make_services
    from knowledge.passages import Query
    from knowledge.retrieve import retrieve
    from knowledge.stores.base import StoreError

    try:
        hits = retrieve(
            make_services(read_settings()).store(), Query(text=" ".join(words), sources=sources, limit=limit)
        )
    except StoreError as error:
        _fail(str(error), MISSING)
    if as_json:
        click.echo(json.dumps([hit.model_dump(mode="json") for hit in hits], indent=2))
        return
    for hit in hits:
        click.echo(f"{click.style(hit.passage.id, bold=True)} {hit.passage.title}\n    {hit.passage.url}")
    if not hits:
        click.echo("Nothing fits these words. `threatbot knowledge status` says what is loaded.")


@knowledge.command()
@click.option("--json", "as_json", is_flag=True, help="Write JSON to standard output.")
def status(as_json: bool) -> None:  # noqa: FBT001 - click passes it by name
    """Say which sources are loaded, and how many passages there are."""
    from bot.settings import read_settings
    from bot.wiring import make_services
    from knowledge.corpora.loading import MARK
    from knowledge.corpora.loading import status as held
    from knowledge.corpora.sources import load_sources
    from knowledge.documents.manifest import MARK as FILE
    from knowledge.documents.reading import SOURCE
    from knowledge.stores.base import StoreError

    settings = read_settings()
    try:
        store = make_services(settings).store()
        loaded, counts = held(store), store.counts()
    except StoreError as error:
        _fail(str(error), MISSING)
    passages = {name: count for name, count in sorted(counts.items()) if name not in {MARK, FILE}}
    files = counts.get(FILE, 0)
    if as_json:
        ours = {"place": settings.documents, "files": files, "passages": passages.get(SOURCE, 0)}
        click.echo(json.dumps({"loaded": loaded, "documents": ours, "passages": passages}, indent=2))
        return
    for source in load_sources():
        mark = click.style("✓", fg="green") if loaded[source.name] else "–"
        click.echo(f"{mark} {source.name:<12} {source.title} {source.version} ({source.licence})")
    mark = click.style("✓", fg="green") if files else "–"
    where = f"from {settings.documents}" if settings.documents else "(THREATBOT_DOCUMENTS names no place)"
    click.echo(f"{mark} {SOURCE:<12} {files} of the company's own documents {where}")
    click.echo(", ".join(f"{name} {count}" for name, count in passages.items()))


@knowledge.command()
@click.argument("place", default="")
@click.option("--seconds", type=click.FloatRange(min=0), help="Stop between two files after so many seconds.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON to standard output.")
def documents(place: str, seconds: float | None, as_json: bool) -> None:  # noqa: FBT001 - click passes it by name
    """Take in the company's own documents from PLACE: a folder, or s3://bucket/prefix.

    By default from THREATBOT_DOCUMENTS. The knowledge base then holds what lies there and nothing else of the
    company's: new and changed files are loaded, those that are gone are forgotten. Killed or stopped, the
    same command goes on.
    """
    from bot.settings import read_settings
    from bot.wiring import make_documents, make_services
    from knowledge.documents.base import PlaceError
    from knowledge.documents.syncing import sync
    from knowledge.stores.base import StoreError

    settings = read_settings()
    try:
        source = make_documents(settings, place)
        if source is None:
            _fail("No place is named: give a folder or s3://bucket/prefix; or THREATBOT_DOCUMENTS.", MISSING)
        began = time.monotonic()
        done = sync(
            make_services(settings).store(),
            source,
            base=settings.documents_url,
            enough=lambda: seconds is not None and time.monotonic() - began >= seconds,
            progress=_bar,
        )
    except PlaceError as error:
        _fail(str(error))
    except StoreError as error:
        _fail(str(error), MISSING)
    if done.left and sys.stderr.isatty():
        click.echo(err=True)  # the bar's line was not ended
    if as_json:
        click.echo(json.dumps({"place": source.name, **asdict(done)}, indent=2))
        return
    _tell(source.name, done)


def _tell(place: str, done: Synced) -> None:
    """One line of what was done, and one for each file that was refused."""
    for one in done.refused[:REFUSED]:
        click.echo(f"{click.style('✗', fg='red')} {one.path}: {one.reason}. {one.instead}")
    more = len(done.refused) - REFUSED
    if more > 0:
        click.echo(f"… and {more} more that were refused; --json names all.")
    files = sum((done.new, done.changed, done.unchanged, done.left, len(done.refused)))
    told = [
        f"{count} {word}"
        for count, word in (
            (done.new, "new"),
            (done.changed, "changed"),
            (done.gone, "gone"),
            (done.unchanged, "unchanged"),
            (len(done.refused), "refused"),
            (done.left, "left for the next time"),
        )
        if count
    ]
    counted = f"{files or 'no'} file{'' if files == 1 else 's'}"
    click.echo(f"{place}: {counted}{'; ' if told else ''}{', '.join(told)}.")


@knowledge.command()
def reindex() -> None:
    """Bring the index to this version and embedder; searches go on in the old one meanwhile.

    Killed, the same command goes on where it stopped.
    """
    from bot.settings import read_settings
    from bot.wiring import make_services
    from knowledge.stores.base import StoreError

    try:
        store = cast("Tended", make_services(read_settings()).store())
        moved = store.reindex()
        made = store.embed_missing()
        now = store.describe()
    except StoreError as error:
        _fail(str(error), MISSING)
    click.echo(f"{moved} passages moved into a new index, {made} vectors made.\n{now}")


def _bar(name: str, done: int, total: int) -> None:
    """One line that changes in place, in a terminal only."""
    if sys.stderr.isatty():
        end = "\n" if done == total else ""
        click.echo(f"\r\x1b[K{name}: {done} of {total}{end}", nl=False, err=True)


def _fail(message: str, code: int = INPUT) -> NoReturn:
    click.echo(click.style(message, fg="red"), err=True)
    sys.exit(code)

"""`threatbot knowledge …`: what the bot knows, and where that came from."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, cast

import click

if TYPE_CHECKING:
    from knowledge.stores.base import Tended

INPUT, MISSING = 1, 3
HERE = "corpora"
"""The folder below the data folder where fetched files lie."""


@click.group()
def knowledge() -> None:
    """The knowledge base: published catalogues, loaded from their publishers' files."""


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
    from knowledge.stores.base import StoreError

    try:
        store = make_services(read_settings()).store()
        loaded, counts = held(store), store.counts()
    except StoreError as error:
        _fail(str(error), MISSING)
    passages = {name: count for name, count in sorted(counts.items()) if name != MARK}
    if as_json:
        click.echo(json.dumps({"loaded": loaded, "passages": passages}, indent=2))
        return
    for source in load_sources():
        mark = click.style("✓", fg="green") if loaded[source.name] else "–"
        click.echo(f"{mark} {source.name:<12} {source.title} {source.version} ({source.licence})")
    click.echo(", ".join(f"{name} {count}" for name, count in passages.items()))


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

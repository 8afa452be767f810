"""`threatbot evaluate`, and who is asked: the rules alone, a language model, or its recorded answers."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agent.errors import InputError, ThreatbotError

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.analysts.chat.base import ChatCalls
    from agent.domain.usage import Usage

FOLDER = click.Path(path_type=Path, file_okay=False)
INPUT, MISSING = 1, 3


def asked_calls(
    analyst: str, record: Path | None, replay: Path | None
) -> Callable[[str, Usage], ChatCalls] | None:
    """The language model calls that the options ask for; None for the rules alone.

    InputError when the options contradict each other, ConfigurationError for a setting that is none.
    """
    if record and replay:
        raise InputError("Give either --record or --replay, not both.")
    if replay and not replay.is_dir():
        raise InputError(f"There is no folder {replay} with recordings. Make one with --record.")
    if replay:
        from bot.artifacts.folder import FolderArtifacts
        from bot.wiring import replayed_calls

        return replayed_calls(FolderArtifacts(replay))
    if analyst == "rules" and not record:
        return None
    from bot.settings import read_settings
    from bot.wiring import make_calls

    if record is None:
        return make_calls(read_settings())
    from bot.artifacts.folder import FolderArtifacts

    return make_calls(read_settings(), FolderArtifacts(record))


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.option("-o", "--output", type=FOLDER, help="Write tables and pairs there.")
@click.option(
    "--analyst",
    type=click.Choice(["rules", "model"]),
    default="rules",
    show_default=True,
    help="Who proposes: the rules alone, or a language model as well.",
)
@click.option("--record", type=FOLDER, help="Ask the language model, and keep every call in this folder.")
@click.option("--replay", type=FOLDER, help="Ask nobody: take the language model's answers from this folder.")
@click.option(
    "--runs",
    type=click.IntRange(1, 20),
    default=1,
    show_default=True,
    help="How often each system is modelled; mean and minimum are told.",
)
@click.option("--json", "as_json", is_flag=True, help="Write JSON to standard output.")
def evaluate(
    folder: Path,
    output: Path | None,
    analyst: str,
    record: Path | None,
    replay: Path | None,
    runs: int,
    as_json: bool,  # noqa: FBT001 - click passes it by name
) -> None:
    """Hold our threat models of a folder of systems against their human references."""
    from bot.evaluate import evaluate_folder, write

    try:
        calls = [
            asked_calls(analyst, _of_run(record, n, runs), _of_run(replay, n, runs)) for n in range(runs)
        ]
        report = evaluate_folder(folder, calls=calls)
        written = write(report, output) if output else ()
    except ThreatbotError as error:
        click.echo(click.style(error.message, fg="red"), err=True)
        sys.exit(INPUT if isinstance(error, InputError) else MISSING)
    click.echo(report.json_text() if as_json else report.markdown())
    for path in written:
        click.echo(f"wrote {path}", err=True)


def _of_run(folder: Path | None, run: int, runs: int) -> Path | None:
    """Where the recordings of one run lie: a folder of their own when there are several."""
    return folder / f"run-{run + 1}" if folder is not None and runs > 1 else folder

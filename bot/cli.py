"""The `threatbot` command.

Exit codes: 0 done; 1 the input could not be used; 2 wrong usage; 3 the configuration or this machine lacks
something; 4 a step of `demo --once` was not seen; 130 interrupted.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import click

from agent.domain.model import Progress, Stage, ThreatModel
from agent.domain.request import Methodology, Options, Reasoning
from agent.errors import ConfigurationError, InputError, ThreatbotError
from bot.cli_evaluate import FOLDER, asked_calls, evaluate
from bot.cli_knowledge import knowledge
from bot.cli_manifest import manifest

INPUT, MISSING = 1, 3
SELDOM = 200_000
"""Objects made between two looks for garbage; Python's own is 700, for programs that stay."""


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="threatbot")
def main() -> None:
    """Draft, explain and refine threat models from architecture diagrams."""


@main.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--description", default="", help="What the system does, in prose; @FILE reads it from a file.")
@click.option("--title", default="", help="The threat model's title; by default the first file's name.")
@click.option("--budget", default=25, show_default=True, type=click.IntRange(1, 500), help="Threats to show.")
@click.option(
    "--methodology",
    type=click.Choice([m.value for m in Methodology]),
    default=Methodology.STRIDE.value,
    show_default=True,
    help="Which catalogue of questions is asked.",
)
@click.option(
    "--iterations", type=click.IntRange(1, 15), help="Rounds of find and review; by itself if left out."
)
@click.option(
    "--analyst",
    type=click.Choice(["rules", "model"]),
    default="rules",
    show_default=True,
    help="Who proposes: the rules alone, or a language model as well.",
)
@click.option(
    "--reasoning",
    type=click.Choice([r.value for r in Reasoning]),
    default=Reasoning.LOW.value,
    show_default=True,
    help="How long the language model may think.",
)
@click.option("--record", type=FOLDER, help="Ask the language model, and keep every call in this folder.")
@click.option("--replay", type=FOLDER, help="Ask nobody: take the language model's answers from this folder.")
@click.option("--assume", "assumptions", multiple=True, help="Something to take as true; may be given often.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON to standard output.")
@click.option(
    "-o",
    "--output",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write an export; its ending picks the format (.md, .json). May be given several times.",
)
def model(
    files: tuple[Path, ...],
    description: str,
    title: str,
    budget: int,
    methodology: str,
    iterations: int | None,
    analyst: str,
    reasoning: str,
    record: Path | None,
    replay: Path | None,
    assumptions: tuple[str, ...],
    as_json: bool,  # noqa: FBT001 - click passes it by name
    output: tuple[Path, ...],
) -> None:
    """Make a threat model of diagrams, documents and a description.

    By the rules alone it needs no language model and no network.
    """
    try:
        writers = [(path, _export_for(path)) for path in output]
        given = [(path.name, _read(path)) for path in files]
        options = Options(
            methodology=Methodology(methodology),
            iterations=iterations,
            reasoning=Reasoning(reasoning),
            budget=budget,
        )
        with _in_haste():
            from agent.export import EXPORTS, to_json
            from bot.local import threat_model
            from bot.report import report

            made = threat_model(
                given,
                description=_text(description),
                title=title,
                assumptions=assumptions,
                options=options,
                on_progress=_show,
                calls=asked_calls(analyst, record, replay),
            )
        for path, name in writers:
            path.write_text(EXPORTS[name].write(made), encoding="utf-8")
    except ThreatbotError as error:
        _fail(error)
    if as_json:
        click.echo(to_json(made), nl=False)
    elif not output:
        click.echo(report(made), nl=False)
    for warning in made.system.warnings:
        click.echo(warning, err=True)


@contextmanager
def _in_haste() -> Iterator[None]:
    """Look for garbage seldom: the process ends soon, and what it loads until then is kept to its end."""
    usual = gc.get_threshold()
    gc.set_threshold(SELDOM, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _show(event: Progress) -> None:
    """One line that changes in place, in a terminal only; gone at the end."""
    if sys.stderr.isatty():
        text = "" if event.stage is Stage.SUMMARISE else f"{event.stage.value}: {event.detail}"[:100]
        click.echo(f"\r\x1b[K{text}", nl=False, err=True)


def _export_for(path: Path) -> str:
    from agent.export import EXPORTS

    for name, export in EXPORTS.items():
        if path.name.lower().endswith(export.extension):
            return name
    endings = ", ".join(e.extension for e in EXPORTS.values())
    raise InputError(f"I do not know how to write {path.name}: its ending must be one of {endings}.")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"I could not read {path}: {error.strerror}. Check the path.") from error


def _text(given: str) -> str:
    return _read(Path(given[1:])).decode("utf-8", errors="replace") if given.startswith("@") else given


def _fail(error: ThreatbotError) -> NoReturn:
    click.echo(click.style(error.message, fg="red"), err=True)
    sys.exit(INPUT if isinstance(error, InputError) else MISSING)


@main.command()
@click.argument("before", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("after", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--json", "as_json", is_flag=True, help="Write JSON to standard output.")
def diff(before: Path, after: Path, as_json: bool) -> None:  # noqa: FBT001 - click passes it by name
    """Compare two threat models, given as JSON exports or as diagrams: what is new, gone, kept, changed."""
    from agent.difference import difference
    from bot.report import compared

    try:
        found = difference(_model_of(before), _model_of(after))
    except ThreatbotError as error:
        _fail(error)
    click.echo(found.model_dump_json(indent=2) + "\n" if as_json else compared(found), nl=False)


def _model_of(path: Path) -> ThreatModel:
    from agent.export import from_json
    from bot.local import threat_model

    content = _read(path)
    if content.lstrip().startswith(b"{") and b'"schema_version"' in content:
        return from_json(content.decode("utf-8", errors="replace"), path.name)
    return threat_model([(path.name, content)])


@main.command()
@click.option(
    "--worker/--no-worker", default=True, help="Do the work in this process, or leave it to `work`."
)
def serve(worker: bool) -> None:  # noqa: FBT001 - click passes it by name
    """Answer Slack at http://HOST:PORT/slack/events and do the work; `doctor` says what it needs."""
    import uvicorn

    from bot.secret_settings import with_secret
    from bot.server import make_server
    from bot.settings import read_settings
    from bot.wiring import make_services

    try:
        settings, _ = with_secret(read_settings())
        server = make_server(settings, make_services(settings), work=worker)
    except ThreatbotError as error:
        _fail(error)
    uvicorn.run(server, host=settings.host, port=settings.port, log_level="info", access_log=False)


@main.command()
def work() -> None:
    """Do the work that `serve --no-worker` takes in; several of these may share one data folder."""
    import signal
    import threading

    from bot.chores import Chores
    from bot.secret_settings import with_secret
    from bot.server import make_worker
    from bot.settings import read_settings
    from bot.wiring import make_services

    try:
        settings, _ = with_secret(read_settings())
        services = make_services(settings)
        worker, chores = make_worker(settings, services), Chores(settings, services)
    except ThreatbotError as error:
        _fail(error)
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    worker.start()
    chores.start()
    try:
        ended.wait()
    except KeyboardInterrupt:
        click.echo()
    worker.stop()
    chores.stop()


@main.command()
@click.option("--once", is_flag=True, help="End after the session; exit code 0 only if every step was seen.")
@click.option("--port", default=8765, show_default=True, help="Where the page is; 0 picks a free one.")
def demo(once: bool, port: int) -> None:  # noqa: FBT001 - click gives it
    """Play one real session in a local Slack workspace, print it, and go on serving the page until Ctrl-C."""
    from bot.demo import play

    sys.exit(play(once=once, port=0 if once else port))


@main.command()
def redrive() -> None:
    """Put every dead letter back on the queue."""
    from bot.settings import read_settings
    from bot.wiring import make_services

    try:
        count = make_services(read_settings()).queue.redrive()
    except ThreatbotError as error:
        _fail(error)
    click.echo(f"{count} jobs are back on the queue.")


@main.command()
def doctor() -> None:
    """Say what is configured, what answers, what is missing and how to mend it."""
    from bot.doctor import examine
    from bot.settings import read_settings

    try:
        findings = examine(read_settings())
    except ConfigurationError as error:
        _fail(error)
    marks = {True: click.style("✓", fg="green"), False: click.style("✗", fg="red"), None: "–"}
    for finding in findings:
        click.echo(f"{marks[finding.good]} {finding.what}: {finding.seen}")
        if finding.mend:
            click.echo(f"    {finding.mend}")
    sys.exit(MISSING if any(f.good is False for f in findings) else 0)


main.add_command(knowledge)
main.add_command(evaluate)
main.add_command(manifest)

if __name__ == "__main__":
    main()

"""`threatbot manifest`."""

from __future__ import annotations

import json
import re

import click

_ADDRESS = re.compile(r"https://[A-Za-z0-9.-]+(:\d+)?(/[A-Za-z0-9._~/-]*)?")


def _address(_context: click.Context, _option: click.Parameter, given: str) -> str:
    if not _ADDRESS.fullmatch(given):
        raise click.BadParameter("Give the bot's public address, such as https://bot.example.com.")
    return given.rstrip("/")


@click.command()
@click.option(
    "--url",
    default="https://example.com",
    show_default=True,
    callback=_address,
    help="The bot's public address.",
)
@click.option("--several", is_flag=True, help="For several workspaces, each of which installs the app.")
@click.option("--org", is_flag=True, help="For an organisation that installs the app as a whole, too.")
def manifest(url: str, several: bool, org: bool) -> None:  # noqa: FBT001 - click passes them by name
    """Print the Slack app's manifest, to be pasted into Slack's “Create an app from a manifest”."""
    from bot.manifest import manifest as made

    click.echo(json.dumps(made(url, several=several, organisation=org), indent=2, ensure_ascii=False))

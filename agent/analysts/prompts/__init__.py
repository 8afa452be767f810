"""The prompts: one text file a stage, and their version, which is kept with what came of them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib import resources


@cache
def prompt(stage: str) -> str:
    """The method of a stage ("find", "review", "understand", "converse"), with how data is marked.

    Our own words only; "{marker}" stands where the run's marker goes.
    """
    return f"{_read(f'{stage}.txt')}\n\n{_read('untrusted.txt')}"


def looked_for(title: str, categories: Iterable[str]) -> str:
    """What `find` and `review` are told of a methodology whose categories their method does not name."""
    return _read("methodology.txt").replace("{title}", title).replace("{categories}", ", ".join(categories))


@cache
def version() -> str:
    """The version of all prompts together, such as "1"; it changes whenever one of them does."""
    return _read("VERSION")


def _read(name: str) -> str:
    return resources.files("agent.analysts.prompts").joinpath(name).read_text(encoding="utf-8").strip()

"""The manifest: where each corpus comes from, which files it has, and under which terms.

The data are `sources.yaml` and the lists in `checksums`; this module reads and checks them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from knowledge.corpora.starter import LOADER

_LINE = re.compile(r"([0-9a-f]{64})  (\S.*)")


class CorpusError(Exception):
    """A corpus cannot be loaded; the message names the source and the file, and says what to do."""


@dataclass(frozen=True)
class Source:
    """One published collection."""

    name: str
    corpus: str
    """What its passages carry as `source`; several collections may share one."""
    reader: str
    title: str
    version: str
    folder: str
    home: str
    files: str
    """The address below which its files can be fetched."""
    licence: str
    terms: str
    attribution: str
    strip: str = ""
    """The beginning of a file's path that its address lacks."""
    checksums: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """Each file's path below `folder`, with its sha256."""

    @property
    def digest(self) -> str:
        """The version of the content: a hash over all files."""
        return hashlib.sha256(repr(self.checksums).encode()).hexdigest()[:12]

    def url(self, path: str) -> str:
        """Where a file can be fetched."""
        return self.files + path.removeprefix(self.strip)

    def read(self, directory: Path) -> dict[str, bytes]:
        """Every file below the directory, checked; CorpusError names the first that is missing or changed."""
        found = {}
        for path, sha256 in self.checksums:
            place = directory / self.folder / path
            try:
                content = place.read_bytes()
            except OSError as error:
                raise CorpusError(
                    f"{self.title} {self.version}: {place} cannot be read ({error.strerror})."
                    f" Fetch it from {self.url(path)}."
                ) from error
            if hashlib.sha256(content).hexdigest() != sha256:
                raise CorpusError(
                    f"{self.title} {self.version}: {place} is not the published file (its sha256 differs)."
                    f" Fetch it again from {self.url(path)}, or another version of this program."
                )
            found[path] = content
        return found


@cache
def load_sources() -> tuple[Source, ...]:
    """Every source of the manifest, in its order."""
    folder = files("knowledge.corpora")
    raw: list[dict[str, Any]] = yaml.load(folder.joinpath("sources.yaml").read_bytes(), Loader=LOADER)  # noqa: S506 - safe, see LOADER
    lists = folder.joinpath("checksums")
    return tuple(
        Source(
            **entry, checksums=parse_checksums(lists.joinpath(f"{entry['name']}.sha256").read_text("utf-8"))
        )
        for entry in raw
    )


def parse_checksums(text: str) -> tuple[tuple[str, str], ...]:
    """The files of a list as sha256sum writes it; CorpusError for a line of another form."""
    found = []
    for line in text.splitlines():
        match = _LINE.fullmatch(line)
        if match is None or ".." in Path(match[2]).parts or Path(match[2]).is_absolute():
            raise CorpusError(f"A checksum list has the line {line!r}: expected a sha256 and a file's path.")
        found.append((match[2], match[1]))
    return tuple(found)


def chosen(names: Iterable[str], sources: Iterable[Source] | None = None) -> tuple[Source, ...]:
    """The sources of these names, all when there are none; CorpusError for a name that no source has."""
    known = tuple(load_sources() if sources is None else sources)
    wanted = list(dict.fromkeys(names))
    odd = [n for n in wanted if n not in {s.name for s in known}]
    if odd:
        raise CorpusError(
            f"There is no source {', '.join(odd)}; there are {', '.join(s.name for s in known)}."
        )
    return tuple(s for s in known if not wanted or s.name in wanted)

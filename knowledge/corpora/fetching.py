"""Published files onto this machine: resumed where a fetch broke off, refused when they have changed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from knowledge.corpora.sources import CorpusError, Source, chosen

SECONDS = 30.0
"""How long a server may be silent."""

CHUNK = 1 << 16
LARGEST = 64 << 20
"""Bytes of a file at most: none of the known ones comes near."""

_PARTIAL = 206
_NOTHING_LEFT = 416

Progress = Callable[[str, int, int], None]
"""Told the source's name, files done and files in all."""


def fetch(
    directory: Path,
    names: Iterable[str] = (),
    *,
    sources: Iterable[Source] | None = None,
    progress: Progress | None = None,
) -> int:
    """Fetch each file of the sources that the directory lacks; how many were fetched.

    A file that is there and right is left alone; half a file from an earlier try is completed. CorpusError
    names the file that cannot be fetched or is not the known one (which is then removed).
    """
    fetched = 0
    for source in chosen(names, sources):
        for done, (path, sha256) in enumerate(source.checksums, 1):
            place = directory / source.folder / path
            if not (place.is_file() and _sha256(place) == sha256):
                _fetch(source, path, sha256, place)
                fetched += 1
            if progress:
                progress(source.name, done, len(source.checksums))
    return fetched


def _fetch(source: Source, path: str, sha256: str, place: Path) -> None:
    part = place.with_name(place.name + ".part")
    url = source.url(path)
    try:
        part.parent.mkdir(parents=True, exist_ok=True)
        _download(url, part)
    except (HTTPError, URLError, HTTPException, OSError) as error:
        raise CorpusError(f"{source.title}: {url} could not be fetched: {error}. Try again later.") from error
    found = _sha256(part)
    if found != sha256:
        part.unlink()
        raise CorpusError(
            f"{source.title} {source.version}: {url} is not the known file (sha256 {found})."
            " The publisher has changed it: use a newer version of this program, or a copy of that version."
        )
    part.replace(place)


def _download(url: str, part: Path) -> None:
    """The rest of the file behind what is there already, or all of it when the server starts anew."""
    if not url.startswith(("https://", "http://127.0.0.1:")):
        raise URLError("only https addresses are fetched")
    have = part.stat().st_size if part.exists() else 0
    headers = {"User-Agent": "threatbot", **({"Range": f"bytes={have}-"} if have else {})}
    request = Request(url, headers=headers)  # noqa: S310 - https, checked above
    try:
        with urlopen(request, timeout=SECONDS) as answer:  # noqa: S310 - https, checked above
            mode = "ab" if answer.status == _PARTIAL else "wb"
            with part.open(mode) as out:
                while chunk := answer.read(CHUNK):
                    out.write(chunk)
                    if out.tell() > LARGEST:
                        raise URLError(f"it is larger than {LARGEST} bytes")
            if answer.length:  # what the server promised and did not send
                raise URLError(f"the connection ended {answer.length} bytes too early")
    except HTTPError as error:
        if error.code != _NOTHING_LEFT:
            raise


def _sha256(place: Path) -> str:
    return hashlib.sha256(place.read_bytes()).hexdigest()

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from knowledge.corpora.fetching import fetch
from knowledge.corpora.sources import CorpusError, Source, load_sources

CONTENT = b"0123456789" * 1000


class Published:
    """A publisher's server on this machine: one file, with ranges, that can break off and change."""

    def __init__(self) -> None:
        self.content = CONTENT
        self.breaks_at: int | None = None
        self.asked: list[str] = []
        """The Range of each request, or "all"."""
        published = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                published.answer(self)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
                """Be silent."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = Thread(target=self.server.serve_forever)
        self.thread.start()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Send what was asked for, as much as the server is willing to."""
        wanted = handler.headers.get("Range")
        self.asked.append(wanted or "all")
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        body = self.content[start:]
        if handler.path != "/file.txt" or (wanted and not body):
            handler.send_error(416 if wanted else 404)
            return
        handler.send_response(206 if wanted else 200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body[: self.breaks_at])

    def close(self) -> None:
        """Stop serving."""
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def source(self, path: str = "file.txt", content: bytes = CONTENT) -> Source:
        """A source of one file here."""
        base = f"http://127.0.0.1:{self.server.server_port}/"
        listed = ((path, hashlib.sha256(content).hexdigest()),)
        return replace(load_sources()[0], files=base, folder="here", strip="", checksums=listed)


@pytest.fixture
def published() -> Iterator[Published]:
    """A server that is closed after the test."""
    server = Published()
    yield server
    server.close()


def test_fetch(published: Published, tmp_path: Path) -> None:
    """The file is fetched once, checked and put in its place; progress is told."""
    told: list[tuple[str, int, int]] = []
    source = published.source()
    assert fetch(tmp_path, sources=[source], progress=lambda *event: told.append(event)) == 1
    assert (tmp_path / "here" / "file.txt").read_bytes() == CONTENT
    assert told == [("cwe", 1, 1)]
    assert fetch(tmp_path, sources=[source]) == 0
    assert published.asked == ["all"]
    assert [p.name for p in (tmp_path / "here").iterdir()] == ["file.txt"]


def test_it_goes_on_where_it_broke_off(published: Published, tmp_path: Path) -> None:
    """Half a file is kept and only the rest is fetched the next time."""
    published.breaks_at = 4000
    with pytest.raises(CorpusError, match=r"file\.txt could not be fetched: .*6000 bytes too early"):
        fetch(tmp_path, sources=[published.source()])
    published.breaks_at = None
    assert fetch(tmp_path, sources=[published.source()]) == 1
    assert (tmp_path / "here" / "file.txt").read_bytes() == CONTENT
    assert published.asked == ["all", "bytes=4000-"]


def test_a_whole_part_is_just_checked(published: Published, tmp_path: Path) -> None:
    """A fetch that was killed between the last byte and the check ends well."""
    part = tmp_path / "here" / "file.txt.part"
    part.parent.mkdir()
    part.write_bytes(CONTENT)
    assert fetch(tmp_path, sources=[published.source()]) == 1
    assert (tmp_path / "here" / "file.txt").read_bytes() == CONTENT


def test_a_changed_file_is_refused(published: Published, tmp_path: Path) -> None:
    """Another content is named, thrown away and not put in place; the next try starts anew."""
    published.content = b"something else"
    with pytest.raises(CorpusError, match=r"file\.txt is not the known file"):
        fetch(tmp_path, sources=[published.source()])
    assert list((tmp_path / "here").iterdir()) == []


def test_a_broken_local_file_is_fetched_again(published: Published, tmp_path: Path) -> None:
    """A file in place that is not the known one is replaced."""
    place = tmp_path / "here" / "file.txt"
    place.parent.mkdir()
    place.write_bytes(b"damaged")
    assert fetch(tmp_path, sources=[published.source()]) == 1
    assert place.read_bytes() == CONTENT


def test_what_is_not_there_is_named(published: Published, tmp_path: Path) -> None:
    """The address and the server's answer."""
    with pytest.raises(CorpusError, match=r"nothing\.txt could not be fetched: HTTP Error 404"):
        fetch(tmp_path, sources=[published.source("nothing.txt")])


@pytest.mark.parametrize("base", ["file:///etc/", "ftp://127.0.0.1/", "http://example.org/"])
def test_only_https(tmp_path: Path, base: str) -> None:
    """An address without TLS, or of another kind, is not opened."""
    source = replace(load_sources()[0], files=base, checksums=(("passwd", "0" * 64),))
    with pytest.raises(CorpusError, match="only https"):
        fetch(tmp_path, sources=[source])

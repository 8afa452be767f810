"""What places of company documents promise. Each adapter is run through all of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from agent.errors import ConfigurationError
from bot.aws import Aws
from bot.documents import S3Place, place_of
from bot.settings import read_settings
from knowledge.documents.base import MAX_BYTES, DocumentError, DocumentPlace, PlaceError
from knowledge.documents.folder import FolderPlace
from tests.aws_double import AwsDouble

FILES = {
    "access.md": b"# Access",
    "guides/api/rules.txt": b"Use nouns.",
    "guides/\u00fcber uns & mehr.md": b"\xc3\xbc",
    "big.txt": b"x" * (MAX_BYTES + 5),
    "empty.txt": b"",
}


@dataclass
class Held:
    """A place, and how somebody puts files there."""

    place: DocumentPlace
    put: Callable[[str, bytes], Any]
    delete: Callable[[str], Any]


@pytest.fixture(params=["folder", "s3", "s3 with a prefix"])
def held(request: pytest.FixtureRequest, tmp_path: Path) -> Held:
    """Each adapter, empty."""
    if request.param == "folder":

        def put(path: str, content: bytes) -> None:
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_bytes(content)

        return Held(FolderPlace(tmp_path), put, lambda path: (tmp_path / path).unlink())
    server: AwsDouble = request.getfixturevalue("aws_double")
    bucket = server.make_bucket()
    prefix = "security/docs/" if "prefix" in request.param else ""
    server.s3.put_object(Bucket=bucket, Key="security/docs-of-others.md", Body=b"no") if prefix else None
    return Held(
        S3Place(server.aws, bucket, prefix, page=2),
        lambda path, content: server.s3.put_object(Bucket=bucket, Key=prefix + path, Body=content),
        lambda path: server.s3.delete_object(Bucket=bucket, Key=prefix + path),
    )


def test_every_file_is_listed_once_with_its_size(held: Held) -> None:
    """Over all pages and folders, by its path below the place; of an empty place nothing."""
    assert list(held.place.files()) == []
    for path, content in FILES.items():
        held.put(path, content)
    assert {f.path: f.size for f in held.place.files()} == {p: len(c) for p, c in FILES.items()}
    assert len(list(held.place.files())) == len(FILES)


def test_bytes_come_as_they_are(held: Held) -> None:
    """What is read is what was put, up to a byte more than a file may have."""
    for path, content in FILES.items():
        held.put(path, content)
        assert held.place.read(path) == content[: MAX_BYTES + 1]


def test_a_version_changes_with_the_content_and_with_nothing_else(held: Held) -> None:
    """Written again with other bytes, a file has another version; looked at again, the same."""
    held.put("a.md", b"one")
    held.put("b.md", b"two")
    before = {f.path: f.version for f in held.place.files()}
    held.place.read("a.md")
    assert {f.path: f.version for f in held.place.files()} == before
    held.put("a.md", b"six")
    after = {f.path: f.version for f in held.place.files()}
    assert after["a.md"] != before["a.md"]
    assert after["b.md"] == before["b.md"]


def test_a_file_that_went_is_none(held: Held) -> None:
    """Deleted after it was listed, it is neither listed nor read any more, and that is no error."""
    held.put("a.md", b"one")
    held.delete("a.md")
    assert list(held.place.files()) == []
    assert held.place.read("a.md") is None


def test_what_is_nobodys_document_is_passed_over(held: Held) -> None:
    """Hidden files and folders, and what editors leave behind, are not listed."""
    for path in (".git/config", "a/.hidden.md", "~$report.docx", "notes.md~", "img/Thumbs.db", "a/b.md"):
        held.put(path, b"x")
    assert [f.path for f in held.place.files()] == ["a/b.md"]


def test_a_folder_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    """No folder, or a file in its place: the sentence names it and the setting."""
    (tmp_path / "file").write_bytes(b"")
    for name in ("nowhere", "file"):
        with pytest.raises(PlaceError, match=rf"{name} .*THREATBOT_DOCUMENTS\.$"):
            list(FolderPlace(tmp_path / name).files())


def test_links_do_not_lead_out_of_the_folder(tmp_path: Path) -> None:
    """A link to a file or a folder elsewhere is no document."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "secret.md").write_bytes(b"x")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "link.md").symlink_to(tmp_path / "elsewhere" / "secret.md")
    (tmp_path / "docs" / "folder").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "docs" / "pipe.md").mkdir()
    assert list(FolderPlace(tmp_path / "docs").files()) == []


def test_a_path_through_a_file_is_refused(tmp_path: Path) -> None:
    """Where a file has taken a folder's place, the one file is refused and no more."""
    (tmp_path / "a.md").write_bytes(b"x")
    with pytest.raises(DocumentError, match="cannot be opened"):
        FolderPlace(tmp_path).read("a.md/b.md")


def test_a_bucket_that_is_not_there_is_named(aws_double: AwsDouble) -> None:
    """A bucket that does not exist: the sentence names it and the setting."""
    with pytest.raises(PlaceError, match=r"bucket no-such-bucket-here does not exist .*THREATBOT_DOCUMENTS"):
        list(S3Place(aws_double.aws, "no-such-bucket-here").files())


def test_an_s3_that_is_away_is_a_place_error() -> None:
    """Nobody there: listing and reading are errors of the place, after which a later sync goes on."""
    place = S3Place(Aws("eu-central-1", "http://127.0.0.1:9", "AKIADOUBLE", "x", attempts=1), "bucket")
    with pytest.raises(PlaceError, match="does not answer"):
        list(place.files())
    with pytest.raises(PlaceError, match="does not answer"):
        place.read("a.md")


def test_an_archived_object_is_refused_by_itself(aws_double: AwsDouble) -> None:
    """An object in an archive is refused with what to do; its neighbours can be read."""
    bucket = aws_double.make_bucket()
    aws_double.s3.put_object(Bucket=bucket, Key="old.md", Body=b"old", StorageClass="GLACIER")
    aws_double.s3.put_object(Bucket=bucket, Key="new.md", Body=b"new")
    place = S3Place(aws_double.aws, bucket)
    with pytest.raises(DocumentError, match=r"archive\. Restore it"):
        place.read("old.md")
    assert place.read("new.md") == b"new"


@pytest.mark.parametrize(
    ("where", "name"),
    [
        ("s3://handbook", "s3://handbook"),
        ("s3://handbook/", "s3://handbook"),
        ("s3://handbook/security/docs", "s3://handbook/security/docs"),
        ("s3://handbook/security/docs/", "s3://handbook/security/docs"),
        ("docs/security", "docs/security"),
    ],
)
def test_places_by_their_addresses(where: str, name: str) -> None:
    """A path is a folder, s3:// a bucket with an optional folder in it."""
    assert place_of(where, Aws("eu-central-1")).name == name


@pytest.mark.parametrize("where", ["https://wiki.example.com", "s3://", "s3:///docs", "s3://A/b", "gs://b/c"])
def test_other_addresses_are_refused(where: str) -> None:
    """What is neither is refused with what can be named."""
    with pytest.raises(ConfigurationError, match=r"takes a folder or s3://bucket/prefix\.$"):
        place_of(where, Aws("eu-central-1"))


@pytest.mark.parametrize(
    "url",
    ["http://wiki.example.com", "wiki", "https://", "https://a b", "https://x.example/?page=", "https://u@x.example/"],
)  # fmt: skip
def test_addresses_that_messages_may_not_have_are_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address of documents is https, of a host and a path; everything else is refused by its setting."""
    monkeypatch.setenv("THREATBOT_DOCUMENTS_URL", "https://wiki.example.com/a-b/c")
    assert read_settings().documents_url == "https://wiki.example.com/a-b/c"
    monkeypatch.setenv("THREATBOT_DOCUMENTS_URL", url)
    with pytest.raises(ConfigurationError, match=r"THREATBOT_DOCUMENTS_URL cannot be used: .*https address"):
        read_settings()

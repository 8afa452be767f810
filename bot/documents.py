"""Where the company's files come from: a folder or Amazon S3, behind the port of knowledge.documents."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from agent.errors import ConfigurationError, StorageError
from bot.aws import Aws, Refusal, Resource
from knowledge.documents.base import (
    MAX_BYTES,
    DocumentError,
    DocumentPlace,
    Listed,
    PlaceError,
    passed_over,
)
from knowledge.documents.folder import FolderPlace

SETTING = "THREATBOT_DOCUMENTS"
_BUCKET = re.compile(r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(?P<prefix>.*))?")
_REFUSED = frozenset({"AccessDenied", "InvalidObjectState"})


class S3Place:
    """See DocumentPlace. It lists and reads, and never writes.

    Args:
        aws: where S3 is.
        bucket: the bucket's name.
        prefix: a folder in it; empty for all of it.
        page: how many objects are listed with one call, at most 1,000.
    """

    def __init__(self, aws: Aws, bucket: str, prefix: str = "", *, page: int = 1_000) -> None:
        self._bucket = Resource(aws, "s3", f"the S3 bucket {bucket}", SETTING)
        self._call = partial(self._bucket.call, Bucket=bucket)
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        self._page = page
        self.name = f"s3://{bucket}/{self._prefix}".rstrip("/")

    def files(self) -> Iterator[Listed]:
        """See DocumentPlace. An object's version is its ETag, which changes with every write."""
        more: dict[str, str] = {}
        while True:
            try:
                answer = self._call("list_objects_v2", Prefix=self._prefix, MaxKeys=self._page, **more)
            except StorageError as error:
                raise PlaceError(error.message) from error
            for one in answer.get("Contents", ()):
                path = str(one["Key"]).removeprefix(self._prefix)
                if not passed_over(path):
                    yield Listed(path, int(one["Size"]), str(one["ETag"]).strip('"'))
            if not answer.get("IsTruncated"):
                return
            more = {"ContinuationToken": answer["NextContinuationToken"]}

    def read(self, path: str) -> bytes | None:
        """See DocumentPlace."""
        try:
            answer = self._call("get_object", expect={"NoSuchKey", *_REFUSED}, Key=self._prefix + path)
            with self._bucket.explained():
                return bytes(answer["Body"].read(MAX_BYTES + 1))
        except Refusal as refusal:
            if refusal.code == "NoSuchKey":
                return None
            raise _unreadable(refusal.code) from refusal
        except StorageError as error:
            raise PlaceError(error.message) from error


def _unreadable(code: str) -> DocumentError:
    if code == "InvalidObjectState":
        return DocumentError("S3 keeps it in an archive", "Restore it, or copy it to another storage class.")
    return DocumentError(
        "S3 does not let it be read (AccessDenied)",
        "Allow s3:GetObject on it for the role that threatbot runs as, and kms:Decrypt with the KMS key that"
        " it is encrypted with.",
    )


def place_of(where: str, aws: Aws) -> DocumentPlace:
    """A folder, or s3://bucket/prefix; ConfigurationError for an address of another kind."""
    if "://" not in where:
        return FolderPlace(Path(where).expanduser())
    match = _BUCKET.fullmatch(where)
    if match is None:
        raise ConfigurationError(
            f"{where} is no place for company documents: {SETTING} takes a folder or s3://bucket/prefix."
        )
    return S3Place(aws, match["bucket"], match["prefix"] or "")


_PASSAGE = re.compile(r"company:\S+")
"""How an error may name a passage, and with it a file."""


def unnamed(error: Exception) -> str:
    """What an error says, for a log: what a company's documents are called may be a secret."""
    return _PASSAGE.sub("a passage", str(error))

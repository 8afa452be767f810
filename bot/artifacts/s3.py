"""The artifact store on Amazon S3: one private bucket."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from agent.errors import NotFound, StorageError
from bot.artifacts.keys import checked
from bot.aws import Aws, Refusal, Resource

LONGEST_LINK = 900
"""Seconds that a presigned link may be good for: whoever has it needs nothing else."""


class S3Artifacts:
    """Artifacts as objects. A key that is none is a ValueError.

    Args:
        aws: where S3 is.
        bucket: the bucket's name.
        kms_key: the KMS key that each object is encrypted with; empty leaves it to the bucket's default.
        page: how many objects are listed and deleted with one call, at most 1,000.
    """

    def __init__(self, aws: Aws, bucket: str, *, kms_key: str = "", page: int = 1_000) -> None:
        self._bucket = Resource(aws, "s3", f"the S3 bucket {bucket}", "THREATBOT_BUCKET")
        self._call = partial(self._bucket.call, Bucket=bucket)
        self._name = bucket
        self._page = page
        self._encryption: dict[str, Any] = (
            {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": kms_key, "BucketKeyEnabled": True}
            if kms_key
            else {}
        )

    def put(self, key: str, content: bytes) -> None:
        """See Artifacts."""
        self._call("put_object", Key=checked(key), Body=content, **self._encryption)

    def get(self, key: str) -> bytes:
        """See Artifacts."""
        try:
            answer = self._call("get_object", expect={"NoSuchKey"}, Key=checked(key))
        except Refusal:
            raise NotFound(f"The file behind {key} is no longer kept. Upload it again.") from None
        with self._bucket.explained():
            return bytes(answer["Body"].read())

    def delete(self, prefix: str) -> int:
        """See Artifacts; the prefix is a whole folder.

        In a versioned bucket the objects are hidden behind delete markers, and the bucket's lifecycle ends
        them for good some days later: whoever takes over the worker can hide files, but not destroy them.
        """
        count = 0
        for keys in self._pages(checked(prefix.rstrip("/"))):
            wanted = {"Objects": [{"Key": key} for key in keys], "Quiet": True}
            failed = self._call("delete_objects", Delete=wanted).get("Errors", ())
            if failed:
                raise StorageError(
                    f"The S3 bucket {self._name} still holds {len(failed)} of the files under {prefix}: "
                    f"{failed[0].get('Code')}. Allow s3:DeleteObject on it, and try again.",
                    cause="refused",
                    setting=self._bucket.setting,
                )
            count += len(keys)
        return count

    def presigned(self, key: str, seconds: int, name: str = "artifact") -> str:
        """A link with which anybody can download the object for so many seconds, as a file of that name.

        ValueError for more than LONGEST_LINK seconds. Nobody looks whether there is such an object.
        """
        if not 0 < seconds <= LONGEST_LINK:
            raise ValueError(f"a link is good for 1 to {LONGEST_LINK} seconds, not {seconds}")
        plain = "".join(c if c.isascii() and (c.isalnum() or c in "._- ") else "_" for c in name)
        wanted = {
            "Bucket": self._name,
            "Key": checked(key),
            "ResponseContentDisposition": f'attachment; filename="{plain}"',
            "ResponseContentType": "application/octet-stream",  # never shown as a page of that origin
        }
        with self._bucket.explained():
            return str(self._bucket.client.generate_presigned_url("get_object", wanted, ExpiresIn=seconds))

    def warm(self) -> None:
        """Load and make now what the first call would: Lambda does so before it is asked anything."""
        _ = self._bucket.client

    def close(self) -> None:
        """Let go of connections."""
        self._bucket.close()

    def _pages(self, folder: str) -> Iterator[list[str]]:
        """The keys of a folder, a page at a time, and the object of that very name."""
        found = self._call("list_objects_v2", Prefix=folder, MaxKeys=1).get("Contents", ())
        if found and found[0]["Key"] == folder:
            yield [folder]
        more: dict[str, str] = {}
        while True:
            answer = self._call("list_objects_v2", Prefix=f"{folder}/", MaxKeys=self._page, **more)
            if keys := [str(one["Key"]) for one in answer.get("Contents", ())]:
                yield keys
            if not answer.get("IsTruncated"):
                return
            more = {"ContinuationToken": answer["NextContinuationToken"]}

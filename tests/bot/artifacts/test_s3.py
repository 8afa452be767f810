"""What Artifacts on S3 promise beyond the port."""

import urllib.error
import urllib.request
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.artifacts.s3 import LONGEST_LINK, S3Artifacts
from tests.aws_double import AwsDouble


def test_a_folder_of_many_pages_is_forgotten_whole(aws_double: AwsDouble) -> None:
    """More objects than one answer lists are all deleted and counted."""
    bucket = aws_double.make_bucket(versioned=False)
    artifacts = S3Artifacts(aws_double.aws, bucket, page=10)
    for n in range(23):
        artifacts.put(f"tm-1/{n:04d}", b"x")

    assert artifacts.delete("tm-1") == 23
    assert "Contents" not in aws_double.s3.list_objects_v2(Bucket=bucket)


def test_one_object_is_forgotten_by_its_own_key(aws_double: AwsDouble) -> None:
    """A whole key is a prefix too."""
    artifacts = S3Artifacts(aws_double.aws, aws_double.make_bucket())
    artifacts.put("tm-1/a", b"x")
    artifacts.put("tm-1/ab", b"y")

    assert artifacts.delete("tm-1/a") == 1
    assert artifacts.get("tm-1/ab") == b"y"


def test_in_a_versioned_bucket_the_lifecycle_has_the_last_word(aws_double: AwsDouble) -> None:
    """Deleting hides an object behind a marker; its version is still there for the lifecycle to end."""
    bucket = aws_double.make_bucket(versioned=True)
    artifacts = S3Artifacts(aws_double.aws, bucket)
    artifacts.put("tm-1/a", b"x")
    artifacts.delete("tm-1")

    versions = aws_double.s3.list_object_versions(Bucket=bucket)
    assert [v["Key"] for v in versions["Versions"]] == ["tm-1/a"]
    assert [m["Key"] for m in versions["DeleteMarkers"]] == ["tm-1/a"]


def test_a_given_key_encrypts_every_object(aws_double: AwsDouble) -> None:
    """With a KMS key, objects are encrypted with that key and with bucket keys."""
    bucket = aws_double.make_bucket()
    key = aws_double.aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    S3Artifacts(aws_double.aws, bucket, kms_key=key).put("tm-1/a", b"x")

    head = aws_double.s3.head_object(Bucket=bucket, Key="tm-1/a")
    assert (head["ServerSideEncryption"], head["SSEKMSKeyId"], head["BucketKeyEnabled"]) == (
        "aws:kms",
        key,
        True,
    )


def test_a_link_downloads_without_credentials(aws_double: AwsDouble) -> None:
    """A presigned link gives the bytes to whoever has it, as a file to save, and ends by itself."""
    artifacts = S3Artifacts(aws_double.aws, aws_double.make_bucket())
    artifacts.put("tm-1/export", b"# Threats")
    link = artifacts.presigned("tm-1/export", 60, name='käse"\r\n.md')
    with urllib.request.urlopen(link, timeout=10) as answer:  # noqa: S310 - ours
        content, headers = answer.read(), answer.headers

    assert content == b"# Threats"
    assert headers["Content-Disposition"] == 'attachment; filename="k_se___.md"'
    asked = parse_qs(urlsplit(link).query)
    assert asked["X-Amz-Expires"] == ["60"]
    assert asked["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]


@pytest.mark.parametrize("seconds", [0, -1, LONGEST_LINK + 1])
def test_a_link_lasts_minutes(aws_double: AwsDouble, seconds: int) -> None:
    """A link that would last longer than a quarter of an hour, or not at all, is refused."""
    with pytest.raises(ValueError, match="900"):
        S3Artifacts(aws_double.aws, "any").presigned("tm-1/a", seconds)

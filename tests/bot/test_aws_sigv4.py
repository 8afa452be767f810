"""Signatures are AWS's: those of its published test suite, and what botocore's signer makes of anything."""

from __future__ import annotations

import datetime as dt
import re
from urllib.parse import quote

import botocore.auth
import pytest
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from bot.aws_sigv4 import STAMP, Keys, authorization

SUITE = Keys("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
HOST = {"Host": "example.amazonaws.com", "X-Amz-Date": "20150830T123600Z"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
UNRESERVED = "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@pytest.mark.parametrize(
    ("method", "path", "headers", "body", "signature"),
    [
        ("GET", "/", {}, b"", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        ("POST", "/", {}, b"", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
        (
            "POST",
            "/",
            {"My-Header1": "value1"},
            b"",
            "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c",
        ),
        (
            "GET",
            "/",
            {"My-Header2": ' "a   b   c"', "My-Header1": " value1"},
            b"",
            "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
        ),
        ("GET", UNRESERVED, {}, b"", "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"),
        ("GET", "/./", {}, b"", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        ("GET", "//", {}, b"", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        ("GET", "/a/..", {}, b"", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        (
            "POST",
            "/",
            FORM,
            b"Param1=value1",
            "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
        ),
    ],
    ids=["get", "post", "sorted", "trimmed", "unreserved", "dot", "slashes", "dots", "body"],
)
def test_requests_of_the_published_suite_have_its_signatures(
    method: str, path: str, headers: dict[str, str], body: bytes, signature: str
) -> None:
    """For requests that AWS publishes with their signatures, the signature is the published one."""
    made = authorization(SUITE, "us-east-1", "service", method, path, {**HOST, **headers}, body)

    assert made.endswith(f"Signature={signature}")
    assert made.startswith(
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
    )


VISIBLE = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40)
VALUE = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40)
NAME = st.from_regex(re.compile(r"X-Test-[A-Za-z0-9-]{1,12}"), fullmatch=True)
PATH = st.lists(st.sampled_from(["a", "b c", "..", ".", "", "ü", "%", "~", "x+y"]), max_size=6)


@given(
    keys=st.builds(Keys, VISIBLE, VISIBLE, st.one_of(st.just(""), VISIBLE)),
    region=st.sampled_from(["eu-central-1", "us-gov-west-1", "ap-southeast-2"]),
    service=st.sampled_from(["sqs", "dynamodb", "kms"]),
    path=PATH.map(lambda parts: quote("/" + "/".join(parts))),
    headers=st.dictionaries(NAME.map(str.title), VALUE, max_size=4),
    body=st.binary(max_size=200),
    when=st.datetimes(dt.datetime(2020, 1, 1), dt.datetime(2040, 1, 1)),  # noqa: DTZ001 - hypothesis wants it
)
def test_it_signs_as_botocore_does(
    keys: Keys,
    region: str,
    service: str,
    path: str,
    headers: dict[str, str],
    body: bytes,
    when: dt.datetime,
) -> None:
    """Whatever the keys, token, region, path, headers and body: botocore's signer makes the same of it."""
    stamp, host = when.strftime(STAMP), f"{service}.{region}.amazonaws.com"
    token = {"X-Amz-Security-Token": keys.token} if keys.token else {}
    given = {**headers, "X-Amz-Date": stamp, **token}
    request = AWSRequest("POST", f"https://{host}{path}", given, body)
    request.context["timestamp"] = stamp
    theirs = botocore.auth.SigV4Auth(Credentials(keys.id, keys.secret, keys.token or None), service, region)
    signature = theirs.signature(theirs.string_to_sign(request, theirs.canonical_request(request)), request)
    ours = authorization(keys, region, service, "POST", path, {**given, "Host": host}, body)

    assert ours.endswith(f"Signature={signature}")
    assert f"SignedHeaders={theirs.signed_headers(theirs.headers_to_sign(request))}," in ours
    assert f"Credential={theirs.scope(request)}," in ours


def test_keys_are_not_shown() -> None:
    """What is printed of keys holds neither the secret nor the token."""
    assert "hush" not in repr(Keys("AKIDEXAMPLE", "hush-1", "hush-2"))

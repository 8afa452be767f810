"""What is masked before a language model sees it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.secrets import mask, warnings_of

# Written in pieces, so that no scanner takes this file for a leak.
SECRETS = {
    "AWS access key id": ["AKIA" + "Z2345672345672AB", "ASIA" + "QWERTYUIOP234567"],
    "AWS secret access key": [
        "aws_secret_access_key = " + "a1B2" * 10,
        "SecretAccessKey: '" + "Zz9/" * 10 + "'",
    ],
    "GitHub token": ["ghp_" + "a1" * 18, "github_pat_" + "B2c" * 10],
    "GitLab token": ["glpat-" + "x9Y" * 8],
    "Slack token": ["xoxb-" + "1234567890-abcdef", "xapp-" + "1-A2B3-44444"],
    "Slack webhook address": ["https://hooks.slack.com/" + "services/T0/B0/abcdefgh"],
    "Stripe key": ["sk_live_" + "4eC39HqLyjWD", "whsec_" + "a1b2c3d4e5f6g7h8"],
    "Google API key": ["AIza" + "a" * 35],
    "model provider key": ["sk-ant-" + "api03-" + "x1" * 12],
    "package registry token": ["npm_" + "a" * 36],
    "private key": [
        "-----BEGIN " + "RSA PRIVATE KEY-----\nMIIEabc\n-----END RSA PRIVATE KEY-----",
        "-----BEGIN " + "PRIVATE KEY-----\nMIIEcut off",
    ],
    "JSON web token": ["eyJ" + "hbGciOiJIUzI1NiJ9.eyJ" + "zdWIiOiIxMjM0In0.c2ln"],
    "password in a connection string": [
        "postgres://app:" + "s3cr3t@db.internal/x",
        "redis://:" + "hunter2@cache:6379",
    ],
    "bearer token": ["Authorization: Bearer " + "abcDEF12345678"],
    "password": [
        "password: " + "hunter22",
        "DB_PASSWORD=" + "Tr0ub4dor&3",
        '"passwd": "' + 'correct-horse"',
        "Das Passwort: " + "geheim123",
        "mot de passe : " + "azerty99",
        "密码:" + "abc12345",
    ],
    "API key or token": ["api_key=" + "abcdef1234567890", "client_secret: " + "9f8e7d6c5b4a3210"],
    "Azure storage key": ["AccountKey=" + "Zm9v" * 8 + "=="],
    "presigned link signature": ["?X-Amz-Signature=" + "0a1b" * 8],
}


@pytest.mark.parametrize(("kind", "text"), [(k, t) for k, texts in SECRETS.items() for t in texts])
def test_a_secret_is_masked_wherever_it_stands(kind: str, text: str) -> None:
    """Each known form is found within other text, named by its kind, and not left in the text."""
    masked = mask(f"The job runs at night. {text}\n\nIt mails readers.")

    assert masked.found == (kind,)
    assert f"[masked: {kind}]" in masked.text
    assert masked.text.startswith("The job runs at night.")
    assert masked.text.endswith("It mails readers.")
    assert text not in masked.text
    assert mask(masked.text).found == ()


@pytest.mark.parametrize(
    "text",
    [
        "Passwords are hashed with argon2.",
        "The password is hashed and salted.",
        "Secrets are kept in Secrets Manager and rotated every 30 days.",
        "A token is required: see the login flow.",
        "token: required",
        "API key in a header",
        "https://shop.example:8443/path?x=y@z",
        "password: ${DB_PASSWORD}",
        "Bearer authentication with JWT",
        "The key is AES-256 and lives in KMS.",
    ],
)
def test_talk_about_secrets_is_left_alone(text: str) -> None:
    """A design that speaks of passwords and keys is read as it is."""
    assert mask(text).text == text


def test_several_secrets_are_reported_by_source_and_never_repeated() -> None:
    """The person learns what was found where; the warning does not hold the secret."""
    key = "AKIA" + "Z2345672345672AB"
    (warning,) = warnings_of({"notes.md": [f"{key} and {key}", "password=" + "hunter22"], "b.md": ["fine"]})

    assert warning.startswith("notes.md: ")
    assert "2 × AWS access key id, 1 × password" in warning
    assert key not in warning


@given(st.text(max_size=300))
def test_any_text_can_be_masked(text: str) -> None:
    """No text breaks the masking, and masking again changes nothing."""
    once = mask(text)

    assert mask(once.text).text == once.text

"""What the load on the ingress is made of."""

from __future__ import annotations

import base64

from slack_sdk.signature import SignatureVerifier

from benchmarks.lambda_deliveries import SECRET, Delivery, deliveries


def body_of(delivery: Delivery) -> str:
    """The body, as Slack signed it."""
    given = str(delivery.event["body"])
    return base64.b64decode(given).decode() if delivery.event["isBase64Encoded"] else given


def test_each_delivery_is_signed() -> None:
    """Slack's own verifier takes all of them, base64 bodies among them."""
    verifier = SignatureVerifier(SECRET)
    made = list(deliveries(30, "T-001"))

    assert all(verifier.is_valid_request(body_of(d), dict(d.event["headers"])) for d in made)
    assert sum(d.event["isBase64Encoded"] for d in made) == 10


def test_of_ten_six_become_jobs_and_two_open_forms() -> None:
    """Four presses and two messages are jobs of their own; the third message is the one before once more."""
    made = list(deliveries(10, "T-001", first=40))
    jobs = [d.job for d in made if d.job]

    assert (len(jobs), len(set(jobs))) == (7, 6)
    assert made[9].job == made[8].job
    assert body_of(made[9]) == body_of(made[8])
    assert made[9].event["headers"]["x-slack-retry-num"] == "1"
    assert [d.number % 10 for d in made if d.opens] == [1, 6]

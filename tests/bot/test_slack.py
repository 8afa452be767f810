"""What clients of Slack share."""

import ssl

from slack_sdk import WebClient

from bot.slack import Slack, trusting, web_client


def test_what_is_trusted_is_read_once() -> None:
    """Every client that speaks TLS has the same context, which checks certificates and names."""
    one, other = (trusting(WebClient(base_url=f"https://{name}.example/api/")) for name in ("a", "b"))

    assert isinstance(one.ssl, ssl.SSLContext)
    assert one.ssl is other.ssl
    assert one.ssl.verify_mode is ssl.CERT_REQUIRED
    assert one.ssl.check_hostname


def test_a_client_that_was_given_a_context_keeps_it() -> None:
    """And one that does not speak TLS gets none."""
    own = ssl.create_default_context()

    assert trusting(WebClient(base_url="https://a.example/api/", ssl=own)).ssl is own
    assert trusting(WebClient(base_url="http://127.0.0.1:1/api/")).ssl is None


def test_a_start_reads_nothing() -> None:
    """A client that has not called yet has read no authorities: the ingress makes one at its start."""
    slack = Slack(web_client("xoxb-1", "https://slack.example/api/"))

    assert slack.ingress_client().ssl is None

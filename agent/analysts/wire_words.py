"""What the words on a flow say of how it is carried: encrypted, authenticated, over a private network."""

from __future__ import annotations

from agent.domain.system import Known

_SAFE = frozenset(
    {"https", "http s", "tls", "ssl", "wss", "mtls", "ssh", "sftp", "ftps", "ldaps", "amqps", "mqtts"}
    | {"smtps", "imaps", "ipsec", "dtls", "srtp", "quic", "starttl", "encrypted"}
    # its specification knows no endpoint without TLS
    | {"oidc", "openid connect"}
)
_PLAIN = frozenset({"http", "ftp", "telnet", "tftp", "plaintext", "plain text", "unencrypted", "cleartext"})
_PROOFS = frozenset(
    {"jwt", "bearer", "oauth", "oauth2", "oidc", "api key", "mtls", "saml", "signed", "hmac", "id token"}
    | {"access token", "client certificate", "basic auth", "sigv4"}
)
_PRIVATE = frozenset(
    {"vpn", "corporate network", "intranet", "private network", "office network", "lan", "localhost"}
)

_ANSWERS = frozenset({"response", "answer", "reply", "result", "refresh token", "access token", "ack"})
_CALLS = frozenset({"webhook", "callback", "notification", "notify", "event", "redirect", "push", "upload"})


def encrypted(words: frozenset[str]) -> Known:
    """What the words and phrases of a flow say: TLS and the like win over HTTP beside them."""
    if not _SAFE.isdisjoint(words):
        return Known.YES
    return Known.UNKNOWN if _PLAIN.isdisjoint(words) else Known.NO


def authenticated(words: frozenset[str]) -> Known:
    """Whether the words name a proof of who is calling; silence is unknown."""
    return Known.UNKNOWN if _PROOFS.isdisjoint(words) else Known.YES


def private(words: frozenset[str]) -> bool:
    """Whether the words name a network that not everybody is on."""
    return not _PRIVATE.isdisjoint(words)


def answers(words: frozenset[str]) -> bool:
    """Whether the words name what comes back on a call, and no call."""
    return not _ANSWERS.isdisjoint(words) and _CALLS.isdisjoint(words)

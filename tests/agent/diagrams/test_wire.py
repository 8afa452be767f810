"""What an arrow's label says about the wire."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.diagrams.wire import Wire, read_wire
from agent.domain.system import Known


@pytest.mark.parametrize(
    ("label", "protocol", "encrypted"),
    [
        ("HTTPS", "https", Known.YES),
        ("HTTP", "http", Known.NO),
        ("HTTP over VPN", "http", Known.NO),
        ("REST over HTTPS", "https", Known.YES),
        ("REST", "rest", Known.UNKNOWN),
        ("HTTP/S", "https", Known.UNKNOWN),
        ("orders (http or https)", "https", Known.UNKNOWN),
        ("HTTP(S)", "https", Known.UNKNOWN),
        ("OIDC", "oidc", Known.UNKNOWN),
        ("S3, statement", "s3", Known.UNKNOWN),
        ("SQL", "sql", Known.UNKNOWN),
        ("SQL over TLS", "sql", Known.YES),
        ("gRPC/TLS", "grpc", Known.YES),
        ("TCP+SSL 6514", "tls", Known.YES),
        ("wss", "wss", Known.YES),
        ("WebSocket", "websocket", Known.UNKNOWN),
        ("MQTT", "mqtt", Known.UNKNOWN),
        ("MQTT over TLS", "mqtts", Known.YES),
        ("SMTP", "smtp", Known.UNKNOWN),
        ("FTP", "ftp", Known.NO),
        ("telnet", "telnet", Known.NO),
        ("nightly export by SFTP", "sftp", Known.YES),
        ("mTLS", "mtls", Known.YES),
        ("webhook", "webhook", Known.UNKNOWN),
        ("JDBC, not encrypted", "jdbc", Known.NO),
        ("no TLS", "", Known.NO),
        ("end-to-end encrypted", "", Known.YES),
        ("encrypted backups", "", Known.UNKNOWN),
        ("the list of visits", "", Known.UNKNOWN),
        ("", "", Known.UNKNOWN),
    ],
)
def test_protocol_and_encryption(label: str, protocol: str, encrypted: Known) -> None:
    """A protocol that encrypts says yes, one known for clear text no, all others leave it open."""
    wire = read_wire(label)
    assert (wire.protocol, wire.encrypted) == (protocol, encrypted)


@pytest.mark.parametrize(
    ("label", "known"),
    [
        ("REST, JWT", Known.YES),
        ("OAuth2", Known.YES),
        ("mutual TLS", Known.YES),
        ("API key", Known.YES),
        ("SigV4", Known.YES),
        ("HTTPS with bearer token", Known.YES),
        ("REST, API key", Known.YES),
        ("HTTPS, SSO with MFA", Known.YES),
        ("order with bearer token", Known.YES),
        ("return bike (HTTPS, JWT)", Known.YES),
        ("SQL, password hashes and API keys", Known.UNKNOWN),
        ("HTTPS, token and amount", Known.UNKNOWN),
        ("issue JWT", Known.UNKNOWN),
        ("validate token", Known.UNKNOWN),
        ("card token", Known.UNKNOWN),
        ("password reset token", Known.UNKNOWN),
        ("unauthenticated", Known.NO),
        ("no auth", Known.NO),
        ("HTTPS", Known.UNKNOWN),
    ],
)
def test_authentication(label: str, known: Known) -> None:
    """A credential on the call says yes; a token that is itself the goods says nothing."""
    assert read_wire(label).authenticated is known


@pytest.mark.parametrize(
    ("label", "data"),
    [
        ("HTTPS: order, address", ("order", "address")),
        ("Store customer profile", ("customer profile",)),
        ("HTTPS\ncredentials", ("credentials",)),
        ("meter readings (MQTT)", ("meter readings",)),
        ("issue JWT", ("JWT",)),
        ("card token", ("card token",)),
        ("presigned link", ("presigned link",)),
        ("HTTPS, JWT", ()),
        ("sends request", ()),
        ("Data Flow", ()),
        ("443", ()),
    ],
)
def test_data(label: str, data: tuple[str, ...]) -> None:
    """What is left of a label without its wire and its verb is the data, in the label's own words."""
    assert read_wire(label).data == data


@given(st.text(max_size=500))
def test_any_label_can_be_read(label: str) -> None:
    """No label breaks the reading, and data are never empty words."""
    wire = read_wire(label)
    assert isinstance(wire, Wire)
    assert all(d.strip() for d in wire.data)

"""Whom the ingress believes when it asks AWS over TLS; authorities and certificates are made here."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bot.aws_json import JsonClient, SilentError
from bot.aws_sigv4 import Keys
from bot.aws_trust import Trust
from tests.conftest import Requires

BORN, END = dt.datetime(2020, 1, 1, tzinfo=dt.UTC), dt.datetime(2099, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Authority:
    """Somebody who signs certificates."""

    name: x509.Name
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def pem(self) -> bytes:
        """As it stands in a file."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def sha256(self) -> frozenset[str]:
        """What tells it from others."""
        return frozenset({self.certificate.fingerprint(hashes.SHA256()).hex()})


def signed(name: x509.Name, key: ec.EllipticCurvePrivateKey, by: Authority | None) -> x509.Certificate:
    """A certificate: of an authority of its own, or of 127.0.0.1."""
    local = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    issuer, issuing = (by.name, by.key) if by else (name, key)
    usage = x509.KeyUsage(
        digital_signature=by is not None, key_cert_sign=by is None, crl_sign=by is None,
        content_commitment=False, key_encipherment=False, data_encipherment=False, key_agreement=False,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(BORN)
        .not_valid_after(END)
        .add_extension(x509.BasicConstraints(ca=by is None, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuing.public_key()), critical=False
        )
    )
    built = built.add_extension(local, critical=False) if by else built
    return built.sign(issuing, hashes.SHA256())


def authority(name: str) -> Authority:
    """One who signs for himself."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    key = ec.generate_private_key(ec.SECP256R1())
    return Authority(subject, key, signed(subject, key, None))


AMAZON, COMPANY = authority("Amazon, as far as this test goes"), authority("A company's proxy")


class _Yes(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        """Quiet."""


@contextmanager
def service(by: Authority, folder: Path) -> Iterator[str]:
    """A service with a certificate of that authority; its address."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a service")])
    file = folder / "service.pem"
    file.write_bytes(
        signed(name, key, by).public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Yes)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None  # type: ignore[method-assign] # who does not believe us hangs up
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"https://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def bundle(folder: Path, *authorities: Authority) -> str:
    """A file of authorities, with remarks in it as some machines have them."""
    file = folder / "bundle.pem"
    file.write_bytes(b"".join(b"# somebody\n" + each.pem for each in authorities))
    return str(file)


def answer_of(url: str, trust: Trust) -> object:
    """What a call gives."""
    client = JsonClient("sqs", url, "eu-central-1", Keys("A", "s"), trust=trust, attempts=1)
    try:
        return client.call("send_message", {})
    finally:
        client.close()


def believed(trust: Trust) -> int:
    """How many authorities the next connection believes."""
    return trust.context.cert_store_stats()["x509_ca"]


def test_amazons_own_authorities_are_enough_for_amazon(tmp_path: Path) -> None:
    """A service with a certificate of Amazon's is believed, and no other authority was read for it."""
    trust = Trust(bundle(tmp_path, COMPANY, AMAZON), first=AMAZON.sha256)
    with service(AMAZON, tmp_path) as url:
        assert answer_of(url, trust) == {}

    assert believed(trust) == 1


def test_another_authority_of_the_machine_is_believed_as_well(tmp_path: Path) -> None:
    """Behind a company's own proxy a call succeeds at once, and later ones need no second look."""
    trust = Trust(bundle(tmp_path, COMPANY, AMAZON), first=AMAZON.sha256)
    with service(COMPANY, tmp_path) as url:
        assert answer_of(url, trust) == {}

    assert believed(trust) == 2
    assert not trust.widened()


def test_nobody_else_is_believed(tmp_path: Path) -> None:
    """A certificate of an authority that the machine does not know is refused, Amazon's or not."""
    for known, stranger in ((AMAZON, COMPANY), (COMPANY, AMAZON)):
        trust = Trust(bundle(tmp_path, known), first=AMAZON.sha256)
        with (
            service(stranger, tmp_path) as url,
            pytest.raises(SilentError, match="certificate verify failed"),
        ):
            answer_of(url, trust)


def test_a_certificate_for_another_name_is_refused(tmp_path: Path) -> None:
    """Who is known, but is not the one that was called, is not believed."""
    trust = Trust(bundle(tmp_path, AMAZON), first=AMAZON.sha256)
    with service(AMAZON, tmp_path) as url, pytest.raises(SilentError, match="not valid for 'localhost'"):
        answer_of(url.replace("127.0.0.1", "localhost"), trust)


def test_without_amazon_in_the_file_all_of_it_is_read(tmp_path: Path) -> None:
    """Where the machine does not know Amazon's authorities, those that it knows are believed."""
    trust = Trust(bundle(tmp_path, COMPANY), first=AMAZON.sha256)

    assert believed(trust) == 1
    with service(COMPANY, tmp_path) as url:
        assert answer_of(url, trust) == {}


@pytest.mark.parametrize(
    "content", [b"", b"-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n", None]
)
def test_a_file_that_is_none_is_refused(tmp_path: Path, content: bytes | None) -> None:
    """A file of authorities that is missing, empty or broken is an OSError where it is named."""
    file = tmp_path / "bundle.pem"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(OSError):  # noqa: PT011 - ssl's own words differ between versions
        Trust(str(file))


def test_the_machines_own_file_has_amazons_authorities(requires: Requires) -> None:
    """The five are found by their hashes in the file that Python takes when nobody names one."""
    file = ssl.get_default_verify_paths().cafile
    trust = Trust(requires("a file of certificate authorities", file, "install ca-certificates"))

    assert believed(trust) <= 5
    assert trust.widened()
    assert believed(trust) > 5

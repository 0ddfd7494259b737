"""https: a certificate that nobody trusts is no certificate."""

import datetime
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.conftest import Repository
from tests.fetch.conftest import batch_file, picture, responses
from tests.fetch.website import open_website


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A key and a certificate for localhost that it has signed itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = tmp_path / "localhost.pem"
    path.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.mark.parametrize("trusted", [True, False])
def test_a_certificate_counts_only_when_somebody_trusted_signed_it(
    hurried: Repository, certificate: Path, monkeypatch: pytest.MonkeyPatch, *, trusted: bool
) -> None:
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with open_website(context) as site:
        site.serve("/a.png", picture())
        url = site.url("/a.png").replace("http:", "https:")
        source = "{kind: urls, path: list.txt, allow_private: [localhost]}"
        hurried.add_batch("web", batch_file(source), {"list.txt": url.encode()})
        hurried.run("fetch")
        row = responses(hurried, "web")["media", url, ""]
        asked = [asked.path for asked in site.asked]
    if trusted:
        assert (row["reason"], asked) == (None, ["/robots.txt", "/a.png"])
    else:
        assert (row["reason"], asked) == ("connection_failed", [])
        assert "certificate verify failed" in row["detail"]

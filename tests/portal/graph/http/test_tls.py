"""Encrypted connections: nothing is sent to a server that cannot prove who it is (fault F18)."""

import json
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from portal.graph import GraphClient, GraphConfig, Meter
from portal.graph.errors import DeadlineExceeded, Unreachable
from tests.scripted_graph import ScriptedGraph, answer, drip, number

TOKEN = "EAAscriptedtoken0123456789"
NUMBER_ID = "200000000000001"


def read(client: GraphClient, meter: Meter | None = None) -> None:
    client.phone_number(NUMBER_ID, token=TOKEN, meter=meter)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[Path, Path]]:
    """A function that makes a self-signed certificate for a name: the paths of certificate and key."""

    def make(name: str) -> tuple[Path, Path]:
        folder = tmp_path_factory.mktemp("tls")
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(key, hashes.SHA256())
        )
        encoding = serialization.Encoding.PEM
        (folder / "cert.pem").write_bytes(certificate.public_bytes(encoding))
        (folder / "key.pem").write_bytes(
            key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        )
        return folder / "cert.pem", folder / "key.pem"

    return make


@pytest.fixture
def tls_graph(authority: Callable[[str], tuple[Path, Path]]) -> Iterator[Callable[[str], tuple[ScriptedGraph, Path]]]:
    """A function that starts a server with a certificate for a name; the server and the certificate."""
    started: list[ScriptedGraph] = []

    def start(name: str) -> tuple[ScriptedGraph, Path]:
        certificate, key = authority(name)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        started.append(ScriptedGraph(tls=context).__enter__())
        return started[-1], certificate

    yield start
    for server in started:
        server.stop()


def test_a_trusted_certificate_is_accepted(tls_graph: Callable[[str], tuple[ScriptedGraph, Path]]) -> None:
    graph, certificate = tls_graph("localhost")
    graph.script(drip(json.dumps(number()).encode(), pause=0), answer(number()))
    address = f"https://localhost:{graph.port}"
    client = GraphClient(GraphConfig(api_url=address, ca_bundle=str(certificate), retries=0))

    read(client)
    read(client)

    assert graph.connections == 1


def test_a_total_deadline_holds_over_tls(tls_graph: Callable[[str], tuple[ScriptedGraph, Path]]) -> None:
    graph, certificate = tls_graph("localhost")
    graph.script(drip(json.dumps(number()).encode(), pause=0.05))
    address = f"https://localhost:{graph.port}"
    client = GraphClient(GraphConfig(api_url=address, ca_bundle=str(certificate), total_timeout=0.4))

    with pytest.raises(DeadlineExceeded):
        read(client)


@pytest.mark.parametrize("trusted", [False, True], ids=["unknown authority", "another host's certificate"])
def test_a_certificate_that_proves_nothing_ends_the_call_before_the_token_is_sent(
    tls_graph: Callable[[str], tuple[ScriptedGraph, Path]], trusted: bool
) -> None:
    graph, certificate = tls_graph("elsewhere.example")
    config: dict[str, Any] = {"ca_bundle": str(certificate)} if trusted else {}
    client = GraphClient(GraphConfig(api_url=f"https://localhost:{graph.port}", retries=0, **config))

    with pytest.raises(Unreachable) as caught:
        read(client)

    assert (caught.value.reason, caught.value.sent) == ("tls", False)
    assert graph.requests == []

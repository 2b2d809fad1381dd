"""The transport over TLS and HTTP/2, as TikTok offers it: certificates are checked, and the deadline and the silence hold there too."""

import logging
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import h2.config
import h2.connection
import h2.events
import h2.exceptions
import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from agency.secret import Secret
from integrations.tiktok.errors import AnswerLost, NotUnderstood, TryLater
from integrations.tiktok.transport import Transport

TOKEN = Secret("act.CanaryToken!1")


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


class Http2Server:
    """Speaks HTTP/2 to one client at a time; `body_parts` says what it answers, piece by piece."""

    def __init__(self, certificate: Path) -> None:
        self.body_parts: Callable[[], Iterator[bytes]] = lambda: iter([b'{"code":0}'])
        self.requests: list[dict[str, str]] = []
        self.connection_count = 0
        self.gone = threading.Event()
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(certificate)
        self._tls.set_alpn_protocols(["h2"])
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://localhost:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                plain, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(plain,), daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        try:
            with self._tls.wrap_socket(plain, server_side=True) as connection:
                self.connection_count += 1
                self._speak(connection)
        except (OSError, h2.exceptions.ProtocolError):
            pass
        finally:
            self.gone.set()

    def _speak(self, connection: ssl.SSLSocket) -> None:
        protocol = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding="utf-8"))
        protocol.initiate_connection()
        connection.sendall(protocol.data_to_send())
        while data := connection.recv(65536):
            for event in protocol.receive_data(data):
                if isinstance(event, h2.events.RequestReceived):
                    self.requests.append(dict(event.headers))
                    protocol.send_headers(event.stream_id, [(":status", "200"), ("content-type", "application/json")])
                    for part in self.body_parts():
                        protocol.send_data(event.stream_id, part)
                        connection.sendall(protocol.data_to_send())
                    protocol.end_stream(event.stream_id)
            connection.sendall(protocol.data_to_send())


@pytest.fixture
def h2_server(certificate: Path) -> Iterator[Http2Server]:
    server = Http2Server(certificate)
    yield server
    server.close()


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(httpx, "create_ssl_context", lambda **options: ssl.create_default_context(cafile=str(certificate)))


def drip(piece: bytes) -> Iterator[bytes]:
    pause = threading.Event()
    for _ in range(400):
        pause.wait(0.02)
        yield piece


def get(transport: Transport) -> object:
    return transport.business_get("/business/get/", access_token=TOKEN, params={}).value


def test_a_certificate_of_a_stranger_ends_the_call_even_when_the_environment_trusts_it(
    h2_server: Http2Server, make_transport: Callable[..., Transport], certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with pytest.raises(TryLater) as caught:
        get(make_transport(h2_server.url))
    assert type(caught.value) is TryLater
    assert h2_server.requests == []


def test_a_certificate_for_another_name_ends_the_call_too(
    h2_server: Http2Server, trusted: None, make_transport: Callable[..., Transport]
) -> None:
    with pytest.raises(TryLater):
        get(make_transport(h2_server.url.replace("localhost", "127.0.0.1")))
    assert h2_server.requests == []


def test_http_2_is_spoken_where_it_is_offered_over_one_connection(
    h2_server: Http2Server, trusted: None, make_transport: Callable[..., Transport], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    transport = make_transport(h2_server.url)
    for _ in range(3):
        assert get(transport) == {}
    assert h2_server.connection_count == 1
    assert [request["access-token"] for request in h2_server.requests] == [TOKEN.reveal()] * 3
    assert TOKEN.reveal() not in caplog.text


def test_a_drip_over_http_2_ends_with_the_deadline(h2_server: Http2Server, trusted: None, make_transport: Callable[..., Transport]) -> None:
    h2_server.body_parts = lambda: drip(b" ")
    transport = make_transport(h2_server.url, total_deadline_seconds=1)
    with pytest.raises(AnswerLost):
        get(transport)
    assert h2_server.gone.wait(5)
    h2_server.body_parts = lambda: iter([b'{"code":0}'])
    assert get(transport) == {}


def test_after_a_body_over_the_limit_the_next_call_is_served(
    h2_server: Http2Server, trusted: None, make_transport: Callable[..., Transport]
) -> None:
    transport = make_transport(h2_server.url, max_body_bytes=1000)
    h2_server.body_parts = lambda: iter([b" " * 900] * 3)
    for _ in range(3):
        with pytest.raises(NotUnderstood):
            get(transport)
    h2_server.body_parts = lambda: iter([b'{"code":0}'])
    assert get(transport) == {}


def test_a_handshake_that_never_comes_ends_with_the_deadline(trusted: None, make_transport: Callable[..., Transport]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        with pytest.raises(TryLater) as caught:
            get(make_transport(f"https://localhost:{mute.getsockname()[1]}", total_deadline_seconds=0.3))
        assert type(caught.value) is TryLater

"""Links that lead elsewhere: nothing is asked outside the list of hosts, and no token leaves home."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from mamigrate.clock import HandClock
from mamigrate.contract import Connection, Secret
from mamigrate.errors import Unreachable, UsageError
from mamigrate.http.call import Call
from mamigrate.http.origins import Origins, is_loopback, origin
from mamigrate.http.session import Manners, Session
from mamigrate.http.token import FixedToken

Open = Callable[..., Session]
HOME = "https://vendor.example"
METADATA = [
    "169.254.169.254", "2852039166", "0xa9fea9fe", "0xa9.0xfe.0xa9.0xfe", "0251.0376.0251.0376", "025177524776", "169.254.43518",
    "169.16689662", "[::ffff:169.254.169.254]", "[::ffff:a9fe:a9fe]", "[0:0:0:0:0:ffff:a9fe:a9fe]", "[fd00:ec2::254]",
    "metadata.google.internal", "169.254.169.254.nip.io",
]  # fmt: skip
PRIVATE = [
    "127.0.0.1", "127.1", "0", "0.0.0.0", "2130706433", "0x7f000001", "017700000001", "localhost", "localhost.", "[::1]", "[::]",
    "10.0.0.1", "192.168.0.1", "172.16.0.1", "[fe80::1]", "[fe80::1%25eth0]",
]  # fmt: skip
LOOKING_ALIKE = [
    "vendor.example.", "vendor.example.evil.example", "evil-vendor.example", "vendor.example:444", "vendor.example:80", "vendor.example:",
    "VENDOR.EXAMPLE.", "xn--vendor-2of.example", "v\u0435ndor.example", "vendor\u3002example", "ｖendor.example", "vendor.exampl\u0435", "vendor\u200b.example",
]  # fmt: skip
DECEIVING = [
    "https://vendor.example@evil.example/a", "https://vendor.example:pass@evil.example/a", "https://evil.example#@vendor.example/a",
    "https://evil.example?@vendor.example/a", "https://evil.example\\@vendor.example/a", "https://evil.example\\.vendor.example/a",
    "https://vendor.example%00.evil.example/a", "https://vendor.example%2eevil.example/a", "https://vendor.example%40evil.example/a",
    "https:\\\\evil.example/a", "https:///evil.example/a", "https:evil.example/a", "//evil.example/a", "///evil.example/a", "\\\\evil.example\\a",
    "/\\evil.example/a", "https://vendor.example\t.evil.example/a", "https://vendor.example\n.evil.example/a", "https://vendor.example .evil.example",
    "https://[vendor.example]/a", "https://vendor.example:99999/a", "https://vendor.example:-1/a", "https://vendor.example:443:443/a",
]  # fmt: skip
SCHEMES = [
    "http://vendor.example/a", "HTTP://vendor.example/a", "ftp://vendor.example/a", "file:///etc/passwd", "file://vendor.example/etc/passwd",
    "gopher://vendor.example:70/_x", "data:application/json,{}", "javascript:alert(1)", "ws://vendor.example/a", "ldap://vendor.example/a",
    "dict://vendor.example:11211/stats", "jar:https://vendor.example!/a", "unix:///var/run/docker.sock",
]  # fmt: skip
PLACES = [*(f"https://{one}/latest/meta-data" for one in [*METADATA, *PRIVATE, *LOOKING_ALIKE]), *DECEIVING, *SCHEMES]


def test_there_are_enough_cases() -> None:
    assert len(set(PLACES)) >= 60


@pytest.mark.parametrize("place", PLACES, ids=ascii)
def test_no_redirect_leads_anywhere_else(host: Any, open_session: Open, place: str) -> None:
    """What asks is stopped, or stays where it is allowed to be: a place that is only odd is one below home."""
    session = open_session()
    session.token = FixedToken("src", Secret("hush"))
    host.answers = [(302, b"", {"Location": place.encode().decode("latin-1")}), (200, b"{}", {})]
    try:
        session.send(Call("GET", "/a"))
    except Unreachable:
        assert len(host.requests) == 1
    asked = [str(request.url) for request in host.requests]
    assert all(url.startswith(f"{HOME}/") for url in asked)
    assert all("evil" not in url.removeprefix(HOME).partition("/")[0] for url in asked)


@pytest.mark.parametrize("place", [one for one in PLACES if "://" in one], ids=ascii)
def test_none_of_these_is_admitted_as_it_is(place: str) -> None:
    with pytest.raises(Unreachable) as caught:
        Origins("src", HOME).admit(place)
    assert "evil" not in str(caught.value)


@pytest.mark.parametrize(
    "place", [one for one in PLACES if origin(one) is None or one.lower().startswith("http:")], ids=ascii
)
def test_none_of_the_odd_ones_is_a_base_url_and_its_text_is_not_repeated(place: str) -> None:
    if is_loopback(place):
        return
    with pytest.raises(UsageError) as caught:
        Origins("src", place)
    assert "pass@" not in caught.value.problem


def test_the_token_stays_at_home_on_the_way_through_an_allowed_host(host: Any, open_session: Open) -> None:
    from mamigrate.http.transports import standing

    session = open_session(hosts=("https://files.vendor.example",))
    session.token = FixedToken("src", Secret("hush"))
    with standing("https://files.vendor.example", host):
        host.answers = [
            (302, b"", {"Location": "https://files.vendor.example/a"}),
            (302, b"", {"Location": f"{HOME}/b"}),
            (302, b"", {"Location": "https://evil.example/c"}),
        ]
        with pytest.raises(Unreachable):
            session.send(Call("GET", "/a"))
    told = [(str(one.url), one.headers.get("Authorization")) for one in host.requests]
    assert told == [
        (f"{HOME}/a", "Bearer hush"),
        ("https://files.vendor.example/a", None),
        (f"{HOME}/b", "Bearer hush"),
    ]


# --- a name that leads to another machine --------------------------------------------------------------------------------


@pytest.fixture
def impostor(tmp_path: Path) -> Iterator[tuple[int, list[bytes]]]:
    """A machine that a name was bent to: it has a certificate, and of nobody whom we trust."""
    made, heard = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), list[bytes]()
    made.load_cert_chain(_certificate(tmp_path))
    listening = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        while True:
            try:
                link, _ = listening.accept()
            except OSError:
                return
            with link:
                try:
                    with made.wrap_socket(link, server_side=True) as inside:
                        heard.append(inside.recv(4096))
                except OSError:
                    continue

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    yield listening.getsockname()[1], heard
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    thread.join(5)


def _certificate(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    packed = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path = folder / "impostor.pem"
    path.write_bytes(packed + signed.public_bytes(serialization.Encoding.PEM))
    return path


def test_a_name_that_is_bent_to_another_machine_gets_no_request(
    impostor: tuple[int, list[bytes]], clock: HandClock
) -> None:
    port, heard = impostor
    session = Session(
        Connection("src", "vendor"), f"https://localhost:{port}", clock, Manners(judge=lambda reply: None)
    )
    session.token = FixedToken("src", Secret("hush"))
    with pytest.raises(Unreachable):
        session.send(Call("GET", "/a"))
    assert b"".join(heard) == b""

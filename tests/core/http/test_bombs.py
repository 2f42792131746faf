"""Replies that unpack beyond all measure: given up within two seconds, and without the memory that they would take."""

import json
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

MOST_SECONDS, MOST_MIB = 2.0, 64
BIG = 200 * 2**20
"""Bytes that a bomb unpacks to, at least."""
_GZIP, _ZLIB, _RAW = 31, 15, -15


def packed(unit: bytes, form: int = _GZIP, size: int = BIG) -> bytes:
    """``size`` bytes of repetitions of ``unit``, packed without ever being there as a whole."""
    packer, block = zlib.compressobj(6, zlib.DEFLATED, form), unit * (2**20 // len(unit))
    return b"".join(packer.compress(block) for _ in range(size // len(block))) + packer.flush()


def _beginning(first: bytes, unit: bytes) -> bytes:
    packer = zlib.compressobj(6, zlib.DEFLATED, _GZIP)
    block = unit * (2**20 // len(unit))
    return packer.compress(first) + b"".join(packer.compress(block) for _ in range(BIG // len(block))) + packer.flush()


BOMBS: dict[str, Callable[[], tuple[bytes, str]]] = {
    "gzip of zeros": lambda: (packed(b"\0"), "gzip"),
    "x-gzip of zeros": lambda: (packed(b"\0"), "x-gzip"),
    "deflate of zeros": lambda: (packed(b"\0", _ZLIB), "deflate"),
    "raw deflate of blanks": lambda: (packed(b" ", _RAW), "deflate"),
    "gzip of opening brackets": lambda: (packed(b"["), "gzip"),
    "gzip of empty records": lambda: (_beginning(b'{"results":[', b'{"id":"1","properties":{}},'), "gzip"),
    "gzip of one endless text": lambda: (_beginning(b'{"results":[{"id":"', b"a"), "gzip"),
    "gzip of one endless number": lambda: (_beginning(b'{"results":[', b"9"), "gzip"),
    "many gzip members": lambda: (packed(b"\0", size=8 * 2**20) * 30, "gzip"),
    "gzip in capitals": lambda: (packed(b"\0"), "GZIP"),
    "gzip in gzip": lambda: (zlib.compress(packed(b"\0"), 9, _GZIP), "gzip, gzip"),
    "gzip in deflate in gzip": lambda: (zlib.compress(zlib.compress(packed(b"\0"), 9), 9, _GZIP), "gzip, deflate, gzip"),
    "gzip, said to be brotli": lambda: (packed(b"\0"), "br"),
    "gzip, said to be zstandard": lambda: (packed(b"\0"), "zstd"),
    "gzip behind a torn beginning": lambda: (packed(b"\0")[:150_000] + b"torn", "gzip"),
    "packed as nobody packs": lambda: (packed(b"\0"), "lzma"),
}  # fmt: skip

CHILD = """
import json, resource, sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import conftest
from mamigrate.clock import HandClock
from mamigrate.contract import Connection
from mamigrate.errors import MamigrateError
from mamigrate.http.call import Call
from mamigrate.http.session import Manners, Session
from mamigrate.http.transports import standing
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
def explode(body, encoding):
    host = conftest.Host()
    with standing(conftest.BASE, host):
        session = Session(Connection("src", "vendor"), conftest.BASE, HandClock(), Manners(judge=conftest.judge))
        session.send(Call("GET", "/a"))
        host.answers = [(200, body, {"Content-Encoding": encoding})] * 8
        before, begun = peak(), time.perf_counter()
        try:
            session.send(Call("GET", "/a"))
            outcome = "read"
        except MamigrateError as error:
            outcome = type(error).__name__
        return {"outcome": outcome, "seconds": time.perf_counter() - begun, "mib": peak() - before}
bombs = json.loads(Path(sys.argv[2]).read_text())
explode(b"{}", "identity")
print(json.dumps({name: explode(Path(path).read_bytes(), encoding) for name, (path, encoding) in bombs.items()}))
"""


def test_there_are_enough_bombs() -> None:
    assert len(BOMBS) >= 15


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a process of its own tells of each bomb, one after the other, so that their peaks are its own."""
    folder = tmp_path_factory.mktemp("bombs")
    index = {}
    for number, (name, make) in enumerate(BOMBS.items()):
        body, encoding = make()
        (folder / str(number)).write_bytes(body)
        index[name] = (str(folder / str(number)), encoding)
    (folder / "index").write_text(json.dumps(index))
    line = [sys.executable, "-c", CHILD, str(Path(__file__).parent), str(folder / "index")]
    done = subprocess.run(line, capture_output=True, text=True, timeout=120, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.gate
@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_given_up_in_time_and_without_the_memory(told: dict[str, Any], name: str) -> None:
    found = told[name]
    assert found["outcome"] == "Unreachable"
    assert found["seconds"] <= MOST_SECONDS
    assert found["mib"] <= MOST_MIB


@pytest.mark.gate
def test_all_bombs_together_take_no_more(told: dict[str, Any]) -> None:
    assert sum(one["mib"] for one in told.values()) <= MOST_MIB


def test_the_bombs_are_bombs() -> None:
    body, _ = BOMBS["gzip of zeros"]()
    assert BIG / len(body) > 500

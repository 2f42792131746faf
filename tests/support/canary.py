"""Secrets and people that must never be seen again, and the search for them in whatever a command left behind."""

import base64
import logging
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from urllib.parse import quote, quote_plus

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mamigrate.cli import app

PEOPLE = 1000
STEMS = ("zyxquorn", "vlemthwick", "qorbyhush")
"""In the given name, the family name and the address of every canary person, followed by a number."""

_KINDS = (
    "pat-na1-{n:08x}-dead-beef-cafe-{n:012x}",
    "s3cr3t/with+slashes=and&amps{n}",
    "c2VjcmV0LWNhbmFyeS1udW1iZXIt{n}==",
    "per%cent%2Fsent-{n}-and-more",
    "quote\"and'apostrophe-{n}",
)
SECRETS = [kind.format(n=1_000_003 * (number + 1)) for number in range(5) for kind in _KINDS]
"""25: tokens, paths, base64, percent signs, quotes."""


def forms(secret: str) -> set[str]:
    """How a secret may look when it leaks: as it is, as a header or URL holds it, as JSON or Python quotes it, reversed."""
    encoded = {base64.b64encode(secret.encode()).decode().rstrip("="), secret.encode().hex()}
    basic = {base64.b64encode(f"{pad}{secret}".encode()).decode()[8:-8] for pad in ("", "x", "xx")}
    quoted = {quote(secret, safe=""), quote_plus(secret), quote(secret)}
    return {secret, secret[::-1], repr(secret)[1:-1], secret.replace('"', '\\"'), *encoded, *basic, *quoted}


def secrets_in(text: str, secrets: Iterable[str] = SECRETS) -> list[str]:
    return [secret for secret in secrets if any(form in text for form in forms(secret))]


def people_in(text: str) -> list[str]:
    """Stems of canary people that stand in a text, whatever its case; reversed and base64 forms too."""
    folded = text.casefold()
    encoded = {
        stem: [base64.b64encode(f"{pad}{stem}".encode()).decode()[4:-4] for pad in ("", "x", "xx")] for stem in STEMS
    }
    return [
        stem for stem in STEMS if stem in folded or stem[::-1] in folded or any(form in text for form in encoded[stem])
    ]


def files(folder: Path) -> Iterator[tuple[Path, str]]:
    """Every file below a folder, unpacked where it is packed."""
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        if path.suffix == ".parquet":
            yield path, repr(pq.read_table(path).to_pylist())
        elif path.suffix == ".zst":
            with pa.input_stream(str(path), compression="zstd") as stream:
                yield path, stream.read().decode(errors="replace")
        else:
            yield path, path.read_bytes().decode(errors="replace")


def raw_forms(stem: str) -> Iterator[bytes]:
    """A stem in the bytes in which a file may hold it; of base64 the part that does not depend on what stands before."""
    for plain in (stem, stem.upper(), stem.title(), stem[::-1]):
        for text in (plain.encode(), plain.encode("utf-16-le"), plain.encode("utf-16-be")):
            yield text
            yield from (base64.b64encode(pad + text)[4:-4] for pad in (b"", b"x", b"xx"))
    yield stem.encode().hex().encode()


RAW = re.compile(b"|".join(re.escape(form) for stem in STEMS for form in sorted(set(raw_forms(stem)))))


EVIDENCE = ".mamigrate/evidence"
"""What a purge spares: consent records tell the source's references and values as they were read."""


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and EVIDENCE not in str(path))


def plaintext(folder: Path) -> dict[str, str]:
    """Files below a folder in whose bytes a canary stands, evidence apart. Nothing is unpacked: see ``packed``."""
    found = {}
    for path in _files(folder):
        if hit := RAW.search(path.read_bytes()):
            found[str(path.relative_to(folder))] = hit.group().decode(errors="replace")
    return found


def packed(folder: Path) -> list[str]:
    """Files in which a search of bytes would find nobody although they may hold people."""
    return [str(path) for path in _files(folder) if path.suffix in (".parquet", ".zst", ".gz", ".xlsx", ".zip")]


class Heard:
    """Everything that commands of this process said: both outputs, every log line with its arguments."""

    def __init__(self) -> None:
        self.out, self.err, self.logs = StringIO(), StringIO(), StringIO()
        self.codes: list[int] = []

    def say(self, *words: str) -> int:
        """Run a command with every logger wide open."""
        with (
            _listening(self.logs),
            redirect_stdout(self.out),
            redirect_stderr(self.err),
            pytest.raises(SystemExit) as left,
        ):
            app.run(list(words))
        code = left.value.code
        self.codes.append(code if isinstance(code, int) else int(code is not None))
        return self.codes[-1]

    @property
    def text(self) -> str:
        return self.out.getvalue() + self.err.getvalue() + self.logs.getvalue()


class _Everything(logging.Handler):
    def __init__(self, out: StringIO) -> None:
        super().__init__(logging.DEBUG)
        self._out = out

    def emit(self, record: logging.LogRecord) -> None:
        self._out.write(f"{record.name} {record.getMessage()} {record.args!r} {record.exc_info!r} {record.exc_text}\n")


@contextmanager
def _listening(out: StringIO) -> Iterator[None]:
    handler, root = _Everything(out), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        root.removeHandler(handler)
        root.setLevel(level)

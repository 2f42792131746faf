"""What a file of facts told once holds in every later run of the project, until somebody decides otherwise.

Each file that a run understood is kept as it was, beside the ledger, which notes the run: the file may change, move or be
forgotten on the command line, and a denial that it told still stands.
"""

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson
import pyarrow as pa

from mamigrate import private
from mamigrate.consent import files
from mamigrate.contract import Content, NeutralRow
from mamigrate.errors import DamagedSnapshot, UsageError
from mamigrate.findings import Severity
from mamigrate.ledger.store import Ledger
from mamigrate.model.kinds import Kind
from mamigrate.settings.decisions import Decisions
from mamigrate.settings.project import Project
from mamigrate.stages.move import Move

NOTED = "told/"
"""How the names of inputs begin that are kept files of facts; the digest follows, the value is the file's name."""
DECISION = "forget-facts/"
"""How decisions begin that let a kept file go; the first ``SHORT`` characters of its digest follow."""
SHORT = 12
_CLEAR, _SEALED = ".zst", ".zst.enc"
_SAME = ("kind", "topic", "holder", "person_key", "address_strict", "address_loose", "lo")
"""What makes two facts of files the same denial, whichever line or version tells it."""


@dataclass(frozen=True, slots=True)
class Told:
    """A file as a run read it. ``source`` is the connection whose ids it names, ``at`` when that run began (ISO 8601)."""

    name: str
    source: str
    run: str
    at: str
    text: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(f"{self.source}\n{self.text}".encode(errors="surrogatepass")).hexdigest()

    @property
    def id(self) -> str:
        return self.digest[:SHORT]


def keep(move: Move, path: Path, text: str) -> None:
    """Keep what a file says, once, and note which run read it. On disk before the ledger says so."""
    told = Told(path.name, move.source.name, move.run_id, move.now.isoformat(), text)
    if told.digest not in _digests(move.project):
        _write(move, told)
    move.ledger.keep_inputs(move.run_id, {f"{NOTED}{told.digest}": told.name})


def hold(move: Move, named: Sequence[NeutralRow], topics: Collection[str]) -> list[NeutralRow]:
    """Facts of kept files that the files of this run (``named``) do not tell again, with a finding for each file.

    A file that cannot be read any more blocks, unless somebody decided to let it go.
    """
    seen = {_denial(row) for row in named}
    rows: list[NeutralRow] = []
    for digest, name in sorted(_noted(move.project, move.ledger).items()):
        if move.decisions.choice(f"{DECISION}{digest[:SHORT]}") == "accept":
            move.findings.add("facts_let_go", Severity.NOTE, name, id=digest[:SHORT])
        elif (told := _read(move.project, digest)) is None:
            move.findings.add("facts_lost", Severity.BLOCK, name, id=digest[:SHORT])
        else:
            rows += _more(move, told, seen, topics)
    return rows


def _more(move: Move, told: Told, seen: set[tuple[object, ...]], topics: Collection[str]) -> list[NeutralRow]:
    """What ``told`` adds to what was ``seen``."""
    try:
        content = files.widened(files.parse(Path(f"{told.name}@{told.id}"), told.text), topics)
    except UsageError:  # An earlier version of this program understood it.
        move.findings.add("facts_lost", Severity.BLOCK, told.name, id=told.id)
        return []
    fresh = [row for row in _of_source(move, told, content) if _denial(row) not in seen]
    seen.update(map(_denial, fresh))
    lines = {"/".join(row["source_ref"].split("/")[:3]) for row in fresh}
    move.findings.extend(one for one in content.problems if one.subject in lines)
    if fresh:
        params = {"denials": str(len(fresh)), "run": told.run, "id": told.id}
        move.findings.add("facts_hold", Severity.NOTE, told.name, **params)
    return fresh


def _of_source(move: Move, told: Told, content: Content) -> Iterator[NeutralRow]:
    """An address is the same everywhere; an id means somebody only on the connection that the file was told for."""
    own = told.source == move.source.name
    for row in content.rows[Kind.CONSENT_FACT]:
        if own:
            yield row
        elif row["holder"] == "address":
            yield {**row, "person_key": None}


def _denial(row: NeutralRow) -> tuple[object, ...]:
    return tuple(row[name] for name in _SAME)


def facts(project: Project, ledger: Ledger) -> Iterator[NeutralRow]:
    """Every fact that a kept file tells. Raises UsageError for a file that nobody understands."""
    for digest in sorted(_noted(project, ledger)):
        if (told := _read(project, digest)) is not None:
            yield from files.parse(Path(told.name), told.text).rows[Kind.CONSENT_FACT]


def ids(move: Move) -> set[str]:
    """The short ids of everything that was ever kept."""
    return {digest[:SHORT] for digest in _noted(move.project, move.ledger)}


def held(move: Move) -> Iterator[tuple[str, str]]:
    """Name and digest of every kept file that holds, but for those that somebody let go."""
    for digest, name in sorted(_noted(move.project, move.ledger).items()):
        if move.decisions.choice(f"{DECISION}{digest[:SHORT]}") != "accept":
            yield f"{name} ({digest[:SHORT]})", digest


def lost(project: Project, ledger: Ledger, forgotten: Decisions) -> dict[str, str]:
    """Names of files that a run read, by the id under which they were kept, and that are gone without a decision."""
    return {
        digest[:SHORT]: name
        for digest, name in sorted(_noted(project, ledger).items())
        if forgotten.choice(f"{DECISION}{digest[:SHORT]}") != "accept" and _read(project, digest) is None
    }


# --- where they lie ----------------------------------------------------------------------------------------------------


def _noted(project: Project, ledger: Ledger) -> dict[str, str]:
    """Digests of everything that was ever kept, with the file's name: by the store, and by the ledger of every run."""
    inputs = (ledger.inputs(run.id) for run in ledger.runs())
    noted = {name: value for one in inputs for name, value in one.items() if name.startswith(NOTED)}
    return dict.fromkeys(_digests(project), "facts") | {key.removeprefix(NOTED): name for key, name in noted.items()}


def _digests(project: Project) -> set[str]:
    return {path.name.partition(".")[0] for path in project.told.iterdir() if path.name.endswith((_CLEAR, _SEALED))}


def _write(move: Move, told: Told) -> None:
    packed = pa.Codec("zstd").compress(orjson.dumps(asdict(told)), asbytes=True)
    cipher = move.project.cipher
    content = cipher.of_file("facts", told.digest).frame(packed) if cipher else packed
    private.write(move.project.told / f"{told.digest}{_SEALED if cipher else _CLEAR}", content)


def _read(project: Project, digest: str) -> Told | None:
    """None where it is gone or damaged. Raises DamagedSnapshot where the project's key is not the one it needs."""
    clear, sealed = (project.told / f"{digest}{end}" for end in (_CLEAR, _SEALED))
    try:
        packed = clear.read_bytes() if clear.exists() else _opened(project, digest, sealed)
        with pa.input_stream(pa.BufferReader(packed), compression="zstd") as stream:
            told = Told(**orjson.loads(stream.read()))
    except (FileNotFoundError, OSError, TypeError, ValueError):
        return None
    return told if told.digest == digest else None


def _opened(project: Project, digest: str, path: Path) -> bytes:
    if not path.exists():
        raise FileNotFoundError(path)
    if project.cipher is None:
        raise DamagedSnapshot("it is encrypted, and no key is configured", path=path, fix="key")
    with path.open("rb") as file:
        return b"".join(project.cipher.of_file("facts", digest).frames(file, path))

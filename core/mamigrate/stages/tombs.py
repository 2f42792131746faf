"""The tombstones of a project: made from everything that it knows of denials, before that is destroyed."""

import secrets
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from mamigrate import private
from mamigrate.consent import address, files, pending, standing, tombstones, verdict
from mamigrate.consent.declared import DENIES, UNCLEAR, Declared
from mamigrate.contract import Blocker, NeutralRow
from mamigrate.errors import LocalTrouble, UsageError
from mamigrate.ledger.store import Ledger
from mamigrate.model.kinds import Kind
from mamigrate.plan.suppressed import DEPARTED, STRANDED, SUPPRESSED
from mamigrate.settings.project import Project
from mamigrate.snapshot.cipher import Cipher
from mamigrate.snapshot.engine import Engine
from mamigrate.snapshot.folder import Snapshot

KEY, FILE = "tombstones.key", "tombstones.jsonl"
ROWS = 5000
NOTED = "tombstones/"
"""How the names of inputs begin that are folders of tombstones; the id follows, the value is the folder."""
SHORT = 12
BEGINNING = datetime(1, 1, 1, tzinfo=UTC)
DENIED = "denied"
"""The kind of a denial of which nothing more is known than that the target holds its address as denied."""


def key_of(project: Project, *, make: bool = False) -> bytes | None:
    """The key; None where there is none. ``make``: one is made then. Raises LocalTrouble for one that is damaged."""
    path = project.folder / ".mamigrate" / "evidence" / KEY
    if not path.exists():
        if not make:
            return None
        private.write(project.evidence / KEY, secrets.token_hex(tombstones.KEY_BYTES).encode())
    return _key(path)


def _key(path: Path) -> bytes:
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii"))
    except ValueError as error:
        raise LocalTrouble("the key of the tombstones is damaged", path=path) from error
    if len(key) != tombstones.KEY_BYTES:
        raise LocalTrouble("the key of the tombstones is damaged", path=path)
    return key


def known(project: Project) -> dict[str, frozenset[str]]:
    """The tombstones that stand there. Raises LocalTrouble for a damaged file."""
    path = project.folder / ".mamigrate" / "evidence" / FILE
    return _read(path) if path.exists() else {}


def of_folder(folder: Path) -> tuple[bytes, dict[str, frozenset[str]]]:
    """The key and the tombstones that another project left. Raises UsageError where they are not there: denials would be lost."""
    for name in (KEY, FILE):
        if not (folder / name).is_file():
            raise UsageError(f"{name} is not there", where=str(folder), fix="correct tombstones in [facts]")
    return _key(folder / KEY), _read(folder / FILE)


def _read(path: Path) -> dict[str, frozenset[str]]:
    try:
        with path.open("rb") as content:
            return tombstones.parse(content)
    except ValueError as error:
        raise LocalTrouble("the tombstones cannot be read", path=path) from error


def add(project: Project, denied: Iterable[tuple[str, str]], others: Iterable[tuple[str, str]] = ()) -> None:
    """Unite (loose address, kind of denial) with what stands there; ``others`` where nothing more is known.

    On disk when it returns.
    """
    key = key_of(project, make=True)
    assert key is not None
    found = tombstones.united(known(project), ((tombstones.mark(key, loose), kind) for loose, kind in denied))
    marked = ((tombstones.mark(key, loose), kind) for loose, kind in others)
    found = tombstones.united(found, [(one, kind) for one, kind in marked if one not in found])
    with private.replacing(project.evidence / FILE) as out:
        out.writelines(tombstones.lines(found))


def counted(project: Project) -> dict[str, int]:
    """Tombstones by kind of denial; an address with several kinds counts in each. ``""`` is all of them, each once."""
    found = known(project)
    told = Counter(kind for kinds in found.values() for kind in kinds)
    return {"": len(found), **dict(sorted(told.items()))}


def id_of(key: bytes) -> str:
    """What a folder is known by, wherever it lies: nobody can tell its key from it."""
    return tombstones.mark(key, "")[:SHORT]


def noted(ledger: Ledger) -> dict[str, str]:
    """The folders that runs of this project read, by id."""
    inputs = (ledger.inputs(run.id) for run in reversed(ledger.runs()))
    return {key.removeprefix(NOTED): name for one in inputs for key, name in one.items() if key.startswith(NOTED)}


def of_earlier(folders: Iterable[Path], addresses: Iterable[str]) -> Iterator[tuple[str, str]]:
    """(loose address, kind) of those of the addresses that earlier projects' tombstones mark."""
    marked = [of_folder(folder) for folder in folders]
    for loose in addresses:
        for key, known in marked:
            yield from ((loose, kind) for kind in known.get(tombstones.mark(key, loose), ()))


def addresses(engine: Engine, snapshot: Snapshot) -> Iterator[str]:
    """Every loose address of a snapshot: of its people, and of its facts."""
    own = verdict.addresses(engine.table(snapshot, Kind.PERSON)).select(loose="at")
    said = engine.table(snapshot, Kind.CONSENT_FACT).select(loose="address_loose")
    every = ibis.union(own, said, distinct=True).filter(lambda t: t.loose.notnull())
    for batch in engine.batches(every.order_by("loose"), ROWS):
        # Further addresses stand there as the platform keeps them.
        yield from (address.loose(row["loose"]) or row["loose"] for row in batch)


# --- what is known of denials ----------------------------------------------------------------------------------------------


def of_ledger(ledger: Ledger) -> Iterator[tuple[str, str]]:
    """Addresses that moves entered on a target as denied."""
    for key in ledger.keys_of(SUPPRESSED):
        if not key.startswith((DEPARTED, STRANDED)):
            yield _without_record(key), DENIED


def _without_record(key: str) -> str:
    """A further record of an address has its id behind the address: no domain holds such a sign."""
    before, sign, _ = key.rpartition("#")
    return before if sign and "@" in before and "@" not in key[len(before) :] else key


def of_file(path: Path) -> Sequence[NeutralRow]:
    """Facts of a file of them. Raises UsageError for one that cannot be read."""
    return files.read(path).rows[Kind.CONSENT_FACT]


def of_snapshot(engine: Engine, snapshot: Snapshot, term: timedelta) -> Iterator[tuple[str, str]]:
    """Denied addresses of a sealed snapshot: those that a fact names, and those of the people whom one names.

    ``term``: how long a request waits; one that had run out when it was read was refused.
    """
    for batch in engine.batches(_denied(engine, snapshot, term), ROWS):
        yield from ((row["loose"], row["kind"]) for row in batch)


def of_flags(engine: Engine, snapshot: Snapshot, blockers: Sequence[Blocker]) -> Iterator[tuple[str, str]]:
    """Addresses of records that flags of theirs denied when they were read."""
    people = engine.table(snapshot, Kind.PERSON).filter(lambda t: t.email_loose.notnull())
    flags = standing.flagged(people, blockers, engine.instant(snapshot.manifest.began_at))
    told = flags.join(people.select(target_key="key", loose="email_loose"), "target_key").select("loose", "kind")
    for batch in engine.batches(told.distinct(), ROWS):
        yield from ((row["loose"], row["kind"]) for row in batch)


def of_column(engine: Engine, snapshot: Snapshot, field: str, column: Declared) -> Iterator[tuple[str, str]]:
    """Addresses whose value in a declared column denies, as a run reads it."""
    column = column.placed({topic.key for topic in snapshot.estate(Kind.TOPIC)})
    people = engine.table(snapshot, Kind.PERSON).filter(lambda t: t.email_loose.notnull())
    told = people.select(loose="email_loose", text=people["values"].get(field, "").fill_null(""))
    for batch in engine.batches(told, ROWS):
        words = ((row["loose"], column.says(row["text"])) for row in batch)
        yield from ((loose, column.kind(word)) for loose, word in words if word in (DENIES, UNCLEAR))


def of_late(ledger: Ledger, engine: Engine, snapshots: Iterable[Snapshot]) -> Iterator[tuple[str, str]]:
    """Addresses of denials that came after a move, by the records to which they were carried."""
    records: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for subject, kinds in ledger.late_subjects():
        connection, _, key = subject.split("/", 2)  # the key of what has no record is its address
        said = set(kinds.split(", "))
        if found := address.loose(key):
            yield from ((found, kind) for kind in said)
        records[connection][key] |= said
    for connection in list(records):
        for target_key, source, key in ledger.sources_of(connection, Kind.PERSON, records[connection]):
            records[source][key] |= records[connection][target_key]
    for snapshot in snapshots:
        yield from _of_records(engine, snapshot, records[snapshot.manifest.connection])


def _of_records(engine: Engine, snapshot: Snapshot, kinds: Mapping[str, set[str]]) -> Iterator[tuple[str, str]]:
    if not kinds:
        return
    wanted = engine.memory(pa.table({"wanted": sorted(kinds)}))
    people = engine.table(snapshot, Kind.PERSON).filter(lambda t: t.email_loose.notnull())
    found = people.join(wanted, [("key", "wanted")]).select("key", loose="email_loose")
    for batch in engine.batches(found, ROWS):
        yield from ((row["loose"], kind) for row in batch for kind in kinds[row["key"]])


def _denied(engine: Engine, snapshot: Snapshot, term: timedelta) -> ir.Table:
    facts = engine.table(snapshot, Kind.CONSENT_FACT)
    facts = facts.union(pending.refused(facts, engine.instant(snapshot.manifest.began_at), term))
    facts = facts.filter(facts.polarity == "-").select("kind", "person_key", loose="address_loose")
    people = engine.table(snapshot, Kind.PERSON).filter(lambda t: t.email_loose.notnull()).select("key", "email_loose")
    named = facts.filter(facts.loose.notnull()).select("loose", "kind")
    theirs = facts.filter(facts.loose.isnull()).select("kind", "person_key")
    held = (
        theirs.join(people, theirs.person_key == people.key).select("kind", loose="email_loose").select("loose", "kind")
    )
    return named.union(held).distinct()


def snapshots(project: Project, cipher: Cipher | None) -> Iterator[tuple[Path, Snapshot | LocalTrouble]]:
    """Every snapshot that has its tables, and the reason where one cannot be read.

    One without tables is of a run that was interrupted while it read; it is passed over where a later one of the same
    connection has its tables, since that has it all.
    """
    folder = project.folder / ".mamigrate" / "snapshots"
    opened = (
        [(path, _opened(path, cipher)) for path in sorted(folder.iterdir()) if path.is_dir() and not path.is_symlink()]
        if folder.is_dir()
        else []
    )
    newest: dict[str, datetime] = {}
    for _, one in opened:
        if isinstance(one, Snapshot) and one.sealed:
            newest[one.manifest.connection] = max(one.manifest.began_at, newest.get(one.manifest.connection, BEGINNING))
    for path, one in opened:
        if not isinstance(one, Snapshot) or one.sealed:
            yield path, one
        elif newest.get(one.manifest.connection, BEGINNING) <= one.manifest.began_at and any(
            state.pages for state in one.manifest.kinds.values()
        ):
            yield path, LocalTrouble("it was not read to its end", path=path)


def _opened(path: Path, cipher: Cipher | None) -> Snapshot | LocalTrouble:
    try:
        return Snapshot.open(path, cipher)
    except LocalTrouble as error:
        return error

"""Write why each cell is open, beside the records of consent, and judge it again from the two files alone."""

import hashlib
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, Self

import ibis
import orjson

from mamigrate import private
from mamigrate.chunks import chunks
from mamigrate.consent.fold import Fact
from mamigrate.consent.proof import derived
from mamigrate.consent.proof import record as records
from mamigrate.consent.proof.of_move.fill import Filled
from mamigrate.consent.proof.record import Chain
from mamigrate.consent.proof.tables import PLACE, SCOPE
from mamigrate.consent.proof.words import true
from mamigrate.consent.regimes import population
from mamigrate.consent.regimes.pack import Pack, packs
from mamigrate.ledger.tables import Derivations, Evidence
from mamigrate.stages import evidence
from mamigrate.stages.move import Move
from mamigrate.stages.people import ROWS

SUFFIX = ".derivations.ndjson"
Row = dict[str, Any]


@contextmanager
def writing(move: Move, at: datetime) -> Iterator["Writer"]:
    """A file of this run that is filled piece by piece, and sealed when the records of consent are written."""
    draft = move.project.evidence / f"{move.run_id}{SUFFIX}.draft"
    with private.replacing(draft) as out:
        writer = Writer(move, out, at)
        yield writer
    writer.keep(draft)


class Writer:
    """``cells`` is how many open cells were written."""

    def __init__(self, move: Move, out: IO[bytes], at: datetime) -> None:
        self._move, self._out = move, out
        self._key, self._chain, self._digest = evidence.key(move.project), Chain(), hashlib.sha256()
        self.cells = 0
        self._sealed: Evidence | None = None
        out.write(self._chain.line(derived.begin(at, population.asking(move.project.file.consent.regime))))

    def add(self, piece: Filled) -> None:
        """The open cells of a piece, those of a person and address that rest on the same facts in one line."""
        ids = self._ids(piece)
        for batch in self._move.engine.batches(_open(piece), ROWS):
            for row in batch:
                row["facts"] = {name for key in row["derivation"] or () for name in ids[key]}
                row["cells"] = [[one[name] for name in SCOPE] for one in row["cells"]]
                row["packs"] = row["packs"] or ()
                self._write(derived.line(row, self._key))
                self.cells += len(row["cells"])

    def _write(self, content: Row) -> None:
        self._digest.update(orjson.dumps(content))
        self._out.write(self._chain.line(content))

    def _ids(self, piece: Filled) -> dict[str, set[str]]:
        """The names of the records of all facts that an open cell rests on."""
        engine, found = self._move.engine, dict[str, set[str]]()
        open_ = piece.tables.verdicts.filter(true(piece.tables.verdicts.allowed))
        named = open_.select(key=open_.derivation.unnest()).distinct()
        facts = piece.facts.semi_join(named, "key").select("key", "address_strict", "address_loose").distinct()
        for batch in engine.batches(facts.order_by("key", "address_strict", "address_loose"), ROWS):
            for row in batch:
                found.setdefault(row["key"], set()).add(records.hidden(self._key, row["key"], row))
        return found

    def seal(self, one: Evidence) -> None:
        """Name the records that hold the facts."""
        self._write(derived.end(one.file, one.head, self.cells))
        self._sealed = one

    def keep(self, draft: Path) -> None:
        """Unless an earlier run derived the very same from the very same records: then its file stands."""
        assert self._sealed is not None
        path = draft.with_suffix("")
        made = Derivations(
            run_id=self._move.run_id, file=path.name, evidence=self._sealed.file, rows=self._chain.rows,
            head=self._chain.head, cells=self.cells, digest=self._digest.hexdigest(),
        )  # fmt: skip
        known = (one for one in self._move.ledger.derivations() if one.digest == made.digest)
        before = next((one for one in known if (path.parent / one.file).exists()), None)
        if before is None:
            os.replace(draft, path)
        else:
            draft.unlink()
            made = Derivations(**(before.model_dump() | {"run_id": self._move.run_id}))
        self._move.ledger.keep_derivations(made)


def _open(piece: Filled) -> Any:
    """(person, address, address_loose, asks, packs, derivation, cells), in order."""
    t = piece.tables
    asks = t.topics.select(*PLACE, asks=ibis.coalesce(t.topics.asks, True)).distinct()
    told = t.verdicts.filter(true(t.verdicts.allowed)).join(asks, list(PLACE))
    told = told.mutate(scope=ibis.struct({name: told[name] for name in SCOPE}), why=told.derivation.sort())
    where = ("person", "address", "address_loose", "asks", "why")
    grouped = told.group_by(*where).agg(cells=told.scope.collect()).rename(derivation="why")
    bound = t.bound.group_by("person").agg(packs=t.bound.pack.collect(distinct=True))
    joined = grouped.left_join(bound, "person").drop("person_right")
    return joined.order_by("person", "address", "address_loose", "asks", "derivation")


# --- judging again -------------------------------------------------------------------------------------------------------


def trouble(path: Path, folder: Path, one: Derivations | None = None) -> str:
    """Why what a file derives does not follow from the records in ``folder``, or nothing. Nothing but the two files is read.

    ``one``: rows and head as they were kept apart.
    """
    with path.open("rb") as lines:
        found = records.trouble(lines, one.rows if one else None, one.head if one else None)
    if found:
        return found
    first, last = _ends(path)
    known = folder / str(last.get("evidence", ""))
    if first.get("schema_version") != derived.SCHEMA or not known.is_file():
        return "the consent records that it rests on are not there"
    with known.open("rb") as lines:
        found = records.trouble(lines, head=last["evidence_head"])
    if found:
        return f"{known.name}: {found}"
    stale = [name for name, version in first["packs"].items() if _pack(name) != version]
    if stale:
        return (
            f"the pack {', '.join(stale)} is not the one that it was judged by: verify with the version that wrote it"
        )
    try:
        return _derived(path, known, datetime.fromisoformat(first["at"]))
    except (KeyError, TypeError, ValueError):
        return "a line, or a record, is not of the form that it must have"


def _pack(name: str) -> str:
    found = packs().get(name)
    return found.version if found else ""


def _ends(path: Path) -> tuple[Row, Row]:
    """The first line and the last."""
    first, last = b"{}", b"{}"
    with path.open("rb") as lines:
        for number, line in enumerate(lines):
            first, last = line if number == 0 else first, line
    return orjson.loads(first), orjson.loads(last)


def _derived(path: Path, known: Path, at: datetime) -> str:
    """The first line that does not follow. Facts wait in a file of their own, so that memory does not grow with them."""
    laws: dict[str, Pack] = packs()
    with TemporaryDirectory(prefix="mamigrate-") as folder, Facts(Path(folder)) as facts, path.open("rb") as lines:
        with known.open("rb") as told:
            facts.fill(told)
        for number, line in enumerate(lines, 1):
            one = orjson.loads(line)
            if "facts" not in one:
                continue
            wrong = derived.trouble(one, facts.near(one["person"], one["principal"]), at, laws)
            if wrong:
                return f"line {number} does not follow: {wrong}"
    return ""


class Facts:
    """The facts of a file of records, by the names of people and addresses."""

    def __init__(self, folder: Path) -> None:
        self._link = sqlite3.connect(folder / "facts.sqlite")
        self._link.execute("pragma journal_mode = off")
        self._link.execute("pragma synchronous = off")
        self._link.execute("create table fact (number integer primary key, person text, address text, line blob)")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._link.close()

    def fill(self, lines: Iterable[bytes]) -> None:
        for some in chunks(lines, ROWS):
            told = ((*derived.names(orjson.loads(line)), line) for line in some)
            self._link.executemany("insert into fact (person, address, line) values (?, ?, ?)", told)
        self._link.execute("create index by_person on fact (person)")
        self._link.execute("create index by_address on fact (address)")

    def near(self, person: str, address: str) -> list[Fact]:
        """All facts of a person or of an address."""
        rows = self._link.execute(
            "select line from fact where number in (select number from fact where person = ? union"
            " select number from fact where address = ?) order by number",
            (person, address),
        )
        return [derived.fact_of(orjson.loads(line)) for (line,) in rows]

"""Write the facts of a move as consent records, one line each, and read them back for the proof."""

import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from mamigrate import __version__, private
from mamigrate.chunks import chunks
from mamigrate.consent import address
from mamigrate.consent.proof import record as records
from mamigrate.consent.proof.record import Chain, Context, exported, record, sealed
from mamigrate.consent.proof.tables import SCHEMAS
from mamigrate.errors import UsageError
from mamigrate.ledger.tables import Evidence
from mamigrate.settings.decisions import COLUMN
from mamigrate.settings.project import Project
from mamigrate.snapshot.folder import Snapshot
from mamigrate.stages.move import Move
from mamigrate.stages.people import ROWS
from mamigrate.stages.prepare import Prepared
from mamigrate.stages.spans import about

KEY, KEY_BYTES = "key", 32
_SEALED = pa.schema([(name, pa.string()) for name in ("sealed", "key", "hash")])
_EXPORTED = pa.schema(
    [("sealed", pa.string()), *((name, SCHEMAS["evidence"].field(name).type) for name in ("lo", "hi"))]
)


def write(
    move: Move, prepared: Prepared, source: Snapshot, facts: ir.Table, lifted: ir.Table, bound: ir.Table
) -> Evidence:
    """Write the file of this run, unless an earlier run of this direction wrote the very same facts: then that one stands.

    ``facts`` as the proof's, with ``raw``; ``lifted`` are (denial, by), ``bound`` (winner, pack).
    """
    path = move.project.evidence / f"{move.run_id}.jsonl"
    draft = path.with_suffix(".draft")
    about = _context(move, prepared, source)
    # A file of another key, or of another form, is never the same one.
    chain, digest = Chain(), hashlib.sha256(f"{records.SCHEMA} {sealed(about.key, '')}\n".encode())
    with private.replacing(draft) as out:
        for row in _rows(move, facts, lifted, bound):
            digest.update(
                f"{row['key']}\x1f{row['hash']}\x1f{row['lo']}\x1f{row['hi']}\x1f{row['superseded_by']}\n".encode()
            )
            out.write(chain.line(record(row, about)))
    source_name, target_name = move.direction
    made = Evidence(
        run_id=move.run_id, source=source_name, target=target_name, file=path.name, rows=chain.rows, head=chain.head,
        digest=digest.hexdigest(),
    )  # fmt: skip
    return _keep(move, made, draft, path)


def _keep(move: Move, made: Evidence, draft: Path, path: Path) -> Evidence:
    own = [one for one in move.ledger.evidence() if (one.source, one.target) == (made.source, made.target)]
    before = next((one for one in own if one.digest == made.digest and (path.parent / one.file).exists()), None)
    if before is None:
        os.replace(draft, path)
    else:
        draft.unlink()
        made = Evidence(**(made.model_dump() | {"file": before.file, "rows": before.rows, "head": before.head}))
    move.ledger.keep_evidence(made)
    return made


def _rows(move: Move, facts: ir.Table, lifted: ir.Table, bound: ir.Table) -> Iterator[dict[str, Any]]:
    """In the order of their keys: span by span, because all of them are too wide to be sorted at once."""
    law = move.engine.keep(bound.group_by(person="winner").agg(regimes=bound.pack.collect(distinct=True)))
    for span in about(move.engine, facts):
        for batch in move.engine.batches(_ended(span(facts), span(lifted, "denial"), law), ROWS):
            for row in batch:
                row["regimes"] = sorted(row["regimes"] or ())
                row["superseded_by"] = sorted(row["superseded_by"] or ())
                yield row


def _ended(facts: ir.Table, lifted: ir.Table, law: ir.Table) -> ir.Table:
    ends = lifted.group_by("denial").agg(superseded_by=lifted.by.collect(distinct=True))
    told = facts.left_join(ends, facts.key == ends.denial).drop("denial")
    return told.left_join(law, "person").drop("person_right").order_by("key", "person", "hash", "lo")


def _context(move: Move, prepared: Prepared, source: Snapshot) -> Context:
    names: Mapping[str, str] = {topic.key: topic.name for topic in prepared.topics}
    places: dict[str, list[str]] = {}
    for rule in prepared.mapping.topics:
        if rule.target:
            places.setdefault(rule.source, []).append(rule.target)
    return Context(
        key(move.project),
        move.project.file.project.name or move.project.folder.name,
        move.source.name,
        move.source.adapter.name,
        source.manifest.began_at,
        __version__,
        names,
        {topic: ", ".join(found) for topic, found in places.items()},
        COLUMN,
        move.project.file.consent.signed,
        prepared.digest,
        f"{move.source.adapter.name} {__version__}",
        (move.target.name, move.target.adapter.name),
    )


def key(project: Project) -> bytes:
    """The key of the names in records, made when it is first asked for. It never leaves the project."""
    path = project.evidence / KEY
    if not path.exists():
        private.write(path, secrets.token_bytes(KEY_BYTES).hex().encode())
    return bytes.fromhex(path.read_text(encoding="ascii").strip())


def table(move: Move, one: Evidence, facts: ir.Table) -> ir.Table:
    """The proof's ``evidence``, as the file has it now. A record that is none of ``facts`` has neither key nor hash."""
    engine = move.engine
    with (move.project.evidence / one.file).open("rb") as lines:
        told = engine.gather(_batches(exported(lines), _EXPORTED), _EXPORTED)
    known = engine.gather(_batches(_sealed(move, facts), _SEALED), _SEALED)
    named = told.left_join(known, "sealed").mutate(population=ibis.literal(0, "int64"))
    return engine.keep(named.select(*SCHEMAS["evidence"].names))


def _sealed(move: Move, facts: ir.Table) -> Iterator[dict[str, Any]]:
    secret = key(move.project)
    for batch in move.engine.batches(facts.select("key", "hash").distinct(), ROWS):
        yield from ({"sealed": sealed(secret, row["hash"]), **row} for row in batch)


def _batches(found: Iterable[dict[str, Any]], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    for rows in chunks(found, ROWS):
        yield pa.RecordBatch.from_pylist(rows, schema)


def of_address(project: Project, files: Sequence[str], text: str) -> Iterator[tuple[str, bytes]]:
    """(file, line) of the consent records about an address, and about whoever had it in any of the files.

    Raises UsageError where there is no address, or no key to know it by.
    """
    loose = address.keys(text).loose
    if loose is None:
        raise UsageError("name an address", where="--who")
    if not (project.evidence / KEY).exists():
        raise UsageError("no consent records, and no key of them, are here", where="--who")
    paths, secret, found = [project.evidence / name for name in files], key(project), set[str]()
    for path in paths:
        with path.open("rb") as lines:
            found |= records.people(secret, loose, lines)
    for path in paths:
        with path.open("rb") as lines:
            yield from ((path.name, line) for line in records.of(secret, loose, lines, found))

"""Find the source's people on the target: by address, by ``mm_source_key``, by ids of a CRM, by the ledger's ids."""

from collections.abc import Iterable, Iterator, Sequence

import ibis
import ibis.expr.types as ir

from mamigrate.chunks import chunks
from mamigrate.consent.facts import with_keys
from mamigrate.contract import Finder, NeutralRow
from mamigrate.errors import UsageError
from mamigrate.model.kinds import Kind
from mamigrate.plan.origins import source_key
from mamigrate.snapshot.folder import Snapshot
from mamigrate.stages import crm, standing
from mamigrate.stages.crm import Link
from mamigrate.stages.move import Move
from mamigrate.stages.prepare import Prepared, own_fields

CHUNK = 3000
"""Values handed to the adapter at once; it cuts them into calls."""


def fields(move: Move, prepared: Prepared, link: Link, made: Iterable[str] = ()) -> list[str]:
    """Fields of people on the target that the move reads: those that it fills, as far as they stand there.

    ``made`` are fields that were created since the schema was read.
    """
    there = {f.api_name for f in prepared.target_fields if f.holder is Kind.PERSON} | {*made}
    names = {rule.target for rule in prepared.rules[Kind.PERSON].rules}
    names |= {new.name for new in own_fields(move)}
    names |= {rule.target for rule in (*prepared.mapping.topics, *prepared.former) if rule.target}
    names |= {*prepared.unasked.closed}
    names |= {move.target.adapter.key_fields.get(Kind.ACCOUNT, ""), prepared.owner_texts.field_of(Kind.PERSON)}
    names.add(prepared.field_of("email"))
    names |= standing.cause_fields(move) | {name for held in link.target.values() for name in held}
    return sorted(there & names)


def look_up(
    move: Move, people: Snapshot, target: Snapshot, fields: Sequence[str], email_field: str, held: ir.Table, link: Link
) -> None:
    """Fill the target snapshot's person table. ``held`` has the spellings of addresses of facts without a person."""
    finder = move.target.instance
    if not isinstance(finder, Finder):
        raise UsageError(f"{move.target.adapter.title} cannot look people up yet", where=move.target.name)
    target.keep_rows(Kind.PERSON, _found(move, finder, people, fields, email_field, held, link))


def _found(
    move: Move, finder: Finder, people: Snapshot, fields: Sequence[str], email_field: str, held: ir.Table, link: Link
) -> Iterator[list[NeutralRow]]:
    seen, keyed, found = move.engine.seen(), move.engine.seen(), 0
    key_field = move.target.adapter.key_fields[Kind.PERSON]

    def ask(by: str, values: Iterable[str]) -> Iterator[list[NeutralRow]]:
        nonlocal found
        for chunk in chunks(values, CHUNK):
            rows = {row["key"]: row for row in finder.find(Kind.PERSON, by, chunk, fields)}
            fresh = seen.fresh(rows)
            seen.add(fresh)
            keyed.add(keyed.fresh(key for one in fresh if (key := rows[one]["values"].get(key_field))))
            found += len(fresh)
            move.progress(f"look up {move.target.name} person", found, None)
            yield [with_keys(rows[key]) for key in fresh]

    yield from ask(email_field, _addresses(move, people, held))
    for name, ids in crm.asked_for(move, link, move.engine.table(people, Kind.PERSON)):
        yield from ask(name, ids)
    known = (row.target_key for row in move.ledger.iter_ids(*move.direction, Kind.PERSON))
    yield from ask("id", (key for part in chunks(known, CHUNK) for key in seen.fresh(part)))
    if key_field in fields:
        yield from ask(key_field, (key for part in chunks(_keys(move, people), CHUNK) for key in keyed.fresh(part)))
    move.progress(f"look up {move.target.name} person", found, found)


def _addresses(move: Move, people: Snapshot, held: ir.Table) -> Iterator[str]:
    """Every address once, whatever its case, second ones of people too; what is not ASCII cannot stand on the target."""
    table = move.engine.table(people, Kind.PERSON)
    living = table.filter(table.email_strict.notnull() & ~table.archived)
    others = table.filter(~table.archived).select(other=table.other_emails.unnest())
    columns = (living.email_strict, living.email_loose, others.other, held.address_strict, held.address_loose)
    texts = ibis.union(*(column.name("text").as_table() for column in columns))
    plain = texts.filter((texts.text != "") & texts.text.re_search(r"^[\x00-\x7f]*$"))
    once = plain.group_by(folded=plain.text.lower()).agg(text=plain.text.min())
    for rows in move.engine.batches(once.order_by("folded"), 5000):
        yield from (row["text"] for row in rows)


def _keys(move: Move, people: Snapshot) -> Iterator[str]:
    """The source keys of everybody, as they may stand on the target: archived and merged records may stand there too."""
    table = move.engine.table(people, Kind.PERSON)
    every = table.select("key").union(table.select(key=table.merged_keys.unnest()), distinct=True)
    for rows in move.engine.batches(every.order_by("key"), 5000):
        yield from (source_key(move.source.name, Kind.PERSON, row["key"]) for row in rows)

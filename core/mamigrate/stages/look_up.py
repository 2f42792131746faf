"""Find the source's people on the target: by address, by ``mm_source_key``, by the ledger's ids."""

from collections.abc import Iterable, Iterator, Sequence

from mamigrate.consent.facts import with_keys
from mamigrate.contract import Finder, NeutralRow
from mamigrate.errors import UsageError
from mamigrate.model.kinds import Kind
from mamigrate.snapshot.folder import Snapshot
from mamigrate.stages.move import Move

CHUNK = 3000
"""Values handed to the adapter at once; it cuts them into calls."""


def look_up(
    move: Move, people: Snapshot, target: Snapshot, fields: Sequence[str], email_field: str, addresses: Iterable[str]
) -> None:
    """Fill the target snapshot's person table. ``addresses`` are those of facts without a person."""
    finder = move.target.instance
    if not isinstance(finder, Finder):
        raise UsageError(f"{move.target.adapter.title} cannot look people up yet", where=move.target.name)
    target.keep_rows(Kind.PERSON, _found(move, finder, people, fields, email_field, addresses))


def _found(
    move: Move, finder: Finder, people: Snapshot, fields: Sequence[str], email_field: str, addresses: Iterable[str]
) -> Iterator[list[NeutralRow]]:
    seen: set[str] = set()

    def ask(by: str, values: Iterator[str]) -> Iterator[list[NeutralRow]]:
        for chunk in _chunks(values):
            rows = finder.find(Kind.PERSON, by, chunk, fields)
            fresh = [with_keys(row) for row in rows if row["key"] not in seen]
            seen.update(row["key"] for row in fresh)
            move.progress(f"look up {move.target.name} person", len(seen), None)
            yield fresh

    yield from ask(email_field, _addresses(move, people, addresses))
    key_field = move.target.adapter.key_fields[Kind.PERSON]
    if key_field in fields:
        yield from ask(key_field, _keys_without_address(move, people))
    known = (row.target_key for row in move.ledger.iter_ids(*move.direction, Kind.PERSON))
    yield from ask("id", (key for key in known if key not in seen))
    move.progress(f"look up {move.target.name} person", len(seen), len(seen))


def _addresses(move: Move, people: Snapshot, more: Iterable[str]) -> Iterator[str]:
    """Every address once by its loose key; addresses that are not ASCII cannot stand on the target under that text."""
    table = move.engine.table(people, Kind.PERSON)
    living = table.filter(table.email_strict.notnull() & ~table.archived)
    asked: set[str] = set()
    for rows in move.engine.batches(living.select("email_strict", "email_loose"), 5000):
        for row in rows:
            for text in {row["email_strict"], row["email_loose"]}:
                if text.isascii() and text.lower() not in asked:
                    asked.add(text.lower())
                    yield text
    yield from (text for text in more if text.isascii() and text.lower() not in asked)


def _keys_without_address(move: Move, people: Snapshot) -> Iterator[str]:
    table = move.engine.table(people, Kind.PERSON)
    for rows in move.engine.batches(table.filter(table.email_strict.isnull() & ~table.archived).select("key"), 5000):
        yield from (f"{move.source.name}/person/{row['key']}" for row in rows)


def _chunks(values: Iterator[str]) -> Iterator[list[str]]:
    held: list[str] = []
    for value in values:
        held.append(value)
        if len(held) == CHUNK:
            yield held
            held = []
    if held:
        yield held

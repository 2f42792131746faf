"""What of the history stands on the target already: by the ledger, and by the target's own log where the ledger cannot know.

It cannot where types of activities stood before this project made any (another project wrote into them), and of people whose
record on the target became another one since.
"""

from collections.abc import Iterator, Sequence

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from mamigrate.contract import Finder
from mamigrate.ledger.tables import IdMap
from mamigrate.model.kinds import Kind
from mamigrate.model.made import ADOPTED, CREATED
from mamigrate.plan.origins import source_key
from mamigrate.stages import ids
from mamigrate.stages.move import Move

TYPE = "activity_type"
"""What the ledger calls a type of activities that this project made, or looked through."""
PEOPLE = 300
"""Whose logs are held at once: one person may have thousands of activities."""
FOUND = pa.schema([("found_key", pa.string()), ("found", pa.string())])


def known_types(move: Move) -> frozenset[str]:
    return frozenset(move.ledger.ids(*move.direction, TYPE))


def keep_types(move: Move, names: Sequence[str], *, made: bool) -> None:
    """Note that what stands in these types is known from now on."""
    source, target = move.direction
    how = CREATED if made else ADOPTED
    rows = [
        IdMap(
            source=source,
            target=target,
            kind=TYPE,
            source_key=name,
            target_key=name,
            made=how,
            payload_hash="",
            run_id=move.run_id,
        )
        for name in names
    ]
    move.ledger.keep_ids(rows, fresh_only=True)


def with_done(move: Move, placed: ir.Table, heirs: ir.Table, strange: Sequence[str], names: Sequence[str]) -> ir.Table:
    """``placed`` with ``done``: the key of what stands on the target; null where it must be written.

    ``heirs`` (heir, gone): an activity of somebody who was merged since has the heir in its key now. ``strange`` are types of
    ``names`` that stood there before this project knew them.
    """
    ledger = ids.table(move, Kind.ACTIVITY).select(ledger_key="source_key", by_ledger="target_key")
    known = move.engine.keep(_with_heirs(placed, heirs, ledger))
    joined = placed.left_join(known, placed.key == known.ledger_key)
    joined = move.engine.keep(joined.mutate(on=ibis._.by_ledger.split("/")[0]))
    moved = joined.by_ledger.notnull() & (joined.on != joined.person_target)
    asked = joined.filter(joined.by_ledger.isnull() | moved) if strange else joined.filter(moved)
    people = asked.filter(asked.person_target.notnull()).select("person_target").distinct().order_by("person_target")
    found = move.engine.gather(_found(move, people, names), FOUND)
    found = found.group_by("found_key").agg(found=found.found.min())  # one that stands there twice is one
    joined = joined.left_join(found, joined.key == found.found_key)
    moved = (joined.on != joined.person_target).fill_null(False)
    done = ibis.coalesce(joined.found, moved.ifelse(ibis.null("string"), joined.by_ledger))
    return joined.mutate(done=done).drop("ledger_key", "by_ledger", "on", "found_key", "found")


def _with_heirs(placed: ir.Table, heirs: ir.Table, ledger: ir.Table) -> ir.Table:
    """``ledger`` with what it knows of merged people under the keys that their activities have now."""
    of_heirs = placed.filter(placed.person_key.notnull()).join(heirs, placed.person_key == heirs.heir)
    former = of_heirs.select(
        now_key="key",
        ledger_key=("/" + of_heirs.key + "/").replace("/" + of_heirs.heir + "/", "/" + of_heirs.gone + "/"),
    )
    former = former.mutate(ledger_key=ibis._.ledger_key.substr(1, ibis._.ledger_key.length() - 2))
    more = former.join(ledger, "ledger_key").select("by_ledger", ledger_key="now_key")
    every = ledger.union(more.anti_join(ledger, "ledger_key"))
    return every.group_by("ledger_key").agg(by_ledger=ibis._.by_ledger.min())


def _found(move: Move, people: ir.Table, names: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """What these people's logs hold of ours."""
    finder, prefix = move.target.instance, source_key(move.source.name, Kind.ACTIVITY, "")
    asked = 0
    for batch in move.engine.batches(people, PEOPLE):
        if not isinstance(finder, Finder):
            return
        keys = [row["person_target"] for row in batch]
        rows = finder.find(Kind.ACTIVITY, "person", keys, names)
        ours = {row["values"].get("source_key", ""): row["key"] for row in rows}
        kept = [
            {"found_key": key.removeprefix(prefix), "found": at} for key, at in ours.items() if key.startswith(prefix)
        ]
        asked += len(keys)
        move.progress(f"look up {move.target.name} history", asked, None)
        yield pa.RecordBatch.from_pylist(kept, FOUND)

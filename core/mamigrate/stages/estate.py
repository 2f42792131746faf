"""The estate and the records around people: planned from snapshots, written before or after the people as links need."""

from collections.abc import Iterator, Sequence

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from mamigrate.capabilities import Power
from mamigrate.chunks import chunks
from mamigrate.contract import Finder
from mamigrate.findings import Severity
from mamigrate.ledger.tables import MERGED, Account, IdMap
from mamigrate.mapping.owners import HOLDERS
from mamigrate.model.estate import List
from mamigrate.model.kinds import Kind
from mamigrate.plan import estate
from mamigrate.plan.model import NEW_FIELD, Bucket, Planned
from mamigrate.plan.origins import source_key
from mamigrate.plan.records import RecordPlanner
from mamigrate.snapshot.folder import Snapshot
from mamigrate.stages import ids, settle
from mamigrate.stages.apply import Writing
from mamigrate.stages.listed import Listed
from mamigrate.stages.look_up import CHUNK
from mamigrate.stages.move import Move
from mamigrate.stages.plan import WRITTEN, Plan
from mamigrate.stages.prepare import Prepared

STANDING = pa.schema(
    [
        ("source_key", pa.string()),
        ("target_key", pa.string()),
        ("target_values", pa.map_(pa.string(), pa.string())),
        ("standing_people", pa.list_(pa.string())),
        ("standing_accounts", pa.list_(pa.string())),
    ]
)
NAME_MEANING = {Kind.ACCOUNT: "account_name", Kind.OPPORTUNITY: "opportunity_name"}


def objects(
    move: Move, prepared: Prepared, source: Snapshot, listed: Listed, made: frozenset[str] = frozenset()
) -> Iterator[Planned]:
    """The planned fate of every estate object. ``listed`` is what stands on the target of lists that we wrote.

    ``made`` are fields of the target that this very run made: what goes into them is told as created.
    """
    missing = made.union(new.name for new in prepared.missing)
    yield from estate.fields(prepared.mapping, prepared.source_fields, missing)
    yield from estate.topics(prepared.mapping, prepared.topics, missing)
    yield from estate.owners(prepared.owners, prepared.owner_texts, _owned(move, source))
    yield from lists(move, source, listed)
    for kind in estate.HANDED:
        yield from estate.handed(kind, source.estate(kind))


def _owned(move: Move, source: Snapshot) -> dict[tuple[Kind, str], int]:
    """Living records of each kind by their owner."""
    owned: dict[tuple[Kind, str], int] = {}
    for kind in (kind for kind in HOLDERS if source.has(kind)):
        table = move.engine.table(source, kind).filter(lambda t: ~t.archived & t.owner_key.notnull())
        for row in move.engine.rows(table.group_by("owner_key").agg(n=ibis._.count())):
            owned[kind, row["owner_key"]] = row["n"]
    return owned


def lists(move: Move, source: Snapshot, listed: Listed) -> Iterator[Planned]:
    gone = move.ledger.ids(*move.direction, Kind.LIST).keys() - listed.lists.keys()
    found = [one for one in source.estate(Kind.LIST) if isinstance(one, List)]
    yield from estate.lists(found, listed.lists, gone, can_write=_can(move, Kind.LIST))


def records(
    move: Move, prepared: Prepared, source: Snapshot, kind: Kind, target: ir.Table, absent: ir.Table
) -> Iterator[Planned]:
    """Accounts or opportunities. ``target`` has (source_key, target_key, target_values), ``absent`` (lost_key) of people to
    whom none is tied.
    """
    table = move.engine.table(source, kind)
    if not _can(move, kind):
        yield from _handed_rows(move, table, kind)
        return
    own = table.mutate(own_key=ibis.literal(f"{move.source.name}/{kind.value}/") + table.key)
    joined = own.left_join(target, own.own_key == target.source_key)
    if kind is Kind.OPPORTUNITY:
        joined = _with_people(move, source, joined, absent)
    fields = [f for f in prepared.target_fields if f.holder is kind and f.meaning == NAME_MEANING[kind]]
    name_field, owner_place = fields[0].api_name if fields else "", prepared.owner_texts.places.get(kind)
    planner = RecordPlanner(move.source.name, kind, prepared.rules[kind], name_field, owner_place)
    for batch in move.engine.batches(joined.order_by("key"), 1000):
        yield from (planner.plan(row) for row in batch)


def look_up_records(move: Move, prepared: Prepared, source: Snapshot, kind: Kind) -> ir.Table:
    """What the target holds under our source keys: (source_key, target_key, target_values), and the ties of opportunities."""
    return move.engine.gather(_standing(move, prepared, source, kind), STANDING)


def _standing(move: Move, prepared: Prepared, source: Snapshot, kind: Kind) -> Iterator[pa.RecordBatch]:
    finder = move.target.instance
    if not isinstance(finder, Finder) or not _can(move, kind):
        return
    table = move.engine.table(source, kind)
    key_field = move.target.adapter.key_fields[kind]
    fields = [key_field, *(rule.target for rule in prepared.rules[kind].rules)]
    fields += [name] if (name := prepared.owner_texts.field_of(kind)) else []
    for batch in move.engine.batches(table.filter(~table.archived).select("key").order_by("key"), CHUNK):
        keys = [source_key(move.source.name, kind, row["key"]) for row in batch]
        rows = [
            {
                "source_key": found["values"].get(key_field),
                "target_key": found["key"],
                "target_values": sorted(found["values"].items()),
                "standing_people": found.get("person_keys"),
                "standing_accounts": found.get("account_keys"),
            }
            for found in finder.find(kind, key_field, keys, fields)
        ]
        yield pa.RecordBatch.from_pylist(rows, STANDING)


def apply_records(move: Move, plan: Plan, kind: Kind, planned: Iterator[Planned]) -> None:
    if _can(move, kind):
        Writing(move, plan, kind.value, kind).write(planned, plan.number(kind, *WRITTEN))
    else:
        for part in chunks(planned, 5000):
            move.ledger.account(_accounts(move, part))


def apply_objects(move: Move, plan: Plan, prepared: Prepared, source: Snapshot, listed: Listed) -> None:
    """Lists are written; the fate of everything else is accounted for."""
    writing = Writing(move, plan, "lists", Kind.LIST, begun=settle.begun(move, Kind.LIST))
    writing.write(lists(move, source, listed), plan.number(Kind.LIST, *WRITTEN))
    rest = [one for one in objects(move, prepared, source, listed, _made(move)) if one.kind != Kind.LIST]
    move.ledger.account(_accounts(move, rest), fresh_only=True)


def _made(move: Move) -> frozenset[str]:
    """Fields that this run made, its earlier processes too: whoever goes on finds them standing."""
    kept = move.ledger.accounts(move.run_id, NEW_FIELD)
    return frozenset(one.source_key for one in kept if one.bucket != Bucket.REJECTED)


def memberships(move: Move, source: Snapshot, listed: Listed, absent: ir.Table) -> Iterator[Planned]:
    """Members of static lists, once lists and people stand on the target. ``absent`` has (lost_key, lost_why) of people who
    have no record of their own there."""
    table = move.engine.table(source, Kind.LIST_MEMBERSHIP)
    if not source.has(Kind.LIST_MEMBERSHIP):
        return
    joined = table.left_join(_id_table(move, Kind.LIST, "list"), "list_key").drop("list_key_right")
    joined = joined.left_join(ids.of_people(move, source, absent), "person_key").drop("person_key_right")
    done = _id_table(move, Kind.LIST_MEMBERSHIP, "membership")
    joined = joined.left_join(done, joined.key == done.membership_key).drop("membership_key")
    joined = joined.mutate(place=joined.list_target + "/" + joined.person_target)
    joined = joined.left_join(listed.members, joined.place == listed.members.pair)
    joined = joined.left_join(absent, joined.person_key == absent.lost_key)
    dynamic = {one.key for one in source.estate(Kind.LIST) if isinstance(one, List) and one.dynamic}
    for batch in move.engine.batches(joined.order_by(["list_key", "person_key"]), 5000):
        yield from (_membership(row, dynamic) for row in batch)


def _membership(row: dict[str, str | None], dynamic: set[str]) -> Planned:
    kind, key = Kind.LIST_MEMBERSHIP, str(row["key"])
    if row["list_key"] in dynamic:
        return Planned(kind, key, Bucket.HANDED, "dynamic")
    if row["list_target"] is None:
        return Planned(kind, key, Bucket.LEFT, "list_not_on_target")
    if row["lost_why"] not in (None, "gone_on_target"):
        return Planned(kind, key, Bucket.LEFT, "person_parked", str(row["lost_why"]))
    if row["person_target"] is None:
        return Planned(kind, key, Bucket.LEFT, "person_not_on_target")
    pair = f"{row['list_target']}/{row['person_target']}"
    if row["pair"] == pair:
        return Planned(kind, key, Bucket.EQUAL, "ledger" if row["membership_target"] else "in_list", target_key=pair)
    links = {"list": (str(row["list_target"]),), "person": (str(row["person_target"]),)}
    reason = "gone_on_target" if row["membership_target"] else "new"
    return Planned(kind, key, Bucket.CREATED, reason, links=links)


def merged_ids(move: Move, merged: ir.Table) -> None:
    """Let records that were merged into a winner point at the winner's target record, for their memberships and deals."""
    source, target = move.direction
    every = ids.table(move, Kind.PERSON)
    known = every.select("target_key", winner="source_key")
    # A record of its own is never forgotten: who has one is held there, and a rollback must find it.
    own = every.filter(every.made != MERGED).select(own_key="target_key", person_key="source_key")
    pairs = merged.join(known, "winner")
    elsewhere = pairs.join(own, "person_key").filter(lambda t: t.own_key != t.target_key).select("person_key")
    for batch in move.engine.batches(pairs.anti_join(elsewhere, "person_key"), 5000):
        rows = [
            IdMap(source=source, target=target, kind=Kind.PERSON, source_key=row["person_key"],
                  target_key=row["target_key"], made=MERGED, payload_hash="", run_id=move.run_id)
            for row in batch
        ]  # fmt: skip
        move.ledger.keep_ids(rows)


def _id_table(move: Move, kind: Kind, name: str) -> ir.Table:
    return ids.table(move, kind).select(**{f"{name}_key": "source_key", f"{name}_target": "target_key"})


def _with_people(move: Move, source: Snapshot, joined: ir.Table, absent: ir.Table) -> ir.Table:
    """Opportunities with the target keys of their people."""
    people = ids.of_people(move, source, absent)
    joined = move.engine.keep(joined)
    taking_part = move.engine.keep(joined.select("key", person_key=joined.person_keys.unnest()))
    pairs = taking_part.join(people, "person_key")
    grouped = pairs.group_by("key").agg(target_people=pairs.person_target.collect(distinct=True).sort())
    return joined.left_join(grouped, "key").drop("key_right")


def tell_unlinked(move: Move, source: Snapshot, absent: ir.Table) -> None:
    """People of opportunities who are not on the target: what is left of their part is a finding. Ask once people are written."""
    if not _can(move, Kind.OPPORTUNITY):
        return
    deals = move.engine.table(source, Kind.OPPORTUNITY).filter(lambda t: ~t.archived)
    pairs = move.engine.keep(deals.select("key", person_key=deals.person_keys.unnest()))
    missing = pairs.anti_join(ids.of_people(move, source, absent), "person_key")
    for batch in move.engine.batches(missing.order_by(["key", "person_key"]), 1000):
        for row in batch:
            subject = f"{move.source.name}/{Kind.OPPORTUNITY}/{row['key']}"
            move.findings.add("person_not_linked", Severity.WARN, subject, field="person", value=row["person_key"])


def hand_over(move: Move, source: Snapshot, kind: Kind) -> None:
    """Account for every row of a kind that the target does not take."""
    for part in chunks(_handed_rows(move, move.engine.table(source, kind), kind), 5000):
        move.ledger.account(_accounts(move, part))


def _handed_rows(move: Move, table: ir.Table, kind: Kind) -> Iterator[Planned]:
    row = move.target.adapter.capabilities.of(kind, Power.WRITE)
    why = move.target.closed().get(kind) or f"{row.level}: {row.reason}"
    for batch in move.engine.batches(table.select("key").order_by("key"), 10_000):
        yield from (Planned(kind, one["key"], Bucket.HANDED, "not_written", why) for one in batch)


def _accounts(move: Move, planned: Sequence[Planned]) -> Sequence[Account]:
    return [
        Account(
            run_id=move.run_id,
            kind=p.kind,
            source_key=p.key,
            bucket=p.bucket,
            reason=p.reason,
            detail=p.detail,
            target_key=p.target_key or "",
        )
        for p in planned
    ]


def _can(move: Move, kind: Kind) -> bool:
    return move.target.takes(kind)

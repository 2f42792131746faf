"""The sums of a run: what was read, counted in the snapshots, beside where it ended, counted in the ledger.

The two sides never look at each other, so that an object which got lost on the way leaves a sum that does not close.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from mamigrate.consent import inside, pending, verdict
from mamigrate.findings import Severity
from mamigrate.ledger.tables import Account as AccountRow
from mamigrate.model.kinds import ESTATE, Kind
from mamigrate.plan.model import NEW_FIELD, ONLY_DENIAL, Bucket
from mamigrate.plan.suppressed import DEPARTED, STRANDED, SUPPRESSED
from mamigrate.snapshot.folder import Snapshot
from mamigrate.stages.move import Move
from mamigrate.stages.people import PeoplePlan, denied_addresses

Accounts = dict[str, dict[str, Any]]
NOTHING: Mapping[Kind, int] = {}

HELD_BY = {Bucket.UPDATED: Bucket.CREATED, Bucket.MERGED: Bucket.EQUAL}
"""What holds a denial on the target now, by what it means for the denial: written by this run, or there already."""
FATES = (Bucket.CREATED, Bucket.EQUAL, Bucket.HANDED, Bucket.REJECTED, Bucket.PARKED, Bucket.LEFT)
"""Where a denial can end, the best first: it ended where the best of its holders did."""
HELD = pa.schema([("kind", pa.string()), ("held_key", pa.string()), ("rank", pa.int8()), ("reason", pa.string())])
Ended = Counter[tuple[str, str]]
"""How many ended in a bucket for a reason."""
NOBODY = "holder_unknown"
"""Why a denial is parked whose person the source does not know."""


def accounts(move: Move, people: PeoplePlan, source: Snapshot, derived: Mapping[Kind, int] = NOTHING) -> Accounts:
    """By kind: objects read, objects in each bucket, and whether the sums close. A sum that is open is a finding.

    ``derived`` are objects that the source has not as such, and that rules make of others.
    """
    sums = move.ledger.sums(move.run_id)
    sums.pop(NEW_FIELD, None)
    ended = move.engine.keep(_ended(move))
    facts = _facts_ended(move, people, source, ended)
    sums[Kind.CONSENT_FACT] = _by_bucket(facts)
    read = {kind.value: number(move, source, kind) for kind in source.manifest.kinds}
    read[Kind.CONSENT_FACT] = _facts_read(move, source)
    read[SUPPRESSED] = _addresses_read(move, people, source, ended)
    for more, n in derived.items():
        read[more.value] = read.get(more.value, 0) + n
    found = {kind: _account(read[kind], sums.get(kind, {})) for kind in read if read[kind] or kind in sums}
    if Kind.CONSENT_FACT in found:
        found[Kind.CONSENT_FACT]["because"] = [[*why, n] for why, n in sorted(facts.items())]
    for kind, one in found.items():
        if not one["closed"]:
            numbers = {"read": str(one["read"]), "accounted": str(sum(one["buckets"].values()))}
            move.findings.add("open_sum", Severity.BLOCK, f"{move.source.name}/{kind}", **numbers)
    return found


def _account(read: int, buckets: dict[str, int]) -> dict[str, Any]:
    return {"read": read, "buckets": buckets, "closed": sum(buckets.values()) == read}


def _by_bucket(ended: Ended) -> dict[str, int]:
    found = Counter[str]()
    for (bucket, _), n in ended.items():
        found[bucket] += n
    return dict(found)


def number(move: Move, source: Snapshot, kind: Kind) -> int:
    """Objects of a kind, each once, however often paging brought it."""
    return len(source.estate(kind)) if kind in ESTATE else _number(move, move.engine.table(source, kind))


def _ended(move: Move) -> ir.Table:
    """(kind, held_key, rank, reason) of people and denied addresses, from the ledger."""
    return move.engine.memory(pa.Table.from_batches(_held(move), HELD))


def _held(move: Move) -> Iterator[pa.RecordBatch]:
    for kind in (Kind.PERSON.value, SUPPRESSED):
        every = move.ledger.accounts(move.run_id, kind)
        while rows := list(islice(every, 10_000)):
            ranks = [FATES.index(_holds(row)) for row in rows]
            columns = [[kind] * len(rows), [row.source_key for row in rows], ranks, [row.reason for row in rows]]
            yield pa.record_batch([pa.array(c, f.type) for c, f in zip(columns, HELD, strict=True)], schema=HELD)


def _holds(row: AccountRow) -> Bucket:
    """What holds a denial of this person or address, as a bucket. Of who is new and was refused, the denial was written."""
    bucket = Bucket.CREATED if row.reason == ONLY_DENIAL else Bucket(row.bucket)
    return HELD_BY.get(bucket, bucket)


# --- consent facts -------------------------------------------------------------------------------------------------


def _facts_read(move: Move, source: Snapshot) -> int:
    """Facts in the source's snapshot, in files and in declared columns."""
    return _number(move, move.engine.table(source, Kind.CONSENT_FACT)) + move.filed + move.buried + move.declared


def _facts_ended(move: Move, people: PeoplePlan, source: Snapshot, ended: ir.Table) -> Ended:
    """A denial of today ends where the ledger says its holders did, for the same reason; what denies nothing today stays as evidence.

    A denial whose holder the ledger does not know ends nowhere: the sum stays open.
    """
    facts, now = pending.apart(inside.apart(people.facts)), move.engine.instant(source.manifest.began_at)
    denials = verdict.active_denials(facts, now).select("holder", "person_key", "address_loose")
    numbered = move.engine.keep(denials.mutate(number=ibis.row_number()))
    everybody = move.engine.table(source, Kind.PERSON)
    # Step by step: one query of all these joins needs more memory the more people there are.
    holders = move.engine.keep(_holders(numbered, everybody))
    best = (
        holders.join(ended, ["kind", "held_key"])
        .group_by("number")
        .agg(fate=(ibis._["rank"].cast("string") + "|" + ibis._.reason).min())
    )
    best = move.engine.keep(best)
    counts: Ended = Counter()
    for row in move.engine.rows(best.group_by("fate").agg(n=ibis._.count())):
        rank, _, reason = row["fate"].partition("|")
        counts[FATES[int(rank)].value, reason] += int(row["n"])
    counts[Bucket.PARKED.value, NOBODY] += _of_nobody(move, numbered.anti_join(best, "number"), everybody)
    for reason, n in _kept_as_evidence(move, facts, source).items():
        counts[Bucket.LEFT.value, reason] += n
    return +counts


def _kept_as_evidence(move: Move, facts: ir.Table, source: Snapshot) -> dict[str, int]:
    """Facts that deny nothing today, by the reason. They stay in the snapshot."""
    facts = move.engine.keep(facts.select("polarity", "until", "channel"))
    now = move.engine.instant(source.manifest.began_at)
    denying = verdict.active_denials(facts, now)
    over = (facts.polarity == "-") & facts.until.notnull() & (facts.until <= now)
    why = ibis.cases((facts.polarity == "+", "says_yes"), (facts.polarity == "0", "waits_for_yes"), (over, "denial_over"),
                     else_="other_channel")  # fmt: skip
    every = Counter({row["why"]: row["n"] for row in move.engine.rows(facts.group_by(why=why).agg(n=ibis._.count()))})
    every["other_channel"] -= _number(move, denying)
    return dict(+every)


def _holders(denials: ir.Table, people: ir.Table) -> ir.Table:
    """(number, kind, held_key) of everybody who may hold a denial: its person, whoever took that record over or has its
    address, and the address itself."""
    person, address = ibis.literal(Kind.PERSON.value), ibis.literal(SUPPRESSED)
    own = denials.filter(denials.person_key.notnull()).select("number", kind=person, held_key="person_key")
    heirs = verdict.heirs(people).select("heir", person_key="gone")
    taken = denials.join(heirs, "person_key").select("number", kind=person, held_key="heir")
    addressed = people.filter(people.email_loose.notnull()).select(other=people.key, address_loose=people.email_loose)
    shared = denials.join(addressed, "address_loose").select("number", kind=person, held_key="other")
    alone = denials.filter(denials.address_loose.notnull())
    return own.union(taken).union(shared).union(alone.select("number", kind=address, held_key="address_loose"))


def _of_nobody(move: Move, denials: ir.Table, people: ir.Table) -> int:
    """Denials that name nobody whom the source knows, and no address: each is a finding already."""
    known = people.select(person_key=people.key).union(people.select(person_key=people.merged_keys.unnest()))
    nowhere = denials.filter((denials.holder == "person") | denials.address_loose.isnull())
    return _number(move, nowhere.anti_join(known, "person_key"))


# --- denied addresses ----------------------------------------------------------------------------------------------


def _addresses_read(move: Move, people: PeoplePlan, source: Snapshot, ended: ir.Table) -> int:
    """Denied addresses that belong to no source person, and records on the target that had to be denied beside them.

    Those are further records with such an address, records of people who could not be written, by address or by an earlier
    run, and people of earlier runs who left the source. What the ledger holds and none of this explains is not counted:
    the sum stays open.
    """
    everybody = move.engine.table(source, Kind.PERSON)
    lone = denied_addresses(people.facts, everybody, move.engine.instant(source.manifest.began_at))
    lone = move.engine.keep(lone.select(known="address_loose").distinct())
    beside = move.engine.keep(
        ended.filter(ended.kind == SUPPRESSED).anti_join(lone, ended.held_key == lone.known).select("held_key")
    )
    living = everybody.filter(~everybody.archived)
    own = living.filter(living.email_loose.notnull()).select(known="email_loose")
    explained = move.engine.keep(lone.union(own).distinct())
    base = ibis.coalesce(beside.held_key.re_extract("^(.*)#[^#]*$", 1).nullif(""), beside.held_key)
    direct = beside.semi_join(explained, beside.held_key == explained.known)
    further = beside.mutate(base=base).semi_join(explained, ibis._.base == explained.known).select("held_key")
    left = beside.filter(beside.held_key.startswith(DEPARTED)).mutate(gone=ibis._.held_key.substr(len(DEPARTED)))
    alone = people.clusters.filter(people.clusters.person_key == people.clusters.winner).select(gone="person_key")
    left = left.anti_join(alone, "gone").select("held_key")
    parked = beside.mutate(winner=beside.held_key.re_extract(f"^{STRANDED}(.*)#[^#]*$", 1))
    parked = parked.semi_join(people.clusters, "winner").select("held_key")
    return _number(move, lone) + _number(move, direct.union(further).union(left).union(parked).distinct())


def _number(move: Move, table: ir.Table) -> int:
    return int(move.engine.one(table.agg(n=ibis._.count()))["n"])

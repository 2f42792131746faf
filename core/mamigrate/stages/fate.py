"""What became of one person: what was planned, what the ledger holds of it, and what of the person's data did not move."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mamigrate.model.base import EstateObject
from mamigrate.model.kinds import Kind
from mamigrate.plan import estate
from mamigrate.plan.model import Bucket, Planned
from mamigrate.plan.suppressed import SUPPRESSED
from mamigrate.plan.values import coalesce
from mamigrate.stages.person import Person
from mamigrate.stages.reopen import Judged

Row = dict[str, Any]
ARRIVED = frozenset({Bucket.CREATED, Bucket.UPDATED, Bucket.EQUAL})


def planned(judged: Judged, person: Person) -> list[Row]:
    """What was planned for each record and address, with the values to be written and what they replace."""
    plan, sealed = person.plan, _sealed(judged, (Kind.PERSON.value, SUPPRESSED))
    every = (*plan.people_planned(), *plan.others(), *plan.suppressions_planned())
    return [_planned(one, sealed.get((one.kind, one.key))) for one in every]


def _planned(one: Planned, sealed: Row | None) -> Row:
    """``as_sealed``: the values are the very ones that the plan was sealed with."""
    told = sealed or {
        "bucket": one.bucket.value,
        "reason": one.reason,
        "detail": one.detail,
        "target_key": one.target_key,
    }
    return {
        "kind": one.kind,
        "key": one.key,
        **{name: told[name] or "" for name in ("bucket", "reason", "detail", "target_key")},
        "as_sealed": sealed is not None and sealed["values_hash"] == one.values_hash,
        "values": dict(one.values),
        "before": dict(one.before),
        "permission": dict(one.permission),
        "kept": list(one.kept),
        "shown": list(one.shown),
        "lost": [{"field": field, "why": code, "value": value} for field, code, value in one.lost],
    }


def _sealed(judged: Judged, kinds: Sequence[str], keys: Sequence[str] | None = None) -> dict[tuple[str, str], Row]:
    """Rows of the plan's ``changes.parquet``, by kind and key; ``keys`` None: all of the kinds."""
    engine = judged.move.engine
    rows = engine.parquet(judged.plan / "changes.parquet")
    rows = rows.filter(rows.kind.isin(list(kinds)))
    found = engine.rows(rows if keys is None else rows.filter(rows.key.isin(list(keys))))
    return {(row["kind"], row["key"]): row for row in found}


# --- the ledger ------------------------------------------------------------------------------------------------------


def outcomes(judged: Judged, told: Sequence[Row]) -> list[Row]:
    """Where the ledger says that what is ``told`` (as by ``planned``) ended in this run."""
    ledger, keys = judged.move.ledger, _keys(told)
    every = [one for kind in keys for one in ledger.accounts_of(judged.run.id, kind, keys[kind])]
    return [{name: value for name, value in one._asdict().items() if name != "run_id"} for one in every]


def ids(judged: Judged, told: Sequence[Row]) -> list[Row]:
    """Which target record each became, in any run of this direction."""
    move, keys = judged.move, _keys(told)
    every = [one for kind in keys for one in move.ledger.ids_of(*move.direction, kind, keys[kind])]
    names = ("kind", "source_key", "target_key", "made", "run_id", "undone")
    return [{name: getattr(one, name) for name in names} for one in every]


def _keys(told: Sequence[Row]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in told:
        found.setdefault(one["kind"], []).append(one["key"])
    return found


# --- what hangs on the person ----------------------------------------------------------------------------------------


def belongings(judged: Judged, person: Person, records: Sequence[Row]) -> list[Row]:
    """Lists, companies and deals of the records, and where each ended. ``bucket`` empty: not planned yet."""
    move, keys = judged.move, list(person.few.keys)
    engine, source = move.engine, judged.source
    members = engine.table(source, Kind.LIST_MEMBERSHIP)
    lists = engine.rows(members.filter(members.person_key.isin(keys)).order_by("key"))
    names = _names(source.estate(Kind.LIST))
    held = [(Kind.LIST_MEMBERSHIP, r["key"], names.get(r["list_key"], r["list_key"]), r["person_key"]) for r in lists]
    for kind, own in ((Kind.ACCOUNT, _accounts(judged, keys)), (Kind.OPPORTUNITY, _deals(judged, keys))):
        table = engine.table(source, kind)
        titles = engine.rows(table.filter(table.key.isin([key for key, _ in own])).select("key", "name"))
        titled = {row["key"]: row["name"] or "" for row in titles}
        held += [(kind, key, titled.get(key, ""), of) for key, of in own]
    ended = _ended(judged, held)
    return [_belonging(ended.get((kind.value, key), {}), kind, key, name, of) for kind, key, name, of in held]


def _ended(judged: Judged, held: Sequence[tuple[Kind, str, str, str]]) -> dict[tuple[str, str], Mapping[str, Any]]:
    """Where each object ended by the ledger, else where the plan says that it will."""
    keys: dict[str, list[str]] = {}
    for kind, key, *_ in held:
        keys.setdefault(kind.value, []).append(key)
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    for kind_, own in keys.items():
        found |= _sealed(judged, [kind_], own)
        accounts = judged.move.ledger.accounts_of(judged.run.id, kind_, own)
        found |= {(kind_, one.source_key): one._asdict() for one in accounts}
    return found


def _belonging(ended: Mapping[str, Any], kind: Kind, key: str, name: str, of: str) -> Row:
    bucket = ended.get("bucket", "")
    return {
        "kind": kind.value,
        "key": key,
        "name": name,
        "person_key": of,
        "bucket": bucket,
        "reason": ended.get("reason", ""),
        "arrived": bucket in ARRIVED,
    }


def _accounts(judged: Judged, keys: Sequence[str]) -> list[tuple[str, str]]:
    """(account, person)."""
    people = judged.people.people
    pairs = people.filter(people.key.isin(list(keys))).select("key", account=people.account_keys.unnest())
    return [(row["account"], row["key"]) for row in judged.move.engine.rows(pairs.order_by("account", "key"))]


def _deals(judged: Judged, keys: Sequence[str]) -> list[tuple[str, str]]:
    """(deal, person)."""
    engine = judged.move.engine
    deals = engine.table(judged.source, Kind.OPPORTUNITY)
    pairs = deals.select("key", person=deals.person_keys.unnest())
    found = engine.rows(pairs.filter(pairs.person.isin(list(keys))).order_by("key", "person"))
    return [(row["key"], row["person"]) for row in found]


def _names(objects: Sequence[EstateObject]) -> dict[str, str]:
    return {one.key: one.name for one in objects}


# --- what did not move -------------------------------------------------------------------------------------------------


def lost(judged: Judged, person: Person, told: Sequence[Row], facts: Sequence[Row]) -> list[Row]:
    """Values of the person that are not on the target: (key, field, why, value, detail). ``facts`` are the person's."""
    found = [{"key": one["key"], **loss, "detail": ""} for one in told for loss in one["lost"]]
    elsewhere = _elsewhere(judged, facts)
    return [*found, *_unmoved(judged, person, elsewhere), *_older(judged, person, elsewhere)]


CARRIED = ("email", "lead_source", "original_source_detail", "first_conversion_name", "first_conversion_at")
"""Meanings of fields that reach the target without a rule: the address, and what the program's own fields keep."""


def _elsewhere(judged: Judged, facts: Sequence[Row]) -> frozenset[str]:
    """Fields of the source that reach the target by another way than a rule: as consent facts, or as CARRIED."""
    blockers, begins = judged.move.source.adapter.blockers, f"{judged.move.source.name}/person/"
    names = {name for one in blockers for name in (one.field, one.hours_from)}
    names |= {one["source_ref"].rpartition("/")[2] for one in facts if one["source_ref"].startswith(begins)}
    return frozenset(names).union(*(judged.prepared.meanings().get(meaning, ()) for meaning in CARRIED))


def _unmoved(judged: Judged, person: Person, elsewhere: frozenset[str]) -> Iterator[Row]:
    """Values of fields that go nowhere, by the mapping or for want of it."""
    prepared = judged.prepared
    missing = frozenset(new.name for new in prepared.missing)
    every = zip(prepared.source_fields, estate.fields(prepared.mapping, prepared.source_fields, missing), strict=True)
    left = {f.api_name: p for f, p in every if f.holder is Kind.PERSON and p.bucket in (Bucket.LEFT, Bucket.HANDED)}
    for key, values in _merged(person).items():
        for name in sorted(left.keys() & values.keys() - elsewhere):
            yield {
                "key": key,
                "field": name,
                "why": left[name].reason,
                "value": values[name],
                "detail": left[name].detail,
            }


def _merged(person: Person) -> dict[str, dict[str, str]]:
    """What each target person takes of its records: the newest value of each field."""
    older: dict[str, list[dict[str, str]]] = {}
    for row in person.plan.older:
        older.setdefault(row["key"], []).append(dict(row["older_values"] or ()))
    return {row["key"]: coalesce([dict(row["values"] or ()), *older.get(row["key"], ())]) for row in person.plan.rows}


def _older(judged: Judged, person: Person, elsewhere: frozenset[str]) -> Iterator[Row]:
    """Values of merged records that a newer record's value took the place of."""
    taken, people = _merged(person), judged.people.people
    merged = [key for key, winner in person.clusters.items() if key != winner]
    rows = judged.move.engine.rows(people.filter(people.key.isin(merged)).select("key", "values").order_by("key"))
    for row in rows:
        newer = taken.get(person.clusters[row["key"]], {})
        for name, value in dict(row["values"] or ()).items():
            if name not in elsewhere and newer.get(name) != value:
                yield {
                    "key": row["key"],
                    "field": name,
                    "why": "older_value",
                    "value": value,
                    "detail": newer.get(name, ""),
                }

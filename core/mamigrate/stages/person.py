"""One person on the source: which records they have, which facts concern them and whether each counts, and the verdict."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import ibis

from mamigrate.consent import address, lifting, near, told, verdict
from mamigrate.consent.scope import FLAT, Scope
from mamigrate.model.kinds import Kind
from mamigrate.plan import topics
from mamigrate.stages.narrow import Few, narrowed
from mamigrate.stages.people import PeoplePlan
from mamigrate.stages.planner import scopes
from mamigrate.stages.reopen import Judged

Row = dict[str, Any]
FILED = "facts/"
"""How references to facts from files begin."""
PERSON, TOMBSTONE, SUPPRESSED, MENTIONED, UNKNOWN = "person", "tombstone", "suppressed", "mentioned", "unknown"
"""What an address is to the source, the first that holds."""


@dataclass(frozen=True, slots=True)
class Person:
    """Whoever has an address. ``plan`` holds nobody else; ``near`` says how each key is near the address.

    ``spelt`` are the spellings of the addresses; ``clusters`` say whom each living record becomes.
    """

    few: Few
    near: Mapping[str, tuple[str, ...]]
    plan: PeoplePlan
    matched: Sequence[Row]
    clusters: Mapping[str, str]
    spelt: tuple[str, ...]


def find(judged: Judged, loose: str) -> Person:
    """``loose`` is the address in its loose form."""
    plan, engine = judged.people, judged.move.engine
    how: dict[str, list[str]] = {}
    for row in engine.rows(near.records(plan.people, plan.clusters, loose).order_by("key", "how")):
        how.setdefault(row["key"], []).append(row["how"])
    keys = tuple(how)
    pairs = engine.rows(plan.clusters.filter(plan.clusters.person_key.isin(list(keys))).select("person_key", "winner"))
    clusters = {row["person_key"]: row["winner"] for row in pairs}
    read = plan.people.filter(plan.people.key.isin(list(keys)) & plan.people.email_loose.notnull())
    forms = engine.rows(read.select("email_loose", "email_strict"))
    addresses = {loose, *(row["email_loose"] for row in forms)}
    few = Few(keys, tuple(sorted(set(clusters.values()))), tuple(sorted(addresses)))
    few_plan = narrowed(plan, few, engine.table(judged.target, Kind.PERSON))
    matched = engine.rows(few_plan.matched.order_by("key"))
    spelt = tuple(sorted(addresses | {row["email_strict"] for row in forms if row["email_strict"]}))
    return Person(few, {key: tuple(ways) for key, ways in how.items()}, few_plan, matched, clusters, spelt)


def records(judged: Judged, person: Person, text: str) -> list[Row]:
    """The records with all their values, the nearest first. One that was merged long ago may have no row of its own."""
    engine, asked = person.plan.move.engine, address.keys(text)
    rows = {row["key"]: row for row in engine.rows(person.plan.people)}
    made = [_record(key, person, rows.get(key), asked.strict) for key in person.few.keys]
    return sorted(made, key=lambda one: (one["how"] != [near.ADDRESS], not one["read"], one["key"]))


def _record(key: str, person: Person, row: Row | None, strict: str | None) -> Row:
    common: Row = {
        "key": key,
        "how": list(person.near[key]),
        "becomes": person.clusters.get(key),
        "read": row is not None,
    }
    if row is None:
        return common
    names = ("email", "other_emails", "archived", "created_at", "updated_at", "owner_key", "stage", "merged_keys")
    spelt = row["email_strict"] is not None and row["email_strict"] == strict
    return common | {name: row[name] for name in names} | {"same_spelling": spelt, "values": dict(row["values"] or ())}


# --- facts -----------------------------------------------------------------------------------------------------------


def facts(judged: Judged, person: Person) -> list[Row]:
    """Every fact about the records or their addresses, with the word that says whether it counts."""
    plan, engine, few = judged.people, person.plan.move.engine, person.few
    rows = engine.rows(near.facts(plan.facts, few.keys, few.addresses).order_by("polarity", "lo", "key"))
    lifted = engine.rows(person.plan.lifted)
    known, ended = _known(judged, person, rows, lifted), told.by_grant(lifted)
    repeats = _repeated(plan, [row["key"] for row in rows])
    return [*(_fact(row, known, ended, repeats) for row in rows), *_of_the_target(judged, person)]


def _of_the_target(judged: Judged, person: Person) -> Iterator[Row]:
    """What stood against mail on the person's records there, or at one of the addresses, before anything was written."""
    plan, few = judged.people, person.few
    mine = plan.linked.filter(plan.linked.winner.isin(list(few.winners))).select("target_key").distinct()
    held = (plan.refused.holder == "address") & plan.refused.address_loose.isin(list(few.addresses))
    own = plan.refused.semi_join(mine, "target_key") if few.winners else plan.refused.filter(ibis.literal(False))
    rows = own.union(plan.refused.filter(held), distinct=True)
    for row in plan.move.engine.rows(rows.order_by("target_key", "field", "holder", "topic")):
        reference = f"{judged.move.target.name}/{Kind.PERSON}/{row['target_key']}/{row['field']}"
        nothing: Row = dict.fromkeys(("person_key", "lo", "hi", "repeats"))
        where = {
            "channel": "email",
            "polarity": "-",
            "actor": "system",
            "proof": 0,
            "source_ref": reference,
            "key": reference,
        }
        counted = {"word": told.DENIES, "counts": True, "denies": list(few.winners), "lifted_by": {}, "lifts": []}
        yield {**row, **nothing, **where, **counted, "from_file": False}


def _fact(row: Row, known: told.Known, ended: Mapping[str, list[str]], repeats: Mapping[str, Row]) -> Row:
    word = told.word(row, known)
    return {
        **row,
        "word": word,
        "counts": word in told.COUNTING,
        "denies": sorted(known.denied.get(row["key"], ())) if word != told.LIFTED else [],
        "lifted_by": dict(known.lifted.get(row["key"], {})),
        "lifts": ended.get(row["key"], []),
        "repeats": repeats.get(row["key"]),
        "from_file": row["source_ref"].startswith(FILED),
    }


def _known(judged: Judged, person: Person, rows: Sequence[Row], lifted: Sequence[Row]) -> told.Known:
    ends: dict[str, dict[str, str]] = {}
    for row in lifted:
        ends.setdefault(row["fact"], {})[row["cell"]] = row["grant"]
    cells = scopes(judged.prepared)
    left = {row["key"] for row in rows if row["key"] in ends and set(_covered(row, cells)) - ends[row["key"]].keys()}
    granted = {row["key"]: row["granted"] or () for row in person.matched}
    engine, people = person.plan.move.engine, judged.people.people
    read = people.filter(people.key.isin(list(person.few.keys))).select("key", "email_strict")
    return told.Known(
        now=judged.source.manifest.began_at,
        denied=_denied(judged.people, person),
        lifted=ends,
        left=left,
        strict={row["key"]: row["email_strict"] for row in engine.rows(read)},
        granted={key: granted.get(winner, ()) for key, winner in person.clusters.items()},
    )


def _covered(fact: Row, cells: Sequence[Scope]) -> Iterator[str]:
    table = lifting.reach([fact], cells, FLAT)
    yield from table.column("cell").to_pylist()


def _denied(plan: PeoplePlan, person: Person) -> dict[str, list[str]]:
    """The people whom each denial denies, among those of the page."""
    engine, few = plan.move.engine, person.few
    denials = near.facts(plan.denials, few.keys, few.addresses)
    pairs = person.plan.clusters.select("person_key", "winner")
    against = verdict.of_winners(pairs, verdict.of_people(plan.people, denials), person.plan.holds)
    found: dict[str, list[str]] = {}
    for row in engine.rows(against.select("winner", "fact").distinct().order_by("winner", "fact")):
        found.setdefault(row["fact"], []).append(row["winner"])
    return found


def _repeated(plan: PeoplePlan, keys: Sequence[str]) -> dict[str, Row]:
    """The states that flags only repeat, by the flag's key."""
    known = plan.explained.filter(plan.explained.flag.isin(list(keys)))
    rows = plan.move.engine.rows(known.select("flag", "state", "since"))
    return {row["flag"]: {"state": row["state"], "since": row["since"]} for row in rows}


def holds(judged: Judged, person: Person) -> list[Row]:
    """What holds the records beside facts: lists that the source leaves out of its mail, other spellings of a mailbox."""
    engine, names = person.plan.move.engine, {one.key: one.name for one in judged.source.estate(Kind.LIST)}
    lists = engine.rows(person.plan.holds.order_by("person_key", "list_key"))
    made = [
        {"person_key": r["person_key"], "why": "list", "what": names.get(r["list_key"], r["list_key"])} for r in lists
    ]
    aliases = engine.rows(person.plan.aliases.order_by("person_key"))
    return made + [{"person_key": r["person_key"], "why": "alias", "what": r["source_ref"]} for r in aliases]


# --- the verdict -------------------------------------------------------------------------------------------------------


def verdicts(judged: Judged, person: Person) -> list[Row]:
    """One row a target person: the cause, what the facts come to, what that writes, and where each type stands."""
    engine, table = person.plan.move.engine, judged.causes
    rows = engine.rows(table.filter(table.winner.isin(list(person.few.winners))))
    causes = {row["winner"]: row for row in rows}
    return [_verdict(person, row, causes[row["key"]], _sharing(judged.people, row)) for row in person.matched]


def _verdict(person: Person, row: Row, cause: Row, sharing: list[str]) -> Row:
    planner, granted = person.plan.planner, row["granted"] or []
    judged = planner.judged(tuple(row["wide"]), tuple(row["topics"]), tuple(granted))
    states = topics.states(planner.cells, judged, row["topics"], granted)
    return {
        "key": row["key"],
        "records": sorted(key for key, winner in person.clusters.items() if winner == row["key"]),
        "address": row["email"],
        "denied": bool(judged.wide),
        "cause": cause["cause"],
        "field": cause["field"],
        "kinds": sorted(judged.wide),
        "parked": row["parked"],
        "shares_with": sharing,
        "writes": judged.values,
        "topics": [{**asdict(one), "open": one.word in topics.OPEN} for one in states],
        "closed": row["topics"],
        "granted": granted,
        "widened": list(judged.widened),
    }


def _sharing(plan: PeoplePlan, row: Row) -> list[str]:
    """Other people whom the target keeps in the same record."""
    if row["target_key"] is None:
        return []
    table = plan.matched
    others = table.filter((table.target_key == row["target_key"]) & (table.key != row["key"]))
    return [one["key"] for one in plan.move.engine.rows(others.select("key").order_by("key"))]


def standing(person: Person, found: Sequence[Row], loose: str) -> str:
    """What the address is to the source. ``found`` are the facts as ``facts`` tells them."""
    if person.few.keys:
        return PERSON
    own = [fact for fact in found if fact["address_loose"] == loose]
    if any(fact["kind"] == "erasure" for fact in own):
        return TOMBSTONE
    if any(fact["word"] == told.DENIES_ADDRESS for fact in own):
        return SUPPRESSED
    return MENTIONED if own else UNKNOWN

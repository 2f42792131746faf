"""A CRM that is linked to both sides: whether people are matched by its ids, by which fields, and who is left to decide."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import ibis.expr.types as ir

from mamigrate.findings import Severity
from mamigrate.model.kinds import Kind
from mamigrate.plan import crm
from mamigrate.plan.crm_id import Object, spellings
from mamigrate.snapshot.folder import Snapshot
from mamigrate.stages.move import Move
from mamigrate.stages.prepare import Prepared

QUESTION = "crm-id/"
"""How decisions begin about somebody whose CRM id and address lead to different records; the source and a record's key
follow."""
ROWS = 5000


@dataclass(frozen=True, slots=True)
class Link:
    """By what people may be matched. ``source`` and ``target`` are fields of people that hold the CRM's ids, of the same
    objects; ``asked``: the project wants people matched by them."""

    source: crm.Fields = field(default_factory=dict)
    target: crm.Fields = field(default_factory=dict)
    asked: bool = False
    by_address: bool = True


def link(move: Move, prepared: Prepared) -> Link:
    """What ``[crm_link]`` says, where both sides are known to be linked; else people are matched by address as ever."""
    decided = move.project.file.crm_link
    if decided is None or not all(move.info(side).crm_linked for side in (move.source, move.target)):
        return Link()
    by_address = "email" in decided.match
    if "crm_id" not in decided.match:
        return Link(by_address=by_address)
    source, target = (_fields(prepared, side) for side in ("source", "target"))
    common = [object for object in source if object in target]
    return Link({one: source[one] for one in common}, {one: target[one] for one in common}, True, by_address)


def _fields(prepared: Prepared, side: str) -> crm.Fields:
    named = {object: prepared.fields_of(meaning, side=side) for object, meaning in crm.MEANINGS.items()}
    return {object: names for object, names in named.items() if names}


def ways(move: Move, link: Link, people: ir.Table, clusters: ir.Table, target: ir.Table) -> crm.Ways:
    """What the ids of both sides say of each person."""
    keep, decided = move.engine.keep, _decided(move)
    accepted, refused = (crm.named(clusters, decided[choice]) for choice in ("accept", "refuse"))
    claims = keep(crm.claims(crm.ids(people, link.source), clusters, refused))
    there = keep(crm.ids(target, link.target))
    hits = keep(crm.hits(claims, there))
    return crm.Ways(keep(crm.found(claims, there, hits)), keep(crm.kin(hits)), keep(accepted), link.by_address)


def _decided(move: Move) -> dict[str, list[str]]:
    """Keys of records by what somebody chose for them."""
    begins = _question(move, "")
    made = [one for one in move.decisions if one.id.startswith(begins)]
    return {
        choice: [one.id.removeprefix(begins) for one in made if one.choice == choice] for choice in ("accept", "refuse")
    }


def _question(move: Move, key: str) -> str:
    return f"{QUESTION}{move.source.name}/{key}"


def asked_for(move: Move, link: Link, people: ir.Table) -> Iterator[tuple[str, Iterator[str]]]:
    """Fields of the target, each with the ids of living people to look up there, in both ways in which it may hold them."""
    held = move.engine.keep(crm.ids(people.filter(~people.archived), link.source).select("object", "crm_id").distinct())
    for object, names in link.target.items():
        for name in names:
            yield name, _spelt(move, held.filter(held.object == object))


def _spelt(move: Move, held: ir.Table) -> Iterator[str]:
    for rows in move.engine.batches(held.select("crm_id").order_by("crm_id"), ROWS):
        for row in rows:
            yield from spellings(row["crm_id"])


def tell(move: Move, prepared: Prepared, link: Link, source: Snapshot) -> None:
    """What is asked for and cannot be done: sides that show no ids, and texts in their fields that are none."""
    if link.asked and not link.source:
        silent = [side for side in ("source", "target") if not _fields(prepared, side)] or ["target"]
        for side in silent:
            name = move.source.name if side == "source" else move.target.name
            move.findings.add("crm_ids_unread", Severity.WARN, name)
    people = move.engine.table(source, Kind.PERSON)
    for object, names in link.source.items():
        for name in names:
            _tell_unusable(move, people.filter(~people.archived), object, name)


def _tell_unusable(move: Move, people: ir.Table, object: Object, name: str) -> None:
    unusable = move.engine.one(crm.unusable(people, name, object))["people"]
    if unusable:
        params = {"field": name, "people": str(unusable)}
        move.findings.add("crm_ids_unusable", Severity.WARN, f"{move.source.name}/field/{name}", **params)


def tell_conflicts(move: Move, matched: ir.Table) -> None:
    """Name both records of everybody whom id and address lead to different ones: somebody must decide."""
    parked = matched.filter(matched.parked == crm.CONFLICT).select("key", "crm_key", "address_key").order_by("key")
    for rows in move.engine.batches(parked, ROWS):
        for row in rows:
            params = {
                "by_crm": row["crm_key"],
                "by_address": row["address_key"] or "-",
                "id": _question(move, row["key"]),
            }
            subject = f"{move.source.name}/{Kind.PERSON}/{row['key']}"
            move.findings.add("crm_id_conflict", Severity.WARN, subject, **params)

"""Who is whom by the id that a linked CRM gave to both sides: expressions over the population.

A person may have the id of a contact and that of the lead which became the contact; a target record likewise. The contact's
decides where the target has it, and a contact's id is never held against a lead's.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from mamigrate.once import once
from mamigrate.plan.crm_id import Object, canonicals

MEANINGS: Mapping[Object, str] = {"contact": "crm_contact_id", "lead": "crm_lead_id"}
"""What fields mean that hold the ids, by object of the CRM."""

CONFLICT = "crm_id_conflict"
REASONS = frozenset({"several_by_crm_id", "crm_id_shared", CONFLICT})
"""Why somebody is parked whom the CRM's id leads to no one record for certain."""
HOLD = "org_hold"
"""What is written on both records of somebody with a CONFLICT until somebody decides: nobody's wish, so no objection."""

Fields = Mapping[Object, Sequence[str]]
"""API names of the fields that hold ids, by object."""


@dataclass(frozen=True, slots=True)
class Ways:
    """By what people are matched beside the ledger and our own key.

    ``found`` and ``kin`` are the expressions below, kept; ``accepted`` has (winner) of those whose id somebody declared
    right although the address says otherwise. ``by_address`` False: an address matches nobody.
    """

    found: ir.Table
    kin: ir.Table
    accepted: ir.Table
    by_address: bool = True


@once
def ids(people: ir.Table, fields: Fields) -> ir.Table:
    """(key, object, crm_id) of people of either side, ids in their one form; what is no id is not there."""
    held = [
        people.select("key", object=ibis.literal(object), crm_id=canonicals(people["values"].get(name), object))
        for object, names in fields.items()
        for name in names
    ]
    none = people.select("key", object=ibis.literal(""), crm_id=ibis.null("string"))
    every = ibis.union(*held, none) if held else none
    return every.filter(every.crm_id.notnull()).distinct()


@once
def unusable(people: ir.Table, name: str, object: Object) -> ir.Table:
    """One row: how many ``people`` have something in the field ``name`` that is no id of ``object``."""
    held = people.select(text=people["values"].get(name))
    return held.filter(held.text.notnull() & canonicals(held.text, object).isnull()).agg(people=ibis._.count())


@once
def named(clusters: ir.Table, keys: Collection[str]) -> ir.Table:
    """(winner) of the people whom one of ``keys`` names, whichever of their records it is."""
    chosen = clusters.person_key.isin(sorted(keys)) if keys else ibis.literal(False)
    return clusters.filter(chosen).select("winner").distinct()


@once
def claims(ids: ir.Table, clusters: ir.Table, refused: ir.Table) -> ir.Table:
    """(winner, object, crm_id): the ids of all records that become one person, but of those in ``refused`` (winner)."""
    pairs = clusters.select("winner", key="person_key").anti_join(refused, "winner")
    return pairs.join(ids, "key").select("winner", "object", "crm_id").distinct()


@once
def hits(claims: ir.Table, there: ir.Table) -> ir.Table:
    """(winner, object, crm_id, target_key): every record of the target with an id of a person. ``there`` is its ``ids``."""
    return claims.join(there.select("object", "crm_id", target_key="key"), ["object", "crm_id"])


@once
def kin(hits: ir.Table) -> ir.Table:
    """(winner, target_key): all records that may be a person's, so that a denial reaches each of them."""
    return hits.select("winner", "target_key").distinct()


@once
def found(claims: ir.Table, there: ir.Table, hits: ir.Table) -> ir.Table:
    """What the ids say, one row a person with a hit: (winner, crm_key, crm_hits, crm_shared, crm_clash).

    ``crm_hits`` are records that the deciding ids lead to, ``crm_key`` is one of them. ``crm_shared``: another person has
    such an id too. ``crm_clash``: the lead is the same, and each side knows another contact.
    """
    contacts = hits.filter(hits.object == "contact")
    deciding = contacts.union(hits.anti_join(contacts, "winner"))
    sharing = claims.group_by("object", "crm_id").agg(people=claims.winner.nunique())
    other_contact = _contact(there, "key").rename(target_key="key")
    clashing = deciding.filter(deciding.object == "lead").semi_join(_contact(claims, "winner"), "winner")
    clashing = clashing.semi_join(other_contact, "target_key").select("winner").distinct()
    known = deciding.join(sharing, ["object", "crm_id"])
    grouped = known.group_by("winner").agg(
        crm_key=known.target_key.min(), crm_hits=known.target_key.nunique(), crm_shared=(known.people > 1).any()
    )
    return grouped.mutate(crm_clash=grouped.winner.isin(clashing.winner))


def _contact(held: ir.Table, key: str) -> ir.Table:
    return held.filter(held.object == "contact").select(key).distinct()

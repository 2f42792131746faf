"""Who may be mailed, over the whole population: expressions that the engine runs.

The verdict of a target person is computed from the union of the facts of every source record that becomes this person and
of its addresses. Any active denial wins, unless the person certainly came back later (``lifting``).
"""

import ibis
import ibis.expr.types as ir

from mamigrate.consent.kinds import NO_BASIS
from mamigrate.consent.moment import Moment
from mamigrate.once import once

WIDE = (
    "erasure",
    "complaint",
    "objection",
    "block",
    "org_hold",
    "source_hold",
    "time_hold",
    "unparsed",
    "undeliverable",
    NO_BASIS,
)
"""Kinds of facts that deny every marketing mail when their topic is ``*``."""


HELD = ("fact", "kind", "topic", "brand")


@once
def active_denials(facts: ir.Table, now: Moment) -> ir.Table:
    """Facts that deny at ``now``. A denial in the future counts already: doubt about time never allows."""
    running = facts.until.isnull() | (facts.until > now)
    return facts.filter((facts.polarity == "-") & running & facts.channel.isin(("email", "*")))


@once
def exclusion_holds(memberships: ir.Table, exclusion_lists: list[str]) -> ir.Table:
    """Members of lists that the source excludes from its mail, as (person_key, list_key)."""
    wanted = memberships.list_key.isin(exclusion_lists) if exclusion_lists else ibis.literal(False)
    return memberships.filter(wanted).select("person_key", "list_key").distinct()


@once
def heirs(people: ir.Table) -> ir.Table:
    """(heir, gone): the records that carry on a record which the source merged, also one that was merged itself since.

    Archived records tell the steps between, eight at most.
    """
    pairs = people.select(heir=people.key, gone=people.merged_keys.unnest()).distinct()
    for _ in range(3):  # Each time twice as far.
        further = pairs.select("heir", step="gone").join(pairs.select("gone", step="heir"), "step")
        pairs = pairs.union(further.select("heir", "gone"), distinct=True)
    return pairs


@once
def addresses(people: ir.Table) -> ir.Table:
    """(person_key, at): every address of each record, the first and the others, in loose form."""
    first = people.filter(people.email_loose.notnull()).select(person_key="key", at="email_loose")
    return first.union(others(people), distinct=True)


@once
def others(people: ir.Table) -> ir.Table:
    """(person_key, at): further addresses of a person. Vendors keep them in small letters and ASCII, or as they please."""
    told = people.select(person_key="key", at=people.other_emails.unnest())
    told = told.mutate(at=told["at"].strip().lower())
    return told.filter(told["at"].notnull() & (told["at"] != ""))


@once
def of_people(people: ir.Table, denials: ir.Table) -> ir.Table:
    """Every (person_key, fact, kind, topic, brand) that denies a person: held by the person, or by the person's address.

    Facts of records that the source merged or archived count for whoever carries them on.
    """
    denials = denials.mutate(fact=denials.key)
    person_held = denials.filter(denials.holder == "person").select("person_key", *HELD).distinct()
    own = addresses(people)
    absorbed = heirs(people).select(known="heir", person_key="gone")
    held = person_held.union(
        person_held.join(absorbed, "person_key").select(*HELD, person_key="known").select("person_key", *HELD)
    )
    by_address = denials.filter((denials.holder == "address") & denials.address_loose.notnull())
    by_address = by_address.select("address_loose", *HELD)
    # What a person holds covers all addresses of the person, also where one lives on under another record.
    covering = held.join(own, "person_key")
    covering = covering.select(*HELD, address_loose="at").select("address_loose", *HELD)
    by_address = by_address.union(covering).distinct()
    keyed = people.filter(people.email_loose.notnull()).select(person_key=people.key, address_loose=people.email_loose)
    through = keyed.join(by_address, "address_loose").select("person_key", *HELD)
    return held.union(through).distinct()


@once
def of_records(people: ir.Table, denials: ir.Table) -> ir.Table:
    """As ``of_people``, but as the source itself sees it: what a record holds, and what its own address holds as it is spelled
    there. Platforms do not tell small letters from capitals. An address that is none is compared as folded text.
    """
    denials = denials.mutate(fact=denials.key)
    held = denials.filter((denials.holder == "person") & denials.person_key.notnull()).select("person_key", *HELD)
    at = denials.filter(denials.holder == "address")
    at = at.select(*HELD, spelled=ibis.coalesce(at.address_strict.lower(), at.address_loose))
    own = people.select(person_key="key", spelled=ibis.coalesce(people.email_strict.lower(), people.email_loose))
    through = own.filter(own.spelled.notnull()).join(at, "spelled").select("person_key", *HELD)
    return held.union(through).distinct()


@once
def of_winners(clusters: ir.Table, per_person: ir.Table, holds: ir.Table) -> ir.Table:
    """(winner, fact, kind, topic, brand): all that denies any record of a cluster. ``clusters`` has (person_key, winner)."""
    held = holds.select(
        "person_key",
        fact=ibis.literal("list/") + holds.list_key,
        kind=ibis.literal("source_hold"),
        topic=ibis.literal("*"),
        brand=ibis.literal("*"),
    )
    return clusters.join(per_person.union(held), "person_key").select("winner", *HELD).distinct()


@once
def of_clusters(clusters: ir.Table, facts: ir.Table) -> ir.Table:
    """One row a cluster: ``wide`` (sorted kinds), ``topics`` (sorted ``brand|topic`` that are denied).

    ``clusters`` has (person_key, winner), ``facts`` (winner, kind, topic, brand).
    """
    is_wide = facts.kind.isin(WIDE) & (facts.topic == "*") & (facts.brand == "*")
    wide = facts.filter(is_wide).group_by("winner").agg(wide=lambda t: t.kind.collect(distinct=True))
    narrow = facts.filter(~is_wide)
    narrow = narrow.mutate(cell=narrow.brand + "|" + narrow.topic)
    topics = narrow.group_by("winner").agg(topics=lambda t: t.cell.collect(distinct=True))
    winners = clusters.select("winner").distinct()
    joined = winners.left_join(wide, "winner").drop("winner_right").left_join(topics, "winner").drop("winner_right")
    return joined.mutate(wide=_sorted(joined.wide), topics=_sorted(joined.topics))


@once
def granted_topics(clusters: ir.Table, people: ir.Table, facts: ir.Table, now: Moment) -> ir.Table:
    """Topics for which every record of a cluster holds a running grant at its own address: (winner, topics)."""
    begun = facts.lo.isnull() | (facts.lo <= now)
    running = begun & (facts.until.isnull() | (facts.until > now)) & facts.channel.isin(("email", "*"))
    grants = facts.filter((facts.polarity == "+") & running & facts.kind.isin(("grant", "reconfirmed")))
    own = people.filter(people.email_strict.notnull()).select(person_key="key", address_strict="email_strict")
    grants = grants.select("person_key", "address_strict", "topic", "brand").distinct()
    per = clusters.join(grants.join(own, ["person_key", "address_strict"]), "person_key")
    per = per.mutate(cell=per.brand + "|" + per.topic)
    sizes = clusters.group_by("winner").agg(members=clusters.person_key.nunique())
    counted = per.group_by(["winner", "cell"]).agg(holders=per.person_key.nunique())
    whole = counted.join(sizes, "winner").filter(lambda t: t.holders == t.members)
    return whole.group_by("winner").agg(granted=lambda t: t.cell.collect(distinct=True))


def _sorted(column: ir.ArrayColumn) -> ir.ArrayColumn:
    empty = ibis.literal([], type="array<string>")
    return ibis.coalesce(column, empty).sort()

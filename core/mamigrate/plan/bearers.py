"""Records on the target beside the one that a person is written to, and what they must deny: same address, id or key."""

import ibis
import ibis.expr.types as ir

from mamigrate.consent import verdict
from mamigrate.consent.scope import ALL
from mamigrate.model.made import OPENED_BY_US
from mamigrate.once import once
from mamigrate.plan import crm
from mamigrate.plan.joined import born

OF_TYPES = ("topic_opt_out", "refused")
"""Kinds that say no to a subscription type."""


@once
def named(ids: ir.Table, people: ir.Table, target: ir.Table, prefix: str) -> ir.Table:
    """(source_key, target_key): records of earlier runs, by the ledger's ``ids`` or by the key that stands there.

    ``prefix`` begins the keys of this source's people. Merged and archived records count. A key is another platform's where
    the record says that it was made at another time, and has another address.
    """
    rows = people.select(source_key="key", own_born=born(people), own_loose="email_loose")
    merged = people.select(source_key=people.merged_keys.unnest()).anti_join(rows, "source_key").distinct()
    nothing = ibis.null("string")
    known = rows.union(merged.mutate(own_born=nothing, own_loose=nothing))
    bearing = target.filter(target.source_key.startswith(prefix))
    bearing = bearing.mutate(source_key=bearing.source_key.substr(len(prefix))).rename(target_key="key")
    told = bearing.join(known, "source_key")
    another = (told.born != told.own_born).fill_null(False) & ~told.email_loose.identical_to(told.own_loose)
    said = told.filter(~another).select("source_key", "target_key")
    return ids.select("source_key", "target_key").union(said, distinct=True)


@once
def departed(named: ir.Table, clusters: ir.Table, matched: ir.Table, target: ir.Table) -> ir.Table:
    """Records of earlier runs that stand for nobody of their own any more: (key, target_key, again, values).

    Their person left the source, or became one with a written person who has another record. The old platform would not
    mail them any more. A record that a written person carries now is left to that person. ``again``: the person has
    another such record.
    """
    parked = matched.filter(matched.parked != "").select(winner="key")
    alone = clusters.filter(clusters.person_key == clusters.winner).select(source_key="person_key")
    waiting = clusters.semi_join(parked, "winner").select(source_key="person_key")
    gone = named.anti_join(alone.union(waiting), "source_key")
    carried = matched.filter((matched.parked == "") & matched.target_key.notnull()).select("target_key")
    gone = gone.anti_join(carried, "target_key")
    there = target.select(target_key=target.key, values=target["values"])
    found = gone.join(there, "target_key").select("target_key", "values", key="source_key")
    return found.mutate(again=ibis.row_number().over(group_by="key", order_by="target_key") > 0)


@once
def keyed(matched: ir.Table, target: ir.Table) -> ir.Table:
    """(winner, target_key): every record of the ``target_index`` that says it is a person's."""
    said = target.select("source_key", target_key="key")
    return (
        matched.select("own_key", winner="key").join(said, [("own_key", "source_key")]).select("winner", "target_key")
    )


@once
def alike(matched: ir.Table, target: ir.Table, kin: ir.Table) -> ir.Table:
    """Every record on the target that may be a person's, but the one that this person is written to: (target_key, winner).

    They have the person's address, or are in ``kin``: (winner, target_key) of those with another address, a CRM id or the
    key of the person.
    """
    people = matched.select("email_loose", winner="key", own=(matched.parked == "").ifelse(matched.target_key, ""))
    there = target.filter(target.email_loose.notnull()).select("email_loose", target_key="key")
    addressed = there.join(people.filter(people.email_loose.notnull()), "email_loose")
    linked = kin.join(people, "winner")
    columns = ("target_key", "winner", "own")
    pairs = addressed.select(*columns).union(linked.select(*columns), distinct=True)
    return pairs.filter(pairs.own.isnull() | (pairs.own != pairs.target_key)).select("target_key", "winner")


@once
def further(people: ir.Table, clusters: ir.Table) -> ir.Table:
    """(winner, at): the addresses of a person beside the first one."""
    told = clusters.select("person_key", "winner").join(verdict.others(people), "person_key")
    return told.select("winner", "at").distinct()


@once
def at_further(further: ir.Table, target: ir.Table) -> ir.Table:
    """(winner, target_key): records on the target with a further address of a person."""
    there = target.filter(target.email_loose.notnull()).select("email_loose", target_key="key")
    return further.join(there, [("at", "email_loose")]).select("winner", "target_key").distinct()


@once
def bearing(named: ir.Table, clusters: ir.Table, matched: ir.Table, target: ir.Table, kin: ir.Table) -> ir.Table:
    """Records on the target that must be no more open than a person whom another record carries, or none:
    (target_key, winner, parked, wide, topics, granted).

    They have the person's address or CRM id, or are those of a parked person. One that a written person carries is left to
    that person, unless it has the address or the id of somebody else. Where id and address contradict each other, they are
    held.
    """
    waiting = matched.filter(matched.parked != "")
    own = waiting.filter(waiting.target_key.notnull()).select("target_key", winner="key")
    theirs = clusters.semi_join(waiting.select(winner="key"), "winner").select("winner", source_key="person_key")
    earlier = named.join(theirs, "source_key").select("target_key", "winner")
    carried = matched.filter((matched.parked == "") & matched.target_key.notnull()).select("target_key")
    records = own.union(earlier).anti_join(carried, "target_key").union(alike(matched, target, kin), distinct=True)
    held = matched.wide.concat(ibis.literal([crm.HOLD], type="array<string>"))
    wide = (matched.parked == crm.CONFLICT).ifelse(held, matched.wide)
    said = matched.select("topics", "granted", "email_strict", winner="key", wide=wide, parked=matched.parked != "")
    there = target.select(target_key="key", there_strict="email_strict")
    joined = records.join(said, "winner").left_join(there, "target_key").drop("target_key_right")
    # A grant is one of the very address.
    same = joined.there_strict.identical_to(joined.email_strict)
    joined = joined.mutate(granted=same.ifelse(joined.granted, ibis.null("array<string>")))
    return joined.drop("email_strict", "there_strict")


@once
def borne(bearing: ir.Table) -> ir.Table:
    """What all the people of one record deny there: (target_key, key, parked, wide, topics, granted). ``key`` is one of them.

    What is granted counts where one person says it.
    """
    grouped = bearing.group_by("target_key").agg(
        key=bearing.winner.min(),
        parked=bearing.parked.any(),
        wide=bearing.wide.collect(),
        topics=bearing.topics.collect(),
        granted=bearing.granted.arbitrary(),
        people=bearing.winner.nunique(),
    )
    return grouped.mutate(
        wide=grouped.wide.flatten(),
        topics=grouped.topics.flatten(),
        granted=(grouped.people == 1).ifelse(grouped.granted, ibis.null("array<string>")),
    ).drop("people")


@once
def stranded(borne: ir.Table, held: ir.Table, target: ir.Table, ids: ir.Table, matched: ir.Table) -> ir.Table:
    """Records of ``borne`` that no denied address reaches: (key, target_key, parked, wide, topics, granted, values, ours).

    ``ours``: we made it or may have opened it, and no written person carries it.
    """
    hit = held.filter(held.targets.notnull()).select(hit=held.targets.unnest())
    left = borne.anti_join(hit.select(target_key=hit.hit.key), "target_key")
    there = target.select(target_key=target.key, values=target["values"])
    joined = left.join(there, "target_key")
    return joined.mutate(ours=joined.target_key.isin(_ours(ids, matched).target_key))


def _ours(ids: ir.Table, matched: ir.Table) -> ir.Table:
    """(target_key): records that we made or may have opened, and that no written person carries."""
    made = ids.filter(ids.made.isin(OPENED_BY_US)).select("target_key")
    return made.anti_join(matched.filter(matched.parked == "").select("target_key"), "target_key")


@once
def suppressions(
    denials: ir.Table,
    matched: ir.Table,
    target: ir.Table,
    borne: ir.Table,
    further: ir.Table,
    ids: ir.Table,
    back: ir.Table,
) -> ir.Table:
    """Denied addresses that no written person carries: (address_loose, address, wide, whole, cells, held, targets, person).

    ``wide`` are all kinds, ``whole``: one of them denies more than a subscription type; ``cells`` are the types.

    ``held`` is true where the address itself bears a denial; parked people who are denied are here too, so that their
    records on the target, if any, are denied. ``person`` is what the facts of the person with the address say, and what
    ``borne`` says of each of ``targets``, which tell whether they are ``ours`` as in ``stranded``. ``back`` are of ``elsewhere.said``.
    """
    # An address is taken care of where exactly the written record carries it.
    alone = matched.hits.isnull() | (matched.hits <= 1)
    # A record without an address gets it with this plan.
    carried = matched.target_loose.isnull() | (matched.target_loose == matched.email_loose)
    written = (matched.parked == "") & matched.email_loose.notnull()
    claimed = matched.filter(written & alone & carried).select(address_loose="email_loose")
    own = denials.filter((denials.holder == "address") & denials.address_loose.notnull())
    narrow = own.kind.isin(OF_TYPES) & (own.topic != ALL)
    cell = narrow.ifelse(own.brand + "|" + own.topic, ibis.null("string"))
    own = own.select("address_loose", address="address_strict", kind="kind", held=ibis.literal(True), cell=cell)
    elsewhere = matched.filter(matched.email_loose.notnull() & (matched.wide.length() > 0))
    parked = elsewhere.anti_join(claimed, elsewhere.email_loose == claimed.address_loose)
    through = parked.select(
        address_loose="email_loose", address="email_strict", kind=parked.wide.unnest(), held=ibis.literal(False),
        cell=ibis.null("string"),
    )  # fmt: skip
    every = own.union(through).anti_join(claimed, "address_loose")
    holdable = every.address.re_search("^[ -~]*$")
    grouped = every.group_by("address_loose").agg(
        address=ibis.coalesce(every.address.max(where=holdable), every.address.max()),
        wide=every.kind.collect(distinct=True),
        whole=every.cell.isnull().any(),
        cells=every.cell.collect(distinct=True),
        held=every.held.any(),
    )
    addressed = target.filter(target.email_loose.notnull())
    addressed = addressed.semi_join(grouped, addressed.email_loose == grouped.address_loose)
    people = borne.select("wide", "topics", "granted", target_key="target_key")
    known = addressed.left_join(people, addressed.key == people.target_key)
    said = ibis.struct({name: known[name] for name in ("wide", "topics", "granted")})
    ours = known.key.isin(_ours(ids, matched).target_key)
    record = ibis.struct({"key": known.key, "values": known["values"], "person": said, "ours": ours})
    there = known.group_by("email_loose").agg(targets=record.collect())
    joined = grouped.left_join(there, grouped.address_loose == there.email_loose).drop("email_loose")
    bearers = _bearers(matched, further, grouped, back)
    joined = joined.left_join(bearers, joined.address_loose == bearers["at"])
    person = ibis.struct({"wide": joined.of_person, "topics": joined.topics, "granted": joined.granted})
    joined = joined.mutate(person=person).drop("at", "of_person", "topics", "granted")
    return joined.mutate(wide=joined.wide.sort(), cells=joined.cells.sort()).filter(
        lambda t: t.held | t.targets.notnull()
    )


def _bearers(matched: ir.Table, further: ir.Table, held: ir.Table, back: ir.Table) -> ir.Table:
    """(at, of_person, topics, granted): what the facts of all say who have a ``held`` address, as their first one or another.

    What is granted, and what a return ended, counts at the very address, as for a record that stands there.
    """
    spelled = held.select(at="address_loose", there_strict="address")
    first = matched.filter(matched.email_loose.notnull()).select("key", at="email_loose")
    every = first.union(further.select("at", key="winner").select("key", "at"), distinct=True).join(spelled, "at")
    people = matched.select("key", "wide", "topics", "granted", "email_strict")
    more = back.select(key="winner", more_wide="wide", more_topics="topics")
    said = every.join(people, "key").left_join(more, "key").drop("key_right")
    here, none = said.there_strict.identical_to(said.email_strict), ibis.literal([], type="array<string>")
    grown = {name: said[name].concat(ibis.coalesce(said[f"more_{name}"], none)) for name in ("wide", "topics")}
    told = {name: here.ifelse(said[name], texts) for name, texts in grown.items()}
    granted = here.ifelse(said.granted, ibis.null("array<string>"))
    parked = ibis.literal(False)  # of no account here
    together = borne(said.select(target_key="at", winner="key", parked=parked, granted=granted, **told))
    return together.select("topics", "granted", at="target_key", of_person="wide")

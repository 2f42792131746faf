"""The record on the target that each person is written to: found by ledger, key, CRM id or address; or why nobody may say."""

import ibis
import ibis.expr.types as ir

from mamigrate.mapping.migration import CREATED, api_name
from mamigrate.once import once
from mamigrate.plan import crm


@once
def target_index(target: ir.Table, key_field: str) -> ir.Table:
    """Target people by what they are found by: (key, source_key, born, email_strict, email_loose). ``born`` is when the source
    made the record that was carried there.
    """
    told = {"source_key": key_field, "born": api_name(CREATED.name, key_field)}
    return target.select(
        "key", "email_strict", "email_loose", **{name: target["values"].get(field) for name, field in told.items()}
    )


@once
def matched(
    winning: ir.Table, target: ir.Table, ids: ir.Table, erased: ir.Table, source: str, ways: crm.Ways
) -> ir.Table:
    """Add the match on the target: ledger id, ``mm_source_key``, the CRM's id, address; and why a person must be parked.

    ``target`` comes from ``target_index``; ``ids`` has (source_key, target_key, made); ``erased`` has (address_loose).
    """
    known = ids.select(winner=ids.source_key, id_key="target_key", made="made")
    by_id = known.left_join(target.select(id_found="key"), known.id_key == target.key).select(
        "winner", "id_key", "id_found", "made"
    )
    strange = _strange(winning, target, ids, f"{source}/person/")
    by_key = _by_key(target)
    addressed = target.filter(target.email_loose.notnull())
    hits = addressed.group_by("email_loose").agg(hits=addressed.count(), address_key=addressed.key.min())
    prefixed = winning.mutate(
        own_key=ibis.literal(f"{source}/person/") + winning.key, erased=winning.wide.contains("erasure")
    ).drop(*_CARRIED)
    joined = prefixed.left_join(by_id, "winner").drop("winner_right")
    joined = joined.mutate(strange=joined.winner.isin(strange.winner))
    joined = joined.left_join(by_key, joined.own_key == by_key.source_key).drop("source_key")
    joined = joined.left_join(ways.found, "winner").drop("winner_right")
    joined = joined.left_join(hits, "email_loose").drop("email_loose_right")
    tombs = erased.select(tomb="address_loose").distinct()
    joined = joined.left_join(tombs, joined.email_loose == tombs.tomb)
    # Ours is what we created for any of the records that live on in it, whichever of them is the newest now.
    ours = ids.filter(ids.made == "created").select(ours_key="target_key").distinct()
    chosen = _chosen(joined, target, ways)
    chosen = chosen.left_join(ours, chosen.target_key == ours.ours_key)
    chosen = chosen.mutate(made=chosen.ours_key.notnull().ifelse("created", chosen.made)).drop("ours_key")
    said = winning.select(*_CARRIED, whose="winner")
    return chosen.join(said, chosen.winner == said.whose).drop("whose", "erased")


_CARRIED = ("twins", "wide", "topics", "granted")
"""Lists that decide nothing here: they are joined last, so that no step carries them through several joins."""


def _strange(winning: ir.Table, target: ir.Table, ids: ir.Table, prefix: str) -> ir.Table:
    """(winner) of people whose id leads to a record with the key of somebody else, whom the ledger does not know there."""
    found = ids.join(target, ids.target_key == target.key).select("target_key", "source_key_right", winner="source_key")
    keyed = found.filter(found.source_key_right.startswith(prefix))
    said = keyed.select("winner", "target_key", named=keyed.source_key_right.substr(len(prefix)))
    elsewhere = winning.select(source_key="winner").union(ids.select("source_key"), distinct=True)
    others = said.filter(said.named != said.winner).semi_join(elsewhere, [("named", "source_key")])
    return others.anti_join(ids, [("named", "source_key"), "target_key"]).select("winner").distinct()


def _by_key(target: ir.Table) -> ir.Table:
    """(source_key, key_key, key_hits, key_loose, key_born): the records that say which source record they are."""
    told = target.filter(target.source_key.notnull())
    return told.group_by("source_key").agg(
        key_key=told.key.min(), key_hits=told.key.nunique(), key_loose=told.email_loose.max(), key_born=told.born.max()
    )


def _chosen(joined: ir.Table, target: ir.Table, ways: crm.Ways) -> ir.Table:
    alone = ((joined.hits == 1) & ways.by_address).ifelse(joined.address_key, ibis.null("string"))
    by_crm = (joined.crm_hits == 1).ifelse(joined.crm_key, ibis.null("string"))
    by_key = (joined.key_hits == 1).ifelse(joined.key_key, ibis.null("string"))
    otherwise = (joined.crm_hits >= 1).ifelse(by_crm, alone)
    chosen = joined.mutate(
        target_key=ibis.coalesce(joined.id_found, (joined.key_hits >= 1).ifelse(by_key, otherwise)),
        matched_by=ibis.cases(
            (joined.id_found.notnull(), "ledger"),
            (joined.key_hits >= 1, "source_key"),
            (joined.crm_hits >= 1, "crm_id"),
            ((joined.hits >= 1) & ways.by_address, "address"),
            else_="new",
        ),
        alone=alone,
    )
    chosen = _apart(_shared(chosen, target), ways)
    chosen = _shared(chosen.drop("target_loose", "target_says", "sharing", "rightful", "alone_rightful"), target)
    return chosen.mutate(parked=_parked(chosen, ways)).drop("alone", "rightful", "alone_rightful", "target_says")


def _shared(chosen: ir.Table, target: ir.Table) -> ir.Table:
    """With address and source key of the record there, whether others lead to it too (``sharing``), and ``rightful``: 1
    where it has the person's address, 2 where not, 0 where nobody shares it.
    """
    there = target.select(there_key=target.key, target_loose=target.email_loose, target_says=target.source_key)
    chosen = chosen.left_join(there, chosen.target_key == there.there_key).drop("there_key")
    window = ibis.window(group_by="target_key")
    same = (chosen.target_loose == chosen.email_loose).fill_null(False)
    sharing = chosen.target_key.notnull() & (chosen.winner.count().over(window) > 1)
    chosen = chosen.mutate(sharing=sharing, rightful=ibis.cases((~sharing, 0), (same, 1), else_=2))
    # Only an earlier run makes one record of several people: whoever leads to it otherwise is in doubt.
    doubtful = ~chosen.matched_by.isin(("ledger", "source_key"))
    alone = (chosen.rightful == 1).sum().over(window) == 1
    return chosen.mutate(alone_rightful=alone & (doubtful.sum().over(window) == 0))


def _apart(chosen: ir.Table, ways: crm.Ways) -> ir.Table:
    """People who were one at an earlier run, of whom one still has the record's address: the others look for their own.

    Whose key stands on the record waits until the one with the address has put another there (``rekey``): a write by key
    would land on it.
    """
    parted = chosen.sharing & chosen.alone_rightful
    other = parted & (chosen.rightful == 2) & (chosen.target_says != chosen.own_key).fill_null(True)
    nothing = ibis.null("string")
    elsewhere = (chosen.alone != chosen.target_key).ifelse(chosen.alone, nothing)
    by = ((chosen.hits >= 1) & ways.by_address).ifelse("address", "new")
    return chosen.mutate(
        target_key=other.ifelse(elsewhere, chosen.target_key),
        matched_by=other.ifelse(by, chosen.matched_by),
        id_key=other.ifelse(nothing, chosen.id_key),
        made=other.ifelse(nothing, chosen.made),
        rekey=parted & (chosen.rightful == 1) & (chosen.target_says != chosen.own_key).fill_null(False),
    )


def _parked(t: ir.Table, ways: crm.Ways) -> ir.StringValue:
    gone = t.id_key.notnull() & t.id_found.isnull() & t.target_key.isnull()
    by_crm, by_key = t.matched_by == "crm_id", t.matched_by == "source_key"
    # Keys are told apart by the connection's name, and two platforms may have been called alike.
    own = (t.key_born == t.own_born).fill_null(False) | t.key_loose.identical_to(t.email_loose)
    return ibis.cases(
        (t.doubtful, "doubtful_address"),
        (t.tomb.notnull() | t.erased, "erased_address"),
        (t.email.notnull() & t.email_strict.isnull(), "address_unusable"),
        (~t.email_strict.re_search("^[ -~]*$"), "address_not_ascii"),
        (t.email_strict.length() > 255, "address_too_long"),
        ((t.matched_by == "ledger") & t.strange & ~t.target_loose.identical_to(t.email_loose), "id_elsewhere"),
        (by_key & (t.key_hits > 1), "several_by_key"),
        (by_key & ~own, "key_elsewhere"),
        (by_crm & (t.crm_hits > 1), "several_by_crm_id"),
        (by_crm & t.crm_shared, "crm_id_shared"),
        (by_crm & _conflicting(t, ways), crm.CONFLICT),
        ((t.hits > 1) & (t.matched_by == "address"), "several_on_target"),
        ((t.hits >= 1) & (t.matched_by == "new"), "address_not_matched"),
        # What is refused there at the address, the record would not refuse once it has it too.
        ((t.hits >= 1) & t.target_key.notnull() & t.target_loose.isnull(), "address_elsewhere"),
        (t.sharing & ~((t.rightful == 1) & t.alone_rightful), "shares_target"),
        (gone, "gone_on_target"),
        else_="",
    )


def _conflicting(t: ir.Table, ways: crm.Ways) -> ir.BooleanValue:
    """The CRM's id leads to one record, and the address to others; or the two sides know another contact of one lead.

    Whoever declared the id right is taken at their word, unless the record would get the address by it: what the others
    with that address refuse, it would not.
    """
    doubted = ~t.winner.isin(ways.accepted.winner)
    elsewhere = (t.hits >= 1) & (t.target_loose.isnull() | (t.target_loose != t.email_loose))
    return (t.crm_clash & doubted) | (elsewhere & (t.target_loose.isnull() | (doubted & ways.by_address)))

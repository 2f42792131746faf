"""The population plan's expressions: each cluster's winner beside its verdict and its match on the target."""

import ibis
import ibis.expr.types as ir

from mamigrate.consent import cluster, verdict
from mamigrate.mapping.migration import CREATED, api_name
from mamigrate.plan import crm


def target_index(target: ir.Table, key_field: str) -> ir.Table:
    """Target people by what they are found by: (key, source_key, born, email_loose). ``born`` is when the source made the
    record that was carried there.
    """
    told = {"source_key": key_field, "born": api_name(CREATED.name, key_field)}
    return target.select("key", "email_loose", **{name: target["values"].get(field) for name, field in told.items()})


def winners(
    people: ir.Table, clusters: ir.Table, verdicts: ir.Table, granted: ir.Table, accounts: ir.Table
) -> ir.Table:
    """One row a target person to be: the newest record's key, the address it is written with, its verdict, its living account.

    No values: they are joined last (``whole``), so that no step carries all of them through several joins.
    """
    firsts = clusters.filter(clusters.person_key == clusters.winner).select("winner", "members", "doubtful")
    narrow = people.select("key", "email_loose", first_account=people.account_keys[0], **_born(people))
    joined = narrow.join(firsts, narrow.key == firsts.winner)
    joined = joined.join(cluster.spelled(people, clusters), "winner")
    joined = joined.left_join(cluster.twins(clusters), "winner").drop("winner_right")
    joined = joined.left_join(verdicts, "winner").drop("winner_right")
    joined = joined.left_join(granted, "winner").drop("winner_right")
    living = accounts.filter(~accounts.archived).select(account_key="key")
    return joined.left_join(living, joined.first_account == living.account_key)


def _born(people: ir.Table) -> dict[str, ir.StringValue]:
    """When a record was made, in the words in which its copy on the target says it."""
    return {"own_born": people.created_at.strftime("%Y-%m-%dT%H:%M:%SZ")}


def whole(people: ir.Table, matched: ir.Table) -> ir.Table:
    """The winners with all that their own records say; ``touched`` where a denial of any kind is known."""
    known = set(matched.columns) - {"key"}
    matched = matched.mutate(touched=(matched.wide.length() > 0) | (matched.topics.length() > 0))
    return matched.join(people.select(*(name for name in people.columns if name not in known)), "key")


def older(people: ir.Table, merged: ir.Table) -> ir.Table:
    """Records that were merged into a winner: (key, rank, older_values, older_accounts), newest first; ``key`` is the winner's."""
    newest_first = ibis.window(group_by="key", order_by=[ibis.desc("modified"), "person_key"])
    ranked = merged.select("person_key", "modified", key="winner").mutate(rank=ibis.row_number().over(newest_first))
    values = people.select(person_key=people.key, older_values=people["values"], older_accounts="account_keys")
    return ranked.join(values, "person_key").select("key", "rank", "older_values", "older_accounts")


def standing(matched: ir.Table, target: ir.Table) -> ir.Table:
    """What stands on the target of winners that were found there: (key, target_values)."""
    found = matched.filter(matched.target_key.notnull()).select("key", "target_key")
    there = target.select(target_key=target.key, target_values=target["values"])
    return found.join(there, "target_key").select("key", "target_values")


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
    by_key = _by_key(target)
    addressed = target.filter(target.email_loose.notnull())
    hits = addressed.group_by("email_loose").agg(hits=addressed.count(), address_key=addressed.key.min())
    prefixed = winning.mutate(own_key=ibis.literal(f"{source}/person/") + winning.key)
    joined = prefixed.left_join(by_id, "winner").drop("winner_right")
    joined = joined.left_join(by_key, joined.own_key == by_key.source_key).drop("source_key")
    joined = joined.left_join(ways.found, "winner").drop("winner_right")
    joined = joined.left_join(hits, "email_loose").drop("email_loose_right")
    tombs = erased.select(tomb="address_loose").distinct()
    joined = joined.left_join(tombs, joined.email_loose == tombs.tomb)
    # Ours is what we created for any of the records that live on in it, whichever of them is the newest now.
    ours = ids.filter(ids.made == "created").select(ours_key="target_key").distinct()
    chosen = _chosen(joined, target, ways)
    chosen = chosen.left_join(ours, chosen.target_key == ours.ours_key)
    return chosen.mutate(made=chosen.ours_key.notnull().ifelse("created", chosen.made)).drop("ours_key")


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
        (t.tomb.notnull() | t.wide.contains("erasure"), "erased_address"),
        (t.email.notnull() & t.email_strict.isnull(), "address_unusable"),
        (~t.email_strict.re_search("^[ -~]*$"), "address_not_ascii"),
        (t.email_strict.length() > 255, "address_too_long"),
        (by_key & (t.key_hits > 1), "several_by_key"),
        (by_key & ~own, "key_elsewhere"),
        (by_crm & (t.crm_hits > 1), "several_by_crm_id"),
        (by_crm & t.crm_shared, "crm_id_shared"),
        (by_crm & _conflicting(t, ways), crm.CONFLICT),
        ((t.hits > 1) & (t.matched_by == "address"), "several_on_target"),
        ((t.hits >= 1) & (t.matched_by == "new"), "address_not_matched"),
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


def departed(ids: ir.Table, clusters: ir.Table, matched: ir.Table, target: ir.Table) -> ir.Table:
    """Records of earlier runs that stand for nobody of their own any more: (key, target_key, values).

    Their person left the source, or became one with a written person who has another record. The old platform would not
    mail them any more. A record that a written person carries now is left to that person.
    """
    parked = matched.filter(matched.parked != "").select(winner="key")
    alone = clusters.filter(clusters.person_key == clusters.winner).select(source_key="person_key")
    waiting = clusters.semi_join(parked, "winner").select(source_key="person_key")
    gone = ids.anti_join(alone.union(waiting), "source_key")
    carried = matched.filter((matched.parked == "") & matched.target_key.notnull()).select("target_key")
    gone = gone.anti_join(carried, "target_key")
    there = target.select(target_key=target.key, values=target["values"])
    return gone.join(there, "target_key").select("target_key", "values", key="source_key")


def keyed(matched: ir.Table, target: ir.Table) -> ir.Table:
    """(winner, target_key): every record of the ``target_index`` that says it is a person's."""
    said = target.select("source_key", target_key="key")
    return (
        matched.select("own_key", winner="key").join(said, [("own_key", "source_key")]).select("winner", "target_key")
    )


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


def further(people: ir.Table, clusters: ir.Table) -> ir.Table:
    """(winner, at): the addresses of a person beside the first one."""
    told = clusters.select("person_key", "winner").join(verdict.others(people), "person_key")
    return told.select("winner", "at").distinct()


def at_further(further: ir.Table, target: ir.Table) -> ir.Table:
    """(winner, target_key): records on the target with a further address of a person."""
    there = target.filter(target.email_loose.notnull()).select("email_loose", target_key="key")
    return further.join(there, [("at", "email_loose")]).select("winner", "target_key").distinct()


def bearing(ids: ir.Table, clusters: ir.Table, matched: ir.Table, target: ir.Table, kin: ir.Table) -> ir.Table:
    """Records on the target that must be no more open than a person whom another record carries, or none:
    (target_key, winner, parked, wide, topics, granted).

    They have the person's address or CRM id, or are those of a parked person. One that a written person carries is left to
    that person, unless it has the address or the id of somebody else. Where id and address contradict each other, they are
    held.
    """
    waiting = matched.filter(matched.parked != "")
    own = waiting.filter(waiting.target_key.notnull()).select("target_key", winner="key")
    theirs = clusters.semi_join(waiting.select(winner="key"), "winner").select("winner", source_key="person_key")
    earlier = ids.join(theirs, "source_key").select("target_key", "winner")
    carried = matched.filter((matched.parked == "") & matched.target_key.notnull()).select("target_key")
    records = own.union(earlier).anti_join(carried, "target_key").union(alike(matched, target, kin), distinct=True)
    held = matched.wide.concat(ibis.literal([crm.HOLD], type="array<string>"))
    wide = (matched.parked == crm.CONFLICT).ifelse(held, matched.wide)
    said = matched.select("topics", "granted", winner="key", wide=wide, parked=matched.parked != "")
    return records.join(said, "winner")


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


def stranded(borne: ir.Table, held: ir.Table, target: ir.Table) -> ir.Table:
    """Records of ``borne`` that no denied address reaches: (key, target_key, parked, wide, topics, granted, values)."""
    hit = held.filter(held.targets.notnull()).select(hit=held.targets.unnest())
    left = borne.anti_join(hit.select(target_key=hit.hit.key), "target_key")
    there = target.select(target_key=target.key, values=target["values"])
    return left.join(there, "target_key")


def suppressions(
    denials: ir.Table, matched: ir.Table, target: ir.Table, borne: ir.Table, further: ir.Table
) -> ir.Table:
    """Denied addresses that no written person carries: (address_loose, address, wide, held, targets, person).

    ``held`` is true where the address itself bears a denial; parked people who are denied are here too, so that their
    records on the target, if any, are denied. ``person`` is what the facts of the person with the address say, and what
    ``borne`` says of each of ``targets``.
    """
    # An address is taken care of where exactly the written record carries it.
    alone = matched.hits.isnull() | (matched.hits <= 1)
    # A record without an address gets it with this plan.
    carried = matched.target_loose.isnull() | (matched.target_loose == matched.email_loose)
    written = (matched.parked == "") & matched.email_loose.notnull()
    claimed = matched.filter(written & alone & carried).select(address_loose="email_loose")
    own = denials.filter((denials.holder == "address") & denials.address_loose.notnull())
    own = own.select("address_loose", address="address_strict", kind="kind", held=ibis.literal(True))
    elsewhere = matched.filter(matched.email_loose.notnull() & (matched.wide.length() > 0))
    parked = elsewhere.anti_join(claimed, elsewhere.email_loose == claimed.address_loose)
    through = parked.select(
        address_loose="email_loose", address="email_strict", kind=parked.wide.unnest(), held=ibis.literal(False)
    )
    every = own.union(through).anti_join(claimed, "address_loose")
    holdable = every.address.re_search("^[ -~]*$")
    grouped = every.group_by("address_loose").agg(
        address=ibis.coalesce(every.address.max(where=holdable), every.address.max()),
        wide=every.kind.collect(distinct=True),
        held=every.held.any(),
    )
    addressed = target.filter(target.email_loose.notnull())
    addressed = addressed.semi_join(grouped, addressed.email_loose == grouped.address_loose)
    people = borne.select("wide", "topics", "granted", target_key="target_key")
    known = addressed.left_join(people, addressed.key == people.target_key)
    said = ibis.struct({name: known[name] for name in ("wide", "topics", "granted")})
    record = ibis.struct({"key": known.key, "values": known["values"], "person": said})
    there = known.group_by("email_loose").agg(targets=record.collect())
    joined = grouped.left_join(there, grouped.address_loose == there.email_loose).drop("email_loose")
    bearers = _bearers(matched, further)
    joined = joined.left_join(bearers, joined.address_loose == bearers["at"])
    person = ibis.struct({"wide": joined.of_person, "topics": joined.topics, "granted": joined.granted})
    joined = joined.mutate(person=person).drop("at", "of_person", "topics", "granted")
    return joined.mutate(wide=joined.wide.sort()).filter(lambda t: t.held | t.targets.notnull())


def _bearers(matched: ir.Table, further: ir.Table) -> ir.Table:
    """(at, of_person, topics, granted): what the facts of all say who have an address, as their first one or another."""
    first = matched.filter(matched.email_loose.notnull()).select("key", at="email_loose")
    every = first.union(further.select("at", key="winner").select("key", "at"), distinct=True)
    parked = ibis.literal(False)  # of no account here
    said = every.join(matched.select("key", "wide", "topics", "granted"), "key")
    together = borne(said.select("wide", "topics", "granted", target_key="at", winner="key", parked=parked))
    return together.select("topics", "granted", at="target_key", of_person="wide")

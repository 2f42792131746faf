"""The population plan's expressions: each cluster's winner beside its verdict and its match on the target."""

import ibis
import ibis.expr.types as ir

from mamigrate.plan import crm


def target_index(target: ir.Table, key_field: str) -> ir.Table:
    """Target people by what they are found by: (key, source_key, email_loose)."""
    return target.select("key", "email_loose", source_key=target["values"].get(key_field))


def winners(
    people: ir.Table, clusters: ir.Table, verdicts: ir.Table, granted: ir.Table, accounts: ir.Table
) -> ir.Table:
    """One row a target person to be: the newest record's key and address, its verdict, its living account.

    No values: they are joined last (``whole``), so that no step carries all of them through several joins.
    """
    firsts = clusters.filter(clusters.person_key == clusters.winner).select("winner", "members", "doubtful")
    narrow = people.select("key", "email", "email_strict", "email_loose", first_account=people.account_keys[0])
    joined = narrow.join(firsts, narrow.key == firsts.winner)
    joined = joined.left_join(verdicts, "winner").drop("winner_right")
    joined = joined.left_join(granted, "winner").drop("winner_right")
    living = accounts.filter(~accounts.archived).select(account_key="key")
    return joined.left_join(living, joined.first_account == living.account_key)


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
    by_key = target.filter(target.source_key.notnull()).group_by("source_key").agg(key_key=lambda t: t.key.min())
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


def _chosen(joined: ir.Table, target: ir.Table, ways: crm.Ways) -> ir.Table:
    alone = ((joined.hits == 1) & ways.by_address).ifelse(joined.address_key, ibis.null("string"))
    by_crm = (joined.crm_hits == 1).ifelse(joined.crm_key, ibis.null("string"))
    chosen = joined.mutate(
        target_key=ibis.coalesce(joined.id_found, joined.key_key, (joined.crm_hits >= 1).ifelse(by_crm, alone)),
        matched_by=ibis.cases(
            (joined.id_found.notnull(), "ledger"),
            (joined.key_key.notnull(), "source_key"),
            (joined.crm_hits >= 1, "crm_id"),
            ((joined.hits >= 1) & ways.by_address, "address"),
            else_="new",
        ),
    )
    window = ibis.window(group_by="target_key")
    chosen = chosen.mutate(sharing=chosen.target_key.notnull() & (chosen.winner.count().over(window) > 1))
    there = target.select(there_key=target.key, target_loose=target.email_loose)
    chosen = chosen.left_join(there, chosen.target_key == there.there_key).drop("there_key")
    return chosen.mutate(parked=_parked(chosen, ways))


def _parked(t: ir.Table, ways: crm.Ways) -> ir.StringValue:
    gone = t.id_key.notnull() & t.id_found.isnull() & t.target_key.isnull()
    by_crm = t.matched_by == "crm_id"
    return ibis.cases(
        (t.doubtful, "doubtful_address"),
        (t.tomb.notnull() | t.wide.contains("erasure"), "erased_address"),
        (t.email.notnull() & t.email_strict.isnull(), "address_unusable"),
        (~t.email_strict.re_search("^[ -~]*$"), "address_not_ascii"),
        (t.email_strict.length() > 255, "address_too_long"),
        (by_crm & (t.crm_hits > 1), "several_by_crm_id"),
        (by_crm & t.crm_shared, "crm_id_shared"),
        (by_crm & _conflicting(t, ways), crm.CONFLICT),
        ((t.hits > 1) & (t.matched_by == "address"), "several_on_target"),
        ((t.hits >= 1) & (t.matched_by == "new"), "address_not_matched"),
        (t.sharing, "shares_target"),
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


def alike(matched: ir.Table, target: ir.Table, kin: ir.Table) -> ir.Table:
    """Every record on the target with the address or a CRM id of a person, but the one that this person is written to:
    (target_key, winner). ``kin`` has (winner, target_key) of those with the id."""
    people = matched.select("email_loose", winner="key", own=(matched.parked == "").ifelse(matched.target_key, ""))
    there = target.filter(target.email_loose.notnull()).select("email_loose", target_key="key")
    addressed = there.join(people.filter(people.email_loose.notnull()), "email_loose")
    linked = kin.join(people, "winner")
    columns = ("target_key", "winner", "own")
    pairs = addressed.select(*columns).union(linked.select(*columns), distinct=True)
    return pairs.filter(pairs.own.isnull() | (pairs.own != pairs.target_key)).select("target_key", "winner")


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


def suppressions(denials: ir.Table, matched: ir.Table, target: ir.Table, borne: ir.Table) -> ir.Table:
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
    bearers = matched.select("email_loose", "topics", "granted", of_person="wide")
    joined = joined.left_join(bearers, joined.address_loose == bearers.email_loose)
    person = ibis.struct({"wide": joined.of_person, "topics": joined.topics, "granted": joined.granted})
    joined = joined.mutate(person=person).drop("email_loose", "of_person", "topics", "granted")
    return joined.mutate(wide=joined.wide.sort()).filter(lambda t: t.held | t.targets.notnull())

"""The population plan's expressions: each cluster's winner beside its verdict and its match on the target."""

import ibis
import ibis.expr.types as ir

from mamigrate.consent import cluster
from mamigrate.once import once


@once
def winners(
    people: ir.Table, clusters: ir.Table, verdicts: ir.Table, granted: ir.Table, accounts: ir.Table
) -> ir.Table:
    """One row a target person to be: the newest record's key, the address it is written with, its verdict, its living account.

    No values: they are joined last (``whole``), so that no step carries all of them through several joins.
    """
    firsts = clusters.filter(clusters.person_key == clusters.winner).select("winner", "members", "doubtful")
    narrow = people.select("key", "email_loose", first_account=people.account_keys[0], own_born=born(people))
    joined = narrow.join(firsts, narrow.key == firsts.winner)
    joined = joined.join(cluster.spelled(people, clusters), "winner")
    joined = joined.left_join(cluster.twins(clusters), "winner").drop("winner_right")
    joined = joined.left_join(verdicts, "winner").drop("winner_right")
    joined = joined.left_join(granted, "winner").drop("winner_right")
    living = accounts.filter(~accounts.archived).select(account_key="key")
    return joined.left_join(living, joined.first_account == living.account_key)


def born(people: ir.Table) -> ir.StringValue:
    """When a record was made, in the words in which its copy on the target says it."""
    return people.created_at.strftime("%Y-%m-%dT%H:%M:%SZ")


@once
def whole(people: ir.Table, matched: ir.Table) -> ir.Table:
    """The winners with all that their own records say; ``touched`` where a denial of any kind is known."""
    known = set(matched.columns) - {"key"}
    matched = matched.mutate(touched=(matched.wide.length() > 0) | (matched.topics.length() > 0))
    return matched.join(people.select(*(name for name in people.columns if name not in known)), "key")


@once
def older(people: ir.Table, merged: ir.Table) -> ir.Table:
    """Records that were merged into a winner: (key, rank, older_values, older_accounts), newest first; ``key`` is the winner's."""
    newest_first = ibis.window(group_by="key", order_by=[ibis.desc("modified"), "person_key"])
    ranked = merged.select("person_key", "modified", key="winner").mutate(rank=ibis.row_number().over(newest_first))
    values = people.select(person_key=people.key, older_values=people["values"], older_accounts="account_keys")
    return ranked.join(values, "person_key").select("key", "rank", "older_values", "older_accounts")


@once
def standing(matched: ir.Table, target: ir.Table) -> ir.Table:
    """What stands on the target of winners that were found there: (key, target_values)."""
    found = matched.filter(matched.target_key.notnull()).select("key", "target_key")
    there = target.select(target_key=target.key, target_values=target["values"])
    return found.join(there, "target_key").select("key", "target_values")

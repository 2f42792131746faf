"""Why each person may or may not be mailed after the move: one cause a person, so that the causes add up to everybody."""

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from mamigrate.consent import mirrors
from mamigrate.consent.kinds import NO_BASIS
from mamigrate.findings import Severity
from mamigrate.stages import against, own_word
from mamigrate.stages.denied import REFERENCE
from mamigrate.stages.people import PeoplePlan

OPEN, BY_FIELD = "open", "held_by_field"
BY_FILE, ELSEWHERE, BY_LOG = "opt_outs_from_files", "denied_at_other_address", "denied_by_log"
BY_ALIAS, BY_ROLLBACK = "denied_by_alias", "denied_before_rollback"
BY_TOMBSTONE, BY_COLUMN = "denied_by_tombstones", "denied_by_columns"
_STATE, _FILE, _ELSEWHERE, _LOG = range(4)
"""What tells of an opt-out, the best known first."""

_GRAVEST = ("undeliverable", "block", "unparsed", "time_hold", "org_hold", "source_hold", NO_BASIS)
"""The kind that is told of somebody whom several deny and who said nothing."""


def causes(plan: PeoplePlan) -> ir.Table:
    """(winner, cause, field, own), one row a person; ``cause`` is OPEN for whoever nothing denies as a whole.

    Whom the source itself denies, its own facts alone name the cause of, whatever else denies them too.
    ``field`` is the field of the source that alone holds somebody, else empty. ``own`` are the kinds that deny a person as a
    whole without what a rollback kept of an earlier move: that repeats what something else said, and is a cause only where
    nothing says it any more.
    """
    keep = plan.move.engine.keep
    people = plan.matched.select("wide", "parked", winner="key", addressed=plan.matched.email_strict.notnull())
    rolled = keep(plan.denials.filter(plan.denials.source_ref.startswith(REFERENCE)).select(fact="key"))
    undone = plan.move.engine.one(rolled.agg(n=rolled.count()))["n"] > 0
    standing = against.of(plan).anti_join(rolled, "fact") if undone else against.of(plan)
    people = _without(plan, people, rolled) if undone else people.mutate(own=people.wide, shut=ibis.literal(False))
    # Step by step: one query of all these joins needs more memory the more people there are.
    standing = keep(standing)
    kinds = keep(against.kinds(standing))
    people = keep(people.left_join(kinds, "winner").drop("winner_right"))
    people = people.mutate(said=ibis.coalesce(people.theirs, people.own))
    joined = people.left_join(keep(_grounds(plan, keep(against.heard(standing, kinds)))), "winner").drop("winner_right")
    aliases = plan.aliases.join(plan.clusters.select("person_key", "winner"), "person_key")
    joined = joined.mutate(aliased=joined.winner.isin(aliases.winner))
    cause, field = _cause(joined), joined.field.fill_null("")
    named = joined.select("winner", "own", cause=cause, field=(cause == BY_FIELD).ifelse(field, ""))
    return keep(named)


def _without(plan: PeoplePlan, people: ir.Table, rolled: ir.Table) -> ir.Table:
    """``people`` with ``own``, and ``shut``: the person's topics alone leave nothing open."""
    engine = plan.move.engine
    wide = plan.against.filter((plan.against.topic == "*") & (plan.against.brand == "*"))
    kept = wide.semi_join(rolled, "fact").select("winner", "kind").distinct()
    said = against.unlifted(plan, wide).anti_join(rolled, "fact").select("winner", "kind")
    alone = engine.keep(kept.anti_join(said, ["winner", "kind"]))
    each = people.filter(people.wide.length() > 0).select("winner", kind=people.wide.unnest())
    own = each.anti_join(alone, ["winner", "kind"]).group_by("winner").agg(own=lambda t: t.kind.collect().sort())
    joined = people.left_join(engine.keep(own), "winner").drop("winner_right")
    left = engine.keep(joined.mutate(own=ibis.coalesce(joined.own, ibis.literal([], type="array<string>"))))
    return left.mutate(shut=left.winner.isin(_shut(plan, left).winner))


def _shut(plan: PeoplePlan, people: ir.Table) -> ir.Table:
    """(winner) of those whom nothing but their topics leaves nothing to be sent, now that a rollback's denials are put aside."""
    engine = plan.move.engine
    held = people.filter((people.own.length() == 0) & (people.wide.length() > 0)).select("winner")
    their = engine.keep(held.join(plan.matched.select("topics", "granted", winner="key"), "winner"))
    closed = [
        {"topics": row["topics"], "granted": row["granted"]}
        for row in engine.rows(their.select("topics", "granted").distinct())
        if plan.planner.judged((), tuple(row["topics"]), tuple(row["granted"] or ())).wide
    ]
    texts = pa.list_(pa.string())
    shut = engine.memory(pa.Table.from_pylist(closed, pa.schema([("topics", texts), ("granted", texts)])))
    same = (their.topics == shut.topics) & their.granted.identical_to(shut.granted)
    return their.semi_join(shut, same).select("winner")


def _cause(t: ir.Table) -> ir.StringValue:
    alone, objection, beside = t.said.length() == 1, t.said.contains("objection"), t.theirs.isnull()
    return ibis.cases(
        (t.parked != "", "parked"),
        (~t.addressed, "no_address"),
        ((t.wide.length() == 0) | t.shut, OPEN),
        (t.own.length() == 0, BY_ROLLBACK),
        (beside & (t.beside == against.MARKED), BY_TOMBSTONE),
        (beside & (t.beside == against.DECLARED), BY_COLUMN),
        *((t.said.contains(kind), kind) for kind in ("erasure", "complaint")),
        (objection & (t.by == _FILE), BY_FILE),
        (objection & (t.by == _ELSEWHERE), ELSEWHERE),
        (objection & (t.by == _LOG) & alone, BY_LOG),
        (objection & (t.by != _LOG), "objection"),
        (beside & alone & t.said.contains("org_hold") & t.aliased, BY_ALIAS),
        (alone & t.said.contains("source_hold") & (t.fields == 1) & (t.field != ""), BY_FIELD),
        *((t.said.contains(kind), kind) for kind in _GRAVEST),
        else_="objection",
    )


def _grounds(plan: PeoplePlan, standing: ir.Table) -> ir.Table:
    """(winner, by, fields, field): what tells of a person's opt-outs of everything, and which fields hold the person.

    ``by`` is the best known; a list that holds somebody is a field without a name.
    """
    wide = plan.denials.filter((plan.denials.topic == "*") & (plan.denials.brand == "*"))
    told = wide.select(fact="key", by=_by(plan, wide), at="address_loose", name=wide.source_ref.split("/")[-1])
    own = plan.matched.select(winner="key", own="email_loose")
    known = standing.left_join(told, "fact").drop("fact_right").join(own, "winner")
    by = ((known.by == _STATE) & (known["at"] != known.own)).ifelse(_ELSEWHERE, known.by)
    holds, objects = known.kind == "source_hold", known.kind == "objection"
    name = known.name.fill_null("")
    return known.group_by("winner").agg(
        by=by.min(where=objects), fields=name.nunique(where=holds), field=name.min(where=holds)
    )


def _by(plan: PeoplePlan, facts: ir.Table) -> ir.IntegerValue:
    source = plan.move.source
    logged = mirrors.unbranded(facts, source.adapter.blockers, source.name)
    return ibis.cases((own_word.filed(facts), _FILE), (logged, _LOG), else_=_STATE)


def tell_kept(plan: PeoplePlan, causes: ir.Table) -> None:
    """Tell who stays unmailed without having said so themselves: by a log without brands, or by a field of the source."""
    move = plan.move
    back = causes.mutate(back=causes.winner.isin(plan.lifted.winner))
    counted = back.group_by("cause", "field").agg(n=back.count(), back=back.back.sum())
    for row in move.engine.rows(counted.order_by("cause", "field")):
        people, subject = str(row["n"]), f"{move.source.name}/person"
        if row["cause"] == BY_LOG:
            move.findings.add("denied_by_log", Severity.WARN, subject, people=people)
        if row["cause"] == BY_FIELD:
            params = {"field": row["field"], "people": people, "back": str(row["back"])}
            move.findings.add("held_by_field", Severity.NOTE, f"{move.source.name}/field/{row['field']}", **params)

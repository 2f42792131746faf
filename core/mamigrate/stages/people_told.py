"""What a plan of the population tells of single people: who is denied beyond their word, and whose denial ended."""

from collections import Counter

import ibis

from mamigrate.consent import pending, unanswered
from mamigrate.findings import Severity
from mamigrate.stages import denied, returned
from mamigrate.stages.people import ROWS, PeoplePlan


def unknown_holders(plan: PeoplePlan) -> None:
    """A denial held by a person whom the source does not know cannot be applied: each is a finding.

    Not so where a rollback kept it: the person stood on the source then, and the denial has the address beside it.
    """
    held = plan.denials.filter((plan.denials.holder == "person") & plan.denials.person_key.notnull())
    held = held.filter(~held.source_ref.startswith(denied.REFERENCE))
    known = plan.people.select(person_key="key").union(plan.people.select(person_key=plan.people.merged_keys.unnest()))
    lost = held.anti_join(known, "person_key").select("person_key", "source_ref")
    for batch in plan.move.engine.batches(lost.order_by("person_key"), ROWS):
        for row in batch:
            subject = f"{plan.move.source.name}/person/{row['person_key']}"
            plan.move.findings.add("fact_person_unknown", Severity.WARN, subject, source=row["source_ref"])


def over_restricted(plan: PeoplePlan) -> None:
    """Tell who is denied more than they asked for: a topic without a place on the target, and nothing left that is open."""
    move, free = plan.move, plan.matched.filter(lambda t: (t.wide.length() == 0) & (t.parked == ""))
    grown, shut = Counter[str](), 0
    for row in move.engine.rows(free.group_by("topics", "granted").agg(n=ibis._.count())):
        judged = plan.planner.judged((), tuple(row["topics"]), tuple(row["granted"] or ()))
        grown.update(dict.fromkeys(judged.widened, row["n"]))
        shut += row["n"] if judged.wide and not judged.widened else 0
    for topic, people in sorted(grown.items()):
        subject = f"{move.source.name}/topic/{topic}"
        move.findings.add("denial_widened", Severity.WARN, subject, topic=topic, people=str(people))
    if shut:
        move.findings.add("no_topic_open", Severity.NOTE, f"{move.source.name}/person", people=str(shut))


def tell_expired(plan: PeoplePlan) -> None:
    """Tell how many requests for a double opt-in ran out: they count as refused, and nobody is asked again."""
    gone = plan.facts.filter((plan.facts.kind == "refused") & plan.facts.key.endswith(pending.SUFFIX))
    (row,) = plan.move.engine.rows(gone.agg(n=gone.key.nunique()))
    if row["n"]:
        plan.move.findings.add("pending_expired", Severity.NOTE, f"{plan.move.source.name}/person", count=str(row["n"]))


def tell_unanswered(plan: PeoplePlan) -> None:
    """Tell how many people are denied because the platform gave no answer about them."""
    said = plan.facts.filter((plan.facts.kind == "unparsed") & plan.facts.source_ref.endswith(f"/{unanswered.FIELD}"))
    (row,) = plan.move.engine.rows(said.agg(n=said.person_key.nunique()))
    if row["n"]:
        plan.move.findings.add(
            "people_unanswered", Severity.WARN, f"{plan.move.source.name}/person", count=str(row["n"])
        )


def tell_lifted(plan: PeoplePlan) -> None:
    """Name each denial that the person's own later return ended, with both proofs: an auditor looks at every one."""
    returned.tell(plan)
    written = plan.matched.filter(plan.matched.parked == "").select(winner="key")
    sources = plan.facts.select("key", "source_ref")
    denials, grants = sources.select(fact="key", denial="source_ref"), sources.select(grant="key", proof="source_ref")
    told = plan.lifted.semi_join(written, "winner").join(denials, "fact").join(grants, "grant")
    named = told.select("winner", "cell", "denial", "proof").distinct()
    for batch in plan.move.engine.batches(named.order_by("winner", "cell", "denial"), ROWS):
        for row in batch:
            params = {"topic": row["cell"].rpartition("|")[2], "denial": row["denial"], "proof": row["proof"]}
            subject = f"{plan.move.source.name}/person/{row['winner']}"
            plan.move.findings.add("denial_lifted", Severity.NOTE, subject, **params)


def tell_aliases(plan: PeoplePlan) -> None:
    """Name each person who is held because another spelling of the mailbox said no: somebody must look."""
    for batch in plan.move.engine.batches(plan.aliases.order_by("person_key"), ROWS):
        for row in batch:
            subject = f"{plan.move.source.name}/person/{row['person_key']}"
            plan.move.findings.add("alias_of_denied", Severity.WARN, subject, denial=row["source_ref"])


def tell_near(plan: PeoplePlan) -> None:
    """Name each person whom nothing denies, and who has the address of somebody who left everything but for a tag."""
    winners = plan.clusters.select("person_key", "winner")
    free = plan.matched.filter((plan.matched.wide.length() == 0) & (plan.matched.parked == "")).select(winner="key")
    found = plan.near.join(winners, "person_key").semi_join(free, "winner")
    for batch in plan.move.engine.batches(found.order_by("person_key"), ROWS):
        for row in batch:
            subject = f"{plan.move.source.name}/person/{row['person_key']}"
            plan.move.findings.add("near_denied", Severity.NOTE, subject, denial=row["source_ref"])


def tell_spellings(plan: PeoplePlan) -> None:
    """Name each person who is written with the address of an older record, since the target cannot hold the newest one's."""
    taken = plan.matched.filter((plan.matched.parked == "") & (plan.matched.speller != plan.matched.key))
    for batch in plan.move.engine.batches(taken.select("key", "speller").order_by("key"), ROWS):
        for row in batch:
            subject = f"{plan.move.source.name}/person/{row['key']}"
            plan.move.findings.add(
                "spelling_of_twin", Severity.NOTE, subject, twin=plan.planner.named([row["speller"]])
            )

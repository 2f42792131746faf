"""The plan of the population: expressions kept on the engine, streamed through the pure planner as often as needed."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from mamigrate.consent import alias, cluster, lifting, mirrors, verdict
from mamigrate.consent.scope import FLAT, Scope
from mamigrate.contract import ConsentFields, NeutralRow
from mamigrate.errors import UsageError
from mamigrate.findings import Severity
from mamigrate.model.estate import List
from mamigrate.model.kinds import Kind
from mamigrate.plan import joined
from mamigrate.plan.consent import TopicCell
from mamigrate.plan.model import Bucket, Planned
from mamigrate.plan.people import PeoplePlanner
from mamigrate.plan.suppressed import departure, stranded, suppression
from mamigrate.snapshot.engine import Engine, InOrder
from mamigrate.snapshot.folder import Snapshot
from mamigrate.stages import crm, denied, ids, regimes, standing
from mamigrate.stages.crm import Link
from mamigrate.stages.move import Move
from mamigrate.stages.prepare import Prepared

ROWS = 1000
"""Rows planned at a time."""
PIECE = 5000
"""People whose values are sorted at once."""


LAWLESS = pa.schema([(name, pa.string()) for name in ("winner", "kind", "topic", "brand")])
"""What packs of law deny."""


@dataclass(frozen=True, slots=True)
class PeoplePlan:
    """Kept tables of one plan. ``told`` are the facts as they were resolved, ``lawless`` what packs deny. Streams are deterministic: they can be run again to apply and to verify."""

    move: Move
    planner: PeoplePlanner
    people: ir.Table
    facts: ir.Table
    denials: ir.Table
    clusters: ir.Table
    matched: ir.Table
    held: ir.Table
    holds: ir.Table
    aliases: ir.Table
    departed: ir.Table
    bearing: ir.Table
    stranded: ir.Table
    lifted: ir.Table
    explained: ir.Table
    told: ir.Table
    lawless: ir.Table
    on_target: ir.Table
    rows: InOrder
    older: InOrder
    standing: InOrder

    def people_planned(self, denied: bool | None = None) -> Iterator[Planned]:
        """Every cluster's winner. ``denied`` True: only those with a wide denial or topics; False: the others."""
        older, standing = beside(self.older, "older_values"), beside(self.standing, "target_values")
        accounts = beside(self.older, "older_accounts")
        for row in self.rows if denied is None else self.rows.where(touched=denied):
            row["older"] = older(row["key"])
            row["older_accounts"] = [key for keys in accounts(row["key"]) for key in keys]
            row["target_values"] = next(iter(standing(row["key"])), None)
            yield self.planner.plan(row)

    def suppressions_planned(self) -> Iterator[Planned]:
        for batch in self.move.engine.batches(self.held.order_by("address_loose"), ROWS):
            for row in batch:
                yield from suppression(row, self.planner.denial_values, self.planner)
        for batch in self.move.engine.batches(self.departed.order_by("key"), ROWS):
            for row in batch:
                yield departure(row, self.planner)
        for batch in self.move.engine.batches(self.stranded.order_by("target_key"), ROWS):
            for row in batch:
                yield from stranded(row, self.planner)

    def bearing_rows(self) -> Iterator[NeutralRow]:
        """Each record on the target beside a person's own, with what the facts of that one person say."""
        for batch in self.move.engine.batches(self.bearing.order_by("target_key", "winner"), ROWS):
            yield from batch

    def merged(self) -> ir.Table:
        """(person_key, winner) of records that were merged into a winner that is written."""
        parked = self.matched.select(winner="key", why="parked").filter(lambda t: t.why == "")
        rest = self.clusters.filter(self.clusters.person_key != self.clusters.winner)
        return rest.semi_join(parked, "winner").select("person_key", "winner")

    def gone(self) -> ir.Table:
        """(person_key) of people whose record an earlier run wrote and nobody finds on the target."""
        gone = self.matched.filter(self.matched.parked == "gone_on_target").select(winner="key")
        return self.clusters.semi_join(gone, "winner").select("person_key")

    def others(self) -> Iterator[Planned]:
        """Source records that become nobody of their own: merged into a winner, parked with it, or archived."""
        parked = self.matched.select(winner="key", why="parked")
        rest = self.clusters.filter(self.clusters.person_key != self.clusters.winner)
        emails = self.people.select(person_key="key", email="email")
        rows = rest.join(parked, "winner").join(emails, "person_key").select("person_key", "winner", "why", "email")
        for batch in self.move.engine.batches(rows.order_by("person_key"), 10_000):
            for row in batch:
                if row["why"]:
                    cause = self.planner.address_of(row["email"])
                    twin = self.planner.named([row["winner"]]) if row["why"] == "doubtful_address" else ""
                    yield Planned(Kind.PERSON, row["person_key"], Bucket.PARKED, row["why"], twin, cause=cause)
                else:
                    yield Planned(Kind.PERSON, row["person_key"], Bucket.MERGED, "same_address", row["winner"])
        gone = self.people.filter(self.people.archived).select("key").order_by("key")
        for batch in self.move.engine.batches(gone, 10_000):
            for row in batch:
                yield Planned(Kind.PERSON, row["key"], Bucket.LEFT, "archived")


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


def tell_lifted(plan: PeoplePlan) -> None:
    """Name each denial that the person's own later return ended, with both proofs: an auditor looks at every one."""
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


def tell_spellings(plan: PeoplePlan) -> None:
    """Name each person who is written with the address of an older record, since the target cannot hold the newest one's."""
    taken = plan.matched.filter((plan.matched.parked == "") & (plan.matched.speller != plan.matched.key))
    for batch in plan.move.engine.batches(taken.select("key", "speller").order_by("key"), ROWS):
        for row in batch:
            subject = f"{plan.move.source.name}/person/{row['key']}"
            plan.move.findings.add(
                "spelling_of_twin", Severity.NOTE, subject, twin=plan.planner.named([row["speller"]])
            )


def beside(rows: Iterable[NeutralRow], column: str) -> Callable[[str], list[Any]]:
    """The values of ``column`` for a key. Rows are in the order of their keys, and keys are asked for in that order."""
    groups = groupby(rows, key=itemgetter("key"))
    held: list[tuple[str, list[Any]]] = []

    def of(key: str) -> list[Any]:
        while not held or held[0][0] < key:
            found = next(groups, None)
            if found is None:
                return []
            held[:] = [(found[0], [row[column] for row in found[1]])]
        return held[0][1] if held[0][0] == key else []

    return of


def build(
    move: Move,
    prepared: Prepared,
    source: Snapshot,
    target: Snapshot,
    filed: Sequence[NeutralRow],
    link: Link,
    known: ir.Table | None = None,
) -> PeoplePlan:
    """Keep the tables of a plan on the engine. ``filed`` are facts of no page: from files, for one.

    ``known``: (source_key, target_key, made), what the ledger knew of people then; None: what it knows now.
    """
    engine, now = move.engine, source.manifest.began_at
    people = engine.table(source, Kind.PERSON)
    facts = engine.table(source, Kind.CONSENT_FACT)
    if filed:
        facts = facts.union(engine.rows_as_table(filed, Kind.CONSENT_FACT))
    changes = engine.keep(mirrors.changes(facts, move.source.adapter.blockers, move.source.name))
    facts = mirrors.branded(facts, changes)
    clusters = engine.keep(cluster.clusters(people, keep_twins=move.keep_twins))
    denials = engine.keep(verdict.active_denials(facts, now))
    holds = engine.keep(_exclusion_holds(move, source))
    pairs = clusters.select("person_key", "winner")
    aliases = engine.keep(alias.holds(people, denials))
    held = verdict.of_people(people, denials).union(alias.as_denials(aliases))
    against = verdict.of_winners(pairs, held, holds)
    explained = engine.keep(mirrors.explained(facts, move.source.adapter.blockers, move.source.name))
    told = mirrors.resolved(facts, explained)
    covering, lifted = _lifted(engine, prepared, told, people, clusters, now)
    denied = lifting.remaining(against, lifted, covering, denials)
    lawless = regimes.against(move, prepared, people, facts, clusters, scopes(prepared), now)
    if lawless is None:
        lawless = engine.memory(LAWLESS.empty_table())
    else:
        denied = denied.union(lawless.select(*denied.columns))
    verdicts = engine.keep(verdict.of_clusters(pairs, denied))
    granted = engine.keep(verdict.granted_topics(clusters, people, facts, now))
    on_target = engine.table(target, Kind.PERSON)
    there = engine.keep(joined.target_index(on_target, move.target.adapter.key_fields[Kind.PERSON]))
    winning = joined.winners(people, clusters, verdicts, granted, engine.table(source, Kind.ACCOUNT))
    known = ids.table(move, Kind.PERSON) if known is None else known
    erased = facts.filter(facts.kind == "erasure").filter(lambda t: t.address_loose.notnull()).select("address_loose")
    ways = crm.ways(move, link, people, clusters, on_target)
    matched = engine.keep(joined.matched(winning, there, known, erased, move.source.name, ways))
    matched = engine.keep(standing.united(move, cells(prepared), people, clusters, known, there, on_target, matched))
    further = engine.keep(joined.further(people, clusters))
    kin = ways.kin.union(joined.keyed(matched, there), joined.at_further(further, on_target), distinct=True)
    bearing = engine.keep(joined.bearing(known, clusters, matched, on_target, engine.keep(kin)))
    borne = engine.keep(joined.borne(bearing))
    held = engine.keep(joined.suppressions(denials, matched, on_target, borne, further))
    departed = engine.keep(joined.departed(known, clusters, matched, on_target))
    spans, merged = _spans(engine, matched), clusters.filter(clusters.person_key != clusters.winner)
    return PeoplePlan(
        move,
        planner(move, prepared),
        people,
        facts,
        denials,
        clusters,
        matched,
        held,
        holds,
        aliases,
        departed,
        bearing,
        engine.keep(joined.stranded(borne, held, on_target)),
        lifted,
        explained,
        told,
        lawless,
        on_target,
        rows=engine.in_order((joined.whole(span(people), span(matched)) for span in spans), "key"),
        older=engine.in_order(
            (joined.older(people, span(merged, "winner")) for span in _spans(engine, merged.select(key="winner"))),
            "key",
            "rank",
        ),
        standing=engine.in_order((joined.standing(span(matched), on_target) for span in spans), "key"),
    )


@dataclass(frozen=True, slots=True)
class Span:
    """Keys from ``first`` to before ``beyond``; None: without end."""

    first: str
    beyond: str | None

    def __call__(self, table: ir.Table, column: str = "key") -> ir.Table:
        """The rows of a table inside the span."""
        inside = table[column] >= self.first
        return table.filter(inside if self.beyond is None else inside & (table[column] < self.beyond))


def _spans(engine: Engine, matched: ir.Table) -> list[Span]:
    """Spans of ``PIECE`` keys each, in order."""
    numbered = matched.select("key", at=ibis.row_number().over(order_by="key"))
    firsts = [row["key"] for row in engine.rows(numbered.filter(numbered.at % PIECE == 0).order_by("key"))] or [""]
    return [Span(first, beyond) for first, beyond in zip(firsts, [*firsts[1:], None], strict=True)]


def _lifted(
    engine: Engine,
    prepared: Prepared,
    facts: ir.Table,
    people: ir.Table,
    clusters: ir.Table,
    now: datetime,
) -> tuple[ir.Table, ir.Table]:
    """Which scope covers which topic, and the denials that the person's later grants ended."""
    covering = engine.memory(lifting.reach(engine.rows(lifting.scopes(facts)), scopes(prepared), FLAT))
    denials = verdict.active_denials(facts, now)
    return covering, engine.keep(lifting.lifted(facts, denials, people, clusters, covering, now))


def scopes(prepared: Prepared) -> list[Scope]:
    """The source's subscription types as scopes."""
    return [Scope("email", cell.brand, cell.key, cell.asset_class) for cell in cells(prepared)]


def _exclusion_holds(move: Move, source: Snapshot) -> ir.Table:
    exclusions = [one.key for one in source.estate(Kind.LIST) if isinstance(one, List) and one.used_as_exclusion]
    return verdict.exclusion_holds(move.engine.table(source, Kind.LIST_MEMBERSHIP), exclusions)


def planner(move: Move, prepared: Prepared) -> PeoplePlanner:
    """The pure planner for this move. Raises UsageError for a target without denials or without an address field."""
    instance = move.target.instance
    email = prepared.field_of("email")
    if not isinstance(instance, ConsentFields) or not email:
        raise UsageError(
            f"{move.target.adapter.title} cannot hold consent yet: nobody may be written there", where=move.target.name
        )
    return PeoplePlanner(
        source=move.source.name,
        rules=prepared.rules[Kind.PERSON],
        cells=cells(prepared),
        denial_values=instance.denial_values,
        email_field=email,
        key_field=move.target.adapter.key_fields[Kind.PERSON],
        blocking_fields=frozenset(blocker.field for blocker in move.target.adapter.blockers),
        meanings=prepared.meanings(),
        account_field=_account_field(move, prepared),
        account_owned=frozenset(_names(prepared, Kind.ACCOUNT) & _names(prepared, Kind.PERSON)),
        owners=prepared.owner_texts.own,
        owner_place=prepared.owner_texts.places.get(Kind.PERSON),
    )


def _account_field(move: Move, prepared: Prepared) -> str:
    """The person field that names the person's account by our key, where the target has one and takes accounts."""
    name = move.target.adapter.key_fields.get(Kind.ACCOUNT, "")
    there = any(f.api_name == name and not f.read_only for f in prepared.target_fields if f.holder is Kind.PERSON)
    return name if there and move.target.takes(Kind.ACCOUNT) else ""


def _names(prepared: Prepared, holder: Kind) -> set[str]:
    return {field.api_name for field in prepared.target_fields if field.holder is holder}


def cells(prepared: Prepared) -> list[TopicCell]:
    """The source's email subscription types with their places on the target; one that becomes several has several."""
    found: list[TopicCell] = []
    for t in (topic for topic in prepared.topics if topic.active and topic.channel == "email"):
        cell = TopicCell(t.key, t.brand, None, t.asset_class, default_allows=t.default_allows)
        rules = [rule for rule in prepared.mapping.topics if rule.source == t.key]
        found += [replace(cell, rule=rule, untold=at > 0 and rule.purpose != "same") for at, rule in enumerate(rules)]
        found += [] if rules else [cell]
        found += [replace(cell, rule=rule, former=True) for rule in prepared.former if rule.source == t.key]
    return found


def denied_addresses(facts: ir.Table, people: ir.Table, now: datetime) -> ir.Table:
    """Addresses of denials that belong to no source person, in both spellings: (address_strict, address_loose)."""
    held = verdict.active_denials(facts, now)
    held = held.filter((held.holder == "address") & held.address_loose.notnull())
    own = people.filter(people.email_loose.notnull() & ~people.archived).select(address_loose="email_loose")
    lone = held.anti_join(own, "address_loose").select("address_strict", "address_loose").distinct()
    return lone.order_by("address_loose", "address_strict")

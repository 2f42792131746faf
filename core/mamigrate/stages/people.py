"""The plan of the population: expressions kept on the engine, streamed through the pure planner as often as needed."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

import ibis.expr.types as ir

from mamigrate.consent import alias, cluster, lifting, mirrors, verdict
from mamigrate.consent import standing as of_target
from mamigrate.consent.moment import Moment
from mamigrate.consent.regimes.population import topics
from mamigrate.consent.scope import FLAT
from mamigrate.contract import NeutralRow
from mamigrate.model.estate import List
from mamigrate.model.kinds import Kind
from mamigrate.plan import absent, bearers, elsewhere, joined, matching, ours
from mamigrate.plan.model import Bucket, Planned
from mamigrate.plan.origins import source_key
from mamigrate.plan.people import PeoplePlanner
from mamigrate.plan.suppressed import departure, stranded, suppression
from mamigrate.snapshot.engine import Engine
from mamigrate.snapshot.folder import Snapshot
from mamigrate.snapshot.in_order import InOrder
from mamigrate.stages import crm, ids, planner, regimes, standing
from mamigrate.stages.crm import Link
from mamigrate.stages.move import Move
from mamigrate.stages.prepare import Prepared
from mamigrate.stages.regimes import Law
from mamigrate.stages.spans import spans

ROWS = 1000
"""Rows planned at a time."""


@dataclass(frozen=True, slots=True)
class PeoplePlan:
    """Kept tables of one plan. Streams are deterministic: they can be run again to apply and to verify.

    ``told`` are the facts as they were resolved, ``law`` what packs leave, ``against`` which facts deny whom, also those
    that a later grant ended. ``refused`` is what stands against mail on records of the target (``consent.standing``), ``linked``
    (winner, target_key) says whose records they are, and ``echoes`` what of it may be what we wrote.
    """

    move: Move
    planner: PeoplePlanner
    people: ir.Table
    facts: ir.Table
    denials: ir.Table
    against: ir.Table
    clusters: ir.Table
    matched: ir.Table
    held: ir.Table
    holds: ir.Table
    aliases: ir.Table
    near: ir.Table
    departed: ir.Table
    bearing: ir.Table
    stranded: ir.Table
    lifted: ir.Table
    explained: ir.Table
    told: ir.Table
    law: Law
    on_target: ir.Table
    linked: ir.Table
    echoes: ir.Table
    refused: ir.Table
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

    def absent(self) -> ir.Table:
        """(lost_key, lost_why) of people who have no record of their own on the target, whatever the ledger knows now."""
        return absent.absent(ids.table(self.move, Kind.PERSON), self.clusters, self.matched)

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
    facts: ir.Table,
    link: Link,
    known: ir.Table | None = None,
) -> PeoplePlan:
    """Keep the tables of a plan on the engine. ``facts``: everything that was said (``said``), also to the look-up.

    ``known``: (source_key, target_key, made), what the ledger knew of people then; None: what it knows now.
    """
    engine, now = move.engine, move.engine.instant(source.manifest.began_at)
    people = engine.table(source, Kind.PERSON)
    clusters = engine.keep(cluster.clusters(people, keep_twins=move.keep_twins))
    denials = engine.keep(verdict.active_denials(facts, now))
    holds = engine.keep(_exclusion_holds(move, source))
    pairs = clusters.select("person_key", "winner")
    left = _left_everything(engine, prepared, people, denials)
    aliases, near = engine.keep(alias.holds(people, left)), engine.keep(alias.near(people, left))
    held = engine.keep(verdict.of_people(people, denials)).union(alias.as_denials(aliases))
    against = engine.keep(verdict.of_winners(pairs, held, holds))
    explained = engine.keep(mirrors.explained(facts, move.source.adapter.blockers, move.source.name))
    told = engine.stream(mirrors.resolved(facts, explained))
    covering, ends = _ends(engine, prepared, told, people, clusters, now)
    lifted = engine.keep(lifting.one_each(ends))
    denied = lifting.remaining(against, lifted, covering, denials)
    asked = planner.scopes(prepared, own=False)
    law = regimes.law(move, prepared, people, facts, clusters, ends, asked, now)
    regimes.tell(move, law.denied)
    denied = denied.union(law.denied.select(*denied.columns))
    verdicts = engine.keep(verdict.of_clusters(pairs, denied))
    granted = engine.keep(verdict.granted_topics(clusters, people, facts, now))
    on_target = engine.table(target, Kind.PERSON)
    there = engine.keep(matching.target_index(on_target, move.target.adapter.key_fields[Kind.PERSON]))
    accounts = engine.table(source, Kind.ACCOUNT)
    winning = engine.keep(joined.winners(people, clusters, verdicts, granted, accounts))
    known = ids.table(move, Kind.PERSON) if known is None else known
    erased = facts.filter(facts.kind == "erasure").filter(lambda t: t.address_loose.notnull()).select("address_loose")
    ways = crm.ways(move, link, people, clusters, on_target)
    # Kept step by step: one query of all these joins needs tens of megabytes however few the people are.
    matched = engine.keep(matching.matched(winning, there, known, erased, move.source.name, ways))
    matched = engine.keep(ours.granted_there(ours.with_ours(matched, known, there, move.source.name), there))
    said = engine.keep(elsewhere.said(pairs, against, law.denied, lifted))
    away = engine.keep(elsewhere.kept(matched, there, said))
    matched, lifted = engine.keep(elsewhere.grown(matched, away)), engine.keep(lifted.anti_join(away, "winner"))
    cells = planner.cells(prepared)
    links, flags = standing.links(move, people, clusters, known, there), standing.flags(move, on_target)
    matched, linked = standing.united(move, cells, links, there, on_target, flags, matched)
    echoes = engine.keep(of_target.echoes(linked, known, verdicts))
    refused = standing.refused(move, cells, on_target, flags, echoes)
    further = engine.keep(bearers.further(people, clusters))
    kin = ways.kin.union(bearers.keyed(matched, there), bearers.at_further(further, on_target), distinct=True)
    prefix = source_key(move.source.name, Kind.PERSON, "")
    named = engine.keep(bearers.named(known, people, there, prefix))
    bearing = engine.keep(bearers.bearing(named, clusters, matched, on_target, engine.keep(kin)))
    bearing = engine.keep(elsewhere.beside(bearing, matched, there, said))
    bearing = standing.beside(move, bearing, on_target, linked, refused)
    borne = engine.keep(bearers.borne(bearing))
    held = engine.keep(bearers.suppressions(denials, matched, on_target, borne, further, known, said))
    departed = engine.keep(bearers.departed(named, clusters, matched, on_target))
    pieces, merged = spans(engine, matched), clusters.filter(clusters.person_key != clusters.winner)
    return PeoplePlan(
        move,
        planner.planner(move, prepared),
        people,
        facts,
        denials,
        against,
        clusters,
        matched,
        held,
        holds,
        aliases,
        near,
        departed,
        bearing,
        engine.keep(bearers.stranded(borne, held, on_target, known, matched)),
        lifted,
        explained,
        told,
        law,
        on_target,
        linked,
        echoes,
        refused,
        rows=engine.in_order((joined.whole(span(people), span(matched)) for span in pieces), "key"),
        older=engine.in_order(
            (joined.older(people, span(merged, "winner")) for span in spans(engine, merged.select(key="winner"))),
            "key",
            "rank",
        ),
        standing=engine.in_order((joined.standing(span(matched), on_target) for span in pieces), "key"),
    )


def _left_everything(engine: Engine, prepared: Prepared, people: ir.Table, denials: ir.Table) -> ir.Table:
    """Addresses that said no to everything that the source sends as marketing."""
    cells = [cell for cell in planner.scopes(prepared, own=False) if cell.asset_class == "MKT"]
    reach = engine.memory(lifting.reach(engine.rows(alias.scopes(denials)), cells, FLAT))
    return engine.keep(alias.left(people, denials, reach, engine.memory(topics(cells)).distinct()))


def _ends(
    engine: Engine,
    prepared: Prepared,
    facts: ir.Table,
    people: ir.Table,
    clusters: ir.Table,
    now: Moment,
) -> tuple[ir.Table, ir.Table]:
    """Which scope covers which topic, and the denials that the person's later grants ended, with all of these."""
    covering = engine.memory(lifting.reach(engine.rows(lifting.scopes(facts)), planner.scopes(prepared), FLAT))
    denials = verdict.active_denials(facts, now)
    return covering, engine.keep(lifting.ends(facts, denials, people, clusters, covering, now))


def _exclusion_holds(move: Move, source: Snapshot) -> ir.Table:
    exclusions = [one.key for one in source.estate(Kind.LIST) if isinstance(one, List) and one.used_as_exclusion]
    return verdict.exclusion_holds(move.engine.table(source, Kind.LIST_MEMBERSHIP), exclusions)


def denied_addresses(facts: ir.Table, people: ir.Table, now: Moment) -> ir.Table:
    """Addresses of denials that belong to no source person, in both spellings: (address_strict, address_loose)."""
    held = verdict.active_denials(facts, now)
    held = held.filter((held.holder == "address") & held.address_loose.notnull())
    own = people.filter(people.email_loose.notnull() & ~people.archived).select(address_loose="email_loose")
    lone = held.anti_join(own, "address_loose").select("address_strict", "address_loose").distinct()
    return lone.order_by("address_loose", "address_strict")

"""Both sides of a move as tests say them, joined as a plan joins them."""

from typing import Any

import ibis.expr.types as ir
import pyarrow as pa

from mamigrate.consent import cluster, lifting, verdict
from mamigrate.consent.scope import FLAT, Scope
from mamigrate.model.kinds import Kind
from mamigrate.plan import bearers, crm, elsewhere, joined, matching
from mamigrate.snapshot.engine import Engine
from rows import NOW


class Population:
    """What a test says of both sides, joined as a plan joins it."""

    def __init__(self, engine: Engine, people: list[Any], facts: list[Any] | None = None, **more: Any) -> None:
        self.engine = engine
        self.people = table = engine.rows_as_table(people, Kind.PERSON)
        held = engine.rows_as_table(facts or [], Kind.CONSENT_FACT)
        members = engine.rows_as_table(more.get("members", []), Kind.LIST_MEMBERSHIP)
        self.clusters = clusters = engine.keep(cluster.clusters(table, keep_twins=more.get("keep_twins", False)))
        self.denials = engine.keep(verdict.active_denials(held, NOW))
        holds = verdict.exclusion_holds(members, more.get("exclusions", []))
        pairs = clusters.select("person_key", "winner")
        asked = more.get("cells", [("0", "8"), ("7", "9")])
        cells = [Scope("email", brand, topic, *(kind or ["MKT"])) for brand, topic, *kind in asked]
        covering = engine.memory(lifting.reach(engine.rows(lifting.scopes(held)), cells, FLAT))
        self.lifted = engine.keep(lifting.lifted(held, self.denials, table, clusters, covering, NOW))
        against = verdict.of_winners(pairs, verdict.of_people(table, self.denials), holds)
        left = lifting.remaining(against, self.lifted, covering, self.denials)
        verdicts = engine.keep(verdict.of_clusters(pairs, left))
        granted = verdict.granted_topics(clusters, table, held, NOW)
        self.target = engine.rows_as_table(more.get("target", []), Kind.PERSON)
        there = engine.keep(matching.target_index(self.target, "mmSourceKey"))
        erased = held.filter(held.kind == "erasure").select("address_loose")
        accounts = engine.rows_as_table([], Kind.ACCOUNT)
        winning = joined.winners(table, clusters, verdicts, granted, accounts)
        self.ids = _ids(engine, more.get("ids", {}))
        self.ways = self._ways(**more.get("crm", {}))
        matched = engine.keep(matching.matched(winning, there, self.ids, erased, "hs", self.ways))
        self.said = engine.keep(elsewhere.said(pairs, against, against.limit(0), self.lifted))
        away = engine.keep(elsewhere.kept(matched, there, self.said))
        self.matched, self.lifted = engine.keep(elsewhere.grown(matched, away)), self.lifted.anti_join(away, "winner")

    def _ways(self, *, linked: bool = False, email: bool = True, accept: Any = (), refuse: Any = ()) -> crm.Ways:
        """What the ids of a CRM say, where one is ``linked`` to both sides."""
        keep = self.engine.keep
        fields: crm.Fields = {"contact": ["contact"], "lead": ["lead"]} if linked else {}
        there = keep(crm.ids(self.target, fields))
        claims = keep(crm.claims(crm.ids(self.people, fields), self.clusters, crm.named(self.clusters, refuse)))
        hits = keep(crm.hits(claims, there))
        accepted = crm.named(self.clusters, accept)
        return crm.Ways(keep(crm.found(claims, there, hits)), keep(crm.kin(hits)), keep(accepted), email)

    def rows(self) -> dict[str, dict[str, Any]]:
        return {row["key"]: row for row in self.engine.rows(self.matched)}

    def older(self) -> list[dict[str, Any]]:
        merged = self.clusters.filter(self.clusters.person_key != self.clusters.winner)
        return self.engine.rows(joined.older(self.people, merged))

    def further(self) -> ir.Table:
        return bearers.further(self.people, self.clusters)

    def borne(self) -> ir.Table:
        there = matching.target_index(self.target, "mmSourceKey")
        at_others = bearers.at_further(self.further(), self.target)
        kin = self.ways.kin.union(bearers.keyed(self.matched, there), at_others, distinct=True)
        named = bearers.named(self.ids, self.people, there, "hs/person/")
        bearing = bearers.bearing(named, self.clusters, self.matched, self.target, kin)
        return bearers.borne(elsewhere.beside(bearing, self.matched, there, self.said))

    def stranded(self) -> list[dict[str, Any]]:
        held = bearers.suppressions(
            self.denials, self.matched, self.target, self.borne(), self.further(), self.ids, self.said
        )
        found = self.engine.rows(bearers.stranded(self.borne(), held, self.target, self.ids, self.matched))
        return sorted(found, key=lambda row: str(row["target_key"]))

    def suppressed(self) -> dict[str, dict[str, Any]]:
        found = bearers.suppressions(
            self.denials, self.matched, self.target, self.borne(), self.further(), self.ids, self.said
        )
        return {row["address_loose"]: row for row in self.engine.rows(found)}


def _ids(engine: Engine, ids: dict[str, str]) -> ir.Table:
    columns = {
        "source_key": pa.array(list(ids), pa.string()),
        "target_key": pa.array(list(ids.values()), pa.string()),
        "made": pa.array(["created"] * len(ids), pa.string()),
    }
    return engine.memory(pa.table(columns))

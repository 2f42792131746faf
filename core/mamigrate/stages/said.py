"""Everything that was said to a source, as a look-up and a plan both need it: what one denies the other must have looked up."""

from collections.abc import Sequence

import ibis.expr.types as ir

from mamigrate.consent import mirrors, pending
from mamigrate.contract import NeutralRow
from mamigrate.model.kinds import Kind
from mamigrate.snapshot.folder import Snapshot
from mamigrate.stages import declared
from mamigrate.stages.move import Move
from mamigrate.stages.prepare import Prepared


def said(move: Move, prepared: Prepared, source: Snapshot, filed: Sequence[NeutralRow]) -> ir.Table:
    """The facts of a snapshot, and those of no page (from files, from declared columns), with the refusals that requests became.

    Read by most of what follows, and too wide to be joined anew, or held, each time: it stands in a file of the engine.
    """
    engine, now = move.engine, move.engine.instant(source.manifest.began_at)
    facts = engine.table(source, Kind.CONSENT_FACT)
    if filed:
        facts = facts.union(engine.rows_as_table(filed, Kind.CONSENT_FACT))
    changes = engine.keep(mirrors.changes(facts, move.source.adapter.blockers, move.source.name))
    facts = mirrors.branded(facts, changes)
    for column in declared.facts(move, prepared, source, facts):
        facts = facts.union(column)
    return engine.stream(facts.union(pending.refused(facts, now, move.project.file.consent.pending_term)))

"""How long what was read of the source may be trusted: what people decided since is not in it."""

from datetime import timedelta

from mamigrate.findings import Severity
from mamigrate.plan.model import NEW_FIELD
from mamigrate.snapshot.folder import Snapshot
from mamigrate.stages import history
from mamigrate.stages.journal import JUDGED_AFTER
from mamigrate.stages.move import Move, stamp

FRESH = timedelta(hours=1)
"""How long nothing may have been read before everything is read anew. Long enough that a process which died is started
again without reading twice, and shorter than any platform may take to carry out somebody's wish."""
OLD_SOURCE = "old-source"
"""The decision to go on with what was read longer ago."""


def source_snapshot(move: Move) -> Snapshot:
    """The source as far as it is read: what the run has already, where that is fresh, else an empty one."""
    run, side = move.ledger.run(move.run_id), move.source
    folder = move.project.snapshots / run.source_snapshot if run and run.source_snapshot else None
    kept = Snapshot.open(folder, move.project.cipher) if folder is not None and folder.exists() else None
    if kept is not None and _as_decided(move, kept) and _trusted(move, kept):
        return kept
    begun = Snapshot.begin(
        move.project.snapshots,
        f"{side.name}-{stamp()}",
        side.name,
        side.adapter.name,
        side.clock.now(),
        move.project.cipher,
    )
    move.ledger.note_run(move.run_id, stage="extract", source_snapshot=begun.id)
    # Who is not there any more is in no account; whoever is gets one, and what was written for them is found there.
    move.ledger.drop_accounts(move.run_id, but_kind=NEW_FIELD)
    move.ledger.keep_inputs(move.run_id, {JUDGED_AFTER: str(move.ledger.newest_batch(move.run_id))})
    return begun


def _as_decided(move: Move, kept: Snapshot) -> bool:
    """Whether history is in what was read as ``[history]`` says now: without it, nothing of it would go along, in silence."""
    wanted, there = history.kinds(move), move.source.instance.reads()
    states = {kind: kept.manifest.of(kind) for kind in history.READ}
    done = [kind for kind, state in states.items() if state.done]
    begun = [kind for kind, state in states.items() if state.done or state.pages]
    lacking = [kind for kind in wanted if kind in there and kind not in done]
    return not (lacking and kept.sealed) and not set(begun).difference(wanted)


def _trusted(move: Move, kept: Snapshot) -> bool:
    if kept.manifest.instance_id and kept.manifest.instance_id != move.source.instance.info().instance_id:
        return False  # The connection leads elsewhere since.
    age = move.now - (kept.manifest.landed_at or kept.manifest.began_at)
    if age <= FRESH:
        return True
    hours = str(int(age.total_seconds() // 3600))
    if move.decisions.choice(OLD_SOURCE) == "accept":
        move.findings.add("source_kept_old", Severity.WARN, kept.id, hours=hours)
        return True
    move.findings.add("source_read_anew", Severity.NOTE, kept.id, hours=hours)
    return False

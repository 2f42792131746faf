"""A side that shows less than half of what it showed at the last move. It looks as if people had left, and it is as likely a
token that sees less, or trouble at the vendor: whoever is missing on the source would be held on the target. That blocks.
"""

from collections.abc import Mapping

import ibis

from mamigrate.errors import LocalTrouble
from mamigrate.findings import Severity
from mamigrate.ledger.tables import Run
from mamigrate.model.kinds import Kind
from mamigrate.snapshot.folder import Snapshot
from mamigrate.stages import counts, moves
from mamigrate.stages.move import Move, Side
from mamigrate.stages.people import PeoplePlan

QUESTION = "shrunk/"
"""How decisions begin that a side really lost so much; the connection, the kind and the last move follow. A decision holds
until something is moved again: then that is what is compared with, and nobody has signed for it."""
FEWEST = 10
"""Of less than this at the last move, half is nothing unusual."""
WATCHED = (*counts.COUNTED, Kind.LIST, Kind.LIST_MEMBERSHIP, Kind.CONSENT_FACT)
"""What people hang on, and what says no for them."""
SHOWN, LOST = "shown/", "lost/"
"""How the names of inputs begin that a run notes when it begins to write: what the source showed by kind, and how many people
of earlier runs were missing on the target already."""


def of_source(move: Move, source: Snapshot) -> dict[str, str]:
    """Findings where the source shows less than half of what the last move was made from. What it shows now, to ``keep``."""
    now, last = _shown(move, source), last_move(move)
    if last is not None:
        was = _noted(move, last) or _kept(move, last)
        if not was:
            move.findings.add("side_uncounted", Severity.NOTE, move.source.name, move=last.id)
        for kind in was:
            judge(move, move.source, kind, last, was[kind], now[kind])
    return {f"{SHOWN}{kind}": str(n) for kind, n in now.items()}


def of_target(move: Move, people: PeoplePlan) -> dict[str, str]:
    """As ``of_source``, of people whom earlier runs wrote and who are looked for in vain; who was missing then is no news."""
    matched, last = people.matched, last_move(move)
    known = matched.filter(matched.id_key.notnull())
    missing = (known.id_found.isnull() & known.target_key.isnull()).sum()
    row = move.engine.one(known.agg(known=ibis._.count(), missing=missing))
    every, lost = int(row["known"]), int(row["missing"] or 0)
    if last is not None:
        before = int(move.ledger.inputs(last.id).get(f"{LOST}{Kind.PERSON}", "0"))
        judge(move, move.target, Kind.PERSON, last, every - min(before, lost), every - lost)
    return {f"{LOST}{Kind.PERSON}": str(lost)}


def keep(move: Move, found: Mapping[str, str]) -> None:
    """Note what the next run is held against. To be called when nothing blocks any more: what stopped a run is no measure."""
    move.ledger.keep_inputs(move.run_id, found)


def judge(move: Move, side: Side, kind: Kind, last: Run, was: int, now: int) -> None:
    """A finding where a side shows too little beside ``last``, a move or a pass, which blocks unless somebody signed that it is true."""
    if was < FEWEST or now * 2 >= was:
        return
    subject = f"{side.name}/{kind}"
    id = f"{QUESTION}{subject}/{last.id}"
    told = {"was": str(was), "now": str(now), "kind": kind.value, "move": last.id, "id": id}
    severity = Severity.WARN if move.decisions.choice(id) == "accept" else Severity.BLOCK
    code = "side_shrunk" if side is move.source else "target_shrunk"
    move.findings.add(code, severity, subject, **told)


def last_move(move: Move) -> Run | None:
    """The newest that may have changed the target, or had nothing to change; also one in whose place another began."""
    return next((run for run in moves.all_of(move) if run.status == "done" or move.ledger.wrote(run.id)), None)


def _shown(move: Move, snapshot: Snapshot) -> dict[Kind, int]:
    """Living records, and rows of what has no records of its own."""
    living = counts.living(move, snapshot)
    return {kind: living[kind] if kind in living else snapshot.manifest.of(kind).rows for kind in WATCHED}


def _noted(move: Move, run: Run) -> dict[Kind, int]:
    inputs = move.ledger.inputs(run.id)
    return {kind: int(inputs[f"{SHOWN}{kind}"]) for kind in WATCHED if f"{SHOWN}{kind}" in inputs}


def _kept(move: Move, run: Run) -> dict[Kind, int]:
    """What a run of an earlier version was made from, as far as its snapshot is still there and can be read."""
    folder = move.project.snapshots / run.source_snapshot
    if not run.source_snapshot or not folder.exists():
        return {}
    try:
        return _shown(move, Snapshot.open(folder, move.project.cipher))
    except LocalTrouble:
        return {}

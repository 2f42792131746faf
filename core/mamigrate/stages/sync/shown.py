"""Whether both sides still show the people of the last move or pass: where less than half are there, nothing is carried.

A pass reads what changed, not everybody, so a side is asked how many people it has; one that does not tell is asked for some of
those whom the moves wrote.
"""

import heapq
from itertools import takewhile
from zlib import crc32

from mamigrate.contract import Finder
from mamigrate.errors import Blocked
from mamigrate.findings import Severity
from mamigrate.ledger.tables import MERGED, Run
from mamigrate.model.kinds import Kind
from mamigrate.stages import counts, shrunk
from mamigrate.stages.move import Move, Side

SEEN = "seen/"
"""How the names of inputs begin under which a pass notes how many people each side showed."""
SOME = 300
"""People who are looked up where a side does not tell its number: one to three calls. Half of them is told from three fifths."""


def check(move: Move, *, dry: bool) -> None:
    """Raises Blocked, with findings, where a side shows too little; else what it shows is what the next pass is held against."""
    last, found = shrunk.last_move(move), dict[str, str]()
    if last is None:
        return
    for side in (move.source, move.target):
        now, at_move = _people(move, side, last)
        if now is None:
            continue
        found[SEEN + side.name] = str(now)
        since, was = _last_pass(move, side, last) or (last, at_move)
        if was is None:
            move.findings.add("side_uncounted", Severity.NOTE, side.name, move=last.id)
        else:
            # Whoever signed that a side lost so much did not sign for what it loses after that.
            shrunk.judge(move, side, Kind.PERSON, since, was, now)
    if move.findings.blocking:
        raise Blocked(*sorted({one.code for one in move.findings.blocking}))
    if not dry:
        move.ledger.keep_inputs(move.run_id, found)


def _people(move: Move, side: Side, last: Run) -> tuple[int | None, int | None]:
    """How many a side shows, None where it tells nobody; and how many it showed at the last move, None where nobody knows."""
    noted = move.ledger.inputs(last.id)
    told = counts.ask(side, Kind.PERSON) if side is move.source else None
    if told is not None:
        at_move = noted.get(f"{shrunk.SHOWN}{Kind.PERSON}")
        return told, None if at_move is None else int(at_move)
    known = _known(move, side)
    lost = int(noted.get(f"{shrunk.LOST}{Kind.PERSON}", "0")) if side is move.target else 0
    return _there(side, known), len(known) - min(lost, len(known))


def _last_pass(move: Move, side: Side, last: Run) -> tuple[Run, int] | None:
    """The newest pass since the last move that was not stopped here and saw anybody, and how many it saw; this very command may
    have made it.
    """
    since = takewhile(lambda run: run.id != last.id, move.ledger.runs())
    passes = (run for run in since if run.command == "sync" and (run.source, run.target) == move.direction)
    told = ((run, move.ledger.inputs(run.id).get(SEEN + side.name)) for run in passes)
    newest = next(((run, int(number)) for run, number in told if number is not None), None)
    return newest if newest and newest[1] else None


def _known(move: Move, side: Side) -> set[str]:
    """Keys on a side of the people whom moves wrote or found."""
    rows = (row for row in move.ledger.iter_ids(*move.direction, Kind.PERSON) if row.made != MERGED)
    return {row.source_key if side is move.source else row.target_key for row in rows}


def _there(side: Side, known: set[str]) -> int | None:
    """How many of them are there, by the same few of them each time."""
    if not isinstance(side.instance, Finder):
        return None
    some = set(heapq.nsmallest(SOME, known, key=lambda key: (crc32(key.encode()), key)))
    rows = side.instance.find(Kind.PERSON, "id", sorted(some), []) if some else ()
    return round(len({row["key"] for row in rows} & some) * len(known) / max(1, len(some)))

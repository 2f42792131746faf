"""How long denials took that came after a move, by the ledger: the rows of the proof's statement, and the numbers of reports."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from mamigrate import clock as clocks
from mamigrate.clock import aware
from mamigrate.consent.proof.tables import SCHEMAS
from mamigrate.consent.regimes.choice import Regime
from mamigrate.ledger.late import HELD, WAITING
from mamigrate.ledger.tables import LateDenial, UnplacedDenial
from mamigrate.stages import moves
from mamigrate.stages.move import Move
from mamigrate.stages.resume import MOVING

NOWHERE, UNREAD = "nowhere", "unread"
"""Fates in the ledger: nobody knows of whom; a reading that left something out."""

AT_ONCE = timedelta(minutes=60)
"""A law that gives no days wants an opt-out to hold at once: so long a pass may take, with the pause before it."""
AT_MOST = timedelta(hours=48)
"""Providers of mailboxes want it within two days, whatever the law. (Sender guidelines of Gmail and Yahoo)"""


@dataclass(frozen=True, slots=True)
class Delay:
    """One denial: ``observed`` is the earliest that the other side could have known of it, ``effective`` when it was read
    back there; None: it is not yet. ``dated``: the side told when it was made. ``excused``: somebody has answered for it.
    """

    subject: str
    observed: datetime
    effective: datetime | None
    dated: bool
    excused: bool = False

    def is_late(self, deadline: timedelta, now: datetime) -> bool:
        return (self.effective or now) > self.observed + deadline

    @property
    def took(self) -> float | None:
        """Seconds, at least none; None where it is not in effect, or nobody knows when it was made."""
        if self.effective is None or not self.dated:
            return None
        return max(0.0, (self.effective - self.observed).total_seconds())


def deadline(regime: Regime) -> timedelta:
    """How long a denial may take: the shortest that the project's packs of law leave."""
    terms = [AT_ONCE if pack.stop_days is None else timedelta(days=pack.stop_days) for pack in regime.all]
    return min([AT_MOST, *terms])


def ways(move: Move) -> Sequence[tuple[str, str]]:
    """Both, each as (the side that said no, the side that must know)."""
    return move.direction, (move.target.name, move.source.name)


def delays(move: Move, way: tuple[str, str]) -> list[Delay]:
    """Every denial of one way that was late: it came after the move, and was carried, found standing after it waited, or waits."""
    until = signed_until(move, "late-denials")
    carried = [_carried(row, until) for row in move.ledger.late(*way)]
    return carried + [_waited(row, until) for row in move.ledger.waited(*way)]


def carried(move: Move) -> bool:
    """Whether a denial that came after a move was carried, in either direction."""
    return any(move.ledger.late(*way) for way in ways(move))


def told(rows: Iterable[Delay]) -> dict[str, Any]:
    """``carried`` and ``waiting`` in numbers; of those whose instant is known, ``dated``, the seconds that they took."""
    rows = list(rows)
    took = sorted(row.took for row in rows if row.took is not None)
    waiting = sum(row.effective is None for row in rows)
    quantiles = {f"p{n}": _quantile(took, n) for n in (50, 99)}
    most = round(took[-1]) if took else None
    return {"carried": len(rows) - waiting, "waiting": waiting, "dated": len(took), **quantiles, "max": most}


def table(rows: Iterable[Delay]) -> pa.Table:
    """The proof's ``denials`` of these."""
    schema = SCHEMAS["denials"]
    blank: dict[str, object] = {**dict.fromkeys(schema.names), "population": 0}
    told = [{**blank, "fact": row.subject, "observed_at": row.observed, "effective_at": row.effective} for row in rows]
    return pa.Table.from_pylist(told, schema=schema)


def opened(move: Move) -> tuple[str, ...]:
    """Why nobody can say yet that no denial is late, and of what: the reason, then references."""
    unplaced = [row for way in ways(move) for row in move.ledger.unplaced(*way)]
    until = signed_until(move, "unplaced-denials")
    found = (
        ("late_unread", [row.source for row in unplaced if row.fate == UNREAD]),
        (
            "late_unplaced",
            [one.subject for one in unplaced if one.fate == NOWHERE and not _is_signed(one.seen_at, until)],
        ),
        ("late_waiting", [f"{row.subject}/{row.what}" for row in unplaced if row.fate in HELD]),
        ("late_unread", list(_stale(move))),
    )
    return next(((reason, *sorted(set(rows))) for reason, rows in found if rows), ())


def _stale(move: Move) -> Iterator[str]:
    """Sides that are kept in step and were never read to the end, or longer ago than a denial may take: nobody knows what they
    said since.

    A move reads its source itself, and proves what it did; whether both sides are in step is asked afterwards.
    """
    run, now = move.ledger.run(move.run_id), clocks.now()
    if not move.synced() or (run is not None and run.command in MOVING):
        return
    moved = max((moves.read_at(move, one) for one in moves.all_of(move) if moves.proven(one)), default=None)
    for way in ways(move):
        mark = move.ledger.watermark(*way)
        again = [moved] if moved and way == move.direction else []
        read_at = [aware(mark.seen_at), *again] if mark is not None else []
        if not read_at or now > max(read_at) + deadline(move.project.file.consent.regime):
            yield way[0]


def settle(move: Move) -> None:
    """What waited when this run began to read the source is in effect once all of the run stands on the target."""
    rows = [row for row in move.ledger.waited(*move.direction) if row.settled_at is None]
    read_at = next(moves.read_at(move, run) for run in moves.all_of(move) if run.id == move.run_id)
    # By when a pass knew of it: of when it was said, some sides tell nothing.
    carried = {row.source for row in rows if aware(row.seen_at) <= read_at}
    move.ledger.rename_waiting(*move.direction, sorted(carried), WAITING, clocks.now())


def signed_until(move: Move, decision: str) -> datetime | None:
    """The day of a decision, from its beginning: whoever signs has seen what came before. None: nobody has signed."""
    made = move.decisions.get(decision)
    if made is None or move.decisions.choice(decision) != "accept":
        return None
    return datetime.combine(made.when, time(), ZoneInfo(move.project.file.project.time_zone))


def _carried(row: LateDenial, until: datetime | None) -> Delay:
    effective = aware(row.effective_at)
    return _delay(row, effective, excused=_is_signed(effective, until))


def _waited(row: UnplacedDenial, until: datetime | None) -> Delay:
    """What stood when it was looked at again holds since then at the latest. Nobody answers for what waits yet."""
    effective = aware(row.settled_at) if row.settled_at else None
    return _delay(row, effective, excused=effective is not None and _is_signed(effective, until))


def _delay(row: LateDenial | UnplacedDenial, effective: datetime | None, *, excused: bool) -> Delay:
    observed = aware(row.observed_at or row.happened_at or row.seen_at)
    return Delay(f"{row.subject}/{row.what}", observed, effective, row.happened_at is not None, excused)


def _is_signed(moment: datetime, until: datetime | None) -> bool:
    return until is not None and aware(moment) < until


def _quantile(ordered: Sequence[float], n: int) -> int | None:
    """The least value that at least ``n`` of a hundred do not exceed."""
    return round(ordered[max(0, -(-len(ordered) * n // 100) - 1)]) if ordered else None

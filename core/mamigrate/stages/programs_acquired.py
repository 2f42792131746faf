"""Which program won a person, where recipes say so: the one of the first success, for people who have none on the target."""

from collections.abc import Iterator, Sequence
from typing import Any

import ibis.expr.types as ir

from mamigrate.contract import Finder
from mamigrate.findings import Severity
from mamigrate.model.canonical import render_second
from mamigrate.model.kinds import Kind
from mamigrate.plan.members import first_successes
from mamigrate.plan.model import Bucket, Planned
from mamigrate.snapshot.folder import Snapshot
from mamigrate.stages.apply import Writing
from mamigrate.stages.look_up import CHUNK
from mamigrate.stages.move import Move
from mamigrate.stages.plan import Plan
from mamigrate.stages.prepare import Prepared
from mamigrate.stages.programs import Programs
from mamigrate.stages.programs_members import members, with_targets

ACQUISITION = "acquisition"
"""What accounts call the program that won a person."""


def write(move: Move, plan: Plan, prepared: Prepared, source: Snapshot, them: Programs, absent: ir.Table) -> None:
    """Programs must stand before: their keys are written. What the target's schema shows as read-only is told and left."""
    if them.recipes is None or them.recipes.acquisition == "none":
        return
    fields = [_writable(prepared, "acquisition_program"), _writable(prepared, "acquired_at")]
    if not fields[0] or not move.target.takes(Kind.PERSON):
        move.findings.add("acquisition_not_taken", Severity.WARN, f"{move.target.name}/{Kind.PERSON}")
        return
    placed = with_targets(move, source, members(move, source, them), absent)
    Writing(move, plan, ACQUISITION, Kind.PERSON).write(_planned(move, first_successes(placed), fields))


def _writable(prepared: Prepared, meaning: str) -> str:
    """API name of the field of people with this meaning; empty where there is none that may be written."""
    known = (one for one in prepared.target_fields if one.holder is Kind.PERSON and one.meaning == meaning)
    return next((one.api_name for one in known if not one.read_only), "")


def _planned(move: Move, first: ir.Table, fields: Sequence[str]) -> Iterator[Planned]:
    finder, named = move.target.instance, [name for name in fields if name]
    for batch in move.engine.batches(first.order_by("person_target"), CHUNK):
        keys = [row["person_target"] for row in batch]
        rows = finder.find(Kind.PERSON, "id", keys, named) if isinstance(finder, Finder) else ()
        there = {row["key"]: row["values"] for row in rows}
        yield from (_one(row, there.get(row["person_target"], {}), fields) for row in batch)


def _one(row: dict[str, Any], there: dict[str, str], fields: Sequence[str]) -> Planned:
    program, at = fields
    held, key = there.get(program), str(row["person_key"])
    if held is not None:
        bucket, why = (Bucket.EQUAL, "first_success") if held == row["program_target"] else (Bucket.LEFT, "won_already")
        return Planned(ACQUISITION, key, bucket, why, target_key=row["person_target"])
    values: dict[str, str | None] = {program: row["program_target"]}
    if at and there.get(at) is None:
        values[at] = render_second(row["success_at"])
    before = dict.fromkeys(values)
    return Planned(
        ACQUISITION, key, Bucket.UPDATED, "first_success", target_key=row["person_target"], values=values, before=before
    )

"""What an earlier run judged, from what it left: its snapshots, its plan, the mapping and the files of facts. No call is made.

The same inputs give the same plan. What is not the same any more is told, and the sealed hashes say which values that concerns.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import ibis.expr.types as ir
import pyarrow as pa

from mamigrate.contract import ConsentFields, Instance
from mamigrate.errors import Blocked, UsageError
from mamigrate.ledger.tables import Run
from mamigrate.model.kinds import Kind
from mamigrate.plan.model import Bucket
from mamigrate.snapshot.folder import Snapshot
from mamigrate.stages import causes, crm, filed, ids, people, prepare, resume
from mamigrate.stages.move import Move
from mamigrate.stages.people import PeoplePlan
from mamigrate.stages.prepare import Prepared
from mamigrate.stages.said import said

OPTION = "--who"
MOVING = ("run", "plan", "apply")
"""Commands that judge people."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Everything that a plan rests on. ``plan`` is its folder; ``changed`` are inputs that are not what they were.

    ``move`` may ask the target; the one of ``people`` need not.
    """

    move: Move
    run: Run
    prepared: Prepared
    source: Snapshot
    target: Snapshot
    people: PeoplePlan
    causes: ir.Table
    plan: Path
    changed: tuple[str, ...] = ()


def last(runs: list[Run]) -> Run:
    """The newest run that judged people. ``runs`` are newest first. Raises UsageError where there is none."""
    moving = [run for run in runs if run.command in MOVING]
    found = next((run for run in moving if run.plan_id), None)
    if found is None:
        told = "no run came as far as judging people" if moving else "no run yet: nobody was read"
        raise UsageError(told, where=OPTION, fix="plan, or run" if moving else "")
    return found


def reopened(move: Move, run: Run) -> Judged:
    """Derive again what ``run`` derived. Raises UsageError where something that it rests on is gone."""
    folder = move.project.plans / run.plan_id
    if not (folder / "changes.parquet").exists():
        raise UsageError(f"the plan of {run.command} {run.id} was deleted ({folder})", where=OPTION, fix="plan again")
    source, target = (_snapshot(move, run, id) for id in (run.source_snapshot, run.target_snapshot))
    move.run_id = run.id
    _as_asked(move, run)
    quiet = replace(move, target=replace(move.target, instance=_as_planned(move, folder)))
    prepared = _prepared(quiet, source, target)
    known = _known_before(move, run, target)
    facts, link = said(quiet, prepared, source, filed.facts(quiet, prepared, source)), crm.link(move, prepared)
    population = people.build(quiet, prepared, source, target, facts, link, known)
    changed = tuple(_changed(move, run, prepared.digest))
    return Judged(move, run, prepared, source, target, population, causes.causes(population), folder, changed)


def _snapshot(move: Move, run: Run, id: str) -> Snapshot:
    """Raises UsageError for one of which anything is gone: what is missing must not read as nobody."""
    folder = move.project.snapshots / id
    gone = f"what {run.command} {run.id} read was deleted ({folder}): who was in it cannot be told any more"
    if not (folder / "manifest.json").exists():
        raise UsageError(gone, where=OPTION)
    found = Snapshot.open(folder, move.project.cipher)
    if any(state.rows and not found.has(kind) for kind, state in found.manifest.kinds.items()):
        raise UsageError(gone, where=OPTION)
    return found


def _as_asked(move: Move, run: Run) -> None:
    """The flags and files of facts of then."""
    inputs = move.ledger.inputs(run.id)
    move.keep_twins = inputs.get(resume.TWINS) == "yes"
    ours = {path.resolve() for path in move.project.facts_files()}
    named = (Path(name.removeprefix(resume.FACTS)) for name in inputs if name.startswith(resume.FACTS))
    move.more_facts = tuple(sorted(path for path in named if path not in ours))
    for path in move.project.facts_files(move.more_facts):
        if not path.exists():
            told = f"{run.command} {run.id} read denials from this file, and it is gone: put it back"
            raise UsageError(told, where=str(path))


def _prepared(move: Move, source: Snapshot, target: Snapshot) -> Prepared:
    path = move.project.mapping_path
    if not path.exists():
        raise UsageError("the mapping is gone: put it back, or plan again", where=str(path))
    try:
        return prepare.prepare(move, source, target)
    except Blocked as error:
        raise UsageError(
            "the mapping does not fit any more: plan again, and the report says why", where=str(path)
        ) from error


def _as_planned(move: Move, folder: Path) -> Instance:
    """The target as it was found then: what it refused stands in the plan, and it is not asked again."""
    return cast(Instance, _Remembered(move.target.instance, _closed(move, folder)))


class _Remembered:
    """Answers without a call."""

    def __init__(self, instance: Instance, closed: Mapping[Kind, str]) -> None:
        self._closed = closed
        if isinstance(instance, ConsentFields):
            self.denial_values = instance.denial_values

    def closed(self) -> Mapping[Kind, str]:
        return self._closed


def _closed(move: Move, folder: Path) -> dict[Kind, str]:
    """Kinds that a sealed plan handed over because the target refused them."""
    rows = move.engine.parquet(folder / "changes.parquet")
    handed = rows.filter((rows.bucket == Bucket.HANDED.value) & (rows.reason == "not_written"))
    found: list[dict[str, Any]] = move.engine.rows(handed.select("kind", "detail").distinct())
    return {Kind(row["kind"]): row["detail"] for row in found}


def _known_before(move: Move, run: Run, target: Snapshot) -> ir.Table:
    """(source_key, target_key, made) of people as the plan knew them: without those records that the run made itself.

    A record that was there before was looked up, so it stands in the snapshot of the target.
    """
    schema = ids.SCHEMA.append(pa.field("run_id", pa.string()))
    every = move.engine.gather(_batches(move, schema), schema)
    there = move.engine.table(target, Kind.PERSON).select(there="key")
    own = every.filter(every.run_id == run.id).semi_join(there, [("target_key", "there")])
    return every.filter(every.run_id != run.id).union(own).select(*ids.SCHEMA.names)


def _batches(move: Move, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    for rows in ids.chunked(move, Kind.PERSON):
        yield pa.record_batch(
            [pa.array([getattr(row, name) for row in rows], pa.string()) for name in schema.names], schema
        )


def _changed(move: Move, run: Run, mapping: str) -> Iterator[str]:
    """Names of inputs that differ from then."""
    before = move.ledger.inputs(run.id)
    now = resume.asked(move) | resume.derived(move, mapping)
    harmless = (resume.HISTORY, move.project.programs_path.name)  # what goes along of past and programs mails nobody
    for name, value in now.items():
        if before.get(name) != value and name not in harmless:
            yield name.removeprefix(resume.FACTS)

"""Derive the plan: every object's bucket, what will be sent, what it will cost, and what must be decided first."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import orjson
import pyarrow as pa

from mamigrate import private
from mamigrate.capabilities import Level, Power
from mamigrate.findings import Severity
from mamigrate.model.kinds import Kind
from mamigrate.parquet import compressed
from mamigrate.plan.model import CHANGES, Bucket, Planned, as_row
from mamigrate.plan.suppressed import SUPPRESSED
from mamigrate.snapshot.folder import Snapshot
from mamigrate.stages import pushes
from mamigrate.stages.move import Move
from mamigrate.stages.people import PeoplePlan

WRITTEN = (Bucket.CREATED, Bucket.UPDATED)
ROWS = 500
"""Rows held before they are written."""


@dataclass(slots=True)
class Plan:
    """What was derived. ``counts`` by kind and bucket; ``lost`` values by (kind, field, code); ``kept`` and ``shown`` by field.

    ``history`` is the forecast of each policy for it (``stages.choices``), ``forecast`` that of the move (``stages.forecast``),
    ``programs`` how many members each will have by status.
    """

    id: str
    folder: Path
    counts: dict[str, Counter[str]] = field(default_factory=dict)
    reasons: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    lost: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)
    shown: Counter[str] = field(default_factory=Counter)
    denied: int = 0
    digest: str = ""
    inputs: dict[str, object] = field(default_factory=dict)
    history: dict[str, Any] = field(default_factory=dict)
    forecast: dict[str, Any] = field(default_factory=dict)
    programs: list[dict[str, Any]] = field(default_factory=list)

    def differs_from(self, folder: Path) -> list[str]:
        """What differs between this plan and the one kept in ``folder``: names of inputs, or ``changes``."""
        kept = orjson.loads((folder / "plan.json").read_bytes())
        mine = orjson.loads(orjson.dumps(self.inputs))
        changed = [name for name in {**mine, **kept["inputs"]} if kept["inputs"].get(name) != mine.get(name)]
        return changed if changed or kept["digest"] == self.digest else ["changes"]

    def number(self, kind: str, *buckets: Bucket) -> int:
        return sum(self.counts.get(kind, Counter())[bucket] for bucket in buckets)

    @property
    def new_people(self) -> int:
        return self.number(Kind.PERSON, Bucket.CREATED) + self.number(SUPPRESSED, Bucket.CREATED)

    @property
    def writes(self) -> int:
        return sum(self.number(kind, *WRITTEN) for kind in self.counts)


def plan(move: Move, people: PeoplePlan, estate: Iterable[Planned]) -> Plan:
    """Write ``changes.parquet`` and say what was found on the way."""
    id = f"{move.run_id}-{len(list(move.project.plans.glob(f'{move.run_id}-*'))) + 1}"
    made = Plan(id, private.folder(move.project.plans / id))
    move.engine.shrink()
    _write_changes(move, made, _everything(people, estate))
    made.digest = hashlib.sha256((made.folder / "changes.parquet").read_bytes()).hexdigest()
    return made


def seal(move: Move, made: Plan, mapping: str, asked: Mapping[str, str], source: Snapshot, target: Snapshot) -> None:
    """Write ``plan.json``: counts, forecast and the hashes of what the plan was derived from, decisions included.

    ``mapping`` is the mapping's hash, ``asked`` are flags and files of facts (``resume.asked``).
    """
    made.inputs = {
        "mapping": mapping,
        "decisions": move.decisions.digest,
        **asked,
        "source": [source.id, source.manifest.hashes],
        "target": [target.id, target.manifest.hashes],
    }
    content = {
        "id": made.id,
        "counts": made.counts,
        "calls": calls(move, made),
        "history": made.history,
        "forecast": made.forecast,
        "programs": made.programs,
        "crm_pushes": pushes.PLANNED,
        "digest": made.digest,
        "inputs": made.inputs,
    }
    private.write(
        made.folder / "plan.json", orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS)
    )


def beyond(move: Move, made: Plan, folder: Path) -> int:
    """How many writes of ``made`` the plan kept in ``folder`` does not have: another object, or other values of one.

    Links are not compared: an interrupted apply writes what they name, and may leave nothing but links to be written.
    """
    mine, kept = (_written_of(move, path) for path in (made.folder, folder))
    kept = kept.union(kept.mutate(values=ibis.literal("")))
    return int(move.engine.one(mine.anti_join(kept, ["kind", "key", "values"]).agg(n=ibis._.count()))["n"])


def _written_of(move: Move, folder: Path) -> ir.Table:
    written = move.engine.parquet(folder / "changes.parquet").filter(lambda t: t.bucket.isin([*WRITTEN]))
    return written.select("kind", "key", values="values_hash")


def calls(move: Move, plan: Plan) -> dict[str, int]:
    """Calls that the writes will take, by kind: full batches of creations and of updates apart."""
    needed: dict[str, int] = {}
    for kind in plan.counts:
        written = Kind.PERSON if kind == SUPPRESSED else Kind(kind)
        row = move.target.adapter.capabilities.of(written, Power.WRITE)
        sizes = [plan.number(kind, bucket) for bucket in WRITTEN]
        if any(sizes) and row.level in (Level.FULL, Level.PARTIAL):
            needed[kind] = sum(-(-size // max(1, row.batch)) for size in sizes)
    chosen = [one for one in plan.history.get("choices", ()) if one["policy"] == plan.history["policy"]]
    history = sum(one["calls"] for one in chosen)
    return needed | ({Kind.ACTIVITY.value: history} if history else {})


def _everything(people: PeoplePlan, estate: Iterable[Planned]) -> Iterator[Planned]:
    yield from estate
    yield from people.people_planned()
    yield from people.others()
    yield from people.suppressions_planned()


def _write_changes(move: Move, plan: Plan, everything: Iterable[Planned]) -> None:
    held: list[dict[str, object]] = []
    with (
        private.replacing(plan.folder / "changes.parquet") as out,
        compressed(out, CHANGES) as writer,
    ):
        for done, planned in enumerate(everything, 1):
            _count(move, plan, planned)
            held.append(as_row(planned))
            if len(held) == ROWS:
                writer.write_batch(pa.RecordBatch.from_pylist(held, CHANGES))
                held = []
                move.progress("plan", done, None)
        writer.write_batch(pa.RecordBatch.from_pylist(held, CHANGES))
    planned_objects = sum(counts.total() for counts in plan.counts.values())
    move.progress("plan", planned_objects, planned_objects)


def _count(move: Move, plan: Plan, planned: Planned) -> None:
    plan.counts.setdefault(planned.kind, Counter())[planned.bucket] += 1
    plan.reasons[(planned.kind, planned.bucket, planned.reason)] += 1
    plan.denied += planned.denied
    plan.kept.update(planned.kept)
    plan.shown.update(planned.shown)
    for name, code, value in planned.lost:
        plan.lost[(planned.kind, name, code)] += 1
        subject = f"{move.source.name}/{planned.kind}/{planned.key}"
        severity = Severity.BLOCK if code == "too_long" else Severity.WARN
        move.findings.add(code, severity, subject, field=name, value=value[:200])
    if planned.bucket is Bucket.PARKED:
        move.findings.add(
            "parked",
            Severity.WARN,
            f"{move.source.name}/{planned.kind}/{planned.key}",
            reason=planned.reason,
            detail=planned.detail,
            field=planned.cause[0],
            value=planned.cause[1][:200],
        )

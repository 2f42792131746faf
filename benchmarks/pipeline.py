"""From the bytes of a source page to the bytes of a target payload, on one core, against a bare loop over the same pages.

The bare loop: ``orjson.loads``, the same compiled mapping, ``orjson.dumps``. The rows: parse and check a page, neutral rows
with canonical values, address keys and the facts that a page tells, the same mapping, the payload that the target's
adapter sends. The program: the rows, and beside the mapping the plan of each person with consent, origins, comparison and
account. None touches a disk, and the joins (which person stands where, who is denied) are done beforehand by the engine.

All sides run in one process and take turns every few pages, because other load and the processor's clock change within
seconds: a ratio of two neighbouring slices is hardly touched by that, an absolute time is.
"""

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median

import orjson

from benchmarks import planned, process
from benchmarks.figures import VENDOR_RATE, Figure, at_least, only
from benchmarks.planned import Opened
from mamigrate.consent import address
from mamigrate.contract import Change, Landed, NeutralRow
from mamigrate.mapping.compile import Compiled
from mamigrate.model.estate import DataType
from mamigrate.model.kinds import Kind
from mamigrate.model.schema import arrow_schema
from mamigrate.plan.model import Bucket
from mamigrate.stages import people, planner
from mamigrate.stages.crm import Link
from mamigrate.stages.extract import deriver
from mamigrate.stages.said import said
from mamigrate_marketo import denials, write

BATCH = 300
SLICE = 15
"""Pages of a turn: 1,500 people, about a tenth of a second."""
LAPS = 8
"""Times that each side goes through all pages, in each of ``PROCESSES``."""
PROCESSES = 3
"""A process is lucky or not with the addresses and hashes of its names."""

Lap = Callable[[Sequence[Landed]], int]


def measure(work: Path) -> list[Figure]:
    with planned.served(work) as folder:
        runs = [process.side("pipeline", "both", folder) for _ in range(PROCESSES)]
    rate, rows = (max(run[name] for run in runs) for name in ("rate", "rows"))
    bare = rows / median(run["rows_ratio"] for run in runs)
    return [
        at_least("rows a second, page in to payload out", rows, "/s", "bare orjson loop", bare, 0.7),
        at_least("people planned a second, page in to payload out", rate, "/s", "HubSpot gives", VENDOR_RATE, 10.0),
        only("people planned a second", rate, "/s", "bare orjson loop", rate / median(run["ratio"] for run in runs)),
    ]


def both(folder: Path) -> dict[str, float]:
    """``rate`` and ``rows``: people a second of the program and of its rows in the least lap, since other load only adds
    time. ``ratio`` and ``rows_ratio``: of these rates and the bare loop's, the median of all pairs of neighbouring slices.
    """
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with planned.opened(folder) as known:
        pages = list(known.source.landed(Kind.PERSON))
        program = Program(known, dict(_joined(known)))
        sides = program.lap, program.rows, Bare(known.prepared.rules[Kind.PERSON]).lap
        slices = [pages[start : start + SLICE] for start in range(0, len(pages), SLICE)]
        laps = [[[_seconds(side, part) for side in sides] for part in slices] for _ in range(LAPS)]
    records = sum(len(orjson.loads(page.body)["results"]) for page in pages)
    whole, rows = (records / min(sum(times[at] for times in lap) for lap in laps) for at in (0, 1))
    return {
        "rate": whole,
        "rows": rows,
        "ratio": median(bare / planned for lap in laps for planned, _, bare in lap),
        "rows_ratio": median(bare / rows for lap in laps for _, rows, bare in lap),
    }


SIDES = {"both": both}


class Bare:
    """What nobody could leave out."""

    def __init__(self, rules: Compiled) -> None:
        self._apply = rules.apply

    def lap(self, pages: Sequence[Landed]) -> int:
        """Bytes sent."""
        sent, held, apply = 0, [], self._apply
        for page in pages:
            for record in orjson.loads(page.body)["results"]:
                held.append(apply(record["properties"])[0])
                if len(held) == BATCH:
                    sent += len(orjson.dumps({"action": "createOrUpdate", "input": held}))
                    held = []
        return sent + len(orjson.dumps({"action": "createOrUpdate", "input": held}))


class Program:
    """The program's own functions, called in the order of a run."""

    def __init__(self, known: Opened, joined: Mapping[str, NeutralRow]) -> None:
        self._source = known.move.source.instance
        self._derive = deriver(known.move.source, known.source.manifest.began_at)
        self._planner = planner.planner(known.move, known.prepared)
        self._types = {f.api_name: f.data_type for f in known.prepared.target_fields if f.holder is Kind.PERSON}
        self._types |= {new.name: new.type for new in known.prepared.missing}
        self._joined = joined
        self._apply = known.prepared.rules[Kind.PERSON].apply

    def rows(self, pages: Sequence[Landed]) -> int:
        """Bytes sent, where everybody is written as the mapping says."""
        address.keys.cache_clear()
        sent, held = 0, list[Change]()
        for page in pages:
            for row in self._source.normalise(Kind.PERSON, page).rows[Kind.PERSON]:
                held.append(Change(row["key"], None, self._apply(row["values"])[0]))
                if len(held) == BATCH:
                    sent += payload(held, self._types)
                    held = []
        return sent + payload(held, self._types)

    def lap(self, pages: Sequence[Landed]) -> int:
        """Bytes sent."""
        address.keys.cache_clear()  # a lap before knew the same people
        sent, held = 0, []
        for page in pages:
            for row in self._derive(self._source.normalise(Kind.PERSON, page)).rows[Kind.PERSON]:
                verdict = self._joined.get(row["key"])
                if verdict is None:
                    continue  # archived, or merged into somebody who was modified later
                row.update(verdict)
                made = self._planner.plan(row)
                if made.bucket in (Bucket.CREATED, Bucket.UPDATED):
                    held.append(Change(made.key, made.target_key, made.values, made.links))
                if len(held) == BATCH:
                    sent += payload(held, self._types)
                    held = []
        return sent + payload(held, self._types)


def payload(changes: list[Change], types: Mapping[str, DataType]) -> int:
    """Bytes of the bodies that Marketo's adapter would send."""
    denials.guard(changes)
    parts = write.parts(write.records(changes, types))
    bodies = ({"action": "createOrUpdate", "input": part.encoded} for part in parts)
    return sum(len(orjson.dumps(body)) for body in bodies)


def _joined(known: Opened) -> Iterator[tuple[str, NeutralRow]]:
    """What the engine knows of each winner beside its own row."""
    facts = said(known.move, known.prepared, known.source, [])
    built = people.build(known.move, known.prepared, known.source, known.target, facts, Link())
    older = people.beside(built.older, "older_values")
    standing = people.beside(built.standing, "target_values")
    own = frozenset(arrow_schema(Kind.PERSON).names)
    for row in built.rows:
        verdict = {name: value for name, value in row.items() if name not in own}
        there = next(iter(standing(row["key"])), None)
        yield row["key"], {**verdict, "older": older(row["key"]), "target_values": there}


def _seconds(lap: Lap, pages: Sequence[Landed]) -> float:
    """Of the core's own time: what other processes take of it does not count."""
    began = time.process_time()
    lap(pages)
    return time.process_time() - began

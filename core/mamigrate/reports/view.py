"""From a run's facts to what its page shows: which blocks, in which order, how long each bar is. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from mamigrate.findings import Severity
from mamigrate.reports import adding_up, grouping, next_steps, shapes, standing, usage
from mamigrate.reports.phrases import Phrase, Phrasebook, Value
from mamigrate.reports.shapes import BUCKETS, KINDS, Segment
from mamigrate.reports.standing import Facts

DAY = 8 * 60
"""Minutes of a working day."""
LOST = {"left": "lost_left", "rejected": "lost_rejected"}
"""What did not come along, by bucket, and the sentence for it."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Objects of one kind that ended in one bucket for one reason. ``rows`` are the first of them."""

    bucket: str
    reason: str
    number: int
    rows: Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class KindAccount:
    """Where the objects of a kind ended. ``closed`` None: not planned in a preview."""

    kind: str
    read: int
    buckets: tuple[tuple[str, int], ...]
    segments: tuple[Segment, ...]
    closed: bool | None
    reasons: tuple[Reason, ...]

    @property
    def missing(self) -> int:
        return self.read - sum(number for _, number in self.buckets)


def view(facts: Facts, book: Phrasebook, rows: int) -> dict[str, Any]:
    """Everything the template asks for beside the facts. ``rows`` is the most findings that stand in the page."""
    steps = next_steps.next_steps(facts)
    found = [grouping.as_finding(one) for one in facts["findings"]]
    kinds = tuple(accounts(facts))
    people = next((one for one in kinds if one.kind == "person"), None)
    return {
        "standing": standing.standing(facts),
        "reach_tone": standing.reach_tone(facts),
        "bars": _bars(facts),
        "steady": [book.word("cause", s["cause"]) for s in facts.get("reach", {}).get("steps", ()) if not s["people"]],
        "kept": tuple(adding_up.kept(facts, book)),
        "kept_sum": adding_up.kept_sum(facts, book),
        "kept_parked": adding_up.parked_words(facts, book),
        "parked": adding_up.parked(facts),
        "kinds": kinds,
        "people": people,
        "known_buckets": BUCKETS,
        "compared": standing.compared(facts),
        "quotas": tuple(usage.quotas(facts)),
        "people_parts": [book.say(f"part_{name}", n=number) for name, number in people.buckets] if people else [],
        "lost": tuple(lost(facts, kinds, book)),
        "not_read": [book.word("kind", kind) for kind in facts.get("not_read", ())],
        "parts": tuple(_parts(facts)),
        "signers": sorted({one["who"] for one in facts["decisions"]}),
        "forecast": tuple(usage.batches(facts)),
        "steps": steps,
        "step_text": lambda step: step_text(step, book, facts.get("time_zone", "UTC")),
        "effort": lambda minutes: effort(minutes, book),
        "total_effort": effort(next_steps.total_minutes(steps), book),
        "groups": grouping.grouped(found, rows),
        "severities": {one.value: sum(f.severity is one for f in found) for one in Severity},
        "shown": min(rows, len(found)),
        "inline": rows,
        "census_total": adding_up.census_total(facts),
        "census_words": tuple(adding_up.census(facts, book)),
        "facts_words": tuple(adding_up.consent_facts(facts, book)),
        "added_words": tuple(adding_up.added(facts, book)),
        "created_own": sum(one["own"] for one in facts.get("created_fields", ())),
        "nothing_written": facts["state"] == "loaded" and not facts["effects"]["sent"],
        "heat": shapes.heat,
        "when": lambda text: when(text, facts.get("time_zone", "UTC")),
    }


def accounts(facts: Facts) -> Iterator[KindAccount]:
    """The accounts of a finished run, or what a preview planned."""
    told: Mapping[str, Any] = facts.get("accounts") or _planned(facts)
    reasons = facts.get("reasons", ())
    for kind in sorted(told, key=lambda name: (KINDS.index(name) if name in KINDS else len(KINDS), name)):
        buckets, read = told[kind]["buckets"], told[kind]["read"]
        yield KindAccount(
            kind,
            read,
            tuple((name, buckets[name]) for name in BUCKETS if buckets.get(name)),
            shapes.stacked(buckets),
            told[kind]["closed"],
            tuple(_reasons(kind, reasons)),
        )


def _planned(facts: Facts) -> dict[str, Any]:
    counts: Mapping[str, Mapping[str, int]] = facts.get("plan", {}).get("counts", {})
    read = dict(facts.get("read", {}))
    for kind in counts:
        read.setdefault(kind, sum(counts[kind].values()))
    told = {}
    for kind in (kind for kind in read if read[kind]):
        buckets = counts.get(kind, {})
        told[kind] = {
            "read": read[kind],
            "buckets": buckets,
            "closed": sum(buckets.values()) == read[kind] if buckets else None,
        }
    return told


def _reasons(kind: str, reasons: Sequence[Mapping[str, Any]]) -> Iterator[Reason]:
    mine = [one for one in reasons if one["kind"] == kind]
    for one in sorted(mine, key=lambda row: (_rank(row["bucket"]), -row["objects"])):
        yield Reason(one["bucket"], one["reason"], one["objects"], one.get("rows", ()))


def _rank(bucket: str) -> int:
    return BUCKETS.index(bucket) if bucket in BUCKETS else len(BUCKETS)


def _bars(facts: Facts) -> tuple[shapes.Bar, ...]:
    reach = facts.get("reach")
    if not reach:
        return ()
    steps = [(step["cause"], step["people"]) for step in reach["steps"]]
    if reach["unexplained"]:
        steps.append(("unexplained", reach["unexplained"]))
    return shapes.waterfall(reach["before"], steps, reach["after"])


def lost(facts: Facts, kinds: Sequence[KindAccount], book: Phrasebook) -> Iterator[Phrase]:
    """What does not come along, in sentences: objects by kind and reason, then values."""
    for kind in kinds:
        for one in kind.reasons:
            if one.bucket in LOST:
                words = {"kind": book.word("kind", kind.kind), "reason": book.word("reason", one.reason)}
                yield book.say(LOST[one.bucket], n=one.number, **words)
    values, kept = facts.get("lost_values", ()), facts.get("kept_values", ())
    if values:
        yield book.say("lost_values", n=sum(one["values"] for one in values), fields=len(values))
    if kept:
        yield book.say("kept_values", n=sum(one["values"] for one in kept))
    if company := facts.get("company_values", ()):
        yield book.say("company_values", n=sum(one["values"] for one in company))


def step_text(step: next_steps.Step, book: Phrasebook, zone: str) -> Phrase:
    """A step as a sentence; what it is about is a finding's title or a kind."""
    params: dict[str, Value] = dict(step.params)
    if "when" in step.params:
        params["when"] = when(str(step.params["when"]), zone)
    return book.say(step.code, **params, what=book.word("finding", step.of), kind=book.word("kind", step.of))


def _parts(facts: Facts) -> Iterator[str]:
    """Names of the auditor's blocks that this page has, in their order."""
    planned = "plan" in facts
    there = {
        "run": True,
        "counts": planned,
        "census": "census" in facts,
        "proof": bool(facts.get("proof")),
        "kinds": planned,
        "sheets": planned and bool(facts.get("build_sheets")),
        "effects": True,
        "fields": planned,
        "choices": True,
        "quota": True,
        "data": planned,
        "again": planned,
        "findings": True,
    }
    return (name for name, holds in there.items() if holds)


def effort(minutes: int, book: Phrasebook) -> Phrase:
    """Rounded as people say it: minutes, hours, working days."""
    if minutes < 55:
        return book.say("minutes", n=max(5, -(-minutes // 5) * 5))
    if minutes < 2 * DAY:
        return book.say("hours", n=max(1, round(minutes / 60)))
    return book.say("days", n=round(minutes / DAY))


def span(seconds: int | None, book: Phrasebook) -> Phrase:
    """How long something took, in the unit that people would name."""
    if seconds is None:
        return book.say("unknown_span")
    if seconds < 120:
        return book.say("seconds", n=seconds)
    return (
        book.say("minutes_plain", n=round(seconds / 60))
        if seconds < 7200
        else book.say("hours_plain", n=round(seconds / 3600))
    )


def when(text: str | None, zone: str) -> str:
    """A moment in the project's time zone, to the minute."""
    if not text:
        return "–"
    moment = datetime.fromisoformat(text)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} ({zone})"

"""From a run's facts to what its page shows: which blocks, in which order, how long each bar is. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from mamigrate.findings import Severity
from mamigrate.reports import grouping, next_steps, shapes, standing
from mamigrate.reports.phrases import Phrase, Phrasebook, Value
from mamigrate.reports.shapes import BUCKETS, Segment
from mamigrate.reports.standing import Facts

KINDS = (
    "person",
    "account",
    "opportunity",
    "consent_fact",
    "suppressed_address",
    "list_membership",
    "program_membership",
    "activity",
    "list",
    "workflow",
    "program",
    "asset",
    "ruleset",
    "lifecycle_model",
    "channel",
    "topic",
    "field",
    "owner",
)
"""The order in which kinds are told: people first, then what marketers built."""

DAY = 8 * 60
"""Minutes of a working day."""


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


@dataclass(frozen=True, slots=True)
class QuotaUse:
    """One quota at both ends of a run; None: not told."""

    connection: str
    name: str
    before: int | None
    after: int | None
    limit: int

    @property
    def used(self) -> int | None:
        return None if self.before is None or self.after is None else self.after - self.before


@dataclass(frozen=True, slots=True)
class Calls:
    """Writing calls of a kind: what the plan forecast and what was made. None: not forecast, or nothing written."""

    kind: str
    forecast: int | None
    made: int | None


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
        "kinds": kinds,
        "people": people,
        "known_buckets": BUCKETS,
        "compared": standing.compared(facts),
        "quotas": tuple(quotas(facts)),
        "people_parts": [book.say(f"part_{name}", n=number) for name, number in people.buckets] if people else [],
        "lost": tuple(lost(facts, kinds, book)),
        "not_read": [book.word("kind", kind) for kind in facts.get("not_read", ())],
        "parts": tuple(_parts(facts)),
        "signers": sorted({one["who"] for one in facts["decisions"]}),
        "forecast": tuple(calls(facts)),
        "steps": steps,
        "step_text": lambda step: step_text(step, book, facts.get("time_zone", "UTC")),
        "effort": lambda minutes: effort(minutes, book),
        "total_effort": effort(next_steps.total_minutes(steps), book),
        "groups": grouping.grouped(found, rows),
        "severities": {one.value: sum(f.severity is one for f in found) for one in Severity},
        "shown": min(rows, len(found)),
        "inline": rows,
        "census_total": _census_total(facts),
        "census_words": tuple(_census_words(facts, people, book)),
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


def quotas(facts: Facts) -> Iterator[QuotaUse]:
    """Each quota once, from what a connection told before and after."""
    told: dict[tuple[str, str], dict[str, Mapping[str, Any]]] = {}
    for one in facts["quota"]:
        name, _, moment = one["name"].rpartition(" ")
        told.setdefault((one["connection"], name), {})[moment] = one
    for (connection, name), at in told.items():
        latest = at.get("after") or next(iter(at.values()))
        numbers = [at[moment]["used"] if moment in at else None for moment in ("before", "after")]
        yield QuotaUse(connection, name, numbers[0], numbers[1], latest["limit"])


def lost(facts: Facts, kinds: Sequence[KindAccount], book: Phrasebook) -> Iterator[Phrase]:
    """What does not come along, in sentences: objects by kind and reason, then values."""
    for kind in kinds:
        for one in kind.reasons:
            if one.bucket == "left":
                words = {"kind": book.word("kind", kind.kind), "reason": book.word("reason", one.reason)}
                yield book.say("lost_left", n=one.number, **words)
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


def calls(facts: Facts) -> Iterator[Calls]:
    """Forecast beside actual; denied addresses are written as people."""
    forecast: dict[str, int] = {}
    for kind, number in facts.get("plan", {}).get("calls", {}).items():
        name = "person" if kind == "suppressed_address" else kind
        forecast[name] = forecast.get(name, 0) + number
    made = {one["kind"]: one["calls"] for one in facts["effects"]["sent"]}
    for kind in KINDS:
        if kind in forecast or kind in made:
            yield Calls(kind, forecast.get(kind), made.get(kind))


def _census_total(facts: Facts) -> int:
    census = facts.get("census") or {}
    names = ("allowed_and_mailable", "allowed_not_mailable", "denied_not_mailable", "denied_but_mailable")
    return sum(census.get(name, 0) for name in names)


def _census_words(facts: Facts, people: KindAccount | None, book: Phrasebook) -> Iterator[Phrase]:
    """Which people the census counts, and how that meets the other numbers of the page."""
    census, reach = facts.get("census"), facts.get("reach")
    if not census:
        return
    yield book.say("census_counts", n=_census_total(facts), read=people.read if people else 0)
    if reach:
        after = census["allowed_and_mailable"] + census["denied_but_mailable"]
        yield book.say("census_reach", after=after, before=reach["before"])
    if census["allowed_not_mailable"]:
        parts = {"address": census["allowed_without_address"], "denied": census["allowed_denied_there"]}
        yield book.say("census_gap", n=census["allowed_not_mailable"], **parts)


def effort(minutes: int, book: Phrasebook) -> Phrase:
    """Rounded as people say it: minutes, hours, working days."""
    if minutes < 55:
        return book.say("minutes", n=max(5, -(-minutes // 5) * 5))
    if minutes < 2 * DAY:
        return book.say("hours", n=max(1, round(minutes / 60)))
    return book.say("days", n=round(minutes / DAY))


def when(text: str | None, zone: str) -> str:
    """A moment in the project's time zone, to the minute."""
    if not text:
        return "–"
    moment = datetime.fromisoformat(text)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} ({zone})"

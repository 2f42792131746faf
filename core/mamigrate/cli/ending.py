"""The last words of a command on the screen: how it ended, the sums, and what comes next. Five lines at most. Pure."""

import shlex
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from mamigrate.plan.model import Bucket, everything
from mamigrate.schedule.told import sentence

Facts = Mapping[str, Any]
"""A run's facts, as in ``run.json``."""

SHOWN = (Bucket.CREATED, Bucket.UPDATED, Bucket.EQUAL, Bucket.MERGED, Bucket.PARKED, Bucket.LEFT)
"""Fates that are told always; the others where there are any."""


def ending(facts: Facts, command: str, typed: Sequence[str]) -> list[str]:
    """``typed`` are the words after ``mamigrate``. A plan that may be applied ends with the command that applies it."""
    lines = [_standing(facts), *_sums(facts)]
    if command == "plan" and facts["state"] == "planned":
        forecast = facts["plan"].get("forecast")
        return [*lines, *([f"still to do: {sentence(forecast)}"] if forecast else []), _next(facts, typed)]
    return lines


def _standing(facts: Facts) -> str:
    accounts = facts.get("accounts", {})
    open_ = sorted(kind for kind, one in accounts.items() if not one["closed"])
    closed = f"accounts open: {', '.join(open_)}" if open_ else "every account closed"
    parts = [closed if accounts else "nothing was written", f"consent: {facts['consent'] or 'not judged yet'}"]
    found = Counter(one["severity"] for one in facts["findings"])
    return "; ".join([*parts, "findings: " + ", ".join(f"{found[name]} {name}" for name in ("block", "warn", "note"))])


def _sums(facts: Facts) -> list[str]:
    """Of people, and of everything."""
    told = facts.get("accounts") or {}
    buckets = {kind: one["buckets"] for kind, one in told.items()} or facts.get("plan", {}).get("counts", {})
    if not buckets:
        return []
    verb = "" if told else " planned"
    return [f"people{verb}: {_told(buckets.get('person', {}))}", f"everything{verb}: {_told(everything(buckets))}"]


def _told(buckets: Mapping[str, int]) -> str:
    names = [*SHOWN, *(name for name in Bucket if name not in SHOWN and buckets.get(name))]
    return ", ".join(f"{buckets.get(name, 0):,} {name}" for name in names)


def _next(facts: Facts, typed: Sequence[str]) -> str:
    inputs = facts["inputs"]
    who, when = inputs["mapping_signed"], inputs["mapping_signed_at"]
    state = f"signed by {who} on {when}" if who else "proposed, and nobody has signed it"
    words = ["apply" if word == "plan" else word for word in typed if word not in ("--dry-run", "--json")]
    return f"mapping.yaml is {state}; next: {shlex.join(['mamigrate', *words])}"

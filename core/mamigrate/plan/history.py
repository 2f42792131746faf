"""One activity of the source as the target will hold it; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from mamigrate.contract.history import HistoryRoom, HistoryType
from mamigrate.mapping.convert import cut
from mamigrate.model.activities import Family, event, family
from mamigrate.model.canonical import render_second
from mamigrate.model.kinds import Kind
from mamigrate.plan.model import Bucket, Planned
from mamigrate.plan.packing import COMMON
from mamigrate.plan.policy import HistorySection

_SPARE = 1_024
"""Bytes of an activity that are left to the vendor's own envelope."""


@dataclass(frozen=True, slots=True)
class Since:
    """``wanted``: the first instant that goes along, by family; ``kept``: the first that the target keeps. None: any."""

    wanted: Mapping[Family, datetime]
    kept: datetime | None = None

    def why_not(self, kind: Family, at: datetime) -> str | None:
        """Why something of then does not go along."""
        if kind in self.wanted and at < self.wanted[kind]:
            return "older_than_wanted"
        return "older_than_target_keeps" if self.kept and at < self.kept else None


@dataclass(frozen=True, slots=True)
class HistoryPlanner:
    """``types`` by family; one that has none finds no room. ``prefix`` makes the source key of an activity's key."""

    section: HistorySection
    types: Mapping[Family, HistoryType]
    room: HistoryRoom
    since: Since
    prefix: str

    def plan(self, row: Mapping[str, Any]) -> Planned:
        """``row``: an activity with ``person_target`` (None: not on the target), ``ambiguous``, ``done`` (its target key)."""
        key = str(row["key"])
        bucket, reason = self.fate(row)
        if bucket is Bucket.EQUAL:
            return Planned(Kind.ACTIVITY, key, bucket, reason, target_key=str(row["done"]))
        if bucket is not Bucket.CREATED:
            return Planned(Kind.ACTIVITY, key, bucket, reason)
        values, lost = self._values(key, row)
        links = {"person": (str(row["person_target"]),)}
        return Planned(Kind.ACTIVITY, key, bucket, reason, values=values, links=links, lost=lost)

    def fate(self, row: Mapping[str, Any]) -> tuple[Bucket, str]:
        """Where it ends and why. What was written once is never written again, whatever was decided since."""
        kind, at = family(row["activity_type"]), row["happened_at"]
        if row["done"]:
            return Bucket.EQUAL, "ledger"
        if not self.section.carries(kind):
            return Bucket.LEFT, "history_policy"
        if row["bot"] and not self.section.bots:
            return Bucket.LEFT, "machine"
        if at is None:
            return Bucket.PARKED, "undated"
        if why := self.since.why_not(kind, at):
            return Bucket.LEFT, why
        if row["ambiguous"]:
            return Bucket.PARKED, "address_shared"
        if row["person_target"] is None:
            return Bucket.LEFT, "person_not_on_target" if row["person_known"] else "nobody_of_source"
        return (Bucket.CREATED, "new") if kind in self.types else (Bucket.PARKED, "no_type_left")

    def _values(self, key: str, row: Mapping[str, Any]) -> tuple[dict[str, str], tuple[tuple[str, str, str], ...]]:
        type, told = self.types[family(row["activity_type"])], dict(row["values"] or ())
        values = {name: value for name, value in told.items() if name in type.attributes and name not in COMMON}
        rest = {name: value for name, value in told.items() if name not in values and name != "name"}
        values |= {
            "event": event(row["activity_type"]),
            "source_key": f"{self.prefix}{key}",
            "bot": "true" if row["bot"] else "false",
        }
        # Its key is whole, or the target refuses it: by half of one it would not be found again, and be written twice.
        short = {name: value if name == "source_key" else cut(value, self.room.text) for name, value in values.items()}
        rest |= {name: value for name, value in values.items() if short[name] != value}
        name = told.get("name") or event(row["activity_type"])
        primary = cut(name, self.room.text)
        rest |= {"name": name} if primary != name else {}
        details, lost = self._details(rest, short)
        made = {"type": type.name, "at": render_second(row["happened_at"]), "primary": primary, **short}
        return made | ({"details": details} if details else {}), lost

    def _details(
        self, rest: Mapping[str, str], beside: Mapping[str, str]
    ) -> tuple[str, tuple[tuple[str, str, str], ...]]:
        """What has no attribute of its own, as JSON; the longest texts are cut until it fits, and told. The archive has them whole."""
        left = self.room.whole - _SPARE - sum(len(value.encode()) for value in beside.values())
        held, lost = dict(rest), list[tuple[str, str, str]]()
        while held and len(text := orjson.dumps(held, option=orjson.OPT_SORT_KEYS)) > left:
            longest = max(held, key=lambda name: len(held[name]))
            lost.append((longest, "details_cut", rest[longest]))
            over = len(text) - left
            kept = cut(held[longest], max(0, len(held[longest].encode()) - over - 8))
            held = {**held, longest: kept} if kept else {name: value for name, value in held.items() if name != longest}
        return (orjson.dumps(held, option=orjson.OPT_SORT_KEYS).decode() if held else ""), tuple(dict.fromkeys(lost))

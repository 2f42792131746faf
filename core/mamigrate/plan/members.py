"""Who is in which program: one row a program and person, as expressions over what the source told. Pure.

The highest step wins; a membership began with the first evidence of any step, and succeeded with the first of success.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from mamigrate.consent import verdict
from mamigrate.mapping.recipes import HAPPENED, Recipes
from mamigrate.mapping.recipes_check import reachable
from mamigrate.model.canonical import render_second
from mamigrate.model.estate import Channel
from mamigrate.model.kinds import Kind
from mamigrate.plan.model import Bucket, Planned

SINCE, SUCCESS = "mmMemberSince", "mmSuccessAt"
"""Fields of members that keep the source's own days: the target stamps its own."""
LABELS = {SINCE: "MM Member Since", SUCCESS: "MM Success At"}

RULES = pa.schema(
    [
        ("program", pa.string()),
        ("evidence", pa.string()),
        ("of", pa.string()),
        ("of_program", pa.string()),
        ("status", pa.string()),
        ("step", pa.int64()),
        ("success", pa.bool_()),
    ]
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Rows of the source that rules rest on."""

    people: ir.Table
    lists: ir.Table
    participations: ir.Table
    activities: ir.Table


def rules(recipes: Recipes, channels: Mapping[str, Channel]) -> pa.Table:
    """The rules as a table. ``of_program`` is the source's program whose state of taking part counts."""
    rows = list[dict[str, Any]]()
    for recipe in recipes.programs:
        steps, success = reachable(channels[recipe.channel]), set(channels[recipe.channel].success_statuses)
        for rule in recipe.members:
            what, of = rule.evidence
            shared: dict[str, Any] = {
                "program": recipe.key,
                "evidence": HAPPENED.get(what, what),
                "of": of,
                "status": rule.status,
            }
            shared |= {"step": steps[rule.status], "success": rule.status in success}
            of_programs = recipe.sources if what == "participation" else ("",)
            rows += [{**shared, "of_program": one} for one in of_programs]
    return pa.Table.from_pylist(rows, RULES)


def evidence(told: Evidence, by: ir.Table) -> ir.Table:
    """(program, person_key, status, step, success, at) of each piece of evidence; machines' doings are none."""
    listing, taking = by.filter(by.evidence == "list"), by.filter(by.evidence == "participation")
    doing = by.filter(by.evidence.isin(sorted(HAPPENED.values())))
    in_lists = _kept(told.lists.join(listing, told.lists.list_key == listing.of), "joined_at")
    states = told.participations.select("program_key", "person_key", "joined_at", state="status")
    match = [states.program_key == taking.of_program, states.state == taking.of]
    took_part = _kept(states.join(taking, match), "joined_at")
    happened = _of_people(told.activities, told.people)
    match = [happened.activity_type == doing.evidence, happened.subject_key == doing.of]
    return in_lists.union(took_part).union(_kept(happened.join(doing, match), "happened_at"))


def _kept(joined: ir.Table, at: str) -> ir.Table:
    return joined.select("program", "person_key", "status", "step", "success", at=joined[at])


def _of_people(activities: ir.Table, people: ir.Table) -> ir.Table:
    """What happened, of somebody: of the one it names, or of everybody who has its address."""
    real = activities.filter(~activities.bot).select(
        "person_key", "address_loose", "activity_type", "subject_key", "happened_at"
    )
    shown = ("person_key", "activity_type", "subject_key", "happened_at")
    named = real.filter(real.person_key.notnull()).select(*shown)
    at = verdict.addresses(people).distinct()
    nameless = real.filter(real.person_key.isnull()).drop("person_key")
    found = nameless.join(at, nameless.address_loose == at.at).select(*shown)
    return named.union(found)


def folded(pieces: ir.Table) -> ir.Table:
    """(program, person_key, status, step, since, success_at, succeeded), one row each. Of statuses of one step the last by name wins."""
    ranked = pieces.mutate(rank=pieces.step.cast("string").lpad(9, "0") + "|" + pieces.status)
    grouped = ranked.group_by(["program", "person_key"]).agg(
        best=ranked["rank"].max(),
        step=ranked.step.max(),
        since=ranked["at"].min(),
        success_at=ranked["at"].min(where=ranked.success),
        succeeded=ranked.success.max(),
    )
    return grouped.mutate(status=grouped.best.substr(10)).drop("best")


def united(placed: ir.Table) -> ir.Table:
    """``placed`` (with ``person_target``) where people who became one are one member: ``first`` carries what all of them did."""
    place = ibis.window(group_by=["program", "person_target"])
    alone = placed.person_target.isnull()
    best = placed.step.cast("string").lpad(9, "0") + "|" + placed.status
    order = ibis.window(group_by=["program", "person_target"], order_by=[ibis.desc("step"), "person_key"])
    joined = placed.mutate(
        first=alone | (ibis.row_number().over(order) == 0),
        carrier=placed.person_key.first().over(order),
        most=best.max().over(place),
        top=placed.step.max().over(place),
        began=placed.since.min().over(place),
        won=placed.success_at.min().over(place),
    )
    return joined.mutate(
        status=alone.ifelse(joined.status, joined.most.substr(10)),
        step=alone.ifelse(joined.step, joined.top),
        since=alone.ifelse(joined.since, joined.began),
        success_at=alone.ifelse(joined.success_at, joined.won),
    ).drop("most", "top", "began", "won")


def first_successes(placed: ir.Table) -> ir.Table:
    """(person_key, person_target, program_target, success_at): the program of each person's first success that has a day.

    Of two on the same day the one whose key comes first.
    """
    dated = placed.filter(
        placed.success_at.notnull() & placed.person_target.notnull() & placed.program_target.notnull()
    )
    order = ibis.window(group_by="person_target", order_by=["success_at", "program", "person_key"])
    first = dated.mutate(at=ibis.row_number().over(order)).filter(lambda t: t["at"] == 0)
    return first.select("person_key", "person_target", "program_target", "success_at")


@dataclass(frozen=True, slots=True)
class MemberPlanner:
    """``steps`` by program and status; ``dates`` are the fields that the target keeps of ``SINCE`` and ``SUCCESS``."""

    steps: Mapping[str, Mapping[str, int]]
    dates: frozenset[str]

    def plan(self, row: Mapping[str, Any]) -> Planned:
        """``row``: a member with ``program_target``, ``person_target``, ``lost_why``, ``known``, and what stands there (``pair``,
        ``there_status``, ``there_values``)."""
        kind, key = Kind.PROGRAM_MEMBERSHIP, f"{row['program']}/{row['person_key']}"
        if (why := _why_left(row)) is not None:
            return Planned(kind, key, Bucket.LEFT, *why)
        if not row["first"]:
            return Planned(kind, key, Bucket.MERGED, "same_person", f"{row['program']}/{row['carrier']}")
        pair = f"{row['program_target']}/{row['person_target']}"
        values = {"status": row["status"], **self._dates(row)}
        links = {"program": (str(row["program_target"]),), "person": (str(row["person_target"]),)}
        if row["pair"] is None:
            reason = "gone_on_target" if row["ledger_target"] else "new"
            return Planned(kind, key, Bucket.CREATED, reason, values=values, links=links)
        there = dict(row["there_values"] or ())
        steps = self.steps[row["program"]]
        ahead = steps.get(row["there_status"] or "", 0) >= int(row["step"])
        late = {name: value for name, value in values.items() if name != "status" and there.get(name) != value}
        if ahead and not late:
            reason = "ledger" if row["ledger_target"] else "in_program"
            return Planned(kind, key, Bucket.EQUAL, reason, target_key=pair)
        sent = late if ahead else values
        return Planned(kind, key, Bucket.UPDATED, "moved_on", target_key=pair, values=sent, links=links)

    def _dates(self, row: Mapping[str, Any]) -> dict[str, str]:
        told = {SINCE: row["since"], SUCCESS: row["success_at"]}
        return {name: render_second(at) for name, at in told.items() if at is not None and name in self.dates}


def _why_left(row: Mapping[str, Any]) -> tuple[str, str] | None:
    if row["program_target"] is None:
        return "program_not_on_target", ""
    if row["lost_why"] not in (None, "gone_on_target"):
        return "person_parked", str(row["lost_why"])
    if row["person_target"] is None:
        return ("person_not_on_target" if row["known"] else "nobody_of_source"), ""
    return None

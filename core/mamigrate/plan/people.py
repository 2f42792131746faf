"""One joined row of the population to one planned person. The hot path of the planner: no I/O, no objects a field."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from mamigrate.mapping.compile import Compiled
from mamigrate.mapping.migration import PERSON_FIELDS, api_name
from mamigrate.model.canonical import render_datetime
from mamigrate.model.kinds import Kind
from mamigrate.plan.consent import DENYING, DenialValues, TopicCell, Verdict, verdict
from mamigrate.plan.model import Bucket, Planned
from mamigrate.plan.values import coalesce, difference, losses

Row = dict[str, Any]
LONGEST_TEXT = 255


@dataclass(frozen=True)
class PeoplePlanner:
    """What stays the same for every person of a plan.

    ``email_field`` is the target's address field, ``key_field`` its field for the source key. ``meanings`` maps a
    meaning to the source's field names that hold it. ``owners`` maps source owner keys to what is written of them;
    ``account_field`` is the person field that names the account, or empty;
    ``account_owned`` are person fields that show the linked account's values on the target: writing one through a
    person would change it for every colleague (Marketo: company fields of a lead).
    """

    source: str
    rules: Compiled
    cells: Sequence[TopicCell]
    denial_values: DenialValues
    email_field: str
    key_field: str
    blocking_fields: frozenset[str]
    meanings: Mapping[str, Sequence[str]]
    owners: Mapping[str, str]
    account_field: str = ""
    account_owned: frozenset[str] = frozenset()
    _verdicts: dict[tuple[tuple[str, ...], ...], Verdict] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """Few combinations of facts occur, in any number of people."""

    def plan(self, row: Row) -> Planned:
        """``row`` is a cluster's winner, joined with its verdict, its match on the target and older records' values."""
        if row["parked"]:
            cause = self.address_of(row["email"])
            return Planned(Kind.PERSON, row["key"], Bucket.PARKED, row["parked"], denied=bool(row["wide"]), cause=cause)
        merged = values_of(row["values"])
        if row["older"]:
            merged = coalesce([merged, *map(values_of, row["older"])])
        wanted, failed = self.rules.apply(merged)
        shown: list[str] = []
        if self.account_field and row["account_key"]:
            shown = [name for name in wanted if name in self.account_owned]
            for name in shown:
                del wanted[name]
        blocked = next(((rule.source, problem.value) for rule, problem in failed if problem.code == "too_long"), None)
        if blocked:
            return Planned(
                Kind.PERSON,
                row["key"],
                Bucket.PARKED,
                "too_long",
                blocked[0],
                lost=losses(failed),
                denied=bool(row["wide"]),
                cause=blocked,
            )
        judged = self._judged(tuple(row["wide"]), tuple(row["topics"]), tuple(row["granted"] or ()))
        wanted |= self._identity(row)
        origins, cut = self._origins(row, merged)
        lost = (*losses(failed), *cut, *self._not_linked(row))
        permission = dict(judged.values)
        if row["made"] == "created":  # What we opened here is ours to close, when the grant is gone.
            permission |= dict.fromkeys(judged.ungranted, "false")
        return self._compare(row, wanted | origins, permission, lost, tuple(shown), bool(judged.wide))

    def address_of(self, email: str | None) -> tuple[str, str]:
        """The source's field of addresses, and an address: what parks a person is nearly always that."""
        return next(iter(self.meanings.get("email", ())), "email"), email or ""

    def _judged(self, wide: tuple[str, ...], denied: tuple[str, ...], granted: tuple[str, ...]) -> Verdict:
        facts = (wide, denied, granted)
        if facts not in self._verdicts:
            self._verdicts[facts] = verdict(wide, denied, granted, self.cells, self.denial_values, self.source)
        return self._verdicts[facts]

    def _compare(
        self,
        row: Row,
        wanted: dict[str, str],
        permission: dict[str, str],
        lost: tuple[tuple[str, str, str], ...],
        shown: tuple[str, ...],
        denied: bool,
    ) -> Planned:
        target_key = row["target_key"]
        if target_key is None:
            fresh: dict[str, str | None] = {**wanted, **permission}
            return Planned(
                Kind.PERSON,
                row["key"],
                Bucket.CREATED,
                "new",
                values=fresh,
                lost=lost,
                shown=shown,
                denied=denied,
                permission=permission,
            )
        there = values_of(row["target_values"])
        # A record on the target keeps its address: moving one would subscribe or join people there (Marketo: durable unsubscribe).
        moved = row["target_loose"] is not None and row["target_loose"] != row["email_loose"]
        kept_address = (self.email_field,) if moved else ()
        if row["target_loose"] is not None:
            wanted.pop(self.email_field, None)
        found = difference(wanted, there, self._fill_only(adopted=row["made"] != "created"))
        send = found.send | self.lowering(permission, there)
        before = {name: there.get(name) for name in send}
        bucket = Bucket.UPDATED if send else Bucket.EQUAL
        reason = row["matched_by"]
        return Planned(
            Kind.PERSON,
            row["key"],
            bucket,
            reason,
            target_key=target_key,
            values=send,
            lost=lost,
            kept=(*found.kept, *self._not_raised(permission, there), *kept_address),
            shown=shown,
            before=before,
            denied=denied,
            permission=permission,
        )

    def _fill_only(self, *, adopted: bool) -> frozenset[str]:
        names = {rule.target for rule in self.rules.rules if rule.fill_only} if adopted else set()
        return frozenset(names | {self.key_field, self.account_field})

    def lowering(self, permission: Mapping[str, str], there: Mapping[str, str]) -> dict[str, str | None]:
        """What of ``permission`` lowers the record that stands there: a flag with its cause, or a topic.

        A cause is sent only with its flag, and a topic's ``false`` only where the target holds ``true``.
        """
        fresh = {name: value for name, value in permission.items() if there.get(name) != value}
        flags = {name for name in fresh if name in self.blocking_fields}
        return {
            name: value
            for name, value in fresh.items()
            if name in flags
            or (self.denying.get(name) == value and (value == "true" or there.get(name) == "true"))
            or any(name.startswith(flag) for flag in flags)
        }

    def _not_raised(self, permission: Mapping[str, str], there: Mapping[str, str]) -> Iterator[str]:
        """Topics with a grant that the standing record does not show: whoever closed them there may have been the person."""
        for name, value in permission.items():
            if name in self.denying and value != self.denying[name] and there.get(name) != value:
                yield name

    @cached_property
    def denying(self) -> dict[str, str]:
        """Topic fields of the target with the value that denies."""
        rules = [cell.rule for cell in self.cells if cell.rule]
        return {rule.target: DENYING[rule.polarity] for rule in rules if rule.target and rule.polarity}

    def _identity(self, row: Row) -> dict[str, str]:
        """The address, and the company by its source key."""
        made = {} if row["email_strict"] is None else {self.email_field: row["email_strict"]}
        if self.account_field and row["account_key"]:
            made[self.account_field] = source_key(self.source, Kind.ACCOUNT, row["account_key"])
        return made

    def _origins(self, row: Row, merged: Mapping[str, str]) -> tuple[dict[str, str], list[tuple[str, str, str]]]:
        """The source key and what the target would otherwise stamp itself; and what did not fit."""
        made: dict[str, str] = {}
        cut: list[tuple[str, str, str]] = []
        for own in PERSON_FIELDS:
            text, name = self._origin(own.origin, row, merged), api_name(own.name, self.key_field)
            if len(text) > LONGEST_TEXT:
                cut.append((name, "origin_cut", text))
            if text:
                made[name] = _whole_ids(text) if isinstance(row.get(own.origin), list) else text[:LONGEST_TEXT]
        return made, cut

    def _not_linked(self, row: Row) -> list[tuple[str, str, str]]:
        """The target keeps one company of a person: the others are told."""
        known = dict.fromkeys((*(row["account_keys"] or ()), *row.get("older_accounts", ())))
        others = [key for key in known if key != row["account_key"]]
        return [("company", "account_not_linked", ";".join(others))] if self.account_field and others else []

    def _origin(self, origin: str, row: Row, merged: Mapping[str, str]) -> str:
        if origin == "key":
            return source_key(self.source, Kind.PERSON, row["key"])
        if origin.startswith("meaning:"):
            names = self.meanings.get(origin.removeprefix("meaning:"), ())
            return " / ".join(merged[name] for name in names if name in merged)
        if origin == "owner":
            return self.owners.get(row["owner_key"] or "", row["owner_key"] or "")
        value = row[origin]
        if isinstance(value, datetime):
            return render_datetime(value.replace(microsecond=0))
        return ";".join(value) if isinstance(value, list) else value or ""


def _whole_ids(text: str) -> str:
    """What fits of ids behind each other: only whole ones, since half an id is another's."""
    if len(text) <= LONGEST_TEXT:
        return text
    whole, semicolon, _ = text[: LONGEST_TEXT + 1].rpartition(";")
    return whole if semicolon else text[:LONGEST_TEXT]


def source_key(connection: str, kind: Kind, key: str) -> str:
    """The text of ``mm_source_key``."""
    return f"{connection}/{kind.value}/{key}"


def values_of(pairs: Any) -> dict[str, str]:
    """A map of a joined row."""
    return dict(pairs) if pairs else {}

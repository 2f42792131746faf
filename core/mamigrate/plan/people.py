"""One joined row of the population to one planned person. The hot path of the planner: no I/O, no objects a field."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from mamigrate.mapping.compile import Compiled
from mamigrate.mapping.owners import OwnerPlace
from mamigrate.model.kinds import Kind
from mamigrate.model.made import OPENED_BY_US
from mamigrate.plan import crm
from mamigrate.plan.consent import DenialValues, TopicCell, Verdict, closable, denying, verdict
from mamigrate.plan.model import Bucket, Planned
from mamigrate.plan.origins import Loss, Origins, Row, origins, source_key
from mamigrate.plan.values import coalesce, difference, losses


@dataclass(frozen=True)
class PeoplePlanner:
    """What stays the same for every person of a plan.

    ``email_field`` is the target's address field, ``key_field`` its field for the source key. ``meanings`` maps a
    meaning to the source's field names that hold it. ``owners`` maps source owner keys to what is written of them
    in the tool's own field, ``owner_place`` is a further field for them;
    ``account_field`` is the person field that names the account, or empty;
    ``account_owned`` are person fields that show the linked account's values on the target: writing one through a
    person would change it for every colleague (Marketo: company fields of a lead). ``closed_when_new`` are fields of the
    target's own subscription types with the value that denies: nobody of the source was asked about them.
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
    owner_place: OwnerPlace | None = None
    closed_when_new: Mapping[str, str] = field(default_factory=dict)
    _verdicts: dict[tuple[tuple[str, ...], ...], Verdict] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """Few combinations of facts occur, in any number of people."""

    def plan(self, row: Row) -> Planned:
        """``row`` is a cluster's winner, joined with its verdict, its match on the target and older records' values."""
        judged = self.judged(tuple(row["wide"]), self._left(row), tuple(row["granted"] or ()))
        if row["parked"]:
            return self._parked(row, denied=bool(judged.wide))
        merged = values_of(row["values"])
        if row["older"]:
            merged = coalesce([merged, *map(values_of, row["older"])])
        wanted, failed = self.rules.apply(merged)
        lost = losses(failed) if failed else ()
        for loss in lost:
            if loss[1] == "too_long":
                return self._too_long(row, loss, lost)
        shown = self._give_to_account(row, wanted)
        origins, cut = self.origins.of(row, merged)
        self._identify(row, wanted)
        wanted |= origins
        if self.owner_place and (owner := self.owner_place.of(row["owner_key"])):
            wanted[self.owner_place.field] = owner
        untied = self._not_linked(row)
        if cut or untied:
            lost = (*lost, *cut, *untied)
        permission = judged.values
        if row["made"] in OPENED_BY_US:  # What we opened here is ours to close, when the grant is gone.
            permission = permission | dict.fromkeys(judged.ungranted, "false")
        if row["target_key"] is None:  # Whoever is created would be in the audience of what the target opens by itself.
            permission = {**permission, **self.closed_when_new}
        return self._compare(row, wanted, permission, judged, lost, shown)

    def _left(self, row: Row) -> tuple[str, ...]:
        """Topics that the facts close, and those that are closed on the person's record there: who left the last one, some here and
        some there, is mailed by nobody.
        """
        if row["target_key"] is None:
            return tuple(row["topics"])
        there = values_of(row["target_values"])
        left = [cell for cell, fields in self._closable.items() if all(there.get(name) == "true" for name in fields)]
        return tuple(sorted({*row["topics"], *left})) if left else tuple(row["topics"])

    @cached_property
    def _closable(self) -> dict[str, frozenset[str]]:
        """Topics by ``brand|topic``, with the fields that close them."""
        return {f"{cell.brand}|{cell.key}": fields for cell, fields in closable(self.cells).items()}

    def _parked(self, row: Row, *, denied: bool) -> Planned:
        """Somebody who is not written, with the value that says why, and the records of the target that contradict it."""
        reason, cause, detail = row["parked"], self.address_of(row["email"]), ""
        if reason in crm.REASONS:
            values = values_of(row["values"])
            names = [name for meaning in crm.MEANINGS.values() for name in self.meanings.get(meaning, ())]
            cause = next(((name, values[name]) for name in names if name in values), cause)
        if reason == crm.CONFLICT:
            detail = ", ".join(key for key in (row["crm_key"], row["address_key"]) if key)
        if row.get("twins"):
            detail = self.named(key for key in row["twins"] if key != row["key"])
        return Planned(Kind.PERSON, row["key"], Bucket.PARKED, reason, detail, denied=denied, cause=cause)

    def named(self, keys: Iterable[str]) -> str:
        """Records of the source, as findings name them."""
        return ", ".join(f"{self.source}/{Kind.PERSON}/{key}" for key in sorted(keys))

    def _give_to_account(self, row: Row, wanted: dict[str, str]) -> tuple[str, ...]:
        """Take out of ``wanted`` what the person's account shows, and tell it."""
        if not (self.account_field and row["account_key"]):
            return ()
        return tuple([name for name in self._shown_by_accounts if wanted.pop(name, None) is not None])

    def _too_long(self, row: Row, loss: Loss, lost: tuple[Loss, ...]) -> Planned:
        field, _, value = loss
        return Planned(
            Kind.PERSON,
            row["key"],
            Bucket.PARKED,
            "too_long",
            field,
            lost=lost,
            denied=bool(row["wide"]),
            cause=(field, value),
        )

    def address_of(self, email: str | None) -> tuple[str, str]:
        """The source's field of addresses, and an address: what parks a person is nearly always that."""
        return next(iter(self.meanings.get("email", ())), "email"), email or ""

    def judged(self, wide: tuple[str, ...], denied: tuple[str, ...], granted: tuple[str, ...]) -> Verdict:
        """What the facts of one person mean here."""
        facts = (wide, denied, granted)
        known = self._verdicts.get(facts)
        if known is None:
            known = verdict(wide, denied, granted, self.cells, self.denial_values, self.source)
            self._verdicts[facts] = known
        return known

    def _compare(
        self,
        row: Row,
        wanted: dict[str, str],
        permission: dict[str, str],
        judged: Verdict,
        lost: tuple[Loss, ...],
        shown: tuple[str, ...],
    ) -> Planned:
        target_key, denied = row["target_key"], bool(judged.wide)
        if target_key is None:
            wanted |= permission
            return Planned(
                Kind.PERSON,
                row["key"],
                Bucket.CREATED,
                "new",
                values=wanted,
                lost=lost,
                shown=shown,
                denied=denied,
                permission=permission,
                permits=judged.permits,
            )
        there = values_of(row["target_values"])
        # A record on the target keeps its address: moving one would subscribe or join people there (Marketo: durable unsubscribe).
        moved = row["target_loose"] is not None and row["target_loose"] != row["email_loose"]
        kept_address = (self.email_field,) if moved else ()
        if row["target_loose"] is not None:
            wanted.pop(self.email_field, None)
        fill_only = self._ours if row["made"] == "created" else self._fill_only
        if row.get("rekey"):
            fill_only = fill_only - {self.key_field}
        found = difference(wanted, there, fill_only)
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
            permits=judged.permits,
        )

    @cached_property
    def _shown_by_accounts(self) -> tuple[str, ...]:
        """Targets of rules that the linked account shows."""
        return tuple(rule.target for rule in self.rules.rules if rule.target in self.account_owned)

    @cached_property
    def origins(self) -> Origins:
        """What of the tool's own fields this source can fill."""
        return origins(self.source, self.key_field, self.meanings, self.owners)

    @cached_property
    def _account_prefix(self) -> str:
        return source_key(self.source, Kind.ACCOUNT, "")

    @cached_property
    def _ours(self) -> frozenset[str]:
        return frozenset({self.key_field, self.account_field})

    @cached_property
    def _fill_only(self) -> frozenset[str]:
        """Fields that keep their own value on a record that was not made by us."""
        owner = {self.owner_place.field} if self.owner_place else set()
        return self._ours | owner | {rule.target for rule in self.rules.rules if rule.fill_only}

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
        return {**self.closed_when_new, **denying(cell.rule for cell in self.cells if cell.rule)}

    def _identify(self, row: Row, wanted: dict[str, str]) -> None:
        """Put in the address, and the company by its source key."""
        if row["email_strict"] is not None:
            wanted[self.email_field] = row["email_strict"]
        if self.account_field and row["account_key"]:
            wanted[self.account_field] = self._account_prefix + row["account_key"]

    def _not_linked(self, row: Row) -> Sequence[Loss]:
        """The target keeps one company of a person: the others are told."""
        linked, older = row["account_key"], row.get("older_accounts")
        if not self.account_field or (row["account_keys"] == [linked] and not older):
            return ()
        others = [key for key in dict.fromkeys((*(row["account_keys"] or ()), *(older or ()))) if key != linked]
        return [("company", "account_not_linked", ";".join(others))] if others else ()


def values_of(pairs: Any) -> dict[str, str]:
    """A map of a joined row."""
    return pairs if isinstance(pairs, dict) else dict(pairs or ())

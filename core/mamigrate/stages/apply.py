"""Write the plan to the target, in an order that is safe wherever it is cut off.

Denied addresses come first, then people who are denied (in one call with their denial), then everybody else. Each batch is
noted in the ledger before it is sent and closed after; what may have happened is settled by asking the target.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from mamigrate.capabilities import Power
from mamigrate.contract import Change, Outcome, Permit, Status, Writer
from mamigrate.errors import Blocked, Unreachable, UsageError
from mamigrate.findings import Severity
from mamigrate.ledger.store import Item
from mamigrate.ledger.tables import Account, IdMap
from mamigrate.mapping.model import NewField
from mamigrate.model.kinds import Kind
from mamigrate.model.made import ADOPTED, CREATED
from mamigrate.plan.model import NEW_FIELD, ONLY_DENIAL, Bucket, Planned
from mamigrate.plan.origins import source_key
from mamigrate.plan.suppressed import SUPPRESSED
from mamigrate.stages import inherit, permitted
from mamigrate.stages.move import Move
from mamigrate.stages.people import PeoplePlan
from mamigrate.stages.plan import WRITTEN, Plan
from mamigrate.stages.settle import ONCE, as_ours, settled

NOT_SAID = "–"
"""A field or a value that the target did not name when it refused a record."""

MADE = {Status.CREATED: Bucket.CREATED, Status.UPDATED: Bucket.UPDATED, Status.EQUAL: Bucket.EQUAL}


@dataclass(frozen=True, slots=True)
class Writing:
    """One phase of one kind. ``kind`` is what the adapter writes; accounts are kept under ``Planned.kind``.

    ``identity`` are fields that a record cannot do without: a person's address. ``denying`` are topics' fields
    with the value that denies; one of ``false`` grants with ``true``. Any other value of the verdict denies, and the ledger says so for a rollback. ``begun`` are keys of what
    an earlier process may have made.
    """

    move: Move
    plan: Plan
    phase: str
    kind: Kind
    identity: tuple[str, ...] = ()
    denying: Mapping[str, str] = field(default_factory=dict)
    name: str = ""
    begun: frozenset[str] = frozenset()

    @property
    def label(self) -> str:
        """What progress calls the phase."""
        return self.name or self.phase

    def write(self, planned: Iterable[Planned], total: int | None = None, *, before: int = 0) -> int:
        """Write what must be written, account for the rest. Creations and updates fill batches of their own.

        ``before`` were written by an earlier phase of the same ``label``. Returns how many were written with them.
        """
        size = max(1, self.move.target.adapter.capabilities.of(self.kind, Power.WRITE).batch)
        held: dict[Bucket, list[Planned]] = {bucket: [] for bucket in WRITTEN}
        rest: list[Planned] = []
        done = before
        self.move.progress(f"write {self.label}", done, total)
        for one in planned:
            if one.bucket in held:
                held[one.bucket].append(one)
                if len(held[one.bucket]) == size:
                    done += self._send(held[one.bucket])
                    held[one.bucket] = []
                    self.move.progress(f"write {self.label}", done, total)
            else:
                rest.append(one)
            if len(rest) == 1000:
                self._keep(rest)
                rest = []
        for left in held.values():
            done += self._send(left) if left else 0
        self._keep(rest)
        self.move.progress(f"write {self.label}", done, done if total is None else total)
        return done

    def _keep(self, rest: Sequence[Planned]) -> None:
        """Account for what needs no write; what stands on the target already gets its id, if an earlier run gave none."""
        # What the same run wrote is found equal when it goes on, and was written; any other end is the one that counts.
        for equal in (True, False):
            told = [p for p in rest if (p.bucket is Bucket.EQUAL) is equal]
            self.move.ledger.account(
                [self._account(p, p.bucket, p.reason, p.target_key) for p in told], fresh_only=equal
            )
        standing = [p for p in rest if p.bucket is Bucket.EQUAL and p.target_key]
        ids = [self._id(p, Outcome(p.key, Status.EQUAL, p.target_key)) for p in standing]
        self.move.ledger.keep_ids(ids, fresh_only=True)

    def _send(self, planned: Sequence[Planned]) -> int:
        writer = self.move.target.instance
        if not isinstance(writer, Writer):
            raise UsageError(f"{self.move.target.adapter.title} cannot be written yet", where=self.move.target.name)
        changes = [self._change(p) for p in planned]
        permitted.hold(self.move, self.kind, changes, self.denying)
        batch = self.move.ledger.intend(
            self.move.run_id, self.plan.id, self.phase, self.kind, [self._item(p) for p in planned]
        )
        outcomes = self._written(writer, changes)
        outcomes = self._denied_at_least(writer, planned, outcomes)
        self._close(batch, planned, outcomes)
        if any(outcome.status is Status.MAYBE for outcome in outcomes):
            raise Unreachable(self.move.target.name, f"replies to writes are lost ({self.phase})")
        return len(planned)

    def _written(self, writer: Writer, changes: Sequence[Change]) -> list[Outcome]:
        outcomes = settled(self.move, writer, self.kind, changes, writer.write(self.kind, changes))
        return as_ours(self.kind, outcomes, self.begun)

    def _denied_at_least(self, writer: Writer, planned: Sequence[Planned], outcomes: list[Outcome]) -> list[Outcome]:
        """A refused record must not leave somebody mailable: the denial alone is sent again, with address and key.

        So is a topic that somebody left who stands on the target. The record stays rejected in the accounts (``ONLY_DENIAL`` where it is new). A denial that
        is refused too blocks (finding ``denial_refused``) where somebody stands there; who is absent cannot be mailed.
        """
        rejected = [at for at, outcome in enumerate(outcomes) if outcome.status is Status.REJECTED]
        refused = [at for at in rejected if planned[at].denied or self._closes(planned[at])]
        if not refused:
            return outcomes
        bare = [self._bare(planned[at]) for at in refused]
        permitted.hold(self.move, self.kind, bare, self.denying)
        for at, outcome in zip(refused, self._written(writer, bare), strict=True):
            if outcome.status in MADE:
                outcomes[at] = replace(outcomes[at], target_key=outcome.target_key)
            elif planned[at].target_key is not None:
                subject = f"{self.move.source.name}/{planned[at].kind}/{planned[at].key}"
                self.move.findings.add("denial_refused", Severity.BLOCK, subject, vendor_code=outcome.code)
        return outcomes

    def _closes(self, one: Planned) -> bool:
        """Whether a record that stands on the target would be denied a topic, or more."""
        return one.target_key is not None and bool(self._denials(one))

    def _bare(self, one: Planned) -> Change:
        """Address, key and denial of a record, and nothing else: a person who is not denied whole keeps what else stands."""
        change = self._change(one)
        named = (self.move.target.adapter.key_fields[Kind.PERSON], *one.permission, *self.identity)
        values = {name: value for name, value in change.values.items() if name in named}
        values |= dict(one.permission) if one.denied else {}
        return Change(change.source_key, change.target_key, values, permits=_of(one.permits, values))

    def _close(self, batch: int, planned: Sequence[Planned], outcomes: Sequence[Outcome]) -> None:
        ids: list[IdMap] = []
        accounts: list[Account] = []
        for one, outcome in zip(planned, outcomes, strict=True):
            if outcome.status is Status.MAYBE:
                continue  # Nobody knows yet: the next run asks, and accounts for it.
            bucket = MADE.get(outcome.status, Bucket.REJECTED)
            accounts.append(self._ended(one, bucket, outcome))
            if outcome.target_key:
                ids.append(self._id(one, outcome))
            if bucket is Bucket.REJECTED or outcome.code:
                self._note_rejection(one, outcome)
        maybe = any(outcome.status is Status.MAYBE for outcome in outcomes)
        items = [{"key": o.source_key, "status": o.status, "target": o.target_key, "code": o.code} for o in outcomes]
        self.move.ledger.close_batch(batch, "maybe" if maybe else "done", items, ids, accounts)

    def _ended(self, one: Planned, bucket: Bucket, outcome: Outcome) -> Account:
        if bucket is not Bucket.REJECTED:
            return self._account(one, bucket, one.reason, outcome.target_key, outcome.field)
        if one.target_key is None and outcome.target_key:
            detail = f"{outcome.code} {outcome.field}".strip()
            return self._account(one, bucket, ONLY_DENIAL, outcome.target_key, detail)
        return self._account(one, bucket, outcome.code, outcome.target_key, outcome.field)

    def _note_rejection(self, one: Planned, outcome: Outcome) -> None:
        subject = f"{self.move.source.name}/{one.kind}/{one.key}"
        self.move.findings.add(
            "rejected",
            Severity.WARN,
            subject,
            field=outcome.field or NOT_SAID,
            value=outcome.value[:200] or NOT_SAID,
            vendor_code=outcome.code,
            message=outcome.message[:300],
        )

    def _id(self, one: Planned, outcome: Outcome) -> IdMap:
        source, target = self.move.direction
        made = ADOPTED if one.target_key is not None or outcome.status is Status.EQUAL else CREATED
        return IdMap(
            source=source,
            target=target,
            kind=one.kind,
            source_key=one.key,
            target_key=outcome.target_key or "",
            made=made,
            payload_hash=one.payload_hash,
            run_id=self.move.run_id,
        )

    def _account(self, one: Planned, bucket: Bucket, reason: str, target_key: str | None, detail: str = "") -> Account:
        return Account(
            run_id=self.move.run_id,
            kind=one.kind,
            source_key=one.key,
            bucket=bucket,
            reason=reason,
            detail=one.detail or detail,
            target_key=target_key or "",
        )

    def _change(self, one: Planned) -> Change:
        key = str(
            one.values.get(self.move.target.adapter.key_fields[Kind.PERSON])
            or source_key(self.move.source.name, self.kind, one.key)
        )
        return Change(key, one.target_key, one.values, one.links, _of(one.permits, one.values))

    def _item(self, one: Planned) -> Item:
        return {
            "kind": one.kind,
            "key": one.key,
            "change": self._change(one).source_key,
            "target": one.target_key,
            "hash": one.payload_hash,
            "before": dict(one.before),
            "sent": {name: one.values.get(name) for name in one.before},
            "denials": self._denials(one),
            "grants": {permit.field: permit.cells for permit in _of(one.permits, one.values)},
            "reason": one.reason,
            **({"person": one.links["person"][0]} if self.kind in ONCE else {}),
        }

    def _denials(self, one: Planned) -> list[str]:
        return [name for name in one.permission if name in one.values and not self._grants(name, one)]

    def _grants(self, name: str, one: Planned) -> bool:
        return self.denying.get(name) == "false" and one.values[name] == "true"


def _of(permits: Sequence[Permit], values: Mapping[str, str | None]) -> tuple[Permit, ...]:
    """Those of what is sent."""
    return tuple(one for one in permits if values.get(one.field) == "true")


def create_fields(move: Move, plan: Plan, missing: Sequence[NewField]) -> None:
    """Create the fields that the mapping asks for. Raises Blocked when one cannot be made: nothing may be lost in it."""
    if not missing:
        return
    writer = Writing(move, plan, "fields", Kind.FIELD)
    writer.write(_fields(missing), len(missing))
    refused = [a for a in move.ledger.accounts(move.run_id, NEW_FIELD) if a.bucket == Bucket.REJECTED]
    if refused:
        raise Blocked("rejected")


def _fields(missing: Sequence[NewField]) -> Iterator[Planned]:
    for new in missing:
        values = {
            "api_name": new.name,
            "label": new.label,
            "data_type": new.type.value,
            "description": "made by mamigrate",
        }
        yield Planned(NEW_FIELD, new.name, Bucket.CREATED, "new", values=values)


def apply_people(move: Move, plan: Plan, people: PeoplePlan) -> None:
    """Denied addresses, then denied people, then the others."""

    def phase(name: str, label: str = "") -> Writing:
        return Writing(move, plan, name, Kind.PERSON, (people.planner.email_field,), people.planner.denying, label)

    inherit.inherit(move, people)
    phase(SUPPRESSED).write(people.suppressions_planned(), plan.number(SUPPRESSED, *WRITTEN))
    total = plan.number(Kind.PERSON, *WRITTEN)
    label = "people, denied ones first"
    denied = phase("denied people", label).write(people.people_planned(denied=True), total)
    phase("people", label).write(people.people_planned(denied=False), total, before=denied)
    phase("other people").write(people.others())

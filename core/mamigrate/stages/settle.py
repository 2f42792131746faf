"""Settle what may have happened: the target is asked, and only what is not there is sent again.

Within a run that is a batch whose reply was lost, between runs a batch that an earlier process left open.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

import orjson

from mamigrate.contract import Change, Finder, Outcome, Status, Writer
from mamigrate.errors import UsageError
from mamigrate.ledger.store import Item
from mamigrate.ledger.tables import Account, Batch, IdMap
from mamigrate.model.kinds import ESTATE, Kind
from mamigrate.model.made import ADOPTED, CREATED
from mamigrate.plan.model import Bucket
from mamigrate.plan.packing import OURS
from mamigrate.stages.gone import forget, gone
from mamigrate.stages.move import Move

FINDABLE = frozenset({Kind.PERSON, Kind.ACCOUNT, Kind.OPPORTUNITY, Kind.PROGRAM})
"""Kinds whose records can be asked for by a key of ours. Fields, lists and memberships are what they are named by, so that
sending them twice is harmless; and a list of our name in another folder is not ours."""

ONCE = frozenset({Kind.ACTIVITY})
"""Kinds that are written once and can never be changed or deleted: one that stands there is never sent again."""
LATEST = 60.0
"""Seconds after which what was written once shows at the latest, as a log may lag behind; asked for ``LOOKS`` times."""
LOOKS = 3

DELETE = "delete"
"""The phase of batches that delete."""
SENDINGS = 3
"""How often a change is sent whose replies are lost, each time after asking for it."""


def settled(
    move: Move, writer: Writer, kind: Kind, changes: Sequence[Change], first: Sequence[Outcome]
) -> list[Outcome]:
    """Ask the target about records whose reply was lost, and send those again that are not there.

    ``first`` are the outcomes of ``changes`` as they came; what is still MAYBE in the answer nobody knows.
    """
    outcomes = list(first)
    for sending in range(SENDINGS):
        doubtful = [at for at, outcome in enumerate(outcomes) if outcome.status is Status.MAYBE]
        if not doubtful:
            break
        there = found_by_key(move, kind, [changes[at] for at in doubtful])
        outcomes = _with(outcomes, doubtful, there)
        # What hangs on a record (roles of a deal, days of a program) may be missing though it is there: it is sent again whole.
        hangs = [at for at in doubtful if kind not in ONCE and (changes[at].links or kind is Kind.PROGRAM)]
        missing = [at for at in doubtful if outcomes[at].status is Status.MAYBE or at in hangs]
        if missing and sending < SENDINGS - 1:
            again = writer.write(kind, [changes[at] for at in missing])
            lost = {changes[at].source_key for at in missing if changes[at].target_key is None}
            outcomes = _with(outcomes, missing, as_ours(kind, again, lost))
    return outcomes


def begun(move: Move, kind: Kind) -> frozenset[str]:
    """Keys, as they are sent, of what an earlier process was about to make and never heard of."""
    own = [run.id for run in move.ledger.runs() if (run.source, run.target) == move.direction]
    lost = (batch for batch in move.ledger.batches_of(own, kind) if batch.state in ("intent", "maybe", "settled"))
    items: Iterator[Item] = (item for batch in lost for item in orjson.loads(batch.items))
    return frozenset(str(item["change"]) for item in items if item["target"] is None)


def as_ours(kind: Kind, outcomes: Sequence[Outcome], lost: Collection[str]) -> list[Outcome]:
    """A list or a program that we sent without an answer and that stands in our folder now was made by us, not found."""
    return [
        replace(one, status=Status.CREATED)
        if kind in (Kind.LIST, Kind.PROGRAM) and one.status is Status.EQUAL and one.source_key in lost
        else one
        for one in outcomes
    ]


def found_by_key(move: Move, kind: Kind, changes: Sequence[Change]) -> list[Outcome]:
    """What the target holds of changes whose fate is unknown: CREATED or UPDATED where it is there, else MAYBE.

    What is not FINDABLE stays MAYBE.
    """
    finder = move.target.instance
    if kind in ONCE and isinstance(finder, Finder):
        return _found_in_log(move, finder, kind, changes)
    key_field = move.target.adapter.key_fields.get(kind)
    if key_field is None or kind not in FINDABLE:
        return [Outcome(change.source_key, Status.MAYBE, change.target_key) for change in changes]
    if not isinstance(finder, Finder):
        raise UsageError(f"{move.target.adapter.title} cannot settle lost replies", where=move.target.name)
    keys = {at: change.source_key for at, change in enumerate(changes) if change.target_key is None}
    rows = finder.find(kind, key_field, list(keys.values()), [key_field]) if keys else []
    by_key = {(row if kind in ESTATE else row["values"]).get(key_field): row["key"] for row in rows}
    standing = _standing(finder, kind, changes)
    return [
        Outcome(change.source_key, Status.CREATED, by_key[keys[at]])
        if keys.get(at) in by_key
        else standing.get(at) or Outcome(change.source_key, Status.MAYBE, change.target_key)
        for at, change in enumerate(changes)
    ]


def _found_in_log(move: Move, finder: Finder, kind: Kind, changes: Sequence[Change]) -> list[Outcome]:
    """By the people whose log it stands in, and our key among its values. What does not show at once is waited for: it must
    not be written twice.
    """
    by_key: dict[str, str] = {}
    for look in range(LOOKS):
        missing = [change for change in changes if change.source_key not in by_key]
        people = sorted({one for change in missing for one in change.links.get("person", ())})
        rows = finder.find(kind, "person", people, sorted(OURS))
        by_key |= {row["values"].get("source_key", ""): row["key"] for row in rows}
        if all(change.source_key in by_key for change in changes):
            break
        if look < LOOKS - 1:
            move.target.clock.sleep(LATEST)
    return [
        Outcome(one.source_key, Status.CREATED, by_key[one.source_key])
        if one.source_key in by_key
        else Outcome(one.source_key, Status.MAYBE, None)
        for one in changes
    ]


def field_names(move: Move) -> set[str]:
    """The fields of people that the target shows now."""
    there, cursor = set[str](), None
    while True:
        page = move.target.instance.read(Kind.FIELD, cursor)
        rows = page.content.rows.get(Kind.FIELD, ())
        there |= {row["api_name"] for row in rows if row["holder"] == Kind.PERSON}
        if page.next is None:
            return there
        cursor = page.next


def _fields_there(move: Move, changes: Sequence[Change]) -> list[Outcome]:
    """Only fields that were not there are ever sent, so what stands there now was made by us."""
    there = field_names(move)
    names = [str(change.values["api_name"]) for change in changes]
    return [
        Outcome(change.source_key, Status.CREATED, name)
        if name in there
        else Outcome(change.source_key, Status.MAYBE, change.target_key)
        for name, change in zip(names, changes, strict=True)
    ]


def _standing(finder: Finder, kind: Kind, changes: Sequence[Change]) -> dict[int, Outcome]:
    """Updates that are on the target with every value that was sent, by their position."""
    known = {at: change for at, change in enumerate(changes) if change.target_key is not None and change.values}
    if not known or kind in ESTATE:
        return {}
    fields = sorted({name for change in known.values() for name in change.values})
    keys = [str(change.target_key) for change in known.values()]
    rows = {row["key"]: row["values"] for row in finder.find(kind, "id", keys, fields)}
    return {
        at: Outcome(change.source_key, Status.UPDATED, change.target_key)
        for at, change in known.items()
        if (there := rows.get(str(change.target_key))) is not None
        and all(there.get(name) == value for name, value in change.values.items())
    }


def _with(outcomes: Sequence[Outcome], places: Sequence[int], fresh: Sequence[Outcome]) -> list[Outcome]:
    replaced = dict(zip(places, fresh, strict=True))
    return [replaced.get(at, outcome) for at, outcome in enumerate(outcomes)]


def settle(move: Move) -> int:
    """Close the batches that an earlier process left open. What is found gets its id; the rest is planned anew."""
    own = {run.id for run in move.ledger.runs() if (run.source, run.target) == move.direction}
    batches = [batch for batch in move.ledger.open_batches() if batch.run_id in own]
    for batch in batches:
        _settle_deletion(move, batch) if batch.phase == DELETE else _settle_batch(move, batch)
    return len(batches)


def _settle_deletion(move: Move, batch: Batch) -> None:
    """Who is not there any more was deleted, and is forgotten; the others stay ours, and the next rollback tries again."""
    kind = Kind(batch.kind)
    left = gone(move, kind, [item["target"] for item in orjson.loads(batch.items)])
    forget(move, kind, left)
    told = [{"target": key, "status": Status.DELETED, "code": ""} for key in sorted(left)]
    move.ledger.close_batch(batch.id or 0, "settled", told, [], [])


def _change(batch: Batch, item: Item) -> Change:
    named = {"api_name": str(item["key"])} if batch.kind == Kind.FIELD else {}
    person = {"person": (str(item["person"]),)} if item.get("person") else {}
    return Change(str(item.get("change") or item["key"]), item["target"], named, person)


def _settle_batch(move: Move, batch: Batch) -> None:
    items: list[Item] = orjson.loads(batch.items)
    kind, changes = Kind(batch.kind), [_change(batch, item) for item in items]
    outcomes = _fields_there(move, changes) if kind is Kind.FIELD else found_by_key(move, kind, changes)
    arrived = _arrived(move, kind, changes)
    ids, accounts = [], []
    for item, outcome in zip(items, outcomes, strict=False):
        made = outcome.status is Status.CREATED and outcome.target_key
        if key := made or (item["target"] if item["target"] in arrived else None):
            ids.append(_id(move, batch, item, str(key), CREATED if made else ADOPTED))
            accounts.append(_account(batch, item, str(key), Bucket.CREATED if made else Bucket.UPDATED))
    move.ledger.close_batch(batch.id or 0, "settled", [], ids, accounts)


def _arrived(move: Move, kind: Kind, changes: Sequence[Change]) -> frozenset[str]:
    """Records that stood there before, of which no ledger knows, and that bear the key which was sent to them."""
    field, finder = move.target.adapter.key_fields.get(kind), move.target.instance
    sent = {one.target_key: one.source_key for one in changes if one.target_key is not None}
    if field is None or kind not in FINDABLE or not isinstance(finder, Finder):
        return frozenset()
    known = {row.target_key for row in move.ledger.ids_among(*move.direction, [kind], "target_key", list(sent))}
    unknown = [key for key in sent if key not in known]
    rows = finder.find(kind, "id", unknown, [field]) if unknown else []
    return frozenset(row["key"] for row in rows if row["values"].get(field) == sent.get(row["key"]))


def _id(move: Move, batch: Batch, item: Item, target_key: str, made: str) -> IdMap:
    source, target = move.direction
    return IdMap(
        source=source,
        target=target,
        kind=item["kind"],
        source_key=item["key"],
        target_key=target_key,
        made=made,
        payload_hash=item["hash"],
        run_id=batch.run_id,
    )


def _account(batch: Batch, item: Item, target_key: str, bucket: Bucket) -> Account:
    return Account(
        run_id=batch.run_id,
        kind=item["kind"],
        source_key=item["key"],
        bucket=bucket,
        reason=item["reason"],
        target_key=target_key,
    )

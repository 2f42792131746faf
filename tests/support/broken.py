"""Programs that are wrong on purpose: each must be caught by whoever watches and judges a disturbed move."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import msgspec

from mamigrate.contract import Change, NeutralRow
from mamigrate.model.kinds import Kind
from mamigrate.plan.model import Bucket, Planned
from mamigrate.stages.apply import Writing
from mamigrate_marketo import write
from mamigrate_marketo.lookup import Lookup

KEY = "mmSourceKey"


def without_a_key() -> None:
    """People get another key with every process, and nobody is looked for on the target: what is sent again is made again."""
    records, find = write.records, Lookup.find

    def keyed_anew(changes: Iterable[Change], types: Any) -> Iterator[dict[str, Any]]:
        for record in records(changes, types):
            yield record | ({KEY: f"{record[KEY]}#{os.getpid()}"} if KEY in record else {})

    def blind(self: Lookup, kind: Kind, by: str, *values: Any) -> Sequence[NeutralRow]:
        return find(self, kind, by, *values) if by == "id" or kind is not Kind.PERSON else []

    write.records = keyed_anew
    Lookup.find = blind  # type: ignore[assignment,method-assign]


def opened_before_denied() -> None:
    """Whoever is denied is made first, and denied by a second call."""
    written = Writing._written

    def in_two_steps(self: Writing, writer: Any, changes: Sequence[Change]) -> Any:
        flags = tuple(blocker.field for blocker in self.move.target.adapter.blockers)
        if self.kind is Kind.PERSON:
            written(self, writer, [_open(one, flags) for one in changes if one.target_key is None])
        return written(self, writer, changes)

    Writing._written = in_two_steps  # type: ignore[method-assign]


def _open(one: Change, flags: tuple[str, ...]) -> Change:
    kept = {name: value for name, value in one.values.items() if not name.startswith(flags)}
    return Change(one.source_key, None, kept, one.links)


def noted_before_sent() -> None:
    """A batch counts as written before it is sent, and what counts as written is not sent again."""
    send, write_all = Writing._send, Writing.write

    def acknowledged(self: Writing, planned: Sequence[Planned]) -> int:
        self.move.ledger.account([self._account(one, Bucket.CREATED, "acknowledged", "0") for one in planned])
        return send(self, planned)

    def remembered(self: Writing, planned: Iterable[Planned], *total: Any, before: int = 0) -> int:
        runs = [run.id for run in self.move.ledger.runs()]
        said = {(a.kind, a.source_key) for run in runs for a in self.move.ledger.accounts(run) if a.bucket == "created"}
        return write_all(self, (_done(one, said) for one in planned), *total, before=before)

    Writing._send = acknowledged  # type: ignore[method-assign]
    Writing.write = remembered  # type: ignore[assignment,method-assign]


def _done(one: Planned, said: set[tuple[str, str]]) -> Planned:
    known = one.kind == Kind.PERSON and one.bucket is Bucket.CREATED and (one.kind, one.key) in said
    return msgspec.structs.replace(one, bucket=Bucket.EQUAL) if known else one


def topics_left_out() -> None:
    """New people are made without the fields of the topics that they left."""
    change = Writing._change

    def without_topics(self: Writing, one: Planned) -> Change:
        whole = change(self, one)
        if one.kind != Kind.PERSON or whole.target_key is not None:
            return whole
        kept = {name: value for name, value in whole.values.items() if not name.startswith("mmNoTopic")}
        return Change(whole.source_key, None, kept, whole.links)

    Writing._change = without_topics  # type: ignore[method-assign]


BROKEN: dict[str, Callable[[], None]] = {
    "without a key": without_a_key,
    "opened before denied": opened_before_denied,
    "noted before sent": noted_before_sent,
    "topics left out": topics_left_out,
}

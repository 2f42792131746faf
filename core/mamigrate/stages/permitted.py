"""The last look at a change of a person before it leaves: nothing says yes, or takes back a no, that no permit covers."""

from collections.abc import Iterator, Mapping, Sequence

from mamigrate.contract import Blocker, Change
from mamigrate.errors import Blocked
from mamigrate.findings import Severity
from mamigrate.model.kinds import Kind
from mamigrate.stages.move import Move


def hold(move: Move, kind: Kind, changes: Sequence[Change], denying: Mapping[str, str]) -> None:
    """Raise Blocked, with a finding for each field, where one of ``changes`` would raise what it has no permit for.

    ``denying`` are the fields of topics with the value that denies. It is a mistake of the program, or of an extension of it, and
    nothing of the batch is sent.
    """
    if kind is not Kind.PERSON:
        return
    raised = [(one, name) for one in changes for name in raises(one, denying, move.target.adapter.blockers)]
    for one, name in raised:
        subject = f"{move.target.name}/{kind}/{one.target_key or one.source_key}"
        move.findings.add("unpermitted", Severity.BLOCK, subject, field=name, value=str(one.values[name]))
    if raised:
        raise Blocked("unpermitted")


def raises(change: Change, denying: Mapping[str, str], blockers: Sequence[Blocker]) -> Iterator[str]:
    """Fields of a change that open a topic without a permit, or lower a flag, which nothing permits."""
    held = {permit.field for permit in change.permits if permit.cells}
    topics = {name: value for name, value in change.values.items() if name in denying}
    yield from (name for name, value in topics.items() if value != denying[name] and name not in held)
    yield from (one.field for one in blockers if one.field in change.values and _lowers(one, change.values[one.field]))


def _lowers(blocker: Blocker, value: str | None) -> bool:
    if blocker.when == "true":
        return value != "true"
    return value == "true" if blocker.when == "not_true" else not value
